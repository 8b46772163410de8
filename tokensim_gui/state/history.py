"""Where the user has been, what is selected, and the tray with its undo: plain state, no Qt."""

from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 200


class History(Generic[T]):
    """Places visited, with a way back and forward, as in a browser."""

    def __init__(self) -> None:
        self._back: list[T] = []
        self._forward: list[T] = []
        self.current: T | None = None

    @property
    def can_go_back(self) -> bool:
        """Whether `back` leads anywhere."""
        return bool(self._back)

    @property
    def can_go_forward(self) -> bool:
        """Whether `forward` leads anywhere."""
        return bool(self._forward)

    def visit(self, place: T) -> None:
        """Go to a new place; what lay ahead is forgotten. The current place again is no visit."""
        if place == self.current:
            return
        if self.current is not None:
            self._back.append(self.current)
            del self._back[:-_MOST]
        self._forward.clear()
        self.current = place

    def back(self) -> T | None:
        """Return to the place before, or stay (None) where there is none."""
        return self._step(self._back, self._forward)

    def forward(self) -> T | None:
        """Take back a `back`, or stay (None)."""
        return self._step(self._forward, self._back)

    def _step(self, source: list[T], target: list[T]) -> T | None:
        if not source:
            return None
        if self.current is not None:
            target.append(self.current)
        self.current = source.pop()
        return self.current


class Selection:
    """The token selected; one selected on another page is forgotten on the way back."""

    def __init__(self) -> None:
        self.token: int | None = None
        self.is_chosen = False  # by the user, and not because it was the best of an answer
        self._is_away = False
        self._left: tuple[int | None, bool] | None = None

    def choose(self, token: int | None) -> None:
        """Select what the user asks for."""
        if self._is_away and self._left is None:
            self._left = self.token, self.is_chosen
        self.token, self.is_chosen = token, token is not None

    def follow(self, token: int | None) -> None:
        """Select what a new answer or table brings; what was left is of the old one."""
        self._left = None
        self.token, self.is_chosen = token, False

    def go_away(self) -> None:
        """Another page comes to the front."""
        self._is_away = True

    def come_back(self) -> None:
        """The first page is in front again, as it was left."""
        self._is_away = False
        if self._left is not None:
            self.token, self.is_chosen = self._left
            self._left = None


class Tray:
    """Collected token ids in the user's order, each once; every change can be undone."""

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self._history: History[tuple[int, ...]] = History()
        self._history.visit(tuple(dict.fromkeys(ids)))

    @property
    def ids(self) -> tuple[int, ...]:
        """The tokens, in order."""
        return self._history.current or ()

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return self._history.can_go_back

    def toggle(self, ids: Iterable[int]) -> None:
        """Put tokens in; take them out if all of them are in already."""
        ids = tuple(ids)
        if new := [token for token in ids if token not in self.ids]:
            self.insert(new, len(self.ids))
        else:
            self.remove(ids)

    def insert(self, ids: Iterable[int], position: int) -> None:
        """Put tokens at a position; those already in move there."""
        moved = tuple(dict.fromkeys(ids))
        before = [token for token in self.ids[:position] if token not in moved]
        after = [token for token in self.ids[position:] if token not in moved]
        self._history.visit((*before, *moved, *after))

    def remove(self, ids: Iterable[int]) -> None:
        """Take tokens out."""
        gone = set(ids)
        self._history.visit(tuple(token for token in self.ids if token not in gone))

    def undo(self) -> None:
        """Take the last change back."""
        self._history.back()
