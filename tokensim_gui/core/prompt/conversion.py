"""Prompt weights of four interfaces side by side, and from one to another."""

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from tokensim_gui.core.prompt import a1111, comfyui, compel, novelai, unsent
from tokensim_gui.core.prompt.interfaces import STEPS, TITLES, WITH_WEIGHTS, Interface
from tokensim_gui.core.prompt.parsed_prompt import (
    Converted,
    Parsed,
    Run,
    Span,
    Unsent,
    UnsentKind,
    number,
    segments,
)

_WRITE: dict[Interface, Callable[[Iterable[Run]], Converted]] = {
    "a1111": a1111.write,
    "comfyui": comfyui.write,
    "compel": compel.write,
    "novelai": novelai.write,
}
_ESCAPE: dict[Interface, Callable[[str], str]] = {
    "a1111": a1111.escape,
    "comfyui": comfyui.escape,
    "compel": compel.escape,
    "novelai": novelai.escape,
}
# As in the tokenizer of https://github.com/openai/CLIP, with letters and digits as re has them.
_CUT = re.compile(r"'(?:[stmd]|re|ve|ll)|[^\W\d_]+|\d|(?:[^\s\w]|_)+", re.IGNORECASE)
_MOST_SHOWN = 3
_MOST_COMPARED = 1_000_000  # pairs of units: a prompt of some thousand characters
_KNOWN_MARKS: dict[Interface, tuple[str, ...]] = {"a1111": ("break", "and")}
_SHARED: dict[UnsentKind, tuple[Interface, ...]] = {
    "wildcard": ("a1111", "compel"),
    "choice": ("a1111", "comfyui", "compel"),
}
_PARTS_NOTHING = "{} is left out where it parts no texts."
_NOT_CARRIED: dict[UnsentKind, str] = {
    "network": "The network tag “{}” is left out.",
    "wildcard": "The wildcard “{}” is left out.",
    "choice": "Of the choices “{}” only the first is kept.",
    "comment": "The comment “{}” is left out.",
    "editing": "The prompt editing “{}” is kept as it stands at the first step.",
    "embedding": "The embedding “{}” is left out.",
    "prompt weight": "The weight of the whole prompt, “{}”, is left out.",
}


def parse(prompt: str, interface: Interface, *, alone: bool = False, steps: int = STEPS) -> Parsed:
    """Read a prompt as an interface does; nothing makes it fail.

    Args:
        prompt: The prompt.
        interface: Who reads it.
        alone: Without the extensions that `interfaces.ASSUMED` names.
        steps: Sampling steps, of which A1111's prompt editing takes fractions.
    """
    if interface == "plain":
        return Parsed((Span(prompt, 1.0, 0, len(prompt)),) if prompt else ())
    if interface == "a1111":
        return a1111.parse(prompt, steps=steps, wildcards=not alone)
    if interface == "compel":
        return compel.parse(prompt, wildcards=not alone)
    return comfyui.parse(prompt) if interface == "comfyui" else novelai.parse(prompt)


def write(runs: Iterable[Run], interface: Interface) -> Converted:
    """Write weighted texts for an interface; ``plain`` drops the weights."""
    if interface == "plain":
        return Converted("".join(run.text for run in runs if run.kind == "text"))
    return _WRITE[interface](runs)


