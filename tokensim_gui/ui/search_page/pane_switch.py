"""Which pane is shown, beside the chips of a page that has no room for all."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QWidget

from tokensim_gui.ui.widgets.parts_bar import part_button

_DETAILS = "How the token is typed, what lies near it and what it costs in other encoders (F8)"


class PaneSwitch(QFrame):
    """Beside the chips: which pane is shown where there is room for one, or the drawer's button."""

    chosen = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "switch")
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        for name, words in (("list", "List"), ("map", "Map"), ("card", "Token")):
            button = self._buttons[name] = part_button(words)
            self._group.addButton(button)
            row.addWidget(button)
        self._group.buttonClicked.connect(self._on_button_clicked)

    def show_state(self, names: tuple[str, ...], on: str) -> None:
        """Offer these panes, and show which one is on."""
        self.setVisible(bool(names))
        alone = names == ("card",)
        self._buttons["card"].setText("Token details" if alone else "Token")
        self._buttons["card"].setToolTip(_DETAILS if alone else "")
        for name, button in self._buttons.items():
            button.setVisible(name in names)
            button.setChecked(name == on)

    @Slot(QPushButton)
    def _on_button_clicked(self, button: QPushButton) -> None:
        name = next(name for name, one in self._buttons.items() if one is button)
        self.chosen.emit(name, button.isChecked())
