"""The window's shortcuts before the editing keys of a text field."""

from collections.abc import Iterable

import shiboken6
from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from tokensim_gui.ui.window.editing import can_redo

# What a field does with its own text, and its own Undo takes back.
_OF_FIELDS = tuple(
    QKeySequence.StandardKey[name]
    for name in ("Undo", "Redo", "Cut", "Copy", "Paste", "SelectAll", "Delete")
)


class ShortcutPriority(QObject):
    """Lets every shortcut of a window through to it, whatever field has the keyboard.

    Redo too, where the field has nothing to redo.

    Qt asks the focused widget first, and a field claims what it edits with: on X11 Ctrl+E, Ctrl+K,
    Ctrl+D and Ctrl+H too. Nobody looks for those in TokenSim, and the menus show what they do here.
    """

    def __init__(self, window: QWidget, actions: Iterable[QAction]) -> None:
        super().__init__(window)
        self._window = window
        self._actions = list(actions)
        self._watched: QObject | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep a key that is a shortcut of the window from the field."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if any(event.matches(key) for key in _OF_FIELDS) and not (
            event.matches(QKeySequence.StandardKey.Redo) and not can_redo(watched)
        ):
            return False
        pressed = QKeySequence(event.keyCombination())
        if not any(pressed in action.shortcuts() for action in self._actions):
            return False
        event.ignore()
        return True

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        if self._watched is not None and shiboken6.isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = now if now is not None and now.window() is self._window else None
        if self._watched is not None:
            self._watched.installEventFilter(self)
