"""Many thousand points as a picture: a density, or small squares, rastered with numpy."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPainter

_FINE_GAMMA, _FINE_SHARE = 0.7, 0.6
_COARSE, _COARSE_SHARE = 8, 0.8  # the wide layer, in cells of 8 pixels
_AROUND, _LOWERED = 3, 0.85  # of the mean of so many cells around as much is sea
_HIGH = 0.97  # the share of the cells with land that is not at its highest
_BRIGHT = 0.997  # the share of the cells with points that is not at its brightest
_SAMPLE = 4  # that quantile is of every fourth cell along either axis
_MOST = 255  # counted in a cell: two blurs multiply it by 256
_BLURS = 2

Pixels = tuple[NDArray[np.float32], NDArray[np.float32]]
Counts = NDArray[np.uint16]


def paint_density(painter: QPainter, pixels: Pixels, size: tuple[int, int], colour: QColor) -> None:
    """Paint how many points lie where, in shades of one colour.

    Each point is seen, and under them what lies denser than all around it, like land in a sea:
    by plain density the middle of a map would be one land, and its rim none.

    Args:
        painter: Painted on from (0, 0).
        pixels: Columns and rows where the points are, float32 [n] each; those outside do not count.
        size: Width and height in pixels.
        colour: Where points are densest.
    """
    width, height = size
    sheet = _sheet(size)
    counts = sheet.count(pixels)
    # Which opacity lies over which: one look-up for both layers and the colour.
    both = _enlarged(_land(_summed(counts)))[:height, :width] * np.uint16(256)
    both |= sheet.steps()
    np.take(_shades(colour.rgb()), both, out=sheet.image, mode="clip")
    kind = QImage.Format.Format_ARGB32_Premultiplied
    painter.drawImage(0, 0, QImage(sheet.image.data, width, height, 4 * width, kind))


def paint_squares(
    painter: QPainter,
    pixels: Pixels,
    size: tuple[int, int],
    colours: NDArray[np.uint32],
    reach: int,
) -> None:
    """Paint each point as a square of ``2 * reach + 1`` pixels; the last ones lie on top.

    Args:
        painter: Painted on from (0, 0).
        pixels: Columns and rows, float32 [n] each.
        size: Width and height in pixels.
        colours: uint32 [n], 0xAARRGGBB, premultiplied.
        reach: How far a square reaches from its middle.
    """
    width, height = size
    columns, rows = (places.astype(np.int32) for places in pixels)
    inside = (
        (columns >= reach) & (columns < width - reach) & (rows >= reach) & (rows < height - reach)
    )
    at = rows[inside] * width + columns[inside]
    image = np.zeros(width * height, np.uint32)
    shades = colours[inside]
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            image[at + (down * width + right)] = shades
    kind = QImage.Format.Format_ARGB32_Premultiplied
    painter.drawImage(0, 0, QImage(image.data, width, height, 4 * width, kind))


class _Sheet:
    """Counts of points in cells.

    Its arrays serve one frame after the other: new ones cost more than what is done with them.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._rimmed = np.zeros((height + 2, width + 2), np.uint16)
        self.cells = self._rimmed[1:-1, 1:-1]
        self._mixed, self._more = (np.empty((height, width), np.uint16) for _ in range(2))
        self._steps = np.empty((height, width), np.uint8)
        self.image = np.empty((height, width), np.uint32)

    def count(self, pixels: Pixels) -> Counts:
        """Count the points in each pixel, up to `_MOST`; returns the cells."""
        # The rim takes what lies outside: quicker than choosing what lies inside.
        columns, rows = (
            (np.clip(places, -1, side) + np.float32(1)).astype(np.intp)
            for places, side in zip(pixels, self._size, strict=True)
        )
        rows *= self._size[0] + 2
        rows += columns
        self._rimmed.fill(0)
        np.add.at(self._rimmed.reshape(-1), rows, np.uint16(1))
        return np.minimum(self.cells, _MOST, out=self.cells)

    def steps(self) -> NDArray[np.uint8]:
        """The cells, blurred, in steps from none to the brightest, 255."""
        cells = self.blurred()
        sample = cells[::_SAMPLE, ::_SAMPLE]
        some = sample[sample > 0]
        most = np.uint16(np.quantile(some, _BRIGHT)) if len(some) else np.uint16(1)
        np.minimum(cells, most, out=self._mixed)
        scale = np.float32(255 / most)
        np.multiply(self._mixed, scale, out=self._steps, casting="unsafe")
        return self._steps

    def blurred(self) -> Counts:
        """The cells, each mixed with those around it; 16 times as many for each blur."""
        cells = self.cells
        for _ in range(_BLURS):
            cells = self._blurred(cells)
        return cells

    def _blurred(self, cells: Counts) -> Counts:
        """Mix each cell with its neighbours, 1-2-1 along either axis: a sum of 16."""
        mixed, more = self._mixed, self._more
        np.multiply(cells, np.uint16(2), out=mixed)
        mixed[1:] += cells[:-1]
        mixed[:-1] += cells[1:]
        np.multiply(mixed, np.uint16(2), out=more)
        more[:, 1:] += mixed[:, :-1]
        more[:, :-1] += mixed[:, 1:]
        return more


