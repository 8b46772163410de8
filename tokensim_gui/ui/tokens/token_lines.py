"""A few tokens under each other, each with what is said of it; for panels beside the list."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokensim_gui.core.values import Near
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.glyphs import face
from tokensim_gui.ui.tokens.token_gestures import TokenGestures, claims
from tokensim_gui.ui.tokens.token_model import score_text

_ROW = 24
_BAR, _BAR_HEIGHT, _LABEL = 72, 3, 84


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One line.

    Attributes:
        token: Its id.
        name: How it is drawn.
        right: What stands at the right end.
        label: What stands before it, in a column of its own.
        share: Length of its bar, 0 to 1; None for no bar.
    """

    token: int
    name: str
    right: str
    label: str = ""
    share: float | None = None


def near_lines(vocabulary: Vocabulary, near: Near, font: QFont) -> list[TokenLine]:
    """The lines of what is near, with bars from the average token to the best."""
    best = float(near.scores[0]) if len(near.scores) else 1.0
    span = best - near.average or 1.0
    return [
        TokenLine(
            int(token),
            face(vocabulary, int(token), font).whole,
            score_text(float(score), near.metric),
            share=(float(score) - near.average) / span,
        )
        for token, score in zip(near.ids, near.scores, strict=True)
    ]


class TokenLines(QWidget):
    """Draws the lines; a token in it has the gestures that tokens have everywhere."""

    tokenActivated = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make it empty.

        Args:
            name: What screen readers call it.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.gestures = TokenGestures(self)
        self.lines: tuple[TokenLine, ...] = ()
        self._rows = 0
        self._current = 0
        self._pressed: int | None = None
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_lines(self, lines: Sequence[TokenLine], rows: int | None = None) -> None:
        """Show lines.

        Args:
            lines: What to show.
            rows: Room to keep, so that nothing below moves; as many as there are lines.
        """
        self.lines = tuple(lines)
        self._current = 0
        self._rows = len(lines) if rows is None else rows
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if lines else Qt.FocusPolicy.NoFocus)
        self._describe()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the rows."""
        return QSize(160, self._rows * theme.px(_ROW))

    minimumSizeHint = sizeHint

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw them."""
        painter, c = QPainter(self), theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.sized(0)
        painter.setFont(font)
        metrics, height = QFontMetricsF(font), theme.px(_ROW)
        scores = metrics.horizontalAdvance("100.00%")
        middle = Qt.AlignmentFlag.AlignVCenter
        for number, line in enumerate(self.lines):
            row = QRectF(0, number * height, self.width(), height)
            if self.hasFocus() and number == self._current:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(c.colour("selection"))
                painter.drawRoundedRect(row, 4, 4)
            x = row.left()
            if line.label:
                painter.setPen(c.colour("text2"))
                painter.drawText(row, middle, line.label)
                x += max(_LABEL, metrics.horizontalAdvance("Letter case ") + theme.SPACE_S)
            painter.setPen(c.colour("text2" if line.share is None else "text"))
            painter.drawText(row, middle | Qt.AlignmentFlag.AlignRight, line.right)
            end = row.right() - max(scores, metrics.horizontalAdvance(line.right)) - theme.SPACE_S
            if line.share is not None:
                end -= _BAR
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(c.colour("score_bar"))
                width = max(0.0, min(1.0, line.share)) * _BAR
                top = row.center().y() - _BAR_HEIGHT / 2
                painter.drawRoundedRect(QRectF(end, top, width, _BAR_HEIGHT), 1.5, 1.5)
                end -= theme.SPACE_S
            painter.setPen(c.colour("accent"))
            room = max(0.0, end - x)
            name = metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(x, row.top(), room, height), middle, name)

    # Mouse and keys

    def _number_at(self, at: QPoint) -> int | None:
        number = at.y() // theme.px(_ROW)
        return number if 0 <= number < len(self.lines) else None

    def _token_at(self, at: QPoint) -> int | None:
        number = self._number_at(at)
        return None if number is None else self.lines[number].token

    def _token(self) -> int | None:
        return self.lines[self._current].token if self.lines else None

    def _go_to(self, number: int) -> None:
        if 0 <= number < len(self.lines):
            self._current = number
            self._describe()
            self.update()

    def _describe(self) -> None:
        line = self.lines[self._current] if self.lines else None
        self.setAccessibleDescription("" if line is None else f"{line.name} {line.right}")

    def event(self, event: QEvent) -> bool:
        """Claim the keys of a token."""
        return claims(event) or super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        number = self._number_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self._go_to(number)
            self._pressed = self.lines[number].token
            self.gestures.press(event, [self._pressed])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the token be dragged."""
        over = self._number_at(event.position().toPoint()) is not None
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        if self.gestures.move(event, self):
            self._pressed = None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish a click."""
        self.gestures.release()
        pressed, self._pressed = self._pressed, None
        if pressed is not None and self._token_at(event.position().toPoint()) == pressed:
            self.tokenActivated.emit(pressed)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look the token up."""
        self.gestures.double_click(event, self._token_at(event.position().toPoint()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of a token."""
        token = self._token()
        row = QPoint(theme.SPACE_XL, (self._current + 1) * theme.px(_ROW))
        current = None if token is None else (token, row)
        self.gestures.context_menu(event, self, self._token_at, current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, or do what the key means for a token."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in steps:
            self._go_to(self._current + steps[Qt.Key(event.key())])
        elif not self.gestures.key(event, self._token()):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it is elsewhere."""
        super().focusOutEvent(event)
        self.update()
