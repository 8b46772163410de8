"""The tray: tokens collected for a prompt, whichever encoder is in front, in whichever window."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tokensim_gui.core.paths import displayed
from tokensim_gui.core.values import KINDS
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.history import History, merged_changes, seconds

_MOST = 10_000
_MOST_REMOVED = 1_000
_ID_ALONE = ""


@dataclass(frozen=True, slots=True)
class TrayToken:
    """A token as the vocabulary has it where it was collected.

    Attributes:
        id: Its id there.
        piece: As that tokenizer writes it; "" in a table that has no names for its rows.
        text: As it is shown.
        kind: One of `core.values.KINDS`; "" for an id kept by versions before 2, of the table that
            was in front then.
    """

    id: int
    piece: str = ""
    text: str = ""
    kind: str = _ID_ALONE

    @classmethod
    def of(cls, vocabulary: Vocabulary, token: int) -> "TrayToken":
        """The token of an id."""
        kind = KINDS[vocabulary.kinds[token]]
        return cls(token, vocabulary.piece(token), vocabulary.display(token), kind)

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two of them the same."""
        return (self.piece, self.text, self.kind) if self.piece else (self.id, self.kind)

    def find(self, vocabulary: Vocabulary) -> int | None:
        """Its id in a vocabulary: the same piece, else the same text of the same kind."""
        if self.id < vocabulary.rows and self._is(vocabulary, self.id):
            return self.id
        same = vocabulary.id_of_piece(self.piece) if self.piece else None
        if same is not None and self._is(vocabulary, same):
            return same
        for token in vocabulary.ids_of_text(self.text) if self.piece else ():
            if KINDS[vocabulary.kinds[token]] == self.kind:
                return token
        return None

    def _is(self, vocabulary: Vocabulary, token: int) -> bool:
        kind = KINDS[vocabulary.kinds[token]]
        return self.kind == _ID_ALONE or (vocabulary.piece(token), kind) == (self.piece, self.kind)


Places = tuple[tuple[TrayToken, int | None], ...]
"""Tokens with their ids in the vocabulary in front; None where it has none."""


@dataclass(frozen=True, slots=True)
class TrayChange:
    """A token that was put in or taken out, and when, in seconds since 1970."""

    token: TrayToken
    is_in: bool
    time_s: float

    @property
    def key(self) -> tuple[object, ...]:
        """That of the token."""
        return self.token.key


TrayLog = tuple[TrayChange, ...]
"""The tokens in the tray, in order, and those taken out lately: what is kept on disk."""


def merged(others: TrayLog, own: TrayLog) -> TrayLog:
    """Join the trays of two windows."""
    return merged_changes(others, own, _MOST, _MOST_REMOVED)


def tray_log(value: object) -> TrayLog:
    """Read what `as_json` wrote, or the ids that versions before 2 kept.

    Raises:
        ValueError: It is neither.
    """
    if not isinstance(value, list | tuple):
        raise ValueError(f"{value!r} is no list")
    return tuple(map(_change, value))


def _change(value: object) -> TrayChange:
    if isinstance(value, TrayChange):
        return value
    if type(value) is int and value >= 0:
        return TrayChange(TrayToken(value), is_in=True, time_s=0.0)
    match value:
        case [bool() as is_in, time_s, *fields]:
            return TrayChange(tray_token(fields), is_in, seconds(time_s))
    raise ValueError(f"{value!r} is no token of a tray")


def tray_token(value: object) -> TrayToken:
    """Read id, piece, text and kind.

    Raises:
        ValueError: They are none.
    """
    match value:
        case [int() as id_, str() as piece, str() as text, str() as kind]:
            if type(id_) is int and id_ >= 0 and kind in KINDS:
                return TrayToken(id_, displayed(piece), displayed(text), kind)
    raise ValueError("this is no token")


def as_json(log: TrayLog) -> list[Any]:
    """Write a log as plain lists."""
    return [
        [one.is_in, one.time_s, one.token.id, one.token.piece, one.token.text, one.token.kind]
        if one.token.kind
        else one.token.id
        for one in log
    ]


