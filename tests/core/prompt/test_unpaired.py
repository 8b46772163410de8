import pytest

from tokensim_gui.core.prompt.conversion import parse, write
from tokensim_gui.core.prompt.interfaces import WITH_WEIGHTS
from tokensim_gui.core.prompt.parsed_prompt import Run

OPEN = "a photo of (castle:1.2 at sunset, quokka"
TIMES = "the weight of everything behind it is multiplied by"


def about_brackets(prompt, interface):
    return [remark.words for remark in parse(prompt, interface).unpaired]


@pytest.mark.parametrize(
    ("interface", "prompt", "note"),
    [
        ("a1111", OPEN, f"“(” at character 12 is never closed: {TIMES} 1.1."),
        ("a1111", "a [cat", f"“[” at character 3 is never closed: {TIMES} 0.909."),
        ("a1111", "<lora:x:1> (cat", f"“(” at character 12 is never closed: {TIMES} 1.1."),
        (
            "a1111",
            "a (cat AND a dog",
            "“(” at character 3 is never closed: the weight of everything behind it in its part is"
            " multiplied by 1.1.",
        ),
        (
            "a1111",
            "((a (b (c)",
            "“(” at character 1 and 2 more are never closed: the weight of everything behind each"
            " is multiplied by 1.1.",
        ),
        ("a1111", "a cat:1.2), b", "“)” at character 10 closes nothing: it is sent as text."),
        ("a1111", "a] b]", "“]” at character 2 and 1 more close nothing: they are sent as text."),
        (
            "comfyui",
            OPEN,
            "“(” at character 12 is never closed: it and everything behind it are sent as text,"
            " weights too.",
        ),
        ("comfyui", "/* x */ a) b", "“)” at character 10 closes nothing: it is sent as text."),
        (
            "comfyui",
            "a) (b:1.2",
            "“)” at character 2 closes nothing: it is sent as text, and so is the next “(”.",
        ),
        ("novelai", "a {cat, b", f"“{{” at character 3 is never closed: {TIMES} 1.05."),
        ("novelai", "a [cat, b", f"“[” at character 3 is never closed: {TIMES} 0.952."),
        ("novelai", "{a {b}, c", f"“{{” at character 1 is never closed: {TIMES} 1.05."),
        ("novelai", "a} b", "“}” at character 2 closes nothing: it is sent as text."),
        ("compel", "a (cat, (b)1.2", "“(” at character 3 is never closed: it is sent as text."),
        ("compel", "__w__ a b)++", "“)” at character 10 closes nothing: it is sent as text."),
    ],
)
def test_a_bracket_without_its_partner_is_named_with_its_place_and_fate(interface, prompt, note):
    assert about_brackets(prompt, interface) == [note]
    (remark,) = parse(prompt, interface).unpaired
    assert f"“{prompt[remark.start : remark.end]}” at character {remark.start + 1} " in note


@pytest.mark.parametrize(
    ("interface", "prompt"),
    [
        *((interface, prompt) for interface in WITH_WEIGHTS for prompt in ("a cat", "(a) [b] {c}")),
        *((interface, r"a \(cat, b\)") for interface in ("a1111", "comfyui", "compel")),
        ("a1111", r"\[a, b\], (c:1.2), [d:e:0.5]"),
        ("a1111", "a cat # (b"),
        ("a1111", "a cat ("),  # weighs nothing, and is not sent
        ("comfyui", "a // (b"),
        ("comfyui", "[a"),
        ("novelai", "(a"),
        ("compel", "(a - b)+"),
        ("compel", '("a", "b").blend(1, 1)'),
    ],
)
def test_brackets_that_have_a_partner_or_do_nothing_are_not_named(interface, prompt):
    assert about_brackets(prompt, interface) == []


@pytest.mark.parametrize("interface", WITH_WEIGHTS)
def test_a_prompt_that_is_written_has_no_unpaired_brackets(interface):
    written = write([Run("a (b "), Run("c) ]", 1.2), Run("} [d {")], interface).text
    assert about_brackets(written, interface) == []


def test_a_number_that_stops_a1111_is_all_that_is_said():
    assert about_brackets("(cat:1.2.3)", "a1111") == []
