"""Token similarity against encoding similarity: whether near tokens make near encodings."""

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from tokensim_gui.core.text_encoders.likeness import Variation, correlation_words
from tokensim_gui.ui import theme

_RADIUS = 4.0
_REACH = 8.0


class LikenessScatter(QWidget):
    """A dot a variation; a click chooses it."""

    dotChosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._made: tuple[Variation, ...] = ()
        self._current = -1
        words = QFontMetricsF(theme.sized(-1)).height()
        # A line of words above, two below, and as much again for the dots.
        self.setMinimumSize(160, round(6 * words) + 2 * theme.SPACE_S)
        self.setAccessibleName("Token similarity against encoding similarity")

    def set_variations(self, made: tuple[Variation, ...]) -> None:
        """Show other variations."""
        self._made, self._current = made, -1
        self.setAccessibleDescription(correlation_words(made))
        self.update()

    def set_current(self, number: int) -> None:
        """Ring one of them, without a signal."""
        self._current = number
        self.update()

    def _plot(self) -> QRectF:
        small = QFontMetricsF(theme.sized(-1))
        left = small.horizontalAdvance("100%") + theme.SPACE_M
        bottom = 2 * small.height() + theme.SPACE_S
        return QRectF(
            left, small.height() + theme.SPACE_S, self.width() - left - theme.SPACE_L,
            self.height() - bottom - small.height() - theme.SPACE_S,
        )  # fmt: skip

    def _ranges(self) -> tuple[float, float, float, float]:
        """Least and most of either axis, with a margin."""
        found: list[float] = []
        for values in (
            [one.swap.similarity for one in self._made],
            [one.similarity for one in self._made],
        ):
            low, high = min(values), max(values)
            margin = max((high - low) * 0.08, 0.005)
            found += [low - margin, min(1.0, high + margin)]
        return found[0], found[1], found[2], found[3]

    def _dots(self) -> list[QPointF]:
        if not self._made:
            return []
        plot = self._plot()
        x0, x1, y0, y1 = self._ranges()
        return [
            QPointF(
                plot.left() + (one.swap.similarity - x0) / (x1 - x0) * plot.width(),
                plot.bottom() - (one.similarity - y0) / (y1 - y0) * plot.height(),
            )
            for one in self._made
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes and dots."""
        if not self._made:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c, plot = theme.colours(), self._plot()
        painter.setPen(c.colour("border"))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.drawLine(plot.bottomLeft(), plot.topLeft())
        painter.setFont(theme.sized(-1))
        painter.setPen(c.colour("text2"))
        x0, x1, y0, y1 = self._ranges()
        height = QFontMetricsF(painter.font()).height()
        flag = Qt.AlignmentFlag
        below = QRectF(plot.left(), plot.bottom() + 4, plot.width(), height)
        painter.drawText(below, flag.AlignLeft, f"{x0:.0%}")
        painter.drawText(below, flag.AlignRight, f"{x1:.0%}")
        painter.drawText(below, flag.AlignHCenter, "similarity of the tokens →")
        beside = QRectF(0, plot.bottom() - height, plot.left() - 6, height)
        painter.drawText(beside, flag.AlignRight, f"{y0:.0%}")
        painter.drawText(beside.translated(0, height - plot.height()), flag.AlignRight, f"{y1:.0%}")
        painter.drawText(QPointF(theme.SPACE_XS, height - 2), "↑ similarity of the encodings")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(c.colour("map_near"))
        dots = self._dots()
        for dot in dots:
            painter.drawEllipse(dot, _RADIUS, _RADIUS)
        if 0 <= self._current < len(dots):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(c.colour("query"))
            painter.drawEllipse(dots[self._current], _RADIUS + 4, _RADIUS + 4)

    def _dot_at(self, where: QPointF) -> int:
        near = [
            ((dot - where).manhattanLength(), number) for number, dot in enumerate(self._dots())
        ]
        best = min(near, default=(_REACH + 1, -1))
        return best[1] if best[0] <= _REACH else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the dot under the pointer."""
        number = self._dot_at(event.position())
        if number >= 0:
            self.dotChosen.emit(number)

    def event(self, event: QEvent) -> bool:
        """Answer for tooltips."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self._dot_at(event.pos().toPointF())
            if number >= 0:
                one = self._made[number]
                QToolTip.showText(
                    event.globalPos(),
                    f"{one.prompt}\nTokens {one.swap.similarity:.1%}, "
                    f"encodings {one.similarity:.1%}",
                    self,
                )
                return True
        return super().event(event)
