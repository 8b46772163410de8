import random
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tokensim_gui.core.prompt.conversion import (
    convert,
    escape,
    parse,
    side_by_side,
    write,
)
from tokensim_gui.core.prompt.interfaces import INTERFACES, TITLES, WITH_WEIGHTS
from tokensim_gui.core.prompt.parsed_prompt import Run, number, segments

SYNTAX = [*"()[]{}|:+-.,=\"'#/*_<>\\ \n", ":1.2)", "::", "BREAK", "AND", "embedding:x", "++"]
CALLS = ["<lora:x:1>", "__w__", ")1.3", "(a b:1.1)", ").blend(1)", '("', "withLora(x)", ".swap(b)"]
TEXTS = [
    "cat",
    "long hair",
    "😅",
    "猫",
    "שלום",
    "\x07",
    "1.2",
    "//",
    "/*",
    "*/",
    "e\u0301",
    "\ud83d",
]
PIECES = st.sampled_from([*SYNTAX, *CALLS, *TEXTS])
SOUP = st.lists(PIECES, max_size=30).map("".join)


@given(SOUP)
@example("((((a:1e999))))")
@example("(a:nan)(b:inf)[c:-inf:1]")
@settings(deadline=None, derandomize=True, max_examples=400)
def test_any_text_is_read_in_order_and_by_its_own_characters(prompt):
    for interface in INTERFACES:
        parsed = parse(prompt, interface)
        done = 0
        pieces = sorted([*parsed.spans, *parsed.unsent], key=lambda piece: piece.start)
        for piece in pieces:
            assert done <= piece.start <= piece.end <= len(prompt)
            done = piece.end
        for span in parsed.spans:
            assert span.text == prompt[span.start : span.end]
        numbers = [span.segment for span in parsed.spans]
        assert numbers == sorted(numbers)
        for segment in segments(parsed):
            assert len(segment.text) == len(segment.positions)


@given(SOUP)
@settings(deadline=None, derandomize=True, max_examples=150)
def test_any_text_converts_without_failing(prompt):
    for source in WITH_WEIGHTS:
        for target in INTERFACES:
            convert(prompt, source, target)


WORDS = ["a cat", "long hair", "😅", "sky (blue)", "16:9", "up", "x, y", "猫", "no. 2024", "it's"]
RUNS = st.lists(
    st.tuples(st.sampled_from(WORDS), st.integers(1, 2000).map(lambda n: n / 1000)), max_size=8
)


def weighted_words(prompt, interface):
    """What is sent, character by character, without white space, with its weight."""
    return [
        (character, number(segment.weight))
        for segment in segments(parse(prompt, interface))
        for character in segment.text
        if not character.isspace()
    ]


@given(RUNS, st.sampled_from(WITH_WEIGHTS), st.sampled_from(WITH_WEIGHTS))
@settings(deadline=None, derandomize=True, max_examples=400)
def test_a_round_trip_keeps_words_and_weights(runs, source, target):
    prompt = write([Run(f" {text} ", weight) for text, weight in runs], source).text
    there = convert(prompt, source, target)
    back = convert(there.text, target, source)
    assert there.lost == back.lost == ()
    assert weighted_words(there.text, target) == weighted_words(prompt, source)
    assert weighted_words(back.text, source) == weighted_words(prompt, source)
    assert weighted_words(prompt, source) == [
        (character, number(weight))
        for text, weight in runs
        for character in text
        if not character.isspace()
    ]


