"""Opening what others name: files that end, and no pipe or device, for which one waits for ever."""

import errno
import os
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO

# Without it, opening a pipe waits for somebody to write; Windows has no pipes among its files.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Path) -> BinaryIO:
    """Open a file to read its bytes.

    Raises:
        OSError: It can't be opened, its name can't be that of a file, or it is no regular file.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError as error:  # a name with a NUL
        raise OSError(errno.EINVAL, "no file has such a name") from error
    mode = os.fstat(descriptor).st_mode
    if not S_ISREG(mode):
        os.close(descriptor)
        if S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        raise OSError(errno.EINVAL, "it is a pipe or a device, and no file")
    return open(descriptor, "rb")


def read_regular(path: Path, most: int) -> bytes:
    """Return the content of a file of at most ``most`` bytes.

    Raises:
        OSError: As `open_regular`, or the file is larger.
    """
    with open_regular(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, "it is too large")
    return data
