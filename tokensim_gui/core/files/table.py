"""Token tables on disk: one vector per token, with the norms and the mean of the vectors.

`table.safetensors` holds the tensors ``vectors`` [rows, dim] in the dtype of its source,
``norms`` float64 [rows] and ``mean`` float64 [dim]; int8 vectors also have ``scales`` float32
[rows], and value = int8 × scale. A row of zeros stands for a token without a vector.
"""

import hashlib
import json
import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.number_formats import ITEM_BYTES, decode
from tokensim_gui.core.files.safetensors_format import Entry, read_header
from tokensim_gui.core.job import Job
from tokensim_gui.core.values import FloatArray, IntArray, frozen_array

FILE_NAME = "table.safetensors"
DTYPES = tuple(ITEM_BYTES)
MAX_IN_MEMORY_BYTES = 512 * 2**20
_BLOCK_ITEMS = 2**20
_ALIGNMENT = 4096


@dataclass(frozen=True, slots=True)
class TableInfo:
    """What is known of a table without reading its vectors.

    Attributes:
        slug: Name of its folder.
        name: Name for the user.
        family: Tokenizer family, as `Encoder.family`.
        rows: Number of tokens.
        dim: Numbers per vector; 0 for a vocabulary without vectors.
        dtype: One of `DTYPES`.
        source: Where it came from: a path or a hub address.
        revision: Commit of the source, or "".
        key: Name of the tensor in its source.
        sha256: Of the vectors' bytes, in hexadecimal.
        created: UTC time in ISO 8601.
        bytes: Size of the vectors in bytes.
        stored: The dtype in the source where that is another, such as ``Q4_K``; else "".
        whole: Name of the whole text encoder that the source held, or "".
        encoder: Name of the encoder that it is known to be, such as ``CLIP-L``, or "".
        guess: A sentence about what of its tokens' names is not sure, or "".
    """

    slug: str
    name: str
    family: str
    rows: int
    dim: int
    dtype: str
    source: str
    revision: str
    key: str
    sha256: str
    created: str
    bytes: int
    stored: str = ""
    whole: str = ""
    encoder: str = ""
    guess: str = ""

    @property
    def has_vectors(self) -> bool:
        """Whether it is more than a vocabulary."""
        return self.dim > 0


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table that is open. Arrays are read-only.

    Attributes:
        info: What is known about it.
        data: uint8 [rows · dim · item size]; mapped from the file if over 512 MB.
        scales: float32 [rows] for int8 vectors, else None.
        norms: float64 [rows], the lengths of the vectors; 0 where a token has none.
        mean: float64 [dim], the mean of all vectors but the zero rows.
    """

    info: TableInfo
    data: NDArray[np.uint8]
    scales: NDArray[np.float32] | None
    norms: FloatArray
    mean: FloatArray

    @classmethod
    def load(cls, folder: Path) -> "Table":
        """Open the table in ``folder``.

        Its slug is the folder's name and its name the one it was saved under; where a library
        gave others, put its own `TableInfo` in place with `dataclasses.replace`.

        Raises:
            FileError: The file is missing, cut short, or not a table.
        """
        info, entries = _read_info(folder)
        path = folder / FILE_NAME
        data: NDArray[np.uint8]
        try:
            if info.bytes <= MAX_IN_MEMORY_BYTES:
                data = _read(path, entries["vectors"], np.dtype(np.uint8))
            else:
                data = np.memmap(path, np.uint8, "r", entries["vectors"].offset, info.bytes)
            scales = None
            if info.dtype == "I8":
                scales = _read(path, entries["scales"], np.dtype("<f4"))
            norms = _read(path, entries["norms"], np.dtype("<f8"))
            mean = _read(path, entries["mean"], np.dtype("<f8"))
        except OSError as error:
            raise _unusable(folder, f"it can't be read: {error.strerror or error}.") from error
        # Written as comparisons so that NaN fails them.
        sound = (norms >= 0).all() and (norms < np.inf).all() and np.isfinite(mean).all()
        if not sound or (scales is not None and not np.isfinite(scales).all()):
            raise _unusable(folder, "its vector lengths are not numbers.")
        return cls(info, data, scales, norms, mean)

    def vectors(self, ids: IntArray | NDArray[np.int64] | slice) -> FloatArray:
        """Return the vectors of ``ids``, exact, as float64 [n, dim]."""
        rows = self.data.reshape(self.info.rows, -1)[ids]
        # numpy turns float16 into float64 in half the time that it takes into float32
        halves = self.info.dtype == "F16"
        stored = rows.view(np.float16) if halves else decode(rows, self.info.dtype)
        values = stored.astype(np.float64)
        if self.scales is not None:
            values *= self.scales[ids, None]
        return values


def read_info(folder: Path) -> TableInfo:
    """Return what is known of the table in ``folder`` from the header of its file alone.

    Raises:
        FileError: The file is missing, cut short, or not a table.
    """
    return _read_info(folder)[0]


def save_table(
    folder: Path,
    name: str,
    family: str,
    dtype: str,
    rows: int,
    dim: int,
    chunks: Iterable[bytes | bytearray | memoryview],
    scales: NDArray[np.float32] | None = None,
    source: str = "",
    revision: str = "",
    key: str = "",
    stored: str = "",
    whole: str = "",
    encoder: str = "",
    guess: str = "",
    job: Job | None = None,
) -> TableInfo:
    """Write a table into ``folder``, which must not hold one yet, in bounded memory.

    Args:
        folder: Created if missing; its name is the table's slug.
        name: Name for the user.
        family: Tokenizer family, as `Encoder.family`.
        dtype: One of `DTYPES`.
        rows: Number of vectors.
        dim: Numbers per vector.
        chunks: The vectors' bytes, row after row, little-endian, cut anywhere.
        scales: float32 [rows], for ``I8`` only: value = int8 × scale.
        source: Where the vectors come from.
        revision: Commit of the source.
        key: Name of the tensor in the source.
        stored: The dtype in the source, if that is another.
        whole: Name of the whole text encoder in the source, if it has one.
        encoder: Name of the encoder that it is known to be.
        guess: What of its tokens' names is not sure.
        job: Progress in bytes, and cancellation.

    Raises:
        FileError: Vectors hold NaN or infinity, are all zero, or are fewer or more than
            announced; the disk is full or refuses. Nothing is left behind in ``folder``.
        JobCancelled: The job was cancelled. Nothing is left behind either.
    """
    if (scales is None) == (dtype == "I8") or (scales is not None and scales.shape != (rows,)):
        raise ValueError("int8 vectors, and only they, have one scale per row")
    nbytes = rows * dim * ITEM_BYTES[dtype]
    job = job or Job()
    info = TableInfo(
        folder.name, name, family, rows, dim, dtype, source, revision, key,
        "0" * 64, datetime.now(UTC).isoformat(timespec="seconds"), nbytes, stored, whole,
        encoder, guess,
    )  # fmt: skip
    path, part = folder / FILE_NAME, folder / f"{FILE_NAME}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        atomic.check_space(folder, nbytes + 16 * rows + 2 * _ALIGNMENT)
        if path.exists():
            raise FileError(f"{folder} holds an encoder already. Remove it first.")
        try:
            with part.open("w+b") as file:
                info = _write(file, info, chunks, scales, job)
                file.flush()
                os.fsync(file.fileno())
            atomic.replace(part, path)
            atomic.sync_folder(folder)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
    except OSError as error:
        raise atomic.write_failure(folder, error) from error
    return info


_METADATA = ("name", "family", "source", "revision", "key", "sha256", "created")
_LATER_METADATA = ("stored", "whole", "encoder", "guess")  # not in the files of earlier versions


def _write(
    file: BinaryIO,
    info: TableInfo,
    chunks: Iterable[bytes | bytearray | memoryview],
    scales: NDArray[np.float32] | None,
    job: Job,
) -> TableInfo:
    """Write the whole table; the hash enters the header, whose length it leaves alone, last."""
    file.write(_header(info))
    norms = np.zeros(info.rows)
    total = np.zeros(info.dim)
    digest = hashlib.sha256()
    row, broken = 0, 0
    for block in _whole_rows(chunks, info):
        digest.update(block)
        file.write(block)
        raw = np.frombuffer(block, np.uint8).reshape(-1, info.bytes // info.rows)
        values = decode(raw, info.dtype).astype(np.float64)
        after = row + len(values)
        if scales is not None:
            values *= scales[row:after, None]
        norms[row:after] = np.sqrt(np.einsum("ij,ij->i", values, values))
        broken += int(np.count_nonzero(~np.isfinite(norms[row:after])))
        with np.errstate(all="ignore"):  # what is no number is told of below
            total += values.sum(axis=0)
        row = after
        job.progress(row * raw.shape[1], info.bytes, f"Saving {info.name}")
    if broken:
        raise FileError(
            f"{broken:,} of the {info.rows:,} vectors of {info.name} hold NaN or infinity. "
            "The file is damaged: fetch it again, or save it again if it is your own."
        )
    present = int(np.count_nonzero(norms))
    if not present and info.has_vectors:
        raise FileError(f"All {info.rows:,} vectors of {info.name} are zero: nothing to search.")
    if scales is not None:
        file.write(scales.astype("<f4", copy=False).tobytes())
    file.write(norms.astype("<f8", copy=False).tobytes())
    file.write((total / max(present, 1)).astype("<f8", copy=False).tobytes())
    info = replace(info, sha256=digest.hexdigest())
    file.seek(0)
    file.write(_header(info))
    return info


def _whole_rows(
    chunks: Iterable[bytes | bytearray | memoryview], info: TableInfo
) -> Iterator[bytearray]:
    """Cut ``chunks`` anew, into blocks of whole rows.

    Raises:
        FileError: They are fewer or more bytes than the table takes.
    """
    if not info.has_vectors:
        return
    row_bytes = info.bytes // info.rows
    block_bytes = row_bytes * max(1, _BLOCK_ITEMS // info.dim)
    pending = bytearray()
    received = 0
    for chunk in chunks:
        view = memoryview(chunk).cast("B")
        received += len(view)
        if received > info.bytes:
            break
        for start in range(0, len(view), block_bytes):
            pending += view[start : start + block_bytes]
            whole = len(pending) - len(pending) % row_bytes
            if whole >= block_bytes:
                yield pending[:whole]
                del pending[:whole]
    if received != info.bytes:
        found = "fewer" if received < info.bytes else "more"
        raise FileError(
            f"The vectors of {info.name} are {found} than the {info.rows} announced. "
            "The file is damaged: fetch it again."
        )
    if pending:
        yield pending


def _header(info: TableInfo) -> bytes:
    """Return length and header, padded with spaces so that the vectors begin on a page."""
    tensors = [("vectors", info.dtype, [info.rows, info.dim], info.bytes)]
    if info.dtype == "I8":
        tensors.append(("scales", "F32", [info.rows], 4 * info.rows))
    tensors.append(("norms", "F64", [info.rows], 8 * info.rows))
    tensors.append(("mean", "F64", [info.dim], 8 * info.dim))
    texts = {key: getattr(info, key) for key in (*_METADATA, *_LATER_METADATA)}
    header: dict[str, object] = {"__metadata__": texts}
    start = 0
    for name, dtype, shape, nbytes in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, start + nbytes]}
        start += nbytes
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % _ALIGNMENT)
    return struct.pack("<Q", len(text)) + text


def _read_info(folder: Path) -> tuple[TableInfo, dict[str, Entry]]:
    try:
        entries, metadata = read_header(folder / FILE_NAME)
    except FileError as error:
        # What the reader advises is for a file that was downloaded.
        raise _unusable(folder, str(error).removesuffix(" Download it again.")) from error
    found = {name: (entry.dtype, entry.shape) for name, entry in entries.items()}
    dtype, shape = found.get("vectors", ("", ()))
    is_table = dtype in DTYPES and len(shape) == 2 and shape[0] > 0
    if not is_table or not set(_METADATA) <= set(metadata):
        raise _unusable(folder, f"{FILE_NAME} is not a table.")
    rows, dim = shape
    expected = {"vectors": (dtype, shape), "norms": ("F64", (rows,)), "mean": ("F64", (dim,))}
    if dtype == "I8":
        expected["scales"] = ("F32", (rows,))
    if found != expected:
        raise _unusable(folder, f"{FILE_NAME} is not a table.")
    texts = {key: metadata.get(key, "") for key in (*_METADATA, *_LATER_METADATA)}
    info = TableInfo(
        slug=folder.name, rows=rows, dim=dim, dtype=dtype, bytes=entries["vectors"].nbytes, **texts
    )
    return info, entries


def _read(path: Path, entry: Entry, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Read a tensor by explicit reads: a mapped file can be cut short under its reader.

    Raises:
        OSError: The file can't be read, or ends early.
    """
    count = entry.nbytes // dtype.itemsize
    array = np.fromfile(path, dtype, count, offset=entry.offset)
    if len(array) < count:
        raise OSError("the file ends early")
    return frozen_array(array)


def _unusable(folder: Path, why: str) -> FileError:
    return FileError(f"{folder} can't be used: {why} Remove this encoder and add it again.")
