"""The lines of a slope chart: from a word's row in one list to its row in the next."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.token_colours import between

_AWAY = 6.0  # pixels between the rows and where the lines begin
_HANDLE = 0.45  # of the width: how far a line leaves its row straight
_DOT = 1.6
_BEYOND = 90.0  # pixels: a line to a row out of sight is drawn as if that lay so far beyond
_ALL_SHARE = 0.45  # of the nearer colour, in a line of a word that all have
_WIDTHS = {"some": 1.1, "all": 1.5, "lifted": 2.2}


@dataclass(frozen=True, slots=True)
class SlopeLine:
    """A word that both lists have.

    Attributes:
        left: Where the middle of its row in the left list is, in pixels of the widget.
        right: The same in the right list.
        role: ``some`` for a word of these two, ``all`` for one of every list, ``lifted`` for the
            one that is looked at.
    """

    left: float
    right: float
    role: str


class SlopeLines(QWidget):
    """Fills the room between two lists; a line fades away towards a row that is out of sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._lines: Sequence[SlopeLine] = ()
        self._seen = (0.0, 0.0)

    def show_lines(self, lines: Sequence[SlopeLine], seen: tuple[float, float]) -> None:
        """Draw lines.

        Args:
            lines: Those in which at least one end is in sight.
            seen: The upper and lower edge of the rows in sight.
        """
        self._lines, self._seen = lines, seen
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the lines, the lifted one on top."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, bottom = self._seen
        painter.setClipRect(QRectF(0, top, self.width(), bottom - top))
        order = list(_WIDTHS)
        for line in sorted(self._lines, key=lambda line: order.index(line.role)):
            self._paint_line(painter, line)

    def _paint_line(self, painter: QPainter, line: SlopeLine) -> None:
        top, bottom = self._seen
        colour = _colour(line.role)
        ends = (line.left, line.right)
        inside = [top <= y <= bottom for y in ends]
        near = [min(max(y, top - _BEYOND), bottom + _BEYOND) for y in ends]
        left, right = QPointF(_AWAY, near[0]), QPointF(self.width() - _AWAY, near[1])
        reach = QPointF((right.x() - left.x()) * _HANDLE, 0)
        path = QPainterPath(left)
        path.cubicTo(left + reach, right - reach, right)
        brush = QBrush(colour)
        if not all(inside):
            fading = QLinearGradient(left, QPointF(right.x(), left.y()))
            for share, is_in in zip((0.0, 1.0), inside, strict=True):
                shade = QColor(colour)
                shade.setAlphaF(1.0 if is_in else 0.0)
                fading.setColorAt(share, shade)
            brush = QBrush(fading)
        painter.setPen(QPen(brush, _WIDTHS[line.role]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        radius = _DOT * (1.4 if line.role == "lifted" else 1.0)
        for end, is_in in zip((left, right), inside, strict=True):
            if is_in:
                painter.drawEllipse(end, radius, radius)


def _colour(role: str) -> QColor:
    colours = theme.colours()
    if role == "lifted":
        return colours.colour("accent")
    far = colours.colour("map_far")
    return far if role == "some" else between(far, colours.colour("map_near"), _ALL_SHARE)
