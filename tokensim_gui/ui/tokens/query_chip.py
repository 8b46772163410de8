"""One token of the query, under the bar."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QPushButton, QWidget

from tokensim_gui.ui.tokens.token_gestures import TokenGestures, claims


class QueryChip(QPushButton):
    """A chip that is clicked, and has the gestures of a token."""

    def __init__(self, gestures: TokenGestures, parent: QWidget) -> None:
        super().__init__(parent)
        self.token = -1
        self._gestures = gestures
        self.setProperty("look", "chip")
        self.hide()

    def event(self, event: QEvent) -> bool:
        """Claim the keys of a token."""
        return claims(event) or super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._gestures.press(event, [self.token])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the token be dragged."""
        super().mouseMoveEvent(event)
        if self._gestures.move(event, self):
            self.setDown(False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish a click."""
        self._gestures.release()
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look the token up."""
        self._gestures.double_click(event, self.token)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the token."""
        self._gestures.menuRequested.emit(self.token, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the key means for a token."""
        if not self._gestures.key(event, self.token):
            super().keyPressEvent(event)
