"""Rows of tokens with the gestures that tokens have everywhere."""

from PySide6.QtCore import QEvent, QModelIndex, QRect, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.token_delegate import TokenDelegate
from tokensim_gui.ui.tokens.token_gestures import TokenGestures, claims
from tokensim_gui.ui.tokens.token_model import TokenModel


class TokenView(QTableView):
    """Shows a model's tokens; says what was asked of them, and does none of it itself."""

    tokenActivated = Signal(int)
    escapePressed = Signal()
    lettersTyped = Signal(str)

    def __init__(self, model: TokenModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)
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

    def set_painter(self, delegate: TokenDelegate) -> None:
        """Draw the rows with this delegate, which is told of changes of theme and font."""
        self._painter = delegate

    def selected_ids(self) -> list[int]:
        """Tokens of the selected rows, from top to bottom."""
        rows = {row for first, last in self._selected() for row in range(first, last + 1)}
        return [int(self._model.ids[row]) for row in sorted(rows)]

    def _selected(self) -> list[tuple[int, int]]:
        # `selectedRows` would ask the model for the flags of every column.
        parts = self.selectionModel().selection()
        return [(part.top(), part.bottom()) for part in map(parts.at, range(parts.count()))]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows in sight; Qt's own way asks the model a dozen things about every cell."""
        area, header = event.rect(), self.horizontalHeader()
        first, last = self.rowAt(area.top()), self.rowAt(area.bottom())
        if self._painter is None or first < 0:
            return
        stop = last + 1 if last >= 0 else self._model.rowCount()
        painter, colours = QPainter(self.viewport()), theme.colours()
        top, height = self.rowViewportPosition(first), self.rowHeight(first)

        def cell(row: int, left: int, width: int) -> QRect:
            return QRect(left, top + (row - first) * height, width, height)

        for begin, end in self._selected():
            for row in range(max(first, begin), min(stop, end + 1)):
                whole = cell(row, -header.offset(), header.length())
                painter.fillRect(whole, colours.colour("selection"))
        current = self.currentIndex().row()
        if first <= current < stop:
            mark = cell(current, self.columnViewportPosition(0), theme.MARK_WIDTH)
            painter.fillRect(mark, colours.colour("accent"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for column in range(header.count()):
            if not header.isSectionHidden(column):
                left, width = self.columnViewportPosition(column), self.columnWidth(column)
                for row in range(first, stop):
                    self._painter.paint(painter, cell(row, left, width), row, column)

    def event(self, event: QEvent) -> bool:
        """Claim the keys of a token."""
        return claims(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back, keys of a token are its own; letters are for the search bar."""
        command = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        letters = event.text().strip()
        if event.key() == Qt.Key.Key_Escape:
            self.escapePressed.emit()
        elif self.gestures.key(event, self._token(self.currentIndex()), self.selected_ids()):
            return
        elif letters and letters.isprintable() and not event.modifiers() & command:
            self.lettersTyped.emit(letters)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, _search: str) -> None:
        """Letters do not jump about: the fields are for typing."""

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Let the selected tokens be dragged; Qt's own picture would be the whole row."""
        if ids := self.selected_ids():
            self.gestures.dragRequested.emit(self, ids)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look the token up."""
        self.gestures.double_click(event, self._token(self.indexAt(event.position().toPoint())))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of a token."""
        index = self.currentIndex()
        token = self._token(index)
        current = None if token is None else (token, self.visualRect(index).center())
        self.gestures.context_menu(
            event, self.viewport(), lambda at: self._token(self.indexAt(at)), current
        )

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and self._painter:
            self._painter.refresh()
            self._fit_rows()
            self.viewport().update()
        super().changeEvent(event)

    def _token(self, index: QModelIndex) -> int | None:
        return int(self._model.ids[index.row()]) if index.isValid() else None

    def _fit_rows(self) -> None:
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.row_height())

    @Slot(QModelIndex, QModelIndex)
    def _on_current_row_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.viewport().update()
        if (token := self._token(current)) is not None:
            self.tokenActivated.emit(token)
