"""The geometry of the map: from coordinates to pixels, and where labels find room."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPolygonF

from tokensim_gui.ui import theme

_MARGINS = (70.0, 64.0, 70.0, 52.0)  # pixels: left, top (the buttons), right, bottom (words)
_NARROWEST = 6  # a margin takes no more than such a part of the picture
_MAX_STRETCH = 1.25
_GAP = 3.0
_CLEARLY = 0.5  # pixels: points in the same place are told apart by no label

Points = NDArray[np.float64]


def fitted(coords: NDArray[np.float32], size: QSizeF) -> QRectF:
    """The part of the plane that shows all of ``coords`` [n ≥ 1, 2], with room for labels.

    Its top is the lowest coordinate: they grow upwards. One axis may be stretched against the
    other, so that labels find room: by a bounded factor, because distances are what the picture
    is about.
    """
    (low_x, low_y), (high_x, high_y) = corners(coords).tolist()
    width, height = max(size.width(), 1.0), max(size.height(), 1.0)
    grown = theme.px(100) / 100
    left, top, right, bottom = (
        min(margin * grown, whole / _NARROWEST)
        for margin, whole in zip(_MARGINS, (width, height, width, height), strict=True)
    )
    across = _pixels_each(high_x - low_x, width - left - right)
    up = _pixels_each(high_y - low_y, height - top - bottom)
    least = min(across, up)
    most = least * _MAX_STRETCH if math.isfinite(least) else 1.0
    across, up = min(across, most), min(up, most)
    middle_x = (low_x + high_x) / 2 + (right - left) / 2 / across
    middle_y = (low_y + high_y) / 2 + (top - bottom) / 2 / up
    shown = QRectF(0, 0, width / across, height / up)
    shown.moveCenter(QPointF(middle_x, middle_y))
    return shown


def _pixels_each(extent: float, room: float) -> float:
    """How many pixels there are for each unit of an axis; infinite without an extent."""
    return max(room, 1.0) / extent if extent > 0 else math.inf


def to_pixels(coords: NDArray[np.float32], shown: QRectF, size: QSizeF) -> Points:
    """Pixel positions, float64 [n, 2], of coordinates [n, 2] when ``shown`` fills ``size``."""
    scale = np.array((size.width() / shown.width(), -size.height() / shown.height()))
    pixels: Points = (coords - np.array((shown.left(), shown.bottom()))) * scale
    return pixels


def reaching(points: NDArray[np.float32], shown: QRectF, rim: tuple[float, float]) -> QRectF:
    """``shown`` shifted as little as lets the box round ``points`` touch it inside its ``rim``."""
    low, high = points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)
    edge = np.array(rim)
    near = np.array((shown.left(), shown.top())) + edge
    far = np.array((shown.right(), shown.bottom())) - edge
    shift = np.clip(0.0, low - far, high - near)
    return shown.translated(*shift.tolist())


def are_within(
    shape: QPolygonF, x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Which of the pixels [n] lie in a shape, bool [n]: an odd number of its sides is passed."""
    inside = np.zeros(len(x), bool)
    corners = [(point.x(), point.y()) for point in shape.toList()]
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        if y0 != y1:
            inside ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return inside


@dataclass(frozen=True, slots=True)
class Wish:
    """A label that wants a place.

    Attributes:
        point: The point it names.
        width: Pixels.
        height: Pixels.
        may_cover: Up to what sum of radii it may lie on other points, in pixels.
    """

    point: int
    width: float
    height: float
    may_cover: float


