"""Tokens and texts onto the clipboard, and the words for what they become there."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from tokensim_gui.core.prompt import copying
from tokensim_gui.core.prompt.interfaces import TITLES
from tokensim_gui.core.query.lexer import isolated, quoted
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.settings import Settings

_NAMED = 8
_QUOTED = 80


class Shown(Protocol):
    """What is in front, with the vocabulary that its token ids are of."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary in force now."""


class Clipboard(QObject):
    """Copies within the input event that asked for it, as Wayland demands."""

    noticed = Signal(object)  # Notice

    def __init__(self, settings: Settings, shown: Shown, parent: QObject | None = None) -> None:
        """Take the settings (for whom is written) and what shows the tokens that are copied."""
        super().__init__(parent)
        self._settings, self._shown = settings, shown

    def copy(self, ids: Sequence[int], style: copying.CopyStyle = "comma") -> None:
        """Copy tokens as they must be typed, and say what they become."""
        if not ids:
            return
        vocabulary, write_for = self._shown.vocabulary, self._settings.write_for
        text, lost = copying.copied(vocabulary, ids, style, write_for)
        why = self._why_lost(lost)
        if not text:
            alone = len(ids) == 1 and copying.typed_text(vocabulary, ids[0]) is None
            said = copying.copy_notice(vocabulary, ids[0]) if alone else ""
            self.noticed.emit(Notice(said or f"Nothing was copied: {why}."))
            return
        QGuiApplication.clipboard().setText(text)
        said = copying.copy_notice(vocabulary, ids[0]) if len(ids) == 1 and style == "comma" else ""
        host = vocabulary.host(ids[0])
        offers = (Offer(f"Copy {quoted(host)}", "copy", host),) if said and host else ()
        if host == text:  # a character that is only a part of itself
            offers = ()
        gone = set(lost)
        names = self._names([token for token in ids if token not in gone])
        said = said or f"Copied: {names}"
        self.noticed.emit(Notice(f"{said}. Left out: {why}." if lost else said, offers))

    def _names(self, ids: Sequence[int]) -> str:
        vocabulary = self._shown.vocabulary
        names = ", ".join(isolated(vocabulary.display(token)) for token in ids[:_NAMED])
        return names + (f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else "")

    def _why_lost(self, lost: Sequence[int]) -> str:
        """Name tokens that can't be copied, and say why not."""
        if not lost:
            return ""
        vocabulary = self._shown.vocabulary
        syntax: list[int] = []
        untyped: list[int] = []
        for one in lost:
            typed = copying.typed_text(vocabulary, one) is not None
            (syntax if typed else untyped).append(one)
        reasons = []
        if untyped:
            reasons.append(f"nothing types “{self._names(untyped)}”")
        if syntax:
            reader = TITLES[self._settings.write_for]
            reasons.append(f"{reader} reads “{self._names(syntax)}” as syntax")
        return ", and ".join(reasons)

    def copy_text(self, text: str, lines: str = "lines") -> None:
        """Copy a text, and say how much it is; ``lines`` names what its lines are."""
        QGuiApplication.clipboard().setText(text)
        count = len(text.splitlines())
        if count > 1:
            words = f"Copied {count:,} {lines}."
        else:
            words = f"Copied {quoted(text)}." if len(text) <= _QUOTED else "Copied."
        self.noticed.emit(Notice(words))

    def text_for(self, ids: Sequence[int], style: copying.CopyStyle = "comma") -> str:
        """How tokens are written when they are copied or dragged out."""
        return copying.copied_text(self._shown.vocabulary, ids, style, self._settings.write_for)
