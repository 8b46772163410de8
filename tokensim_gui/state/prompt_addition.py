"""What other pages write behind the prompt, and taking it back from where one is."""

import re

from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.core.vocabulary.typeable import comma_after
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.prompt import PromptState

_MOST_SHOWN = 60  # characters
_ENDED = re.compile(r"(?:[.,!?:;|]|\bBREAK|\bAND)$")  # what no comma is to follow


class PromptAddition(QObject):
    """The last text written behind the prompt: the last thing done, until another is."""

    noticed = Signal(object)  # Notice

    def __init__(
        self, prompt: PromptState, tables: OpenTables, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._prompt, self._tables = prompt, tables
        self._texts: tuple[str, str] | None = None  # of the prompt before and after

    def add(self, text: str) -> None:
        """Write a text behind the prompt in front, parted from it as need be."""
        was = self._prompt.text
        before = was.rstrip().removesuffix(",")
        joint = " " if _ENDED.search(before) else f"{self._comma(before)} "
        self._prompt.write(f"{before}{joint}{text}" if before else text)
        self._texts = (was, self._prompt.text)
        shown = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
        self._say(f"Added to the prompt: {shown}", Offer("Undo", "addition", "undo"))

    def undo(self) -> bool:
        """Take the text out again; False where that is not the last thing done."""
        if self._texts is None or self._prompt.text != self._texts[1]:
            return False
        self._prompt.write(self._texts[0])
        self._say("The prompt is as it was.", Offer("Redo", "addition", "redo"))
        return True

    def redo(self) -> bool:
        """Write it again; False where taking it out is not the last thing done."""
        if self._texts is None or self._prompt.text != self._texts[0]:
            return False
        self._prompt.write(self._texts[1])
        self._say("Added to the prompt again.", Offer("Undo", "addition", "undo"))
        return True

    @Slot()
    def forget(self) -> None:
        """Something else was done since."""
        self._texts = None

    def _comma(self, before: str) -> str:
        return comma_after(self._tables.vocabulary.family, before) if before else ""

    def _say(self, words: str, offer: Offer) -> None:
        self.noticed.emit(Notice(words, (Offer("Show", "page", "prompt"), offer)))
