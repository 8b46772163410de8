"""The marks of the encoders in a comparison: a colour and a shape for each."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from tokensim_gui.ui import theme

SHAPES = "●▲■◆"


def mark_colour(number: int) -> QColor:
    """The colour of the encoder in column ``number``, counted from 0."""
    return theme.colours().colour(f"encoder{number + 1}")


def draw_mark(painter: QPainter, number: int, centre: QPointF, colour: QColor) -> None:
    """Draw the shape of column ``number`` about 9 px wide around a point."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    x, y = centre.x(), centre.y()
    if number == 0:
        painter.drawEllipse(centre, 4.5, 4.5)
    elif number == 1:
        corners = ((x - 5, y + 4.2), (x + 5, y + 4.2), (x, y - 4.8))
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
    elif number == 2:
        painter.drawRect(round(x) - 4, round(y) - 4, 8, 8)
    else:
        corners4 = ((x - 5.5, y), (x, y - 5.5), (x + 5.5, y), (x, y + 5.5))
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners4]))
