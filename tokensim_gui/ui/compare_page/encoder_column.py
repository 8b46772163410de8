"""One encoder of a comparison: its mark and name, its tokens of the query, its neighbours."""

from PySide6.QtCore import QPointF, QSize, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.ui import theme
from tokensim_gui.ui.compare_page.encoder_mark import draw_mark, mark_colour
from tokensim_gui.ui.widgets.message_overlay import message_label, overlaid

_MINIMUM_WIDTH = 196


class _Mark(QWidget):
    """The encoder's mark, as it stands beside words in the other columns."""

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
        self,
        number: int,
        chooser: QWidget,
        chips: QWidget,
        tokens: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._number = number
        self.setMinimumWidth(_MINIMUM_WIDTH)
        self._cross = QToolButton()
        self._cross.setText("×")
        self._cross.setProperty("look", "flat")
        self._cross.setToolTip("Take this encoder out of the comparison")
        self._cross.setAccessibleName(f"Take encoder {number + 1} out")
        self._message = message_label()
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE_XS)
        head.addWidget(_Mark(number))
        head.addWidget(chooser, 1)
        head.addWidget(self._cross)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(head)
        column.addWidget(chips)
        column.addWidget(overlaid(tokens, self._message), 1)
        self._cross.clicked.connect(self._on_cross_clicked)

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
