import json
import re
import time
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import BPE

from tokensim_gui.core import paths
from tokensim_gui.core.prompt import copying
from tokensim_gui.core.prompt.copying import (
    COPY_STYLES,
    alone_becomes,
    copied,
    copied_text,
    copy_notice,
    left_out,
    never_because,
)
from tokensim_gui.core.prompt.interfaces import INTERFACES, WITH_WEIGHTS
from tokensim_gui.core.prompt.prompt_tokens import tokenize_prompt
from tokensim_gui.core.values import KINDS, TYPEABLES
from tokensim_gui.core.vocabulary.pieces import BYTE_TO_CHAR
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.clipboard import Clipboard
from tokensim_gui.state.settings import Settings

CUTER, POST, POST_WORD, SPECIAL = 27151, 3489, 1549, 49406


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary.load(paths.resource("starter"))


def piece(vocabulary, text):
    found = vocabulary.id_of_piece(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("comma", "cuter, post"),
        ("lines", "cuter\npost"),
        ("choice", "{cuter|post}"),
        ("piece", "cuter</w>, post"),
        ("id", "27151, 3489"),
        ("tsv", "id\tpiece\ttext\n27151\tcuter</w>\tcuter\n3489\tpost\tpost"),
    ],
)
def test_each_style_writes_the_tokens_in_its_way(vocabulary, style, text):
    assert copied_text(vocabulary, (CUTER, POST), style, "a1111") == text


def test_json_holds_id_piece_and_text(vocabulary):
    smiley = piece(vocabulary, "ðŁĺħ</w>")
    copied = copied_text(vocabulary, [smiley, SPECIAL], "json", "a1111")
    assert json.loads(copied) == [
        {"id": smiley, "piece": "ðŁĺħ</w>", "text": "😅"},
        {"id": SPECIAL, "piece": "<|startoftext|>", "text": None},
    ]
    assert "😅" in copied


@pytest.mark.parametrize(
    ("interface", "written"),
    [
        ("a1111", r"\( , } , ;\)"),
        ("comfyui", r"\( , \} , ;\)"),
        ("compel", r"\( , } , ;\)"),
        ("novelai", "( , ;)"),  # which has no way to take a brace literally
        ("plain", "( , } , ;)"),
    ],
)
def test_each_interface_gets_its_own_syntax_escaped(vocabulary, interface, written):
    ids = [piece(vocabulary, text) for text in ("(</w>", "}</w>", ";)</w>")]
    assert copied_text(vocabulary, ids, "comma", interface) == written


def test_no_copied_word_is_left_to_be_read_as_syntax(vocabulary):
    words = [i for i in range(vocabulary.rows) if KINDS[vocabulary.kinds[i]] == "word"]
    unsendable = set(left_out(vocabulary, words, "lines", "a1111"))
    words = [word for word in words if word not in unsendable]
    copied = copied_text(vocabulary, words, "lines", "a1111")
    assert not re.search(r"(?<!\\)(?:\\\\)*[()\[\]]", copied)
    plain = copied_text(vocabulary, words, "lines", "plain")
    changed = [
        line
        for line, other in zip(copied.split("\n"), plain.split("\n"), strict=True)
        if line != other
    ]
    assert len(changed) == 107


@pytest.fixture(scope="module")
def alone(vocabulary):
    alone = vocabulary.typeable == TYPEABLES.index("alone")
    return np.flatnonzero(alone & (vocabulary.kinds == KINDS.index("word"))).tolist()


@pytest.fixture(scope="module")
def signs(vocabulary, alone):
    return [token for token in alone if not vocabulary.text(token).isalpha()]


def sent(vocabulary, copied, interface):
    """The ids that reach the encoder; none of them may be weighted."""
    read = tokenize_prompt(copied, vocabulary, interface)
    assert {token.weight for token in read.tokens} <= {1.0}
    return list(read.ids)


@pytest.mark.parametrize("interface", INTERFACES)
def test_a_comma_list_of_all_tokens_typed_alone_sends_them_and_commas(vocabulary, alone, interface):
    unsendable = set(left_out(vocabulary, alone, "comma", interface))
    ids = [token for token in alone if token not in unsendable]
    comma = piece(vocabulary, ",</w>")
    copied = copied_text(vocabulary, alone, "comma", interface)
    wanted = [one for token in ids for one in (token, comma)][:-1]
    assert sent(vocabulary, copied, interface) == wanted
    assert len(unsendable) == {"a1111": 31, "comfyui": 3, "compel": 29, "novelai": 21}.get(
        interface, 0
    )


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.data(), st.sampled_from(INTERFACES))
def test_a_comma_list_sends_its_tokens_in_any_order(vocabulary, signs, data, interface):
    ids = data.draw(st.lists(st.sampled_from(signs) | st.just(CUTER), max_size=6))
    unsendable = left_out(vocabulary, ids, "comma", interface)
    kept = [token for token in ids if token not in unsendable]
    comma = piece(vocabulary, ",</w>")
    copied = copied_text(vocabulary, ids, "comma", interface)
    wanted = [one for token in kept for one in (token, comma)][:-1]
    assert sent(vocabulary, copied, interface) == wanted


