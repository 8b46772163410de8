"""Taking what is dropped: always as a copy, and said while it hovers."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QDropEvent, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from tokensim_gui.ui import theme

_EDGE = 2
_VEIL = 0.55  # of what is below is taken


def accept_copy(event: QDropEvent) -> bool:
    """Accept as a copy; False, and refused, where the source would only move.

    A file manager that is answered with a move may delete the file that it carried.
    """
    if not event.possibleActions() & Qt.DropAction.CopyAction:
        event.ignore()
        return False
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
    return True


def local_files(data: QMimeData) -> list[Path]:
    """The files and folders of this computer that are carried; a mere ``file:`` names none."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and url.path()]


class DropHint(QWidget):
    """Lies over a widget that would take what hovers over it, and says what it will do."""

    def __init__(self, target: QWidget) -> None:
        super().__init__(target)
        self._target = target
        self._words = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_words(self, words: str) -> None:
        """Frame the widget, with a sentence in its middle, or "" for none."""
        self._words = words
        self.setAccessibleName(words)
        self.setGeometry(self._target.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = theme.colours()
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._words:  # stand out from those below
            ground = c.colour("base")
            ground.setAlphaF(_VEIL)
            painter.fillRect(self.rect(), ground)
        painter.setPen(QPen(c.colour("accent"), _EDGE))
        painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        if not self._words:
            return
        font = theme.sized(2)
        size = QFontMetricsF(font).boundingRect(self._words).size()
        box = QRectF(0, 0, size.width() + 2 * theme.SPACE_L, size.height() + 2 * theme.SPACE_M)
        box.moveCenter(frame.center())
        painter.setBrush(c.colour("accent"))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        painter.setPen(c.colour("on_accent"))
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._words)
