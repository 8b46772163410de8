"""The line under a map: how far to trust it, and what its colours mean."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter

from tokensim_gui.ui.charts.haloed_words import Words

_RIM, _NARROW = 16.0, 480
_DOT, _APART = 4.0, 24.0


def paint_caption(
    painter: QPainter,
    size: QSizeF,
    line: float,
    words: Words,
    captions: Sequence[str],
    key: Sequence[tuple[str, QColor]] = (),
) -> None:
    """Write the first of ``captions`` that has room at the left, and the key at the right.

    Args:
        painter: Of the picture.
        size: Of the picture.
        line: How high a line of the font ``caption`` is.
        words: Writes them.
        captions: The longest first.
        key: What colours mean; left out where the picture is narrow.
    """
    right, top = size.width() - _RIM, size.height() - _RIM - line
    for meaning, colour in reversed(key if size.width() >= _NARROW else ()):
        width = words.width(meaning, "caption")
        box = QRectF(right - width, top, width, line)
        words.paint(painter, meaning, box, "text2", "caption")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(right - width - 2 * _DOT, top + line / 2), _DOT, _DOT)
        right -= width + _APART
    said = next((one for one in captions if words.width(one, "caption") <= right - _RIM), "")
    box = QRectF(_RIM, top, words.width(said, "caption"), line)
    words.paint(painter, said, box, "text2", "caption")
