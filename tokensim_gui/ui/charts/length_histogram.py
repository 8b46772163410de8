"""How long the vectors of a table are, and where one of them stands."""

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from tokensim_gui.core.values import FloatArray
from tokensim_gui.ui import theme

_BINS = 56
_BAR = 4
_HEIGHT = 44
_ALIKE = 0.02


class LengthHistogram(QWidget):
    """Small bars of the vector lengths with a mark at one token's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sorted: FloatArray = np.zeros(0)
        self._counts = np.zeros(_BINS)
        self._low = self._high = 0.0
        self._length: float | None = None
        self.setAccessibleName("Vector lengths")
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """A fixed size: bars of 3 pixels and 1 between."""
        return QSize(_BINS * _BAR, _HEIGHT)

    def set_lengths(self, lengths: FloatArray) -> None:
        """Take the lengths of all vectors, float64 [n]; zeros are tokens without a vector."""
        self._sorted = np.sort(lengths[lengths > 0])
        if len(self._sorted):
            # The rarest half percent on each side would squeeze all others together.
            self._low, self._high = np.quantile(self._sorted, (0.005, 0.995)).tolist()
        if not self.alike:
            self._counts, _ = np.histogram(self._sorted, _BINS, (self._low, self._high))
        self.update()

    @property
    def alike(self) -> bool:
        """Whether all vectors have about the same length, so that there is nothing to see."""
        return self._high - self._low <= _ALIKE * self._high

    def set_length(self, length: float) -> float:
        """Mark one length; returns the share of the vectors that are shorter."""
        self._length = length
        shorter = float(np.searchsorted(self._sorted, length) / max(len(self._sorted), 1))
        self.setAccessibleDescription(f"Longer than {shorter:.0%} of tokens.")
        self.update()
        return shorter

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars, then the mark."""
        if self.alike or self._length is None:
            return
        painter = QPainter(self)
        colours = theme.colours()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("map_far"))
        heights = self._counts / self._counts.max() * (_HEIGHT - theme.SPACE_S)
        for index, height in enumerate(heights.tolist()):
            painter.drawRect(QRectF(index * _BAR, _HEIGHT - height, _BAR - 1, height))
        share = (self._length - self._low) / (self._high - self._low)
        x = min(max(share, 0.0), 1.0) * (self.width() - 2)
        painter.setBrush(colours.colour("text"))
        painter.drawRect(QRectF(x, 0, 2, _HEIGHT))
