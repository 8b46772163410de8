"""Where the tokens that moved farthest lay in the base, and where they lie now, on one flat map."""

import numpy as np
import torch
from numpy.typing import NDArray

from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job
from tokensim_gui.core.search.pca import pca
from tokensim_gui.core.values import BoolArray, IntArray, MovedPlaces, frozen_array

MOST = 40
_BLOCK_ITEMS = 2**21


def moved_places(
    before: Table, after: Table, order: IntArray, usable: BoolArray, job: Job
) -> MovedPlaces | None:
    """Lay out the tokens that moved farthest among a landscape of those that did not.

    Args:
        before: The base.
        after: The fine-tune.
        order: int32, the tokens that moved, farthest first.
        usable: bool [rows], what may be shown; what moved is shown anyhow where none of it may.
        job: Cancels.

    Returns:
        None where no token with a vector in both moved.

    Raises:
        JobCancelled: The job was cancelled.
    """
    there = order[(before.norms[order] > 0) & (after.norms[order] > 0)]
    tokens = there[usable[there]][:MOST] if usable[there].any() else there[:MOST]
    if not len(tokens):
        return None
    was, now = _units(before, tokens), _units(after, tokens)
    stays = usable & (before.norms > 0)
    stays[order] = False
    landmarks = _nearest(before, np.concatenate((was, now)), np.flatnonzero(stays), job)
    points = np.concatenate((was, now, _units(before, landmarks)))
    coords = pca(
        torch.from_numpy(points.astype(np.float32)), np.arange(len(points), dtype=np.int32)
    ).coords
    n = len(tokens)
    first, second, third = coords[:n], coords[n : 2 * n], coords[2 * n :]
    moved = float(((now - was) ** 2).sum())
    share = (
        min(1.0, float(((second - first).astype(np.float64) ** 2).sum()) / moved) if moved else 1
    )
    for array in (tokens, first, second, landmarks, third):
        frozen_array(array)
    return MovedPlaces(tokens, first, second, landmarks, third, share)


def _units(table: Table, tokens: IntArray) -> NDArray[np.float64]:
    units: NDArray[np.float64] = table.vectors(tokens) / table.norms[tokens, None]
    return units


def _nearest(
    table: Table, vectors: NDArray[np.float64], rows: NDArray[np.int64], job: Job
) -> IntArray:
    """Of each vector the nearest of these rows; each once."""
    best = np.full(len(vectors), -2.0)
    found = np.zeros(len(vectors), np.int32)
    step = max(1, _BLOCK_ITEMS // table.info.dim)
    for start in range(0, len(rows), step):
        job.check()
        part = rows[start : start + step]
        scores = vectors @ _units(table, part.astype(np.int32)).T
        which = scores.argmax(axis=1)
        most = scores[np.arange(len(vectors)), which]
        found = np.where(most > best, part[which], found).astype(np.int32)
        best = np.maximum(best, most)
    return np.array(list(dict.fromkeys(found.tolist())) if len(rows) else [], np.int32)