@pytest.mark.parametrize(
    ("source", "target", "prompt", "converted"),
    [
        ("a1111", "comfyui", "a ((cat)), [dog]", "a (cat:1.21), (dog:0.909)"),
        ("a1111", "compel", "a ((cat)), [dog]", "a (cat)1.21, (dog)0.909"),
        ("a1111", "novelai", "a ((cat)), [dog]", "a 1.21::cat::, 0.909::dog::"),
        ("comfyui", "a1111", "((cat:1.5)) (dog:1)", "(cat:1.5) dog"),
        ("comfyui", "a1111", "(a)(b) [c]", r"(a b:1.1) \[c\]"),
        ("compel", "comfyui", "a cat++ (b c)0.5, d-", "a (cat:1.21) (b c:0.5), (d:0.9)"),
        ("novelai", "a1111", "{{cat}}, -1::hat::", "(cat:1.103), (hat:-1)"),
        ("a1111", "a1111", "((cat)) BREAK [a:b:0.5] <lora:x:1> # c", None),
        ("comfyui", "a1111", "a embedding:bad, b", "a bad, b"),
        ("comfyui", "compel", "a embedding:bad {c|d} __e__", "a <bad> {c|d} __e__"),
        ("a1111", "comfyui", "(cat:1.0001)", "cat"),
        ("a1111", "comfyui", "(cat:1.23456)", "(cat:1.235)"),
        ("a1111", "comfyui", "([cat])", "cat"),
        ("comfyui", "a1111", "{{masterpiece}}, cat", "masterpiece, cat"),
        ("comfyui", "compel", "a {x} { {b|c} d}", "a x {b|c} d"),
        ("comfyui", "novelai", "{{masterpiece}}, cat", "masterpiece, cat"),
        ("comfyui", "comfyui", "{{masterpiece}}, cat", "{{masterpiece}}, cat"),
        ("a1111", "compel", "code,c++", "code,c ++"),
    ],
)
def test_conversions_worked_by_hand(source, target, prompt, converted):
    result = convert(prompt, source, target)
    if converted is None:
        assert result.text == "(cat:1.21) BREAK [a:b:0.5] <lora:x:1> # c"
    else:
        assert result.text == converted
    assert result.lost == ()


@pytest.mark.parametrize(
    ("source", "target", "prompt", "named"),
    [
        ("a1111", "comfyui", "a [cat:dog:0.5]", "“[cat:dog:0.5]”"),
        ("a1111", "comfyui", "a [cat|dog]", "“[cat|dog]”"),
        ("a1111", "comfyui", "a AND b", "AND"),
        ("a1111", "comfyui", "a BREAK b", "BREAK"),
        ("a1111", "plain", "a BREAK b", "BREAK"),
        ("a1111", "comfyui", "a <lora:x:1>", "“<lora:x:1>”"),
        ("a1111", "comfyui", "a :1.5", "“:1.5”"),
        ("a1111", "compel", "(a:-1)", "negative"),
        ("a1111", "novelai", "{a|b}", "“{a|b}”"),
        ("comfyui", "a1111", "a // b", "“// b”"),
        ("comfyui", "novelai", "a embedding:b", "“embedding:b”"),
        ("compel", "a1111", '("a", "b").blend(1, 1)', "blend"),
        ("compel", "a1111", "a.swap(b)", "“.swap(b)”"),
        ("novelai", "compel", "2::a = b::", "“=”"),
        ("comfyui", "a1111", "(a:inf)", "inf"),
    ],
)
def test_what_can_not_be_carried_is_named(source, target, prompt, named):
    assert any(named in sentence for sentence in convert(prompt, source, target).lost)


@pytest.mark.parametrize(
    ("source", "target", "prompt", "converted"),
    [
        ("a1111", "comfyui", "a <lora:x:1> cat", "a cat"),
        ("a1111", "comfyui", "<lora:x:1> a cat", "a cat"),
        ("a1111", "novelai", "a (cat:1.2) <lora:x:1> , dog", "a 1.2::cat::, dog"),
        ("a1111", "comfyui", "a cat, <lora:x:1>, dog", "a cat, dog"),
        ("a1111", "comfyui", "a cat AND a dog", "a cat, a dog"),
        ("a1111", "compel", "(cat:1.2) AND a dog", "(cat)1.2, a dog"),
        ("a1111", "plain", "a cat BREAK a dog", "a cat a dog"),
        ("a1111", "comfyui", "a, <lora:x:1>, BREAK, b", "a, b"),
        ("a1111", "novelai", "a, <lora:x:1>, <lora:y:1>, b", "a, b"),
        ("a1111", "compel", "BREAK, <lora:x:1>, a, AND <lora:y:1>", "a"),
        ("a1111", "plain", "a, <lora:x:1>, BREAK, b", "a, b"),
    ],
)
def test_nothing_is_left_of_what_is_left_out(source, target, prompt, converted):
    assert convert(prompt, source, target).text == converted


