"""Ctrl+↑ and Ctrl+↓, in a query and in a prompt of each interface."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokensim_gui.core import paths
from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.prompt.conversion import convert, parse
from tokensim_gui.core.prompt.interfaces import INTERFACES, WITH_WEIGHTS
from tokensim_gui.core.prompt.weight_nudging import nudge_prompt_weight
from tokensim_gui.core.query.parser import parse as parse_query
from tokensim_gui.core.query.query_nudging import nudge_weight
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

CLIP = Vocabulary.load(paths.resource("starter"))

derandomized = settings(deadline=None, derandomize=True, max_examples=400)
steps = st.sampled_from([0.1, -0.1])


@pytest.mark.parametrize(
    ("text", "cursor", "raised"),
    [
        ("cat", 3, "(cat:1.1)"),
        ("cute girl", 2, "(cute girl:1.1)"),
        ("cute + girl", 9, "cute + (girl:1.1)"),
        ("king - man", 8, "king - (man:1.1)"),
        ("king -man", 7, "king -(man:1.1)"),
        ("#42,067", 2, "(#42,067:1.1)"),
        ("f/1.4", 0, "(f/1.4:1.1)"),
        ("24/7", 1, "(24/7:1.1)"),
        ("b/w photo", 0, "(b/w photo:1.1)"),
        ("c++", 1, "(c++:1.1)"),
        ('"c++ code"', 6, '("c++ code":1.1)'),
        (r"\(cat\)", 3, r"(\(cat\):1.1)"),
        (":)", 1, '(":)":1.1)'),
        ("`cat`", 2, "(`cat`:1.1)"),
        ("cat</w>", 2, "(cat</w>:1.1)"),
        ("0.7*cat", 1, "0.8*cat"),
        ("x+0.7*cat", 8, "x+0.8*cat"),
        ("0.9*cat", 5, "cat"),
        ("2*3*cat", 5, "2*3*(cat:1.1)"),
        ("(cat)/2", 2, "((cat:1.1))/2"),
        ("(cat:1.2)", 0, "(cat:1.3)"),
        ("(cat:.5)", 2, "(cat:0.6)"),
        ("(cat: 1.2)", 7, "(cat:1.3)"),
        ("(cat:+1.2)", 2, "(cat:1.3)"),
        ("(cat:0)", 2, "(cat:0.1)"),
        ("(cat:-0.1)", 2, "(cat:0)"),
        ("(cat:0.9)", 2, "cat"),
        ("a (cat:0.9) b", 4, "a (cat) b"),
        ("((cat:1.2) + dog:2)", 3, "((cat:1.3) + dog:2)"),
        ("(cat", 2, "((cat:1.1)"),
        ("cat +", 1, "(cat:1.1) +"),
        ("cat / 2", 6, "cat / 2"),
        ("cat )", 1, "cat )"),
        ("", 0, ""),
    ],
)
def test_a_text_of_a_query_is_raised_where_it_stands(text, cursor, raised):
    assert nudge_weight(text, cursor, 0.1)[0] == raised


def query_terms(text):
    return [(term.coefficient, term.ids) for term in parse_query(text, CLIP).terms]


QUERY = ["cat", "cute girl", "c++", "f/1.4", "#42,067", "`cat`", "cat</w>", '"a (b"', r"\+", "24/7"]
QUERY += ["0.7*", "2 * ", " / 2", ":1.2)", ":.5 )", ":0)", "(", ")", " + ", " - ", "-", ", ", " "]
queries = st.lists(st.sampled_from(QUERY), max_size=9).map("".join)


@derandomized
@given(queries, st.data(), steps)
def test_nudging_a_query_changes_one_coefficient_or_nothing(text, data, step):
    cursor = data.draw(st.integers(0, len(text)))
    changed, there = nudge_weight(text, cursor, step)
    assert 0 <= there <= len(changed)
    if changed == text:
        return
    before, after = query_terms(text), query_terms(changed)
    assert [ids for _, ids in before] == [ids for _, ids in after]
    pairs = zip(before, after, strict=True)
    different = [(old, new) for (old, _), (new, _) in pairs if not math.isclose(old, new)]
    assert len(different) == 1


@derandomized
@given(queries, st.data())
def test_a_query_raised_and_lowered_means_the_same_again(text, data):
    cursor = data.draw(st.integers(0, len(text)))
    raised, there = nudge_weight(text, cursor, 0.1)
    if raised != text:
        lowered, _ = nudge_weight(raised, there, -0.1)
        assert [ids for _, ids in query_terms(lowered)] == [ids for _, ids in query_terms(text)]
        assert [factor for factor, _ in query_terms(lowered)] == pytest.approx(
            [factor for factor, _ in query_terms(text)]
        )


@derandomized
@given(st.text(max_size=40), st.integers(0, 40), steps)
def test_any_text_is_nudged_or_left_alone(text, cursor, step):
    changed, _ = nudge_weight(text, min(cursor, len(text)), step)
    if changed == text:
        return
    try:
        assert len(query_terms(changed)) == len(query_terms(text))
    except QueryError as error:  # tokens that this vocabulary does not have
        assert "There is no #" in str(error) or "becomes a token" in str(error)


@pytest.mark.parametrize(
    ("interface", "prompt", "cursor", "raised"),
    [
        ("a1111", "a cat", 5, "a (cat:1.1)"),
        ("comfyui", "a cat", 5, "a (cat:1.1)"),
        ("compel", "a cat", 5, "a (cat)1.1"),
        ("novelai", "a cat", 5, "a 1.1::cat::"),
        ("plain", "a cat", 5, "a cat"),
        ("a1111", "(a b:1.2), c", 2, "(a b:1.3), c"),
        ("a1111", "(cat:0.9), d", 8, "cat, d"),
        ("a1111", "(cat:0)", 2, "(cat:0.1)"),
        ("a1111", "((cat))", 3, "(cat:1.31)"),
        ("compel", "cat++", 2, "(cat)1.31"),
        ("compel", "(a b)1.2 c", 7, "(a b)1.3 c"),
        ("novelai", "{cat}, b", 2, "1.15::cat::, b"),
        ("novelai", "year 2024, b", 6, "year 1.1::2024 ::, b"),
        ("novelai", "year 1.1::2024 ::, b", 12, "year 1.2::2024 ::, b"),
        ("novelai", "0.9::2024 ::", 7, "2024"),
        ("novelai", "0.9::18 ::20", 6, "18 20"),
        ("novelai", "18 :: cat", 1, "1.1::18 :: :: cat"),
        ("a1111", "(a (b:1.3) c:1.2)", 4, "(a (b:1.4) c:1.2)"),
        ("comfyui", "(a (b:1.3) c:1.2)", 4, "(a (b:1.4) c:1.2)"),
        ("a1111", "((a) b:1.2)", 2, "((a:1.2) b:1.2)"),
        ("a1111", r"miku \(vocaloid\), x", 9, r"miku (\(vocaloid\):1.1), x"),
        ("a1111", "<lora:add_detail:0.8>, x", 9, "<lora:add_detail:0.8>, x"),
        ("a1111", "[cat:dog:0.5]", 2, "[(cat:1.1):dog:0.5]"),
        ("a1111", "[cat:dog:0.5]", 6, "[cat:dog:0.5]"),
        ("a1111", "# cat", 4, "# cat"),
        ("a1111", "a BREAK b", 4, "a BREAK b"),
        ("a1111", "{cat|dog} x", 2, "{(cat:1.1)|dog} x"),
        ("comfyui", "embedding:easy", 12, "embedding:easy"),
        ("comfyui", "a // cat", 6, "a // cat"),
        ("compel", '("a", "b").blend(1, 1)', 3, '("(a)1.1", "b").blend(1, 1)'),
        ("a1111", "cat.", 1, "(cat:1.1)."),
        ("a1111", "", 0, ""),
    ],
)
def test_a_word_of_a_prompt_is_raised_as_its_interface_writes_it(interface, prompt, cursor, raised):
    assert nudge_prompt_weight(prompt, cursor, 0.1, interface)[0] == raised


def letters(prompt, interface):
    return [
        (character, span.kind, span.weight)
        for span in parse(prompt, interface).spans
        for character in span.text
    ]


PROMPT = [
    "cat",
    "long hair",
    "c++",
    "18+",
    "😅",
    r"\(x\)",
    "(a b:1.2)",
    "((cat))",
    "[dog]",
    "(a)1.3",
]
PROMPT += [
    "{x}",
    "1.5::y::",
    "1.1::18 ::",
    "<lora:x:1>",
    "{a|b}",
    "# c",
    "// d",
    "embedding:e",
    "BREAK",
    "AND",
]
PROMPT += [" ", ", ", "(", ")", "[", ":1.1)", "\n", "__w__", '"q"', "[a:b:0.5]", ".swap(z)", "\\"]
prompts = st.lists(st.sampled_from(PROMPT), max_size=8).map("".join)


@derandomized
@given(prompts, st.data(), steps, st.sampled_from(INTERFACES))
def test_nudging_a_prompt_changes_the_weight_of_one_word_or_nothing(prompt, data, step, interface):
    cursor = data.draw(st.integers(0, len(prompt)))
    changed, there = nudge_prompt_weight(prompt, cursor, step, interface)
    assert 0 <= there <= len(changed)
    if changed == prompt:
        return
    assert interface != "plain"
    before, after = letters(prompt, interface), letters(changed, interface)
    if interface == "novelai" and len(after) != len(before):  # “18::” would be a number
        pairs = enumerate(zip(before, after, strict=False))
        fewer = min(len(before), len(after))
        blank = next((at for at, (old, new) in pairs if old[0] != new[0]), fewer)
        assert max(before, after, key=len).pop(blank)[0] == " "
    assert [letter[:2] for letter in before] == [letter[:2] for letter in after]
    different = [
        at
        for at, (old, new) in enumerate(zip(before, after, strict=True))
        if old[2] != new[2] and not old[0].isspace()
    ]
    assert different
    # They stand side by side and had one weight, and have one.
    within = range(different[0], different[-1] + 1)
    assert all(at in different or before[at][0].isspace() for at in within)
    assert len({before[at][2] for at in different}) == len({after[at][2] for at in different}) == 1
    unsent = [prompt[mark.start : mark.end] for mark in parse(prompt, interface).unsent]
    assert unsent == [changed[mark.start : mark.end] for mark in parse(changed, interface).unsent]


@pytest.mark.parametrize("interface", WITH_WEIGHTS)
def test_a_word_raised_and_lowered_is_the_prompt_again(interface):
    prompt = convert("a (cat:1.2), long hair", "a1111", interface).text
    for cursor in range(len(prompt) + 1):
        raised, there = nudge_prompt_weight(prompt, cursor, 0.1, interface)
        assert raised == prompt or nudge_prompt_weight(raised, there, -0.1, interface)[0] == prompt


@pytest.mark.parametrize("interface", WITH_WEIGHTS)
@pytest.mark.parametrize(
    "prompt", ["year 1990, cat", "blade runner 2049", "1990", "18 :: cat", "a: b"]
)
def test_a_word_goes_up_and_down_as_often_as_wanted(prompt, interface):
    cursor = re.match("[a-z ]*[0-9]+|a", prompt).end()
    states = [(prompt, cursor)]
    for step in (0.1, 0.1, 0.1):
        states.append(nudge_prompt_weight(*states[-1], step, interface))
    assert len({text for text, _ in states}) == 4
    text, there = states.pop()
    while states:
        text, there = nudge_prompt_weight(text, there, -0.1, interface)
        assert text == states.pop()[0]


@pytest.mark.parametrize("interface", WITH_WEIGHTS)
def test_a_long_prompt_is_nudged_at_once(interface):
    import time

    prompt = "((((((((((((cat" + ", word" * 900 + "]" * 12
    started = time.process_time()
    nudge_prompt_weight(prompt, 3000, 0.1, interface)
    nudge_prompt_weight(prompt, 13, 0.1, interface)
    nudge_prompt_weight(prompt, len(prompt), 0.1, interface)
    assert time.process_time() - started < 2
