import pytest

from tokensim_gui.core.prompt.novelai import parse, write
from tokensim_gui.core.prompt.parsed_prompt import Run


def read(prompt):
    return [(span.text, round(span.weight, 4)) for span in parse(prompt).spans]


@pytest.mark.parametrize(
    ("prompt", "pieces"),
    [
        ("plain", [("plain", 1)]),
        ("{cat}", [("cat", 1.05)]),
        ("{{cat}}", [("cat", 1.1025)]),
        ("[cat]", [("cat", 0.9524)]),
        ("[[cat]]", [("cat", 0.907)]),
        ("{[cat]}", [("cat", 1)]),
        ("a, 1.5::cat, dog::, b", [("a, ", 1), ("cat, dog", 1.5), (", b", 1)]),
        ("-1::hat::", [("hat", -1)]),
        ("1.2::a 0.5::b", [("a ", 1.2), ("b", 0.5)]),
        ("2::{cat}::", [("cat", 2.1)]),
        ("{open", [("open", 1.05)]),
        ("closed}", [("closed}", 1)]),
        ("a::b", [("a::b", 1)]),
        ("(cat:1.2)", [("(cat:1.2)", 1)]),
        ("1.5::no 2024 ::", [("no 2024 ", 1.5)]),
        ("1.5::2024::x", [("x", 2024)]),
        ("v2::x", [("v2::x", 1)]),
    ],
)
def test_braces_brackets_and_numbers(prompt, pieces):
    assert read(prompt) == pieces


def test_a_number_at_the_end_of_a_weighted_text_is_kept_apart_from_the_mark():
    written = write([Run("year 2024", 1.5), Run(" a"), Run("cat", 0.5)])
    assert written.text == "1.5::year 2024 :: a 0.5::cat::"
    assert read(written.text) == [("year 2024 ", 1.5), (" a ", 1), ("cat", 0.5)]


def test_brackets_that_can_not_be_written_are_named():
    written = write([Run("a [b] {c} d::e")])
    assert written.text == "a b c d: :e"
    assert len(written.lost) == 5
