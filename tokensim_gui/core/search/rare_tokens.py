"""Tokens that training hardly reached, found in the table alone, and words for new meanings.

The indicators are those of Land and Bartolo, “Fishing for Magikarp” (arXiv:2405.05417), that need
no model run: a row that was never trained stays near the other rows that were not, or near the
mean of all, or short.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job
from tokensim_gui.core.search.space import BLOCK_ITEMS
from tokensim_gui.core.values import KINDS, TYPEABLES, BoolArray, FloatArray, IntArray
from tokensim_gui.core.vocabulary.typeable import REASONS
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

_FEWEST_UNUSED = 8
_SAMPLE = 8192
_STEPS = 50
_UNUSED = "not used by the tokenizer"
_EMPTY = "no vector"
_UNREACHABLE = "no text is cut into it"
_NEAR_UNUSED = "near the rows never used"
_NEAR_MEAN = "near the mean of all"
_SHORT = "unusually short vector"


@dataclass(frozen=True, slots=True)
class RareTokens:
    """How far each token stands out as hardly trained.

    Attributes:
        order: int32 [rows], the ids, rarest first; equal scores by id.
        scores: float64 [rows], by id: how many typical spreads the strongest indicator lies on the
            untrained side of the median; below 3 it means little.
        reasons: By id.
    """

    order: IntArray
    scores: FloatArray
    reasons: tuple[str, ...]


def rare_tokens(table: Table, vocabulary: Vocabulary, job: Job) -> RareTokens:
    """Score all tokens of a table; reads it twice at most.

    Raises:
        JobCancelled: The job was cancelled.
    """
    unused = vocabulary.kinds == KINDS.index("unused")
    unreachable = vocabulary.reasons == REASONS.index("unreachable")
    known = unused | unreachable
    if known.all():  # a table without a tokenizer: nothing is known of its rows
        known = np.zeros_like(known)
    reference = known & (table.norms > 0)
    trained = ~known & (table.norms > 0)
    to_mean, to_unused = _distances(table, reference, trained, job)
    indicators = {_NEAR_MEAN: to_mean, _SHORT: table.norms}
    if to_unused is not None:
        indicators[_NEAR_UNUSED] = to_unused
    below = np.stack([_spreads_below(value, trained) for value in indicators.values()])
    strongest, scores = below.argmax(axis=0), below.max(axis=0)
    names = np.array([*indicators, _UNUSED, _UNREACHABLE, _EMPTY])
    which = np.where(known & unused, len(indicators), strongest)
    which = np.where(known & ~unused, len(indicators) + 1, which)
    which = np.where(~known & (table.norms == 0), len(indicators) + 2, which)
    order = np.lexsort((np.arange(len(scores)), -scores)).astype(np.int32)
    return RareTokens(order, scores, tuple(names[which].tolist()))


def trigger_words(
    vocabulary: Vocabulary, rare: RareTokens, letters: int, known: Collection[str]
) -> IntArray:
    """Return words that could name something new, least used first.

    They are typed as they are, of so many letters a to z, none of ``known``.

    Args:
        vocabulary: Of the table.
        rare: Says how little those are used whose rank the tokenizer does not tell.
        letters: How many.
        known: Words with a meaning, in small letters.
    """
    alone = vocabulary.typeable == TYPEABLES.index("alone")
    words = alone & (vocabulary.kinds == KINDS.index("word"))
    found = []
    for token in np.flatnonzero(words).tolist():
        text = vocabulary.text(token) or ""
        if len(text) == letters and text.isascii() and text.isalpha() and text not in known:
            rank = (vocabulary.commonness(token) or (0, 0))[0]
            found.append((-rank, -rare.scores[token], token))
    return np.array([token for _, _, token in sorted(found)], np.int32)


def _spreads_below(values: FloatArray, trained: BoolArray) -> FloatArray:
    """How many spreads each value lies below the median of the trained: robust, by the MAD."""
    middle = np.median(values[trained]) if trained.any() else 0.0
    spread = 1.4826 * np.median(np.abs(values[trained] - middle)) if trained.any() else 0.0
    return (middle - values) / (spread or 1.0)


def _distances(
    table: Table, reference: BoolArray, trained: BoolArray, job: Job
) -> tuple[FloatArray, FloatArray | None]:
    """Return distances to the mean, and 1 − cosine to the mean of the reference rows, [rows].

    For the cosine, the first principal component, which all rows share, is taken off before.
    """
    rows = table.info.rows
    to_mean = np.empty(rows)
    ids = np.flatnonzero(reference).astype(np.int32)
    shared = centre = None
    if _FEWEST_UNUSED <= len(ids) < rows / 2:
        shared = _first_component(table, np.flatnonzero(trained | reference).astype(np.int32))
        centre = table.vectors(ids).mean(axis=0)
        centre -= centre @ shared * shared
    to_unused = None if centre is None else np.empty(rows)
    step = max(1, BLOCK_ITEMS // table.info.dim)
    for start in range(0, rows, step):
        part = slice(start, start + step)
        block = table.vectors(part)
        to_mean[part] = np.linalg.norm(block - table.mean, axis=1)
        if to_unused is not None and shared is not None and centre is not None:
            block -= np.outer(block @ shared, shared)
            lengths = np.linalg.norm(block, axis=1) * np.linalg.norm(centre)
            to_unused[part] = 1 - block @ centre / np.where(lengths > 0, lengths, 1)
        job.progress(start, rows, "Looking for rare tokens")
    return to_mean, to_unused


def _first_component(table: Table, ids: IntArray) -> FloatArray:
    """The direction, of length 1, in which a sample of rows extends most, from the origin."""
    rng = np.random.default_rng(0)
    sample = table.vectors(np.sort(rng.choice(ids, min(len(ids), _SAMPLE), replace=False)))
    direction = rng.standard_normal(table.info.dim)
    for _ in range(_STEPS):  # power iteration
        direction = sample.T @ (sample @ direction)
        direction /= np.linalg.norm(direction)
    return direction