@pytest.mark.parametrize("interface", INTERFACES)
@pytest.mark.parametrize("style", ["lines", "choice"])
def test_each_line_and_each_choice_sends_exactly_its_token(vocabulary, signs, style, interface):
    for token in signs:
        copied = copied_text(vocabulary, [token], style, interface)
        left = left_out(vocabulary, [token], style, interface)
        assert (copied == {"lines": "", "choice": "{}"}[style]) == bool(left)
        if left:
            continue
        if style == "choice":
            # Where braces are no choice, what is in them is drawn by something else.
            known = interface in ("a1111", "comfyui", "compel")
            copied = f"{copied[:-1]}|}}" if known else copied[1:-1]
        assert sent(vocabulary, copied, interface) == [token]


def times_as_long_as_to_look_all_up(vocabulary, work):
    """How long some work takes, beside a look at each token: a processor may be slow by itself."""

    def spent(work):
        started = time.process_time()
        work()
        return time.process_time() - started

    def look():
        return [vocabulary.display(token) for token in range(vocabulary.rows)]

    return spent(work) / min(spent(look) for _ in range(3))


@pytest.mark.parametrize("interface", INTERFACES)
@pytest.mark.parametrize("style", ["comma", "lines", "choice"])
def test_all_tokens_are_copied_at_once(vocabulary, style, interface):
    copied(vocabulary, [CUTER, SPECIAL], style, interface)  # which imports what is slow to import
    assert (
        times_as_long_as_to_look_all_up(
            vocabulary, lambda: copied(vocabulary, range(vocabulary.rows), style, interface)
        )
        < 60
    )


@pytest.mark.parametrize("interface", INTERFACES)
@pytest.mark.parametrize("style", ["comma", "lines", "choice"])
def test_a_token_that_is_not_parsed_is_sent_as_it_is(vocabulary, style, interface):
    ids = range(0, vocabulary.rows, 5)
    expected = copied(vocabulary, ids, style, interface)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copying, "_NO_SYNTAX", re.compile(r"(?!)"))
        assert copied(vocabulary, ids, style, interface) == expected


@pytest.mark.parametrize("word", ["AND", "BREAK", "💕AND", "BREAK💕"])
def test_a_word_that_a1111_obeys_is_parsed(word):
    assert not copying._NO_SYNTAX.fullmatch(word)


def test_the_clipboard_takes_all_tokens_at_once(vocabulary, tmp_path, qtbot):
    clipboard = Clipboard(
        Settings(tmp_path / "settings.json"), SimpleNamespace(vocabulary=vocabulary)
    )
    clipboard.copy([CUTER, SPECIAL])
    said = []
    clipboard.noticed.connect(said.append)
    assert (
        times_as_long_as_to_look_all_up(vocabulary, lambda: clipboard.copy(range(vocabulary.rows)))
        < 60
    )
    assert "Left out: nothing types" in said[0].text


@pytest.mark.parametrize(
    ("written", "interface", "copied"),
    [
        ("#</w>", "a1111", "cute, girl"),
        ("//</w>", "comfyui", "cute, girl"),
        ("[@</w>", "novelai", "cute, girl"),
        ('",</w>', "a1111", 'cute, ", , girl'),
        ("#</w>", "plain", "cute, # , girl"),
    ],
)
def test_what_an_interface_cannot_take_as_text_is_left_out(vocabulary, written, interface, copied):
    middle = piece(vocabulary, written)
    ids = [piece(vocabulary, "cute</w>"), middle, piece(vocabulary, "girl</w>")]
    assert copied_text(vocabulary, ids, "comma", interface) == copied
    gone = [middle] if copied == "cute, girl" else []
    assert left_out(vocabulary, ids, "comma", interface) == gone
    assert left_out(vocabulary, ids, "json", interface) == []


def test_an_emoji_keeps_its_token_before_a_comma(vocabulary):
    ids = [piece(vocabulary, text) for text in ("cute</w>", "ðŁĺħ</w>", "girl</w>")]
    assert copied_text(vocabulary, ids, "comma", "a1111") == "cute, 😅 , girl"


def test_a_choice_escapes_what_would_end_it(vocabulary):
    ids = [piece(vocabulary, "|</w>"), piece(vocabulary, "}</w>")]
    for interface in ("a1111", "comfyui"):
        assert copied_text(vocabulary, ids, "choice", interface) == r"{\||\}}"


def test_a_table_cell_holds_no_tab_or_line_break(vocabulary):
    tab, line_break = piece(vocabulary, "ĉ"), piece(vocabulary, "Ċ")
    copied = copied_text(vocabulary, [tab, line_break], "tsv", "plain")
    assert copied.split("\n")[1:] == [f"{tab}\tĉ\t\\t", f"{line_break}\tĊ\t\\n"]


