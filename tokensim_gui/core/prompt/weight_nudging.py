"""Raising and lowering the weight of one word of a prompt while it is edited."""

import math
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple

from tokensim_gui.core.prompt.conversion import parse, write
from tokensim_gui.core.prompt.interfaces import Interface
from tokensim_gui.core.prompt.parsed_prompt import (
    Parsed,
    Range,
    Run,
    Span,
    SpanKind,
    Unsent,
    UnsentKind,
    is_neutral,
    segments,
)

# A full stop or the like behind a word is weighted only where it stands by itself.
_WORD: Final = re.compile(r"[^\s,]*[^\s,.;:!?]|[^\s,]+")
_ALL: Final = re.compile(r"\S(?:.*\S)?", re.DOTALL)
_MOST_SYNTAX: Final = 16  # characters of syntax on each side of a word, “((((” or “:1.234)”
_PARTED: Final = " ::"  # NovelAI would take “18::” for a number of its own
_CLOSE: Final = 1e-3  # weights are written with three decimals


def nudge_prompt_weight(
    prompt: str, cursor: int, step: float, interface: Interface
) -> tuple[str, int]:
    """Add ``step`` to the weight of the word under the cursor, as an interface writes it.

    Of ``a cat`` A1111 gets ``a (cat:1.1)``, compel ``a (cat)1.1``, NovelAI ``a 1.1::cat::``. Words
    that share a weight keep sharing it. A weight that comes back to 1 takes its syntax with it.

    Args:
        prompt: The prompt.
        cursor: Code-point position in it.
        step: Usually 0.1 or -0.1.
        interface: Who reads the prompt; ``plain`` knows no weights.

    Returns:
        The new prompt, of which the same is sent but for that weight, and a cursor at the end of
        the same word; unchanged where no word is under the cursor (what is not sent is none), or
        where the interface has no way to weight it.
    """
    before = _read(prompt, interface)
    units = [unit for unit in _units(prompt, before.parsed) if unit.left <= cursor <= unit.right]
    for unit in sorted(units, key=lambda unit: max(unit.start - cursor, cursor - unit.end, 0)):
        where = before.letters_from(unit.start, unit.end)
        for place in _places(unit):
            neutral = _rewritten(before, unit, place, 1.0, interface)
            for own in _own_weights(neutral, before, where, unit.weight):
                if not _rewritten(before, unit, place, own, interface).is_like(
                    before, where, unit.weight
                ):
                    continue
                nudged = _rewritten(before, unit, place, round(own + step, 3), interface)
                wanted = unit.weight * (own + step) / own if own else None
                if nudged.is_like(before, where, wanted):
                    return nudged.prompt, nudged.letters[where.stop - 1].place + 1
    return prompt, cursor


class _Letter(NamedTuple):
    """A character that is sent, or a mark between two prompts."""

    character: str
    kind: SpanKind
    weight: float
    place: int  # in the prompt


@dataclass(frozen=True, slots=True)
class _Reading:
    """A prompt and what is sent of it, letter by letter."""

    prompt: str
    parsed: Parsed
    letters: list[_Letter]

    def letters_from(self, start: int, end: int) -> range:
        """Which letters stand in ``prompt[start:end]``."""
        first = bisect_left(self.letters, start, key=lambda letter: letter.place)
        return range(first, bisect_left(self.letters, end, key=lambda letter: letter.place))

    def is_like(self, other: "_Reading", but: range, weight: float | None) -> bool:
        """Whether the same is sent with the same weights, but some letters with ``weight``.

        None is any other weight than they had.
        """
        own, others = self.beside(other, but)
        if [letter[:2] for letter in own] != [letter[:2] for letter in others]:
            return False
        for number, (mine, theirs) in enumerate(zip(own, others, strict=True)):
            if mine.character.isspace():
                continue
            if number not in but:
                alike = mine.weight == theirs.weight
            elif weight is None:
                alike = mine.weight != theirs.weight
            else:
                alike = math.isclose(mine.weight, weight, rel_tol=_CLOSE, abs_tol=_CLOSE)
            if not alike:
                return False
        return self._unsent() == other._unsent()

    def beside(self, other: "_Reading", but: range) -> tuple[list[_Letter], list[_Letter]]:
        """The letters of both, without a blank behind some that only one of the two needs."""
        if len(self.letters) == len(other.letters):
            return self.letters, other.letters
        return self._parted(but), other._parted(but)

    def _parted(self, but: range) -> list[_Letter]:
        """The letters without the blank that parts some from the syntax behind them."""
        letters, behind = self.letters, but.stop
        if behind >= len(letters) or not self.prompt.startswith(_PARTED, letters[behind].place):
            return letters
        after = letters[behind + 1 :]
        if after and after[0].place == letters[behind].place + 1:
            return letters  # the colons are text
        return [*letters[:behind], *after]

    def _unsent(self) -> list[tuple[UnsentKind, str]]:
        return [(mark.kind, self.prompt[mark.start : mark.end]) for mark in self.parsed.unsent]


