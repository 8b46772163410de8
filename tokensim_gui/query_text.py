"""Changes to a query as text: what dropped tokens become in it."""

from collections.abc import Sequence

_OPERATORS = "+-*/("
_CLOSERS = "+-*/),:"


def with_tokens(text: str, position: int, names: Sequence[str]) -> str:
    """Add tokens to a query where they were dropped, as ``+`` does at its end.

    Args:
        text: The query.
        position: Between which characters; within a word it counts as its end.
        names: The tokens as the query language writes them.
    """
    while 0 < position < len(text) and text[position - 1].isalnum() and text[position].isalnum():
        position += 1
    before, after = text[:position].rstrip(), text[position:].lstrip()
    parts = [before, " + ".join(names), after]
    if before and before[-1] not in _OPERATORS:
        parts[0] += " + "
    elif before and before[-1] != "(":
        parts[0] += " "
    if after and after[0] not in _CLOSERS:
        parts[1] += " + "
    elif after and after[0] not in "),:":
        parts[1] += " "
    return "".join(parts)
