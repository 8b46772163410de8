"""Queries as they are pasted: numbers of other scripts, decimal commas, right to left."""

import pytest

from tokensim_gui.core import paths
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.query.hints import arithmetic_hint
from tokensim_gui.core.query.lexer import quoted
from tokensim_gui.core.query.parser import parse
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

CLIP = Vocabulary.load(paths.resource("starter"))


def offered(typed: str) -> str | None:
    hint = arithmetic_hint(typed, parse(typed, CLIP).terms)
    return None if hint is None else hint.fix


@pytest.mark.parametrize(
    ("typed", "fix"),
    [
        ("1,5×cat", "1.5*cat"),
        ("1,25 × cat + dog", "1.25 * cat + dog"),
        ("½×cat", "0.5*cat"),
        ("¾ ∙ cat", "0.75 * cat"),
        ("٣*cat", "3*cat"),
        ("۲٫۵*cat", "2.5*cat"),
        ("๒*cat", "2*cat"),
        ("cat — dog", "cat - dog"),
    ],
)
def test_numbers_and_signs_of_other_scripts_are_offered_as_arithmetic(typed: str, fix: str) -> None:
    assert offered(typed) == fix
    assert offered(fix) is None


@pytest.mark.parametrize("typed", ["½ price", "cat, ½", "٣ cat", "cat", "5,5 × 6,6 photo"])
def test_where_nothing_is_multiplied_they_stay_words(typed: str) -> None:
    assert offered(typed) is None


def test_words_from_right_to_left_stand_in_an_error_as_they_are() -> None:
    assert str(TokenSimError(f"{quoted('שלום')} is unknown.")) == "“\u2068שלום\u2069” is unknown."


@pytest.mark.parametrize(
    "odd", ["\u2068abc", "abc\u2069", "\u2068a\u202eb\u2069", "\u2068a\nb\u2069"]
)
def test_marks_of_direction_that_do_not_close_are_not_let_through(odd: str) -> None:
    said = str(TokenSimError(odd))
    assert "\ufffd" in said and "\u202e" not in said and "\n" not in said
    assert said.count("\u2068") == said.count("\u2069")