@lru_cache(maxsize=2)
def _sheet(size: tuple[int, int]) -> _Sheet:
    return _Sheet(*size)


def _sheet_of(cells: Counts) -> _Sheet:
    """A sheet with these cells."""
    height, width = cells.shape
    sheet = _Sheet(width, height)
    sheet.cells[:] = cells
    return sheet


def _summed(counts: Counts) -> Counts:
    """The sums of squares of `_COARSE` pixels, at most `_MOST`."""
    height, width = (-(-side // _COARSE) for side in counts.shape)
    padded = np.zeros((height * _COARSE, width * _COARSE), np.uint16)
    padded[: counts.shape[0], : counts.shape[1]] = counts
    rows = padded.reshape(height, _COARSE, -1).sum(axis=1, dtype=np.uint16)
    sums = rows.reshape(height, width, _COARSE).sum(axis=2, dtype=np.uint32)
    capped: Counts = np.minimum(sums, _MOST).astype(np.uint16)
    return capped


def _land(counts: Counts) -> Counts:
    """Opacities of the wide layer, to ``_COARSE_SHARE`` of 255: what rises over the mean around."""
    dense = _sheet_of(counts).blurred().astype(np.float32)
    around = dense
    for axis in (0, 1, 0, 1):
        around = _mean(around, axis)
    land = np.maximum(dense - np.float32(_LOWERED) * around, 0)
    some = land[land > 0]
    peak = np.float32(np.quantile(some, _HIGH)) if len(some) else np.float32(1)
    land = np.minimum(land / peak, 1) * np.float32(_COARSE_SHARE * 255)
    opacities: Counts = np.round(land).astype(np.uint16)
    return opacities


def _mean(cells: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """The mean of each cell and `_AROUND` cells on either side along an axis."""
    wide = 2 * _AROUND + 1
    rims = [(0, 0), (0, 0)]
    rims[axis] = (_AROUND + 1, _AROUND)
    sums = np.pad(cells, rims, mode="edge").cumsum(axis=axis)
    first, last = (
        sums[part] if axis == 0 else sums[:, part] for part in (slice(-wide), slice(wide, None))
    )
    means: NDArray[np.float32] = (last - first) / np.float32(wide)
    return means


@lru_cache
def _opacities(gamma: float, share: float) -> Counts:
    """By step the opacity, uint16 [256] from 0 to ``share`` of 255."""
    opacities: Counts = np.round((np.arange(256) / 255) ** gamma * share * 255).astype(np.uint16)
    return opacities


@lru_cache(maxsize=4)
def _shades(rgb: int) -> NDArray[np.uint32]:
    """A colour, uint32 premultiplied, by the opacity of the wide layer · 256 + the fine step."""
    below = np.arange(int(_COARSE_SHARE * 255) + 2)[:, None] / 255
    fine = _opacities(_FINE_GAMMA, _FINE_SHARE) / 255
    opacity = below + fine - below * fine
    shades: NDArray[np.uint32] = np.zeros(opacity.size, np.uint32)
    for shift in (24, 16, 8, 0):
        whole = 255 if shift == 24 else rgb >> shift & 0xFF
        shades |= np.round(opacity.ravel() * whole).astype(np.uint32) << np.uint32(shift)
    return shades


def _enlarged(cells: Counts) -> Counts:
    """Cells as pixels, `_COARSE` times as many along each axis, linear between their middles."""
    scale = np.uint16(16)  # keeps the fractions: 255 · 16 · 16 still fits 16 bits
    image: Counts = np.pad(cells * scale, 1, mode="edge")
    for axis in range(2):
        ends = [range(image.shape[axis] - 1), range(1, image.shape[axis])]
        before, after = (image.take(end, axis) for end in ends)
        between: list[Counts] = []
        for step in range(_COARSE):
            near, far = np.uint16(2 * _COARSE - 1 - 2 * step), np.uint16(1 + 2 * step)
            between.append((before * near + after * far) // np.uint16(2 * _COARSE))
        rows, columns = between[0].shape
        shape = (rows * _COARSE, columns) if axis == 0 else (rows, columns * _COARSE)
        image = np.stack(between, axis + 1).reshape(shape)
    half = _COARSE // 2
    return image[half:-half, half:-half] // scale
