"""The token vectors as a metric sees them, and the vector that a query means among them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job
from tokensim_gui.core.query.lexer import quoted
from tokensim_gui.core.query.terms import Parsed, Term
from tokensim_gui.core.values import KINDS, BoolArray, FloatArray, Inputs, IntArray
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

BLOCK_ITEMS = 2**20
_LARGEST_FACTOR = 1e100  # its square is still a number
# What is left of a vector below these shares of its summands is rounding.
_CANCELLED = 1e-12
_NO_DIRECTION = 1e-9
_WHY = {
    "bytes": "is half a character",
    "special": "is a mark of the tokenizer",
    "unused": "is a row that the tokenizer does not use",
}


def blocks(ids: IntArray, dim: int) -> list[IntArray]:
    """Cut ``ids`` so that the vectors of a block take little memory; one block at least."""
    step = max(1, BLOCK_ITEMS // dim)
    return [ids[start : start + step] for start in range(0, max(1, len(ids)), step)]


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """The vectors of a table, as stored or with their mean taken off.

    Attributes:
        table: The table.
        origin: float64 [dim] that is taken off every vector; None for the vectors as stored.
        norms: float64 [rows], lengths of the vectors from the origin.
        inverse: float64 [rows], 1 / norms; 0 where a token has no vector, or no direction.
        present: bool [rows], whether a token has a vector and a direction.
        longest: The largest of ``norms``.
    """

    table: Table
    origin: FloatArray | None
    norms: FloatArray
    inverse: FloatArray
    present: BoolArray
    longest: float

    @classmethod
    def stored(cls, table: Table) -> "Space":
        """Return the space of the vectors as they are stored."""
        return cls._of(table, None, table.norms, table.norms > 0)

    @classmethod
    def centred(cls, table: Table, job: Job) -> "Space":
        """Return the space around the mean of the vectors; reads the whole table.

        Raises:
            JobCancelled: The job was cancelled.
        """
        rows, step = table.info.rows, max(1, BLOCK_ITEMS // table.info.dim)
        norms = np.empty(rows)
        for start in range(0, rows, step):
            block = table.vectors(slice(start, start + step)) - table.mean
            norms[start : start + step] = np.sqrt(np.einsum("ij,ij->i", block, block))
            job.progress(start, rows, "Centring the vectors")
        lengths = np.maximum(table.norms, np.linalg.norm(table.mean))
        return cls._of(
            table, table.mean, norms, (table.norms > 0) & (norms > _NO_DIRECTION * lengths)
        )

    @classmethod
    def _of(
        cls, table: Table, origin: FloatArray | None, norms: FloatArray, present: BoolArray
    ) -> "Space":
        inverse = np.divide(1.0, norms, out=np.zeros_like(norms), where=present)
        return cls(
            table, origin, norms, inverse, present, float(norms.max(where=present, initial=0))
        )

    def vectors(self, ids: IntArray) -> FloatArray:
        """Return the exact vectors of ``ids`` as float64 [n, dim]."""
        vectors = self.table.vectors(ids)
        if self.origin is not None:
            vectors -= self.origin
        return vectors

    def units(self, ids: IntArray) -> torch.Tensor:
        """Return the vectors of ``ids`` at length 1, float32 [n, dim], for what is drawn."""
        if self.table.info.dtype == "F16" and self.origin is None:
            # By torch in a fifth of the time; no length of such rows is too long for float32.
            stored = torch.from_numpy(self.table.data.reshape(len(self.norms), -1)[ids])
            inverse = torch.from_numpy(self.inverse[ids].astype(np.float32))
            return stored.view(torch.float16).float().mul_(inverse[:, None])
        units = self.vectors(ids)
        units *= self.inverse[ids, None]
        return torch.from_numpy(units.astype(np.float32))

    def query_vector(
        self,
        text: str,
        parsed: Parsed,
        inputs: Inputs,
        vocabulary: Vocabulary,
        embedded: Mapping[int, FloatArray],
    ) -> FloatArray:
        """Return the vector that a query means, float64 [dim]: Σ coefficient · mean(vectors).

        The mean of a text is that of its pieces that have a vector, and of all vectors of its
        embeddings, as a prompt would send them.

        Args:
            text: The query as typed, for messages.
            parsed: What it was parsed to.
            inputs: ``unit`` gives every token the same length first.
            vocabulary: Says in messages what a token is.
            embedded: Vectors of embeddings as they are stored, [n, dim], by their ids in terms.

        Raises:
            QueryError: It is empty, no piece of a text has a vector, or no direction is left.
        """
        total = np.zeros(self.table.info.dim)
        summands = 0.0
        for term in parsed.terms:
            if abs(term.coefficient) > _LARGEST_FACTOR:
                raise QueryError(f"The numbers in “{text}” are too large.", term.start, term.end)
            ids = np.array([token for token in term.ids if token >= 0], np.int32)
            own = [embedded[token] for token in term.ids if token < 0]
            ids = ids[self.present[ids]]
            if not len(ids) and not own:
                raise self._without_vector(term, vocabulary)
            vectors = self.vectors(ids)
            if inputs == "unit":
                vectors *= self.inverse[ids, None]
            if own:
                vectors = np.concatenate([vectors, self._placed(np.concatenate(own), inputs)])
            part = term.coefficient * vectors.mean(axis=0)
            total += part
            summands += float(np.linalg.norm(part))
        if not any(term.coefficient for term in parsed.terms):
            raise QueryError(
                f"Everything in “{text}” is multiplied by 0: change the number.", 0, len(text)
            )
        if np.linalg.norm(total) <= _CANCELLED * summands:
            raise QueryError(
                f"“{text}” cancels out: no direction is left to search in.", 0, len(text)
            )
        return total

    def _placed(self, vectors: FloatArray, inputs: Inputs) -> FloatArray:
        """Return vectors that are none of the table's as its own are seen."""
        placed = vectors if self.origin is None else vectors - self.origin
        if inputs == "unit":
            lengths = np.linalg.norm(placed, axis=1, keepdims=True)
            placed = np.divide(placed, lengths, out=np.zeros_like(placed), where=lengths > 0)
        return placed

    def left_out(self, parsed: Parsed, vocabulary: Vocabulary) -> str:
        """Say which pieces of a text have no vector, where others have one; "" where all have."""
        for term in parsed.terms:
            missing = [
                token for token in dict.fromkeys(term.ids) if token >= 0 and not self.present[token]
            ]
            if missing:
                parts = " and ".join(
                    f"“{vocabulary.display(token)}” (#{token})" for token in missing
                )
                why = "it has" if len(missing) == 1 else "they have"
                return f"{quoted(term.text)} is searched without {parts}: {why} no vector."
        return ""

    def _without_vector(self, term: Term, vocabulary: Vocabulary) -> QueryError:
        token, info = term.ids[0], self.table.info
        owner = "the starter" if info.slug == "starter" else info.name
        why = _WHY.get(KINDS[vocabulary.kinds[token]])
        if term.text and not term.text.startswith(("#", "`")) and len(term.ids) > 1:
            part = f"“{vocabulary.display(token)}”"
            sentence = (
                f"{quoted(term.text)} is spelled with {part} (#{token}), "
                f"pieces for which {owner} has no vector."
            )
        elif why is None:
            sentence = f"#{token}, “{vocabulary.display(token)}”, has no vector in {owner}."
        else:
            sentence = f"#{token} {why}, so {owner} has no vector for it."
        return QueryError(sentence, term.start, term.end)
