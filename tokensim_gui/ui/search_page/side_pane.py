"""The right column: map over card where there is room, tabs where there is less."""

from typing import Literal

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.ui import theme

Mode = Literal["both", "tabs"]


class SidePane(QWidget):
    """Holds two panes; which of them are wanted and how much room there is decide the rest."""

    def __init__(self, upper: QWidget, lower: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panes = (upper, lower)
        self._wanted = [True, True]
        self._mode: Mode = "both"
        self._tabs = QWidget()
        row = QHBoxLayout(self._tabs)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._buttons = QButtonGroup(self)
        for number, words in enumerate(("Map", "Token")):
            button = QPushButton(words)
            button.setProperty("look", "tab")
            button.setCheckable(True)
            self._buttons.addButton(button, number)
            row.addWidget(button, 1)
        self._buttons.button(0).setChecked(True)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(theme.SPACE_M)
        self.splitter.addWidget(upper)
        self.splitter.addWidget(lower)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([390, 260])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._tabs)
        layout.addWidget(self.splitter, 1)
        self._buttons.idClicked.connect(self._on_tab_clicked)
        self._arrange()

    def set_mode(self, mode: Mode) -> None:
        """One above the other, or one at a time under tabs."""
        self._mode = mode
        self._arrange()

    def set_wanted(self, number: int, wanted: bool) -> None:
        """Show or hide the upper (0) or lower (1) pane for good."""
        self._wanted[number] = wanted
        self._arrange()

    def take_back(self, number: int) -> None:
        """Put a pane that was borrowed by a popup back in its place."""
        self.splitter.insertWidget(number, self._panes[number])
        self._arrange()

    @property
    def empty(self) -> bool:
        """Whether neither pane is wanted."""
        return not any(self._wanted)

    def _arrange(self) -> None:
        tabs = self._mode == "tabs" and all(self._wanted)
        self._tabs.setVisible(tabs)
        for number, pane in enumerate(self._panes):
            shown = self._wanted[number] and (not tabs or self._buttons.checkedId() == number)
            if pane.parent() is self.splitter:
                pane.setVisible(shown)

    @Slot(int)
    def _on_tab_clicked(self, _number: int) -> None:
        self._arrange()
