"""The state of the Prompt page without the page."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import SignalInstance
from pytestqt.qtbot import QtBot

from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.values import Results
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

if TYPE_CHECKING:
    from tokensim_gui.state.notice import Notice


LONG_MS = 60_000


class Bench:
    """A session without a window, and the editor that a page would be."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.settings = Settings()
        self.session = Session(self.settings, TableLibrary())
        self.prompt = self.session.prompt
        self.notices: list[Notice] = []
        self.session.noticed.connect(self.notices.append)
        self.prompt.replaceAsked.connect(self._on_replace_asked)
        self.prompt.blocks.textsTaken.connect(self._on_texts_taken)
        self.session.show_first()
        self.prompt.set_shown(True)

    def _on_replace_asked(self, start: int, end: int, text: str) -> None:
        whole = self.prompt.text
        self.prompt.set_text(whole[:start] + text + whole[end:], self.prompt.side)

    def _on_texts_taken(self, prompt: str, negative: str) -> None:
        self.prompt.set_text(prompt, "prompt")
        self.prompt.set_text(negative, "negative")

    def open_table(self) -> "Bench":
        with self.qtbot.waitSignal(self.session.tables.frontChanged, timeout=LONG_MS):
            self.session.tables.show("starter")
        return self

    def read(self, text: str | None = None) -> list[str]:
        """Type a prompt and wait until it is read; returns the texts of its tokens."""
        if text is not None:
            self.prompt.set_text(text, self.prompt.side)
        self.qtbot.waitUntil(self._is_read, timeout=LONG_MS)
        reading = self.prompt.reading
        assert reading is not None
        return [reading.vocabulary.display(token.id) for token in reading.prompt.tokens]

    def _is_read(self) -> bool:
        reading = self.prompt.reading
        return reading is not None and reading.text == self.prompt.text

    def select(self, word: str) -> list[int]:
        """Select the token of a word; returns what lies near it."""
        names = self.read()
        with self.qtbot.waitSignal(
            self.prompt.neighboursChanged,
            timeout=LONG_MS,
            check_params_cb=lambda answer: isinstance(answer, Results),
        ) as asked:
            self.prompt.select(names.index(word))
        assert asked.args is not None
        return list(asked.args[0].ids.tolist())

    def wait(self, signal: SignalInstance, kind: type | tuple[type, ...]) -> Any:
        with self.qtbot.waitSignal(
            signal, timeout=LONG_MS, check_params_cb=lambda value: isinstance(value, kind)
        ) as waiting:
            pass
        assert waiting.args is not None
        return waiting.args[0]

    def close(self) -> None:
        self.session.close()
