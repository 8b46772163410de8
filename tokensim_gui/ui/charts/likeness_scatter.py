"""Token similarity against encoding similarity: whether near tokens make near encodings."""

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokensim_gui.core.text_encoders.likeness import Variation, correlation_words
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.plain_tip import plain_tip

_DIAMETER, _RING = 9, 17


class LikenessScatter(QWidget):
    """A dot a variation; a click chooses it."""

    dotChosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._made: tuple[Variation, ...] = ()
        self._current = -1
        self._plot: Any = None  # a pyqtgraph.PlotWidget, which has no types
        words = QFontMetricsF(theme.sized(-1)).height()
        # Two lines of words below, and as much again for the dots, twice.
        self.setMinimumSize(160, round(6 * words) + 2 * theme.SPACE_S)
        self.setAccessibleName("Token similarity against encoding similarity")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def set_variations(self, made: tuple[Variation, ...]) -> None:
        """Show other variations."""
        self._made, self._current = made, -1
        self.setAccessibleDescription(correlation_words(made))
        self._draw()

    def set_current(self, number: int) -> None:
        """Ring one of them, without a signal."""
        self._current = number
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)

    def _draw(self) -> None:
        if not self._made:
            return
        # Here and not above: the page is made before pyqtgraph is imported, a variation after.
        from pyqtgraph import PlotWidget, ScatterPlotItem, mkPen

        if self._plot is None:
            self._plot = PlotWidget(background=None, enableMenu=False)
            self._plot.setMouseEnabled(False, False)
            self._plot.hideButtons()
            half = theme.SPACE_S  # of a number, which stands over the end of its axis
            self._plot.getPlotItem().layout.setContentsMargins(0, half, 2 * half, 0)
            self._column.addWidget(self._plot)
        c = theme.colours()
        self._plot.clear()
        x = [one.swap.similarity for one in self._made]
        y = [one.similarity for one in self._made]
        for side, words, values in (
            ("bottom", "similarity of the tokens →", x),
            ("left", "similarity of the encodings →", y),
        ):
            low, high = _range(values)
            axis = self._plot.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(hideOverlappingLabels=False)
            axis.setPen(c.colour("border"))
            axis.setTextPen(c.colour("text2"))
            axis.setLabel(words, color=c.text2)
            axis.setTickFont(theme.sized(-1))
            axis.setTicks([[(low, f"{low:.0%}"), (high, f"{high:.0%}")]])
            self._plot.setRange(
                **{"xRange" if side == "bottom" else "yRange": (low, high)}, padding=0
            )
        dots = ScatterPlotItem(
            x, y, size=_DIAMETER, pen=None, brush=c.colour("map_near"), antialias=True,
            data=range(len(x)), hoverable=True, tip=self._tip,
        )  # fmt: skip
        dots.sigClicked.connect(self._on_dots_clicked)
        self._plot.addItem(dots)
        if 0 <= self._current < len(x):
            at = self._current
            pen = mkPen(c.colour("query"))
            ring = ScatterPlotItem(
                x[at : at + 1], y[at : at + 1], size=_RING, pen=pen, brush=None, antialias=True
            )
            ring.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
            self._plot.addItem(ring)

    def _tip(self, x: float, y: float, data: int) -> str:
        return plain_tip(f"{self._made[data].prompt}\nTokens {x:.1%}, encodings {y:.1%}")

    def _on_dots_clicked(self, _dots: object, points: Any) -> None:  # noqa: ANN401  (no types)
        self.dotChosen.emit(points[0].index())


def _range(values: list[float]) -> tuple[float, float]:
    """Least and most, with a margin."""
    low, high = min(values), max(values)
    margin = max((high - low) * 0.08, 0.005)
    return low - margin, min(1.0, high + margin)