def _read(prompt: str, interface: Interface) -> _Reading:
    parsed = parse(prompt, interface)
    letters = [
        _Letter(character, span.kind, span.weight, place)
        for span in parsed.spans
        for place, character in enumerate(span.text, span.start)
    ]
    return _Reading(prompt, parsed, letters)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A word, or words that share a weight.

    Attributes:
        text: As it is sent.
        weight: Effective weight.
        start: First character, a code-point index into the prompt.
        end: One past the last.
        left: Where the syntax before it begins.
        right: Where the syntax behind it ends.
    """

    text: str
    weight: float
    start: int
    end: int
    left: int
    right: int


def _units(prompt: str, parsed: Parsed) -> Iterator[_Unit]:
    taken = [character.isspace() for character in prompt]
    pieces: list[Span | Unsent] = [*parsed.spans, *parsed.unsent]
    for piece in pieces:
        taken[piece.start : piece.end] = [True] * (piece.end - piece.start)
    for segment in segments(parsed):
        if segment.kind != "text":
            continue
        words = _WORD if is_neutral(segment.weight) else _ALL
        for match in words.finditer(segment.text):
            start = left = segment.positions[match.start()]
            end = right = segment.positions[match.end() - 1] + 1
            while left > max(0, start - _MOST_SYNTAX) and not taken[left - 1]:
                left -= 1
            if prompt.startswith(_PARTED, right) and not taken[right + 1]:
                right += 1
            while right < min(len(prompt), end + _MOST_SYNTAX) and not taken[right]:
                right += 1
            yield _Unit(match[0], segment.weight, start, end, left, right)


def _places(unit: _Unit) -> list[Range]:
    """What could be written anew: the words with the syntax on their sides, all of it first."""
    starts = range(unit.left, unit.start + 1)
    ends = range(unit.end, unit.right + 1)
    return sorted(product(starts, ends), key=lambda pair: pair[0] - pair[1])


def _rewritten(
    before: _Reading, unit: _Unit, place: Range, weight: float, interface: Interface
) -> _Reading:
    written = write([Run(unit.text, weight)], interface).text
    start, end = place
    parted = before.prompt.startswith(_PARTED, unit.end) and end > unit.end
    if parted and written.endswith(unit.text) and before.prompt[end : end + 1].isalnum():
        written += " "  # it parts two words, too
    return _read(before.prompt[:start] + written + before.prompt[end:], interface)


def _own_weights(
    neutral: _Reading, before: _Reading, where: range, weight: float
) -> tuple[float, ...]:
    """The weights that could be written at the words themselves, for an effective ``weight``.

    In ComfyUI a number replaces the weights round it, elsewhere it multiplies them.

    Args:
        neutral: The prompt with the words written without a weight of their own.
        before: The prompt as it was.
        where: Which letters the words are.
        weight: Effective weight of the words.
    """
    letters, were = neutral.beside(before, where)
    if len(letters) != len(were):
        return ()
    outside = neutral.letters[where.start].weight
    return (weight, weight / outside) if outside not in (0, 1) else (weight,)
