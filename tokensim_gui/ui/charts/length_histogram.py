"""How long the vectors of a table are, and where one of them stands."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtWidgets import QWidget

from tokensim_gui.core.values import FloatArray
from tokensim_gui.ui import theme

if TYPE_CHECKING:
    from tokensim_gui.ui.charts.chart_view import ChartView

_BINS = 56
_BAR = 4
_HEIGHT = 44
_MARK = 2
_ALIKE = 0.02


class LengthHistogram(QWidget):
    """Small bars of the vector lengths with a mark at one token's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sorted: FloatArray = np.zeros(0)
        self._low = self._high = 0.0
        self._length: float | None = None
        self._chart: ChartView | None = None
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
        self._draw()

    @property
    def alike(self) -> bool:
        """Whether all vectors have about the same length, so that there is nothing to see."""
        return self._high - self._low <= _ALIKE * self._high

    def set_length(self, length: float) -> float:
        """Mark one length; returns the share of the vectors that are shorter."""
        self._length = length
        shorter = float(np.searchsorted(self._sorted, length) / max(len(self._sorted), 1))
        self.setAccessibleDescription(f"Longer than {shorter:.0%} of tokens.")
        self._draw()
        return shorter

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)

    def _draw(self) -> None:
        """Set out bars and mark; a unit of the chart is a pixel."""
        if self.alike or self._length is None:
            return
        from tokensim_gui.ui.charts.chart_view import BarGraphItem, ChartView

        if self._chart is None:
            self._chart = ChartView(self)
            self._chart.resize(self.size())
            self._chart.show_range(QRectF(0, 0, _BINS * _BAR, _HEIGHT))
            self._chart.show()
        counts, _ = np.histogram(self._sorted, _BINS, (self._low, self._high))
        heights = counts / counts.max() * (_HEIGHT - theme.SPACE_S)
        share = (self._length - self._low) / (self._high - self._low)
        mark = min(max(share, 0.0), 1.0) * (_BINS * _BAR - _MARK)
        colours = theme.colours()
        self._chart.box.clear()
        for x, width, height, role in (
            (np.arange(_BINS) * _BAR, _BAR - 1, heights, "map_far"),
            ([round(mark)], _MARK, [_HEIGHT], "text"),
        ):
            brush = colours.colour(role)
            bars = BarGraphItem(x0=x, y0=0, width=width, height=height, pen=None, brush=brush)
            self._chart.box.addItem(bars, ignoreBounds=True)
