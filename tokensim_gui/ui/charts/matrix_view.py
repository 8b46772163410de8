"""How alike prompts are, each with each: a number in every cell, on a colour for its size."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from tokensim_gui.state.prompt_encoder import Compared
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.plain_tip import plain_tip

if TYPE_CHECKING:
    from tokensim_gui.ui.charts.chart_view import ChartView

_CELL = 72
_HEAD = 28


def letter(number: int) -> str:
    """The name of a prompt: A, B … Z, AA, AB …."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _channels(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


class MatrixView(QWidget):
    """A square of cells under letters; the letters are those of the prompts beside it.

    Where there is no room for all cells, the wheel moves them (with Shift sideways).
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compared: Compared | None = None
        self._low = 0.0
        self._chart: ChartView | None = None
        self.setAccessibleName("Likeness of each prompt to each")

    def sizeHint(self) -> QSize:
        """Room for every cell."""
        count = 0 if self._compared is None else len(self._compared.prompts)
        return QSize(_HEAD + count * _CELL, _HEAD + count * self._line)

    def set_compared(self, compared: Compared) -> None:
        """Show a comparison; colours run from its smallest number to 100%."""
        from tokensim_gui.ui.charts.chart_view import ChartView, ImageItem

        self._compared, self._low = compared, float(compared.whole.min())
        if self._chart is None:
            self._chart = ChartView(self, self._paint)
            self._chart.box.invertY()
            self._chart.show()
        count = len(compared.prompts)
        grounds = [
            [_channels(theme.cividis(self._share(row, column))[0]) for column in range(count)]
            for row in range(count)
        ]
        image = ImageItem(np.array(grounds, np.uint8), axisOrder="row-major", levels=(0, 255))
        self._chart.box.clear()
        self._chart.box.addItem(image, ignoreBounds=True)
        pairs = (
            f"{letter(a)} and {letter(b)} {compared.whole[a, b]:.1%}"
            for a in range(count)
            for b in range(a + 1, count)
        )
        self.setAccessibleDescription(", ".join(pairs))
        self._move_to(QPointF())

    def cell(self, row: int, column: int) -> QRectF:
        """Where a cell is, in pixels of this widget."""
        assert self._chart is not None
        shown = self._chart.shown
        x, y = (column - shown.left()) * _CELL, (row - shown.top()) * self._line
        return QRectF(_HEAD + x, _HEAD + y, _CELL, self._line)

    @property
    def _line(self) -> int:
        return theme.row_height() + theme.SPACE_XS

    def _share(self, row: int, column: int) -> float:
        assert self._compared is not None
        score = float(self._compared.whole[row, column])
        return (score - self._low) / (1 - self._low) if self._low < 1 else 1.0

    def _move_to(self, corner: QPointF) -> None:
        """Bring the cell ``corner`` (column, row) to the upper left, as far as there are cells."""
        chart = self._chart
        if chart is None or self._compared is None:
            return
        chart.setGeometry(self.rect().adjusted(_HEAD, _HEAD, 0, 0))
        across, down = chart.width() / _CELL, chart.height() / self._line
        count = len(self._compared.prompts)
        x = max(0.0, min(corner.x(), count - across))
        y = max(0.0, min(corner.y(), count - down))
        chart.show_range(QRectF(x, y, across, down))
        self.update()

    def _paint(self, painter: QPainter) -> None:
        """Draw the numbers that are in view."""
        assert self._chart is not None and self._compared is not None
        painter.setFont(theme.sized(0))
        for row, column in np.ndindex(*self._compared.whole.shape):
            box = self.cell(row, column).translated(-_HEAD, -_HEAD)
            if box.intersects(QRectF(self._chart.rect())):
                painter.setPen(theme.cividis(self._share(row, column))[1])
                number = f"{float(self._compared.whole[row, column]) * 100:.1f}%"
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, number)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the letters."""
        if self._compared is None:
            return
        painter = QPainter(self)
        painter.setPen(theme.colours().colour("text2"))
        for number in range(len(self._compared.prompts)):
            cell, centred = self.cell(number, number), Qt.AlignmentFlag.AlignCenter
            if cell.left() >= _HEAD:
                painter.drawText(QRectF(cell.left(), 0, _CELL, _HEAD), centred, letter(number))
            if cell.top() >= _HEAD:
                painter.drawText(QRectF(0, cell.top(), _HEAD, self._line), centred, letter(number))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many cells as there is room for."""
        if self._chart is not None:
            self._move_to(self._chart.shown.topLeft())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move on by a cell a notch."""
        if self._chart is not None:
            turned = QPointF(event.angleDelta()) / -120
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                turned = turned.transposed()
            self._move_to(self._chart.shown.topLeft() + turned)

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme and font."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            if self._chart is not None:
                self._move_to(self._chart.shown.topLeft())
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Name the prompts of a letter or a cell."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), plain_tip(self._tip(event.pos())), self)
            return True
        return super().event(event)

    def _tip(self, at: QPoint) -> str:
        compared = self._compared
        if compared is None:
            return ""
        origin = self.cell(0, 0).topLeft()
        column = int((at.x() - origin.x()) // _CELL) if at.x() >= _HEAD else None
        row = int((at.y() - origin.y()) // self._line) if at.y() >= _HEAD else None
        named = [n for n in (row, column) if n is not None]
        if not all(0 <= n < len(compared.prompts) for n in named):
            return ""
        words = [f"{letter(n)}: {compared.prompts[n]}" for n in named]
        if row is not None and column is not None:
            whole, tokens = compared.whole[row, column], compared.tokens[row, column]
            words.append(f"Whole prompts {whole:.2%}, token by token {tokens:.2%}")
        return "\n".join(words)
