"""Many thousand points as a picture: a density, or small squares, rastered with numpy."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

_FINE_GAMMA, _FINE_SHARE = 0.6, 0.50
_COARSE, _COARSE_GAMMA, _COARSE_SHARE = 8, 0.7, 0.34  # the second in cells of 8 pixels
_BRIGHT = 0.997  # the share of the cells with points that is not at its brightest

_BLURS = 2

Pixels = tuple[NDArray[np.float32], NDArray[np.float32]]
Counts = NDArray[np.uint16]


def paint_density(painter: QPainter, pixels: Pixels, size: tuple[int, int], colour: QColor) -> None:
    """Paint how many points lie where, in shades of one colour.

    Args:
        painter: Painted on from (0, 0).
        pixels: Columns and rows where the points are, float32 [n] each; those outside do not count.
        size: Width and height in pixels.
        colour: Where points are densest.
    """
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    area = QRectF(0, 0, *size)
    for cell, gamma, share in (
        (_COARSE, _COARSE_GAMMA, _COARSE_SHARE),
        (1, _FINE_GAMMA, _FINE_SHARE),
    ):
        counts = _counts(pixels, size, cell)
        for _ in range(_BLURS):
            counts = _blurred(counts)
        sample = counts[::3, ::3]
        some = sample[sample > 0]
        if len(some):
            steps = np.minimum(counts, np.uint16(np.quantile(some, _BRIGHT)))
            steps = (steps * np.float32(255 / steps.max())).astype(np.uint8)
            _paint_shades(painter, area, steps, colour, gamma, share)


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


def _counts(pixels: Pixels, size: tuple[int, int], cell: int) -> Counts:
    width, height = (-(-side // cell) for side in size)
    columns, rows = (places / np.float32(cell) if cell > 1 else places for places in pixels)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    at = rows[inside].astype(np.int32) * width + columns[inside].astype(np.int32)
    counts = np.bincount(at, minlength=width * height)
    return np.minimum(counts, 255).astype(np.uint16).reshape(height, width)


def _blurred(counts: Counts) -> Counts:
    """Mix each cell with its neighbours, 1-2-1 in either direction; sums grow by a factor of 16."""
    mixed = counts * np.uint16(2)
    mixed[1:] += counts[:-1]
    mixed[:-1] += counts[1:]
    twice = mixed * np.uint16(2)
    twice[:, 1:] += mixed[:, :-1]
    twice[:, :-1] += mixed[:, 1:]
    return twice


def _paint_shades(
    painter: QPainter,
    area: QRectF,
    steps: NDArray[np.uint8],
    colour: QColor,
    gamma: float,
    share: float,
) -> None:
    """Paint steps from none to all of ``share`` of a colour."""
    height, width = steps.shape
    padded = np.zeros((height, -(-width // 4) * 4), np.uint8)
    padded[:, :width] = steps
    image = QImage(padded.data, width, height, padded.shape[1], QImage.Format.Format_Indexed8)
    alphas = (np.arange(256) / 255) ** gamma * share * 255
    rgb = colour.rgb() & 0xFFFFFF
    image.setColorTable([round(alpha) << 24 | rgb for alpha in alphas.tolist()])
    painter.drawImage(area, image)
