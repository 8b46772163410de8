"""Tensors of a PyTorch file, in the zip form of today and the legacy form before 1.6.

Formats: https://github.com/pytorch/pytorch/blob/main/torch/serialization.py.
"""

from collections.abc import Callable
from io import BytesIO
from math import prod
from pathlib import Path
from typing import BinaryIO, TypeAlias

from tokensim_gui.core.checkpoints import (
    checkpoint_layouts,
    folders,
    inert_pickle,
    other_formats,
    stored_zip,
    tokenizer_sources,
)
from tokensim_gui.core.checkpoints.entries import TensorEntry, read_exactly, stamp_of, unreadable
from tokensim_gui.core.checkpoints.inert_pickle import Malformed, Storage, Tensor
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.number_formats import ITEM_BYTES

_LEGACY_START = b"\x80"
STARTS = (_LEGACY_START, b"PK\x03\x04", b"PK\x05\x06")
"""How PyTorch files begin."""

_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
# Opcodes of the five pickles before the tensors: magic number, version, system, state, keys.
_LEGACY_STEPS = (200, 200, 2_000, inert_pickle.MAX_STEPS, 600_000)
_NOT_TORCH = "it is a pickle, but not from PyTorch; save its vectors with torch.save or as .npy"
_MAX_PICKLE_BYTES = 16 * 2**20
# The pickles before the tensors seldom take more; a file that stops within is read once again.
_FIRST_WINDOW = 2**17
_ITEM_BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1,
    "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
}  # fmt: skip


