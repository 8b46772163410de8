"""Weights of terms as a slider reads and writes them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokensim_gui.core import paths
from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.parser import parse
from tokensim_gui.core.query.term_weights import weighted_terms, with_weight, without_term
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

CLIP = Vocabulary.load(paths.resource("starter"))


def terms(text):
    return [(term.coefficient, term.ids) for term in parse(text, CLIP).terms]


@pytest.mark.parametrize(
    "text, index, weight, changed",
    [
        ("castle", 0, 0.7, "0.7*castle"),
        ("0.7*castle", 0, 1, "castle"),
        ("castle + rain", 1, -0.5, "castle - 0.5*rain"),
        ("castle + rain", 0, -1, "- castle + rain"),
        ("castle + rain", 0, 0, "0*castle + rain"),
        ("(cute + girl) / 2", 0, 0.7, "0.7*cute + 0.5*girl"),
        ("(cute + girl)/2", 1, 1, "0.5*cute + girl"),
        ("king - man + woman", 1, -0.4, "king - 0.4*man + woman"),
        ("(castle:1.2) + cute girl", 1, 0.333333, "1.2*castle + 0.333*cute girl"),
        ("castle, old tower", 0, 2, "2*castle, old tower"),
        ('"c++ code" + #42', 0, 0.5, '0.5*"c++ code" + #42'),
        ("`cat` + #5 girl", 0, 0.5, "0.5*`cat` + #5 girl"),
        ("(cute + gi", 0, 0.5, "0.5*cute + gi"),
        ('cat + "c++ co', 0, 2, '2*cat + "c++ co"'),
        ("8k + cat", 0, 0.5, "0.5*8k + cat"),
        ("c++ + cat", 0, 0.5, "0.5*c++ + cat"),
        ("😅+cat", 0, 0.5, "0.5*😅 + cat"),
    ],
)
def test_a_weight_is_written_before_its_term(text, index, weight, changed):
    assert with_weight(text, index, weight) == changed


def test_a_term_is_taken_out():
    assert without_term("king - man + woman", 1) == "king + woman"
    assert without_term("(cute + girl) / 2", 0) == "0.5*girl"
    assert without_term("castle", 0) == ""


def test_a_term_that_is_not_there_is_an_error():
    with pytest.raises(IndexError):
        with_weight("castle", 1, 0.5)


def test_terms_tell_where_they_stand_and_what_they_weigh():
    text = "(cute girl:1.2) - 0.5*#42"
    first, second = weighted_terms(text)
    assert (text[first.start : first.end], first.coefficient) == ("cute girl", 1.2)
    assert (text[second.start : second.end], second.coefficient) == ("#42", -0.5)
    assert weighted_terms("cat)") == ()


ATOMS = [
    *("cat", "cute girl", "#1,234", "`cat`", '"king + 2"', "“a b”", "c++", "8k", "24/7", "-_-"),
    *("2", ":)", "\\+", "5'", "+", "1e5", "cat*", "日本 猫", "b/w", "cat</w>", "!", "a:1.2", '5"'),
]
SIGNS = [
    *(" + ", " - ", " ", ", ", "+", " * 2 + ", "/2 + ", " / 3 - (", ") ", "(", "0.25*", ":1.3) + ")
]


@settings(deadline=None, derandomize=True, max_examples=600)
@given(st.lists(st.sampled_from(ATOMS) | st.sampled_from(SIGNS), max_size=8), st.data())
def test_only_that_weight_changes_whatever_the_query(parts, data):
    text = "".join(parts)
    try:
        before = terms(text)
    except QueryError:
        return
    shaped = weighted_terms(text)
    if not shaped or len(shaped) != len(before):
        return
    index = data.draw(st.integers(0, len(before) - 1))
    weight = data.draw(st.sampled_from([-2, -0.5, 0, 0.125, 0.7, 1, 2]))
    after = terms(with_weight(text, index, weight))
    assert [ids for _, ids in after] == [ids for _, ids in before]
    wanted = [factor for factor, _ in before]
    wanted[index] = weight
    assert [factor for factor, _ in after] == pytest.approx(wanted, rel=6e-3)
