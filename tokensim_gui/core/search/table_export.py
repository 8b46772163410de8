"""Tables for other programs: PyTorch, safetensors, NumPy, gensim, embedding projectors.

All but text formats hold the numbers as they are stored where they can: to the bit.
"""

import json
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job
from tokensim_gui.core.search.space import BLOCK_ITEMS
from tokensim_gui.core.values import KINDS, FloatArray, IntArray
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

ROUNDED = "The vectors are int8 with a factor each: their numbers are rounded to float32."
_TORCH = {
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
}


def export_table(
    table: Table, vocabulary: Vocabulary, target: Path, ids: IntArray | None = None,
    job: Job | None = None,
) -> tuple[list[Path], str]:  # fmt: skip
    """Write vectors in the format that the ending of ``target`` names, and their tokens beside.

    ``.pt``: the tensor alone. ``.safetensors``: the tensor ``vectors``. ``.npy``: float16 or
    float32. ``.txt``: gensim's KeyedVectors, the piece as key, ``#id`` where that is no key.
    ``.tsv``: tab-separated numbers, and a second file with a line a token. Each has beside it
    ``….tokens.json``: id, piece, text and kind of each row. Files there are replaced.

    Args:
        table: The table.
        vocabulary: Its tokens.
        target: Where to.
        ids: Which rows, in which order; None for all.
        job: Progress in rows, and cancellation.

    Returns:
        The files, and a sentence about what was rounded, or "".

    Raises:
        TokenSimError: The ending is none of these, or there is no row.
        FileError: A file can't be written; the ones of before are as they were.
        JobCancelled: The job was cancelled; likewise.
    """
    job = job or Job()
    if ids is None:
        ids = np.arange(table.info.rows, dtype=np.int32)
    write = _WRITERS.get(target.suffix)
    if write is None:
        raise TokenSimError(
            f"{target.name} has no ending that says a format: {', '.join(_WRITERS)}."
        )
    if not len(ids):
        raise TokenSimError(f"No token is left to write into {target.name}: choose another filter.")
    tokens = [
        {
            "id": token,
            "piece": vocabulary.piece(token),
            "text": vocabulary.text(token),
            "kind": KINDS[int(vocabulary.kinds[token])],
        }
        for token in ids.tolist()
    ]
    list_file = target.with_suffix(".tokens.json")
    written = [target, list_file]
    with _replacing(target) as file:
        write(file, table, vocabulary, ids, job)
    if target.suffix == ".tsv":
        labels = target.with_suffix(".metadata.tsv")
        lines = ["id\tpiece\ttext\tkind"]
        lines += [
            "\t".join(_cell(str(value or "")) for value in token.values()) for token in tokens
        ]
        atomic.write_atomically(labels, "\n".join([*lines, ""]).encode("utf-8", "replace"))
        written.append(labels)
    atomic.write_atomically(list_file, json.dumps(tokens, ensure_ascii=True).encode())
    return written, ROUNDED if table.info.dtype == "I8" else ""


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    part = target.with_name(f".{target.name}.part")
    try:
        try:
            with part.open("w+b") as file:
                yield file
            atomic.replace(part, target)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
    except OSError as error:
        raise FileError(
            f"{target} can't be written: {error.strerror or error}. Choose another place."
        ) from error


def _stored(table: Table, ids: IntArray, job: Job) -> Iterator[bytes]:
    """The bytes of rows, as stored or, for int8, as float32."""
    rows = table.data.reshape(table.info.rows, -1)
    for part in _blocks(table, ids, job):
        if table.scales is None:
            yield rows[part].tobytes()
        else:
            yield table.vectors(part).astype("<f4").tobytes()


def _blocks(table: Table, ids: IntArray, job: Job) -> Iterator[IntArray]:
    step = max(1, BLOCK_ITEMS // table.info.dim)
    for start in range(0, len(ids), step):
        job.progress(start, len(ids), "Writing the vectors")
        yield ids[start : start + step]


def _write_safetensors(
    file: BinaryIO, table: Table, _: Vocabulary, ids: IntArray, job: Job
) -> None:
    dtype = "F32" if table.scales is not None else table.info.dtype
    size = len(ids) * (4 * table.info.dim if table.scales is not None else _row_bytes(table))
    header = {
        "__metadata__": {"name": table.info.name, "source": table.info.source},
        "vectors": {
            "dtype": dtype, "shape": [len(ids), table.info.dim], "data_offsets": [0, size],
        },
    }  # fmt: skip
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(struct.pack("<Q", len(text)) + text)
    for block in _stored(table, ids, job):
        file.write(block)


def _write_pt(file: BinaryIO, table: Table, _: Vocabulary, ids: IntArray, job: Job) -> None:
    import torch

    data = bytearray().join(_stored(table, ids, job))
    name = "float32" if table.scales is not None else _TORCH[table.info.dtype]
    tensor = torch.frombuffer(data, dtype=torch.uint8).view(getattr(torch, name))
    torch.save(tensor.view(len(ids), table.info.dim), file)


def _write_npy(file: BinaryIO, table: Table, _: Vocabulary, ids: IntArray, job: Job) -> None:
    dtype = np.dtype("<f2" if table.info.dtype == "F16" else "<f4")
    np.lib.format.write_array_header_1_0(
        file,
        {"descr": dtype.str, "fortran_order": False, "shape": (len(ids), table.info.dim)},
    )
    for part in _blocks(table, ids, job):
        file.write(table.vectors(part).astype(dtype).tobytes())


def _write_keyed_vectors(
    file: BinaryIO, table: Table, vocabulary: Vocabulary, ids: IntArray, job: Job
) -> None:
    file.write(f"{len(ids)} {table.info.dim}\n".encode())
    used: set[str] = set()
    for part in _blocks(table, ids, job):
        for token, vector in zip(part.tolist(), table.vectors(part), strict=True):
            piece = vocabulary.piece(token)
            if not piece or piece in used or len(piece.split()) != 1 or piece.split()[0] != piece:
                piece = f"#{token}"
            used.add(piece)
            file.write(f"{piece} {_numbers(vector, ' ')}\n".encode("utf-8", "replace"))


def _write_tsv(file: BinaryIO, table: Table, _: Vocabulary, ids: IntArray, job: Job) -> None:
    for part in _blocks(table, ids, job):
        for vector in table.vectors(part):
            file.write(f"{_numbers(vector, chr(9))}\n".encode())


def _numbers(vector: FloatArray, between: str) -> str:
    """Numbers that read back as the same float32."""
    return between.join(f"{number:.9g}" for number in vector.astype(np.float32).tolist())


def _row_bytes(table: Table) -> int:
    return table.info.bytes // table.info.rows


def _cell(text: str) -> str:
    return " ".join(text.split("\t")).replace("\n", " ").replace("\r", " ")


_WRITERS: dict[str, Callable[[BinaryIO, Table, Vocabulary, IntArray, Job], None]] = {
    ".pt": _write_pt,
    ".safetensors": _write_safetensors,
    ".npy": _write_npy,
    ".txt": _write_keyed_vectors,
    ".tsv": _write_tsv,
}
FORMATS = tuple(_WRITERS)
"""Endings of the files that `export_table` writes."""
