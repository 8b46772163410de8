"""A table of tokens with the gestures that tokens have everywhere."""

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.token_delegate import TokenDelegate
from tokensim_gui.ui.tokens.token_model import TokenModel
from tokensim_gui.ui.widgets.blocked import signals_blocked
from tokensim_gui.ui.widgets.select_row import select_row


class TokenList(QTableView):
    """Shows a model's tokens; says what was asked of them, and does none of it itself."""

    tokenActivated = Signal(int)
    tokenLookedUp = Signal(int)
    copyRequested = Signal(list)
    menuRequested = Signal(QPoint)
    escapePressed = Signal()
    focused = Signal()
    rowsShown = Signal()  # other rows are in view

    def __init__(self, model: TokenModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._painter: TokenDelegate | None = None
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        self._fit_rows()
        self.selectionModel().currentRowChanged.connect(self._on_current_row_changed)
        self.doubleClicked.connect(self._on_double_clicked)
        self.verticalScrollBar().valueChanged.connect(self.rowsShown)

    def set_painter(self, delegate: TokenDelegate) -> None:
        """Draw the rows with this delegate, which is told of changes of theme and font."""
        self._painter = delegate
        self.setItemDelegate(delegate)

    def selected_ids(self) -> list[int]:
        """Tokens of the selected rows, from top to bottom."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return [int(self._model.ids[row]) for row in rows]

    def visible_ids(self) -> list[int]:
        """Tokens of the rows in view."""
        first = max(0, self.rowAt(0))
        last = self.rowAt(self.viewport().height() - 1)
        stop = self._model.rowCount() if last < 0 else last + 1
        return [int(token) for token in self._model.ids[first:stop]]

    def show_row(self, row: int | None) -> None:
        """Make a row the current one without a signal, or none."""
        with signals_blocked(self.selectionModel()):
            if row is None:
                self.clearSelection()
                self.setCurrentIndex(QModelIndex())
            else:
                select_row(self, row)
        if row is not None:
            self.scrollTo(self._model.index(row, 0))
        self.viewport().update()

    def focus_first_row(self) -> None:
        """Go to the current or first row by keyboard."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self._model.rowCount() and not self.currentIndex().isValid():
            select_row(self, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter looks up, Escape leads back; copying works where no menu has the key."""
        index, key = self.currentIndex(), event.key()
        if key == Qt.Key.Key_Escape:
            self.escapePressed.emit()
        elif index.isValid() and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.tokenLookedUp.emit(int(self._model.ids[index.row()]))
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copyRequested.emit(self.selected_ids())
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, _search: str) -> None:
        """Letters do not jump about: the fields are for typing."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Only the left button looks up."""
        if event.button() == Qt.MouseButton.LeftButton:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the current row."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            where = self.visualRect(index).center() if by_key else event.pos()
            self.menuRequested.emit(self.viewport().mapToGlobal(where))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that this list is the one in use."""
        super().focusInEvent(event)
        self.focused.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and self._painter:
            self._painter.refresh()
            self._fit_rows()
            self.viewport().update()
        super().changeEvent(event)

    def updateGeometries(self) -> None:
        """Tell that the rows in view may be others now."""
        super().updateGeometries()
        self.rowsShown.emit()

    def _fit_rows(self) -> None:
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.row_height())

    @Slot(QModelIndex, QModelIndex)
    def _on_current_row_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.viewport().update()
        if current.isValid():
            self.tokenActivated.emit(int(self._model.ids[current.row()]))

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.tokenLookedUp.emit(int(self._model.ids[index.row()]))
