"""The help: one searchable text, shipped with TokenSim."""

from PySide6.QtCore import QEvent, Qt, QUrl, Slot
from PySide6.QtGui import (
    QKeySequence,
    QShortcut,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextTable,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTextBrowser, QVBoxLayout, QWidget

from tokensim_gui.core import paths
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.clearable_field import ClearableField
from tokensim_gui.ui.window.web_links import open_outside


class HelpWindow(QWidget):
    """Shows ``help.md``; a field finds words in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("TokenSim help")
        self.resize(720, 640)
        self._find = ClearableField()
        self._find.setPlaceholderText("Find in the help…")
        self._find.setAccessibleName("Find in the help")
        self._missing = QLabel("Not found.")
        self._missing.setProperty("look", "dim")
        self._missing.hide()
        self._text = QTextBrowser()
        self._text.setOpenLinks(False)
        self._text.setMarkdown(paths.resource("help.md").read_text("utf-8"))
        self._text.setAccessibleName("Help text")
        self._dress_tables()
        row = QHBoxLayout()
        row.addWidget(self._find, 1)
        row.addWidget(self._missing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.SPACE_M,) * 4)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(row)
        layout.addWidget(self._text, 1)
        self._text.anchorClicked.connect(self._on_anchor_clicked)
        self._find.textChanged.connect(self._on_find_text_changed)
        self._find.returnPressed.connect(self._on_find_return_pressed)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._find.setFocus)

    def show_section(self, title: str) -> None:
        """Open the help at the heading ``title``; "" opens it at the top."""
        self.show()
        self.raise_()
        self.activateWindow()
        self._find.setFocus()
        self._find.selectAll()
        self._text.moveCursor(QTextCursor.MoveOperation.End)
        if title and self._text.find(title, QTextDocument.FindFlag.FindBackward):
            while self._text.find(title, QTextDocument.FindFlag.FindBackward):
                pass
        else:
            self._text.moveCursor(QTextCursor.MoveOperation.Start)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._dress_tables()
        super().changeEvent(event)

    def _dress_tables(self) -> None:
        """Give the tables thin lines in the theme's colour, and room above."""
        document = self._text.document()
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                look = frame.format().toTableFormat()
                look.setBorderBrush(theme.colours().colour("border"))
                look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                look.setBorderCollapse(True)
                look.setTopMargin(theme.SPACE_S)
                look.setBottomMargin(theme.SPACE_S)
                frame.setFormat(look)

    @Slot(QUrl)
    def _on_anchor_clicked(self, url: QUrl) -> None:
        if url.scheme() == "https":
            open_outside(url)
        else:
            self._text.scrollToAnchor(url.fragment())

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
        self._missing.setVisible(not found)
