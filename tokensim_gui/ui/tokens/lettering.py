"""Fonts with their measures: what is written at every key is measured once."""

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

_KEPT = 1024  # widths in one font


class Lettering:
    """A font, its measures, and the widths of the words last written in it; all in pixels."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.height, self.ascent = self._metrics.height(), self._metrics.ascent()
        self._widths: dict[str, float] = {}

    def width(self, words: str) -> float:
        """How wide words are."""
        width = self._widths.get(words)
        if width is None:
            if len(self._widths) >= _KEPT:
                self._widths.clear()
            width = self._widths[words] = self._metrics.horizontalAdvance(words)
        return width

    def fitted(self, words: str, room: float) -> tuple[str, float]:
        """What of some words fits into ``room``, with an ellipsis for the rest, and its width."""
        width = self.width(words)
        if width > room:
            words = self._metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
            width = self._metrics.horizontalAdvance(words)
        return words, width


def lettering(font: QFont) -> Lettering:
    """The one `Lettering` of a font."""
    return _lettering(font.toString())


@lru_cache(maxsize=16)
def _lettering(description: str) -> Lettering:
    font = QFont()
    font.fromString(description)
    return Lettering(font)
