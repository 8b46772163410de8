"""Where the user has been, and what is selected: plain state, no Qt."""

import math
from collections.abc import Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")

_MOST = 200


Visit = tuple[float, str]
"""When a query was asked, in seconds since 1970, and its text."""


def visits(value: object) -> tuple[Visit, ...]:
    """Read a list of visits.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(value, list | tuple):
        raise ValueError(f"{value!r} is no list")
    found = []
    for one in value:
        match one:
            case [int() | float() as time_s, str() as text]:
                found.append((seconds(time_s), text))
            case _:
                raise ValueError(f"{one!r} is no visit")
    return tuple(found)


def merged_visits(others: tuple[Visit, ...], own: tuple[Visit, ...]) -> tuple[Visit, ...]:
    """Join the visits of two windows: each text once, at its last time."""
    last: dict[str, float] = {}
    for time_s, text in sorted((*others, *own)):
        last.pop(text, None)
        last[text] = time_s
    return tuple((time_s, text) for text, time_s in last.items())[-_MOST:]


def seconds(value: object) -> float:
    """Read a time in seconds since 1970.

    Raises:
        ValueError: It is none: a number that sorts nowhere would win or lose every merge.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):
            if math.isfinite(value) and value >= 0:
                return float(value)
    raise ValueError("this is no time")


class Change(Protocol):
    """Something that was put in or taken out, and when."""

    @property
    def key(self) -> Hashable:
        """What makes two of them changes of the same."""

    @property
    def is_in(self) -> bool:
        """Whether it was put in."""

    @property
    def time_s(self) -> float:
        """When, in seconds since 1970."""


C = TypeVar("C", bound=Change)


def merged_changes(
    others: Iterable[C], own: Iterable[C], most: int, most_removed: int
) -> tuple[C, ...]:
    """Join the changes of two windows: of each thing the last one counts, in our order first.

    At most ``most`` are kept of what is in, and the last ``most_removed`` of what is out, so that
    an older addition elsewhere does not bring them back.
    """
    last: dict[Hashable, C] = {}
    for change in (*own, *others):
        known = last.get(change.key)
        if known is None or change.time_s > known.time_s:
            last[change.key] = change
    inside = [change for change in last.values() if change.is_in][:most]
    gone = sorted((one for one in last.values() if not one.is_in), key=lambda one: -one.time_s)
    return (*inside, *gone[:most_removed])


class History(Generic[T]):
    """Places visited, with a way back and forward, as in a browser."""

    def __init__(self, places: Sequence[T] = ()) -> None:
        """Begin at the last of ``places``, with those before it to go back to."""
        self._back = list(places[:-1])[-_MOST:]
        self._forward: list[T] = []
        self.current: T | None = places[-1] if places else None

    @property
    def can_go_back(self) -> bool:
        """Whether `back` leads anywhere."""
        return bool(self._back)

    @property
    def can_go_forward(self) -> bool:
        """Whether `forward` leads anywhere."""
        return bool(self._forward)

    @property
    def visited(self) -> list[T]:
        """The way here, the current place last."""
        return self._back if self.current is None else [*self._back, self.current]

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


@dataclass(frozen=True, slots=True)
class Selection:
    """The token selected; one selected on another page is forgotten on the way back."""

    token: int | None = None
    is_chosen: bool = False
    """By the user, and not because it was the best of an answer."""
    _is_away: bool = False
    _left: tuple[int | None, bool] | None = None

    def choose(self, token: int | None) -> "Selection":
        """Select what the user asks for."""
        left = self._left
        if self._is_away and left is None:
            left = self.token, self.is_chosen
        return Selection(token, token is not None, self._is_away, left)

    def move_to(self, token: int | None) -> "Selection":
        """The same token has another id in the vocabulary that is in front now."""
        return Selection(token, self.is_chosen and token is not None, self._is_away)

    def follow(self, token: int | None) -> "Selection":
        """Select what a new answer or table brings; what was left is of the old one."""
        return Selection(token, False, self._is_away)

    def go_away(self) -> "Selection":
        """Another page comes to the front."""
        return replace(self, _is_away=True)

    def come_back(self) -> "Selection":
        """The first page is in front again, as it was left."""
        return Selection(*(self._left or (self.token, self.is_chosen)))
