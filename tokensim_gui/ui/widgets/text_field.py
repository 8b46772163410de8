"""A field to type in, which leaves dropped files to the window."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QLineEdit


class TextField(QLineEdit):
    """Takes text; Qt's own would write out the path of a file, and answer that it was moved."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take no files."""
        if event.mimeData().hasUrls():
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Write a text out; where it came from elsewhere it stays there too."""
        super().dropEvent(event)
        if event.source() is not self:
            event.setDropAction(Qt.DropAction.CopyAction)
