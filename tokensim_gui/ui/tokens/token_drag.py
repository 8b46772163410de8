"""Dragging tokens: what is seen under the mouse, and the drag itself."""

from PySide6.QtCore import QMimeData, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QDrag, QFontMetricsF, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from tokensim_gui.ui import theme

_WIDEST = 240


def drag(source: QWidget, data: QMimeData, words: str) -> None:
    """Let the user carry ``data`` away from ``source`` as a chip that says ``words``."""
    carried = QDrag(source)
    carried.setMimeData(data)
    picture = chip_picture(words, source.devicePixelRatioF())
    carried.setPixmap(picture)
    carried.setHotSpot(QPoint(-theme.SPACE_S, -theme.SPACE_S))
    carried.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction, Qt.DropAction.CopyAction)


def chip_picture(words: str, ratio: float) -> QPixmap:
    """A chip that says ``words``, as large as they are."""
    font = theme.sized(0)
    metrics = QFontMetricsF(font)
    words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, _WIDEST)
    size = QSize(int(metrics.horizontalAdvance(words)) + 2 * theme.SPACE_M, theme.CHIP_HEIGHT)
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(0, 0, 0, 0))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(0.5, 0.5, size.width() - 1, size.height() - 1)
    painter.setPen(theme.colours().colour("accent"))
    painter.setBrush(theme.colours().colour("selection"))
    painter.drawRoundedRect(box, theme.CHIP_RADIUS - 0.5, theme.CHIP_RADIUS - 0.5)
    painter.setPen(theme.colours().colour("text"))
    painter.setFont(font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
    return picture
