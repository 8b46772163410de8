"""Where the chips of a prompt go: chunks as frames, lines that wrap, brackets round words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

from tokensim_gui.core.prompt.chunks import Chunk
from tokensim_gui.core.prompt.parsed_prompt import Unsent, number
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.glyphs import Face

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.prompt_tokens import PromptTokens

UNSENT_WORDS = {
    "network": "A network tag: the encoder never sees it",
    "wildcard": "A wildcard: something else is put here before the prompt is sent",
    "choice": "A choice: one of its texts is sent, here the first",
    "comment": "A comment: the encoder never sees it",
    "editing": "Prompt editing: this is not sent at the first step",
    "embedding": "An embedding: its own vectors are put here instead of tokens",
    "prompt weight": "The weight of the whole prompt: it is not sent as text",
}
_END_WORDS = {
    "comma": "ends after a comma, so that what follows stays together",
    "whole": "ends early, so that what follows stays together",
    "sentence": "ends with a sentence",
    "clause": "ends with a clause, as no sentence does",
    "word": "ends with a word, so that the next one stays whole",
    "break": "ends at BREAK",
    "and": "ends at AND",
    "blend": "ends with this part of the blend",
}
_MOST_UNSENT = 32
_PAD = 9.0
_GAP = 4.0
_BRACKET = 7.0  # room over a chip
_UNDER = 6.0  # and below
_BRACKET_REACH = 3.0


@dataclass(frozen=True, slots=True)
class Item:
    """What a chip says.

    Attributes:
        token: Index of its token; -1 for padding and what is not sent.
        face: What is written in it.
        note: What is written behind that, small: a weight, or that it is not sent.
        weight: Its weight.
        cut: Whether the encoder cuts it off.
        place: Characters of the prompt that it stands for.
        word: Number of its word, -1 for none.
        tip: More to know, of boxes that are no tokens.
    """

    token: int
    face: Face
    note: str
    weight: float
    cut: bool
    place: tuple[int, int]
    word: int
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip and where it is."""

    rect: QRectF
    item: Item


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of a chunk, with what is said of it."""

    rect: QRectF
    words: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that is painted.

    Attributes:
        frames: One a chunk.
        chips: In the order of the prompt.
        brackets: Left end, right end and top of each; one a line and word.
        lines: Of each chip of a token the number of its line, by index of the token.
        height: Of the whole.
    """

    frames: tuple[Frame, ...]
    chips: tuple[Chip, ...]
    brackets: tuple[tuple[float, float, float], ...]
    lines: tuple[int, ...]
    height: float


def lay_out(
    text: str,
    prompt: "PromptTokens",
    face: Callable[[int], Face],
    widths: tuple[Callable[[Face], float], Callable[[str], float]],
    caption_height: float,
    width: float,
) -> Layout:
    """Find a place for every chip.

    Args:
        text: The prompt.
        prompt: Its tokens.
        face: How a token of an id looks.
        widths: Width of a face and of a note in pixels.
        caption_height: Height of a line of small text.
        width: Of the whole.
    """
    lines = _Lines(width, len(prompt.tokens), *widths)
    frames: list[Frame] = []
    marks = list(reversed(prompt.parsed.unsent))
    ends = [span.start for span in reversed(prompt.parsed.spans) if span.kind != "text"]
    top = 0.0
    for count, chunk in enumerate(prompt.chunks):
        lines.begin(top + theme.SPACE_S + caption_height + _GAP, _pieces(prompt, chunk))
        for item in _items(text, prompt, chunk, face, marks, _end(text, prompt, chunk, ends)):
            lines.put(item)
        bottom = lines.end()
        frame = QRectF(0.5, top + 0.5, width - 1, bottom - top - 1)
        frames.append(Frame(frame, _words(prompt, count)))
        top = bottom + theme.SPACE_S
    return Layout(
        tuple(frames), tuple(lines.chips), tuple(lines.brackets), tuple(lines.of_token), top
    )


