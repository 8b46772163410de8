"""The prompts that are compared: lines under letters, edited in place."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.matrix_view import letter
from tokensim_gui.ui.widgets.plain_tip import plain_tip
from tokensim_gui.ui.widgets.qt_quirks import signals_blocked

_FIRST, _ANOTHER = "Type a prompt here", "Type another prompt here"


class _Delegate(QStyledItemDelegate):
    """Says in the empty row what it is for."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        if not index.data():
            option.text = _ANOTHER if index.row() else _FIRST
            colour = theme.colours().colour("text2")
            for role in (QPalette.ColorRole.Text, QPalette.ColorRole.HighlightedText):
                option.palette.setColor(role, colour)


class PromptsTable(QTableWidget):
    """One prompt a row, and an empty row at the end for another one."""

    promptsChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 1, parent)
        self.setAccessibleName("Prompts to compare")
        self.setProperty("look", "plain")
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.row_height())
        self.verticalHeader().setHighlightSections(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setItemDelegate(_Delegate(self))
        self._known: list[str] = []
        self._undo: list[list[str]] = []
        self.itemChanged.connect(self._on_item_changed)
        self._show(())

    def prompts(self) -> list[str]:
        """The prompts, in order."""
        texts = [self._text(row) for row in range(self.rowCount())]
        return [text for text in texts if text]

    def set_prompts(self, prompts: Sequence[str]) -> None:
        """Show other prompts; line breaks in them become spaces."""
        self._show(prompts)
        self._note_change()

    def add(self, prompt: str) -> None:
        """Add a prompt, unless it is there or empty, and go to it."""
        wanted = " ".join(prompt.split())
        if wanted and wanted not in self.prompts():
            self.set_prompts([*self.prompts(), wanted])
        if wanted:
            rows = [self._text(row) for row in range(self.rowCount())]
            self.setCurrentCell(rows.index(wanted), 0)

    def undo(self) -> None:
        """Take the last change of the prompts back."""
        if self._undo:
            self._known = self._undo.pop()
            self._show(self._known)
            self.promptsChanged.emit()

    def _note_change(self) -> None:
        """Keep what was there before, and tell, where the prompts are not the same."""
        prompts = self.prompts()
        if prompts != self._known:
            if self._known or self._undo:  # not to the list before the first prompt
                self._undo.append(self._known)
            self._known = prompts
            self.promptsChanged.emit()

    def _show(self, prompts: Sequence[str]) -> None:
        current = max(self.currentRow(), 0)
        rows = [" ".join(prompt.split()) for prompt in prompts]
        rows = [row for row in rows if row]
        with signals_blocked(self):
            self.setRowCount(0)
            self.setRowCount(len(rows))
            for number, text in enumerate(rows):
                self.setItem(number, 0, QTableWidgetItem(text))
            self._name_rows()
            self.setCurrentCell(min(current, len(rows)), 0)

    def _name_rows(self) -> None:
        """Give each prompt its letter, and see that the last row is empty."""
        with signals_blocked(self):
            if not self.rowCount() or self._text(self.rowCount() - 1):
                self.setRowCount(self.rowCount() + 1)
                self.setItem(self.rowCount() - 1, 0, QTableWidgetItem(""))
            number = 0
            for row in range(self.rowCount()):
                text = self._text(row)
                self.setVerticalHeaderItem(row, QTableWidgetItem(letter(number) if text else "+"))
                item = self.item(row, 0)
                assert item is not None
                item.setToolTip(plain_tip(text) or (_ANOTHER if number else _FIRST))
                number += bool(text)

    def chosen(self) -> str:
        """The prompt of the current row; "" where there is none."""
        return self._text(self.currentRow())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes a row away; pasted lines become rows."""
        if event.key() == Qt.Key.Key_Delete and self.currentRow() >= 0:
            rows = range(self.rowCount())
            self.set_prompts([self._text(row) for row in rows if row != self.currentRow()])
        elif event.matches(QKeySequence.StandardKey.Paste):
            lines = QGuiApplication.clipboard().text().splitlines()
            self.set_prompts([*self.prompts(), *lines])
        else:
            super().keyPressEvent(event)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Enter goes on to the row below, or the next key would replace what was typed."""
        super().closeEditor(editor, hint)
        if hint == QAbstractItemDelegate.EndEditHint.SubmitModelCache:
            self.setCurrentCell(min(self.currentRow() + 1, self.rowCount() - 1), 0)

    def _text(self, row: int) -> str:
        item = self.item(row, 0)
        return item.text().strip() if item is not None else ""

    @Slot()
    def _on_item_changed(self) -> None:
        self._name_rows()
        self._note_change()
