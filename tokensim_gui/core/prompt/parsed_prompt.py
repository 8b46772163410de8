"""What a user interface sends of a prompt: weighted spans, and marks on what is not sent."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

SpanKind: TypeAlias = Literal["text", "break", "and", "blend"]
UnsentKind: TypeAlias = Literal[
    "network", "wildcard", "choice", "comment", "editing", "embedding", "prompt weight"
]

Range: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the prompt that is sent, or a mark between two separately encoded parts.

    Attributes:
        text: The piece as it is sent; always ``prompt[start:end]``.
        weight: Effective weight of every character in it.
        start: First character, a code-point index into the prompt.
        end: One past the last character.
        segment: Pieces of one segment are joined and tokenized as one text.
        kind: ``break`` fills the chunk with padding; ``and`` and ``blend`` begin a prompt that
            is encoded by itself. Only ``text`` is sent.
        glue: What the interface puts between the piece before it and this one, of one segment.
    """

    text: str
    weight: float
    start: int
    end: int
    segment: int = 0
    kind: SpanKind = "text"
    glue: str = ""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A piece of the prompt that the encoder never sees.

    Attributes:
        kind: What it is.
        start: First character, a code-point index into the prompt.
        end: One past the last character.
        whole: The construct that it is a part of, None if it is one by itself.
    """

    kind: UnsentKind
    start: int
    end: int
    whole: Range | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """What there is to say about a place in the prompt.

    Attributes:
        words: A sentence.
        start: First character, a code-point index into the prompt.
        end: One past the last.
    """

    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A prompt as one interface reads it.

    Attributes:
        spans: In the order of the prompt. Characters in no span are syntax, or unsent.
        notes: Sentences for the user about what is not as it looks, anywhere in the prompt.
        unsent: In the order of the prompt, apart from each other.
        schedules: What changes while the picture is made, and at which step, in the order of the
            prompt; spans and marks are those of the first step.
        unpaired: Brackets without a partner, each kind at its first place.
    """

    spans: tuple[Span, ...]
    notes: tuple[str, ...] = ()
    unsent: tuple[Unsent, ...] = ()
    schedules: tuple[Remark, ...] = ()
    unpaired: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A text that is tokenized by itself.

    Attributes:
        text: The text that the tokenizer gets.
        positions: For each character of ``text`` its place in the prompt.
        weight: Its weight.
        kind: As in `Span`.
    """

    text: str
    positions: tuple[int, ...] | range
    weight: float
    kind: SpanKind


def segments(parsed: Parsed) -> Iterator[Segment]:
    """Yield the texts that are tokenized one by one, with the way back into the prompt."""
    for _, group in groupby(parsed.spans, key=lambda span: span.segment):
        spans = tuple(group)
        first = spans[0]
        if len(spans) == 1:
            yield Segment(first.text, range(first.start, first.end), first.weight, first.kind)
            continue
        text = first.text
        positions = [*range(first.start, first.end)]
        for span in spans[1:]:
            text += span.glue + span.text
            positions += [*[positions[-1]] * len(span.glue), *range(span.start, span.end)]
        yield Segment(text, tuple(positions), first.weight, first.kind)


class Kept:
    """Some ranges of a prompt as one text, and the way back to the prompt."""

    def __init__(self, prompt: str, ranges: Iterable[Range]) -> None:
        self.prompt = prompt
        self._pieces = [(start, end) for start, end in ranges if start < end]
        self._starts: list[int] = []  # of each piece, in the text
        length = 0
        for start, end in self._pieces:
            self._starts.append(length)
            length += end - start
        self.text = "".join(prompt[start:end] for start, end in self._pieces)

    @classmethod
    def without(cls, prompt: str, removed: Iterable[Range]) -> "Kept":
        """Keep all of a prompt but some ranges."""
        return cls(prompt, _others(removed, 0, len(prompt)))

    def part(self, start: int, end: int, removed: Iterable[Range]) -> "Kept":
        """Keep ``text[start:end]`` but some ranges of it."""
        others = _others(removed, start, end)
        return Kept(self.prompt, [piece for pair in others for piece in self.pieces(*pair)])

    def pieces(self, start: int, end: int) -> list[Range]:
        """Return the ranges of the prompt that ``text[start:end]`` came from."""
        found: list[Range] = []
        at = bisect_right(self._starts, start) - 1
        while start < end:
            first, last = self._pieces[at]
            offset = first - self._starts[at]
            stop = min(end, last - offset)
            found.append((start + offset, stop + offset))
            start = stop
            at += 1
        return found


def _others(removed: Iterable[Range], start: int, end: int) -> Iterator[Range]:
    """Yield what lies between some ranges, which may overlap."""
    for first, last in sorted(removed):
        if start < first:
            yield start, first
        start = max(start, last)
    if start < end:
        yield start, end


def number(weight: float) -> str:
    """Return a weight as prompts write it: at most three decimals, no trailing zeros."""
    text = f"{weight:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def is_neutral(weight: float) -> bool:
    """Whether a weight is written without any syntax: 1 after rounding to three decimals."""
    return number(weight) == "1"


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a prompt to be written.

    Attributes:
        text: The text itself, not escaped; of a raw run what is written as it is.
        weight: Its effective weight.
        kind: As in `Span`.
        raw: Whether ``text`` is syntax of the interface it is written for.
    """

    text: str
    weight: float = 1.0
    kind: SpanKind = "text"
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Converted:
    """A written prompt.

    Attributes:
        text: The prompt alone.
        lost: What could not be carried over, one sentence each.
    """

    text: str
    lost: tuple[str, ...] = ()


def edges(text: str) -> tuple[str, str, str]:
    """Split a text into leading white space, core and trailing white space."""
    core = text.strip()
    if not core:
        return text, "", ""
    start = text.index(core)
    return text[:start], core, text[start + len(core) :]
