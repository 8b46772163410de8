"""A fade at the side of a line that goes on beyond its edge."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Slot
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from tokensim_gui.ui import theme

_WIDTH = 32


class EdgeFade(QWidget):
    """Lies over a scroll area, lets the mouse through, and fades the side with more behind it."""

    def __init__(self, area: QAbstractScrollArea, role: str) -> None:
        """Take the area, and the role of the ground that it fades into."""
        super().__init__(area)
        self._bar, self._role = area.horizontalScrollBar(), role
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._bar.valueChanged.connect(self._on_bar_moved)
        self._bar.rangeChanged.connect(self._on_bar_moved)
        area.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the area, whatever its size."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
            self._on_bar_moved()
        return super().eventFilter(watched, event)

    @Slot()
    def _on_bar_moved(self) -> None:
        shown = self._bar.maximum() > 0
        if shown == self.isHidden():
            self.setVisible(shown)
            self.raise_()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fade what goes on."""
        painter = QPainter(self)
        ground, clear = theme.colours().colour(self._role), theme.colours().colour(self._role)
        clear.setAlpha(0)
        side = float(min(_WIDTH, self.width() // 4))
        for goes_on, edge, inner in (
            (self._bar.value() > 0, 0.0, side),
            (self._bar.value() < self._bar.maximum(), self.width(), self.width() - side),
        ):
            if goes_on:
                fade = QLinearGradient(edge, 0, inner, 0)
                fade.setColorAt(0, ground)
                fade.setColorAt(1, clear)
                painter.fillRect(QRectF(min(edge, inner), 0, side, self.height()), fade)
