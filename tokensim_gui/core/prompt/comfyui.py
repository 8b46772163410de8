r"""Prompt weights as ComfyUI reads and writes them.

After ``comfy/sd1_clip.py`` of https://github.com/Comfy-Org/ComfyUI: ``(x)`` multiplies by 1.1,
an explicit ``(x:1.2)`` replaces the weight round it, ``[x]`` is text. Each weighted piece is
tokenized by itself, also next to one of equal weight. Its window draws the choices before
(``processDynamicPrompt`` of https://github.com/Comfy-Org/ComfyUI_frontend), which takes the
backslash off ``\{``, ``\|`` and ``\}``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tokensim_gui.core.prompt import unsent
from tokensim_gui.core.prompt.parsed_prompt import (
    Converted,
    Kept,
    Parsed,
    Remark,
    Run,
    Span,
    Unsent,
    edges,
    is_neutral,
    number,
)
from tokensim_gui.core.prompt.unpaired import closes_nothing, in_prompt, never_closed

ROUND = 1.1

_PARENTHESIS = re.compile(r"(?<!\\)[()]")
_ESCAPE = re.compile(r"\\(?=[(){}|])")
_EMBEDDING = re.compile(r"embedding:([^\s<[]*[^\s<[,])")
_SYNTAX = re.compile(r"[(){}]|(?<=\\)\|")  # a bar by itself is text outside of braces
_LONGEST_NUMBER = 400


def parse(prompt: str, *, wildcards: bool = False) -> Parsed:
    """Read a prompt as ComfyUI does; nothing makes it fail.

    Args:
        prompt: The prompt.
        wildcards: Whether nodes of an extension fill in ``__name__``; by itself it is text.
    """
    comments = unsent.slash_comments(prompt)
    drawn = unsent.choices(prompt, need_bar=False, removed=comments)
    names = unsent.found(unsent.WILDCARD, "wildcard", prompt) if wildcards else []
    marks = unsent.without_overlaps([*comments, *names, *drawn])
    kept = Kept.without(prompt, unsent.ranges(marks))
    text = kept.text
    spans: list[Span] = []
    embeddings: list[Unsent] = []
    unpaired = _Unpaired()
    segment = 0
    for start, end, weight in _weighted(text, unpaired):
        for first, last in _between_embeddings(text, start, end, kept, embeddings):
            for begin, stop in _unescaped(text, first, last):
                spans += [
                    Span(prompt[left:right], weight, left, right, segment)
                    for left, right in kept.pieces(begin, stop)
                ]
            segment += 1
    return Parsed(
        tuple(spans),
        _notes(text, marks, embeddings),
        unsent.without_overlaps([*marks, *embeddings]),
        unpaired=unpaired.remarks(kept),
    )


@dataclass(slots=True)
class _Level:
    """Where the reading of one nesting level stands."""

    at: int  # index of the next parenthesis
    end: int  # end of the level in the text
    weight: float
    item: int  # start of the text not yet given out
    depth: int = 0  # below zero after a stray “)”, which makes the next “(” text


@dataclass(slots=True)
class _Unpaired:
    """Parentheses that are text for want of a partner, as places in the text."""

    never_closed: list[int] = field(default_factory=list)
    closing: list[int] = field(default_factory=list)
    spoiled: bool = False  # whether a “)” made a “(” text

    def remarks(self, kept: Kept) -> tuple[Remark, ...]:
        more = ", and so is the next “(”" if self.spoiled else ""
        fate = "{it} and everything behind it are sent as text, weights too"
        return (
            *never_closed("(", in_prompt(kept, self.never_closed), fate),
            *closes_nothing(")", in_prompt(kept, self.closing), more),
        )


def _weighted(text: str, unpaired: _Unpaired) -> Iterator[tuple[int, int, float]]:
    """Yield the ranges between parentheses with their weights, and gather those unpaired."""
    places: list[int] = []
    partner: dict[int, int] = {}
    unmatched: list[int] = []
    for match in _PARENTHESIS.finditer(text):
        if match[0] == "(":
            unmatched.append(len(places))
        elif unmatched:
            partner[unmatched.pop()] = len(places)
        places.append(match.start())
    levels = [_Level(0, len(text), 1.0, 0)]
    while levels:
        level = levels[-1]
        group = _next_group(text, level, places, unpaired)
        if level.item < group:
            yield level.item, group, level.weight
        if group == level.end:
            levels.pop()
            continue
        close = partner.get(level.at)
        if close is not None and places[close] < level.end:
            inner = _Level(level.at + 1, places[close], level.weight * ROUND, group + 1)
            level.at, level.item = close + 1, places[close] + 1
        else:  # never closed: still a group if the level happens to end in “)”
            last = level.end - 1
            if last == group or text[last] != ")" or text[last - 1] == "\\":
                unpaired.never_closed.append(group)
                yield group, level.end, level.weight
                levels.pop()
                continue
            inner = _Level(level.at + 1, last, level.weight * ROUND, group + 1)
            level.at, level.item = len(places), level.end
        _read_number(text, inner)
        levels.append(inner)


def _next_group(text: str, level: _Level, places: list[int], unpaired: _Unpaired) -> int:
    """Return where the next group of a level begins, or its end."""
    while level.at < len(places) and places[level.at] < level.end:
        place = places[level.at]
        if text[place] == ")":
            level.depth -= 1
            unpaired.closing.append(place)
        elif level.depth == 0:
            return place
        else:
            level.depth += 1
            unpaired.spoiled = True
        level.at += 1
    return level.end


def _read_number(text: str, level: _Level) -> None:
    """Take an explicit weight off the end of a group."""
    colon = text.rfind(":", max(level.item + 1, level.end - _LONGEST_NUMBER), level.end)
    if colon < 0:
        return
    try:
        level.weight = float(text[colon + 1 : level.end])
    except ValueError:
        return
    level.end = colon


def _between_embeddings(
    text: str, start: int, end: int, kept: Kept, embeddings: list[Unsent]
) -> Iterator[tuple[int, int]]:
    """Yield the texts round ``embedding:name``, marking the latter."""
    for match in _EMBEDDING.finditer(text, start, end):
        if match.start() > start and not text[match.start() - 1].isspace():
            continue
        yield start, match.start()
        embeddings += [Unsent("embedding", *pair) for pair in kept.pieces(*match.span())]
        start = match.end()
    yield start, end


def _unescaped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _ESCAPE.finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end


def _notes(text: str, marks: Iterable[Unsent], embeddings: list[Unsent]) -> tuple[str, ...]:
    notes: list[str] = []
    if "[" in text or "]" in text:
        notes.append("ComfyUI sends [ ] as text.")
    if unsent.NETWORK.search(text):
        notes.append("ComfyUI itself sends “<lora:…>” as text; only some nodes take it out.")
    if unsent.WILDCARD.search(text):
        notes.append("ComfyUI itself sends __wildcards__ as text; only some nodes fill them in.")
    if "BREAK" in text:
        notes.append("ComfyUI sends BREAK as a word.")
    if unsent.drawn(marks):
        notes.append("Of {a|b} the first is counted; ComfyUI draws one of them.")
    if embeddings:
        notes.append("An embedding takes as many places as it has vectors; they are not counted.")
    return tuple(notes)


def escape(text: str) -> str:
    """Return ``text`` so that ComfyUI takes its parentheses and braces literally."""
    return _SYNTAX.sub(r"\\\g<0>", text)


def write(runs: Iterable[Run]) -> Converted:
    """Write a prompt with explicit weights."""
    written = ""
    parts: list[str] = []
    lost: dict[str, None] = {}
    for run in runs:
        if run.raw:
            part = run.text
        elif run.kind != "text":
            lost[f"ComfyUI has no {run.kind.upper()}: the parts follow one another."] = None
            part = ", "
        else:
            if "//" in run.text or "/*" in run.text:
                lost["“//” and “/*” begin a comment in ComfyUI: what follows is not sent."] = None
            lead, core, tail = edges(run.text)
            core = escape(core)
            if core and not is_neutral(run.weight):
                core = f"({core}:{number(run.weight)})"
            part = lead + core + tail
        if part.startswith(("(", "{")) and written.endswith("\\"):
            parts.append(" ")  # else the backslash would escape the bracket
        parts.append(part)
        written = part or written
    if written.endswith("\\"):
        parts.append(" ")  # its window takes whatever follows a backslash, and “undefined” for none
    return Converted("".join(parts), tuple(lost))