def test_what_cannot_be_typed_is_left_out_of_prompts_and_kept_in_lists(vocabulary):
    control, lone_byte = piece(vocabulary, "Ā"), piece(vocabulary, "À")
    ids = [SPECIAL, CUTER, control, lone_byte]
    assert copied_text(vocabulary, ids, "comma", "a1111") == "cuter"
    assert copied_text(vocabulary, ids, "id", "a1111") == ", ".join(map(str, ids))


def test_a_fragment_of_a_character_is_copied_as_a_character_that_has_it(vocabulary):
    host = copied_text(vocabulary, [150], "comma", "a1111")
    assert len(host) == 1 and 150 in vocabulary.encode(host)
    assert copy_notice(vocabulary, 150) == (
        f"Copied “\u2068{host}\u2069”: #150 is a fragment of a character, and this one has it."
    )


def test_a_fragment_of_several_characters_is_copied_as_a_text_that_has_it(vocabulary):
    host = copied_text(vocabulary, [8347], "comma", "a1111")
    assert len(host) == 2 and 8347 in vocabulary.encode(host)
    assert copy_notice(vocabulary, 8347) == (
        f"Copied “{host}”: #8347 is a fragment of characters, and these have it."
    )


def test_the_notice_of_a_word_is_short(vocabulary):
    assert copy_notice(vocabulary, CUTER) == "Copied “cuter”."


def test_the_notice_of_a_part_says_what_it_becomes_and_where_it_is_found(vocabulary):
    assert copy_notice(vocabulary, POST) == (
        "Copied “post”. Typed alone it becomes #1549; "
        "it is #3489 only inside a word, as in “postbox”."
    )
    assert POST in vocabulary.encode("postbox")
    assert vocabulary.encode("post") == (POST_WORD,)
    assert "only inside a longer text, as in “!💕”" in copy_notice(vocabulary, 0)


def test_a_part_without_a_word_of_its_own_becomes_several_tokens(vocabulary):
    wor = piece(vocabulary, "wor")
    assert alone_becomes(vocabulary, wor) == "2 tokens: w·or"
    assert [vocabulary.text(token) for token in vocabulary.encode("wor")] == ["w", "or"]


def test_a_table_without_a_tokenizer_says_other_tokens(vocabulary, tmp_path):
    source = paths.resource("starter") / "vocabulary.npz"
    (tmp_path / "vocabulary.npz").write_bytes(source.read_bytes())
    bare = Vocabulary.load(tmp_path)
    assert alone_becomes(bare, piece(bare, "wor")) == "other tokens"
    assert alone_becomes(bare, POST) == f"#{POST_WORD}"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("A", "Copied “A”. No prompt gives #32: the tokenizer writes every letter small."),
        ("0", "Copied “0”. No prompt gives #15: the tokenizer cuts numbers into single digits."),
        (
            "Ā",
            "Nothing copied. No prompt gives #188: many programs take control characters out of a "
            "prompt.",
        ),
        ("À", "Nothing copied. No prompt gives #124: no text gives it."),
        (
            "<|startoftext|>",
            "Nothing copied. “<|startoftext|>” is a sign for the encoder: typed, it becomes "
            "#49406.",
        ),
    ],
)
def test_what_no_prompt_gives_has_its_reason(vocabulary, written, sentence):
    assert copy_notice(vocabulary, piece(vocabulary, written)) == sentence


def test_every_token_of_the_vocabulary_has_a_reason_or_a_host(vocabulary):
    for token in range(0, vocabulary.rows, 7):
        notice = copy_notice(vocabulary, token)
        assert notice.endswith(".") and "“”" not in notice and "None" not in notice
        assert never_because(vocabulary, token)


def test_styles_and_interfaces_are_complete():
    assert list(COPY_STYLES) == ["comma", "lines", "choice", "piece", "id", "json", "tsv"]
    assert INTERFACES == (*WITH_WEIGHTS, "plain")


def test_a_glued_token_says_what_a_prompt_makes_of_it(tmp_path):
    merges = [("c", "a"), ("ca", "t"), ("Ġ", "cat"), ("t", "o"), ("to", "m"), ("Ġ", "tom")]
    pieces = [*BYTE_TO_CHAR, *("".join(pair) for pair in merges)]
    tokenizer = Tokenizer(BPE({piece: place for place, piece in enumerate(pieces)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    glued = Vocabulary.build(tmp_path / "tokenizer.json", len(pieces))
    cat, word = piece(glued, "cat"), piece(glued, "Ġcat")
    assert copy_notice(glued, cat) == (
        f"Copied “cat”. In a prompt it becomes #{word}; "
        f"it is #{cat} only at the start or glued, as in “tomcat”."
    )
    assert glued.host(cat) == "tomcat"
    assert copy_notice(glued, word) == "Copied “cat”."
