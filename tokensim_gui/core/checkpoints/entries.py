"""What every reader lists, and reading bytes out of a file that may change meanwhile."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, NamedTuple

from tokensim_gui.core.errors import FileError


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """One tensor of a checkpoint, found without reading it.

    Attributes:
        name: Its key in the checkpoint.
        dtype: A name as in safetensors (``F16``), or as in GGUF (``Q8_0``); any other text
            describes a tensor that can't be read.
        shape: Rows first.
        path: The file that holds it.
        offset: First byte, counted from the start of the file; -1 if it was not looked up.
        nbytes: Size as stored.
        rows_at: Where the rows do not follow each other, the first byte of each; else empty.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    path: Path
    offset: int
    nbytes: int
    rows_at: tuple[int, ...] = field(default=(), repr=False)


class NoTable(FileError):
    """Says of a file that no token table is in it; in a folder such files are passed over."""


class Stamp(NamedTuple):
    """Tells whether a file is still the one that was looked at."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, info: os.stat_result) -> "Stamp":
        """Return the stamp of a file whose state is ``info``."""
        return cls(info.st_size, info.st_mtime_ns, info.st_ino)


def stamp_of(path: Path) -> Stamp:
    """Return the stamp of a regular file.

    Raises:
        FileError: There is no such file, or it is a folder, pipe or device.
    """
    try:
        info = path.stat()
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if not S_ISREG(info.st_mode):
        raise FileError(f"{path.name} is not a file. Choose a checkpoint, or its folder.")
    return Stamp.of(info)


def check_unchanged(path: Path, now: Stamp, before: Stamp) -> None:
    """Raise FileError if the file at ``path`` has another stamp than before."""
    if now != before:
        raise FileError(f"{path.name} changed while it was read. Open it once it is complete.")


def read_exactly(file: BinaryIO, path: Path, offset: int, nbytes: int) -> bytes:
    """Return ``nbytes`` bytes from ``offset``.

    Raises:
        ValueError: The offset is that of a tensor which was not looked up.
        FileError: The file ends before, or the disk does not give them.
    """
    if offset < 0:
        raise ValueError(f"a tensor of {path.name} was not looked up")
    parts = []
    try:
        file.seek(offset)
        while nbytes:
            part = file.read(nbytes)
            if not part:
                raise FileError(f"{path.name} is cut short. Download it again.")
            parts.append(part)
            nbytes -= len(part)
    except OSError as error:
        raise unreadable(path, error) from error
    return b"".join(parts)


def unreadable(path: Path, error: Exception) -> FileError:
    """Return the sentence for a file that the system does not give."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return FileError(f"{path.name} can't be read: {reason}.")
