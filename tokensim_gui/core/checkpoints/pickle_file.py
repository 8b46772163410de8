"""Tensors of a PyTorch file, in the zip form of today and the legacy form before 1.6.

Formats: https://github.com/pytorch/pytorch/blob/main/torch/serialization.py.
"""

from collections.abc import Callable
from io import BytesIO
from math import prod
from pathlib import Path
from typing import BinaryIO

from tokensim_gui.core.checkpoints import (
    checkpoint_layouts,
    inert_pickle,
    stored_zip,
    tokenizer_sources,
)
from tokensim_gui.core.checkpoints.entries import TensorEntry, read_exactly, stamp_of, unreadable
from tokensim_gui.core.checkpoints.inert_pickle import Malformed, Storage, Tensor
from tokensim_gui.core.errors import FileError

_LEGACY_START = b"\x80"
STARTS = (_LEGACY_START, b"PK\x03\x04", b"PK\x05\x06")
"""How PyTorch files begin."""

_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
# Opcodes of the five pickles before the tensors: magic number, version, system, state, keys.
_LEGACY_STEPS = (100, 100, 1_000, inert_pickle.MAX_STEPS, 100_000)
_MAX_PICKLE_BYTES = 16 * 2**20
# The pickles before the tensors seldom take more; a file that stops within is read once again.
_FIRST_WINDOW = 2**17
_ITEM_BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1,
    "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
}  # fmt: skip


def entries(path: Path) -> list[TensorEntry]:
    """List the tensors of a PyTorch file in the order of its state dict.

    Only tensors whose names a token table, its scale or its tokenizer can have are looked up in
    the file; the offset of the others is -1. A tensor that does not lie row after row says so in
    its dtype.

    Raises:
        FileError: The file can't be read, is not from PyTorch, is compressed or damaged.
    """
    size = stamp_of(path).size
    try:
        with path.open("rb", buffering=0) as file:
            if file.read(1) == _LEGACY_START:
                return _legacy(file, path, size)
            return _zip(file, path, size)
    except OSError as error:
        raise unreadable(path, error) from error
    except Malformed as error:
        raise FileError(f"{path.name} can't be read: {error}.") from error


def _zip(file: BinaryIO, path: Path, size: int) -> list[TensorEntry]:
    members = stored_zip.members(file, path, size)
    name = next((name for name in members if name.rpartition("/")[2] == "data.pkl"), None)
    if name is None:
        raise FileError(f"{path.name} is a zip archive, not from PyTorch. Unpack it first.")
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

    tree = inert_pickle.load(BytesIO(content(name, _MAX_PICKLE_BYTES)))
    return [_entry(name, tensor, path, locate) for name, tensor in inert_pickle.tensors(tree)]


def _legacy(file: BinaryIO, path: Path, size: int) -> list[TensorEntry]:
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
                raise
    if magic != _LEGACY_MAGIC or not isinstance(keys, list) or not isinstance(system, dict):
        raise Malformed("it is a pickle, but not from PyTorch")
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

    return [_entry(name, tensor, path, locate) for name, tensor in tensors]


def _entry(
    name: str, tensor: Tensor, path: Path, locate: Callable[[Storage, int], int]
) -> TensorEntry:
    item = _ITEM_BYTES.get(tensor.dtype, 0)
    nbytes = prod(tensor.shape) * item
    dtype = tensor.dtype
    if not tensor.is_row_major():
        dtype = f"{dtype} with strides {list(tensor.strides)}"
    offset = -1
    if item and _is_wanted(name):
        stored = tensor.storage.numel * _ITEM_BYTES.get(tensor.storage.dtype, 0)
        if tensor.offset * item + nbytes > stored:
            raise Malformed(f"tensor {name[:80]!r} is larger than its storage")
        offset = locate(tensor.storage, stored) + tensor.offset * item
    return TensorEntry(name, dtype, tensor.shape, path, offset, nbytes)


def _is_wanted(name: str) -> bool:
    return (
        checkpoint_layouts.is_table_name(name)
        or checkpoint_layouts.is_scale_name(name)
        or name.rpartition(".")[2] in tokenizer_sources.TENSORS
    )