def escape(text: str, interface: Interface) -> str:
    """Return a text as it must be typed so that an interface takes it literally."""
    return text if interface == "plain" else _ESCAPE[interface](text)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the prompt over which no interface changes its mind.

    Attributes:
        start: First character, a code-point index.
        end: One past the last.
        weights: Effective weight of each of `interfaces.WITH_WEIGHTS`; None where it sends nothing.
    """

    start: int
    end: int
    weights: tuple[float | None, ...]


def side_by_side(prompt: str, steps: int = STEPS) -> tuple[Stretch, ...]:
    """Return the effective weights of every character under each of `interfaces.WITH_WEIGHTS`."""
    rows = [
        [span for span in parse(prompt, interface, steps=steps).spans if span.kind == "text"]
        for interface in WITH_WEIGHTS
    ]
    starts = [[span.start for span in row] for row in rows]
    cuts = {0, len(prompt)}.union(*({span.start, span.end} for row in rows for span in row))
    ordered = sorted(cuts)
    return tuple(
        Stretch(
            start,
            end,
            tuple(_weight_at(row, begins, start) for row, begins in zip(rows, starts, strict=True)),
        )
        for start, end in pairwise(ordered)
    )


def _weight_at(row: list[Span], starts: list[int], place: int) -> float | None:
    at = bisect_right(starts, place) - 1
    return row[at].weight if at >= 0 and place < row[at].end else None


def convert(prompt: str, source: Interface, target: Interface, steps: int = STEPS) -> Converted:
    """Write a prompt of one interface for another, with every weight explicit.

    Prompt editing is written as it stands at the first of ``steps``.

    Returns:
        The prompt alone, at most three decimals, nothing where the weight is 1; and what could
        not be carried over.
    """
    parsed = parse(prompt, source, steps=steps)
    lost: dict[str, None] = {}
    runs = _runs(prompt, parsed, source, target, lost)
    begins = bool(parsed.unsent) and (
        not parsed.spans or parsed.unsent[0].start < parsed.spans[0].start
    )
    written = write(runs if source == target else _closed_up(runs, target, begins, lost), target)
    told = _cut_otherwise(parsed, parse(written.text, target, steps=steps), target)
    return Converted(written.text, (*lost, *written.lost, *told))


def _cut_otherwise(here: Parsed, there: Parsed, target: Interface) -> Iterator[str]:
    """Say where the same characters are cut into other tokens, as punctuation is that touches.

    CLIP's tokenizers look at words, and rows of punctuation, one by one.
    """
    cut, cut_there = (
        [unit for part in segments(read) if part.kind == "text" for unit in _CUT.findall(part.text)]
        for read in (here, there)
    )
    if cut == cut_there:
        return
    is_same_text = "".join(cut) == "".join(cut_there)
    shown: dict[str, None] = {}
    for before, after in (_regrouped if is_same_text else _regrouped_at_commas)(cut, cut_there):
        words, otherwise = ("” and “".join(units) for units in (before, after))
        shown[f"“{words}” {'are' if len(before) > 1 else 'is'} “{otherwise}” there"] = None
    if not shown:
        return
    some = list(shown)[:_MOST_SHOWN]
    more = f", and {len(shown) - len(some)} more" if len(shown) > len(some) else ""
    yield f"{TITLES[target]} cuts what touches into other tokens: {', '.join(some)}{more}."


def _regrouped(one: list[str], other: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the stretches between common ends in which two cuts of the same text differ."""
    ends = [list(accumulate(map(len, units))) for units in (one, other)]
    at = [0, 0]
    for end in sorted(set(ends[0]) & set(ends[1])):
        after = [bisect_right(places, end) for places in ends]
        before, at = at, after
        if after[0] - before[0] != 1 or after[1] - before[1] != 1:
            yield one[before[0] : after[0]], other[before[1] : after[1]]


