"""Dragging tokens: what they carry, what is seen under the mouse, and the drag itself."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QDrag, QFontMetricsF, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.glyphs import face

TOKEN_IDS = "application/x-tokensim-ids"
_WIDEST = 240


def mime_data(ids: Sequence[int], text: str) -> QMimeData:
    """Data to drag: ``text`` as text/plain and the ids as comma separated numbers."""
    data = QMimeData()
    data.setText(text)
    data.setData(TOKEN_IDS, ",".join(str(token_id) for token_id in ids).encode())
    return data


def dragged_ids(data: QMimeData) -> list[int]:
    """The ids in dragged data; empty if it holds none or was made by something else."""
    fields = bytes(data.data(TOKEN_IDS).data()).decode("ascii", "replace").split(",")
    return [int(field) for field in fields if field.isascii() and field.isdecimal()]


def drag(source: QWidget, vocabulary: Vocabulary, ids: Sequence[int], text: str) -> None:
    """Let the user carry tokens away from ``source``, for other programs as ``text``."""
    more = f" +{len(ids) - 1}" if len(ids) > 1 else ""
    words = f"{face(vocabulary, ids[0], source.font()).whole}{more}"
    carried = QDrag(source)
    carried.setMimeData(mime_data(ids, text))
    carried.setPixmap(chip_picture(words, source.devicePixelRatioF()))
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
