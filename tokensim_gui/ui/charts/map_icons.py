"""The icons of the map's buttons: thin strokes on a grid of 16."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

_GRID, _SCALE, _STROKE = 16, 3, 1.4
# Open lines, each a list of corners.
_LINES = {
    "fit": (
        ((2, 6), (2, 2), (6, 2)), ((10, 2), (14, 2), (14, 6)), ((14, 10), (14, 14), (10, 14)),
        ((6, 14), (2, 14), (2, 10)), ((8, 6.5), (8, 9.5)), ((6.5, 8), (9.5, 8)),
    ),
    "enlarge": (
        ((9.5, 2), (14, 2), (14, 6.5)), ((14, 2), (9.5, 6.5)), ((6.5, 14), (2, 14), (2, 9.5)),
        ((2, 14), (6.5, 9.5)),
    ),
    "save": (((8, 2), (8, 10.5)), ((4.5, 7), (8, 10.5), (11.5, 7)), ((3, 13.5), (13, 13.5))),
    "lasso": (((5, 11), (5.5, 12.6), (4.6, 14.5)),),
    "results": (((10.2, 10.2), (14, 14)), ((6.6, 4.6), (6.6, 8.6)), ((4.6, 6.6), (8.6, 6.6))),
}  # fmt: skip
_ROUND = {"lasso": ((2, 2, 12, 8.5), (3.6, 9.4, 2.4, 2.4)), "results": ((1.8, 1.8, 9.6, 9.6),)}


def map_icon(name: str, colour: QColor) -> QIcon:
    """The icon ``fit``, ``results``, ``enlarge``, ``save`` or ``lasso`` in a colour."""
    pixmap = QPixmap(_GRID * _SCALE, _GRID * _SCALE)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(_SCALE, _SCALE)
    ends, corners = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    painter.setPen(QPen(colour, _STROKE, Qt.PenStyle.SolidLine, ends, corners))
    for line in _LINES[name]:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line]))
    for box in _ROUND.get(name, ()):
        painter.drawEllipse(QRectF(*box))
    painter.end()
    return QIcon(pixmap)
