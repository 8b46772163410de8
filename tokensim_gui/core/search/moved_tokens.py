"""Which tokens moved between two tables of one vocabulary, such as a fine-tune and its base."""

from dataclasses import dataclass

import numpy as np

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job
from tokensim_gui.core.values import BoolArray, FloatArray, IntArray, frozen_array

_BLOCK_ITEMS = 2**19

# Rounding to the nearest: |x − fl(x)| ≤ u · |fl(x)| + s, with s half the smallest subnormal.
_ROUNDING = {
    "F32": (2.0**-24, 2.0**-150),
    "F16": (2.0**-11, 2.0**-25),
    "BF16": (2.0**-8, 2.0**-134),
    "F8_E4M3": (2.0**-4, 2.0**-10),
    "F8_E5M2": (2.0**-3, 2.0**-17),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """How far every token of one table is from the same token of another. Arrays are read-only.

    Attributes:
        turned: float64 [rows], 1 − cosine, from 0 to 2; 1 where only one table has a vector, 0
            where none has.
        length: float64 [rows], length after − length before.
        moved: bool [rows], whether the difference is more than the rounding of the two formats.
        order: int32, the ids of the tokens that moved, farthest turned first; then by change of
            length, then by id.
    """

    turned: FloatArray
    length: FloatArray
    moved: BoolArray
    order: IntArray


def moved(before: Table, after: Table, job: Job | None = None) -> Moved:
    """Compare two tables token by token, in float64, block by block.

    A token has moved if some number of its vector differs by more than two roundings of one
    original explain: none for tables of one format, whose equal originals are equal bits.

    Args:
        before: The base.
        after: The fine-tune.
        job: Progress in rows, and cancellation.

    Raises:
        TokenSimError: The tables differ in rows or dim.
        JobCancelled: The job was cancelled.
    """
    job = job or Job()
    rows, dim = before.info.rows, before.info.dim
    if (after.info.rows, after.info.dim) != (rows, dim):
        raise TokenSimError(
            f"{before.info.name} has {rows} × {dim} numbers and {after.info.name} "
            f"{after.info.rows} × {after.info.dim}. Choose two encoders of one shape."
        )
    turned, length = np.empty(rows), np.empty(rows)
    is_moved = np.empty(rows, np.bool_)
    step = max(1, _BLOCK_ITEMS // dim)
    for start in range(0, rows, step):
        job.progress(start, rows, f"Comparing {before.info.name} and {after.info.name}")
        block = slice(start, min(start + step, rows))
        old, new = before.vectors(block), after.vectors(block)
        tolerance = _tolerance(before, after, block, old, new)
        is_moved[block] = (np.abs(old - new) > tolerance).any(axis=1)
        old_length, new_length = np.linalg.norm(old, axis=1), np.linalg.norm(new, axis=1)
        length[block] = new_length - old_length
        turned[block] = _turned(old, new, old_length, new_length)
    ids = np.flatnonzero(is_moved)
    ranking = np.lexsort((ids, -np.abs(length[ids]).round(12), -turned[ids].round(12)))
    order = ids[ranking].astype(np.int32)
    for array in (turned, length, is_moved, order):
        frozen_array(array)
    job.progress(rows, rows, "")
    return Moved(turned, length, is_moved, order)


def same_vectors(before: Table, after: Table, job: Job) -> bool:
    """Whether no token moved between two tables of one shape; stops at the first that did.

    Raises:
        JobCancelled: The job was cancelled.
    """
    rows, dim = before.info.rows, before.info.dim
    if (after.info.rows, after.info.dim) != (rows, dim):
        return False
    if before.info.sha256 == after.info.sha256:
        return True
    step = max(1, _BLOCK_ITEMS // dim)
    for start in range(0, rows, step):
        job.check()
        block = slice(start, min(start + step, rows))
        old, new = before.vectors(block), after.vectors(block)
        if (np.abs(old - new) > _tolerance(before, after, block, old, new)).any():
            return False
    return True


def _turned(
    old: FloatArray, new: FloatArray, old_length: FloatArray, new_length: FloatArray
) -> FloatArray:
    """Return 1 − cosine as half the squared distance of the unit vectors, exact when small."""
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = old / old_length[:, None] - new / new_length[:, None]
    turned: FloatArray = np.einsum("ij,ij->i", distance, distance) / 2
    no_old, no_new = old_length == 0, new_length == 0
    turned[no_old | no_new] = 1.0
    turned[no_old & no_new] = 0.0
    return turned


def _tolerance(
    before: Table, after: Table, block: slice, old: FloatArray, new: FloatArray
) -> FloatArray | float:
    if before.info.dtype == after.info.dtype:
        return 0.0
    return _rounding(before, block, old) + _rounding(after, block, new)


def _rounding(table: Table, block: slice, values: FloatArray) -> FloatArray:
    """Return how far each number may be from its original."""
    if table.scales is not None:
        half_step = table.scales[block, None].astype(np.float64) / 2
        return np.broadcast_to(half_step, values.shape)
    unit, least = _ROUNDING[table.info.dtype]
    return np.add(np.abs(values) * unit, least)
