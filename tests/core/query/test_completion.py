"""The end of a word that is being typed, with CLIP's own vocabulary."""

import pytest

from tokensim_gui.core import paths
from tokensim_gui.core.query.completion import completion
from tokensim_gui.core.values import KINDS, TYPEABLES
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

CLIP = Vocabulary.load(paths.resource("starter"))


@pytest.mark.parametrize(
    "typed, word",
    [
        ("castl", "castle"),
        ("(cute + gi", "girl"),
        ("0.7*sunse", "sunset"),
        ("king - wom", "women"),
        ("old, lant", "lantern"),
        ("Lante", "lantern"),
    ],
)
def test_the_last_word_is_completed_by_commonness(typed, word):
    found = completion(typed, CLIP)
    assert found is not None
    begun = len(word) - len(found.rest)
    assert word.endswith(found.rest) and typed.lower().endswith(word[:begun])


def test_no_word_that_is_commoner_begins_so():
    for typed in ("ca", "gr", "the", "un", "ki"):
        found = completion(typed, CLIP)
        rank = CLIP.commonness(CLIP.encode(typed + found.rest)[0])[0]
        for token in range(CLIP.rows):
            text = CLIP.text(token) or ""
            longer = text.startswith(typed) and len(text) > len(typed) and text.isalpha()
            kind, how = KINDS[CLIP.kinds[token]], TYPEABLES[CLIP.typeable[token]]
            if longer and (kind, how) == ("word", "alone"):
                assert CLIP.commonness(token)[0] >= rank


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "c", "cas ", "cas,", '"cas', "`cas", "#42"),
        *("2", "cas)", "c++", "\\cas", "zqxjk", "("),
    ],
)
def test_nothing_is_offered_where_no_word_is_being_typed(typed):
    assert completion(typed, CLIP) is None


def test_what_is_typed_may_be_a_token_already():
    assert completion("cat", CLIP).typed_is_token
    assert completion("Cat", CLIP).typed_is_token
    assert not completion("lanter", CLIP).typed_is_token


def test_no_tokenizer_is_loaded_for_it(tmp_path):
    stored = paths.resource("starter") / "vocabulary.npz"
    (tmp_path / "vocabulary.npz").write_bytes(stored.read_bytes())
    assert completion("lanter", Vocabulary.load(tmp_path)).rest == "n"
