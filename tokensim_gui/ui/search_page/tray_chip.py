"""One token in the tray: a button that can be dragged, moved and taken out."""

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QPushButton, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.token_gestures import TokenGestures, claims

_ABSENT = "No token of this encoder. It comes back with an encoder that has it."
_CROSS_WIDTH = 24
_CROSS = 3.5  # from its middle to its ends
_GRIP = (7, 11)  # columns of the dots
_DOT = 2
_STEPS = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
}


class TrayChip(QPushButton):
    """A chip with its token's name and a cross, and the gestures of a token.

    Signals:
        activated: It was clicked.
        removeAsked: A token that is none of this encoder is to go.
        stepAsked: An arrow key: how far, and whether the chip itself is to move (Alt).
    """

    activated = Signal()
    removeAsked = Signal()
    stepAsked = Signal(int, bool)

    def __init__(self, gestures: TokenGestures, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "tray chip")
        self.token: int | None = None
        self._gestures = gestures
        self._pressed_at: QPointF | None = None
        self.setAccessibleDescription("Delete takes it out, Alt and an arrow key move it.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_token(self, token_id: int | None, name: str) -> None:
        """Be the chip of a token called ``name``; grey if it is none (None) of this encoder."""
        self.token = token_id
        self.setText(name.replace("&", "&&"))
        absent = token_id is None
        self.setAccessibleName(f"{name}, no token of this encoder" if absent else name)
        self.setToolTip(_ABSENT if absent else "")
        if self.property("look") != (look := "absent chip" if absent else "tray chip"):
            self.setProperty("look", look)
            self.style().polish(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw grip and cross beside the name."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dim = theme.colours().colour("text2")
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(dim)
        for x in _GRIP:
            for step in (-4, 0, 4):
                painter.drawEllipse(QRectF(x - 1, middle + step - 1, _DOT, _DOT))
        painter.setPen(QPen(dim, 1.3))
        centre = QPointF(self.width() - _CROSS_WIDTH / 2, middle)
        for side in (-_CROSS, _CROSS):
            painter.drawLine(centre + QPointF(side, -_CROSS), centre + QPointF(-side, _CROSS))

    def _on_cross(self, at: QPointF) -> bool:
        return at.x() >= self.width() - _CROSS_WIDTH

    def event(self, event: QEvent) -> bool:
        """Claim the keys of a token."""
        return claims(event) or super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._pressed_at = event.position()
        if self.token is not None:
            self._gestures.press(event, [self.token])
        self.setDown(True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the token be dragged."""
        if self._gestures.move(event, self):
            self._pressed_at = None
            self.setDown(False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Select, or take out on the cross."""
        self._gestures.release()
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_at is None:
            return
        began_on_cross = self._on_cross(self._pressed_at)
        self._pressed_at = None
        self.setDown(False)
        if not self.rect().contains(event.position().toPoint()):
            return
        if began_on_cross and self._on_cross(event.position()):
            self._remove()
        elif not began_on_cross:
            self.activated.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look the token up; on the cross a second click is just another one."""
        if self._on_cross(event.position()):
            self._pressed_at = event.position()
        elif self.token is not None:
            self._gestures.double_click(event, self.token)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the token."""
        if self.token is not None:
            self._gestures.menuRequested.emit(self.token, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, move, and do what the key means for a token."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            moves = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            self.stepAsked.emit(_STEPS[key], moves)
        elif key == Qt.Key.Key_Backspace or (self.token is None and key == Qt.Key.Key_Delete):
            self._remove()
        elif self.token is None or not self._gestures.key(event, self.token):
            event.ignore()

    def _remove(self) -> None:
        if self.token is None:
            self.removeAsked.emit()
        else:
            self._gestures.removeRequested.emit([self.token])
