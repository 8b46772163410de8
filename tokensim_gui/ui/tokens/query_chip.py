"""One token of the query, under the bar."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget


class QueryChip(QPushButton):
    """A chip that is clicked, dragged and asked by the keys of the table.

    Signals, each with the token's id:
        lookedUp: It was double-clicked, or Enter pressed.
        menuAsked: It was right-clicked, at this global position.
        trayAsked: Space was pressed.
        removeAsked: Delete was pressed.
        appendAsked: ``+`` or ``-`` was pressed.
        copyAsked: Ctrl+C was pressed.
        dragAsked: It is pulled away.
    """

    lookedUp = Signal(int)
    menuAsked = Signal(int, QPoint)
    trayAsked = Signal(int)
    removeAsked = Signal(int)
    appendAsked = Signal(int, str)
    copyAsked = Signal(int)
    dragAsked = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.token = -1
        self._pressed_at: QPointF | None = None
        self.setProperty("look", "chip")
        self.hide()

    def event(self, event: QEvent) -> bool:
        """Claim Ctrl+C, which is the window's for the selection where nobody does."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.matches(QKeySequence.StandardKey.Copy):
                event.accept()
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the token be dragged once the mouse has moved far enough."""
        super().mouseMoveEvent(event)
        start = self._pressed_at
        if start is None:
            return
        if (event.position() - start).manhattanLength() >= QApplication.startDragDistance():
            self._pressed_at = None
            self.setDown(False)
            self.dragAsked.emit(self.token)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish a click."""
        self._pressed_at = None
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look the token up."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.lookedUp.emit(self.token)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the token."""
        self.menuAsked.emit(self.token, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for what the key means."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.lookedUp.emit(self.token)
        elif event.key() == Qt.Key.Key_Space:
            self.trayAsked.emit(self.token)
        elif event.key() == Qt.Key.Key_Delete:
            self.removeAsked.emit(self.token)
        elif event.text() in ("+", "-"):
            self.appendAsked.emit(self.token, event.text())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copyAsked.emit(self.token)
        else:
            super().keyPressEvent(event)
