"""The head of the Prompt page: which prompt, the settings of its picture, and the model."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tokensim_gui.core.prompt.models import REACHES
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.choice_button import ChoiceButton
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.parts_bar import PartsBar

_SIDES = {"prompt": "Prompt", "negative": "Negative"}
_MODEL = "The model whose encoder the tokens are counted against"


class PromptHead(QWidget):
    """One row above the sheets, with the line that parts it from them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sides = PartsBar(_SIDES)
        self.settings = ElidedLabel()
        self.settings.setProperty("look", "dim")
        titles = {model: reach.title for model, reach in REACHES.items()}
        self.model = ChoiceButton(_MODEL, titles, "quiet")
        self.model.setToolTip(_MODEL)
        row = QHBoxLayout()
        row.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        row.setSpacing(theme.SPACE_L)
        row.addWidget(self.sides)
        row.addWidget(self.settings, 1)
        row.addWidget(self.model)
        line = QFrame()
        line.setProperty("look", "line")
        line.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(line)
