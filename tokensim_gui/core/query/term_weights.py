"""The weights of a query's terms, read and written while a slider is dragged."""

from collections.abc import Sequence
from dataclasses import replace

from tokensim_gui.core.query.lexer import quote
from tokensim_gui.core.query.shape import shape
from tokensim_gui.core.query.terms import Term


def weighted_terms(text: str) -> tuple[Term, ...]:
    """The terms of a query: span, weight (``coefficient``) and text of each.

    By the query's shape alone, so that it can be asked at every key; the ``ids`` are none of a
    vocabulary. The pieces of the term at index ``i`` are those of `Results.own` whose ``term`` is
    ``i``.
    """
    return shape(text).terms


def with_weight(text: str, index: int, weight: float) -> str:
    """Write the weight of one term: ``0.7*castle``, ``- 0.5*rain``, ``0*girl``.

    The query is written out as a sum, ``(cute + girl) / 2`` as ``0.7*cute + 0.5*girl``: brackets
    that scale several terms can't say the weight of one. A weight of 1 takes its number with it.

    Args:
        text: The query; one that is unfinished is finished.
        index: Which of `weighted_terms`.
        weight: The new factor; three digits of it are written.

    Raises:
        IndexError: There is no such term.
    """
    terms = list(weighted_terms(text))
    terms[index] = replace(terms[index], coefficient=weight)
    return _written_out(text, terms)


def without_term(text: str, index: int) -> str:
    """Take one term out of a query and write out the others; "" where none is left.

    Raises:
        IndexError: There is no such term.
    """
    terms = list(weighted_terms(text))
    del terms[index]
    return _written_out(text, terms)


def _written_out(text: str, terms: Sequence[Term]) -> str:
    """A sum of terms, each as it was typed in ``text``, else in quotes."""
    parts: list[str] = []
    for term in terms:
        sign = "-" if term.coefficient < 0 else "+"
        number = f"{abs(term.coefficient):.3g}"
        factor = "" if number == "1" else f"{number}*"
        parts += [sign, factor + _literal(text, term)]
    if parts[:1] == ["+"]:
        del parts[0]
    return " ".join(parts)


def _literal(text: str, term: Term) -> str:
    """The term so that it means the same beside a factor and between signs."""
    typed = text[term.start : term.end]
    finished = not shape(typed).unfinished
    for written in (typed, f"({typed})"):
        if finished and _is_one_term(written, term.ids):
            return written
    return quote(term.text)


def _is_one_term(written: str, ids: tuple[int, ...]) -> bool:
    read = shape(f"2*{written} + 2*{written} - {written}")
    terms = [(term.coefficient, term.ids) for term in read.terms]
    return not read.unfinished and terms == [(2, ids), (2, ids), (-1, ids)]
