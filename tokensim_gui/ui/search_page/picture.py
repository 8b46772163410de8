"""One picture of a search, to be pasted into a chat: query, encoder, list and map."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter

from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens import glyphs
from tokensim_gui.ui.tokens.token_model import score_text

if TYPE_CHECKING:
    from tokensim_gui.state.session import Session

_WIDTH, _HEIGHT, _LIST = 1200, 640, 340
_SCALE = 2
_LINES = 20


def search_picture(session: "Session", draw_map: Callable[[QPainter, QSizeF], None]) -> QImage:
    """Draw the current results beside the map, which ``draw_map`` draws into a size."""
    image = QImage(_WIDTH * _SCALE, _HEIGHT * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    c = theme.colours()
    image.fill(c.colour("base"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    margin, line = theme.SPACE_XL, theme.row_height() - 4
    painter.setFont(theme.sized(6, bold=True))
    painter.setPen(c.colour("text"))
    top = QRectF(margin, margin, _WIDTH - 2 * margin, 36)
    painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, session.search.query.text)
    painter.setFont(theme.sized(0))
    painter.setPen(c.colour("text2"))
    painter.drawText(
        top,
        Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
        f"{session.tables.info.name} · TokenSim",
    )
    y = top.bottom() + theme.SPACE_M
    results = session.search.results
    if results is not None:
        font = theme.sized(0)
        for token, score in zip(results.ids[:_LINES], results.scores[:_LINES], strict=True):
            row = QRectF(margin, y, _LIST - margin, line)
            painter.setPen(c.colour("text"))
            name = glyphs.face(session.tables.vocabulary, int(token), font).whole
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, name)
            words = score_text(float(score), results.query.metric)
            painter.setPen(c.colour("text2"))
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(row, side, words)
            y += line
    left, high = _LIST + margin, top.bottom() + theme.SPACE_M
    painter.translate(left, high)
    draw_map(painter, QSizeF(_WIDTH - margin - left, _HEIGHT - margin - high))
    painter.end()
    return image
