"""Sentences on brackets without their partner, each in the words of the interface that reads it."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from tokensim_gui.core.prompt.parsed_prompt import Kept, Remark, Span

_PARENTHESIS = re.compile(r"(?<!\\)[()]")


def never_closed(bracket: str, places: Sequence[int], fate: str) -> list[Remark]:
    """Return a remark on brackets of one kind that are never closed; none if there are none.

    Args:
        bracket: The bracket.
        places: Where they are, code-point indices into the prompt.
        fate: What is made of them; ``{it}`` stands for the one or for each.
    """
    if not places:
        return []
    one = len(places) == 1
    is_never = "is never closed" if one else "are never closed"
    return [_remark(bracket, places, f"{is_never}: {fate.format(it='it' if one else 'each')}.")]


def closes_nothing(bracket: str, places: Sequence[int], more: str = "") -> list[Remark]:
    """Return a remark on brackets of one kind that are text, as nothing is open before them."""
    if not places:
        return []
    does = "closes nothing: it is" if len(places) == 1 else "close nothing: they are"
    return [_remark(bracket, places, f"{does} sent as text{more}.")]


def parentheses_sent(kept: Kept, spans: Sequence[Span]) -> list[Remark]:
    """Return remarks on unpaired parentheses, where such are text and do nothing else."""
    opened: list[int] = []
    closing: list[int] = []
    for match in _PARENTHESIS.finditer(kept.text):
        if match[0] == "(":
            opened.append(match.start())
        elif opened:
            opened.pop()
        else:
            closing.append(match.start())
    return [
        *never_closed("(", _sent(kept, opened, spans), "{it} is sent as text"),
        *closes_nothing(")", _sent(kept, closing, spans)),
    ]


def in_prompt(kept: Kept, places: Sequence[int]) -> list[int]:
    """Return the places in the prompt of characters of what is kept of it."""
    return [kept.pieces(place, place + 1)[0][0] for place in places]


def _sent(kept: Kept, places: Sequence[int], spans: Sequence[Span]) -> list[int]:
    starts = [span.start for span in spans] if places else []
    sent: list[int] = []
    for place in in_prompt(kept, places):
        at = bisect_right(starts, place) - 1
        if at >= 0 and place < spans[at].end:
            sent.append(place)
    return sent


def _remark(bracket: str, places: Sequence[int], words: str) -> Remark:
    first = min(places)
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return Remark(f"“{bracket}” at character {first + 1}{more} {words}", first, first + 1)
