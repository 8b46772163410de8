"""Prompt weights as A1111 and Forge read and write them.

After ``modules/prompt_parser.py`` of https://github.com/AUTOMATIC1111/stable-diffusion-webui
(Forge differs only in allowing white space round the number). Nesting multiplies. Neighbours of
equal weight are tokenized as one text, so ``(un)(der)`` is the word “under”.
"""

import re
from collections.abc import Iterable

import numpy as np

from tokensim_gui.core.prompt import unsent
from tokensim_gui.core.prompt.a1111_schedule import edits
from tokensim_gui.core.prompt.interfaces import STEPS
from tokensim_gui.core.prompt.parsed_prompt import (
    Converted,
    Kept,
    Parsed,
    Range,
    Remark,
    Run,
    Span,
    SpanKind,
    Unsent,
    edges,
    is_neutral,
    number,
)
from tokensim_gui.core.prompt.unpaired import closes_nothing, in_prompt, never_closed

ROUND = 1.1
SQUARE = 1 / 1.1

_UNITS = re.compile(r"\\[][()\\]?|[][(]|:\s{0,20}([+-]?[.\d]+)\s{0,20}\)|\)|[^][\\():]+|:")
_BREAK = re.compile(r"\bBREAK\b")
_SPACE = re.compile(r"\s+")
_AND = re.compile(r"\bAND\b")
_PROMPT_WEIGHT = re.compile(r"\s*:\s*[-+]?(?:\d+\.?|\d*\.\d+)\s*\Z")
_PROMPT_WEIGHT_LENGTH = 64
_SYNTAX = re.compile(r"[][()\\]")


def parse(prompt: str, *, steps: int = STEPS, wildcards: bool = True) -> Parsed:
    """Read a prompt as A1111 does; nothing makes it fail.

    Prompt editing is shown as it stands at the first step. ``BREAK`` inside of brackets is sent
    as a word, as in A1111, which recognises the mark by its untouched weight of -1.

    Args:
        prompt: The prompt.
        steps: Sampling steps, of which the fractions in prompt editing are parts.
        wildcards: Whether an extension fills in ``__name__`` and ``{a|b}``; else they are text.
    """
    removed = unsent.without_overlaps(
        [
            *unsent.found(unsent.HASH_COMMENT, "comment", prompt),
            *unsent.found(unsent.NETWORK, "network", prompt),
            *(unsent.found(unsent.WILDCARD, "wildcard", prompt) if wildcards else ()),
            *(unsent.choices(prompt, need_bar=True) if wildcards else ()),
        ]
    )
    whole = Kept.without(prompt, unsent.ranges(removed))
    marks = list(removed)
    spans: list[Span] = []
    notes: dict[str, None] = {}
    schedules: list[Remark] = []
    unpaired: dict[str, list[int]] = {bracket: [] for bracket in "([)]"}
    start = 0
    for separator in [*_AND.finditer(whole.text), None]:
        stop = separator.start() if separator else len(whole.text)
        weighted = _PROMPT_WEIGHT.search(whole.text, max(start, stop - _PROMPT_WEIGHT_LENGTH), stop)
        end = weighted.start() if weighted else stop
        if weighted:
            marks += [Unsent("prompt weight", *pair) for pair in whole.pieces(end, stop)]
        edited: list[Range] = []
        for edit in edits(whole.text[start:end], steps):
            places = whole.pieces(start + edit.start, start + edit.end)
            construct = (places[0][0], places[-1][1])
            schedules.append(Remark(edit.words, *construct))
            for first, last in edit.removed:
                edited.append((start + first, start + last))
                places = whole.pieces(*edited[-1])
                marks += [Unsent("editing", *place, construct) for place in places]
        _read(whole.part(start, end, edited), spans, notes, unpaired)
        if separator:
            notes["AND: the parts are encoded one by one and mixed in the picture."] = None
            first, last = whole.pieces(*separator.span())[0]
            spans.append(Span("AND", 1.0, first, last, _next_segment(spans), "and"))
            start = separator.end()
    kinds = {mark.kind for mark in marks}
    if "editing" in kinds:
        notes["Prompt editing is shown as it stands at the first step."] = None
    if "wildcard" in kinds:
        notes["__wildcards__ are filled in by an extension; without one they are sent."] = None
    if "choice" in kinds:
        notes["Of {a|b} the first is counted; an extension draws one of them."] = None
    behind = "everything behind {it}" + (" in its part" if start else "")
    remarks: list[Remark] = []
    for bracket, factor in (("(", ROUND), ("[", SQUARE)):
        fate = f"the weight of {behind} is multiplied by {number(factor)}"
        remarks += never_closed(bracket, unpaired[bracket], fate)
    for bracket in ")]":
        remarks += closes_nothing(bracket, unpaired[bracket])
    schedules.sort(key=lambda schedule: schedule.start)
    sent = unsent.without_overlaps(marks)
    return Parsed(tuple(spans), tuple(notes), sent, tuple(schedules), tuple(remarks))


