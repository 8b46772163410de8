"""Paints a cell of the token table; several times faster than Qt's delegate."""

from collections.abc import Iterable
from math import ceil

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter

from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens import glyphs
from tokensim_gui.ui.tokens.lettering import lettering
from tokensim_gui.ui.tokens.token_model import COLUMNS, TokenModel

_PAD = theme.SPACE_S
_WIDEST_SCORE = "100.00%"
_LEAST_BAR = 12  # pixels: shorter ones are dots that say nothing
_INDENT = theme.TEXT_LEFT - theme.SPACE_M  # of a token in the table
_SQUARE, _SQUARE_LEFT = 7, 12.5  # before a token that is in the tray
_PICTORIAL, _MONO, _BOLD, SMALL = 1, 2, 3, 4  # fonts; 0 is the usual one


class TokenDelegate:
    """Draws what a cell says, for a `TokenView`; reads the model's arrays and not its `data`."""

    def __init__(self, model: TokenModel) -> None:
        self._model = model
        self._tray: frozenset[int] = frozenset()
        self.refresh()

    def set_tray(self, tokens: Iterable[int]) -> None:
        """Mark these tokens as being in the tray."""
        self._tray = frozenset(tokens)

    def refresh(self) -> None:
        """Read colours and fonts anew, after a change of theme or font."""
        c = theme.colours()
        self._text, self._dim = c.colour("text"), c.colour("text2")
        self._accent, self._bar = c.colour("accent"), QBrush(c.colour("score_bar"))
        bold, small = theme.sized(0, bold=True), theme.sized(-1.5)
        fonts = (theme.sized(0), theme.sized(2.5), theme.mono_font(), bold, small)
        self._letters = tuple(map(lettering, fonts))
        self._score_width = ceil(self._letters[0].width(_WIDEST_SCORE)) + 2 * _PAD
        # From the middle of a line down to what its letters stand on.
        self._drops = [letters.ascent - letters.height / 2 for letters in self._letters]

    def paint(self, painter: QPainter, rect: QRect, row: int, column: int) -> None:
        """Draw one cell, with antialiasing on; its ground is the view's."""
        spec = COLUMNS[column]
        if spec.key == "token":
            if int(self._model.ids[row]) in self._tray:
                self._paint_square(painter, rect)
            self._paint_token(painter, rect.adjusted(_INDENT, 0, 0, 0), row)
        elif spec.key == "score":
            self._paint_score(painter, rect, row)
        else:
            words = self._model.text(row, column)
            colour = self._dim if spec.dim else self._text
            self._draw(painter, rect, words, colour, _MONO if spec.mono else 0, spec.right)

    def _paint_square(self, painter: QPainter, rect: QRect) -> None:
        y = rect.center().y() - _SQUARE / 2 + 1
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._accent)
        painter.drawRoundedRect(QRectF(rect.left() + _SQUARE_LEFT, y, _SQUARE, _SQUARE), 2, 2)

    def _paint_score(self, painter: QPainter, rect: QRect, row: int) -> None:
        words = self._model.text(row, 1)
        if not words:
            return
        number = QRect(rect.left(), rect.top(), self._score_width, rect.height())
        self._draw(painter, number, words, self._text, 0, True)
        room = min(theme.SCORE_BAR_WIDTH, rect.width() - number.width() - 2 * _PAD)
        width = self._model.share(row) * room
        if room < _LEAST_BAR or width < 1:
            return
        height = theme.SCORE_BAR_HEIGHT
        bar = QRectF(number.right() + _PAD, rect.center().y() - height / 2 + 1, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._bar)
        painter.drawRoundedRect(bar, height / 2, height / 2)

    def _paint_token(
        self, painter: QPainter, rect: QRect, row: int, *, bold: bool = False, dim: bool = False
    ) -> None:
        face = self._face(int(self._model.ids[row]))
        font = _PICTORIAL if face.pictorial else _BOLD if bold else 0
        x, right = float(rect.left() + theme.SPACE_M), rect.right()
        for mark in (face.before, face.text, face.after):
            if mark:
                own = mark is face.text and not face.dim and not dim
                words, width = self._letters[font].fitted(mark, right - x)
                self._put(painter, x, rect, words, self._text if own else self._dim, font)
                x += width

    def _face(self, token: int) -> glyphs.Face:
        return glyphs.faces(self._model.vocabulary, self._letters[0].font)[token]

    def _draw(
        self, painter: QPainter, rect: QRect, words: str, colour: QColor, font: int, right: bool
    ) -> None:
        words, width = self._letters[font].fitted(words, rect.width() - 2 * _PAD)
        x = rect.right() - _PAD - width if right else float(rect.left() + _PAD)
        self._put(painter, x, rect, words, colour, font)

    def _put(
        self, painter: QPainter, x: float, rect: QRect, words: str, colour: QColor, font: int
    ) -> None:
        painter.setFont(self._letters[font].font)
        painter.setPen(colour)
        painter.drawText(QPointF(x, rect.top() + rect.height() / 2 + self._drops[font]), words)
