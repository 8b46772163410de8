"""What a query is read to: a weighted sum of terms, each of tokens and embeddings."""

import re
from dataclasses import dataclass, field
from typing import Protocol

from tokensim_gui.core.errors import QueryError

_EMBEDDED = re.compile(
    r"""emb(?:edding)?:(?:"([^"]+)"|([\w.-]++))(?:\[([0-9]{1,4})\])?(?=[\s,()*/+:-]|\Z)"""
)


class Tokenizing(Protocol):
    """What the query language needs to know about a vocabulary."""

    @property
    def rows(self) -> int:
        """Number of ids."""

    @property
    def unknown(self) -> int | None:
        """Id that stands for characters without a piece, or None."""

    def encode_in_prompt(self, text: str, /) -> tuple[int, ...]:
        """Token ids of any ``text`` as it stands in the middle of a prompt."""

    def id_of_spelling(self, written: str, /) -> int | None:
        """Id of a piece as any vocabulary writes it, or None."""

    def piece(self, id: int, /) -> str:
        """Piece of an id."""

    def text(self, id: int, /) -> str | None:
        """Text of an id, or None."""

    def display(self, id: int, /) -> str:
        """What is shown for an id, never empty."""

    def id_typed(self, text: str, /) -> int | None:
        """The token that ``text`` is as a word of a prompt, if it is one; asks no tokenizer."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors of a textual inversion in a query: ``emb:name`` for all, ``emb:name[2]`` for one.

    Attributes:
        name: What it is called by.
        place: Which of its vectors, from 1; 0 for all.
        start: First character, a code-point index into the query.
        end: One past the last character.
    """

    name: str
    place: int
    start: int
    end: int

    @classmethod
    def at(cls, text: str, start: int) -> "Embedded | None":
        """Return the one that begins there; None if there is none. Takes linear time."""
        match = _EMBEDDED.match(text, start)
        if match is None:
            return None
        return cls(match[1] or match[2], int(match[3] or 0), start, match.end())

    @staticmethod
    def written(name: str, place: int = 0) -> str:
        """Return how a query names an embedding: bare where that can be read, else in quotes."""
        index = f"[{place}]" if place else ""
        bare = f"emb:{name}{index}"
        read = Embedded.at(bare, 0)
        return bare if read and read.end == len(bare) else f'emb:"{name}"{index}'

    @property
    def words(self) -> str:
        """How it is shown."""
        return f"{self.name}[{self.place}]" if self.place else self.name

    @property
    def id(self) -> int:
        """What stands for it among the ids of a term: below 0, which no token is."""
        return -1 - int.from_bytes(self.words.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Term:
    """One text of a query; it stands for ``coefficient`` x the mean of the vectors of ``ids``.

    Attributes:
        coefficient: Finite factor, signs, weights and divisions multiplied out.
        ids: Its tokens in the order typed, at least one; below 0 for one of ``embedded``.
        text: The text as it is read, ids and pieces as typed.
        start: First character, a code-point index into the query.
        end: One past the last character.
        embedded: The embeddings among its tokens.
    """

    coefficient: float
    ids: tuple[int, ...]
    text: str
    start: int
    end: int
    embedded: tuple[Embedded, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query that was read; its vector is the sum of its terms.

    Attributes:
        terms: The texts in the order typed; empty only for an unfinished query of which nothing
            can be searched yet.
        unfinished: A grey hint about what is still open, or "".
        unknown: A sentence about what was left out, since the encoder has no token for it, or "".
        strict_error: The same as an error, for the command line, Enter and a rest in typing; None
            for a finished query.
    """

    terms: tuple[Term, ...]
    unfinished: str = ""
    unknown: str = ""
    strict_error: QueryError | None = field(default=None, compare=False)
