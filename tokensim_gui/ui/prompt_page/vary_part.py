"""A template with slots, filled with random tokens: many prompts at once, the liked ones kept."""

import random
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.values import TokenFilter
from tokensim_gui.ui import theme
from tokensim_gui.ui.prompt_page.prompt_list import PromptList
from tokensim_gui.ui.widgets.clearable_field import ClearableField
from tokensim_gui.ui.widgets.text_field import TextField

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.mutations import Mutations

_SLOTS = {
    "#word#": "A whole word",
    "#prefix#": "A piece that joins what follows: #prefix#banana",
    "#suffix#": "A piece that joins what precedes: banana#suffix#",
    "#emoji#": "An emoji",
    "#near:cute#": "A neighbour of what stands behind the colon: any query of the Search page",
}
_JOINING = "#suffix#"  # what it joins stands before it
_OPENING = "([{<"
_MOST, _FIRST = 500, 20
_SPIN_WIDTH = 112
_LARGEST_SEED = 2**31 - 1


class VaryPart(QWidget):
    """Says what to make; shows what was made."""

    makeRequested = Signal(str, int, int, object)  # template, how many, seed, TokenFilter
    useRequested = Signal(str)
    copyRequested = Signal(str)
    exportRequested = Signal(list)
    compareRequested = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._better = ""
        self._made = 0
        self.template = TextField()
        self.template.setAccessibleName("Template")
        self.template.setPlaceholderText("A prompt with a slot: photo of a #prefix#banana")
        self._slots = [self._slot(slot, tip) for slot, tip in _SLOTS.items()]
        self.count = self._spin(1, _MOST, _FIRST, "How many prompts")
        self.seed = self._spin(0, _LARGEST_SEED, 7, "Seed: the same seed gives the same prompts")
        self._dice = QPushButton("Another seed")
        self.filter = ClearableField()
        self.filter.setPlaceholderText("Only tokens containing…")
        self.filter.setAccessibleName("Filter")
        self.filter.setToolTip("Part of a token, /regular expression/ or ids: #100..#120")
        self._make = QPushButton("Make prompts")
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._change = QPushButton("Change the template")
        self._notice = QFrame()
        self.list = PromptList()
        self._lay_out()
        self.template.returnPressed.connect(self._on_make_clicked)
        self.filter.returnPressed.connect(self._on_make_clicked)
        self._make.clicked.connect(self._on_make_clicked)
        self._dice.clicked.connect(self._on_dice_clicked)
        self._change.clicked.connect(self._on_change_clicked)
        self.list.promptChosen.connect(self.useRequested)
        self.list.copyRequested.connect(self.copyRequested)
        self.list.exportRequested.connect(self.exportRequested)
        self.list.compareRequested.connect(self.compareRequested)
        self.setFocusProxy(self.template)

    def _lay_out(self) -> None:
        slots = QHBoxLayout()
        slots.setSpacing(theme.SPACE_XS)
        for button in self._slots:
            slots.addWidget(button)
        slots.addStretch(1)
        how = QHBoxLayout()
        how.setSpacing(theme.SPACE_S)
        how.addWidget(self.filter, 1)
        how.addWidget(self.count)
        how.addWidget(self.seed)
        how.addWidget(self._dice)
        how.addWidget(self._make)
        notice = QHBoxLayout(self._notice)
        notice.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
        notice.addWidget(self._note, 1)
        notice.addWidget(self._change)
        self._notice.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self.template)
        layout.addLayout(slots)
        layout.addLayout(how)
        layout.addWidget(self._notice)
        layout.addWidget(self.list, 1)

    @staticmethod
    def _spin(low: int, high: int, value: int, tip: str) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(low, high)
        spin.setValue(value)
        spin.setToolTip(tip)
        spin.setAccessibleName(tip.partition(":")[0])
        spin.lineEdit().setAcceptDrops(False)
        spin.lineEdit().setTextMargins(theme.SPACE_S, 0, 0, 0)
        spin.setMaximumWidth(_SPIN_WIDTH)
        spin.setPrefix("× " if high == _MOST else "Seed ")
        return spin

    def _slot(self, slot: str, tip: str) -> QPushButton:
        button = QPushButton(slot)
        button.setProperty("look", "chip")
        button.setToolTip(tip)
        button.setAccessibleName(f"Put in {slot}")
        button.clicked.connect(self._on_slot_clicked)
        return button

    def show_making(self) -> None:
        """Say that prompts are being made."""
        self._make.setEnabled(False)

    def show_mutations(self, made: "Mutations") -> None:
        """Show what was made; what is kept stays."""
        self._make.setEnabled(True)
        self._better = made.better_template or ""
        self._say(" ".join(made.notes), "notice")
        self.list.add([mutation.prompt for mutation in made.prompts])

    def show_problem(self, sentence: str) -> None:
        """Say why nothing was made."""
        self._make.setEnabled(True)
        self._better = ""
        self._say(sentence, "error")

    def _say(self, words: str, look: str) -> None:
        self._note.setText(words)
        self._notice.setVisible(bool(words))
        self._change.setVisible(bool(self._better))
        self._notice.setProperty("look", look)
        self._notice.style().unpolish(self._notice)
        self._notice.style().polish(self._notice)

    @Slot()
    def _on_slot_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            line, slot = self.template, button.text()
            at = line.selectionStart() if line.hasSelectedText() else line.cursorPosition()
            before = line.text()[:at][-1:]
            apart = before and not before.isspace() and before not in _OPENING
            line.insert(f" {slot}" if apart and slot != _JOINING else slot)
            line.setFocus()

    @Slot()
    def _on_dice_clicked(self) -> None:
        self.seed.setValue(random.randrange(10_000))
        self._on_make_clicked()

    @Slot()
    def _on_change_clicked(self) -> None:
        self.template.setText(self._better)
        self._on_make_clicked()

    @Slot()
    def _on_make_clicked(self) -> None:
        if self._make.isEnabled():
            token_filter = TokenFilter(self.filter.text().strip())
            self.makeRequested.emit(
                self.template.text(), self.count.value(), self.seed.value(), token_filter
            )
