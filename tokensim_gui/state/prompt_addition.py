"""What other pages write behind the prompt, and taking it back from where one is."""

import re

from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.core.vocabulary.typeable import comma_after
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.prompt import PromptState, Side
from tokensim_gui.state.settings import SAMPLE_PROMPT

_MOST_SHOWN = 60  # characters
_ENDED = re.compile(r"(?:[.,!?:;|，、。；：！？]|\bBREAK|\bAND)$")  # what no comma is to follow
_SYNTAX = re.compile(r"(?<!\\)[)\]}>]$")  # which is taken out, and joins no comma


class PromptAddition(QObject):
    """The last text written behind the prompt: the last thing done, until another is."""

    noticed = Signal(object)  # Notice

    def __init__(
        self, prompt: PromptState, tables: OpenTables, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._prompt, self._tables = prompt, tables
        self._texts: tuple[str, str] | None = None  # of the prompt before and after
        self._side: Side = "prompt"
        self._is_last = False

    def add(self, text: str) -> None:
        """Write a text behind the prompt in front, parted from it as need be."""
        was = self._prompt.text
        kept = "" if was == SAMPLE_PROMPT else was  # which nobody wrote
        before = kept.rstrip().removesuffix(",").rstrip()
        joint = f"{self._comma(before)} " if before else ""
        self._prompt.write(f"{before}{joint}{text}")
        self._texts, self._side, self._is_last = (was, self._prompt.text), self._prompt.side, True
        shown = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
        self._say(f"Added to the prompt: {shown}", Offer("Undo", "addition", "undo"))

    def undo(self) -> bool:
        """Take the text out again if adding it is the last thing done; whether it was."""
        return self._is_last and self.take_out()

    def redo(self) -> bool:
        """Write it again if taking it out is the last thing done; whether it was."""
        return self._is_last and self.put_back()

    def take_out(self) -> bool:
        """Take the text out again; False where the prompt was changed since."""
        return self._step(True, "The prompt is as it was.", Offer("Redo", "addition", "redo"))

    def put_back(self) -> bool:
        """Write it again; False where the prompt was changed since."""
        return self._step(False, "Added to the prompt again.", Offer("Undo", "addition", "undo"))

    @Slot()
    def forget(self) -> None:
        """Something else was done since."""
        self._is_last = False

    def _step(self, is_undo: bool, words: str, offer: Offer) -> bool:
        """A step of the editor's own, so that its next one goes on from there."""
        if self._texts is None:
            return False
        goal, there = self._texts if is_undo else reversed(self._texts)
        if self._prompt.texts[self._side] != there:
            return False
        self._prompt.blocks.stepAsked.emit(self._side, is_undo)
        if self._prompt.side == self._side and self._prompt.text != goal:
            self._prompt.write(goal)
        self._say(words, offer)
        return True

    def _comma(self, before: str) -> str:
        if _ENDED.search(before):
            return ""
        if _SYNTAX.search(before):
            return ","
        return comma_after(self._tables.vocabulary.family, before)

    def _say(self, words: str, offer: Offer) -> None:
        self.noticed.emit(Notice(words, (Offer("Show", "page", "prompt"), offer)))
