"""The token table: neighbours of the query or the whole vocabulary, one table for both."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.values import FloatArray, IntArray, Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.token_delegate import TokenDelegate
from tokensim_gui.ui.tokens.token_drag import drag
from tokensim_gui.ui.tokens.token_model import COLUMNS, KEYS, TokenModel
from tokensim_gui.ui.widgets.blocked import signals_blocked
from tokensim_gui.ui.widgets.overlaid import message_label, overlaid
from tokensim_gui.ui.widgets.select_row import select_row

_SCORE = KEYS.index("score")


class _View(QTableView):
    """A table whose keys are TokenSim's gestures."""

    keyed = Signal(QKeyEvent)
    menuAsked = Signal(int, QPoint)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
        self.keyed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        # Qt's own picture is the whole row, and hides where it is dropped.
        chosen = self.selectionModel().selectedRows()
        if chosen:
            more = f" +{len(chosen) - 1}" if len(chosen) > 1 else ""
            words = f"{self.model().data(min(chosen, key=QModelIndex.row))}{more}"
            drag(self, self.model().mimeData(chosen), words)

    def keyboardSearch(self, _search: str) -> None:
        """Letters do not jump about: the search bar is for typing."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            where = self.visualRect(index).center() if by_key else event.pos()
            self.menuAsked.emit(index.row(), self.viewport().mapToGlobal(where))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            super().mouseDoubleClickEvent(event)


class TokenTable(QWidget):
    """Shows tokens in rows; says what was asked of them, and does none of it itself."""

    tokenActivated = Signal(int)
    tokenLookedUp = Signal(int)
    copyRequested = Signal(list)
    trayToggled = Signal(list)
    removeRequested = Signal(list)
    appendRequested = Signal(int, str)
    menuRequested = Signal(int, QPoint)
    escapePressed = Signal()
    columnsChanged = Signal(list)

    def __init__(
        self,
        vocabulary: Vocabulary,
        text_for: Callable[[Sequence[int]], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns: list[str] = list(KEYS)
        self._scored = True
        self._query: str | None = None
        self._model = TokenModel(vocabulary, None, text_for, self)
        self._view = view = _View()
        view.setModel(self._model)
        self._delegate = TokenDelegate(self._model, view)
        view.setItemDelegate(self._delegate)
        view.setAccessibleName("Tokens")
        view.setProperty("look", "tokens")
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setDragEnabled(True)
        view.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.verticalHeader().hide()
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSectionsMovable(True)
        header.setStretchLastSection(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        for number, column in enumerate(COLUMNS):
            header.resizeSection(number, column.width)
        self._empty = message_label()

        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(overlaid(view, self._empty))
        self.setFocusProxy(view)

        view.selectionModel().currentRowChanged.connect(self._on_view_current_row_changed)
        view.doubleClicked.connect(self._on_view_double_clicked)
        view.keyed.connect(self._on_view_keyed)
        view.menuAsked.connect(self._on_view_menu_asked)
        header.sortIndicatorChanged.connect(self._on_header_sort_changed)
        header.customContextMenuRequested.connect(self._on_header_menu_requested)
        self._fit_rows()

    # What is shown ----------------------------------------------------------------------

    def set_vocabulary(self, vocabulary: Vocabulary, norms: FloatArray | None) -> None:
        """Change what the ids mean."""
        with self._kept_selection():
            self._model.set_vocabulary(vocabulary, norms)

    def set_results(self, results: Results) -> None:
        """Show neighbours; those of a new query from the best one on."""
        with self._kept_selection():
            self._model.set_results(results)
        if results.query.text != self._query:
            self._query = results.query.text
            self._view.scrollToTop()

    def set_ids(self, ids: IntArray) -> None:
        """Show tokens without scores, in this order."""
        with self._kept_selection():
            self._model.set_ids(ids)

    def begin_view(self, *, scored: bool) -> None:
        """Begin another view at its top, in its own order; without scores their column hides."""
        self._scored = scored
        self._query = None
        self._view.setColumnHidden(_SCORE, not scored or "score" not in self._columns)
        self._view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._view.scrollToTop()

    def set_message(self, sentence: str) -> None:
        """Lay a sentence over the empty table; "" takes it away."""
        self._empty.setText(sentence)

    def set_selection(self, token_id: int | None, *, scroll: bool = True) -> None:
        """Make a token the current row, without a signal."""
        row = -1 if token_id is None else self._model.row_of(token_id)
        current = self._view.currentIndex()
        if row >= 0 and row == current.row():
            return
        with signals_blocked(self._view.selectionModel()):
            if row < 0:
                self._view.clearSelection()
                self._view.setCurrentIndex(QModelIndex())
            else:
                select_row(self._view, row)
        if row >= 0 and scroll:
            self._reveal(row, QAbstractItemView.ScrollHint.EnsureVisible)
        self._view.viewport().update()

    def scroll_to(self, token_id: int, *, centre: bool = False) -> bool:
        """Bring a token into view; False where it is not shown."""
        row = self._model.row_of(token_id)
        if row < 0:
            return False
        hint = QAbstractItemView.ScrollHint
        self._reveal(row, hint.PositionAtCenter if centre else hint.EnsureVisible)
        return True

    def current_place(self) -> QPoint:
        """Where the current row is on the screen, or the first one if it is not in view."""
        room = self._view.viewport().rect()
        row = self._view.visualRect(self._view.currentIndex()) & room
        place = row.bottomLeft() if row.isValid() else room.topLeft()
        return self._view.viewport().mapToGlobal(place + QPoint(theme.SPACE_XL, 0))

    def set_columns(self, keys: Sequence[str]) -> None:
        """Show these columns, in the order they have."""
        self._columns = [key for key in KEYS if key in keys or key == "token"]
        for number, key in enumerate(KEYS):
            hidden = key not in self._columns or (key == "score" and not self._scored)
            self._view.setColumnHidden(number, hidden)

    def columns(self) -> list[str]:
        """Keys of the columns chosen."""
        return list(self._columns)

    def selected_ids(self) -> list[int]:
        """Tokens of the selected rows, from top to bottom."""
        rows = sorted({index.row() for index in self._view.selectionModel().selectedRows()})
        return [int(self._model.ids[row]) for row in rows]

    def select_ids(self, ids: Sequence[int]) -> None:
        """Select the rows of these tokens beside the current one, without a signal."""
        chosen = QItemSelection()
        for row in map(self._model.row_of, ids):
            if row >= 0:
                chosen.select(self._model.index(row, 0), self._model.index(row, 0))
        flag = QItemSelectionModel.SelectionFlag
        with signals_blocked(self._view.selectionModel()):
            self._view.selectionModel().select(chosen, flag.ClearAndSelect | flag.Rows)
        self._view.viewport().update()

    def sort_by(self, key: str) -> None:
        """Sort by a column, as a click on its header does."""
        self._view.horizontalHeader().setSortIndicator(KEYS.index(key), Qt.SortOrder.AscendingOrder)

    def shown_ids(self) -> list[int]:
        """Every token in the table, from top to bottom."""
        return [int(token) for token in self._model.ids]

    def focus_first_row(self) -> None:
        """Go to the first row by keyboard, or to the current one where there is one."""
        if not self._view.currentIndex().isValid():
            self.go_to_top()
            return
        self._view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._view.scrollTo(self._view.currentIndex())

    def go_to_top(self) -> None:
        """Go to the first row by keyboard, whichever is current."""
        self._view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self._model.rowCount():
            select_row(self._view, 0)

    def header_state(self) -> QByteArray:
        """Widths and order of the columns, to be remembered."""
        return self._view.horizontalHeader().saveState()

    def restore_header(self, state: QByteArray) -> None:
        """Take back what `header_state` gave; sorting starts anew."""
        header = self._view.horizontalHeader()
        with signals_blocked(header):
            header.restoreState(state)
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    # Inside -----------------------------------------------------------------------------

    @contextmanager
    def _kept_selection(self) -> Iterator[None]:
        """Carry the current token and the selection over a change of rows, by id."""
        model, selection = self._model, self._view.selectionModel()
        current = self._view.currentIndex()
        token = self._token_at(current.row()) if current.isValid() else None
        selected = self.selected_ids()
        with signals_blocked(selection):
            yield
            selection.clear()
            row = -1 if token is None else model.row_of(token)
            if row >= 0:
                chosen = QItemSelection()
                for at in map(model.row_of, selected):
                    if at >= 0:
                        chosen.select(model.index(at, 0), model.index(at, 0))
                flag = QItemSelectionModel.SelectionFlag
                selection.select(chosen, flag.ClearAndSelect | flag.Rows)
                selection.setCurrentIndex(model.index(row, 0), flag.NoUpdate)
        self._view.viewport().update()

    def _reveal(self, row: int, hint: QAbstractItemView.ScrollHint) -> None:
        # Rows just reset are laid out later, and until then the bar ends where the old ones did.
        self._view.executeDelayedItemsLayout()
        self._view.scrollTo(self._model.index(row, 0), hint)

    def _fit_rows(self) -> None:
        vertical = self._view.verticalHeader()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(theme.row_height())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._delegate.refresh()
            self._fit_rows()
            self._view.viewport().update()
        super().changeEvent(event)

    def _token_at(self, row: int) -> int:
        return int(self._model.ids[row])

    @Slot(QModelIndex, QModelIndex)
    def _on_view_current_row_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self._view.viewport().update()
        if current.isValid():
            self.tokenActivated.emit(self._token_at(current.row()))

    @Slot(QModelIndex)
    def _on_view_double_clicked(self, index: QModelIndex) -> None:
        self.tokenLookedUp.emit(self._token_at(index.row()))

    @Slot(int, QPoint)
    def _on_view_menu_asked(self, row: int, where: QPoint) -> None:
        self.menuRequested.emit(self._token_at(row), where)

    @Slot(QKeyEvent)
    def _on_view_keyed(self, event: QKeyEvent) -> None:
        index, ids = self._view.currentIndex(), self.selected_ids()
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.escapePressed.emit()
        elif not index.isValid():
            return
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.tokenLookedUp.emit(self._token_at(index.row()))
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copyRequested.emit(ids)
        elif key == Qt.Key.Key_Space and not event.modifiers():
            self.trayToggled.emit(ids)
        elif key == Qt.Key.Key_Delete:
            self.removeRequested.emit(ids)
        elif event.text() in ("+", "-"):
            self.appendRequested.emit(self._token_at(index.row()), event.text())
        else:
            return
        event.accept()

    @Slot(int, Qt.SortOrder)
    def _on_header_sort_changed(self, column: int, order: Qt.SortOrder) -> None:
        with self._kept_selection():
            self._model.sort(column, order)
        self._view.scrollToTop()

    @Slot(QPoint)
    def _on_header_menu_requested(self, where: QPoint) -> None:
        header = self._view.horizontalHeader()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in COLUMNS[1:]:
            action = menu.addAction(column.header)
            action.setCheckable(True)
            action.setChecked(column.key in self._columns)
            action.setData(column.key)
        menu.triggered.connect(self._on_column_triggered)
        menu.popup(header.mapToGlobal(where))

    @Slot(QAction)
    def _on_column_triggered(self, action: QAction) -> None:
        chosen = set(self._columns) ^ {action.data()}
        self.set_columns([key for key in KEYS if key in chosen])
        self.columnsChanged.emit(self.columns())
