"""Many short strings in one UTF-8 blob: cheap to load, to keep and to pick from."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.values import IntArray

_CONTINUATION: Final = 0x80  # the two highest bits of a byte that begins no character


class Strings:
    """A read-only list of strings.

    Attributes:
        blob: uint8, the strings one after the other in UTF-8.
        offsets: int32 [n + 1]; string ``i`` is ``blob[offsets[i]:offsets[i + 1]]``.
    """

    __slots__ = ("_bytes", "_ends", "blob", "offsets")

    def __init__(self, blob: NDArray[np.uint8], offsets: IntArray) -> None:
        """Wrap arrays out of `pack` or out of a file.

        Raises:
            ValueError: The arrays do not describe strings.
        """
        if (
            blob.ndim != 1
            or offsets.ndim != 1
            or blob.dtype != np.uint8
            or offsets.dtype != np.int32
            or offsets.size == 0
            or offsets[0] != 0
            or offsets[-1] != blob.size
            or bool(np.any(offsets[1:] < offsets[:-1]))
        ):
            raise ValueError("offsets do not fit the blob")
        starts = offsets[offsets < blob.size]
        if bool(np.any(blob[starts] & 0xC0 == _CONTINUATION)):
            raise ValueError("an offset cuts a character")
        data = blob.tobytes()
        data.decode("utf-8")  # a UnicodeDecodeError is a ValueError
        self._bytes = data
        self._ends = offsets.data  # gives Python's integers, in half of numpy's time
        self.blob = blob
        self.offsets = offsets

    @classmethod
    def pack(cls, strings: Iterable[str]) -> "Strings":
        """Put ``strings`` into one blob."""
        encoded = [string.encode("utf-8") for string in strings]
        offsets = np.zeros(len(encoded) + 1, np.int32)
        np.cumsum([len(item) for item in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def __len__(self) -> int:
        return self.offsets.size - 1

    def __getitem__(self, index: int) -> str:
        return self.bytes_at(index).decode("utf-8")

    def bytes_at(self, index: int) -> bytes:
        """String ``index`` in UTF-8.

        Raises:
            IndexError: There is no such string; negative indices are none.
        """
        if index < 0:
            raise IndexError(index)
        return self._bytes[self._ends[index] : self._ends[index + 1]]

    def joined(self) -> str:
        """All strings, with a line break between each two."""
        rows = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        lines = np.full(self.blob.size + max(0, len(self) - 1), ord("\n"), np.uint8)
        lines[np.arange(self.blob.size) + rows] = self.blob
        return lines.tobytes().decode("utf-8")
