"""Words with a halo, read on any ground: drawn once, and stamped from then on."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QLinearGradient, QPaintEngine, QPainter

from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.lettering import Lettering

_HALO = 3.0  # pixels round the words, at most
_HALO_SHARE = 0.11  # of a line's height
_OPACITY = 0.6
_AROUND = ((-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0, -1), (0, 1), (-1, 0), (1, 0))
_PLATE = 0.8  # opacity
_KEPT = 2000
_FADE = 8.0  # pixels over which a picture goes under the words at its edges


def paint_strips(painter: QPainter, size: QSizeF, head: float, foot: float) -> None:
    """Lay the ground over a picture's first and last pixels, for what is written there."""
    base = theme.colours().colour("base")
    clear = theme.colours().colour("base")
    clear.setAlpha(0)
    bottom = size.height()
    for inner, edge, outer in (
        (head, head - _FADE, 0.0),
        (bottom - foot - _FADE, bottom - foot, bottom),
    ):
        if inner == 0.0:
            continue
        fade = QLinearGradient(0, inner, 0, edge)
        fade.setColorAt(0, clear)
        fade.setColorAt(1, base)
        painter.fillRect(QRectF(0, min(inner, outer), size.width(), abs(outer - inner)), fade)


def paint_plates(painter: QPainter, boxes: Sequence[QRectF]) -> None:
    """Lay the ground under words: upon dots of many colours a halo is not enough."""
    plate = theme.colours().colour("base")
    plate.setAlphaF(_PLATE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(plate)
    for box in boxes:
        painter.drawRoundedRect(box, theme.SPACE_XS, theme.SPACE_XS)


class Words:
    """The words of one picture in its fonts; made anew with the theme."""

    def __init__(self, letters: Mapping[str, Lettering]) -> None:
        self._letters = letters
        self._stamps: dict[tuple[str, str, str, float, float], QImage] = {}

    def width(self, words: str, font: str) -> float:
        """How wide words are, in pixels."""
        return self._letters[font].width(words)

    def height(self, font: str) -> float:
        """How high a line is, in pixels."""
        return self._letters[font].height

    def paint(self, painter: QPainter, words: str, box: QRectF, role: str, font: str) -> None:
        """Draw words into the middle of a box; on a tag, if their role is that of words on one."""
        engine = painter.paintEngine()
        if engine is None or engine.type() != QPaintEngine.Type.Raster:
            self._draw(painter, words, box, role, font)  # as words, which a vector file keeps
            return
        scale = painter.device().devicePixelRatio()
        key = words, role, font, box.width(), float(scale)
        stamp = self._stamps.get(key)
        if stamp is None:
            if len(self._stamps) >= _KEPT:
                self._stamps.clear()
            stamp = self._stamps[key] = self._stamped(words, box.size(), role, font, scale)
        corner = box.topLeft() - QPointF(_HALO, _HALO)
        painter.drawImage(
            QPointF(round(corner.x() * scale) / scale, round(corner.y() * scale) / scale), stamp
        )

    def paint_beside(
        self, painter: QPainter, words: str, at: QPointF, room: QRectF, font: str
    ) -> None:
        """Write on a plate at the right of a point, or at its left where there is no room."""
        width, height = self.width(words, font), self.height(font)
        left = at.x() + 8 if at.x() + width + 16 < room.right() else at.x() - width - 8
        top = min(at.y() - height / 2, room.bottom() - height)
        box = QRectF(left, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours().colour("base"))
        painter.drawRoundedRect(box.adjusted(-4, 0, 4, 0), 3, 3)
        self.paint(painter, words, box, "text", font)

    def _stamped(self, words: str, size: QSizeF, role: str, font: str, scale: float) -> QImage:
        whole = (size + QSizeF(2 * _HALO + 1, 2 * _HALO + 1)) * scale
        stamp = QImage(whole.toSize(), QImage.Format.Format_ARGB32_Premultiplied)
        stamp.setDevicePixelRatio(scale)
        stamp.fill(0)
        painter = QPainter(stamp)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, words, QRectF(QPointF(_HALO, _HALO), size), role, font)
        painter.end()
        return stamp

    def _draw(self, painter: QPainter, words: str, box: QRectF, role: str, font: str) -> None:
        colours = theme.colours()
        painter.setFont(self._letters[font].font)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
        if role == "on_accent":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("accent"))
            painter.drawRoundedRect(box, theme.SPACE_XS, theme.SPACE_XS)
        elif font != "emoji":  # which a font may draw in colours: it would be seen nine times
            halo = colours.colour("base")
            halo.setAlphaF(_OPACITY)
            painter.setPen(halo)
            by = min(_HALO, _HALO_SHARE * self.height(font))
            for x, y in _AROUND:
                painter.drawText(box.translated(x * by, y * by), flags, words)
        painter.setPen(colours.colour(role))
        painter.drawText(box, flags, words)
