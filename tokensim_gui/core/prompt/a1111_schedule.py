"""Prompt editing of A1111 and Forge: ``[from:to:when]`` and ``[one|other]``.

The grammar is that of ``modules/prompt_parser.py`` in
https://github.com/AUTOMATIC1111/stable-diffusion-webui; it is read here with one stack instead
of a general parser, which keeps the time linear.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from tokensim_gui.core.prompt.interfaces import STEPS
from tokensim_gui.core.prompt.parsed_prompt import Range

_UNITS = re.compile(r"\\.|[][():|]")
_ESCAPES_NOTHING = re.compile(r"(?<!\\)(?:\\\\)*\\(?:\n|\s*\Z)")
_LONGEST_SHOWN = 40
_NOTHING = "nothing"
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
        words: A sentence on what it is at which step.
    """

    start: int
    end: int
    removed: tuple[Range, ...]
    words: str


def edits(text: str, steps: int = STEPS) -> list[Edit]:
    """Return the editing constructs of a prompt, inner ones before those around them.

    Args:
        text: The prompt, or one of those that AND separates.
        steps: Sampling steps: 0.01 of 20 is before the first of them.
    """
    if _ESCAPES_NOTHING.search(text):
        return []  # the grammar knows no such backslash, and A1111 gives up on all of it
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
                result.append(_alternation(text, group, at))
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


def _alternation(text: str, group: _Open, close: int) -> Edit:
    places = pairwise([group.start, *group.bars, close])
    turns = [_shown(text[first + 1 : last]) for first, last in places]
    return Edit(
        group.start,
        close + 1,
        ((group.start, group.start + 1), (group.bars[0], close + 1)),
        f"{', '.join(turns[:-1])} and {turns[-1]} take turns, step by step.",
    )


def _editing(text: str, group: _Open, close: int, steps: int) -> Edit | None:
    """Return ``[from:to:when]``, ``[to:when]`` or ``[from::when]``; None if it is neither."""
    number = _NUMBER.fullmatch(text, group.colons[-1] + 1, close)
    if number is None or len(group.colons) > 2:
        return None
    first = (group.start, group.start + 1)
    removed: tuple[Range, ...]
    last = min(float(number[0]) * (steps if "." in number[0] else 1), steps)
    has_both = len(group.colons) == 2
    begin = group.colons[0] + 1 if has_both else first[1]
    before = _shown(text[first[1] : group.colons[0]] if has_both else "")
    after = _shown(text[begin : group.colons[-1]])
    if last < 1:  # switched before the first step
        removed = ((group.start, begin), (group.colons[-1], close + 1))
        words = _alone(f"From the first step on {after}", before)
    elif has_both:
        removed = (first, (group.colons[0], close + 1))
    else:
        removed = ((group.start, close + 1),)
    if last >= steps:
        words = _alone(f"For all {steps} steps {before}", after)
    elif last >= 1:
        words = f"Up to step {int(last)} of {steps} {before}, then {after}"
    return Edit(group.start, close + 1, removed, f"{words}.")


def _alone(words: str, other: str) -> str:
    return f"{words}, never {other}" if other != _NOTHING else words


def _shown(text: str) -> str:
    """Name a text, or the lack of one."""
    text = " ".join(text.split())
    if len(text) > _LONGEST_SHOWN:
        text = text[: _LONGEST_SHOWN - 1] + "…"
    return f"“{text}”" if text else _NOTHING
