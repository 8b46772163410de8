"""Paints a row of one encoder in a comparison: rank, token, and a mark for who else has it."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QTableView

from tokensim_gui.ui import theme
from tokensim_gui.ui.compare_page.encoder_mark import draw_mark, mark_colour
from tokensim_gui.ui.compare_page.rank_model import RankModel
from tokensim_gui.ui.tokens.token_delegate import TokenDelegate

_RANK = 32
_MARK, _MARK_AND_RANK = 18, 42
_ROOM_FOR_TOKEN = 150  # with less than that, marks stand without their ranks


class RankDelegate(TokenDelegate):
    """Draws the one cell of a `RankModel`'s row."""

    def __init__(self, model: RankModel, parent: QTableView) -> None:
        super().__init__(model, parent)
        self._ranks = model

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one row."""
        row = index.row()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, self._selection)
        view = self.parent()
        if isinstance(view, QTableView) and view.currentIndex().row() == row:
            painter.fillRect(rect.left(), rect.top(), theme.MARK_WIDTH, rect.height(), self._accent)
        left, top, height = rect.left() + theme.MARK_WIDTH, rect.top(), rect.height()
        self._draw(painter, QRect(left, top, _RANK, height), str(row + 1), self._dim, 0, True)
        elsewhere = self._ranks.elsewhere(row)
        room = rect.width() - _RANK - theme.MARK_WIDTH
        wide = room - _MARK_AND_RANK * len(elsewhere) >= _ROOM_FOR_TOKEN
        slot = _MARK_AND_RANK if wide else _MARK
        marks = rect.right() - theme.SPACE_XS - slot * len(elsewhere)
        self._paint_token(painter, QRect(left + _RANK - 8, top, marks - left - _RANK, height), row)
        for place, (number, rank) in enumerate(elsewhere):
            if rank is None:
                continue
            x = marks + place * slot
            # On the ground of a selection some of the colours are too faint; the shape remains.
            colour = self._text if selected else mark_colour(number)
            draw_mark(painter, number, QPointF(x + 8, rect.center().y() + 1), colour)
            if wide:
                words = str(rank)
                self._put(painter, x + 17, rect, words, self._dim, 0)
