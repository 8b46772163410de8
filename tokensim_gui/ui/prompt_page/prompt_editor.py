"""Where the prompt is typed: plain text with undo, as it goes to the interface."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.prompt_page.dropped_files import file_in
from tokensim_gui.ui.prompt_page.prompt_highlighter import PromptHighlighter
from tokensim_gui.ui.widgets.qt_quirks import code_point_index, signals_blocked, utf16_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokensim_gui.core.prompt.prompt_reading import Reading

_STEP = 0.1
_MOST_WAVES = 60
_WIDEST = "75 · chunk 9"
_LINE = 150.0  # per cent of the font's height: room for waves and marks


class _Margin(QWidget):
    """Says beside the text how full the chunks are that end in it."""

    def __init__(self, editor: "PromptEditor") -> None:
        super().__init__(editor)
        self._editor = editor
        editor.verticalScrollBar().valueChanged.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words level with their lines."""
        painter = QPainter(self)
        painter.setFont(theme.sized(-1))
        painter.setPen(theme.colours().colour("accent"))
        bottom = -1.0
        for place, words in self._editor.chunk_ends():
            line = QRectF(0, max(place.top(), bottom), self.width() - theme.SPACE_L, place.height())
            painter.drawText(
                line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words
            )
            bottom = line.bottom()


class PromptEditor(QTextEdit):
    """Says what was typed and where the cursor is, in code points.

    Signals:
        weightNudged: By how much the weight of the word at a place is to grow: place, step.
        pasted: A text with negative prompt and settings.
        filePasted: The path of a picture or caption.
    """

    textEdited = Signal(str)
    cursorMoved = Signal(int)
    weightNudged = Signal(int, float)
    pasted = Signal(str)
    filePasted = Signal(object)  # Path

    def __init__(self, name: str, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptRichText(False)
        self.setAccessibleName(name)
        self.setProperty("look", "sheet")
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.setMinimumHeight(2 * theme.row_height())
        self._highlighter = PromptHighlighter(self.document())
        self._margin = _Margin(self)
        self._range: tuple[int, int] | None = None
        self._waves: Sequence[tuple[int, int]] = ()
        self._chunk_ends: Sequence[tuple[int, str]] = ()  # UTF-16 index, and what to say there
        self._fit_margin()
        self._space_lines()
        self.textChanged.connect(self._on_text_changed)
        self.cursorPositionChanged.connect(self.tell_cursor)

    def setPlainText(self, text: str) -> None:
        """Show another text, without a way back to the one before."""
        super().setPlainText(text)
        self._space_lines()

    def _space_lines(self) -> None:
        """Give each line its room, as a new document has none; what is typed keeps to it."""
        cursor, spaced = QTextCursor(self.document()), QTextBlockFormat()
        spaced.setLineHeight(_LINE, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.select(QTextCursor.SelectionType.Document)
        with signals_blocked(self):
            cursor.mergeBlockFormat(spaced)
        self.document().clearUndoRedoStacks()

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

    def show_reading(self, reading: "Reading") -> None:
        """Colour the syntax, mark where chunks end, and wave under what a note is about."""
        if reading.text != self.toPlainText():
            return
        with signals_blocked(self):  # colours are no change of the text
            self._highlighter.set_reading(reading)
        notes = [(note.start, note.end) for note in reading.notes if note.start < note.end]
        self._waves = notes[:_MOST_WAVES]
        prompt = reading.prompt
        self._chunk_ends = [
            (
                utf16_index(reading.text, prompt.tokens[chunk.last - 1].end),
                f"{chunk.last - chunk.first} · chunk {number}",
            )
            for number, chunk in enumerate(prompt.chunks[:-1], 2)
            if chunk.first < chunk.last
        ]
        self._fit_margin()
        self._show_mark()
        self.viewport().update()
        self._margin.update()

    def _fit_margin(self) -> None:
        """Keep room for the words of the margin before there are any: no line breaks anew then."""
        font = QFontMetricsF(theme.sized(-1))
        words = [_WIDEST, *(words for _, words in self._chunk_ends)]
        self._margin_width = int(max(map(font.horizontalAdvance, words)))
        self._margin_width += theme.SPACE_M + theme.SPACE_L
        left = theme.TEXT_LEFT - int(self.document().documentMargin())
        self.setViewportMargins(left, theme.SPACE_S, self._margin_width, 0)

    def mark(self, span: tuple[int, int] | None) -> None:
        """Lay the selection's colour under some characters, without selecting them."""
        if span == self._range:
            return
        self._range = span
        self._show_mark()

    def _show_mark(self) -> None:
        selections = []
        for span in self._waves:
            form = QTextCharFormat()
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            form.setUnderlineColor(theme.colours().colour("query"))
            selections.append(self._selection(span, form))
        if self._range is not None:
            form = QTextCharFormat()
            form.setBackground(theme.colours().colour("selection"))
            selections.append(self._selection(self._range, form))
        self.setExtraSelections(selections)

    def _selection(self, span: tuple[int, int], form: QTextCharFormat) -> QTextEdit.ExtraSelection:
        whole = self.toPlainText()
        selection = QTextEdit.ExtraSelection()
        cursor = self.textCursor()
        start, end = (utf16_index(whole, at) for at in span)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        selection.format = form
        selection.cursor = cursor
        return selection

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a line where a chunk ends."""
        super().paintEvent(event)
        if not self._chunk_ends:
            return
        painter = QPainter(self.viewport())
        painter.setPen(QPen(theme.colours().colour("accent"), 1.4))
        for place, _ in self.chunk_ends():
            painter.drawLine(
                QPointF(place.left() + 1, place.top()), QPointF(place.left() + 1, place.bottom())
            )

    def chunk_ends(self) -> "Iterator[tuple[QRectF, str]]":
        """Where chunks end in the viewport, with what there is to say."""
        cursor = self.textCursor()
        for at, words in self._chunk_ends:
            cursor.setPosition(min(at, self.document().characterCount() - 1))
            yield QRectF(self.cursorRect(cursor)), words

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the margin where it belongs."""
        super().resizeEvent(event)
        view = self.viewport().geometry()
        self._margin.setGeometry(view.right() + 1, view.top(), self._margin_width, view.height())

    def changeEvent(self, event: QEvent) -> None:
        """Mark in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            with signals_blocked(self):
                self._highlighter.rehighlight()
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

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy the text alone, without its colours."""
        # Qt's own data, not some made here: the clipboard keeps it until after Python has ended.
        data = super().createMimeDataFromSelection()
        text = data.text()
        data.clear()
        data.setText(text)
        return data

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste a text; files, and what A1111 writes under a picture, are handed on whole."""
        from tokensim_gui.core.prompt.infotext import parse_infotext

        if (path := file_in(source)) is not None:
            self.filePasted.emit(path)
        elif parse_infotext(source.text()) is not None:
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
        self._range, self._waves, self._chunk_ends = None, (), ()
        self.setExtraSelections([])
        self.textEdited.emit(self.toPlainText())

    @Slot()
    def tell_cursor(self) -> None:
        """Send `cursorMoved` for where the cursor is."""
        text = self.toPlainText()
        self.cursorMoved.emit(code_point_index(text, self.textCursor().position()))
