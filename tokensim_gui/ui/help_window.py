"""The help: one searchable text, shipped with TokenSim."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QTextBrowser, QVBoxLayout, QWidget

from tokensim_gui import paths
from tokensim_gui.ui import theme


class HelpWindow(QWidget):
    """Shows ``help.md``; a field finds words in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("TokenSim help")
        self.resize(720, 640)
        self._find = QLineEdit()
        self._find.setPlaceholderText("Find in the help…")
        self._find.setAccessibleName("Find in the help")
        self._find.setClearButtonEnabled(True)
        self._missing = QLabel()
        self._missing.setProperty("look", "dim")
        self._text = QTextBrowser()
        self._text.setOpenExternalLinks(True)
        self._text.setMarkdown(paths.resource("help.md").read_text("utf-8"))
        self._text.setAccessibleName("Help text")
        row = QHBoxLayout()
        row.addWidget(self._find, 1)
        row.addWidget(self._missing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.SPACE_M,) * 4)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(row)
        layout.addWidget(self._text, 1)
        self._find.textChanged.connect(self._on_find_text_changed)
        self._find.returnPressed.connect(self._on_find_return_pressed)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._find.setFocus)

    def show_section(self, title: str) -> None:
        """Open the help at the heading ``title``; "" opens it at the top."""
        self.show()
        self.raise_()
        self.activateWindow()
        self._text.moveCursor(QTextCursor.MoveOperation.End)
        if title and self._text.find(title, QTextDocument.FindFlag.FindBackward):
            while self._text.find(title, QTextDocument.FindFlag.FindBackward):
                pass
        else:
            self._text.moveCursor(QTextCursor.MoveOperation.Start)

    @Slot()
    def _on_find_text_changed(self) -> None:
        self._text.moveCursor(QTextCursor.MoveOperation.Start)
        self._on_find_return_pressed()

    @Slot()
    def _on_find_return_pressed(self) -> None:
        words = self._find.text()
        found = not words or self._text.find(words)
        if not found:  # once more from the top
            self._text.moveCursor(QTextCursor.MoveOperation.Start)
            found = self._text.find(words)
        self._missing.setText("" if found else "Not found.")
