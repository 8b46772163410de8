"""What Ctrl+K finds: actions and choices of the menus, regions, tokens, queries asked before."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtGui import QAction, QFont, QKeySequence
from PySide6.QtWidgets import QMenu

from tokensim_gui.core.values import KINDS
from tokensim_gui.ui.tokens.glyphs import face
from tokensim_gui.ui.window.actions import Action
from tokensim_gui.ui.window.name_match import Match, is_misspelt, match
from tokensim_gui.ui.window.pick_list import Entry

if TYPE_CHECKING:
    from tokensim_gui.state.session import Session

_MOST_RECENT, _MOST_QUERIES, _MOST_TOKENS = 4, 8, 8
# Commands go first: for queries and words there is a field of their own.
_BEHIND_COMMANDS = {
    Match.EXACT: Match.WORD_BEGINNING,
    Match.BEGINNING: Match.WORD_BEGINNING,
    Match.WORD_BEGINNING: Match.WORDS,
}
# Words by which people look for an action, though it is not called so.
_ALSO = {
    Action.EXPORT_TABLE: "save write list file csv tsv json",
    Action.WHOLE_MAP: "landscape vocabulary colour by kind script commonness axes lasso regions",
    Action.TEXT_LARGER: "bigger font zoom in",
    Action.TEXT_SMALLER: "tiny font zoom out",
    Action.CLEAR_TRAY: "empty remove all tokens",
    Action.HELP: "shortcuts keys manual",
    Action.FULL_SCREEN: "maximise",
    "Theme": "mode colours",
}
_FILLERS = frozenset("a all an as in into my of on the to".split())
_ID = re.compile(r"#(\d[\d,]{0,15})")


class Palette:
    """Finds among what there was when it was made, and among the tokens in front."""

    def __init__(self, menus: Sequence[QMenu], session: "Session", font: QFont) -> None:
        """Take the menus, what is asked, and the font in which tokens will be drawn."""
        self._session, self._font = session, font
        commands: dict[QAction, Entry] = {}
        for action, entry in (one for menu in menus for one in _choices(menu)):
            commands.setdefault(action, entry)  # some stand in two menus
        self._commands = list(commands.values())
        self._saved = [
            Entry(
                thing.name,
                partial(session.use_saved, thing),
                f"Saved {thing.kind}",
                thing.content,
            )
            for thing in session.saved.things
        ]
        known = {session.search.query.text, *(thing.query for thing in session.saved.things)}
        self._queries = [
            Entry(text, partial(session.ask, text), "Asked before")
            for _, text in reversed(session.settings.history)
            if text not in known
        ]
        session.map.want_regions()

    def find(self, typed: str) -> list[Entry]:
        """What is called so, the best first; without a text what is recent and every command."""
        typed = typed.strip()
        if not typed:
            recent = (*self._saved[:_MOST_RECENT], *self._queries[:_MOST_RECENT])
            return [*recent, *self._commands, *self._regions()]
        actions = [*self._commands, *self._regions()]
        commands = [*matching(typed, actions), *matching(typed, self._saved)]
        if not commands:
            commands = [(Match.PART, entry) for entry in actions if is_misspelt(typed, entry.words)]
        queries = [
            (_BEHIND_COMMANDS.get(how, how), entry)
            for how, entry in matching(typed, self._queries)
            if how < Match.SCATTERED
        ]
        found = [
            *commands,
            *queries[:_MOST_QUERIES],
            *((Match.WORD_BEGINNING, entry) for entry in self._tokens(typed)),
            (
                Match.INITIALS,
                Entry(f"Find tokens near “{typed}”", partial(self._session.ask, typed)),
            ),
        ]
        # Stable: what begins so, then tokens, then queries that hold the word.
        return [entry for _, entry in sorted(found, key=lambda one: one[0])]

    def _regions(self) -> list[Entry]:
        """The regions of the whole map, once its places are read."""
        return [
            Entry(
                f"Go to {name}", partial(self._go_to, name), "Region",
                "Shows where such words lie on the whole map",
            )
            for name in self._session.map.regions
        ]  # fmt: skip

    def _go_to(self, region: str) -> None:
        self._session.pageRequested.emit("search")
        self._session.map.go_to(region)

    def _tokens(self, typed: str) -> list[Entry]:
        vocabulary = self._session.tables.vocabulary
        ids = list(vocabulary.ids_of_text(typed))
        if (number := _ID.fullmatch(typed)) and (
            token := int(number[1].replace(",", ""))
        ) < vocabulary.rows:
            ids.append(token)
        ids += vocabulary.words_beginning(typed, _MOST_TOKENS)
        return [
            Entry(
                face(vocabulary, token, self._font).whole,
                partial(self._look_up, token),
                f"{KINDS[vocabulary.kinds[token]]} #{token}",
            )
            for token in list(dict.fromkeys(ids))[:_MOST_TOKENS]
        ]

    def _look_up(self, token: int) -> None:
        self._session.pageRequested.emit("search")
        self._session.search.look_up(token)


def matching(typed: str, entries: Sequence[Entry]) -> list[tuple[Match, Entry]]:
    """The entries that are called so, and how."""
    found = ((_match(typed, entry), entry) for entry in entries)
    return [(how, entry) for how, entry in found if how is not None]


def _match(typed: str, entry: Entry) -> Match | None:
    how = match(typed, entry.words)
    if how is None or how > Match.PART:
        words = [word for word in typed.split() if word.casefold() not in _FILLERS]
        about = (
            match(" ".join(words), f"{entry.words} {entry.about} {entry.also}") if words else None
        )
        if about is not None and about <= Match.WORDS:
            return Match.PART  # what it does holds the words, though it is not called so
    return how


def _choices(menu: QMenu, group: str = "", within: str = "") -> Iterator[tuple[QAction, Entry]]:
    """Everything that can be chosen in a menu and below it, each with its action."""
    menu.aboutToShow.emit()  # some are filled and checked only then
    group = group or _plain(menu.title())
    for action in menu.actions():
        words, below = _plain(action.text()), action.menu()
        if isinstance(below, QMenu):
            yield from _choices(below, group, words.partition(":")[0])
        elif action.isEnabled() and not action.isSeparator() and action.data() != Action.PALETTE:
            yield action, command_entry(action, group, within)


def command_entry(action: QAction, group: str = "", within: str = "") -> Entry:
    """What takes an action; ``within`` is what is chosen by it: Theme."""
    words = _plain(action.text())
    return Entry(
        f"{within}: {words}" if within else words,
        partial(_trigger, action),
        group,
        "" if action.toolTip() in words else action.toolTip(),  # without one Qt gives the text
        action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
        action.isChecked(),
        _ALSO.get(within) or _ALSO.get(action.data(), ""),
    )


def _trigger(action: QAction) -> None:
    if shiboken6.isValid(action):  # menus may have been filled anew meanwhile
        action.trigger()


def _plain(text: str) -> str:
    """The words of a menu: no mnemonic, no preview behind a tab."""
    return re.sub("&(.)", r"\1", text.partition("\t")[0])
