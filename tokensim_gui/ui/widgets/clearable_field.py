"""A field with a cross that empties it."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QToolButton, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.text_field import TextField

_CROSS_WIDTH = 22


class ClearableField(TextField):
    """Shows the cross while it holds something; Qt's own is an icon of another make."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextMargins(0, 0, _CROSS_WIDTH - theme.SPACE_S, 0)
        self._cross = QToolButton(self)
        self._cross.setText("×")
        self._cross.setProperty("look", "cross")
        self._cross.setAccessibleName("Clear")
        self._cross.setToolTip("Clear")
        self._cross.setCursor(Qt.CursorShape.ArrowCursor)
        self._cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # by key the field is emptied itself
        self._cross.hide()
        self._cross.clicked.connect(self.clear)
        self.textChanged.connect(self._on_text_changed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the cross at the right end."""
        super().resizeEvent(event)
        left = self.width() - _CROSS_WIDTH - theme.SPACE_XS // 2
        self._cross.setGeometry(left, 1, _CROSS_WIDTH, self.height() - 2)

    @Slot(str)
    def _on_text_changed(self, text: str) -> None:
        self._cross.setVisible(bool(text))
