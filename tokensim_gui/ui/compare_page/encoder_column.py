"""One encoder of a comparison: its mark, name and facts, and its neighbours."""

from PySide6.QtCore import QPointF, QSize, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.ui import theme
from tokensim_gui.ui.compare_page.encoder_mark import draw_mark, mark_colour
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.message_overlay import MessageLabel, overlaid

MINIMUM_WIDTH = 150
_ROOM_FOR_FACTS = 300


class _Mark(QWidget):
    """The encoder's mark."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self.setFixedSize(QSize(16, theme.FIELD_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        centre = QPointF(self.width() / 2, self.height() / 2)
        draw_mark(painter, self._number, centre, mark_colour(self._number))


class EncoderColumn(QWidget):
    """Lays out what it is given; shows a sentence over an empty list."""

    removeRequested = Signal(int)

    def __init__(
        self, number: int, chooser: QWidget, tokens: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._number = number
        self.setMinimumWidth(MINIMUM_WIDTH)
        self._cross = QToolButton()
        self._cross.setText("×")
        self._cross.setProperty("look", "flat")
        self._cross.setToolTip("Take this encoder out of the comparison")
        self._cross.setAccessibleName(f"Take encoder {number + 1} out")
        self._facts = ElidedLabel()
        self._facts.setProperty("look", "caption")
        self._message = MessageLabel()
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(_Mark(number))
        head.addWidget(chooser)
        head.addStretch(1)
        head.addWidget(self._cross)
        below = QHBoxLayout()
        below.setContentsMargins(28, 0, 0, 0)  # under the name
        below.addWidget(self._facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(below)
        column.addSpacing(theme.SPACE_S)
        column.addWidget(overlaid(tokens, self._message, self), 1)
        self._cross.clicked.connect(self._on_cross_clicked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows go before facts."""
        super().resizeEvent(event)
        self._facts.setVisible(event.size().height() >= _ROOM_FOR_FACTS)

    def set_facts(self, words: str) -> None:
        """Say below the name what is known of the encoder."""
        self._facts.setText(words)

    def facts(self) -> str:
        """What is said below the name."""
        return self._facts.text()

    def set_message(self, sentence: str) -> None:
        """Lay a sentence over the empty list; "" takes it away."""
        self._message.setText(sentence)

    def message(self) -> str:
        """The sentence over the list."""
        return self._message.text()

    def set_removable(self, removable: bool) -> None:
        """Show the cross or not."""
        self._cross.setVisible(removable)

    @Slot()
    def _on_cross_clicked(self) -> None:
        self.removeRequested.emit(self._number)