@pytest.mark.parametrize(
    ("source", "target", "prompt", "told"),
    [
        ("a1111", "compel", "the river,. end", "“,.” is “,” and “.” there."),
        ("compel", "comfyui", "the river,. end", "“,” and “.” are “,.” there."),
        ("a1111", "compel", "a,😅,b", "“,😅,” is “,” and “😅,” there."),
    ],
)
def test_what_touches_and_is_cut_otherwise_is_told(source, target, prompt, told):
    (sentence,) = convert(prompt, source, target).lost
    assert sentence.startswith(f"{TITLES[target]} cuts what touches") and sentence.endswith(told)


def test_a_comma_left_out_of_what_touches_is_told():
    converted = convert("river,. <lora:x:1>, BREAK, cat", "a1111", "comfyui")
    assert converted.text == "river,., cat"
    assert any("cuts what touches" in sentence for sentence in converted.lost)


def test_words_of_different_weights_do_not_grow_together_without_weights():
    assert convert("(sun:1.2)(flower:1.3), a", "comfyui", "plain").text == "sun flower, a"


def test_weights_of_every_character_stand_side_by_side():
    stretches = side_by_side("a ((b:2)) {c}")
    rounded = [
        (s.start, s.end, tuple(w if w is None else round(w, 3) for w in s.weights))
        for s in stretches
    ]
    assert rounded == [
        (0, 1, (1, 1, 1, 1)),
        (1, 2, (1, 1, None, 1)),
        (2, 4, (None, None, None, 1)),
        (4, 5, (2.2, 2, 1, 1)),
        (5, 7, (None, None, 1, 1)),
        (7, 9, (None, None, None, 1)),
        (9, 10, (1, 1, None, 1)),
        (10, 11, (1, None, 1, None)),
        (11, 12, (1, 1, 1, 1.05)),
        (12, 13, (1, None, 1, None)),
    ]


@pytest.mark.parametrize("interface", INTERFACES)
@pytest.mark.parametrize("text", ["kpop", "c++", "(:", "a-", "#1", r"\o/", "{x}"])
def test_an_escaped_text_is_sent_as_it_is(interface, text):
    sent = "".join(segment.text for segment in segments(parse(escape(text, interface), interface)))
    expected = {("a1111", "#1"): "", ("novelai", "{x}"): "x"}.get((interface, text), text)
    assert sent.replace(" ", "") == expected


LENGTH = 10_000
HOSTILE = {
    name: (unit * LENGTH)[:LENGTH]
    for name, unit in {
        "open": "(",
        "words": "(a ",
        "square": "[a:",
        "quotes": '("',
        "backslashes": "\\",
        "braces": "{a|",
        "tags": "<a:",
        "comments": "/*",
        "commas": "a,",
        "signs": "a+ ",
        "numbers": "1::a",
        "marks": "BREAK AND ",
        "wildcards": "__a ",
        "hashes": "#\n",
        "blanks": " ",
    }.items()
} | {"deep": "(" * (LENGTH // 2) + ")" * (LENGTH // 2), "weighted": "(a" * 1_250 + ":1.1)" * 1_250}


@pytest.mark.parametrize("interface", WITH_WEIGHTS)
def test_no_input_makes_reading_slow(interface):
    # The bound is 50 ms, by the bench; a slip to quadratic takes many seconds.
    slow = {}
    for name, prompt in HOSTILE.items():
        best = min(_seconds(prompt, interface) for _ in range(3))
        if best > 0.5:
            slow[name] = best
    assert slow == {}


@pytest.mark.parametrize("interface", WITH_WEIGHTS)
def test_the_time_to_read_grows_with_the_length_and_not_with_its_square(interface):
    draw = random.Random(1)
    units = ["(a:1.1) ", "((b)) ", "[c] ", "d, ", '"e" ', "{f} ", "1.2::g:: ", "(h i)++ "]
    short = "".join(draw.choice(units) for _ in range(2_000))
    ratio = min(_seconds(short * 8, interface) for _ in range(3)) / min(
        _seconds(short, interface) for _ in range(3)
    )
    assert ratio < 24


def _seconds(prompt, interface):
    start = time.process_time()
    parse(prompt, interface)
    return time.process_time() - start