def is_pickle(path: Path) -> bool:
    """Tell whether a checkpoint begins as PyTorch files do, and not as safetensors.

    Raises:
        FileError: The file can't be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise unreadable(path, error) from error
    return start.startswith(STARTS) and start[8:] != b"{"


def entries(path: Path) -> list[TensorEntry]:
    """List the tensors of a PyTorch file in the order of its state dict.

    Only tensors whose names a token table, its scale or its tokenizer can have are looked up in
    the file, and those of the shape of a table if they are few; the offset of the others is -1. A
    tensor that does not lie row after row says so in its dtype. A list of vectors is one tensor.

    Raises:
        FileError: The file can't be read, is not from PyTorch, is compressed or damaged.
    """
    return _entries(path, _is_wanted)


def weights(path: Path) -> list[TensorEntry]:
    """List the tensors that can be read, looked up: numbers for weights, lying row after row.

    Raises:
        FileError: As for `entries`.
    """
    found = _entries(path, _is_readable)
    return [entry for entry in found if entry.offset >= 0]


_Wanted: TypeAlias = Callable[[str, Tensor, bool], bool]
_Locate: TypeAlias = Callable[[Storage, int], int]


def _entries(path: Path, is_wanted: _Wanted) -> list[TensorEntry]:
    """List the tensors of a PyTorch file, and look up those that are wanted."""
    size = stamp_of(path).size
    try:
        with path.open("rb", buffering=0) as file:
            read = _legacy if file.read(1) == _LEGACY_START else _zip
            tree, locate = read(file, path, size)
            listed = inert_pickle.row_list(tree)
            if listed is not None:
                return [_rows(*listed, path, locate)]
            found = list(inert_pickle.tensors(tree))
            few = len(found) <= checkpoint_layouts.FEW
            return [
                _entry(name, one, path, locate, is_wanted(name, one, few)) for name, one in found
            ]
    except OSError as error:
        raise unreadable(path, error) from error
    except Malformed as error:
        raise FileError(f"{path.name} can't be read: {error}.") from error


def _zip(file: BinaryIO, path: Path, size: int) -> tuple[object, _Locate]:
    members = stored_zip.members(file, path, size)
    name = next((name for name in members if name.rpartition("/")[2] == "data.pkl"), None)
    if name is None:
        raise FileError(f"{path.name} {other_formats.of_zip([*members], folders.SUFFIXES)}")
    root = name.removesuffix("data.pkl")

    def content(member: str, limit: int) -> bytes:
        start = stored_zip.content_start(file, path, size, members[member])
        if members[member].nbytes > limit:
            raise Malformed(inert_pickle.TOO_LONG)
        return read_exactly(file, path, start, members[member].nbytes)

    if root + "byteorder" in members and content(root + "byteorder", 16) != b"little":
        raise Malformed("its numbers are big-endian")

    def locate(storage: Storage, nbytes: int) -> int:
        member = members.get(f"{root}data/{storage.key}")
        if member is None or member.nbytes < nbytes:
            raise stored_zip.damaged(path)
        return stored_zip.content_start(file, path, size, member)

    return inert_pickle.load(BytesIO(content(name, _MAX_PICKLE_BYTES))), locate


def _legacy(file: BinaryIO, path: Path, size: int) -> tuple[object, _Locate]:
    """Read the five pickles that stand before the storages."""
    for window in (_FIRST_WINDOW, _MAX_PICKLE_BYTES):
        stream = BytesIO(read_exactly(file, path, 0, min(window, size)))
        try:
            magic, _, system, tree, keys = (
                inert_pickle.load(stream, steps) for steps in _LEGACY_STEPS
            )
            break
        except Malformed:
            if window >= min(size, _MAX_PICKLE_BYTES):
                if inert_pickle.load(BytesIO(stream.getvalue()), _LEGACY_STEPS[0]) != _LEGACY_MAGIC:
                    raise Malformed(_NOT_TORCH) from None
                raise
    if magic != _LEGACY_MAGIC or not isinstance(keys, list) or not isinstance(system, dict):
        raise Malformed(_NOT_TORCH)
    if system.get("little_endian") is not True:
        raise Malformed("its numbers are big-endian")
    tensors = list(inert_pickle.tensors(tree))
    sizes = {
        tensor.storage.key: tensor.storage.numel * _ITEM_BYTES.get(tensor.storage.dtype, 0)
        for _, tensor in tensors
    }
    # Each storage is the count of its numbers in 8 bytes, and then the numbers.
    starts: dict[object, int] = {}
    position = stream.tell()
    for key in keys:
        if not isinstance(key, str) or key not in sizes:
            break
        starts[key] = position + 8
        position += 8 + sizes[key]

    def locate(storage: Storage, nbytes: int) -> int:
        start = starts.get(storage.key)
        if start is None or start + nbytes > size:
            raise stored_zip.damaged(path)
        count = int.from_bytes(read_exactly(file, path, start - 8, 8), "little")
        if count != storage.numel:
            raise stored_zip.damaged(path)
        return start

    return tree, locate


def _rows(name: str, rows: list[Tensor], path: Path, locate: _Locate) -> TensorEntry:
    """Return the vectors of a list as one tensor; they may lie anywhere."""
    dtype, dim = rows[0].dtype, rows[0].shape[-1]
    item = _ITEM_BYTES.get(dtype, 0)
    starts: dict[Storage, int] = {}
    places = []
    for row in rows:
        stored = row.storage.numel * _ITEM_BYTES.get(row.storage.dtype, 0)
        if (row.offset + dim) * item > stored:
            raise Malformed(f"a row of the list {name[:80]!r} is larger than its storage")
        if row.storage not in starts:
            starts[row.storage] = locate(row.storage, stored)
        places.append(starts[row.storage] + row.offset * item)
        if not row.is_row_major():
            dtype = f"{row.dtype}, column by column"
    shape, nbytes = (len(rows), dim), dim * item
    if all(place == places[0] + number * nbytes for number, place in enumerate(places)):
        return TensorEntry(name, dtype, shape, path, places[0], len(rows) * nbytes)
    return TensorEntry(name, dtype, shape, path, places[0], len(rows) * nbytes, tuple(places))


def _entry(name: str, tensor: Tensor, path: Path, locate: _Locate, is_wanted: bool) -> TensorEntry:
    item = _ITEM_BYTES.get(tensor.dtype, 0)
    nbytes = prod(tensor.shape) * item
    dtype = tensor.dtype
    if not tensor.is_row_major():
        dtype = f"{dtype}, column by column"
    offset = -1
    if item and is_wanted:
        stored = tensor.storage.numel * _ITEM_BYTES.get(tensor.storage.dtype, 0)
        if tensor.is_row_major() and tensor.offset * item + nbytes > stored:
            raise Malformed(f"tensor {name[:80]!r} is larger than its storage")
        offset = locate(tensor.storage, stored) + tensor.offset * item
    return TensorEntry(name, dtype, tensor.shape, path, offset, nbytes)


def _is_readable(_name: str, tensor: Tensor, _few: bool) -> bool:
    return tensor.is_row_major() and tensor.dtype in ITEM_BYTES


def _is_wanted(name: str, tensor: Tensor, few: bool) -> bool:
    """Tell whether a tensor may be a table, its scale or its tokenizer."""
    return (
        (few and len(tensor.shape) == 2)
        or checkpoint_layouts.is_table_name(name)
        or checkpoint_layouts.is_scale_name(name)
        or name.rpartition(".")[2] in tokenizer_sources.TENSORS
    )
