"""Paints a row of two checkpoints like a row of the token table."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QTableView

from tokensim_gui.ui import theme
from tokensim_gui.ui.compare_page.moved_model import MOVED_COLUMNS, MovedModel
from tokensim_gui.ui.tokens.token_delegate import TokenDelegate


class MovedDelegate(TokenDelegate):
    """Draws the cells of a `MovedModel`; a neighbour that is a new one stands out."""

    def __init__(self, model: MovedModel, parent: QTableView) -> None:
        super().__init__(model, parent)
        self._rows = model

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one cell."""
        row, column = index.row(), index.column()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._selection)
        key, mark = MOVED_COLUMNS[column].key, theme.MARK_WIDTH
        if key == "token":
            self._paint_token(painter, rect, row)
            view = self.parent()
            if isinstance(view, QTableView) and view.currentIndex().row() == row:
                painter.fillRect(rect.left(), rect.top(), mark, rect.height(), self._accent)
        elif key == "moved":
            self._paint_score(painter, rect, row)
        else:
            new = key == "after" and self._rows.changed_neighbour(row)
            colour = self._text if key == "length" or new else self._dim
            near = self._rows.near(row, key) if key != "length" else None
            words = self._rows.text(row, column) if near is None else self._face(near).whole
            self._draw(painter, rect, words, colour, 0, key == "length")
