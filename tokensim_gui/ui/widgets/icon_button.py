"""Buttons that show a small drawing instead of words."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from tokensim_gui.ui import theme

_GRID = 16
_STROKE = 1.4
# Lines on a grid of 16 by 16.
_DRAWINGS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "menu": (((2, 4), (14, 4)), ((2, 8), (14, 8)), ((2, 12), (14, 12))),
    "fit": (
        ((2, 5.5), (2, 2), (5.5, 2)),
        ((10.5, 2), (14, 2), (14, 5.5)),
        ((14, 10.5), (14, 14), (10.5, 14)),
        ((5.5, 14), (2, 14), (2, 10.5)),
    ),
    "enlarge": (
        ((9.5, 6.5), (14, 2)),
        ((10, 2), (14, 2), (14, 6)),
        ((6.5, 9.5), (2, 14)),
        ((2, 10), (2, 14), (6, 14)),
    ),
    "save": (
        ((8, 2), (8, 10)),
        ((4.5, 6.8), (8, 10.3), (11.5, 6.8)),
        ((2, 11.5), (2, 14), (14, 14), (14, 11.5)),
    ),
    "drawer": (((2, 3), (14, 3), (14, 13), (2, 13), (2, 3)), ((10, 3), (10, 13))),
    "lasso": (
        ((8, 2.5), (12.5, 3.5), (14, 6.5), (12, 9.5), (8, 10.5)),
        ((8, 10.5), (4, 9.5), (2, 6.5), (3.5, 3.5), (8, 2.5)),
        ((5, 10), (4, 12), (6, 14)),
    ),
}  # fmt: skip


def draw_icon(painter: QPainter, name: str, box: QRectF) -> None:
    """Draw in the painter's pen colour, as large as a box."""
    scale = box.width() / _GRID
    pen = QPen(painter.pen().color(), _STROKE * scale)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath()
    for first, *others in _DRAWINGS[name]:
        path.moveTo(box.topLeft() + QPointF(*first) * scale)
        for point in others:
            path.lineTo(box.topLeft() + QPointF(*point) * scale)
    painter.drawPath(path)


class IconButton(QToolButton):
    """A flat square button; what it does is its accessible name and tooltip."""

    def __init__(self, name: str, words: str, parent: QWidget | None = None) -> None:
        """Take the name of a drawing, and what the button does in words."""
        super().__init__(parent)
        self._name = name
        self.setProperty("look", "flat")
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        """A square that a finger can hit."""
        side = theme.px(theme.FIELD_HEIGHT)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw over the button's ground."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.isEnabled() and (self.underMouse() or self.isChecked())
        painter.setPen(theme.colours().colour("text" if lit else "text2"))
        side = float(theme.px(_GRID))
        box = QRectF(0, 0, side, side)
        box.moveCenter(QRectF(self.rect()).center())
        draw_icon(painter, self._name, box)
