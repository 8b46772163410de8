"""Colours for what a prompt's syntax means: weights, tags, comments, marks between chunks."""

from bisect import bisect_right
from typing import TYPE_CHECKING

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from tokensim_gui.core.prompt.parsed_prompt import is_neutral
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.qt_quirks import utf16_index

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.prompt_reading import Reading

_DIM = ("network", "wildcard", "choice", "editing", "prompt weight", "embedding")


class PromptHighlighter(QSyntaxHighlighter):
    """Colours a prompt as its interface reads it; what was typed since keeps its colours."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._text = ""
        self._pieces: list[tuple[int, int, str]] = []  # UTF-16 indices and what it is, in order

    def set_reading(self, reading: "Reading | None") -> None:
        """Colour the prompt of a reading; None for no colours."""
        self._text = "" if reading is None else reading.text
        self._pieces = [] if reading is None else _pieces(reading)
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Colour a line."""
        start = self.currentBlock().position()
        end = start + len(text.encode("utf-16-le")) // 2
        at = max(0, bisect_right(self._pieces, (start, 0, "")) - 1)
        for first, last, kind in self._pieces[at:]:
            if first >= end:
                return
            if last > start:
                begin = max(first, start)
                self.setFormat(begin - start, min(last, end) - begin, _format(kind))


def _pieces(reading: "Reading") -> list[tuple[int, int, str]]:
    text, parsed = reading.text, reading.prompt.parsed
    pieces: list[tuple[int, int, str]] = []
    spans = [
        (s.start, s.end, s.kind if s.kind != "text" else _weighted(s.weight)) for s in parsed.spans
    ]
    marks = [
        (m.start, m.end, "comment" if m.kind == "comment" else "unsent") for m in parsed.unsent
    ]
    done = 0
    for start, end, kind in sorted([*spans, *marks]):
        if done < start and text[done:start].strip():
            pieces.append((done, start, "syntax"))
        if kind:
            pieces.append((start, end, kind))
        done = max(done, end)
    if done < len(text) and text[done:].strip():
        pieces.append((done, len(text), "syntax"))
    if text.isascii():
        return pieces
    return [(utf16_index(text, start), utf16_index(text, end), kind) for start, end, kind in pieces]


def _weighted(weight: float) -> str:
    return "" if is_neutral(weight) else "weighted"


def _format(kind: str) -> QTextCharFormat:
    c, form = theme.colours(), QTextCharFormat()
    if kind == "syntax":
        form.setForeground(c.colour("query"))
    elif kind == "weighted":
        form.setFontWeight(QFont.Weight.DemiBold)
    elif kind == "unsent":
        form.setForeground(c.colour("text2"))
        form.setBackground(c.colour("window"))
    elif kind == "comment":
        form.setForeground(c.colour("text2"))
        form.setFontItalic(True)
    else:  # BREAK, AND, the comma between parts
        form.setForeground(c.colour("accent"))
        form.setFontWeight(QFont.Weight.DemiBold)
    return form
