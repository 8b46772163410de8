"""What is chosen out of a list over the window: anything, a query asked before, what is saved."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QDateTime, QLocale, QObject
from PySide6.QtWidgets import QMainWindow, QWidget

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.state.saved_things import SavedThing, cleaned
from tokensim_gui.ui.window.actions import Action
from tokensim_gui.ui.window.menus import Menus
from tokensim_gui.ui.window.palette import Palette, command_entry, matching
from tokensim_gui.ui.window.pick_list import Entry, PickList, Source

if TYPE_CHECKING:
    from tokensim_gui.state.session import Session

_MOST_SAID = 48  # characters of what a name stands for
_NAMED = 3  # tokens of a tray, in the name that it is offered


class Pickers(QObject):
    """Opens the one list of the window for its several purposes."""

    def __init__(self, window: QMainWindow, menus: Menus, session: "Session") -> None:
        super().__init__(window)
        self._menus, self._session = menus, session
        self._actions = menus.actions
        self._list = PickList(window)

    def show_palette(self) -> None:
        """Offer everything by its name."""
        palette = Palette(self._menus.all, self._session, self._list.font())
        self._show("Command palette", "Find an action, encoder, token or query", palette.find)

    def show_history(self, anchor: QWidget) -> None:
        """Offer the queries asked, below a button."""
        entries = [
            Entry(text, partial(self._session.ask, text), _when(time_s))
            for time_s, text in reversed(self._session.settings.history)
        ]
        source = partial(_found, entries)
        self._show("History", "Find in the history", source, anchor, "No query was asked yet.")

    def show_saved(self, anchor: QWidget) -> None:
        """Offer what is saved, below a button, and what can be done with it."""
        self._show("Saved", "Find what is saved", partial(self._saved, anchor), anchor)

    def save_query(self, anchor: QWidget) -> None:
        """Ask for a name, below a button, and save the query.

        Raises:
            TokenSimError: There is none, or it is too long.
        """
        name = self._session.search.query.text
        self._save("Save the query as", name, self._session.saved.query_as, anchor)

    def save_tray(self, anchor: QWidget) -> None:
        """Ask for a name, below a button, and save the tray.

        Raises:
            TokenSimError: It is empty, or holds too much.
        """
        texts = [token.text for token, _ in self._session.search.tray_places]
        name = ", ".join(texts[:_NAMED])
        self._save("Save the tray as", name, self._session.saved.tray_as, anchor)

    def _show(
        self,
        name: str,
        hint: str,
        source: Source,
        anchor: QWidget | None = None,
        nothing: str = "",
    ) -> None:
        """Open the list; what had opened it closes it too."""
        if self._list.isVisible() and self._list.accessibleName() == name:
            self._list.close_and_return()
        else:
            self._list.open(name, hint, source, anchor=anchor, nothing=nothing)

    def _saved(self, anchor: QWidget, typed: str) -> list[Entry]:
        saved = self._session.saved
        things = [
            Entry(
                thing.name,
                partial(self._session.use_saved, thing),
                _said_of(thing),
                thing.content,
                rename=partial(self._rename, anchor, thing),
                remove=partial(saved.remove, thing),
            )
            for thing in saved.things
        ]
        save, files = (
            [command_entry(one) for action in actions if (one := self._actions[action]).isEnabled()]
            for actions in (
                (Action.SAVE_QUERY, Action.SAVE_TRAY),
                (Action.EXPORT_SAVED, Action.IMPORT_SAVED),
            )
        )
        return _found([*save, *things, *files] if not typed else [*things, *save, *files], typed)

    def _save(
        self, title: str, name: str, thing_as: Callable[[str], SavedThing], anchor: QWidget
    ) -> None:
        self._session.saved.check(thing_as(name))
        self._ask_name(title, cleaned(name), thing_as, self._keep, anchor)

    def _keep(self, thing: SavedThing) -> None:
        try:
            self._session.saved.save(thing)
        except TokenSimError as error:  # the tray was emptied meanwhile
            self._session.say(str(error))

    def _rename(self, anchor: QWidget, thing: SavedThing) -> None:
        self._ask_name(
            "Rename to",
            thing.name,
            lambda name: replace(thing, name=cleaned(name)),
            lambda renamed: self._session.saved.rename(thing, renamed.name),
            anchor,
        )

    def _ask_name(
        self,
        title: str,
        name: str,
        thing_as: Callable[[str], SavedThing],
        then: Callable[[SavedThing], None],
        anchor: QWidget,
    ) -> None:
        """Let a name be typed, and say what that will do."""

        def source(typed: str) -> Sequence[Entry]:
            thing = thing_as(typed)
            if not thing.name:
                return ()
            words = f"{title} “{thing.name}”"
            if self._session.saved.holds(thing):
                words = f"Replace the {thing.kind} “{thing.name}”"
            return [Entry(words, partial(then, thing))]

        nothing = "Type a name."
        self._list.open(title, title, source, anchor=anchor, text=name, nothing=nothing)


def _found(entries: Sequence[Entry], typed: str) -> list[Entry]:
    if not typed:
        return list(entries)
    return [entry for _, entry in sorted(matching(typed, entries), key=lambda one: one[0])]


def _said_of(thing: SavedThing) -> str:
    words = thing.kind if thing.content == thing.name else f"{thing.kind}: {thing.content}"
    return words if len(words) <= _MOST_SAID else f"{words[:_MOST_SAID]}…"


def _when(time_s: float) -> str:
    """The time of today, else the day."""
    moment = QDateTime.fromSecsSinceEpoch(int(min(time_s, time.time())))
    if moment.date() == QDate.currentDate():
        return moment.toString("HH:mm")
    return QLocale().toString(moment.date(), QLocale.FormatType.ShortFormat)