def _regrouped_at_commas(one: list[str], other: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """The same where a comma between was left out: stretches that are alike but for commas."""
    if len(one) * len(other) > _MOST_COMPARED:
        return
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        before, after = one[a:b], other[c:d]
        text, there = ("".join(units).replace(",", "") for units in (before, after))
        if tag == "replace" and text == there != "":
            yield before, after


def _runs(
    prompt: str, parsed: Parsed, source: Interface, target: Interface, lost: dict[str, None]
) -> Iterator[Run]:
    """Yield what is to be written, neighbours of equal weight as one."""
    held: Run | None = None
    segment = done = -1
    drawn = unsent.drawn(parsed.unsent)
    pieces: list[Span | Unsent] = [*parsed.spans, *parsed.unsent]
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if isinstance(piece, Span) and piece.kind == "text":
            weight = piece.weight
            if not math.isfinite(weight):
                lost[f"The weight {weight} is no number to write; 1 is written."] = None
                weight = 1.0
            text = piece.text
            if held and not held.text[-1:].isspace() and not text[:1].isspace():
                gap = prompt[done : piece.start]
                same = number(weight) == number(held.weight)
                ends_word, begins_word = held.text[-1:].isalnum(), text[:1].isalnum()
                touching = ends_word and begins_word
                apart = same or (target == "plain" and ends_word == begins_word)
                # what was tokenized apart must not grow together
                if any(map(str.isspace, gap)) or (apart and piece.segment != segment):
                    text = " " + text
                elif same and piece.glue and touching:
                    text = " " + text
            if held and number(weight) == number(held.weight):
                held = Run(held.text + text, held.weight)
            else:
                if held:
                    yield held
                held = Run(text, weight)
            segment = piece.segment
        else:
            if held:
                yield held
                held = None
            if isinstance(piece, Span):
                yield Run(piece.text, kind=piece.kind)
            elif source == target or piece.kind != "choice" or piece.whole in drawn:
                yield from _carried(prompt, piece, source, target, lost)
        done = piece.end
    if held:
        yield held


def _closed_up(
    runs: Iterable[Run], target: Interface, begins: bool, lost: dict[str, None]
) -> list[Run]:
    """Take away the spaces that stood round what is left out, or round a mark not carried over.

    Writers put their own spaces round a mark, and a comma for one that they don't know; for
    ``plain`` it becomes a space.

    Args:
        runs: What is to be written.
        target: For whom.
        begins: Whether the prompt began with what is left out.
        lost: Where to say which marks parted nothing and are left out.
    """
    done: list[Run] = []
    known = _KNOWN_MARKS.get(target, ()) if target != "plain" else ("break", "and", "blend")
    parted = begins  # whether a comma at the start of the next text would follow another, or none
    for run in runs:
        blank = not done or done[-1].kind != "text" or done[-1].text[-1:].isspace()
        if run.kind == "text" and run.raw:
            parted = False
        elif run.kind == "text":
            text = run.text.lstrip(" ,\n" if parted else None) if parted or blank else run.text
            if text.lstrip().startswith(","):
                _strip_end(done, None)
                before = done[-1] if done else Run("")
                if before.text.endswith(",") and not before.raw and before.weight == run.weight:
                    text = text.lstrip()[1:]  # one of the two was its own
            parted = parted and not text
            run = replace(run, text=text)
        elif run.kind not in known:
            _strip_end(done, " ,\n")
            if not done or done[-1].kind != "text":  # nothing to part it from
                lost[_PARTS_NOTHING.format(run.kind.upper())] = None
                parted = parted or not done
                continue
            parted = True
        elif target == "plain":
            name = run.kind.upper()
            lost[f"Plain text has no {name}: the parts follow one another."] = None
            parted = not done or done[-1].text.rstrip()[-1:] in ("", ",")
            run = Run("" if blank else " ")
        else:
            _strip_end(done, None)
        if run.text or run.kind != "text":
            done.append(run)
    if done and done[-1].kind != "text" and done[-1].kind not in known:
        lost[_PARTS_NOTHING.format(done.pop().kind.upper())] = None
    return done


def _strip_end(runs: list[Run], characters: str | None) -> None:
    """Strip the end of what is written so far; syntax and marks stay."""
    while runs and runs[-1].kind == "text" and not runs[-1].raw:
        last = runs.pop()
        if text := last.text.rstrip(characters):
            runs.append(replace(last, text=text))
            return


def _carried(
    prompt: str, mark: Unsent, source: Interface, target: Interface, lost: dict[str, None]
) -> Iterator[Run]:
    """Yield an unsent piece where the target knows its syntax, else name it."""
    text = prompt[mark.start : mark.end]
    name = text.removeprefix("embedding:")
    if mark.kind == "wildcard" and target == "comfyui":
        lost[f"“{text}” is text in ComfyUI; only wildcard nodes fill it in."] = None
        yield Run(text, raw=True)
    elif source == target or target in _SHARED.get(mark.kind, ()):
        yield Run(text, raw=True)
    elif mark.kind == "embedding" and target in ("a1111", "compel"):
        yield Run(name if target == "a1111" else f"<{name}>", raw=True)
    else:
        start, end = mark.whole or (mark.start, mark.end)
        lost[_NOT_CARRIED[mark.kind].format(prompt[start:end].strip())] = None
