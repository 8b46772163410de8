"""Where the chips of a prompt go: chunks under headings, lines that wrap, words in one piece."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
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
    "comma": "moved on at a comma",
    "whole": "moved on as a whole",
    "sentence": "moved on at a sentence",
    "clause": "moved on at a clause, as no sentence ends",
    "word": "moved on at a word",
    "break": "ends at BREAK",
    "and": "ends at AND",
    "blend": "ends with this part of the blend",
    "end": "end of the prompt",
}
_MOST_UNSENT = 32
PAD = 9.0
GAP = 4.0
_UNDER = 6.0  # a line
_CRACK = 1.0  # between the pieces of a word
_COMMA = ","


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
        odd: Whether it is a piece of a word that takes several tokens.
        wasted: Whether it is padding that a BREAK leaves empty.
        tip: More to know, of boxes that are no tokens.
    """

    token: int
    face: Face
    note: str
    weight: float
    cut: bool
    place: tuple[int, int]
    word: int
    odd: bool = False
    wasted: bool = False
    tip: str = ""

    @property
    def is_bare(self) -> bool:
        """Whether it is written without a ground: a comma."""
        return self.token >= 0 and self.face.text == _COMMA


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip and where it is.

    Attributes:
        rect: Its place.
        item: What it says.
        opens: Whether no piece of its word is joined to its left.
        closes: Whether none is joined to its right.
    """

    rect: QRectF
    item: Item
    opens: bool = True
    closes: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """A chunk, with its heading.

    Attributes:
        rect: All of it.
        title: Which chunk it is; "" for the only one.
        count: How many tokens it holds.
        share: How full it is from 0 to 1; None where nothing limits it.
        reason: Why it ends.
        wasted: Whether a BREAK leaves places empty.
    """

    rect: QRectF
    title: str
    count: str
    share: float | None = None
    reason: str = ""
    wasted: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that is painted.

    Attributes:
        sections: One a chunk.
        chips: In the order of the prompt.
        lines: Of each chip of a token the number of its line, by index of the token.
        height: Of the whole.
    """

    sections: tuple[Section, ...]
    chips: tuple[Chip, ...]
    lines: tuple[int, ...]
    height: float


def lay_out(
    text: str,
    prompt: "PromptTokens",
    face: Callable[[int], Face],
    widths: tuple[Callable[[Face], float], Callable[[str], float]],
    heading_height: float,
    width: float,
) -> Layout:
    """Find a place for every chip.

    Args:
        text: The prompt.
        prompt: Its tokens.
        face: How a token of an id looks.
        widths: Width of a face and of a note in pixels.
        heading_height: Height of the line above the chips of a chunk.
        width: Of the whole.
    """
    lines = _Lines(width, len(prompt.tokens), *widths)
    sections: list[Section] = []
    marks = list(reversed(prompt.parsed.unsent))
    ends = [span.start for span in reversed(prompt.parsed.spans) if span.kind != "text"]
    top = 0.0
    for count, chunk in enumerate(prompt.chunks):
        lines.begin(top + heading_height)
        for item in _items(text, prompt, chunk, face, marks, _end(text, prompt, chunk, ends)):
            lines.put(item)
        bottom = lines.end()
        sections.append(_section(prompt, count, QRectF(0, top, width, bottom - top)))
        top = bottom + theme.SPACE_S
    return Layout(tuple(sections), tuple(lines.chips), tuple(lines.of_token), top)


class _Lines:
    """Puts one chip behind the other, and on the next line where the room ends."""

    def __init__(
        self,
        width: float,
        tokens: int,
        face_width: Callable[[Face], float],
        note_width: Callable[[str], float],
    ) -> None:
        self._left, self._right = float(theme.TEXT_LEFT), width - theme.TEXT_LEFT
        self._height = theme.px(theme.CHIP_HEIGHT)
        self._face_width, self._note_width = face_width, note_width
        self.chips: list[Chip] = []
        self.of_token = [0] * tokens
        self._line = -1
        self._x = self._y = 0.0

    def begin(self, y: float) -> None:
        """Begin the lines of a chunk."""
        self._x, self._y, self._line = self._left, y, self._line + 1

    def end(self) -> float:
        """End a chunk; return where it ends."""
        return self._y + self._height + _UNDER

    def put(self, item: Item) -> None:
        """Place one chip."""
        wide = 2 * PAD + self._face_width(item.face)
        wide += GAP + self._note_width(item.note) if item.note else 0
        wide = min(wide, self._right - self._left)
        # A comma keeps to its word, and hangs over the edge for it.
        right = self._right + (GAP + wide if item.is_bare else 0)
        is_first = self._x == self._left
        if not is_first and self._x + wide > right:
            self._x, self._line = self._left, self._line + 1
            self._y += self._height + _UNDER
            is_first = True
        joined = item.odd and not is_first and self.chips[-1].item.word == item.word
        if joined:
            self._x += _CRACK - GAP
            self.chips[-1] = replace(self.chips[-1], closes=False)
        if item.token >= 0:
            self.of_token[item.token] = self._line
        rect = QRectF(self._x, self._y, wide, self._height)
        self.chips.append(Chip(rect, item, opens=not joined))
        self._x += wide + GAP


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
            _among(prompt, index, face(token.id)),
            " ".join(notes),
            token.weight,
            index >= kept,
            (token.start, token.end),
            token.word,
            token.odd,
        )
    while marks and marks[-1].start < end:
        yield _unsent(text, marks.pop())
    if chunk.padding:
        tip = f"The encoder fills the other {chunk.padding} places with padding."
        words = Face(f"{chunk.padding} empty", dim=True)
        wasted = chunk.end == "break"
        yield Item(-1, words, "", 1.0, False, (0, 0), -1, wasted=wasted, tip=tip)


def _among(prompt: "PromptTokens", index: int, face: Face) -> Face:
    """Leave out the marks of a piece towards the pieces of its word: they stand beside it."""
    tokens = prompt.tokens
    word = tokens[index].word
    before, after = face.before, face.after
    if before and index and tokens[index - 1].word == word:
        before = ""
    if after and index + 1 < len(tokens) and tokens[index + 1].word == word:
        after = ""
    return replace(face, before=before, after=after)


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
        tip=f"{UNSENT_WORDS[mark.kind]}.",
    )


def _section(prompt: "PromptTokens", number: int, rect: QRectF) -> Section:
    chunk = prompt.chunks[number]
    tokens = chunk.last - chunk.first
    about = "about " if prompt.counted else ""
    if prompt.room is None:
        return Section(rect, "", f"{about}{tokens} tokens, sent whole")
    if prompt.over:
        words = f"{about}{tokens - prompt.over} tokens are sent, the last {prompt.over} are cut off"
        return Section(rect, "", words)
    several = len(prompt.chunks) > 1
    return Section(
        rect,
        f"Chunk {number + 1}" if several else "",
        f"{about}{tokens} of {prompt.room}",
        tokens / prompt.room,
        _END_WORDS.get(chunk.end, "") if several else "",
        chunk.end == "break" and chunk.padding > 0,
    )
