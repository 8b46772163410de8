"""Queries and trays saved by name: what they are, how several windows' are joined, one JSON."""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.regular_file import read_regular
from tokensim_gui.core.query.lexer import MAX_LENGTH
from tokensim_gui.state.history import Visit, merged_changes, seconds
from tokensim_gui.state.tray_tokens import TrayToken, tray_token

MOST_NAME = 200  # characters
MOST_TOKENS = 1_000  # of a saved tray
_MOST, _MOST_REMOVED = 1_000, 1_000
_LARGEST_FILE = 8_000_000  # bytes
_FORMAT = "tokensim saved things"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class SavedThing:
    """A query or a tray with a name.

    Attributes:
        kind: Which of the two.
        name: What the user calls it.
        query: The text of a query.
        tokens: Those of a tray, as the vocabulary had them where they were collected.
    """

    kind: Literal["query", "tray"]
    name: str
    query: str = ""
    tokens: tuple[TrayToken, ...] = ()

    @property
    def key(self) -> str:
        """What makes two of them the same; a query and a tray may have one name."""
        return f"{self.kind} {self.name}"

    @property
    def content(self) -> str:
        """What the name stands for: the query, or the tokens behind each other."""
        return self.query or ", ".join(token.text for token in self.tokens)


@dataclass(frozen=True, slots=True)
class SavedChange:
    """A thing that was saved or removed, and when, in seconds since 1970."""

    thing: SavedThing
    is_in: bool
    time_s: float

    @property
    def key(self) -> str:
        """That of the thing."""
        return self.thing.key


SavedLog = tuple[SavedChange, ...]
"""What is saved and what was removed lately: what is kept on disk."""


def merged_saved(others: SavedLog, own: SavedLog) -> SavedLog:
    """Join what two windows saved: of each name the last change counts."""
    return merged_changes(others, own, _MOST, _MOST_REMOVED)


def saved_log(value: object) -> SavedLog:
    """Read what `as_list` wrote; a damaged thing does not cost the others.

    Raises:
        ValueError: It is no list.
    """
    if not isinstance(value, list | tuple):
        raise ValueError("no list")
    found = []
    for one in value:
        with suppress(ValueError):
            found.append(one if isinstance(one, SavedChange) else _change(one))
    return tuple(found)


def as_list(log: Iterable[SavedChange]) -> list[dict[str, Any]]:
    """Write a log as plain values; of what was removed the name alone."""
    return [_plain(change) for change in log]


def as_text(log: Iterable[SavedChange], history: Iterable[Visit]) -> str:
    """The file of what is saved, and of the queries asked."""
    whole = {
        "format": _FORMAT,
        "version": 1,
        "saved": as_list(log),
        "history": [{"query": text, "time": time_s} for time_s, text in history],
    }
    return json.dumps(whole, indent=1) + "\n"


def read_file(path: Path) -> tuple[SavedLog, tuple[Visit, ...]]:
    """Read what `as_text` wrote, all of it or nothing.

    Raises:
        FileError: It can't be read, is larger than 8 MB, or holds something else.
    """
    try:
        data = read_regular(path, _LARGEST_FILE)
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror or error}.") from error
    try:
        whole = json.loads(data)
        match whole:
            case {"format": str(name), "saved": list(saved), "history": list(history)} if (
                name == _FORMAT and len(saved) <= _MOST
            ):
                return tuple(map(_change, saved)), tuple(map(_visit, history))
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is damaged; nothing was taken over.") from error
    raise FileError(
        f"{path} is no file of saved queries and trays: export one to see how it looks."
    )


def cleaned(text: str) -> str:
    """A name on one line, of whole characters, short enough to be shown."""
    whole = text.encode("utf-8", "replace").decode()
    return " ".join(_CONTROL.sub(" ", whole).split())[:MOST_NAME].strip()


def _plain(change: SavedChange) -> dict[str, Any]:
    thing = change.thing
    plain: dict[str, Any] = {"kind": thing.kind, "name": thing.name, "time": change.time_s}
    if not change.is_in:
        plain["removed"] = True
    elif thing.kind == "query":
        plain["query"] = thing.query
    else:
        plain["tokens"] = [[one.id, one.piece, one.text, one.kind] for one in thing.tokens]
    return plain


def _change(value: object) -> SavedChange:
    match value:
        case {"kind": kind, "name": str() as name, "time": time_s, "removed": True}:
            return SavedChange(_named(kind, name), is_in=False, time_s=seconds(time_s))
        case {"kind": "query", "name": str() as name, "time": time_s, "query": query}:
            thing = replace(_named("query", name), query=_query(query))
            return SavedChange(thing, is_in=True, time_s=seconds(time_s))
        case {"kind": "tray", "name": str() as name, "time": time_s, "tokens": list(tokens)} if (
            0 < len(tokens) <= MOST_TOKENS
        ):
            thing = replace(_named("tray", name), tokens=tuple(map(_token, tokens)))
            return SavedChange(thing, is_in=True, time_s=seconds(time_s))
    raise ValueError("nothing saved")


def _named(kind: object, name: str) -> SavedThing:
    if kind not in ("query", "tray") or not name or name != cleaned(name):
        raise ValueError("no name of anything saved")
    return SavedThing("query" if kind == "query" else "tray", name)


def _token(value: object) -> TrayToken:
    token = tray_token(value)
    if max(len(token.piece), len(token.text)) > MAX_LENGTH:
        raise ValueError("a token longer than any")
    return token


def _visit(value: object) -> Visit:
    match value:
        case {"query": query, "time": time_s}:
            return seconds(time_s), _query(query)
    raise ValueError("no query asked")


def _query(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_LENGTH:
        raise ValueError("no query")
    return _CONTROL.sub(" ", value)  # as the search bar does
