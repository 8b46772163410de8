"""The entries of the Edit menu where a field or a list has the keyboard."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QTextEdit,
    QWidget,
)

from tokensim_gui.ui.window.actions import Action


def can_redo(field: QObject) -> bool:
    """Whether a field has something to redo; True for what is none."""
    if isinstance(field, QLineEdit):
        return field.isRedoAvailable()
    if isinstance(field, QPlainTextEdit | QTextEdit):
        return field.document().isRedoAvailable()
    return True


def edit_focused(action: Action) -> bool:
    """Do what an entry of the Edit menu means for what has the keyboard; False for nothing."""
    focused: QWidget | None = QApplication.focusWidget()
    if isinstance(focused, QSpinBox):
        focused = focused.lineEdit()
    if isinstance(focused, QAbstractItemView) and action is Action.SELECT_ALL:
        focused.selectAll()
        return True
    if not isinstance(focused, QLineEdit | QPlainTextEdit | QTextEdit):
        return False
    if isinstance(focused, QLineEdit):
        selected = focused.hasSelectedText()
    else:
        selected = focused.textCursor().hasSelection()
    if action in (Action.COPY, Action.CUT) and not selected:
        return False
    if action is Action.REDO and not can_redo(focused):
        return False
    edits = {
        Action.UNDO: focused.undo,
        Action.REDO: focused.redo,
        Action.CUT: focused.cut,
        Action.COPY: focused.copy,
        Action.PASTE: focused.paste,
        Action.SELECT_ALL: focused.selectAll,
    }
    if action not in edits:
        return False
    edits[action]()
    return True
