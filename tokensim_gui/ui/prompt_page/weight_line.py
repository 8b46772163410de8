"""How much a word counts, as a line under it."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tokensim_gui.core.prompt.parsed_prompt import is_neutral
from tokensim_gui.ui import theme


def paint_weight(painter: QPainter, left: float, right: float, top: float, weight: float) -> None:
    """Draw a line from ``top`` on: the thicker the more weight, broken below 1, none at 1."""
    if is_neutral(weight):
        return
    pen = QPen(theme.colours().colour("query"), 1)
    if weight > 1:
        pen.setWidthF(min(5.0, 1.0 + 5.0 * (weight - 1)))
    else:
        pen.setStyle(Qt.PenStyle.DotLine)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    y = top + pen.widthF() / 2
    painter.drawLine(QPointF(left, y), QPointF(right, y))


class WeightDelegate(QStyledItemDelegate):
    """Draws the line under the words of a column."""

    weights: Sequence[float | None] = ()
    """One a row; None where nothing is sent."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the word, and its line."""
        super().paint(painter, option, index)
        weight = self.weights[index.row()]
        if weight is not None:
            full = QStyleOptionViewItem(option)
            self.initStyleOption(full, index)
            room = full.widget.style().subElementRect(
                QStyle.SubElement.SE_ItemViewItemText, full, full.widget
            )
            font = full.fontMetrics
            left = (
                room.left()
                + 1
                + full.widget.style().pixelMetric(
                    QStyle.PixelMetric.PM_FocusFrameHMargin, full, full.widget
                )
            )
            right = left + min(font.horizontalAdvance(full.text), room.width())
            bottom = room.center().y() + 1 + font.height() / 2
            painter.save()
            paint_weight(painter, left, right, bottom, weight)
            painter.restore()
