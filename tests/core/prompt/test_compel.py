import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.core.prompt.weighed import weighed
from tokensim_gui.core.prompt.compel import escape, parse, write
from tokensim_gui.core.prompt.parsed_prompt import Run


def read(prompt):
    return weighed(parse(prompt))


@pytest.mark.parametrize(
    ("prompt", "pieces"),
    [
        ("plain words", [("plain words", 1)]),
        ("a cat+ b", [("a", 1), ("cat", 1.1), ("b", 1)]),
        ("cat++", [("cat", 1.21)]),
        ("cat--", [("cat", 0.81)]),
        ("(a b)1.3", [("a b", 1.3)]),
        ("(a b)++", [("a b", 1.21)]),
        ("(a b)2", [("a b", 2)]),
        ("(a (b)1.5)1.2", [("a", 1.2), ("b", 1.8)]),
        ("(a b+)++", [("a", 1.21), ("b", 1.331)]),
        ('"a b"+', [("a b", 1.1)]),
        ("(a b).attend(1.5)", [("a b", 1.5)]),
        ("(a b)", [("a b", 1)]),
        ("cat+, dog", [("cat", 1.1), (", dog", 1)]),
        ("a,b+", [("a,", 1), ("b", 1.1)]),
        ("post-war", [("post-war", 1)]),
        ("post-war+", [("post-war", 1.1)]),
        ("c++", [("c", 1.21)]),
        ("1+1", [("1+1", 1)]),
        ("(cat)1.2, b", [("cat", 1.2), (", b", 1)]),
    ],
)
def test_signs_and_numbers_weigh_words_and_groups(prompt, pieces):
    assert read(prompt) == pieces


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("cat(dog)+", "cat(dog)+"),  # syntax counts only where a word begins
        ("(a b", "(a b"),
        ("a b)+", "a b)+"),
        ("(a - b)+", "(a - b)+"),  # no group holds a lone sign
        ("(a=b)+", "(a=b)+"),
        ("a.b+", "a.b+"),
        ("(a b) +", "a b +"),
        (r"\(a\)", "(a)"),
        (r"a\+", r"a\+"),
        ('"a b', '"a b'),
        ("[a]", "[a]"),
        ("(a) (b)", "a b"),
    ],
)
def test_what_the_grammar_does_not_know_is_text(prompt, text):
    assert read(prompt) == [(text, 1)]


def test_a_group_that_a_quote_would_cut_is_one_where_the_quote_is_text():
    prompt = '",((b c)1.3\\")-'
    assert read(prompt) == [('",', 1), ("b c", 1.17), ('"', 0.9)]


def test_the_parts_of_a_blend_are_prompts_of_their_own():
    parsed = parse('("a cat+", "a dog").blend(0.7, 0.3)')
    assert [(s.text, round(s.weight, 2), s.kind) for s in parsed.spans if s.text != ","] == [
        ("a", 1, "text"),
        ("cat", 1.1, "text"),
        ("a", 1, "text"),
        ("dog", 1, "text"),
    ]
    assert [span.kind for span in parsed.spans].count("blend") == 1
    assert "0.7, 0.3" in parsed.notes[0]
    assert [s.kind for s in parse('("a", "b").and()').spans] == ["text", "and", "text"]


def test_loras_and_swaps_are_not_sent():
    parsed = parse("a cat.swap(dog) withLora(paint, 0.5) b")
    assert [span.text for span in parsed.spans] == ["a", "cat", "b"]
    assert [mark.kind for mark in parsed.unsent] == ["editing", "network"]


def test_written_weights_stand_behind_groups():
    runs = [Run("a"), Run("cat, dog", 1.25), Run("x"), Run("y", 2.0), Run(". z"), Run("c++ d-")]
    assert write(runs).text == "a (cat, dog)1.25 x (y)2.0. zc ++ d -"


def test_what_a_group_can_not_hold_stays_outside_and_is_named():
    written = write([Run("a - b", 1.2), Run(" hat", -1.0)])
    assert written.text == "(a)1.2 - (b)1.2 (hat)0.0"
    assert len(written.lost) == 2


def test_escaped_text_is_read_as_text():
    text = 'c++ (big) "x" post-war a-'
    assert read(escape(text)) == [('c ++ (big) "x" post-war a -', 1)]


@given(
    st.lists(st.sampled_from([*"ab,,,+-.() ", "c++", "18+", "\n", '"']), max_size=12).map("".join)
)
@example("code,c++")
@example("solo,18+")
@settings(deadline=None, derandomize=True, max_examples=500)
def test_an_escaped_text_weighs_nothing(text):
    pieces = read(escape(text))
    assert {weight for _, weight in pieces} <= {1}
    sent = "".join(piece for piece, _ in pieces)
    assert "".join(sent.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "prompt",
    [
        "(a cat).swap(dog) runs",
        '(a cat).swap("a dog") runs',
        "(a cat).swap((a big dog)1.2) runs",
        "(a cat).swap(dog, s_start=0.1, t_end=0.5) runs",
        '"a cat".swap("a dog") runs',
        "(a cat).swap((x).swap(y)) runs",
    ],
)
def test_of_a_swap_the_original_words_are_sent(prompt):
    parsed = parse(prompt)
    assert " ".join(" ".join(span.text for span in parsed.spans).split()) == "a cat runs"
    assert {mark.kind for mark in parsed.unsent} == {"editing"}


def test_what_is_no_swap_is_text():
    assert not parse("(a cat).swap(a. dog) runs").unsent
    deep = "(a).swap(" * 5_000
    assert parse(deep).spans
