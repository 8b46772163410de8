"""What may be done with a token, the same wherever one is drawn."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget


class TokenGestures(QObject):
    """Reads keys and mouse of a widget that shows tokens, and says what they ask for.

    The widget hands its events over with the tokens that they are about; widgets that belong
    together, such as the chips of one line, share one.

    Signals:
        lookedUp: Enter was pressed, or a token double-clicked.
        trayToggled: Space was pressed.
        removeRequested: Delete was pressed: out of the tray.
        copyRequested: Ctrl+C was pressed.
        appendRequested: ``+`` or ``-`` was pressed: to be added to the query, or taken off it.
        menuRequested: A token was right-clicked, or the menu key pressed; the global position.
        dragRequested: Tokens are pulled away from the widget.
    """

    lookedUp = Signal(int)
    trayToggled = Signal(list)
    removeRequested = Signal(list)
    copyRequested = Signal(list)
    appendRequested = Signal(int, str)
    menuRequested = Signal(int, QPoint)
    dragRequested = Signal(QObject, list)  # the widget, the tokens

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pressed_at: QPointF | None = None
        self._pressed_on: Sequence[int] = ()

    def forward_to(self, other: "TokenGestures") -> None:
        """Let another one say all that this one does; a look-up is each list's own matter."""
        self.trayToggled.connect(other.trayToggled)
        self.removeRequested.connect(other.removeRequested)
        self.copyRequested.connect(other.copyRequested)
        self.appendRequested.connect(other.appendRequested)
        self.menuRequested.connect(other.menuRequested)
        self.dragRequested.connect(other.dragRequested)

    def key(self, event: QKeyEvent, token: int | None, tokens: Sequence[int] = ()) -> bool:
        """Do what a key means for a token, or for all that are selected with it.

        Args:
            event: The key.
            token: The current token, if any.
            tokens: Those selected; the current one alone, if there are none.

        Returns:
            Whether the key means anything.
        """
        if token is None:
            return False
        chosen, key = list(tokens) or [token], event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.lookedUp.emit(token)
        elif key == Qt.Key.Key_Space and not event.modifiers():
            self.trayToggled.emit(chosen)
        elif key == Qt.Key.Key_Delete:
            self.removeRequested.emit(chosen)
        elif event.text() in ("+", "-"):
            self.appendRequested.emit(token, event.text())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copyRequested.emit(chosen)
        else:
            return False
        event.accept()
        return True

    def double_click(self, event: QMouseEvent, token: int | None) -> None:
        """Look a token up."""
        if event.button() == Qt.MouseButton.LeftButton and token is not None:
            self.lookedUp.emit(token)

    def context_menu(
        self,
        event: QContextMenuEvent,
        view: QWidget,
        token_at: Callable[[QPoint], int | None],
        current: tuple[int, QPoint] | None,
    ) -> int | None:
        """Ask for the menu of a token: the one under the mouse, or by key the current one.

        Args:
            event: What asks for a menu.
            view: The widget whose positions are meant.
            token_at: Finds the token at a position.
            current: The current token and where it is, if any.

        Returns:
            The token whose menu is asked for, if any.
        """
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            token, where = current or (None, QPoint())
        else:
            token, where = token_at(event.pos()), event.pos()
        if token is None:
            event.ignore()
        else:
            self.menuRequested.emit(token, view.mapToGlobal(where))
        return token

    def press(self, event: QMouseEvent, tokens: Sequence[int]) -> None:
        """The mouse went down on tokens: a drag may begin."""
        self._pressed_at = event.position() if tokens else None
        self._pressed_on = tokens

    def move(self, event: QMouseEvent, view: QWidget) -> bool:
        """The mouse moves; True once that has become a drag, and the press is over."""
        start = self._pressed_at
        if start is None or not is_drag(start, event.position()):
            return False
        self._pressed_at = None
        self.dragRequested.emit(view, list(self._pressed_on))
        return True

    def release(self) -> None:
        """The mouse went up."""
        self._pressed_at = None


def claims(event: QEvent) -> bool:
    """Claim Ctrl+C for the token with the focus, where nobody does it is the window's."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.matches(QKeySequence.StandardKey.Copy):
        event.accept()
    return event.isAccepted()


def is_drag(start: QPointF, end: QPointF) -> bool:
    """Whether the mouse was moved far enough to mean it."""
    return (end - start).manhattanLength() >= QApplication.startDragDistance()
