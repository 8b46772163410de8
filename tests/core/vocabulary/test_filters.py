import numpy as np
import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.values import KINDS, TYPEABLES, TokenFilter
from tokensim_gui.core.vocabulary.filters import line_pattern, mask
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS, Vocabulary

PIECES = (
    *(
        "cat",
        "Cat",
        "CATS",
        "##cat",
        "##s",
        "girl",
        "girly",
        "a",
        "b",
        "ab",
        "aa",
        "aab",
        "x1",
        "42",
    ),
    *(
        "ß",
        "ẞ",
        "straße",
        "STRASSE",
        "σ",
        "ς",
        "Σ",
        "İ",
        "ı",
        "é",
        "猫",
        "😅",
        "💕😅",
        "\t",
        "\n \n",
    ),
    *(
        "\x07",
        " ",
        "a b",
        "a-b",
        "[x]",
        "a.b",
        "(",
        "/",
        "\\",
        "^",
        "$",
        "{2}",
        "U+0007",
        "#12",
        "_",
        "ª",
    ),
)


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    path = tmp_path_factory.mktemp("few") / "tokenizer.json"
    pieces = {piece: place for place, piece in enumerate((*PIECES, "[UNK]"))}
    Tokenizer(WordPiece(pieces, unk_token="[UNK]")).save(str(path))
    return Vocabulary.build(path, len(pieces) + 3)


def displays(vocabulary):
    return [vocabulary.display(token) for token in range(vocabulary.rows)]


def by_text(vocabulary, text):
    return mask(vocabulary, TokenFilter(text=text)).tolist()


def by_loop(vocabulary, expression):
    pattern = regex.compile(expression, regex.IGNORECASE)
    return [pattern.search(text) is not None for text in displays(vocabulary)]


def test_an_empty_filter_passes_everything(few):
    passing = mask(few, TokenFilter())
    assert passing.all() and passing.shape == (few.rows,) and passing.dtype == np.bool_


def test_kinds_typeable_and_scripts_are_met_together(clip):
    chosen = TokenFilter("", ("word", "part"), ("alone",), ("Emoji", "CJK"))
    expected = [
        KINDS[clip.kinds[token]] in ("word", "part")
        and TYPEABLES[clip.typeable[token]] == "alone"
        and SCRIPTS[clip.scripts[token]] in ("Emoji", "CJK")
        for token in range(clip.rows)
    ]
    assert mask(clip, chosen).tolist() == expected
    assert any(expected)


@pytest.mark.parametrize("part", ["a", "GIRL", "ly", "😅", "U+00", "zzzzq", "é", "9f", "…", "'"])
def test_a_part_finds_what_a_loop_finds_in_clip(clip, part):
    expected = [part.casefold() in text.casefold() for text in displays(clip)]
    assert by_text(clip, part) == expected


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.text(st.sampled_from("".join(PIECES)) | st.characters(exclude_categories=[]), max_size=4))
@example("straSSe")
@example("\n")
@example("a\nb")
@example("\ud83d")
def test_a_part_finds_what_a_loop_finds(few, part):
    needle = part.strip().casefold()
    assert by_text(few, part) == [needle in text.casefold() for text in displays(few)]


ATOMS = (
    *("a", "b", "C", "s", "é", "ß", "😅", "猫", "1", "_", " ", "-", "#", "&", "~", ".", "^", "$"),
    *(r"\s", r"\S", r"\d", r"\D", r"\w", r"\W", r"\b", r"\B", r"\.", r"\[", r"\\", r"\/", r"\^"),
    *("[ab]", "[^a]", "[a-c]", "[^a-z]", r"[^\w]", r"[\d_]", "[^é😅]", r"[.\-]", "[ -~]", "[]a]"),
    *(r"\p{L}", r"\p{Lu}", r"[^\p{L}]", r"\P{L}", r"\p{Emoji}", r"\A", r"\Z", r"\X", r"\R", r"\n"),
    *("(?i:a)", "(?-i:C)", "(?s:.)", "(?m)", "(?#x)", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)"),
    *(r"(?<!\s)", r"(?=\W)", r"(?<!.)", "(?=$)", "(?<=^)", r"(a)\1", "(?P<n>a)(?P=n)", "(?>a|ab)"),
)


