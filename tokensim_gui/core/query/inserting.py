"""Changes to a query as text: what dropped tokens become in it."""

from collections.abc import Iterator, Sequence
from typing import Final

from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.lexer import Kind, Lexeme, lex
from tokensim_gui.core.query.shape import AnyTokens, shape
from tokensim_gui.core.query.terms import Parsed

_OPERATORS: Final[tuple[Kind, ...]] = ("sign", "star", "slash")
_CLOSERS: Final[tuple[Kind, ...]] = ("close", "weight")
_MOST_TRIED: Final = 8


def with_tokens(text: str, position: int, names: Sequence[str]) -> str:
    """Add tokens to a query where they were dropped, as ``+`` does at its end.

    What was in the query keeps its meaning: where it would not, the tokens go behind what they
    fell on, else to the end or the beginning of the query.

    Args:
        text: The query.
        position: Between which characters; within a text, or in brackets that have a weight, it
            counts as the end of that.
        names: The tokens as the query language writes them.
    """
    joined = " + ".join(names)
    at_end = f"{text.rstrip()} + {joined}" if text.strip() else joined
    old, dropped = shape(text), shape(joined)
    try:
        lexemes = (
            lex(text, lambda piece: AnyTokens().id_of_spelling(piece) is not None)
            if text.strip()
            else []
        )
    except QueryError:
        return at_end
    for changed in _changes(text, position, joined, lexemes, old):
        if _is_sum(shape(changed), old, dropped):
            return changed
    return at_end


def _is_sum(new: Parsed, old: Parsed, dropped: Parsed) -> bool:
    """Whether a query holds the old terms with their factors, and the dropped ones among them."""
    terms, added = list(new.terms), len(dropped.terms)
    if not added or len(terms) != len(old.terms) + added:
        return False
    kept = [(term.coefficient, term.ids) for term in old.terms]
    for at in range(len(kept) + 1):
        others = [(term.coefficient, term.ids) for term in terms[:at] + terms[at + added :]]
        among = [term.ids for term in terms[at : at + added]]
        if others == kept and among == [term.ids for term in dropped.terms]:
            return True
    return False


def _changes(
    text: str, position: int, joined: str, lexemes: Sequence[Lexeme], old: Parsed
) -> Iterator[str]:
    """Yield the query with the tokens, where they were dropped first."""
    whole = [(lexeme.start, lexeme.end) for lexeme in lexemes]
    whole += [(term.start, term.end) for term in old.terms]
    whole += _weighted(lexemes, len(text))
    first = _behind(position, whole)
    later = [lexeme.end for lexeme in lexemes if lexeme.end > first][:_MOST_TRIED]
    for place in dict.fromkeys([first, *(_behind(end, whole) for end in later), len(text)]):
        yield _joined(text, place, joined, lexemes)
    yield f"{joined} + {text.lstrip()}"  # what is open at the end would take the tokens in


def _weighted(lexemes: Sequence[Lexeme], length: int) -> Iterator[tuple[int, int]]:
    """Yield where brackets that have a weight begin and end."""
    opened: list[int] = []
    weighted: list[int] = []
    for lexeme in lexemes:
        if lexeme.kind == "open":
            opened.append(lexeme.start)
        elif lexeme.kind == "weight" and opened:
            weighted.append(opened[-1])
        elif lexeme.kind == "close" and opened:
            start = opened.pop()
            if start in weighted:
                yield start, lexeme.end
    yield from ((start, length) for start in opened if start in weighted)


def _behind(position: int, whole: Sequence[tuple[int, int]]) -> int:
    """The position, moved out of what is to stay in one piece."""
    while ends := [end for start, end in whole if start < position < end]:
        position = max(ends)
    return position


def _joined(text: str, position: int, joined: str, lexemes: Sequence[Lexeme]) -> str:
    left: Kind = next((one.kind for one in reversed(lexemes[:-1]) if one.end <= position), "end")
    right: Kind = next((one.kind for one in lexemes if one.start >= position), "end")
    before, after = text[:position].rstrip(), text[position:].lstrip()
    if left in _OPERATORS:
        before += " "
    elif left != "open" and before:
        before += " + "
    if right in _OPERATORS:
        joined += " "
    elif right not in _CLOSERS and after:
        joined += " + "
    return before + joined + after
