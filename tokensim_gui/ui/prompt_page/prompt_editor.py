"""Where the prompt is typed: plain text with undo, as it goes to the interface."""

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.qt_quirks import code_point_index, signals_blocked, utf16_index

_STEP = 0.1


class PromptEditor(QPlainTextEdit):
    """Says what was typed and where the cursor is, in code points.

    Signals:
        weightNudged: By how much the weight of the word at a place is to grow: place, step.
        pasted: A text with negative prompt and settings.
    """

    textEdited = Signal(str)
    cursorMoved = Signal(int)
    weightNudged = Signal(int, float)
    pasted = Signal(str)

    def __init__(self, name: str, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.setMinimumHeight(2 * theme.row_height())
        self._range: tuple[int, int] | None = None
        self.textChanged.connect(self._on_text_changed)
        self.cursorPositionChanged.connect(self.tell_cursor)

    def set_text(self, text: str) -> None:
        """Show another text; Ctrl+Z brings the one before back."""
        if text != self.toPlainText():
            self.replace(0, len(self.toPlainText()), text)

    def replace(self, start: int, end: int, text: str) -> None:
        """Write a text in the place of some characters; Ctrl+Z takes it back."""
        whole = self.toPlainText()
        cursor = self.textCursor()
        cursor.setPosition(utf16_index(whole, start))
        cursor.setPosition(utf16_index(whole, end), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)
        with signals_blocked(self):  # the selection of a token is not to follow the cursor
            self.setTextCursor(cursor)

    def mark(self, span: tuple[int, int] | None) -> None:
        """Lay the selection's colour under some characters, without selecting them."""
        if span == self._range:
            return
        self._range = span
        self._show_mark()

    def _show_mark(self) -> None:
        selections = []
        if self._range is not None:
            whole = self.toPlainText()
            selection = QTextEdit.ExtraSelection()
            form = QTextCharFormat()
            form.setBackground(theme.colours().colour("selection"))
            cursor = self.textCursor()
            start, end = (utf16_index(whole, at) for at in self._range)
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            selection.format = form
            selection.cursor = cursor
            selections.append(selection)
        self.setExtraSelections(selections)

    def changeEvent(self, event: QEvent) -> None:
        """Mark in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_mark()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+↑ and Ctrl+↓ change the weight of the word under the cursor."""
        key = event.key()
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            at = code_point_index(self.toPlainText(), self.textCursor().position())
            self.weightNudged.emit(at, _STEP if key == Qt.Key.Key_Up else -_STEP)
        else:
            super().keyPressEvent(event)

    def take(self, text: str, at: int) -> None:
        """Show a changed text with the cursor at a place; Ctrl+Z brings the one before back."""
        self.set_text(text)
        cursor = self.textCursor()
        cursor.setPosition(utf16_index(text, at))
        self.setTextCursor(cursor)

    # Files are the page's, text is the editor's -------------------------------------------------

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Take text."""
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste a text; what A1111 writes under a picture is handed on whole."""
        from tokensim_gui.core.prompt.infotext import parse_infotext

        if parse_infotext(source.text()) is not None:
            self.pasted.emit(source.text())
        else:
            super().insertFromMimeData(source)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Leave dragged files to the page."""
        if event.mimeData().hasUrls():
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Leave dragged files to the page."""
        if event.mimeData().hasUrls():
            event.ignore()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Write a text out; where it came from elsewhere it stays there too."""
        super().dropEvent(event)
        if event.source() is not self.viewport():
            event.setDropAction(Qt.DropAction.CopyAction)

    @Slot()
    def _on_text_changed(self) -> None:
        self._range = None
        self.setExtraSelections([])
        self.textEdited.emit(self.toPlainText())

    @Slot()
    def tell_cursor(self) -> None:
        """Send `cursorMoved` for where the cursor is."""
        text = self.toPlainText()
        self.cursorMoved.emit(code_point_index(text, self.textCursor().position()))
