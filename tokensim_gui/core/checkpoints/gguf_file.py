"""Tensors and metadata of a GGUF file.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. The header is read with own
bounds: a file of 43 bytes made the reader of the gguf package hang and eat memory.
"""

import struct
from collections.abc import Container
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

from tokensim_gui.core.checkpoints.entries import TensorEntry, stamp_of, unreadable
from tokensim_gui.core.errors import FileError

_MAX_ENTRIES = 100_000
_MAX_ITEMS = 1_000_000
_MAX_TEXTS = 2_000_000
_MAX_TEXT_BYTES = 2**20
_MAX_HEADER_BYTES = 100 * 2**20
_MAX_DIMENSIONS = 4
_MAX_NAME_BYTES = 1_000
_PART = 2**17

# GGUF type: name in `TensorEntry`, values and bytes per block. Of the quantised ones, those that
# ``gguf.quants`` decodes; NVFP4 is not among them, for it has one more factor in another tensor.
_TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
}
BLOCKS = tuple(name for name, values, _ in _TYPES.values() if values > 1)
"""Names of the quantised types."""

OTHER_TYPE = "GGML type"
# GGUF value type: struct code.
_SCALARS = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))
_TEXT, _ARRAY = 8, 9


def entries(path: Path) -> list[TensorEntry]:
    """List the tensors of a GGUF file; shapes have their rows first, as everywhere else.

    Tensors of types that TokenSim does not read have `OTHER_TYPE` and its number for a dtype, and
    no size.

    Raises:
        FileError: The file can't be read or is not well-formed.
    """
    return _read(path, ())[1]


def metadata(path: Path, keys: Container[str]) -> dict[str, Any]:
    """Return the values of those ``keys`` that a GGUF file has; arrays are lists.

    Raises:
        FileError: The file can't be read or is not well-formed.
    """
    return _read(path, keys)[0]


def is_vocabulary(path: Path) -> bool:
    """Tell whether a file of any format is a GGUF file of a tokenizer and nothing else.

    Raises:
        FileError: As for `has_tokenizer`.
    """
    return has_tokenizer(path) and parts(path) == 1 and not entries(path)


def has_tokenizer(path: Path) -> bool:
    """Tell whether a file of any format is a GGUF file with a tokenizer in it.

    Raises:
        FileError: The file can't be read, or is a GGUF file that is not well-formed.
    """
    key = "tokenizer.ggml.model"
    return is_gguf(path) and key in metadata(path, (key,))


def parts(path: Path) -> int:
    """Return into how many files the GGUF file that this one is a part of was split.

    Raises:
        FileError: The file can't be read or is not well-formed.
    """
    count = metadata(path, ("split.count",)).get("split.count")
    return count if type(count) is int else 1


