"""The query language on queries that nobody thought of."""

import time
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.query.clip_queries import CLIP, finished_terms, terms
from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.parser import parse, quote

derandomized = settings(deadline=None, derandomize=True, max_examples=400)


# A query written out of a tree, and the same tree summed up without the parser.

LEAVES = {
    "cat": CLIP.encode("cat"),
    "cute girl": CLIP.encode("cute girl"),
    "#1,234": (1234,),
    "`cat`": (1481,),
    '"king"': CLIP.encode("king"),
    "post-man": CLIP.encode("post-man"),
}
numbers = st.sampled_from([0.25, 0.5, 1.5, 2, 3, 10])
leaves = st.sampled_from(sorted(LEAVES)).map(lambda typed: (typed, {LEAVES[typed]: 1.0}))


def scaled(vector, factor):
    return {ids: factor * coefficient for ids, coefficient in vector.items()}


@st.composite
def products(draw, atoms):
    typed, vector = draw(atoms)
    for number in draw(st.lists(numbers, max_size=2)):
        typed, vector = f"{number}{draw(stars)}{typed}", scaled(vector, number)
    for number in draw(st.lists(numbers, max_size=2)):
        if draw(st.booleans()):
            typed, vector = f"{typed}{draw(stars)}{number}", scaled(vector, number)
        else:
            typed, vector = f"{typed} /{draw(spaces)}{number}", scaled(vector, 1 / number)
    return typed, vector


@st.composite
def sums(draw, atoms):
    typed, total = "", defaultdict(float)
    for index in range(draw(st.integers(1, 4))):
        sign = draw(
            st.sampled_from(["", "-", "- "] if index == 0 else [" + ", " - ", " -", " - -"])
        )
        part, vector = draw(products(atoms))
        typed += sign + part
        for ids, coefficient in scaled(vector, (-1) ** sign.count("-")).items():
            total[ids] += coefficient
    return typed, dict(total)


@st.composite
def brackets(draw, inner):
    typed, vector = draw(sums(inner))
    weight = draw(st.none() | numbers)
    if weight is None:
        return f"({typed})", vector
    return f"({typed}:{weight})", scaled(vector, weight)


stars = st.sampled_from(["*", " * "])
spaces = st.sampled_from(["", " "])
expressions = sums(st.recursive(leaves, brackets, max_leaves=6))


@settings(derandomized, max_examples=100)
@given(expressions)
def test_any_expression_is_the_linear_combination_it_says(expression):
    typed, expected = expression
    total = defaultdict(float)
    for coefficient, ids in finished_terms(typed):
        total[ids] += coefficient
    assert total == pytest.approx(expected)


@derandomized
@given(
    st.sampled_from(["1", "2.5", ".5", "12."]),
    st.sampled_from(["", "e1", "E+2", "e-1", "e+0"]),
    st.sampled_from(["{}*cat", "{} * cat", "cat*{}", "(cat:{})", "dog + {}*cat"]),
)
def test_a_number_is_one_wherever_it_stands(mantissa, exponent, frame):
    number = mantissa + exponent
    assert finished_terms(frame.format(number))[-1] == (float(number), CLIP.encode("cat"))


syntax = st.text(alphabet='()+-*/:#,"`\\ .015ae😅_<|w>') | st.text(max_size=60)


@derandomized
@given(syntax)
def test_any_text_is_read_or_refused_with_a_place_and_a_way_out(typed):
    try:
        parsed = parse(typed, CLIP)
    except QueryError as error:
        problem = error
    else:
        problem = parsed.strict_error
        assert parsed.terms or problem
        for term in parsed.terms:
            assert term.ids
            assert 0 <= term.start < term.end <= len(typed)
    if problem is None:
        return
    assert 0 <= problem.start <= problem.end <= len(typed)
    if problem.fix_label in ("Close it", "Leave it out"):
        assert finished_terms(problem.fix) == terms(typed)


@derandomized
@given(st.text(max_size=60))
def test_a_quoted_text_is_read_as_exactly_that_text(text):
    if not CLIP.encode(text):
        with pytest.raises(QueryError, match="holds nothing that becomes a token"):
            parse(quote(text), CLIP)
        return
    assert finished_terms(quote(text)) == [(1, CLIP.encode(text))]
    assert parse(quote(text), CLIP).terms[0].text == text


UNITS = """( +- a+ #1, " ` \\ :1 *1 1* 9 a* , 😅 :( :- </w> +-</w> (a a) _- 1, (a+ ((a)""".split()


@pytest.mark.parametrize("unit", [*UNITS, " ", "- ", ": ", "a + ", "1 * "])
def test_two_thousand_characters_are_read_in_no_time(unit):
    inside = (unit * 2_000)[:1_700]
    for typed in ((unit * 2_000)[:2_000], f"((a{inside}x</w>", f"{'(' * 60}{inside}{':2)' * 60}"):
        taken = []
        for _ in range(3):
            started = time.process_time()
            try:
                parse(typed, CLIP)
            except QueryError:
                pass
            taken.append(time.process_time() - started)
        assert min(taken) < 0.5  # the bench holds it to 0.05
