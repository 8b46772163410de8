"""Raising and lowering the weight of one word of a query while it is edited."""

import re

_WEIGHTED = re.compile(r"\(([^()\s:]+):(-?\d+(?:\.\d+)?)\)")
_WORD = re.compile(r"[^\s()+*/,:]+")


def nudge_weight(text: str, cursor: int, step: float) -> tuple[str, int]:
    """Add ``step`` to the weight of the word under the cursor.

    ``cat`` becomes ``(cat:1.1)``; a weight that comes back to 1 takes its brackets with it.

    Args:
        text: The query.
        cursor: Code-point position in it.
        step: Usually 0.1 or -0.1.

    Returns:
        The new text and a cursor inside or at the end of the same word; unchanged where no word
        is under the cursor.
    """
    for match in _WEIGHTED.finditer(text):
        if match.start() <= cursor <= match.end():
            word, weight = match.group(1), float(match.group(2))
            break
    else:
        for match in _WORD.finditer(text):
            if match.start() <= cursor <= match.end():
                word, weight = match.group(), 1.0
                break
        else:
            return text, cursor
    weight = round(weight + step, 3)
    written = word if weight == 1 else f"({word}:{weight:g})"
    start = match.start()
    inside = start + (0 if weight == 1 else 1) + len(word)
    return text[:start] + written + text[match.end() :], inside
