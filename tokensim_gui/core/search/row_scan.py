"""The fast pass over all tokens: cosines to a query vector, with a bound of their errors."""

import warnings
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from tokensim_gui.core.files.number_formats import decode
from tokensim_gui.core.job import Job
from tokensim_gui.core.search import kernels
from tokensim_gui.core.search.space import BLOCK_ITEMS, Space, blocks
from tokensim_gui.core.values import FloatArray, IntArray

MAX_SMALL_COPY_BYTES = 128 * 2**20
MAX_COPY_BYTES = 512 * 2**20
_ROUNDING = {torch.float16: 2.0**-11, torch.bfloat16: 2.0**-8}
_SMALLEST_HALF = 2.0**-25
_LARGEST_HALF = 60_000.0
# Products of vectors of lengths between these stay far from the ends of float32.
_SMALLEST_FLOAT, _LARGEST_FLOAT = 1e-25, 1e30
_FLOATS = kernels.FORMATS.keys() - {"I8"}
_SLACK = 1e-5
_FLOAT64 = 1e-12
"""More than what rounding in float64 adds up to here."""


class Scan(Protocol):
    """Cosines of the stored vectors to a query vector of length 1; 0 without a vector."""

    in_blocks: bool
    """Whether vectors are converted anew for each query, which takes long."""

    def cosines(
        self, unit: FloatArray, job: Job, crowded: bool = False
    ) -> tuple[FloatArray, FloatArray | float]:
        """Return the cosines of all tokens, float64 [rows], and bounds of their errors.

        Args:
            unit: float64 [dim], the query vector.
            job: Cancellation.
            crowded: Whether many cosines lie where the best are looked for, as they do round 0:
                a closer scan then leaves so many fewer candidates that it is worth its time.

        Raises:
            JobCancelled: The job was cancelled.
        """
        ...

    def closer(self, unit: FloatArray, ids: IntArray) -> tuple[FloatArray, float]:
        """Return the cosines of a few tokens, float64 [n], with a much smaller bound."""
        ...


def open_scan(space: Space, device: torch.device, job: Job) -> Scan:
    """Choose the fastest scan that there is for these vectors on this computer.

    Raises:
        JobCancelled: The job was cancelled.
    """
    info = space.table.info
    if device.type != "cpu" or not kernels.AVAILABLE or space.longest > _LARGEST_FLOAT:
        return TorchScan(space, device, job)
    scales = space.table.scales
    if scales is not None:
        return Int8Scan(space, _rows(space), space.inverse * scales, 0.0)
    if info.rows * info.dim <= MAX_SMALL_COPY_BYTES:
        return Int8Scan(space, *_small_copy(space, job))
    if info.dtype in kernels.FORMATS:
        return StoredScan(space)
    return TorchScan(space, device, job)


class StoredScan:
    """Reads the vectors as they are stored."""

    in_blocks = False

    def __init__(self, space: Space) -> None:
        self._space = space

    def cosines(
        self, unit: FloatArray, job: Job, crowded: bool = False
    ) -> tuple[FloatArray, FloatArray | float]:
        """See `Scan`."""
        space = self._space
        products, error = kernels.dots(_rows(space), space.table.info.dtype, unit, job=job)
        return products * space.inverse, error + _underflow(space)

    def closer(self, unit: FloatArray, ids: IntArray) -> tuple[FloatArray, float]:
        """See `Scan`."""
        return _closer(self._space, unit, ids, 2)


