"""Read the vectors of a token table, and nothing else of its file."""

import os
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.checkpoints import checkpoint_layouts
from tokensim_gui.core.checkpoints.detect import Candidate
from tokensim_gui.core.checkpoints.entries import Stamp, check_unchanged, read_exactly, unreadable
from tokensim_gui.core.files.number_formats import ITEM_BYTES, decode
from tokensim_gui.core.job import Job

_CHUNK_BYTES = 4 * 2**20


def read_vectors(candidate: Candidate, job: Job | None = None) -> Iterator[bytes]:
    """Give the vectors, whole rows at a time, little-endian in ``candidate.dtype``.

    Tables in F32, F16, BF16 and fp8 come bit for bit as they are stored. A scaled fp8 table is
    multiplied by its scale in float32; GGUF blocks become the float32 of ``gguf.quants``, doubles
    the nearest float32. Tokens without a row get zeros. The file is read, never mapped: one that
    is cut short under a mapping ends the process.

    Raises:
        FileError: The file changed since the candidate was found, or can't be read. What was
            given before is then worthless.
        JobCancelled: The job was cancelled.
    """
    job = job or Job()
    path, rows = candidate.path, candidate.rows - candidate.missing
    row_bytes = candidate.nbytes // max(1, rows)
    step = max(1, _CHUNK_BYTES // (candidate.dim * ITEM_BYTES[candidate.dtype]))
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise unreadable(path, error) from error
    with file:
        check_unchanged(path, Stamp.of(os.fstat(file.fileno())), candidate.stamp)
        scales = _scales(file, candidate)
        for first in range(0, rows, step):
            job.check()
            count = min(step, rows - first)
            if candidate.rows_at:
                places = candidate.rows_at[first : first + count]
                raw = b"".join(read_exactly(file, path, place, row_bytes) for place in places)
            else:
                place = candidate.offset + first * row_bytes
                raw = read_exactly(file, path, place, count * row_bytes)
            if candidate.stored in checkpoint_layouts.GGUF_BLOCKS:
                yield _dequantised(raw, candidate.stored, row_bytes)
            elif candidate.stored == checkpoint_layouts.DOUBLE:
                yield _single(raw)
            elif scales is not None:
                yield _scaled(raw, candidate.stored, scales[first : first + count])
            else:
                yield raw
        check_unchanged(path, Stamp.of(os.fstat(file.fileno())), candidate.stamp)
    if candidate.missing:
        yield bytes(candidate.missing * candidate.dim * ITEM_BYTES[candidate.dtype])


def _single(raw: bytes) -> bytes:
    with np.errstate(all="ignore"):  # what is no number is refused when the table is saved
        return np.frombuffer(raw, "<f8").astype("<f4").tobytes()


def _scales(file: BinaryIO, candidate: Candidate) -> NDArray[np.float32] | None:
    """Return the factors of a scaled fp8 table, float32 [rows, 1]."""
    entry = candidate.scale
    if entry is None:
        return None
    raw = read_exactly(file, entry.path, entry.offset, entry.nbytes)
    values = decode(np.frombuffer(raw, np.uint8), entry.dtype)
    return np.broadcast_to(values.reshape(-1, 1), (candidate.rows, 1))


def _scaled(raw: bytes, stored: str, scales: NDArray[np.float32]) -> bytes:
    values = decode(np.frombuffer(raw, np.uint8), stored).reshape(len(scales), -1)
    with np.errstate(all="ignore"):  # as above
        return (values * scales).tobytes()


def _dequantised(raw: bytes, stored: str, row_bytes: int) -> bytes:
    import gguf  # 125 ms

    blocks = np.frombuffer(raw, np.uint8).reshape(-1, row_bytes)
    with np.errstate(all="ignore"):  # as above
        values = gguf.quants.dequantize(blocks, gguf.GGMLQuantizationType[stored])
    return np.ascontiguousarray(values, np.float32).tobytes()
