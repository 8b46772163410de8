"""The safetensors container: read and check a header, without touching any tensor.

Format: https://github.com/huggingface/safetensors#format. Files come from strangers, so that
every number is checked before it is used, and nothing is mapped into memory.
"""

import json
import re
import struct
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tokensim_gui.core.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

MAX_HEADER_BYTES = 25_000_000  # a 100 MB one takes over 200 MB to parse; real ones stay below 5
MAX_ENTRIES = 200_000
INDEX_ENDING = r"\.index(?:\.[\w-]+)?\.json"
"""Of ``model.safetensors.index.json``, or of a variant such as ``…index.fp16.json``."""
MAX_DIMENSIONS = 64
_DTYPE = re.compile(r"[A-Z][A-Z0-9_]{0,31}")
# Every element of a JSON container but the first follows a comma, so that this bounds the memory
# of the parsed header. Training notes in the metadata hold up to some 100,000.
MAX_COMMAS = 4_000_000
DTYPE_BITS = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}


class Entry(NamedTuple):
    """One tensor of a file: dtype name as in `DTYPE_BITS`, shape, place in the file in bytes."""

    dtype: str
    shape: tuple[int, ...]
    offset: int
    nbytes: int


def read_header(path: Path) -> tuple[dict[str, Entry], dict[str, str]]:
    """Read the header of a safetensors file.

    Returns:
        The tensors by name, in the order of their bytes, with absolute offsets; the metadata.

    Raises:
        FileError: The file can't be read, is cut short or is not a well-formed safetensors file.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            length = header_length(file.read(8), size, path.name)
            raw = file.read(length)
    except OSError as error:
        raise FileError(f"{path.name} can't be read: {error.strerror or error}.") from error
    return parse_header(raw, size, path.name)


def header_length(prefix: bytes, file_size: int, name: str) -> int:
    """Return the length in bytes of the header that follows the first 8 bytes of a file.

    Raises:
        FileError: The length is impossible.
    """
    if len(prefix) < 8:
        raise FileError(f"{name} is not a safetensors file: it holds less than 8 bytes.")
    (length,) = struct.unpack("<Q", prefix[:8])
    if not 2 <= length <= MAX_HEADER_BYTES:
        raise FileError(f"{name} is not a safetensors file: it does not begin as one.")
    if 8 + length > file_size:
        raise FileError(f"{name} is cut short within its header. Download it again.")
    return int(length)


def parse_header(raw: bytes, file_size: int, name: str) -> tuple[dict[str, Entry], dict[str, str]]:
    """Check and return what `read_header` returns, for a header that is already in memory.

    Args:
        raw: The header alone, without the 8 bytes of its length.
        file_size: Size of the whole file in bytes.
        name: The file's name, for messages.

    Raises:
        FileError: The header is not well-formed, or does not fit the size of the file.
    """
    try:
        if not raw.startswith(b"{") or raw.count(b",") > MAX_COMMAS:
            raise _Malformed("its header is not a plain JSON object")
        header = json.loads(raw.decode(), object_pairs_hook=_object)
        metadata = _metadata(header.pop("__metadata__", {}))
        if len(header) > MAX_ENTRIES:
            raise _Malformed(f"it lists {len(header)} tensors, at most {MAX_ENTRIES} are read")
        start = 8 + len(raw)
        entries = [(key, _entry(key, value, start)) for key, value in header.items()]
        "".join([*header, *metadata, *metadata.values()]).encode()  # refuses lone surrogates
    except _Malformed as error:
        raise FileError(f"{name} is not a safetensors file: {error}.") from None
    except UnicodeError as error:
        raise FileError(f"{name} is not a safetensors file: its header is not UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{name} is not a safetensors file: its header is not JSON.") from error

    entries.sort(key=lambda item: (item[1].offset, item[1].nbytes))
    end = start
    for key, entry in entries:
        if entry.offset != end:
            raise FileError(f"{name} is damaged: a gap or an overlap before tensor {key[:80]!r}.")
        end += entry.nbytes
    if end > file_size:
        raise FileError(
            f"{name} is cut short: only {_share(file_size, end)} of it is here. Download it again."
        )
    if end < file_size:
        raise FileError(f"{name} is damaged: it goes on behind its last tensor. Download it again.")
    return dict(entries), metadata


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2g} %"


class _Malformed(Exception):
    """What is wrong with a header, as the second half of a sentence."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _Malformed("a name occurs twice in its header")
    return result


def _metadata(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise _Malformed("its metadata is not a list of texts")
    return value


def _entry(name: str, value: object, start: int) -> Entry:
    what = f"its tensor {name[:80]!r} "
    if not isinstance(value, dict) or value.keys() != {"dtype", "shape", "data_offsets"}:
        raise _Malformed(what + "lacks dtype, shape or offsets")
    dtype, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if not isinstance(dtype, str) or not _DTYPE.fullmatch(dtype):
        raise _Malformed(f"{what}has the impossible dtype {str(dtype)[:80]!r}")
    bits = DTYPE_BITS.get(dtype)  # None of formats to come
    if not _sizes(shape) or len(shape) > MAX_DIMENSIONS or not _sizes(offsets) or len(offsets) != 2:
        raise _Malformed(what + "has an impossible shape or place")
    begin, end = offsets
    if bits is not None and (end - begin) * 8 != prod(shape) * bits:
        raise _Malformed(what + "has a size that does not fit its shape")
    return Entry(dtype, tuple(shape), start + begin, end - begin)


def _sizes(value: object) -> bool:
    """Tell whether ``value`` is a list of whole numbers from 0 that fit 63 bits."""
    return isinstance(value, list) and all(type(n) is int and 0 <= n < 2**63 for n in value)


def pack(tensors: "Mapping[str, NDArray[np.float32]]") -> bytes:
    """Return a safetensors file of float32 tensors."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, tensor in tensors.items():
        place = [end, end + tensor.nbytes]
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": place}
        end += tensor.nbytes
    raw = json.dumps(header).encode()
    raw += b" " * (-len(raw) % 8)
    data = b"".join(np.ascontiguousarray(tensor, "<f4").tobytes() for tensor in tensors.values())
    return struct.pack("<Q", len(raw)) + raw + data
