"""The nearest neighbour of every token: twins, and strangers that have none near them."""

from dataclasses import dataclass

import numpy as np
import torch

from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job
from tokensim_gui.core.search.space import Space
from tokensim_gui.core.values import FloatArray, IntArray

_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class NearestOfEach:
    """The nearest of every token but itself. Arrays are read-only.

    Attributes:
        ids: int32 [rows]; −1 for a token without a vector.
        cosines: float64 [rows], off by ≤ 1e-5; NaN without a vector.
    """

    ids: IntArray
    cosines: FloatArray

    def twins(self, count: int) -> IntArray:
        """The tokens whose nearest is most nearly themselves, equal ones by id."""
        return self._best(-self.cosines, count)

    def strangers(self, count: int) -> IntArray:
        """The tokens whose nearest is the farthest."""
        return self._best(self.cosines, count)

    def _best(self, keys: FloatArray, count: int) -> IntArray:
        order = np.lexsort((np.arange(len(keys)), np.round(keys, 6)))  # NaN comes last
        return order[: min(count, int(np.count_nonzero(self.ids >= 0)))].astype(np.int32)


def nearest_of_each(table: Table, job: Job) -> NearestOfEach:
    """Compare all tokens with all, by way of unit rows in float32, all of them in memory.

    Raises:
        JobCancelled: The job was cancelled.
    """
    space = Space.stored(table)
    present = np.flatnonzero(space.present)
    unit = torch.empty((len(present), table.info.dim))
    for start in range(0, len(present), _BLOCK):
        ids = present[start : start + _BLOCK]
        vectors = space.vectors(ids.astype(np.int32)) * space.inverse[ids, None]
        unit[start : start + _BLOCK] = torch.from_numpy(vectors)
        job.check()
    nearest = np.full(table.info.rows, -1, np.int32)
    cosines = np.full(table.info.rows, np.nan)
    for start in range(0, len(present), _BLOCK):
        job.progress(start, len(present), "Comparing all tokens with all")
        products = unit[start : start + _BLOCK] @ unit.T
        own = torch.arange(len(products))
        products[own, own + start] = -2.0
        best, places = products.max(dim=1)
        if len(present) > 1:
            ids = present[start : start + _BLOCK]
            nearest[ids] = present[places.numpy()]
            cosines[ids] = best.numpy()
    nearest.flags.writeable = cosines.flags.writeable = False
    return NearestOfEach(nearest, cosines)
