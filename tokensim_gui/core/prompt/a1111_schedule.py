"""Prompt editing of A1111 and Forge: ``[from:to:when]`` and ``[one|other]``.

The grammar is that of ``modules/prompt_parser.py`` in
https://github.com/AUTOMATIC1111/stable-diffusion-webui; it is read here with one stack instead
of a general parser, which keeps the time linear.
"""

import re
from dataclasses import dataclass, field

from tokensim_gui.core.prompt.parsed_prompt import Range

_UNITS = re.compile(r"\\.|[][():|]", re.DOTALL)
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")


@dataclass(slots=True)
class _Open:
    bracket: str
    start: int
    colons: list[int] = field(default_factory=list)
    bars: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Edit:
    """A construct whose text changes while the picture is made.

    Attributes:
        start: Its opening bracket.
        end: One past its closing bracket.
        removed: Its ranges that the encoder does not get for the first step.
    """

    start: int
    end: int
    removed: tuple[Range, ...]


STEPS = 20
"""A1111's default."""


def edits(text: str, steps: int = STEPS) -> list[Edit]:
    """Return the editing constructs of a prompt, inner ones before those around them.

    Args:
        text: The prompt, or one of those that AND separates.
        steps: Sampling steps: 0.01 of 20 is before the first of them.
    """
    stack: list[_Open] = []
    result: list[Edit] = []
    for match in _UNITS.finditer(text):
        unit, at = match[0], match.start()
        if unit in "([":
            stack.append(_Open(unit, at))
        elif unit == ":":
            if stack:
                stack[-1].colons.append(at)
        elif unit == "|":
            if not stack or stack[-1].bracket == "(":
                return []  # outside of [ ] a bar makes A1111 give up on the whole grammar
            stack[-1].bars.append(at)
        elif unit in ")]":
            group = stack.pop() if stack else None
            if group is None or group.bracket + unit not in ("()", "[]"):
                if any(one.bars for one in (group, *stack) if one is not None):
                    return []
                stack.clear()  # a stray bracket can't be inside of any construct
            elif group.bars and not group.colons:
                result.append(_alternation(group, at))
            elif unit == "]" and group.colons and not group.bars:
                edit = _editing(text, group, at, steps)
                if edit is None:
                    stack.clear()
                else:
                    result.append(edit)
            elif group.bars or len(group.colons) > 1:
                if group.bars:
                    return []
                stack.clear()
    if any(group.bars for group in stack):
        return []
    return result


def _alternation(group: _Open, close: int) -> Edit:
    return Edit(
        group.start,
        close + 1,
        ((group.start, group.start + 1), (group.bars[0], close + 1)),
    )


def _editing(text: str, group: _Open, close: int, steps: int) -> Edit | None:
    """Return ``[from:to:when]``, ``[to:when]`` or ``[from::when]``; None if it is neither."""
    number = _NUMBER.fullmatch(text, group.colons[-1] + 1, close)
    if number is None or len(group.colons) > 2:
        return None
    first = (group.start, group.start + 1)
    removed: tuple[Range, ...]
    when = float(number[0]) * (steps if "." in number[0] else 1)
    if min(when, steps) < 1:  # switched before the first step
        begin = group.colons[0] + 1 if len(group.colons) == 2 else first[1]
        removed = ((group.start, begin), (group.colons[-1], close + 1))
    elif len(group.colons) == 2:
        removed = (first, (group.colons[0], close + 1))
    else:
        removed = ((group.start, close + 1),)
    return Edit(group.start, close + 1, removed)
