"""Writing that leaves either the old or the new behind, and locks that die with their process."""

import errno
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tokensim_gui.core.errors import FileError

_WINDOWS_PATIENCE_S = 2.5
_LOCK_PATIENCE_S = 10.0


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the content of ``path`` so that a reader, or a crash, meets the old or the new.

    The folder is created if missing.

    Raises:
        FileError: Nothing could be written; the old file is as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns():x}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise write_failure(path.parent, error) from error


def append(path: Path, data: bytes) -> None:
    """Write ``data`` behind the content of ``path``; not atomic.

    Raises:
        FileError: It can't be written.
    """
    try:
        with path.open("ab") as file:
            file.write(data)
    except OSError as error:
        raise write_failure(path.parent, error, len(data)) from error


def replace(source: Path, target: Path) -> None:
    """Move ``source`` over ``target``; on Windows wait for a virus scanner to let go of it.

    Raises:
        OSError: It could not be moved.
    """
    deadline = time.monotonic() + _WINDOWS_PATIENCE_S
    while True:
        try:
            source.replace(target)
            return
        except OSError as error:
            # Access denied, sharing violation, lock violation.
            if getattr(error, "winerror", None) not in (5, 32, 33) or time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def sync_folder(folder: Path) -> None:
    """Make names created in ``folder`` survive a power cut (where the system offers it).

    Raises:
        OSError: The folder can't be opened or synchronised.
    """
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_space(folder: Path, needed: int) -> None:
    """Refuse work for which the disk of ``folder`` (which need not exist) has no room.

    Args:
        folder: Where will be written.
        needed: Bytes that will be written.

    Raises:
        FileError: Less than ``needed`` bytes and a reserve of 16 MB are free.
    """
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    try:
        free = shutil.disk_usage(existing).free
    except OSError as error:
        raise write_failure(folder, error) from error
    if free < needed + 16_000_000:
        raise FileError(
            f"The disk of {folder} has {_megabytes(free)} free and {_megabytes(needed)} are "
            "needed. Make room and try again."
        )


def is_full(error: OSError) -> bool:
    """Tell whether a disk, or a quota on it, had no room left."""
    return error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def write_failure(folder: Path, error: OSError, needed: int = 0) -> FileError:
    """Return the sentence for a failed attempt to write ``needed`` bytes below ``folder``."""
    if is_full(error):
        size = f" {_megabytes(needed)} are needed." if needed else ""
        return FileError(f"The disk of {folder} is full.{size} Make room and try again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return FileError(f"{folder} can't be written to. Allow it, or choose another folder.")
    return FileError(f"{folder} can't be written to: {error.strerror or error}.")


@contextmanager
def exclusive_lock(path: Path, patience_s: float = _LOCK_PATIENCE_S) -> Iterator[None]:
    """Be the only one, of all threads and processes, inside this context for ``path``.

    The lock belongs to the open file, so that it vanishes with its process. The file stays.

    Raises:
        FileError: The file can't be written, or another keeps the lock for over ``patience_s``.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        raise write_failure(path.parent, error) from error
    with file:
        deadline = time.monotonic() + patience_s
        while not _lock(file, shared=False):
            if time.monotonic() > deadline:
                raise FileError(f"{path} is kept busy by another TokenSim. Close it and try again.")
            time.sleep(0.01)
        yield


class Hold:
    """Marks a folder as being used, by this process, until `close` or the process ends.

    Any number of holds may exist on one folder; `is_held` tells of them in every process.
    """

    def __init__(self, folder: Path) -> None:
        """Hold ``folder``, which exists.

        Raises:
            OSError: The mark can't be opened.
        """
        mark = folder / _MARK
        try:
            self._file: BinaryIO = mark.open("rb")  # also where nothing may be written
        except FileNotFoundError:
            self._file = mark.open("ab")
        _lock(self._file, shared=True)

    def close(self) -> None:
        """Let go of the folder."""
        self._file.close()

    def __enter__(self) -> "Hold":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_MARK = ".in-use"


def is_held(folder: Path) -> bool:
    """Tell whether anyone holds ``folder``."""
    mark = folder / _MARK
    try:
        if sys.platform == "win32":
            # An open file can't be deleted there: that is the shared lock.
            mark.unlink()
            return False
        with mark.open("rb") as file:
            return not _lock(file, shared=False)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO, *, shared: bool) -> bool:
        if shared:
            return True  # being open is the lock, see is_held
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: BinaryIO, *, shared: bool) -> bool:
        """Take the lock of an open file; an exclusive one without waiting: tell if it was free."""
        try:
            fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return False
            raise
        return True


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
