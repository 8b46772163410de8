"""Between filter and list: what is left out more than usual, and the way back."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel

_BACK = "Back to the usual filter"


class FilteredStrip(QWidget):
    """What the filter lets through, and a cross. Hidden where it leaves out no more than usual.

    The choice is made in a menu and lasts over restarts: a list of nothing but emoji would else
    look like all that there is.
    """

    endRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ElidedLabel()
        self._words.setProperty("look", "dim")
        end = QToolButton()
        end.setText("✕")
        end.setProperty("look", "cross")
        end.setToolTip(_BACK)
        end.setAccessibleName(_BACK)
        end.clicked.connect(self.endRequested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._words, 1)
        row.addWidget(end)
        self.show_choices(())

    def show_choices(self, choices: Sequence[str]) -> None:
        """Name what is chosen: a level, a script."""
        self.setVisible(bool(choices))
        self._words.setText(f"Filtered: {', '.join(choices)}")
