"""The defined ranking: scores out of cosines, their intervals, and the order of tokens.

Exact scores of equal vectors differ in the last bits from one summation order to the next, so the
order is defined over rounded ones: by key = round(score / scale, 12), then by id. The scale, 1
for cosines, |q|·max|w| for dot products and |q| + max|w| for distances, makes that rounding mean
the same for every metric, and everything here but `Ruler.scale` itself is in its units.
"""

from dataclasses import dataclass

import numpy as np

from tokensim_gui.core.values import FloatArray, IntArray, Metric, Order

_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class Ruler:
    """What turns the cosine between a query and a token into a score.

    Attributes:
        metric: The metric.
        size: Length of the query vector, > 0.
        longest: Length of the longest token vector, > 0.
    """

    metric: Metric
    size: float
    longest: float

    @property
    def scale(self) -> float:
        """Upper bound of the absolute scores."""
        if self.metric == "dot":
            return self.size * self.longest
        return self.size + self.longest if self.metric == "euclidean" else 1.0

    @property
    def is_by_length(self) -> bool:
        """Whether scores depend on the lengths of the tokens."""
        return self.metric in ("dot", "euclidean")

    def scores(self, cosines: FloatArray, norms: FloatArray) -> FloatArray:
        """Return scores / scale of tokens [n] of the lengths ``norms`` [n], if they count.

        Rising in ``cosines``, but falling for distances.
        """
        if self.metric == "dot":
            return cosines * (norms / self.longest)
        if self.metric == "euclidean":
            q, w = self.size / self.scale, norms / self.scale
            squares = (w - q) ** 2 + (2 * q * w) * (1 - cosines)
            return np.sqrt(np.maximum(squares, 0, out=squares), out=squares)
        return cosines

    def interval(
        self, cosines: FloatArray, errors: FloatArray | float, norms: FloatArray, order: Order
    ) -> tuple[FloatArray, FloatArray]:
        """Return lower and upper bounds [n] of the wanted keys for cosines known ± ``errors``.

        Of ``norms``, see `scores`; where they do not count they may be of any length.
        """
        low = self.scores(cosines - errors, norms)
        high = self.scores(cosines + errors, norms)
        if self.metric == "euclidean":
            low, high = high, low
        if order == "unrelated":
            inner = np.maximum(np.maximum(low, -high), 0)
            return -np.maximum(-low, high), -inner
        return (low, high) if (order == "nearest") != self.falling else (-high, -low)

    @property
    def falling(self) -> bool:
        """Whether the best score is the smallest: distances."""
        return self.metric == "euclidean"

    def wanted(self, scores: FloatArray, order: Order) -> FloatArray:
        """Return the keys, the best one largest, of exact scores / scale."""
        keys = np.round(scores, _DECIMALS)
        if order == "unrelated":
            return -np.abs(keys)
        return keys if (order == "nearest") != self.falling else -keys


def best(keys: FloatArray, ids: IntArray, count: int) -> IntArray:
    """Return the places of the ``count`` largest ``keys``, equal ones by rising id."""
    places = np.lexsort((ids, -keys))[:count]
    return places.astype(np.int32)
