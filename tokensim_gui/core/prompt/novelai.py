"""Prompt weights as NovelAI reads and writes them.

After https://docs.novelai.net/image/strengthening-weakening.html: ``{x}`` multiplies by 1.05,
``[x]`` divides by it, ``1.5::x::`` sets a number, which may be negative. There are no escapes.
"""

import re
from collections.abc import Iterable

from tokensim_gui.core.prompt.parsed_prompt import (
    Converted,
    Parsed,
    Remark,
    Run,
    Span,
    edges,
    is_neutral,
    number,
)
from tokensim_gui.core.prompt.unpaired import closes_nothing, never_closed

STEP = 1.05

_UNITS = re.compile(r"(?<![\w.\-])(-?(?:\d+\.?\d*|\.\d+))::|::|[][{}]")
_NUMBER_JOINS = re.compile(r"[\w.\-]\Z")
_PAIRS = {"}": "{", "]": "["}
_BRACKETS = re.compile(r"[][{}]")


def parse(prompt: str) -> Parsed:
    """Read a prompt as NovelAI does; nothing makes it fail.

    A closing bracket without its opening one is text; an open one counts to the end.
    """
    spans: list[Span] = []
    opened: dict[str, list[int]] = {"{": [], "[": []}
    closing: dict[str, list[int]] = {"}": [], "]": []}
    strength: float | None = None
    start = 0

    def give_out(end: int) -> None:
        if start < end:
            weight = STEP ** min(max(len(opened["{"]) - len(opened["["]), -10_000), 10_000)
            weight *= 1.0 if strength is None else strength
            if spans and spans[-1].weight == weight:
                segment = spans[-1].segment
            else:
                segment = spans[-1].segment + 1 if spans else 0
            spans.append(Span(prompt[start:end], weight, start, end, segment))

    for match in _UNITS.finditer(prompt):
        unit = match[0]
        pair = _PAIRS.get(unit)
        if pair and not opened[pair]:
            closing[unit].append(match.start())
            continue
        if unit == "::" and strength is None:
            continue
        give_out(match.start())
        start = match.end()
        if match[1] is not None:
            strength = float(match[1])
        elif unit == "::":
            strength = None
        elif pair:
            opened[pair].pop()
        else:
            opened[unit].append(match.start())
    give_out(len(prompt))
    notes = []
    if "|" in prompt:
        notes.append("“|” mixes prompts in NovelAI's models up to V3; here it is read as text.")
    if "(" in prompt:
        notes.append("NovelAI sends ( ) as text.")
    unpaired: list[Remark] = []
    for bracket, factor in (("{", STEP), ("[", 1 / STEP)):
        fate = f"the weight of everything behind {{it}} is multiplied by {number(factor)}"
        telling = [place for place in opened[bracket] if spans and place < spans[-1].start]
        unpaired += never_closed(bracket, telling, fate)
    for bracket, places in closing.items():
        unpaired += closes_nothing(bracket, places)
    return Parsed(tuple(spans), tuple(notes), unpaired=tuple(unpaired))


def escape(text: str) -> str:
    """Return ``text`` without the brackets that NovelAI has no way to take literally."""
    return _BRACKETS.sub("", text).replace("::", ": :")


def write(runs: Iterable[Run]) -> Converted:
    """Write a prompt with explicit weights (models from V4 on)."""
    parts: list[str] = []
    lost: dict[str, None] = {}
    for run in runs:
        if run.raw:
            parts.append(run.text)
        elif run.kind != "text":
            lost[f"NovelAI has no {run.kind.upper()}: the parts follow one another."] = None
            parts.append(", ")
        else:
            for bracket in sorted(set(_BRACKETS.findall(run.text))):
                lost[f"“{bracket}” is left out: NovelAI has no way to write it as text."] = None
            if "::" in run.text:
                lost["“::” is written “: :”, which NovelAI takes as text."] = None
            lead, core, tail = edges(escape(run.text))
            if core and not is_neutral(run.weight):
                # “2024::” would be read as a number of its own
                gap = " " if core[-1].isdigit() or core[-1] in ".:" else ""
                core = f"{number(run.weight)}::{core}{gap}::"
                if not lead and _NUMBER_JOINS.search("".join(parts[-1:])):
                    lead = " "
            parts.append(lead + core + tail)
    return Converted("".join(parts), tuple(lost))
