"""The line under the editor: how many tokens, against which limit, and one piece of advice."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from tokensim_gui.core.prompt.prompt_reading import Reading
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.prompt_tokens import PromptToken

LIMIT_WORDS = {
    77: ("77 places", "CLIP: 75 tokens between start and end; longer prompts go in chunks"),
    256: ("256 places", "T5 in SD 3 and FLUX.1 schnell"),
    512: ("512 places", "T5 in FLUX.1 dev, and most language models"),
}
_NAMED, _NAMED_IN_TIP = 2, 20


class CountLine(QWidget):
    """A line of fixed height, so that no message moves what is below it."""

    limitChanged = Signal(int)
    spacesRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme.FIELD_HEIGHT)
        self._count = QLabel()
        self._count.setProperty("look", "title")
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._words = ElidedLabel()
        self._words.setProperty("look", "dim")
        self._spaces = QPushButton("Replace _ by spaces")
        self._spaces.setProperty("look", "link")
        self._spaces.hide()
        self._limit = QToolButton()
        self._limit.setProperty("look", "flat")
        self._limit.setAccessibleName("Limit of the encoder")
        self._limit.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._limit.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu, self._group = QMenu(self), QActionGroup(self)
        menu.setToolTipsVisible(True)
        for limit, (words, tip) in LIMIT_WORDS.items():
            action = menu.addAction(f"{words} · {tip}")
            action.setCheckable(True)
            action.setData(limit)
            self._group.addAction(action)
        self._limit.setMenu(menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._count)
        layout.addWidget(self._words)
        layout.addWidget(self._spaces)
        layout.addStretch(1)
        layout.addWidget(self._limit)
        self._spaces.clicked.connect(self.spacesRequested)
        self._group.triggered.connect(self._on_limit_triggered)

    def set_reading(self, reading: Reading) -> None:
        """Count a prompt."""
        prompt = reading.prompt
        count = len(prompt.tokens)
        chunks = len(prompt.chunks)
        if prompt.over:
            words, look = f"{count} tokens, {prompt.over} over the limit of {prompt.room}", "error"
        elif chunks > 1:
            words, look = f"{count} tokens in {chunks} chunks of {prompt.room}", "title"
        else:
            words, look = f"{count} of {prompt.room} tokens", "title"
        self._show(words, look)
        notes = [*prompt.notes]
        if reading.underscored:
            word, now, then = reading.underscored[0]
            spaced = word.replace("_", " ")
            notes.insert(0, f"“{word}” costs {now} tokens, “{spaced}” {then}.")
        self._spaces.setVisible(bool(reading.underscored))
        again = _words_of(reading, [token for token in prompt.tokens if token.repeated])
        split = _words_of(reading, [token for token in prompt.tokens if token.odd])
        found = {"In pieces": split, "More than once": again}
        self._words.setText(" ".join((*notes, *_sentences(found, _NAMED))))
        self._words.setToolTip("\n".join((*notes, *_sentences(found, _NAMED_IN_TIP))))
        words, tip = LIMIT_WORDS[prompt.limit]
        self._limit.setText(f"{words} ▾")
        self._limit.setToolTip(tip)
        self._limit.setMinimumWidth(self._limit.sizeHint().width())
        for action in self._group.actions():
            action.setChecked(action.data() == prompt.limit)

    def set_problem(self, sentence: str) -> None:
        """Say why the prompt has not been read; "" where it has."""
        if sentence:
            self._show(sentence, "error")
            self._words.clear()
            self._spaces.hide()

    def text(self) -> str:
        """What the line says."""
        return f"{self._count.text()} {self._words.text()}".strip()

    def _show(self, words: str, look: str) -> None:
        self._count.setText(words)
        if self._count.property("look") != look:
            self._count.setProperty("look", look)
            self._count.style().polish(self._count)

    @Slot(QAction)
    def _on_limit_triggered(self, action: QAction) -> None:
        self.limitChanged.emit(action.data())


def _words_of(reading: Reading, tokens: "list[PromptToken]") -> list[str]:
    """The words that some tokens belong to, each once."""
    places: dict[int, tuple[int, int]] = {}
    for token in tokens:
        start, end = places.get(token.word, (token.start, token.end))
        places[token.word] = (min(start, token.start), max(end, token.end))
    return list(dict.fromkeys(reading.text[start:end] for start, end in places.values()))


def _sentences(found: dict[str, list[str]], most: int) -> list[str]:
    """Name the first words of each kind, and count the others."""
    sentences = []
    for what, words in found.items():
        named = ", ".join(f"“{word}”" for word in words[:most])
        more = f" and {len(words) - most} more" if len(words) > most else ""
        if words:
            sentences.append(f"{what}: {named}{more}.")
    return sentences
