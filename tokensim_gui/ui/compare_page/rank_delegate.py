"""Paints a row of one encoder in a comparison: rank, token, score."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QTableView

from tokensim_gui.ui import theme
from tokensim_gui.ui.compare_page.rank_model import RankModel
from tokensim_gui.ui.tokens.token_delegate import SMALL, TokenDelegate

_RANK_WIDTH = 28  # from the left edge to where the token's own margin begins


class RankDelegate(TokenDelegate):
    """Draws a `RankModel`: words of every list bold, those of this one alone dim and grey."""

    def __init__(self, model: RankModel, parent: QTableView) -> None:
        self._ranks = model
        super().__init__(model, parent)

    def refresh(self) -> None:
        """Read colours and fonts anew."""
        super().refresh()
        self._blue, self._grey = self._bar, theme.colours().colour("map_far")

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one cell."""
        row, rect = index.row(), QRect(option.rect)
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._selection)
        shared = self._ranks.is_shared(row)
        if index.column() == 1:
            self._bar = self._blue if shared else self._grey
            self._paint_score(painter, rect, row)
            return
        view = self.parent()
        if isinstance(view, QTableView) and view.currentIndex().row() == row:
            painter.fillRect(rect.left(), rect.top(), theme.MARK_WIDTH, rect.height(), self._accent)
        width, rank = theme.px(_RANK_WIDTH), self._laid(str(row + 1), SMALL)
        x = rect.left() + width - theme.SPACE_S - rank[1]
        self._put(painter, x, rect, rank, self._dim, SMALL)
        token = rect.adjusted(width - theme.SPACE_M, 0, 0, 0)
        self._paint_token(painter, token, row, bold=self._ranks.is_in_all(row), dim=not shared)