def expressions():
    return st.recursive(
        st.sampled_from(ATOMS),
        lambda inner: (
            st.lists(inner, min_size=2, max_size=4).map("".join)
            | st.tuples(inner, inner).map("|".join)
            | inner.map("({})".format)
            | inner.map("(?:{})".format)
            | inner.map("(?={})".format)
            | inner.map("(?!{})".format)
            | inner.map("(?<!{})".format)
            | st.tuples(
                inner.map("(?:{})".format),
                st.sampled_from(["?", "*", "+", "*?", "*+", "{2}", "{,2}", "{1,}", "{e<=1}"]),
            ).map("".join)
        ),
        max_leaves=5,
    )


@settings(deadline=None, derandomize=True, max_examples=800)
@given(expressions())
@example("[^a]+$")
@example("$")
@example("^")
@example(r"\s*$")
@example("(?<![^a])b")
@example("b(?![^a])")
def test_a_regular_expression_finds_what_a_loop_finds(few, expression):
    try:
        expected = by_loop(few, expression)
    except regex.error:
        with pytest.raises(TokenSimError):
            by_text(few, f"/{expression}/")
        return
    assert by_text(few, f"/{expression}/") == expected


@pytest.mark.parametrize(
    "expression",
    [
        r"^a",
        r"girl$",
        r"^..$",
        r"[aeiou]{4}",
        r"\d",
        r"(.)\1\1",
        r"^[^a-z]+$",
        r"\s",
        r"\Aa\P{L}",
        r"\p{Han}",
    ],
)
def test_a_regular_expression_finds_what_a_loop_finds_in_clip(clip, expression):
    assert by_text(clip, f"/{expression}/") == by_loop(clip, expression)


def test_common_expressions_are_searched_in_one_pass():
    for expression in ("^a", "ing$", "(cat|dog)s?", "[^a-z]", r"\bgirl\b", "(?<!a)b", r"a.{2,3}\s"):
        assert line_pattern(expression) is not None
    for expression in (
        "(?s).",
        r"\n",
        "(?R)",
        "[[:alpha:]]",
        "a{e<=1}",
        "(*SKIP)a",
        "[\n]",
    ):
        assert line_pattern(expression) is None


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("#2", [2]),
        ("#2..#4", [2, 3, 4]),
        ("#2..4", [2, 3, 4]),
        (" #0..#1 ", [0, 1]),
        ("#0,003", [3]),
        ("#45..", [45, 46, 47, 48]),
    ],
)
def test_ids_are_a_range(few, text, ids):
    assert np.flatnonzero(mask(few, TokenFilter(text=text))).tolist() == ids


def test_what_only_looks_like_an_id_is_text(few):
    assert np.flatnonzero(mask(few, TokenFilter(text="#"))).size > 1
    assert not mask(few, TokenFilter(text="#x")).any()
    assert not mask(few, TokenFilter(text="#" + "9" * 5_000)).any()
    assert mask(few, TokenFilter(text="/")).sum() == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/(/", r"“/\(/” is no regular expression: .*\.$"),
        ("/a{999999999999999999999}/", "is no regular expression"),
        ("#4..#2", "The ids run backwards: write “#2..#4”"),
        ("#49", r"The last token is #48\."),
        ("#0..#999", r"The last token is #48\."),
    ],
)
def test_mistakes_get_a_sentence(few, text, sentence):
    with pytest.raises(TokenSimError, match=sentence):
        mask(few, TokenFilter(text=text))


@pytest.mark.parametrize("expression", [r"(.*)*\d$", r"(?s)(.*)*\d$", "(a|a|b|ab)*c{3}$|((.+)+)+#"])
def test_a_slow_expression_is_given_up_soon(clip, expression):
    with pytest.raises(TokenSimError, match="takes too long"):
        mask(clip, TokenFilter(text=f"/{expression}/"))


def test_masks_are_read_only_and_kept_for_the_next_key_press(few):
    chosen = TokenFilter(text="a", kinds=("word",))
    assert mask(few, chosen) is mask(few, TokenFilter(text="a", kinds=("word",)))
    assert not mask(few, chosen).flags.writeable
    for text in "bcdefgh":
        mask(few, TokenFilter(text=text))
    assert mask(few, chosen).tolist() == mask(few, TokenFilter(text="A", kinds=("word",))).tolist()