class Int8Scan:
    """Reads int8 vectors: those of the table, or a copy a half to a quarter of its size.

    A unit row ŵ is s·c + r with integers c, and the query u is t·a + e likewise; c·a is exact. So
    the cosine ŵ·u = s·t·(c·a) + s·c·e + r·u, and the last two are ≤ (1 + ‖r‖)·‖e‖ + ‖r‖.
    """

    in_blocks = False

    def __init__(
        self,
        space: Space,
        codes: NDArray[np.int8],
        steps: FloatArray,
        residues: FloatArray | float,
    ) -> None:
        """Take c [rows, dim], s [rows], and ‖r‖ [rows], or one number where all are equal."""
        self._space = space
        self._codes, self._steps, self._residues = codes, steps, residues
        stored = space.table.info.dtype
        self._closer_scan = StoredScan(space) if stored in _FLOATS else None

    def cosines(
        self, unit: FloatArray, job: Job, crowded: bool = False
    ) -> tuple[FloatArray, FloatArray | float]:
        """See `Scan`."""
        if crowded and self._closer_scan is not None:
            return self._closer_scan.cosines(unit, job)
        products, error = kernels.dots(self._codes, "I8", unit, 2 if crowded else 1, job=job)
        products *= self._steps
        return products, self._residues * (1 + error) + (error + _FLOAT64)

    def closer(self, unit: FloatArray, ids: IntArray) -> tuple[FloatArray, float]:
        """See `Scan`."""
        return _closer(self._space, unit, ids, 1 if self._closer_scan else 2)


def _rows(space: Space) -> NDArray[Any]:
    info = space.table.info
    return space.table.data.view(kernels.FORMATS[info.dtype][1]).reshape(info.rows, info.dim)


