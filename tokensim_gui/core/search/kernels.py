"""Dot products of stored rows with a vector: fast, with a bound of their errors, lock released.

The kernels are simsimd's. Products of int8 are sums of integers, exact; those of the other formats
are summed in float32, in an order that depends on the processor. simsimd's kernel for fp16 on
processors with AVX-512 FP16 would sum in fp16, so that it is switched off.
"""

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.job import Job
from tokensim_gui.core.values import FloatArray, IntArray

_Name: TypeAlias = Literal["int8", "float16", "bfloat16", "float32"]

try:
    import simsimd
except ImportError:  # no wheel for this computer: torch serves
    AVAILABLE = False
else:
    AVAILABLE = True
    simsimd.disable_capability("sapphire")

FORMATS: dict[str, tuple[_Name, type[np.generic]]] = {
    "I8": ("int8", np.int8),
    "F16": ("float16", np.float16),
    "BF16": ("bfloat16", np.uint16),
    "F32": ("float32", np.float32),
}
"""By name of a number format: simsimd's name, and the items of the arrays that it takes."""

BLOCK_BYTES = 2 * 2**20  # at the end one may be waited for; of smaller ones the calls are felt
_GATHERED_BYTES = 2**19  # of rows that lie all over: most of the time they are fetched
_THREADS = min(2, os.cpu_count() or 1)  # two read as fast as the memory gives


def dots(
    rows: NDArray[Any],
    dtype: str,
    vector: FloatArray,
    parts: int = 1,
    ids: IntArray | None = None,
    job: Job | None = None,
) -> tuple[FloatArray, float]:
    """Multiply rows with a vector that is rounded to their format.

    Args:
        rows: [n, dim] of the items of `FORMATS`.
        dtype: One of `FORMATS`.
        vector: float64 [dim] of a length ≤ 1.
        parts: 1 for the vector rounded; 2 to add the product with what the rounding took off,
            which is rounded too.
        ids: Which rows, [n]; all of them by default.
        job: Cancellation, heeded within a few MB.

    Returns:
        float64 [n], and how far each may be off, as a share of the length of its row; what
        underflows in float32 comes on top, ≤ dim · 2⁻¹²⁵.

    Raises:
        JobCancelled: The job was cancelled.
    """
    total = np.zeros(len(rows) if ids is None else len(ids))
    rest = vector
    for _ in range(parts):
        code, factor = _rounded(rest, dtype)
        total += factor * _products(rows, ids, code, FORMATS[dtype][0], job or Job())
        rest = rest - factor * _values(code, dtype)
    error = float(np.linalg.norm(rest))
    # A sum of n products in any order: ≤ n · u · Σ|products| ≤ n · u · the lengths, u = 2⁻²⁴;
    # twice that for kernels that do not round to the nearest.
    return total, error if dtype == "I8" else error + (len(vector) + 8) * 2.0**-23


def _rounded(vector: FloatArray, dtype: str) -> tuple[NDArray[Any], float]:
    """Return a vector in a format, and the factor that was taken out so that it fits well."""
    largest = float(np.abs(vector).max()) or 1.0
    if dtype == "I8":
        return np.rint(vector * (127 / largest)).astype(np.int8), largest / 127
    factor = 2.0 ** np.floor(np.log2(largest))
    scaled = (vector / factor).astype(np.float32)
    if dtype == "F32":
        return scaled, factor
    if dtype == "F16":
        return scaled.astype(np.float16), factor
    bits = scaled.view(np.uint32)
    nearest = bits + np.uint32(0x7FFF) + (bits >> np.uint32(16) & np.uint32(1))
    return (nearest >> np.uint32(16)).astype(np.uint16), factor


def _values(code: NDArray[Any], dtype: str) -> FloatArray:
    if dtype == "BF16":
        code = (code.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return code.astype(np.float64)


def _products(
    rows: NDArray[Any],
    ids: IntArray | None,
    code: NDArray[Any],
    name: _Name,
    job: Job,
) -> FloatArray:
    """Share the rows among threads, none of which waits for another.

    A thread that the system does not let on a processor, which may last 80 ms on a busy one, keeps
    its block; whoever is done does that block again.
    """
    count, block = (len(rows), BLOCK_BYTES) if ids is None else (len(ids), _GATHERED_BYTES)
    products = np.empty((count, 1))
    step = max(1, block // max(1, rows.strides[0]))
    starts = range(0, count, step)
    waiting, done = deque(starts), set[int]()

    def multiply(start: int) -> None:
        part = slice(start, start + step)
        some = rows[part] if ids is None else rows[ids[part]]
        # Not by its ``out``, for which it gives one reference to None too many away.
        products[part] = np.asarray(simsimd.cdist(some, code[None], "dot", dtype=name))
        done.add(start)

    def work() -> None:
        while waiting and not job.cancelled:
            try:
                start = waiting.popleft()
            except IndexError:  # taken meanwhile
                return
            multiply(start)

    for _ in range(min(_THREADS, len(starts)) - 1):
        _offered.put(work)
    work()
    job.check()
    for start in starts:
        if start not in done:
            multiply(start)
    return products[:, 0]


def _help() -> None:
    while True:
        with suppress(Exception):  # whoever asked does what was not done again, and hears of it
            _offered.get()()


_offered: SimpleQueue[Callable[[], None]] = SimpleQueue()
for _ in range(_THREADS - 1):
    Thread(target=_help, name="scan", daemon=True).start()
