"""The state of what is saved by name: queries and trays, theirs to use, rename and remove."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.atomic import write_atomically
from tokensim_gui.core.query.lexer import MAX_LENGTH
from tokensim_gui.state.history import merged_visits
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.saved_things import (
    MOST_NAME,
    MOST_TOKENS,
    SavedChange,
    SavedThing,
    as_text,
    cleaned,
    read_file,
)
from tokensim_gui.state.search import SearchState
from tokensim_gui.state.settings import Settings


class Saved(QObject):
    """Owns what is saved, in settings that several windows share."""

    noticed = Signal(Notice)

    def __init__(
        self,
        settings: Settings,
        search: SearchState,
        parent: QObject | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        """Take where it is kept, and whose query and tray are saved."""
        super().__init__(parent)
        self._settings, self._search, self._now_s = settings, search, now_s
        self._changes = {change.key: change for change in settings.saved}
        self._removed: dict[str, SavedThing] = {}

    @property
    def things(self) -> list[SavedThing]:
        """What is saved, the last first."""
        inside = [change for change in self._changes.values() if change.is_in]
        return [change.thing for change in sorted(inside, key=lambda one: -one.time_s)]

    def query_as(self, name: str) -> SavedThing:
        """The query in the bar under a name."""
        return SavedThing("query", cleaned(name), self._search.query.text.strip())

    def tray_as(self, name: str) -> SavedThing:
        """The tray under a name."""
        tokens = tuple(token for token, _ in self._search.tray_places)
        return SavedThing("tray", cleaned(name), tokens=tokens)

    def holds(self, thing: SavedThing) -> bool:
        """Whether something of that kind has that name already."""
        return thing.key in self._changes and self._changes[thing.key].is_in

    def check(self, thing: SavedThing) -> None:
        """Make sure that there is something to save.

        Raises:
            TokenSimError: There is nothing, or too much.
        """
        if not (thing.query or thing.tokens):
            words = "Type a query first." if thing.kind == "query" else "The tray is empty."
            raise TokenSimError(f"There is nothing to save. {words}")
        if len(thing.tokens) > MOST_TOKENS or len(thing.query) > MAX_LENGTH:
            raise TokenSimError(
                f"This {thing.kind} is too long to be saved: {MOST_TOKENS:,} tokens or "
                f"{MAX_LENGTH:,} characters are the most."
            )

    def save(self, thing: SavedThing) -> None:
        """Keep a query or a tray; one of the same name makes room.

        Raises:
            TokenSimError: There is nothing to save, or too much.
        """
        self.check(thing)
        self._change((thing, True))
        self.noticed.emit(Notice(f"Saved the {thing.kind} “{thing.name}”."))

    def rename(self, thing: SavedThing, name: str) -> None:
        """Give a saved thing another name; what has that name already makes room."""
        renamed = replace(thing, name=cleaned(name))
        if renamed.name and renamed != thing:
            self._change((thing, False), (renamed, True))

    def remove(self, thing: SavedThing) -> None:
        """Forget a saved thing; `restore` takes that back."""
        self._removed[thing.key] = thing
        self._change((thing, False))
        undo = Offer("Undo", "saved", thing.key)
        self.noticed.emit(Notice(f"Removed the {thing.kind} “{thing.name}”.", (undo,)))

    def restore(self, key: str) -> None:
        """Take the removal of the thing with that key back."""
        self._change((self._removed[key], True))

    def write_file(self, path: Path) -> None:
        """Write everything saved and the history into one JSON file.

        Raises:
            FileError: It can't be written.
        """
        kept = [self._changes[thing.key] for thing in self.things]
        write_atomically(path, as_text(kept, self._settings.history).encode())
        self.noticed.emit(Notice(f"Wrote {_count(len(kept))} and the history to {path}."))

    def take_file(self, path: Path) -> None:
        """Add what `write_file` wrote to what is saved here; nothing here is lost.

        Where a name means something else here, the file's gets another one.

        Raises:
            FileError: It can't be read or is damaged; nothing was changed.
        """
        log, asked = read_file(path)
        new = []
        for change in log:
            if change.is_in and (thing := self._unlike_those_here(change.thing)) is not None:
                new.append(thing)
                self._change((thing, True))
        # A time ahead would outlive every removal.
        now_s = self._now_s()
        visits = tuple((min(time_s, now_s), text) for time_s, text in asked)
        self._settings.set("history", merged_visits(visits, self._settings.history))
        self.noticed.emit(Notice(f"Took over {_count(len(new))} and the history of {path.name}."))

    def _unlike_those_here(self, thing: SavedThing) -> SavedThing | None:
        """A thing under a name that is free; None if it is here already."""
        name, number = thing.name, 1
        while self.holds(thing):
            if self._changes[thing.key].thing == thing:
                return None
            number += 1
            thing = replace(thing, name=f"{name[: MOST_NAME - 6]} ({number})")
        return thing

    def _change(self, *changes: tuple[SavedThing, bool]) -> None:
        for thing, is_in in changes:
            self._changes[thing.key] = SavedChange(thing, is_in, self._now_s())
        self._settings.set("saved", tuple(self._changes.values()))


def _count(number: int) -> str:
    return "1 saved thing" if number == 1 else f"{number:,} saved things"
