"""Raising and lowering the weight of one text of a query while it is edited."""

import math
import re
from collections.abc import Iterator
from typing import Final

from tokensim_gui.core.query.parser import quote
from tokensim_gui.core.query.shape import shape
from tokensim_gui.core.query.terms import Term

_NUMBER: Final = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_BRACKET: Final = re.compile(r"\(\s*\Z")
_WEIGHT: Final = re.compile(rf"\s*:\s*({_NUMBER})\s*\)")
_FACTOR: Final = re.compile(rf"(?<![^\s(+/-])({_NUMBER})\s*\*\s*\Z")

_LONGEST_FACTOR: Final = 40


def nudge_weight(text: str, cursor: int, step: float) -> tuple[str, int]:
    """Add ``step`` to the weight of the text under the cursor.

    A text is what one vector stands for, ``cute girl`` as a whole. ``cat`` becomes ``(cat:1.1)``,
    ``0.7*cat`` becomes ``0.8*cat``; a weight that comes back to 1 takes its syntax with it.

    Args:
        text: The query.
        cursor: Code-point position in it.
        step: Usually 0.1 or -0.1.

    Returns:
        The new query, which means the same but for that weight, and a cursor at the end of the
        same text; unchanged where no text is under the cursor, or none can be weighted.
    """
    terms = shape(text).terms
    for at in sorted(range(len(terms)), key=lambda at: _distance(terms[at], cursor)):
        for start, end, weight, factor in _written(text, terms[at]):
            if not start <= cursor <= end:
                continue
            nudged = round(weight + step, 3)
            for literal, before, after in _rewritings(text, terms[at], nudged, factor):
                changed = text[:start] + before + literal + after + text[end:]
                ratio = nudged / weight if weight else None
                if _only_weighs(terms, shape(changed).terms, at, ratio):
                    return changed, start + len(before) + len(literal)
    return text, cursor


def _distance(term: Term, cursor: int) -> int:
    return max(term.start - cursor, cursor - term.end, 0)


def _written(text: str, term: Term) -> Iterator[tuple[int, int, float, bool]]:
    """Yield where a term begins and ends with its weight, the weight, and if that is a factor."""
    weight = _WEIGHT.match(text, term.end)
    near = max(0, term.start - _LONGEST_FACTOR)
    bracket = _BRACKET.search(text, near, term.start)
    if weight and bracket:
        yield bracket.start(), weight.end(), float(weight[1]), False
    factor = _FACTOR.search(text, near, term.start)
    if factor:
        yield factor.start(), term.end, float(factor[1]), True
    yield term.start, term.end, 1.0, False


def _rewritings(
    text: str, term: Term, weight: float, factor: bool
) -> Iterator[tuple[str, str, str]]:
    """Yield the term as it could be written with ``weight``, and what stands before and after."""
    for literal in (text[term.start : term.end], quote(term.text)):
        if weight == 1:
            yield literal, "", ""
            yield literal, "(", ")"
        elif factor:
            yield literal, f"{weight:g}*", ""
        else:
            yield literal, "(", f":{weight:g})"


def _only_weighs(
    before: tuple[Term, ...], after: tuple[Term, ...], at: int, ratio: float | None
) -> bool:
    """Whether two queries differ by the factor of one term, which grew by ``ratio``, if that is."""
    if [term.ids for term in before] != [term.ids for term in after]:
        return False
    grown = [(old.coefficient, new.coefficient) for old, new in zip(before, after, strict=True)]
    old, new = grown.pop(at)
    right = old != new if ratio is None else math.isclose(new, old * ratio, abs_tol=1e-12)
    return right and all(first == second for first, second in grown)
