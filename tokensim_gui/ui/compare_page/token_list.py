"""A list of one encoder's tokens in a comparison."""

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from tokensim_gui.ui.tokens.token_model import TokenModel
from tokensim_gui.ui.tokens.token_view import TokenView
from tokensim_gui.ui.widgets.qt_quirks import select_row, signals_blocked


class TokenList(TokenView):
    """Says which rows are in view, which is under the mouse, and when it is the one in use."""

    focused = Signal()
    rowsShown = Signal()  # other rows are in view
    rowHovered = Signal(int)  # under the mouse; -1: none

    def __init__(self, model: TokenModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.setMouseTracking(True)
        self.verticalScrollBar().valueChanged.connect(self.rowsShown)
        self.entered.connect(self._on_entered)

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

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell that the mouse has left."""
        if event.type() == QEvent.Type.Leave:
            self.rowHovered.emit(-1)
        return super().viewportEvent(event)

    @Slot(QModelIndex)
    def _on_entered(self, index: QModelIndex) -> None:
        self.rowHovered.emit(index.row())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that this list is the one in use."""
        super().focusInEvent(event)
        self.focused.emit()

    def updateGeometries(self) -> None:
        """Tell that the rows in view may be others now."""
        super().updateGeometries()
        self.rowsShown.emit()
