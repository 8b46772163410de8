"""Renaming and removing what is on this computer, and one stack that takes it back."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.open_tables import OpenTables

_UNDO, _REDO = Offer("Undo", "encoders", "undo"), Offer("Redo", "encoders", "redo")


@dataclass(frozen=True, slots=True)
class _Change:
    """A table renamed or removed.

    Attributes:
        slug: Which; another one after a removed table came back beside a newer one of its slug.
        before: Its name before.
        after: Its name since; None if it was removed.
        was_in_use: Whether its tokens were shown when it was removed.
    """

    slug: str
    before: str
    after: str | None
    was_in_use: bool = False


class LibraryChanges(QObject):
    """What the Encoders page did to the library since the start, to be undone and done again."""

    changed = Signal()
    noticed = Signal(object)  # Notice
    failed = Signal(object)  # TokenSimError

    def __init__(
        self, library: TableLibrary, tables: OpenTables, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._library, self._tables = library, tables
        self._done: list[_Change] = []
        self._undone: list[_Change] = []

    def rename(self, slug: str, name: str) -> None:
        """Give a table another name."""
        self._begin(_Change(slug, self.name_of(slug), name))

    def remove(self, slug: str) -> None:
        """Take a table away; if its tokens are shown, others come in their place."""
        self._begin(_Change(slug, self.name_of(slug), None))

    def undo(self) -> None:
        """Take back the last change that is not taken back yet."""
        if not self._done:
            self.noticed.emit(Notice("There is nothing to undo among the encoders."))
            return
        change = self._done.pop()
        self._run(lambda: self._take_back(change), lambda: self._done.append(change))

    def redo(self) -> None:
        """Make the change that was taken back last once more."""
        if not self._undone:
            self.noticed.emit(Notice("There is nothing to redo among the encoders."))
            return
        change = self._undone.pop()
        self._run(lambda: self._make(change), lambda: self._undone.append(change))

    def name_of(self, slug: str) -> str:
        """The name of a table, or its slug if it is damaged or gone."""
        try:
            return self._library.info(slug).name
        except TokenSimError:
            return slug

    def _begin(self, change: _Change) -> None:
        if self._run(lambda: self._make(change), lambda: None):
            self._undone.clear()

    def _run(self, step: Callable[[], Notice], keep: Callable[[], None]) -> bool:
        """Take a step, and say so.

        Where the disk refuses it may be tried again; what meanwhile is gone never comes back.
        """
        try:
            notice = step()
        except TokenSimError as error:
            if isinstance(error, FileError):
                keep()
            self.failed.emit(error)
            return False
        self.changed.emit()
        self.noticed.emit(notice)
        return True

    def _make(self, change: _Change) -> Notice:
        slug = change.slug
        if change.after is None:
            self._library.remove(slug)
            in_use = slug == self._tables.info.slug
            self._done.append(replace(change, was_in_use=in_use))
            if in_use:
                self._tables.show(self._library.default)
            return Notice(f"Removed “{change.before}” from this computer.", (_UNDO,))
        self._library.rename(slug, change.after)
        self._done.append(change)
        return Notice(f"Renamed “{change.before}” to “{self.name_of(slug)}”.", (_UNDO,))

    def _take_back(self, change: _Change) -> Notice:
        if change.after is None:
            slug = self._library.restore(change.slug)
            if slug != change.slug:
                self._done = [
                    replace(other, slug=slug) if other.slug == change.slug else other
                    for other in self._done
                ]
            self._undone.append(replace(change, slug=slug))
            if change.was_in_use:
                self._tables.show(slug)
            return Notice(f"“{self.name_of(slug)}” is back.", (_REDO,))
        self._library.rename(change.slug, change.before)
        self._undone.append(change)
        return Notice(f"“{change.before}” has its name back.", (_REDO,))
