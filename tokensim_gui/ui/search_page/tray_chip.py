"""One token in the tray: a button that can be dragged, moved and taken out."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from tokensim_gui.ui.tokens.token_drag import drag
from tokensim_gui.ui.tokens.token_mime import mime_data

_CROSS = "  ×"
_CROSS_WIDTH = 26
_STEPS = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
}


class TrayChip(QPushButton):
    """A chip with its token's name and a cross.

    Signals:
        activated: It was clicked.
        lookedUp: It was double-clicked, or Enter pressed.
        removeAsked: The cross was clicked, or Delete or Space pressed.
        copyAsked: Ctrl+C was pressed.
        appendAsked: ``+`` or ``-`` was pressed.
        stepAsked: An arrow key: how far, and whether the chip itself is to move (Alt).
        menuAsked: It was right-clicked, at this global position.
    """

    activated = Signal()
    lookedUp = Signal()
    removeAsked = Signal()
    copyAsked = Signal()
    appendAsked = Signal(str)
    stepAsked = Signal(int, bool)
    menuAsked = Signal(QPoint)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "chip")
        self._token_id = -1
        self._dragged_text = ""
        self._pressed_at: QPointF | None = None
        self.setAccessibleDescription("Delete takes it out, Alt and an arrow key move it.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_token(self, token_id: int, name: str, dragged_text: str) -> None:
        """Be the chip of a token called ``name`` that carries a text to other programs."""
        self._token_id = token_id
        self._dragged_text = dragged_text
        self.setText(name.replace("&", "&&") + _CROSS)
        self.setAccessibleName(name)

    def _on_cross(self, at: QPointF) -> bool:
        return at.x() >= self.width() - _CROSS_WIDTH

    def event(self, event: QEvent) -> bool:
        """Claim Ctrl+C, which is the window's for the selection where nobody does."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.matches(QKeySequence.StandardKey.Copy):
                event.accept()
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._pressed_at = event.position()
        self.setDown(True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the token once the mouse has moved far enough."""
        start = self._pressed_at
        if start is None:
            return
        if (event.position() - start).manhattanLength() >= QApplication.startDragDistance():
            self._pressed_at = None
            self.setDown(False)
            data = mime_data([self._token_id], self._dragged_text)
            drag(self, data, self.accessibleName())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Select, or take out on the cross."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_at is None:
            return
        began_on_cross = self._on_cross(self._pressed_at)
        self._pressed_at = None
        self.setDown(False)
        if not self.rect().contains(event.position().toPoint()):
            return
        if began_on_cross and self._on_cross(event.position()):
            self.removeAsked.emit()
        elif not began_on_cross:
            self.activated.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look the token up; on the cross a second click is just another one."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._on_cross(event.position()):
            self._pressed_at = event.position()
        else:
            self.lookedUp.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the token."""
        self.menuAsked.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, move, take out, look up, copy, put into the query."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            moves = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            self.stepAsked.emit(_STEPS[key], moves)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Space):
            self.removeAsked.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.lookedUp.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copyAsked.emit()
        elif event.text() in ("+", "-"):
            self.appendAsked.emit(event.text())
        else:
            event.ignore()
