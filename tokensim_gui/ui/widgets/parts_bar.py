"""A switch of a few words of which one is chosen: what the room below shows."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget


def part_button(words: str, tip: str = "") -> QPushButton:
    """One of the words of a switch."""
    button = QPushButton(words)
    button.setProperty("look", "part")
    button.setCheckable(True)
    button.setToolTip(tip)
    return button


class PartsBar(QFrame):
    """Says which part was chosen; Alt and the letter underlined chooses by key."""

    chosen = Signal(str)

    def __init__(self, parts: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "switch")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._keys = list(parts)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        for number, words in enumerate(parts.values()):
            button = part_button(words)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._group.addButton(button, number)
            row.addWidget(button)
        self._group.button(0).setChecked(True)
        self.setFocusProxy(self._group.button(0))
        self._group.idClicked.connect(self._on_group_clicked)

    def current(self) -> str:
        """Key of the part chosen."""
        return self._keys[self._group.checkedId()]

    def set_current(self, key: str) -> None:
        """Choose a part, without a signal."""
        self._group.button(self._keys.index(key)).setChecked(True)

    def set_part_visible(self, key: str, visible: bool) -> None:
        """Offer a part, or leave it out where it is shown elsewhere."""
        self._group.button(self._keys.index(key)).setVisible(visible)

    @Slot(int)
    def _on_group_clicked(self, number: int) -> None:
        self.chosen.emit(self._keys[number])
