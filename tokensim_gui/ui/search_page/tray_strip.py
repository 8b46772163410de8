"""The tray's chips in up to three lines, and where a dropped token goes."""

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QDrag, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.search_page.tray_chip import TrayChip
from tokensim_gui.ui.tokens.token_gestures import TokenGestures

_GAP = theme.SPACE_S - 2
_HINT = "Space adds the selected tokens; drag to reorder."


def line_height() -> int:
    """Height of a line of chips."""
    return theme.px(theme.CHIP_HEIGHT) + theme.SPACE_XS


class TrayStrip(QWidget):
    """Lays chips out from left to right, line by line, and knows what lies between them.

    Signals:
        arranged: The chips have found places, in `lines` lines.
        tokensDropped: Tokens were dropped in front of the chip with that index.
        chipMoved: A chip was dropped elsewhere: where it was, where it is to be afterwards.
    """

    arranged = Signal()
    tokensDropped = Signal(list, int)
    chipMoved = Signal(int, int)

    def __init__(self, gestures: TokenGestures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gestures = gestures
        self.chips: list[TrayChip] = []
        self.lines = 1
        # The first is made now, so that Tab comes by before what the window makes after this.
        self._pool = [TrayChip(gestures, self)]
        self._pool[0].hide()
        self._spare = QTimer(self, singleShot=True, interval=0)
        self._spare.timeout.connect(self._on_spare_timeout)
        self._given = 0
        self._gap: int | None = None
        self.setAccessibleDescription(_HINT)

    def set_count(self, count: int) -> list[TrayChip]:
        """Show that many chips and return those that are new; fill them, then `arrange`."""
        while len(self._pool) < count:
            self._pool.append(TrayChip(self._gestures, self))
            QWidget.setTabOrder(self._pool[-2], self._pool[-1])
        fresh = self._pool[self._given : count]
        self._given += len(fresh)
        self.chips = self._pool[:count]
        for index, chip in enumerate(self._pool):
            chip.setVisible(index < count)
        self._spare.start()  # and not now: a tray is emptied and filled again
        return fresh

    @Slot()
    def _on_spare_timeout(self) -> None:
        """Give back what a longer tray needed; a chip that is being dragged outlives the drop."""
        while len(self._pool) > max(len(self.chips), 1) and not self._pool[-1].findChild(QDrag):
            self._pool.pop().deleteLater()
        self._given = min(self._given, len(self._pool))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        self.arrange()

    def arrange(self) -> None:
        """Lay the chips out, after their words or the width have changed."""
        x, line = 0, 0
        for chip in self.chips:
            width = min(chip.sizeHint().width(), max(self.width(), 1))
            if x > 0 and x + width > self.width():
                x, line = 0, line + 1
            top = line * line_height() + theme.SPACE_XS // 2
            chip.setGeometry(x, top, width, theme.px(theme.CHIP_HEIGHT))
            x += width + _GAP
        self.update()  # the hint goes with the first chip
        self.setMinimumHeight((line + 1) * line_height())
        self.lines = line + 1
        self.arranged.emit()

    def chips_below(self, lines: int) -> int:
        """How many chips stand below the first lines."""
        return sum(chip.y() >= lines * line_height() for chip in self.chips)

    def drag_over(self, at: QPoint | None) -> None:
        """Show where tokens dropped at a place would go; None if they are carried on."""
        self._show_gap(None if at is None else self._gap_at(at))

    def drop(self, at: QPoint, source: QObject | None, ids: list[int]) -> None:
        """Put tokens in, or move the chip that came from here."""
        gap = self._gap_at(at)
        self._show_gap(None)
        if isinstance(source, TrayChip) and source in self.chips:
            origin = self.chips.index(source)
            target = gap if gap <= origin else gap - 1
            if target != origin:
                self.chipMoved.emit(origin, target)
        elif ids:
            self.tokensDropped.emit(ids, gap)

    def _gap_at(self, at: QPoint) -> int:
        """The index in front of which a token dropped at ``at`` goes; the place may be outside."""
        at = QPoint(at.x(), min(max(at.y(), 0), self.height() - 1))
        for index, chip in enumerate(self.chips):
            line = QRect(0, chip.y() - theme.SPACE_XS, self.width(), line_height())
            if at.y() < line.top() or (
                at.y() <= line.bottom() and at.x() < chip.geometry().center().x()
            ):
                return index
        return len(self.chips)

    def _show_gap(self, gap: int | None) -> None:
        if gap != self._gap:
            self._gap = gap
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say how to fill an empty tray; draw a bar in the gap under a dragged token."""
        painter = QPainter(self)
        dim = theme.colours().colour("text2")
        if not self.chips:
            painter.setPen(dim)
            room = self.fontMetrics().elidedText(_HINT, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, room)
        if self._gap is not None:
            painter.fillRect(self._bar(self._gap), dim)

    def _bar(self, gap: int) -> QRectF:
        if not self.chips:
            return QRectF(0, 2, 2, self.height() - 4)
        if gap < len(self.chips):
            box = self.chips[gap].geometry()
            x = max(box.left() - _GAP / 2 - 1, 0.0)
        else:
            box = self.chips[-1].geometry()
            x = min(box.right() + _GAP / 2, self.width() - 2.0)
        return QRectF(x, box.top(), 2, box.height())
