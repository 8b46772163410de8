"""The landscape of a table on disk: a place for every token."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.files import atomic

NAME = "landscape.npz"
_STEPS = 65_534  # of a 16-bit place along an axis; one more stands for none
_MAX_BYTES = 16_000_000
_HEADERS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """Where every token of a table lies in the plane.

    Attributes:
        coords: float32 [rows, 2] from 0 to 1, whole steps of 1 / 65534; NaN without a vector.
        kept: Mean share of each distinct vector's 10 nearest that are its 10 nearest here.
    """

    coords: NDArray[np.float32]
    kept: float = float("nan")

    @staticmethod
    def of(coords: NDArray[np.float32]) -> "Landscape":
        """Fit places [rows, 2] into the unit square, both axes in one scale."""
        low, high = np.nanmin(coords, axis=0), np.nanmax(coords, axis=0)
        steps = np.round((coords - low) / float((high - low).max()) * _STEPS)
        return Landscape((steps / _STEPS).astype(np.float32))


def save_landscape(folder: Path, landscape: Landscape) -> None:
    """Write a landscape beside its table, atomically.

    Raises:
        FileError: It can't be written.
    """
    steps = np.nan_to_num(landscape.coords * _STEPS, nan=_STEPS + 1)
    buffer = io.BytesIO()
    # Differences to the token before would not compress better: a place says little of the next.
    np.savez_compressed(buffer, steps=np.round(steps).astype(np.uint16), kept=landscape.kept)
    atomic.write_atomically(folder / NAME, buffer.getvalue())


def load_landscape(folder: Path, rows: int) -> Landscape | None:
    """Read what `save_landscape` wrote; None where there is none that fits a table of ``rows``."""
    path = folder / NAME
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        data = io.BytesIO(path.read_bytes())
        with zipfile.ZipFile(data) as packed:
            if sum(member.file_size for member in packed.infolist()) > 4 * rows + _HEADERS:
                return None
        with np.load(data, allow_pickle=False) as file:
            steps, kept = file["steps"], float(file["kept"])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError):
        return None
    if steps.dtype != np.uint16 or steps.shape != (rows, 2) or not 0 <= kept <= 1:
        return None
    coords = steps.astype(np.float32) / _STEPS
    coords[(steps > _STEPS).any(axis=1)] = np.nan
    return Landscape(coords, kept)