def _read(
    part: Kept, spans: list[Span], notes: dict[str, None], unpaired: dict[str, list[int]]
) -> None:
    """Append the spans of one prompt of those that AND separates, and its unpaired brackets."""
    pieces: list[Range] = []
    breaks: list[int] = []
    factors: list[tuple[int, int, float]] = []  # first piece, one past the last, factor
    round_open: list[tuple[int, int]] = []  # next piece, place in the text
    square_open: list[tuple[int, int]] = []
    is_error = False
    for match in _UNITS.finditer(part.text):
        unit = match[0]
        weight = _float(match[1]) if match[1] else None
        if unit[0] == "\\":  # a backslash before anything else vanishes, leaving an empty piece
            pieces.append((match.start() + 1, match.end()))
        elif unit == "(":
            round_open.append((len(pieces), match.start()))
        elif unit == "[":
            square_open.append((len(pieces), match.start()))
        elif weight is not None and round_open:
            factors.append((round_open.pop()[0], len(pieces), weight))
        elif unit == ")" and round_open:
            factors.append((round_open.pop()[0], len(pieces), ROUND))
        elif unit == "]" and square_open:
            factors.append((square_open.pop()[0], len(pieces), SQUARE))
        else:
            if match[1] and weight is None:
                notes[f"“{unit[:40]}” is not a number: A1111 stops with an error."] = None
                is_error = True
            elif unit[-1] in ")]":
                unpaired[unit[-1]] += in_prompt(part, [match.end() - 1])
            _split_at_breaks(part.text, match.span(), pieces, breaks)
    for bracket, opened, factor in (("(", round_open, ROUND), ("[", square_open, SQUARE)):
        factors += [(first, len(pieces), factor) for first, _ in opened]
        if not is_error:
            telling = [place for first, place in opened if first < len(pieces)]
            unpaired[bracket] += in_prompt(part, telling)
    weights = np.ones(len(pieces))
    weights[breaks] = -1.0
    # One factor after the other, inner brackets first: A1111 joins neighbours whose
    # floating-point weights are equal, so their rounding counts.
    with np.errstate(all="ignore"):
        for first_piece, last_piece, factor in factors:
            if first_piece < last_piece:
                weights[first_piece:last_piece] *= factor
    segment = _next_segment(spans) - 1
    before: float | None = None
    for (first, last), weight in zip(pieces, weights.tolist(), strict=True):
        if weight != before:
            segment += 1
            before = weight
        for start, stop in part.pieces(first, last):
            text = part.prompt[start:stop]
            is_break = text == "BREAK" and weight == -1.0
            kind: SpanKind = "break" if is_break else "text"
            spans.append(Span(text, weight, start, stop, segment, kind))
            if text == "BREAK" and not is_break:
                notes["BREAK inside of brackets is sent as a word."] = None


def _next_segment(spans: list[Span]) -> int:
    return spans[-1].segment + 1 if spans else 0


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _split_at_breaks(text: str, span: Range, pieces: list[Range], breaks: list[int]) -> None:
    """Append a plain text, with each BREAK as a piece of its own between two others."""
    start, end = span
    for match in _BREAK.finditer(text, start, end):
        pieces.append((start, start + len(text[start : match.start()].rstrip())))
        breaks.append(len(pieces))
        pieces.append(match.span())
        gap = _SPACE.match(text, match.end(), end)
        start = gap.end() if gap else match.end()
    pieces.append((start, end))


def escape(text: str) -> str:
    """Return ``text`` so that A1111 takes its brackets and backslashes literally."""
    return _SYNTAX.sub(r"\\\g<0>", text)


def write(runs: Iterable[Run]) -> Converted:
    """Write a prompt with explicit weights."""
    parts: list[str] = []
    prompt: list[tuple[str, bool]] = []  # since the last AND: what is written, and if it is raw
    lost: dict[str, None] = {}
    for run in runs:
        if run.raw:
            prompt.append((run.text, True))
        elif run.kind == "and":
            parts += [_not_weighted(prompt), " AND "]
            prompt = []
        elif run.kind == "break":
            prompt.append((" BREAK ", False))
        elif run.kind == "blend":
            lost["A1111 has no blend: the parts follow one another."] = None
            prompt.append((", ", False))
        else:
            lead, core, tail = edges(_defused(run.text, lost))
            core = escape(core)
            if core and not is_neutral(run.weight):
                core = f"({core}:{number(run.weight)})"
            prompt.append((lead + core + tail, False))
    return Converted("".join([*parts, _not_weighted(prompt)]), tuple(lost))


def _not_weighted(prompt: list[tuple[str, bool]]) -> str:
    """Join one prompt of those that AND separates; a text that ends in “:2” is to stay its text.

    A weight of the prompt itself comes as a raw run, and is one.
    """
    pieces = [text for text, _raw in prompt]
    sent = "".join(text for text, raw in prompt if not raw)
    own = any(raw and _PROMPT_WEIGHT.fullmatch(text) for text, raw in prompt)
    if not own and _PROMPT_WEIGHT.search(sent, max(0, len(sent) - _PROMPT_WEIGHT_LENGTH)):
        last = max(at for at, (text, raw) in enumerate(prompt) if text and not raw)
        pieces.insert(last + 1, "()")
    return "".join(pieces)


def _defused(text: str, lost: dict[str, None]) -> str:
    """Return a text without the words that A1111 would obey."""
    if "#" in text:
        lost["“#” begins a comment in A1111: what follows it on its line is not sent."] = None
    for word in ("BREAK", "AND"):
        text, count = re.subn(rf"\b{word}\b", word.capitalize(), text)
        if count:
            lost[f"The word “{word}” is written “{word.capitalize()}”."] = None
    if unsent.WILDCARD.search(text):
        lost["“__name__” is text there, but a wildcard to extensions of A1111."] = None
    if unsent.NETWORK.search(text):
        lost["“<name:…>” is text there, but loads a network in A1111."] = None
    return text
