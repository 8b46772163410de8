"""What CLIP's vocabulary has besides a token."""

import pytest

from tokensim_gui.core import paths
from tokensim_gui.core.vocabulary.relatives import relatives
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

CLIP = Vocabulary.load(paths.resource("starter"))


def found(piece):
    token = CLIP.id_of_spelling(piece)
    return [(one.relation, CLIP.piece(one.token)) for one in relatives(CLIP, token)]


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ("cat</w>", [("twin", "cat"), ("form", "cats</w>"), ("emoji", "ðŁĲ±</w>")]),
        ("cat", [("twin", "cat</w>"), ("form", "cats</w>"), ("emoji", "ðŁĲ±</w>")]),
        ("ðŁĲ±</w>", [("twin", "ðŁĲ±"), ("emoji", "cat</w>")]),
        ("girl</w>", [("twin", "girl"), ("form", "girls</w>"), ("form", "girly</w>")]),
        ("ðŁĺħ</w>", [("twin", "ðŁĺħ")]),
    ],
)
def test_a_token_has_its_twin_its_forms_and_its_emoji(piece, expected):
    assert set(expected) <= set(found(piece))
    assert found(piece)[0] == expected[0]


def test_what_has_no_text_has_no_relatives():
    assert relatives(CLIP, 49_407) == ()
    assert relatives(CLIP, CLIP.id_of_piece("ðŁ")) == ()


def test_no_token_is_its_own_relative_or_given_twice():
    for token in range(0, CLIP.rows, 97):
        tokens = [one.token for one in relatives(CLIP, token)]
        assert token not in tokens and len(tokens) == len(set(tokens))
