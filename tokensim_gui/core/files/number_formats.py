"""The number formats in which token vectors are stored, decoded without torch."""

import numpy as np
from numpy.typing import NDArray

ITEM_BYTES = {"F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I8": 1}


def decode(data: NDArray[np.uint8], dtype: str) -> NDArray[np.float32]:
    """Return the values of ``data`` as float32, which holds every one of these formats exactly.

    Args:
        data: Bytes, little-endian; the last axis is a whole number of items.
        dtype: One of `ITEM_BYTES`.
    """
    if dtype == "F32":
        return data.view(np.float32)
    if dtype == "F16":
        return data.view(np.float16).astype(np.float32)
    if dtype == "BF16":
        # The upper half of a float32.
        return (data.view(np.uint16).astype(np.uint32) << np.uint32(16)).view(np.float32)
    if dtype == "I8":
        return data.view(np.int8).astype(np.float32)
    return _FLOAT8[dtype][data]


def _float8_e4m3() -> NDArray[np.float32]:
    """Return the 256 values of e4m3fn: no infinity, NaN at 7F and FF (arXiv:2209.05433)."""
    code = np.arange(256)
    exponent, mantissa = (code >> 3) & 15, code & 7
    size: NDArray[np.float64] = np.where(
        exponent == 0, np.ldexp(mantissa, -9), np.ldexp(1 + mantissa / 8, exponent - 7)
    )
    size[(code & 127) == 127] = np.nan
    size[128:] *= -1
    return size.astype(np.float32)


def _float8_e5m2() -> NDArray[np.float32]:
    """Return the 256 values of e5m2, which is the upper half of a float16."""
    return (np.arange(256, dtype=np.uint16) << np.uint16(8)).view(np.float16).astype(np.float32)


_FLOAT8 = {"F8_E4M3": _float8_e4m3(), "F8_E5M2": _float8_e5m2()}
