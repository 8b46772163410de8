"""A window of its own for the token card, where the page has no room for it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokensim_gui.ui import theme

_SIZE = (420, 360)


class CardPopup(QWidget):
    """Holds what it is lent until that is taken elsewhere; Esc closes it."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle("Token")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(*(theme.SPACE_S,) * 4)

    def show_lent(self, card: QWidget, over: QWidget) -> None:
        """Show a widget, in the middle of another one."""
        self._layout.addWidget(card)
        card.show()
        self.resize(*_SIZE)
        self.move(over.mapToGlobal(over.rect().center()) - self.rect().center())
        self.show()
        self.activateWindow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Say that it is closed, by whatever way."""
        super().hideEvent(event)
        self.closed.emit()
