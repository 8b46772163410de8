"""A widget on the screen, until the test ends."""

from typing import TypeVar

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

W = TypeVar("W", bound=QWidget)


def on_screen(qtbot: QtBot, widget: W, width: int, height: int) -> W:
    """Show a widget of its own, so large."""
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    return widget
