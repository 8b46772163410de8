"""The array of a NumPy file.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
"""

from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from tokensim_gui.core.checkpoints.entries import TensorEntry, stamp_of, unreadable
from tokensim_gui.core.errors import FileError

START = b"\x93NUMPY"
_DTYPES = {"<f2": "F16", "<f4": "F32", "<f8": "F64"}
_MAX_HEADER = 10_000


def entries(path: Path) -> list[TensorEntry]:
    """Return the array of an .npy file, in a list; of its header nothing is run.

    Raises:
        FileError: The file can't be read, or is not well-formed.
    """
    size = stamp_of(path).size
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = (
                np.lib.format.read_array_header_1_0
                if version == (1, 0)
                else np.lib.format.read_array_header_2_0
            )
            shape, is_column_major, dtype = read(file, max_header_size=_MAX_HEADER)
            start = file.tell()
    except OSError as error:
        raise unreadable(path, error) from error
    except Exception as error:  # whatever NumPy's parser makes of a stranger's header
        raise FileError(f"{path.name} is not a sound NumPy file. Save it again.") from error
    shape = tuple(int(size) for size in shape)
    if any(size < 0 for size in shape):
        raise FileError(f"{path.name} is not a sound NumPy file. Save it again.")
    name = _DTYPES.get(dtype.str) or _described(dtype)
    if dtype.kind in "OVUSmM":
        raise FileError(
            f"{path.name} holds {name}, not numbers. Save its vectors as one array of float32, "
            "with np.stack."
        )
    if is_column_major and sum(size > 1 for size in shape) > 1:
        name = f"{name}, column by column"
    nbytes = prod(shape) * dtype.itemsize
    if start + nbytes > size:
        raise FileError(f"{path.name} is cut short. Download it again.")
    return [TensorEntry("", name, shape, path, start, nbytes)]


def _described(dtype: np.dtype[Any]) -> str:
    if dtype.hasobject:
        return "Python objects"
    if dtype.kind in "US":
        return "texts"
    if dtype.names:
        return "records"
    if dtype.kind == "V":  # so NumPy keeps what it has no name for, as bfloat16
        return f"{dtype.itemsize} bytes of an unnamed format in each place"
    return f"{'big-endian ' if dtype.byteorder == '>' else ''}{dtype.name}"
