"""One term of the query, under the bar: its word, and a slider for its weight."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSlider, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.token_gestures import TokenGestures, claims
from tokensim_gui.ui.widgets.plain_tip import plain_tip
from tokensim_gui.ui.widgets.qt_quirks import signals_blocked

LEAST, MOST = -1.0, 2.0
HEIGHT = 36
_STEP, _FINE = 0.1, 0.01
_DRAG_STEP = 0.05
_PAD, _TRACK_FROM_BELOW, _GRIP = 12, 8.5, 16
_MIN_WIDTH = 104
_DOT = " · "


@dataclass(frozen=True, slots=True)
class ChipTerm:
    """What a chip shows.

    Attributes:
        pieces: Id and drawn text of each token, in the order typed; -1 for an embedding, which
            has no gestures.
        weight: The factor of the term.
        has_slider: Whether its length changes anything.
        tip: What the tooltip says.
    """

    pieces: tuple[tuple[int, str], ...]
    weight: float
    has_slider: bool
    tip: str


def weight_words(weight: float) -> str:
    """A weight as the chips write it: at most two decimals, a true minus."""
    return f"{weight:.2f}".rstrip("0").rstrip(".").replace("-", "−")


class QueryChip(QSlider):
    """A chip that is clicked, has the gestures of a token, and is a slider to screen readers.

    Signals:
        clicked: A token was clicked.
        weightChanged: The weight is to be this; whether the change goes on from the last one.
        stepped: ← (-1) or → (1): to the chip before or after.
    """

    clicked = Signal(int)
    weightChanged = Signal(float, bool)
    stepped = Signal(int)

    def __init__(self, gestures: TokenGestures, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.token = -1
        self.term = ChipTerm((), 1.0, False, "")
        self._weight = 1.0
        self._gestures = gestures
        self._dragged_from: tuple[float, float] | None = None  # x and weight where it began
        self._moved = False
        self._pressed_piece = -1
        self.setRange(round(LEAST * 100), round(MOST * 100))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.valueChanged.connect(self._on_value_changed)
        self.hide()

    # What is shown

    def show_term(self, term: ChipTerm) -> None:
        """Show a term; while its slider is dragged the weight stays under the mouse."""
        same = [token for token, _ in term.pieces] == [token for token, _ in self.term.pieces]
        self.term = term
        if not same or self.token < 0:
            self.token = term.pieces[0][0]
        if self._dragged_from is None:
            self._set_weight(term.weight)
        word = self.word
        if (tip := plain_tip(term.tip)) != self.toolTip():
            self.setToolTip(tip)
        if word != self.accessibleName():
            self.setAccessibleName(word)
        self.update()

    @property
    def word(self) -> str:
        """The term as it is drawn, its pieces joined by dots."""
        return _DOT.join(words for _, words in self.term.pieces)

    @property
    def weight(self) -> float:
        """The weight shown."""
        return self._weight

    def _set_weight(self, weight: float) -> None:
        self._weight = weight
        with signals_blocked(self):
            self.setValue(round(min(MOST, max(LEAST, weight)) * 100))
        self.update()

    @Slot(int)
    def _on_value_changed(self, value: int) -> None:
        """A screen reader moved the slider."""
        self._ask(value / 100)

    @property
    def _weight_words(self) -> str:
        shown = self.term.has_slider or self._weight != 1
        return weight_words(self._weight) if shown else ""

    def sizeHint(self) -> QSize:
        """Room for word and weight."""
        metrics = QFontMetricsF(theme.sized(0, bold=True))
        small = QFontMetricsF(theme.sized(-0.75))
        width = 2 * _PAD + metrics.horizontalAdvance(self.word)
        if self.term.has_slider or self._weight != 1:
            width += theme.SPACE_M + small.horizontalAdvance("−0.00")
        if self.term.has_slider:
            width = max(width, _MIN_WIDTH)
        return QSize(round(width) + 1, theme.px(HEIGHT))

    minimumSizeHint = sizeHint

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground, word, weight and track."""
        c, painter = theme.colours(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        lit = self.hasFocus() or self._dragged_from is not None
        painter.setPen(QPen(c.colour("accent"), 1.5) if lit else QPen(c.colour("chip"), 1.5))
        painter.setBrush(c.colour("chip"))
        painter.drawRoundedRect(edge, theme.BAR_RADIUS, theme.BAR_RADIUS)
        height = self.height() - (10 if self.term.has_slider else 0)
        x = float(_PAD)
        painter.setFont(theme.sized(0, bold=True))
        metrics = QFontMetricsF(painter.font())
        line = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
        for number, (_, words) in enumerate(self.term.pieces):
            for text, role in ((_DOT if number else "", "text2"), (words, "text")):
                painter.setPen(c.colour(role))
                width = metrics.horizontalAdvance(text)
                painter.drawText(QRectF(x, 0, width, height), int(line), text)
                x += width
        if words := self._weight_words:
            painter.setFont(theme.sized(-0.75))
            painter.setPen(c.colour("query" if self._weight < 0 else "text2"))
            room = QRectF(0, 0, self.width() - _PAD, height)
            painter.drawText(room, int(line | Qt.AlignmentFlag.AlignRight), words)
        if self.term.has_slider:
            self._paint_track(painter)

    def _paint_track(self, painter: QPainter) -> None:
        c, y = theme.colours(), self.height() - _TRACK_FROM_BELOW
        role = "query" if self._weight < 0 else "accent"
        zero, at = self._x_of(0.0), self._x_of(self._weight)
        track = c.colour("dim")
        track.setAlphaF(0.6)
        for start, end, colour, width in (
            (self._x_of(LEAST), self._x_of(MOST), track, 2),
            (zero, at, c.colour(role), 3),
        ):
            pen = QPen(colour, width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(QPointF(start, y), QPointF(end, y))
        painter.setPen(QPen(c.colour("text2"), 1))
        painter.drawLine(QPointF(zero, y - 3.5), QPointF(zero, y + 3.5))
        painter.setPen(QPen(c.colour("chip"), 1.5))
        painter.setBrush(c.colour(role))
        radius = 5.0 if self._dragged_from is not None else 4.4
        painter.drawEllipse(QPointF(at, y), radius, radius)

    def _x_of(self, weight: float) -> float:
        share = (min(MOST, max(LEAST, weight)) - LEAST) / (MOST - LEAST)
        return _PAD + share * (self.width() - 2 * _PAD)

    def _piece_at(self, x: float) -> int:
        """Which token is drawn there; the last one that begins before it."""
        metrics = QFontMetricsF(theme.sized(0, bold=True))
        left, found = float(_PAD), self.term.pieces[0][0]
        for token, words in self.term.pieces:
            if x >= left:
                found = token
            left += metrics.horizontalAdvance(words + _DOT)
        return found

    # Weights

    def _ask(self, weight: float, *, goes_on: bool = False) -> None:
        weight = round(min(MOST, max(LEAST, weight)), 2)
        if weight != self._weight:
            self._set_weight(weight)
            self.weightChanged.emit(weight, goes_on)

    def _is_on_slider(self, event: QMouseEvent) -> bool:
        return self.term.has_slider and event.position().y() >= self.height() - _GRIP

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the weight, but only of the chip that has the keyboard."""
        if not (self.hasFocus() and self.term.has_slider and event.angleDelta().y()):
            event.ignore()
            return
        fine = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        step = _FINE if fine else _DRAG_STEP
        self._ask(self._weight + (step if event.angleDelta().y() > 0 else -step))
        event.accept()

    # Mouse and keys

    def event(self, event: QEvent) -> bool:
        """Claim the keys of a token."""
        return claims(event) or super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click, a drag of the token or one of the slider."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._is_on_slider(event):
            # From where the knob is, if it was met; else the knob comes to the mouse.
            x = event.position().x()
            near = abs(x - self._x_of(self._weight)) <= theme.SPACE_S
            self._moved = False
            self._dragged_from = (x, self._weight) if near else (x, self._weight_at(x))
            if not near:
                self._drag(event)
            self.update()
        else:
            self._pressed_piece = self._piece_at(event.position().x())
            self._gestures.press(event, [self._pressed_piece] if self._pressed_piece >= 0 else [])

    def _weight_at(self, x: float) -> float:
        room = max(1, self.width() - 2 * _PAD)
        return LEAST + (x - _PAD) / room * (MOST - LEAST)

    def _drag(self, event: QMouseEvent) -> None:
        assert self._dragged_from is not None
        x, weight = self._dragged_from
        fine = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        moved = self._weight_at(event.position().x()) - self._weight_at(x)
        step = _FINE if fine else _DRAG_STEP
        wanted = weight + (moved / 5 if fine else moved)
        before = self._weight
        self._ask(round(wanted / step) * step, goes_on=self._moved)
        self._moved = self._moved or self._weight != before

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the weight or the token; show which of them would be."""
        if self._dragged_from is not None:
            self._drag(event)
            return
        sliding = self._is_on_slider(event)
        self.setCursor(
            Qt.CursorShape.SizeHorCursor if sliding else Qt.CursorShape.PointingHandCursor
        )
        if self._gestures.move(event, self):
            self._pressed_piece = -1

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish a click or a drag."""
        self._gestures.release()
        pressed, self._pressed_piece = self._pressed_piece, -1
        if self._dragged_from is not None:
            self._dragged_from = None
            self.update()
        elif pressed >= 0 and self.rect().contains(event.position().toPoint()):
            self.token = pressed
            self.clicked.emit(pressed)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Give the term its plain weight, or look the token up."""
        if self._is_on_slider(event):
            self._ask(1.0)
        else:
            piece = self._piece_at(event.position().x())
            self._gestures.double_click(event, piece if piece >= 0 else None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the token."""
        if self.token >= 0:
            self._gestures.menuRequested.emit(self.token, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, weigh, or do what the key means for a token."""
        key, up = event.key(), {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        fine = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.stepped.emit(1 if key == Qt.Key.Key_Right else -1)
        elif key in up and self.term.has_slider:
            self._ask(self._weight + up[Qt.Key(key)] * (_FINE if fine else _STEP))
        elif not self._gestures.key(event, self.token if self.token >= 0 else None):
            event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme and font."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self.update()
        super().changeEvent(event)
