"""What Ctrl+K finds: every action and choice of the menus, tokens, and queries asked before."""

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
            Entry(thing.name, partial(session.use_saved, thing), f"Saved {thing.kind}")
            for thing in session.saved.things
        ]
        self._queries = [
            Entry(text, partial(session.ask, text), "Asked before")
            for _, text in reversed(session.settings.history)
            if text != session.search.query.text
        ]

    def find(self, typed: str) -> list[Entry]:
        """What is called so, the best first; without a text the last queries and every command."""
        typed = typed.strip()
        if not typed:
            return [*self._queries[:_MOST_RECENT], *self._saved, *self._commands]
        commands = [*matching(typed, self._commands), *matching(typed, self._saved)]
        if not commands:
            commands = [
                (Match.PART, entry) for entry in self._commands if is_misspelt(typed, entry.words)
            ]
        # Commands go first: for words there is a field of their own.
        others = [one for one in matching(typed, self._queries) if one[0] < Match.SCATTERED]
        found = [
            *commands,
            *((max(how, Match.WORD_BEGINNING), one) for how, one in others[:_MOST_QUERIES]),
            *((Match.WORD_BEGINNING, entry) for entry in self._tokens(typed)),
            (
                Match.INITIALS,
                Entry(f"Find tokens near “{typed}”", partial(self._session.ask, typed)),
            ),
        ]
        return [entry for _, entry in sorted(found, key=lambda one: one[0])]

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
    found = ((match(typed, entry.words), entry) for entry in entries)
    return [(how, entry) for how, entry in found if how is not None]


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
        action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
        action.isChecked(),
    )


def _trigger(action: QAction) -> None:
    if shiboken6.isValid(action):  # menus may have been filled anew meanwhile
        action.trigger()


def _plain(text: str) -> str:
    """The words of a menu: no mnemonic, no preview behind a tab."""
    return re.sub("&(.)", r"\1", text.partition("\t")[0])
