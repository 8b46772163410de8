"""Exact nearest neighbours: a fast scan, error bounds, and float64 for what is left."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.job import Job
from tokensim_gui.core.query.terms import Parsed
from tokensim_gui.core.search.ranking import Ruler, best
from tokensim_gui.core.search.row_scan import Scan
from tokensim_gui.core.search.space import Space, blocks
from tokensim_gui.core.values import BoolArray, FloatArray, IntArray, Query

_MANY = 300
"""Candidates, from which on a closer look at all is faster than float64 for all."""


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """One query among the vectors of one table."""

    query: Query
    parsed: Parsed
    space: Space
    scan: Scan
    vector: FloatArray
    unit: FloatArray
    ruler: Ruler
    job: Job

    def rank(self, allowed: BoolArray) -> tuple[IntArray, FloatArray, float]:
        """Return the best ids, their exact scores, and the mean score of all tokens."""
        space, ruler, order = self.space, self.ruler, self.query.order
        scanned = self.scan.cosines(self.unit, self.job, crowded=order == "unrelated")
        cosines, errors = self._placed(*scanned, slice(None))
        # A mean of some takes several times as long as one of all.
        counted = True if space.present.all() else space.present
        average = ruler.scores(cosines, space.norms).mean(where=counted) * ruler.scale
        # Of the allowed ones only: to write over the others takes several times as long.
        passing = np.flatnonzero(allowed)
        count = min(self.query.count, len(passing))
        if count <= 0:
            return np.empty(0, np.int32), np.empty(0), float(average)
        # By the largest error first: that leaves few whose own must be fetched.
        widest = errors if isinstance(errors, float) else float(errors.max())
        ids = passing[self._reaching(cosines[passing], widest, passing, count)].astype(np.int32)
        if not isinstance(errors, float):
            ids = ids[self._reaching(cosines[ids], errors[ids], ids, count)]
        if len(ids) > _MANY:
            cosines, errors = self._placed(*self.scan.closer(self.unit, ids), ids)
            ids = ids[self._reaching(cosines, errors, ids, count)]
        scores = self.scores(ids)
        chosen = best(ruler.wanted(scores, order), ids, count)
        return ids[chosen], scores[chosen] * ruler.scale, float(average)

    def _reaching(
        self,
        cosines: FloatArray,
        errors: FloatArray | float,
        ids: NDArray[np.integer[Any]],
        count: int,
    ) -> NDArray[np.int64]:
        """Return the places in ``ids`` whose upper end reaches the ``count``-th best lower end."""
        norms = self.space.norms[ids] if self.ruler.is_by_length else self.space.norms
        low, high = self.ruler.interval(cosines, errors, norms, self.query.order)
        lows, place = np.fmax(low, -np.inf), len(low) - min(count, len(low))  # NaN is the lowest
        lows.partition(place)
        # Keys are rounded to 12 digits, which may make equal what is that far apart.
        return np.flatnonzero(high >= lows[place] - 2e-12)

    def scores(self, ids: IntArray) -> FloatArray:
        """Return exact scores / scale of tokens that have a vector."""
        return np.concatenate([self._exact(block) for block in blocks(ids, len(self.unit))])

    def _exact(self, ids: IntArray) -> FloatArray:
        vectors = self.space.vectors(ids)
        # einsum sums every row in the same order wherever it lies, so that equal rows get equal
        # scores to the last bit, which a matrix product does not promise.
        if self.ruler.metric == "euclidean":
            vectors -= self.vector
            squares: FloatArray = np.einsum("ij,ij->i", vectors, vectors)
            return np.sqrt(squares) / self.ruler.scale
        # By the query as it is, not of length 1: sums of whole numbers then stay exact, so that
        # equal scores of unlike vectors tie, as the definition has it.
        products: FloatArray = np.einsum("ij,j->i", vectors, self.vector)
        if self.ruler.metric == "dot":
            return products / self.ruler.scale
        return products * self.space.inverse[ids] / self.ruler.size

    def _placed(
        self, cosines: FloatArray, errors: FloatArray | float, ids: IntArray | slice
    ) -> tuple[FloatArray, FloatArray | float]:
        """Turn cosines of the stored vectors into those seen from the origin of the space."""
        if self.space.origin is None:
            return cosines, errors
        lengths, inverse = self.space.table.norms[ids], self.space.inverse[ids]
        cosines = (cosines * lengths - self.space.origin @ self.unit) * inverse
        return cosines, errors * lengths * inverse