class _Lines:
    """Puts one chip behind the other, and on the next line where the room ends."""

    def __init__(
        self,
        width: float,
        tokens: int,
        face_width: Callable[[Face], float],
        note_width: Callable[[str], float],
    ) -> None:
        self._left, self._right = float(theme.SPACE_M), width - theme.SPACE_M
        self._face_width, self._note_width = face_width, note_width
        self.chips: list[Chip] = []
        self.brackets: list[tuple[float, float, float]] = []
        self.of_token = [0] * tokens
        self._line = -1
        self._x = self._y = 0.0
        self._pieces: dict[int, int] = {}
        self._word: tuple[int, float, float] | None = None  # number, left and right end here

    def begin(self, y: float, pieces: dict[int, int]) -> None:
        """Begin a chunk; ``pieces`` is the number of tokens of each of its words."""
        self._pieces = pieces
        self._x, self._y, self._line = self._left, y, self._line + 1

    def end(self) -> float:
        """End a chunk; return where it ends."""
        self._close_word()
        return self._y + theme.CHIP_HEIGHT + _UNDER + theme.SPACE_XS

    def put(self, item: Item) -> None:
        """Place one chip."""
        wide = 2 * _PAD + self._face_width(item.face)
        wide += _GAP + self._note_width(item.note) if item.note else 0
        wide = min(wide, self._right - self._left)
        if self._x > self._left and self._x + wide > self._right:
            self._close_word()
            self._x, self._line = self._left, self._line + 1
            self._y += _BRACKET + theme.CHIP_HEIGHT + _UNDER
        if self._word is not None and self._word[0] == item.word:
            self._word = (item.word, self._word[1], self._x + wide)
        else:
            self._close_word()
            self._word = (item.word, self._x, self._x + wide)
        if item.token >= 0:
            self.of_token[item.token] = self._line
        rect = QRectF(self._x, self._y, wide, theme.CHIP_HEIGHT)
        self.chips.append(Chip(rect, item))
        self._x += wide + _GAP

    def _close_word(self) -> None:
        if self._word is not None and self._pieces.get(self._word[0], 0) > 1:
            self.brackets.append((self._word[1], self._word[2], self._y - _BRACKET_REACH))
        self._word = None


def _pieces(prompt: "PromptTokens", chunk: Chunk) -> dict[int, int]:
    counted: dict[int, int] = {}
    for token in prompt.tokens[chunk.first : chunk.last]:
        counted[token.word] = counted.get(token.word, 0) + 1
    return counted


def _items(
    text: str,
    prompt: "PromptTokens",
    chunk: Chunk,
    face: Callable[[int], Face],
    marks: list[Unsent],
    end: int,
) -> Iterator[Item]:
    """Yield tokens, what is not sent among them and up to ``end``, and the padding of a chunk."""
    before = 1.0
    kept = len(prompt.tokens) - prompt.over
    for index in range(chunk.first, chunk.last):
        token = prompt.tokens[index]
        while marks and marks[-1].start <= token.start:
            yield _unsent(text, marks.pop())
        notes = []
        shown = number(token.weight)
        if shown != "1" and (number(before) != shown or index == chunk.first):
            notes.append(shown)
        before = token.weight
        yield Item(
            index,
            face(token.id),
            " ".join(notes),
            token.weight,
            index >= kept,
            (token.start, token.end),
            token.word,
        )
    while marks and marks[-1].start < end:
        yield _unsent(text, marks.pop())
    if chunk.padding:
        tip = f"The encoder fills the other {chunk.padding} places with padding."
        words = Face(f"padding × {chunk.padding}", dim=True)
        yield Item(-1, words, "", 1.0, False, (0, 0), -1, tip)


def _end(text: str, prompt: "PromptTokens", chunk: Chunk, ends: list[int]) -> int:
    """Where a chunk ends in the prompt, if a mark or the prompt ends it; else 0.

    Args:
        text: The prompt.
        prompt: Its tokens.
        chunk: One of its chunks.
        ends: Where marks stand that end chunks, the first one last; those gone by are taken out.
    """
    if chunk is prompt.chunks[-1]:
        return len(text)
    if chunk.end not in ("break", "and", "blend"):
        return 0
    while ends:
        place = ends.pop()
        if chunk.first == chunk.last or place >= prompt.tokens[chunk.last - 1].end:
            return place
    return 0


def _unsent(text: str, mark: Unsent) -> Item:
    words = " ".join(text[mark.start : mark.end].split())
    if len(words) > _MOST_UNSENT:
        words = f"{words[: _MOST_UNSENT - 1]}…"
    return Item(
        -1,
        Face(words, dim=True),
        "not sent",
        1.0,
        False,
        (mark.start, mark.end),
        -1,
        f"{UNSENT_WORDS[mark.kind]}.",
    )


def _words(prompt: "PromptTokens", count: int) -> str:
    chunk = prompt.chunks[count]
    tokens = chunk.last - chunk.first
    if prompt.room is None:
        return f"{tokens} tokens, sent whole"
    if prompt.over:
        return f"{tokens - prompt.over} tokens are sent, the last {prompt.over} are cut off"
    words = f"{tokens} of {prompt.room}"
    if len(prompt.chunks) > 1:
        words = f"Chunk {count + 1}: {words}"
    end = _END_WORDS.get(chunk.end, "")
    return f"{words}, {end}" if end else words
