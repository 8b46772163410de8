"""The field of the search bar: the query, its lens, and how its last word might go on."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QFontMetricsF,
    QInputMethodEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from tokensim_gui.core.query.completion import Completion
from tokensim_gui.core.query.query_nudging import nudge_weight
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.token_drag import dragged_ids
from tokensim_gui.ui.widgets.drops import accept_copy
from tokensim_gui.ui.widgets.qt_quirks import code_point_index, signals_blocked, utf16_index
from tokensim_gui.ui.widgets.text_field import TextField

PLACEHOLDER = "Find tokens near…  a word, several, or (cute + girl) / 2"
_LENS_WIDTH = 34


class QueryField(TextField):
    """Keys that mean more than editing are passed on; a ghost is shown and never part of the text.

    The ghost is the rest of the last word as the commonest word has it. It stands only where it
    can't be mistaken: the cursor at the end, nothing selected, no input method composing.
    """

    enterPressed = Signal()
    escapePressed = Signal()
    downPressed = Signal()
    tokensDropped = Signal(QMimeData, int)
    focusChanged = Signal()
    dropHovered = Signal(bool)  # what would be taken hovers over it, or no longer does

    def __init__(
        self,
        complete: Callable[[str], Completion | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._complete = complete
        self._ghost: Completion | None = None
        self._refused = ""  # the text whose ghost was sent away
        self._composing = False
        self._underline: tuple[int, int] | None = None
        self.setProperty("look", "query")
        self.setPlaceholderText(PLACEHOLDER)
        self.setAccessibleName("Query")
        self.setAccessibleDescription(PLACEHOLDER)
        self._fit_lens()
        self.textChanged.connect(self.refresh_ghost)
        self.cursorPositionChanged.connect(self.refresh_ghost)
        self.selectionChanged.connect(self.refresh_ghost)

    def _fit_lens(self) -> None:
        self.setTextMargins(theme.px(_LENS_WIDTH), 0, 0, 0)

    def changeEvent(self, event: QEvent) -> None:
        """Let the lens grow with the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_lens()

    @property
    def ghost(self) -> str:
        """What is offered behind the cursor, "" for nothing."""
        return "" if self._ghost is None else self._ghost.rest

    @property
    def has_problem(self) -> bool:
        """Whether something in the query is at fault."""
        return self._underline is not None

    def underline(self, span: tuple[int, int] | None) -> None:
        """Underline characters start to end (code points) as the ones at fault."""
        if span != self._underline:
            self._underline = span
            self.update()

    @Slot()
    def refresh_ghost(self) -> None:
        """See what to offer for the text and the cursor as they are."""
        text = self.text()
        quiet = (
            self._complete is None
            or not self.hasFocus()
            or self._composing
            or self.hasSelectedText()
            or self.cursorPosition() != len(text.encode("utf-16-le", "surrogatepass")) // 2
            or text == self._refused
        )
        ghost = None if quiet or self._complete is None else self._complete(text)
        if ghost != self._ghost:
            self._ghost = ghost
            self.update()

    def replace(self, text: str, *, goes_on: bool = False) -> None:
        """Change the whole text as one step of the field's undo.

        Args:
            text: What to write.
            goes_on: Whether to take the last such step back first.
        """
        if goes_on:
            with signals_blocked(self):
                self.undo()
        self.selectAll()
        self.insert(text)

    def event(self, event: QEvent) -> bool:
        """Take the ghost by Tab, where what is typed is no token of its own."""
        tab = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if tab and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab:
            if self._ghost is not None and not self._ghost.typed_is_token:
                self.insert(self.ghost)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Say what the keys of the bar mean."""
        key, control = event.key(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enterPressed.emit()
            self.selectAll()
        elif key == Qt.Key.Key_Escape:
            if self._ghost is not None:
                self._refused = self.text()
                self.refresh_ghost()
            elif self.text():
                self.clear()
            else:
                self.escapePressed.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and control:
            self._nudge(0.1 if key == Qt.Key.Key_Up else -0.1)
        elif key == Qt.Key.Key_Down:
            self.downPressed.emit()
        elif key == Qt.Key.Key_Right and self._ghost is not None and not event.modifiers():
            self.insert(self.ghost)
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Offer nothing while an input method composes."""
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)
        self.refresh_ghost()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Offer what there is."""
        super().focusInEvent(event)
        self.refresh_ghost()
        self.focusChanged.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Offer nothing."""
        super().focusOutEvent(event)
        self.refresh_ghost()
        self.focusChanged.emit()

    def _nudge(self, step: float) -> None:
        text = self.text()
        cursor = code_point_index(text, self.cursorPosition())
        changed, cursor = nudge_weight(text, cursor, step)
        if changed != text:
            self.replace(changed)
            self.setCursorPosition(utf16_index(changed, cursor))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say that it would be taken."""
        super().dragEnterEvent(event)
        self.dropHovered.emit(event.isAccepted())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It went elsewhere."""
        super().dragLeaveEvent(event)
        self.dropHovered.emit(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Put tokens where they fall."""
        self.dropHovered.emit(False)
        if not dragged_ids(event.mimeData()):
            super().dropEvent(event)
            return
        # Not as the text that other programs get: it would be glued to what stands there.
        at = self.cursorPositionAt(event.position().toPoint())
        if accept_copy(event):
            self.tokensDropped.emit(event.mimeData(), code_point_index(self.text(), at))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw lens, ghost and what is at fault over the text."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c, middle = theme.colours(), self.height() / 2
        painter.save()
        painter.translate(0, middle)
        painter.scale(theme.px(100) / 100, theme.px(100) / 100)
        painter.setPen(QPen(c.colour("text2"), 1.6))
        painter.drawEllipse(QRectF(11, -8, 12, 12))
        painter.drawLine(QPointF(21.4, 2.4), QPointF(26, 7))
        painter.restore()
        if self._ghost is not None:
            self._paint_ghost(painter, self._ghost)
        if self._underline is None or not self.text():
            return
        start, end = (utf16_index(self.text(), at) for at in self._underline)
        left, right = self._x_of(start), self._x_of(max(end, start + 1))
        mark = QRectF(left, self.height() - 7, max(right - left, 6), 2)
        room = self.rect().adjusted(theme.px(_LENS_WIDTH) + theme.SPACE_S, 0, -theme.SPACE_S, 0)
        painter.fillRect(mark & QRectF(room), c.colour("error"))

    def _paint_ghost(self, painter: QPainter, ghost: Completion) -> None:
        c, x = theme.colours(), self.cursorRect().center().x() + 1.0
        metrics = QFontMetricsF(self.font())
        room = QRectF(x, 0, max(0.0, self.width() - x), self.height())
        # On a ground of its own: a single "s" in grey would pass for typed.
        rest, high = metrics.horizontalAdvance(ghost.rest), metrics.height() + 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(c.colour("chip"))
        painter.drawRoundedRect(QRectF(x, (self.height() - high) / 2, rest + 3, high) & room, 4, 4)
        painter.setPen(c.colour("text2"))
        painter.setFont(self.font())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, ghost.rest)
        words = "→" if ghost.typed_is_token else "Tab"
        painter.setFont(theme.sized(-1.5))
        cap_width = QFontMetricsF(painter.font()).horizontalAdvance(words) + 2 * 6
        height = theme.px(18)
        left = x + rest + theme.SPACE_M
        cap = QRectF(
            round(left) + 0.5, round((self.height() - height) / 2) + 0.5, cap_width, height
        )
        if cap.right() > self.width():
            return
        painter.setPen(QPen(c.colour("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cap, 4, 4)
        painter.setPen(c.colour("text2"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, words)

    def _x_of(self, position: int) -> float:
        # cursorRect is relative to the scrolled text; from it any other position can be measured.
        text, cursor = self.text(), self.cursorPosition()
        metrics = self.fontMetrics()
        utf16 = text.encode("utf-16-le", "surrogatepass")

        def width(units: int) -> int:
            return metrics.horizontalAdvance(utf16[: units * 2].decode("utf-16-le", "replace"))

        return self.cursorRect().center().x() + width(position) - width(cursor)