def _small_copy(space: Space, job: Job) -> tuple[NDArray[np.int8], FloatArray, FloatArray]:
    """Return the rows as int8, and per unit row its step and the length of what that leaves."""
    info, table = space.table.info, space.table
    codes = np.empty((info.rows, info.dim), np.int8)
    steps, residues = np.empty(info.rows), np.empty(info.rows)
    block_rows = max(1, BLOCK_ITEMS // (8 * info.dim))  # stays in the processor's cache
    stored = table.data.reshape(info.rows, -1)
    for start in range(0, info.rows, block_rows):
        part = slice(start, start + block_rows)
        rows = decode(stored[part], info.dtype)
        step = np.maximum(rows.max(axis=1), -rows.min(axis=1)) / np.float32(127)
        step[step == 0] = 1
        quotients = rows / step[:, None]
        np.rint(quotients, out=quotients)
        codes[part] = quotients
        quotients *= step[:, None]
        quotients -= rows
        steps[part] = step
        residues[part] = np.sqrt(np.einsum("ij,ij->i", quotients, quotients))
        job.progress(start, info.rows, "Preparing the vectors")
    steps *= space.inverse
    # What float32 rounds of the numbers of a unit row, and of the sum of their squares.
    residues *= space.inverse * (1 + (info.dim + 8) * 2.0**-24)
    residues += 2.0**-22
    # Where numbers are too small for float32 to tell them apart, nothing is known.
    residues[space.inverse > 1 / _SMALLEST_FLOAT] = 2.0
    return codes, steps, residues


def _underflow(space: Space) -> float:
    """Bound of what underflows where products of the shortest vector are summed in float32."""
    return float(space.inverse.max()) * space.table.info.dim * 2.0**-125


def _closer(space: Space, unit: FloatArray, ids: IntArray, parts: int) -> tuple[FloatArray, float]:
    """Multiply some stored rows with a query vector in one part or two."""
    info = space.table.info
    if info.dtype not in kernels.FORMATS:
        return _converted_in_blocks(space, unit, ids)
    cosines, error = kernels.dots(_rows(space), info.dtype, unit, parts, ids)
    cosines *= space.inverse[ids]
    if space.table.scales is not None:
        cosines *= space.table.scales[ids]
    return cosines, error + _FLOAT64 + _underflow(space)


def _converted_in_blocks(space: Space, unit: FloatArray, ids: IntArray) -> tuple[FloatArray, float]:
    """Convert rows as `_converted` does, a few MB at a time."""
    parts = [_converted(space, unit, block) for block in blocks(ids, len(unit))]
    return np.concatenate([cosines for cosines, _ in parts]), parts[0][1]


def _converted(space: Space, unit: FloatArray, ids: IntArray | slice) -> tuple[FloatArray, float]:
    """Convert some stored rows to float32 and multiply them with a query vector."""
    table = space.table
    rows = decode(table.data.reshape(table.info.rows, -1)[ids], table.info.dtype)
    if space.longest > _LARGEST_FLOAT:
        rows = rows.astype(np.float64)
    cosines: FloatArray = (rows @ unit.astype(rows.dtype)) * space.inverse[ids]
    if table.scales is not None:
        cosines *= table.scales[ids]
    return cosines, (table.info.dim + 8) * 2.0**-24 + _underflow(space)


class TorchScan:
    """Multiplies half-precision rows by torch: on a CUDA device, and where no kernel is.

    The code is the same on a CUDA device, where it has not been run.
    """

    def __init__(self, space: Space, device: torch.device, job: Job) -> None:
        """Take fp16 and bf16 vectors as they are; make an fp16 copy of others, if it is small."""
        table = space.table
        self._space = space
        self._rows: torch.Tensor | None = None
        self._is_copy = False
        info = table.info
        half = {"F16": torch.float16, "BF16": torch.bfloat16}.get(info.dtype)
        if half is not None and space.longest < _LARGEST_HALF:
            with warnings.catch_warnings():
                # Nothing writes to the read-only array that the tensor shares.
                warnings.filterwarnings("ignore", "The given NumPy array is not writable")
                stored = torch.from_numpy(table.data)
            self._rows = stored.view(half).view(info.rows, info.dim).to(device)
        elif 2 * info.rows * info.dim <= MAX_COPY_BYTES:
            self._rows = self._copy(job).to(device)
            self._is_copy = True
        self.in_blocks = self._rows is None

    def _copy(self, job: Job) -> torch.Tensor:
        info = self._space.table.info
        copy = torch.empty((info.rows, info.dim), dtype=torch.float16)
        step = max(1, BLOCK_ITEMS // info.dim)
        for start in range(0, info.rows, step):
            part = slice(start, start + step)
            unit = self._space.table.vectors(part) * self._space.inverse[part, None]
            copy[part] = torch.from_numpy(unit)
            job.progress(start, info.rows, "Preparing the vectors")
        return copy

    def cosines(
        self, unit: FloatArray, job: Job, crowded: bool = False
    ) -> tuple[FloatArray, FloatArray | float]:
        """See `Scan`."""
        if self._rows is None:
            step = max(1, BLOCK_ITEMS // len(unit))
            cosines = np.empty(len(self._space.norms))
            error = 0.0
            for start in range(0, len(cosines), step):
                job.check()
                part = slice(start, start + step)
                cosines[part], error = _converted(self._space, unit, part)
            return cosines, error
        job.check()
        half = self._rows.dtype
        rounded = torch.from_numpy(unit).to(half)
        products = (self._rows @ rounded.to(self._rows.device)).cpu()
        # Decoded by numpy: torch would wake its threads for it, which may take longer.
        name = "F16" if half is torch.float16 else "BF16"
        cosines = decode(products.view(torch.uint8).numpy(), name).astype(np.float64)
        error = float(np.linalg.norm(rounded.double().numpy() - unit))
        error += len(unit) * 2.0**-24 + _SLACK + _underflow(self._space)
        if self._is_copy:
            return cosines, np.abs(cosines) * _ROUNDING[half] + (error + _ROUNDING[half])
        cosines *= self._space.inverse
        errors = np.abs(cosines) * _ROUNDING[half] + error
        if half is torch.float16:
            errors += self._space.inverse * _SMALLEST_HALF
        return cosines, errors

    def closer(self, unit: FloatArray, ids: IntArray) -> tuple[FloatArray, float]:
        """See `Scan`."""
        return _converted_in_blocks(self._space, unit, ids)