def is_gguf(path: Path) -> bool:
    """Tell whether a file begins as GGUF files do.

    Raises:
        FileError: The file can't be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(4) == b"GGUF"
    except OSError as error:
        raise unreadable(path, error) from error


class _Malformed(Exception):
    """What is wrong with a header, as the second half of a sentence."""


def _read(path: Path, keys: Container[str]) -> tuple[dict[str, Any], list[TensorEntry]]:
    size = stamp_of(path).size
    try:
        with path.open("rb", buffering=0) as file:
            return _Header(file, path, size).read(keys)
    except OSError as error:
        raise unreadable(path, error) from error
    except _Malformed as error:
        raise FileError(f"{path.name} is not a sound GGUF file: {error}.") from None
    except UnicodeDecodeError as error:
        raise FileError(f"{path.name} is not a sound GGUF file: a name is not UTF-8.") from error


class _Header:
    """A walk through the header, which is read piece by piece as far as it goes."""

    def __init__(self, file: BinaryIO, path: Path, size: int) -> None:
        self._file = file
        self._path = path
        self._size = size
        self._data = bytearray()
        self._position = 0
        self._texts = 0

    def read(self, keys: Container[str]) -> tuple[dict[str, Any], list[TensorEntry]]:
        magic, version = self._bytes(4), self._number("I")
        if version in (2 << 24, 3 << 24):
            raise FileError(
                f"{self._path.name} is a GGUF file for big-endian machines. Open the little-endian "
                "one of the same model, or convert it with gguf_convert_endian."
            )
        if magic != b"GGUF" or version not in (2, 3):
            raise _Malformed(f"version {version} is not read, only 2 and 3")
        tensors, pairs = self._number("Q"), self._number("Q")
        if max(tensors, pairs) > _MAX_ENTRIES:
            raise _Malformed(f"it lists more than {_MAX_ENTRIES:,} names")
        found = {}
        alignment = 32
        for _ in range(pairs):
            key = self._text(_MAX_NAME_BYTES)
            value = self._value(self._number("I"), key in keys or key == "general.alignment")
            if key in keys:
                found[key] = value
            elif key == "general.alignment":
                alignment = value
        if type(alignment) is not int or not 1 <= alignment <= 2**20:
            raise _Malformed("its alignment is impossible")
        infos = [self._tensor() for _ in range(tensors)]
        start = -(-self._position // alignment) * alignment
        return found, [self._entry(start, *info) for info in infos]

    def _tensor(self) -> tuple[str, tuple[int, ...], int, int]:
        name = self._text(_MAX_NAME_BYTES)
        dimensions = self._number("I")
        if dimensions > _MAX_DIMENSIONS:
            raise _Malformed(f"tensor {name[:80]!r} has {dimensions} dimensions")
        shape = tuple(self._number("Q") for _ in range(dimensions))
        return name, shape[::-1], self._number("I"), self._number("Q")

    def _entry(
        self, start: int, name: str, shape: tuple[int, ...], kind: int, offset: int
    ) -> TensorEntry:
        dtype, values, block = _TYPES.get(kind, (f"{OTHER_TYPE} {kind}", 1, 0))
        if block and shape and shape[-1] % values:
            raise _Malformed(f"tensor {name[:80]!r} does not fill its blocks")
        nbytes = prod(shape) // values * block
        if start + offset + nbytes > self._size:
            raise _Malformed(f"tensor {name[:80]!r} lies beyond its end; download it again")
        return TensorEntry(name, dtype, shape, self._path, start + offset, nbytes)

    def _value(self, kind: int, wanted: bool) -> Any:  # noqa: ANN401  (whatever the file holds)
        if kind in _SCALARS:
            return self._number(_SCALARS[kind])
        if kind == _TEXT:
            return self._text(_MAX_TEXT_BYTES)
        if kind != _ARRAY:
            raise _Malformed(f"it holds a value of the unknown type {kind}")
        kind, count = self._number("I"), self._number("Q")
        if count > _MAX_ITEMS:
            raise _Malformed(f"it holds a list of {count:,} items")
        if kind == _TEXT:
            return self._text_list(count, wanted)
        if kind not in _SCALARS:
            raise _Malformed(f"it holds a list of the type {kind}")
        code = _SCALARS[kind]
        raw = self._bytes(count * struct.calcsize(code))
        return list(struct.unpack(f"<{count}{code}", raw)) if wanted else None

    def _text_list(self, count: int, wanted: bool) -> list[str] | None:
        self._texts += count
        if self._texts > _MAX_TEXTS:
            raise _Malformed(f"it holds more than {_MAX_TEXTS:,} texts in lists")
        if wanted:
            return [self._text(_MAX_TEXT_BYTES) for _ in range(count)]
        # Tokenizers have half a million of them: skipping must be fast.
        data, position, length_at = self._data, self._position, struct.Struct("<Q").unpack_from
        for _ in range(count):
            if position + 8 > len(data):
                self._fill(position + 8)
            position += 8 + length_at(data, position)[0]
            if position > self._size:
                raise _Malformed("it is cut short within its header; download it again")
        self._fill(position)
        self._position = position
        return None

    def _text(self, limit: int) -> str:
        length = self._number("Q")
        if length > limit:
            raise _Malformed(f"it holds a text of {length:,} bytes")
        return self._bytes(length).decode()

    def _number(self, code: str) -> Any:  # noqa: ANN401  (int, float or bool, after its code)
        return struct.unpack(f"<{code}", self._bytes(struct.calcsize(f"<{code}")))[0]

    def _bytes(self, count: int) -> bytes:
        start = self._position
        self._position += count
        self._fill(self._position)
        return bytes(self._data[start : self._position])

    def _fill(self, end: int) -> None:
        """Have the first ``end`` bytes of the file in memory."""
        if end > self._size:
            raise _Malformed("it is cut short within its header; download it again")
        if end > _MAX_HEADER_BYTES:
            raise _Malformed(f"its header is larger than {_MAX_HEADER_BYTES:,} bytes")
        while len(self._data) < end:
            part = self._file.read(max(_PART, end - len(self._data)))
            if not part:
                raise _Malformed("it is cut short within its header; download it again")
            self._data += part
