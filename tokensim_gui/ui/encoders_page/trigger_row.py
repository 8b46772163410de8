"""One trigger word of a LoRA: how sure it is, and what the encoder in front makes of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from tokensim_gui.core.query.lexer import quoted
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.glyphs import face
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.plain_tip import plain_tip

if TYPE_CHECKING:
    from tokensim_gui.core.loras.trained_words import Trigger
    from tokensim_gui.core.loras.trigger_reading import TriggerReading
    from tokensim_gui.state.loras import FileCard

_COMMON = "Common words only: the model has a meaning for this already."


class TriggerRow(QWidget):
    """The word, how sure it is, its pieces, and a button each for clipboard and prompt."""

    copied = Signal(list)
    used = Signal(list)

    def __init__(
        self,
        trigger: "Trigger",
        reading: "TriggerReading",
        card: "FileCard",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = trigger.text
        word = ElidedLabel()
        word.setText(trigger.text)
        word.setProperty("look", "title")
        cut = _cut(reading, card, self.font())
        facts = QLabel(" · ".join(filter(None, (_sureness(trigger), cut))))
        facts.setProperty("look", "caption")
        facts.setWordWrap(True)
        facts.setMinimumWidth(40)
        facts.setToolTip(plain_tip(f"Out of “{trigger.origin}”"))
        copy, use = QPushButton("Copy"), QPushButton("Add to prompt")
        copy.setAccessibleName(f"Copy {trigger.text}")
        use.setAccessibleName(f"Add {trigger.text} to the prompt")
        layout = QGridLayout(self)
        layout.setContentsMargins(0, theme.SPACE_XS, 0, theme.SPACE_XS)
        layout.setHorizontalSpacing(theme.SPACE_S)
        layout.setVerticalSpacing(theme.SPACE_XS // 2)
        layout.addWidget(word, 0, 0)
        layout.addWidget(facts, 1, 0)
        layout.addWidget(copy, 0, 1, 2, 1)
        layout.addWidget(use, 0, 2, 2, 1)
        if reading.common:
            rarer = f" A rarer spelling: {reading.rarer}." if reading.rarer else ""
            warning = QLabel(_COMMON + rarer)
            warning.setProperty("look", "amber")
            warning.setWordWrap(True)
            warning.setMinimumWidth(40)
            layout.addWidget(warning, 2, 0, 1, 3)
        layout.setColumnStretch(0, 1)
        copy.clicked.connect(self._on_copy_clicked)
        use.clicked.connect(self._on_use_clicked)

    @Slot()
    def _on_copy_clicked(self) -> None:
        self.copied.emit([self._text])

    @Slot()
    def _on_use_clicked(self) -> None:
        self.used.emit([self._text])


def _sureness(trigger: "Trigger") -> str:
    if trigger.sureness == "said":
        return "said by its trainer"
    if trigger.sureness == "guessed":
        return "guessed from the name of a folder"
    return f"in {trigger.count:,} captions" if trigger.count else "in every caption"


def _cut(reading: "TriggerReading", card: "FileCard", font: QFont) -> str:
    if not reading.ids:
        return ""
    shown = " · ".join(face(card.vocabulary, token, font).text for token in reading.ids)
    if len(reading.ids) == 1:
        return f"one token of {card.encoder}"
    return f"{len(reading.ids)} tokens of {card.encoder}: {quoted(shown)}"
