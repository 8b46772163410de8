"""Paints a row of one encoder in a comparison: rank, token, score."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QBrush, QPainter

from tokensim_gui.ui import theme
from tokensim_gui.ui.compare_page.rank_model import RankModel
from tokensim_gui.ui.tokens.token_delegate import SMALL, TokenDelegate

_RANK_WIDTH = 28  # from the left edge to where the token's own margin begins


class RankDelegate(TokenDelegate):
    """Draws a `RankModel`: words of every list bold, those of this one alone dim and grey."""

    def __init__(self, model: RankModel) -> None:
        self._ranks = model
        super().__init__(model)

    def refresh(self) -> None:
        """Read colours and fonts anew."""
        super().refresh()
        self._blue, self._grey = self._bar, QBrush(theme.colours().colour("map_far"))

    def paint(self, painter: QPainter, rect: QRect, row: int, column: int) -> None:
        """Draw one cell, with antialiasing on; its ground is the view's."""
        shared = self._ranks.is_shared(row)
        if column == 1:
            self._bar = self._blue if shared else self._grey
            self._paint_score(painter, rect, row)
            return
        width = theme.px(_RANK_WIDTH)
        rank, rank_width = self._letters[SMALL].fitted(str(row + 1), width)
        x = rect.left() + width - theme.SPACE_S - rank_width
        self._put(painter, x, rect, rank, self._dim, SMALL)
        token = rect.adjusted(width - theme.SPACE_M, 0, 0, 0)
        self._paint_token(painter, token, row, bold=self._ranks.is_in_all(row), dim=not shared)
