"""Paints a row of two checkpoints like a row of the token table."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from tokensim_gui.ui.compare_page.moved_model import MOVED_COLUMNS, MovedModel
from tokensim_gui.ui.tokens.token_delegate import TokenDelegate


class MovedDelegate(TokenDelegate):
    """Draws the cells of a `MovedModel`; a neighbour that is a new one stands out."""

    def __init__(self, model: MovedModel) -> None:
        super().__init__(model)
        self._rows = model

    def paint(self, painter: QPainter, rect: QRect, row: int, column: int) -> None:
        """Draw one cell, with antialiasing on; its ground is the view's."""
        key = MOVED_COLUMNS[column].key
        if key == "token":
            self._paint_token(painter, rect, row)
        elif key == "moved":
            self._paint_score(painter, rect, row)
        else:
            new = key == "after" and self._rows.changed_neighbour(row)
            colour = self._text if key == "length" or new else self._dim
            near = self._rows.near(row, key) if key != "length" else None
            words = self._rows.text(row, column) if near is None else self._face(near).whole
            self._draw(painter, rect, words, colour, 0, key == "length")