def place_labels(
    wishes: Sequence[Wish],
    pixels: Points,
    radii: NDArray[np.float64],
    marks: Sequence[int],
    bounds: QRectF,
    dots: NDArray[np.float64] | None = None,
) -> dict[int, QRectF]:
    """Find a place beside its point for every label that has room.

    Tried are right, left, above and below, then the corners between. A label never overlaps
    another label, a mark or the rim, and no point beside it is nearer than its own. Among the
    places left it takes the one that covers the fewest points; labels that would cover too much
    are left out.

    Args:
        wishes: Labels, the most important first.
        pixels: float64 [n, 2], where the points are.
        radii: float64 [n], how far from them labels begin.
        marks: Points that no label may cover (the query and its tokens).
        bounds: The canvas.
        dots: float64 [n], how large the points are drawn, if not as far as ``radii``.

    Returns:
        The rectangle of each placed label by the index of its point.
    """
    if not wishes:
        return {}
    points = np.array([wish.point for wish in wishes])
    size = np.array([(wish.width, wish.height) for wish in wishes])
    boxes = _places(pixels[points], radii[points], size)
    covered = _costs(boxes, points, pixels, radii, marks, radii if dots is None else dots)
    left, top, right, bottom = boxes
    inside = (left >= bounds.left()) & (top >= bounds.top())
    inside &= (right <= bounds.right()) & (bottom <= bounds.bottom())
    covered[~inside] = np.inf
    placed: dict[int, QRectF] = {}
    for number, wish in enumerate(wishes):
        costs = covered[number]
        best = int(costs.argmin())
        if costs[best] <= wish.may_cover:
            x0, y0, x1, y1 = boxes[:, number, best].tolist()
            placed[wish.point] = QRectF(x0, y0, x1 - x0, y1 - y0)
            covered[(left < x1) & (right > x0) & (top < y1) & (bottom > y0)] = np.inf
    return placed


def _places(anchors: Points, radii: NDArray[np.float64], size: Points) -> Points:
    """Boxes round each anchor: their left, top, right, bottom, float64 [4, n, 8 places]."""
    away = (radii + _GAP)[:, None]
    near = away * np.sqrt(0.5)  # at a corner the same distance from the point
    width, height = size[:, :1], size[:, 1:]
    x, y = anchors[:, :1], anchors[:, 1:]
    right, left, middle = x + away, x - away - width, x - width / 2
    above, below, level = y - away - height, y + away, y - height / 2
    right_corner, left_corner = x + near, x - near - width
    upper, lower = y - near - height, y + near
    lefts = np.hstack(
        (right, left, middle, middle, right_corner, left_corner, right_corner, left_corner)
    )
    tops = np.hstack((level, level, above, below, upper, upper, lower, lower))
    return np.stack((lefts, tops, lefts + width, tops + height))


def _costs(
    boxes: Points,
    points: NDArray[np.int_],
    pixels: Points,
    radii: NDArray[np.float64],
    marks: Sequence[int],
    dots: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Sum [n, 8] of the radii of the points that a box covers; infinite where it misleads.

    It does over a mark, and where a point beside it is nearer than its own and would seem named.
    """
    cost = radii.copy()
    cost[list(marks)] = np.inf
    own = _away(boxes, pixels[points]) - dots[points, None] - _CLEARLY  # [n, 8]
    # Of the many points only those count that are near to a label's places.
    reach = max(float(radii.max()), float((own.max() + dots).max()))
    left, top, right, bottom = boxes
    x, y = pixels.T
    near = (x >= left.min(axis=1)[:, None] - reach) & (x <= right.max(axis=1)[:, None] + reach)
    near &= (y >= top.min(axis=1)[:, None] - reach) & (y <= bottom.max(axis=1)[:, None] + reach)
    near[np.arange(len(points)), points] = False
    labels, others = np.nonzero(near)
    total = np.zeros(own.shape)
    if len(labels):
        away = _away(boxes[:, labels], pixels[others])  # [pairs, 8]
        # What lies under the label counts as covered; only what looks out from under it misleads.
        misleads = (away >= 0) & (away - dots[others, None] < own[labels])
        each = np.where(away < radii[others, None], cost[others, None], 0.0)
        each[misleads] = np.inf
        first = np.flatnonzero(np.diff(labels, prepend=-1))
        total[labels[first]] = np.add.reduceat(each, first)
    return total


def _away(boxes: Points, pixels: Points) -> NDArray[np.float64]:
    """How far boxes [4, n, 8] are from points [n, 2] along the farther axis; below 0 inside."""
    left, top, right, bottom = boxes
    x, y = pixels[:, :1], pixels[:, 1:]
    across, up = np.maximum(left - x, x - right), np.maximum(top - y, y - bottom)
    away: NDArray[np.float64] = np.maximum(across, up)
    return away


def corners(coords: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lowest and the highest coordinates, float32 [2, 2]."""
    x, y = coords.T  # axis by axis: several times as fast
    return np.array(((x.min(), y.min()), (x.max(), y.max())), np.float32)