class Tray:
    """Tokens in the user's order, each once; every change can be undone.

    It keeps what a token is, not its id alone, so it outlives a change of encoder: what is no
    token in front waits for the encoder that has it.
    """

    def __init__(
        self, log: TrayLog, vocabulary: Vocabulary, now_s: Callable[[], float] = time.time
    ) -> None:
        """Take up what was kept; ids without a name are those of ``vocabulary``."""
        self._now_s = now_s
        self.left_out = 0
        """How many tokens the last change would have put in beyond what a tray holds."""
        self._changed: dict[tuple[object, ...], TrayChange] = {}
        self._history: History[tuple[TrayToken, ...]] = History()
        tokens = []
        for change in log:
            token = change.token
            if token.kind == _ID_ALONE:
                if token.id >= vocabulary.rows:
                    continue
                token = TrayToken.of(vocabulary, token.id)
            self._changed[token.key] = TrayChange(token, change.is_in, change.time_s)
            if change.is_in:
                tokens.append(token)
        self._history.visit(tuple(tokens))
        self.use(vocabulary)

    def use(self, vocabulary: Vocabulary) -> None:
        """Find the tokens in the vocabulary that is in front now."""
        self._vocabulary = vocabulary
        self._found = {token: token.find(vocabulary) for token in self.tokens}

    @property
    def tokens(self) -> tuple[TrayToken, ...]:
        """All of them, in order."""
        return self._history.current or ()

    @property
    def places(self) -> Places:
        """All of them with their ids in the vocabulary in front."""
        return tuple((token, self._found[token]) for token in self.tokens)

    @property
    def ids(self) -> tuple[int, ...]:
        """Ids of those that the vocabulary in front has, in order, each once."""
        return tuple(dict.fromkeys(one for _, one in self.places if one is not None))

    @property
    def absent(self) -> tuple[TrayToken, ...]:
        """Those that are no token of the vocabulary in front."""
        return tuple(token for token, place in self.places if place is None)

    @property
    def log(self) -> TrayLog:
        """What is to be kept."""
        inside = [self._changed[token.key] for token in self.tokens]
        return (*inside, *(change for change in self._changed.values() if not change.is_in))

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return self._history.can_go_back

    @property
    def can_redo(self) -> bool:
        """Whether there is a change to make again."""
        return self._history.can_go_forward

    def toggle(self, ids: Sequence[int]) -> None:
        """Put tokens in; take them out if all of them are in already."""
        here = self.ids
        if new := [token for token in ids if token not in here]:
            self.insert(new, len(self.tokens))
        else:
            self.remove(ids)

    def toggle_of(self, vocabulary: Vocabulary, ids: Sequence[int]) -> None:
        """Toggle tokens of another vocabulary, each as the one in front has it, if it has it."""
        tokens = [TrayToken.of(vocabulary, one) for one in ids]
        own = {place: token for token, place in self.places if place is not None}
        for number, token in enumerate(tokens):
            place = token.find(self._vocabulary)
            if place is not None:
                tokens[number] = own.get(place) or TrayToken.of(self._vocabulary, place)
        known = {token.key for token in self.tokens}
        if new := [token for token in dict.fromkeys(tokens) if token.key not in known]:
            self._visit((*self.tokens, *new))
        else:
            gone = {token.key for token in tokens}
            self._visit(tuple(token for token in self.tokens if token.key not in gone))

    def insert(self, ids: Iterable[int], position: int) -> None:
        """Put tokens in front of the one at a position; those already in move there."""
        own = {place: token for token, place in self.places if place is not None}
        moved = dict.fromkeys(
            own.get(one) or TrayToken.of(self._vocabulary, one) for one in dict.fromkeys(ids)
        )
        before = [token for token in self.tokens[:position] if token not in moved]
        after = [token for token in self.tokens[position:] if token not in moved]
        self._visit((*before, *moved, *after))

    def remove(self, ids: Iterable[int]) -> None:
        """Take tokens out."""
        gone = set(ids)
        self._visit(tuple(token for token, place in self.places if place not in gone))

    def remove_at(self, position: int) -> None:
        """Take out the token at a position, which may be none of the vocabulary in front."""
        self._visit((*self.tokens[:position], *self.tokens[position + 1 :]))

    def move(self, position: int, target: int) -> None:
        """Put the token at a position where the one at ``target`` is."""
        tokens = list(self.tokens)
        tokens.insert(target, tokens.pop(position))
        self._visit(tuple(tokens))

    def clear(self) -> None:
        """Take everything out."""
        self._visit(())

    def fill(self, tokens: Iterable[TrayToken]) -> None:
        """Hold these and no others, wherever they were collected."""
        own = {token.key: token for token in self.tokens}
        self._visit(tuple({token.key: own.get(token.key, token) for token in tokens}.values()))

    def undo(self) -> None:
        """Take the last change back."""
        before = self.tokens
        self._history.back()
        self._note(before)

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        before = self.tokens
        self._history.forward()
        self._note(before)

    def _visit(self, tokens: tuple[TrayToken, ...]) -> None:
        before = self.tokens
        too_many = max(0, len(tokens) - _MOST)
        if too_many:
            known = set(before)
            new = [token for token in tokens if token not in known]
            over = set(new[len(new) - too_many :])
            tokens = tuple(token for token in tokens if token not in over)
        self._history.visit(tokens)
        self._note(before, too_many)

    def _note(self, before: tuple[TrayToken, ...], left_out: int = 0) -> None:
        self.left_out = left_out
        now_s, after = self._now_s(), set(self.tokens)
        for token in set(before) ^ after:
            self._changed[token.key] = TrayChange(token, token in after, now_s)
        for token in after - set(self._found):
            self._found[token] = token.find(self._vocabulary)
