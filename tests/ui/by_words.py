"""Parts of a window, found by the words on them as a user finds them."""

from PySide6.QtWidgets import QLabel, QPushButton, QWidget


def button(parent: QWidget, words: str) -> QPushButton:
    """The button in `parent` with exactly these words."""
    return next(one for one in parent.findChildren(QPushButton) if one.text() == words)


def said(parent: QWidget, words: str) -> bool:
    """Whether a label that is not hidden in `parent` holds these words."""
    return any(
        words in label.text() and label.isVisibleTo(parent) for label in parent.findChildren(QLabel)
    )
