"""Where the keyboard goes in a part of the window."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def first_stop(part: QWidget) -> QWidget | None:
    """The first widget of a part that Tab stops at, if it shows any."""
    for widget in part.findChildren(QWidget):
        stops = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if stops and widget.isEnabled() and widget.isVisibleTo(part.window()):
            return widget
    return None


def enter(part: QWidget) -> None:
    """Give a part the keyboard: where it was in there, else its first stop."""
    stop = part.focusWidget() or first_stop(part)
    if stop is not None:
        stop.setFocus(Qt.FocusReason.ShortcutFocusReason)
