"""The token table: neighbours of the query or the whole vocabulary, one table for both."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPoint,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.values import FloatArray, IntArray, Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.finders import Finding
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.token_delegate import TokenDelegate
from tokensim_gui.ui.tokens.token_model import CHOOSABLE, COLUMNS, KEYS, TokenModel
from tokensim_gui.ui.tokens.token_view import TokenView
from tokensim_gui.ui.widgets.message_overlay import MessageLabel, overlaid
from tokensim_gui.ui.widgets.qt_quirks import select_row, signals_blocked

_REASON = KEYS.index("reason")
_LEAST_TOKEN = 90  # pixels
_USUAL = 3  # columns: token, score and id
_HEADER_LAYOUT = b"3:"  # before a header's state; those of other layouts are not restored


class TokenTable(QWidget):
    """Shows tokens in rows; says what was asked of them, and does none of it itself."""

    tokenActivated = Signal(int)
    escapePressed = Signal()
    columnsChanged = Signal(list)
    lettersTyped = Signal(str)
    selectionChanged = Signal(list)
    roomWanted = Signal(int)  # pixels, more than the usual columns take

    def __init__(self, vocabulary: Vocabulary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit = theme.px(100)
        self._columns: list[str] = list(KEYS)
        self._scored = True
        self._more = 0
        self._query: str | None = None
        self._model = TokenModel(vocabulary, None, self)
        self._view = view = TokenView(self._model)
        self.gestures = view.gestures
        self._painter = TokenDelegate(self._model)
        view.set_painter(self._painter)
        view.setAccessibleName("Tokens")
        view.setProperty("look", "tokens")
        header = view.horizontalHeader()
        header.setMinimumSectionSize(48)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSectionsMovable(True)
        header.setStretchLastSection(False)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        for number, column in enumerate(COLUMNS):
            header.resizeSection(number, theme.px(column.width))
        self._empty = MessageLabel()

        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(overlaid(view, self._empty))
        self.setFocusProxy(view)

        view.tokenActivated.connect(self.tokenActivated)
        view.escapePressed.connect(self.escapePressed)
        view.lettersTyped.connect(self.lettersTyped)
        view.selectionModel().selectionChanged.connect(self._on_view_selection_changed)
        view.viewport().installEventFilter(self)
        header.sortIndicatorChanged.connect(self._on_header_sort_changed)
        header.customContextMenuRequested.connect(self._on_header_menu_requested)

    # What is shown ----------------------------------------------------------------------

    def set_vocabulary(self, vocabulary: Vocabulary, norms: FloatArray | None) -> None:
        """Change what the ids mean."""
        with self._kept_selection():
            self._model.set_vocabulary(vocabulary, norms)

    def set_results(self, results: Results) -> None:
        """Show neighbours; those of a new query by rank, from the best one on."""
        is_new = results.query.text != self._query
        if is_new and self._query is not None:
            self._view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        with self._kept_selection():
            self._model.set_results(results)
        if is_new:
            self._query = results.query.text
            self._view.scrollToTop()

    def set_tray(self, tokens: Sequence[int]) -> None:
        """Mark the rows of the tokens in the tray."""
        self._painter.set_tray(tokens)
        self._view.viewport().update()

    def set_ids(self, ids: IntArray) -> None:
        """Show tokens without scores, in this order."""
        with self._kept_selection():
            self._model.set_ids(ids)

    def set_finding(self, finding: Finding | None) -> None:
        """Say why each token is in the vocabulary's list; without reasons their column hides."""
        self._model.reasons = {} if finding is None else finding.reasons
        self.set_columns(self._columns)

    def begin_view(self, *, scored: bool) -> None:
        """Begin another view at its top, in its own order; without scores their column hides."""
        self._scored = scored
        self._query = None
        self.set_columns(self._columns)
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
            if number == _REASON:
                hidden = self._scored or not self._model.reasons
            self._view.setColumnHidden(number, hidden)
        self._fit_token_column()
        usual = sum(theme.px(column.width) for column in COLUMNS[1:_USUAL])
        if (more := max(0, self._other_columns() - usual)) != self._more:
            self._more = more
            self.roomWanted.emit(more)

    def columns(self) -> list[str]:
        """Keys of the columns chosen."""
        return list(self._columns)

    def selected_ids(self) -> list[int]:
        """Tokens of the selected rows, from top to bottom."""
        return self._view.selected_ids()

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

    def select_all(self) -> None:
        """Select every row."""
        self._view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._view.selectAll()

    def sort_by(self, key: str) -> None:
        """Sort by a column, as a click on its header does."""
        self._view.horizontalHeader().setSortIndicator(KEYS.index(key), Qt.SortOrder.AscendingOrder)

    def holds(self, token: int) -> bool:
        """Whether a token is in the table, in sight or not."""
        return self._model.row_of(token) >= 0

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
        state = self._view.horizontalHeader().saveState()
        return QByteArray(_HEADER_LAYOUT + bytes(state.data()))

    def restore_header(self, state: QByteArray) -> None:
        """Take back what `header_state` gave; sorting starts anew."""
        held = bytes(state.data())
        if not held.startswith(_HEADER_LAYOUT):
            return
        header = self._view.horizontalHeader()
        with signals_blocked(header):
            header.restoreState(QByteArray(held.removeprefix(_HEADER_LAYOUT)))
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def fit_text(self) -> None:
        """Let the columns grow and shrink with the text."""
        header, before, self._unit = self._view.horizontalHeader(), self._unit, theme.px(100)
        for number in range(1, len(KEYS)):
            if not header.isSectionHidden(number):
                header.resizeSection(number, header.sectionSize(number) * self._unit // before)
        self._fit_token_column()

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
        # Now, not while the rows are painted: the header would be painted a frame later.
        self._view.executeDelayedItemsLayout()
        self._view.horizontalHeader().executeDelayedItemsLayout()
        self._view.viewport().update()

    def _fit_token_column(self) -> None:
        """Give the tokens what the other columns leave."""
        room = self._view.viewport().width() - self._other_columns()
        self._view.setColumnWidth(0, max(theme.px(_LEAST_TOKEN), room))

    def _other_columns(self) -> int:
        """Width of all columns but the tokens'."""
        view = self._view
        return sum(view.columnWidth(n) for n in range(1, len(KEYS)) if not view.isColumnHidden(n))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit the columns to the room there is."""
        if event.type() == QEvent.Type.Resize and watched is self._view.viewport():
            self._fit_token_column()
        return super().eventFilter(watched, event)

    @Slot()
    def _on_view_selection_changed(self) -> None:
        self.selectionChanged.emit(self.selected_ids())

    def _reveal(self, row: int, hint: QAbstractItemView.ScrollHint) -> None:
        # Rows just reset are laid out later, and until then the bar ends where the old ones did.
        self._view.executeDelayedItemsLayout()
        self._view.scrollTo(self._model.index(row, 0), hint)

    def _token_at(self, row: int) -> int:
        return int(self._model.ids[row])

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
        for column in CHOOSABLE:
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
