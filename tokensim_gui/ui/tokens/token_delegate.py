"""Paints a row of the token table out of cached text; five times faster than Qt's delegate."""

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QStaticText, QTransform
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens import glyphs
from tokensim_gui.ui.tokens.token_model import COLUMNS, TokenModel

_PAD = theme.SPACE_S
_SCORE_WIDTH = 60  # room for "100.00%" before the bar, at the usual size of text
_INDENT = theme.TEXT_LEFT - theme.SPACE_M  # of a token in the table
_SQUARE, _SQUARE_LEFT = 7, 12.5  # before a token that is in the tray
_CACHE = 4096
_PICTORIAL, _MONO, _BOLD, SMALL = 1, 2, 3, 4  # fonts; 0 is the usual one


class TokenDelegate(QStyledItemDelegate):
    """Draws every cell itself; reads the model's arrays and not its `data`."""

    def __init__(self, model: TokenModel, parent: QTableView) -> None:
        super().__init__(parent)
        self._model = model
        self._texts: dict[tuple[str, int], QStaticText] = {}
        self._faces: dict[int, glyphs.Face] = {}
        model.modelReset.connect(self._on_model_reset)
        self._vocabulary = model.vocabulary
        self._tray: frozenset[int] = frozenset()
        self.refresh()

    def set_tray(self, tokens: Iterable[int]) -> None:
        """Mark these tokens as being in the tray."""
        self._tray = frozenset(tokens)

    @Slot()
    def _on_model_reset(self) -> None:
        if self._model.vocabulary is not self._vocabulary:
            self._vocabulary = self._model.vocabulary
            self._faces.clear()

    def refresh(self) -> None:
        """Read colours and fonts anew, after a change of theme or font."""
        c = theme.colours()
        self._text, self._dim = c.colour("text"), c.colour("text2")
        self._selection, self._accent = c.colour("selection"), c.colour("accent")
        self._bar = c.colour("score_bar")
        bold, small = theme.sized(0, bold=True), theme.sized(-1.5)
        self._fonts = (theme.sized(0), theme.sized(2.5), theme.mono_font(), bold, small)
        self._metrics = tuple(QFontMetricsF(font) for font in self._fonts)
        self._texts.clear()
        self._faces.clear()

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
        spec = COLUMNS[column]
        if spec.key == "token":
            if int(self._model.ids[row]) in self._tray:
                self._paint_square(painter, rect)
            self._paint_token(painter, rect.adjusted(_INDENT, 0, 0, 0), row)
            view = self.parent()
            if isinstance(view, QTableView) and view.currentIndex().row() == row:
                painter.fillRect(
                    rect.left(), rect.top(), theme.MARK_WIDTH, rect.height(), self._accent
                )
        elif spec.key == "score":
            self._paint_score(painter, rect, row)
        else:
            words = self._model.text(row, column)
            colour = self._dim if spec.dim else self._text
            self._draw(painter, rect, words, colour, _MONO if spec.mono else 0, spec.right)

    def _paint_square(self, painter: QPainter, rect: QRect) -> None:
        y = rect.center().y() - _SQUARE / 2 + 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._accent)
        painter.drawRoundedRect(QRectF(rect.left() + _SQUARE_LEFT, y, _SQUARE, _SQUARE), 2, 2)

    def _paint_score(self, painter: QPainter, rect: QRect, row: int) -> None:
        words = self._model.text(row, 1)
        if not words:
            return
        number = QRect(rect.left(), rect.top(), theme.px(_SCORE_WIDTH) + _PAD, rect.height())
        self._draw(painter, number, words, self._text, 0, True)
        room = min(theme.SCORE_BAR_WIDTH, rect.width() - number.width() - 2 * _PAD)
        width = self._model.share(row) * room
        if width < 1:
            return
        height = theme.SCORE_BAR_HEIGHT
        bar = QRectF(number.right() + _PAD, rect.center().y() - height / 2 + 1, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._bar)
        painter.drawRoundedRect(bar, height / 2, height / 2)

    def _paint_token(
        self, painter: QPainter, rect: QRect, row: int, *, bold: bool = False, dim: bool = False
    ) -> None:
        face = self._face(int(self._model.ids[row]))
        font = _PICTORIAL if face.pictorial else _BOLD if bold else 0
        x = float(rect.left() + theme.SPACE_M)
        for mark in (face.before, face.text, face.after):
            if mark:
                own = mark is face.text and not face.dim and not dim
                words = self._fitted(mark, font, rect.right() - x)
                x += self._put(painter, x, rect, words, self._text if own else self._dim, font)

    def _face(self, token: int) -> glyphs.Face:
        face = self._faces.get(token)
        if face is None:
            if len(self._faces) >= _CACHE:
                self._faces.clear()
            face = glyphs.face(self._model.vocabulary, token, self._fonts[0])
            self._faces[token] = face
        return face

    def _draw(
        self, painter: QPainter, rect: QRect, words: str, colour: QColor, font: int, right: bool
    ) -> None:
        words = self._fitted(words, font, rect.width() - 2 * _PAD)
        x = float(rect.left() + _PAD)
        if right:
            x = rect.right() - _PAD - self._static(words, font).size().width()
        self._put(painter, x, rect, words, colour, font)

    def _put(
        self, painter: QPainter, x: float, rect: QRect, words: str, colour: QColor, font: int
    ) -> float:
        text = self._static(words, font)
        size = text.size()
        painter.setFont(self._fonts[font])
        painter.setPen(colour)
        y = rect.top() + (rect.height() - size.height()) / 2
        painter.drawStaticText(QPointF(x, y), text)
        return size.width()

    def _fitted(self, words: str, font: int, room: float) -> str:
        if self._static(words, font).size().width() <= room:
            return words
        return self._metrics[font].elidedText(words, Qt.TextElideMode.ElideRight, room)

    def _static(self, words: str, font: int) -> QStaticText:
        key = (words, font)
        text = self._texts.get(key)
        if text is None:
            if len(self._texts) >= _CACHE:
                self._texts.clear()
            text = QStaticText(words)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.prepare(QTransform(), self._fonts[font])
            self._texts[key] = text
        return text
