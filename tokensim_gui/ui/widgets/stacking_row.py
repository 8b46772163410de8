"""A row that becomes a column where it is too narrow."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from tokensim_gui.ui import theme


class StackingRow(QWidget):
    """Widgets beside each other, from the left; below each other where they don't fit."""

    def __init__(self, *widgets: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets = widgets
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(theme.SPACE_S)
        for widget in widgets:
            self._box.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
        self._box.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        """As wide as the widest: below each other they need no more."""
        widest = max(widget.minimumSizeHint().width() for widget in self._widgets)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose between row and column."""
        super().resizeEvent(event)
        wide = sum(widget.sizeHint().width() + theme.SPACE_S for widget in self._widgets)
        way = QBoxLayout.Direction
        self._box.setDirection(way.TopToBottom if self.width() < wide else way.LeftToRight)
