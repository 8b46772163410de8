"""The geometry of the map: from coordinates to pixels, and where labels find room."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

_MARGIN_X, _MARGIN_Y = 56.0, 20.0
_MAX_ZOOM, _MIN_ZOOM = 40.0, 0.5
_MAX_STRETCH = 1.8
_GAP = 3.0
_CLEARLY = 0.5  # pixels: points in the same place are told apart by no label

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Viewport:
    """A picture's place on the canvas.

    Attributes:
        scale: Pixels per unit of height.
        x: Pixel column of the coordinate origin.
        y: Pixel row of the coordinate origin; coordinates grow upwards.
        fitted_scale: The scale at which everything fits, to which zoom is bounded.
        stretch: How much wider than high a unit is drawn, so that labels find room in a wide
            panel: bounded, because distances are what the picture is about.
    """

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0
    fitted_scale: float = 1.0
    stretch: float = 1.0

    @staticmethod
    def fit(coords: NDArray[np.float32], width: float, height: float) -> "Viewport":
        """The viewport that shows all of ``coords`` [n ≥ 1, 2] with room for labels at the rim."""
        low = coords.min(axis=0).astype(np.float64)
        high = coords.max(axis=0).astype(np.float64)
        room_x = max(width - 2 * min(_MARGIN_X, width / 8), 1.0)
        room_y = max(height - 2 * min(_MARGIN_Y, height / 8), 1.0)
        span_x, span_y = (high - low).tolist()
        scales = [room / span for room, span in ((room_x, span_x), (room_y, span_y)) if span > 0]
        scale = min(scales, default=1.0)
        stretch = min(max(scales[0] / scale, 1.0), _MAX_STRETCH) if span_x > 0 else 1.0
        middle_x, middle_y = ((low + high) / 2).tolist()
        x, y = width / 2 - middle_x * scale * stretch, height / 2 + middle_y * scale
        return Viewport(scale, x, y, scale, stretch)

    def to_pixels(self, coords: NDArray[np.float32]) -> Points:
        """Pixel positions, float64 [n, 2], of coordinates [n, 2]."""
        scales = np.array((self.scale * self.stretch, -self.scale))
        pixels: Points = coords * scales + np.array((self.x, self.y))
        return pixels

    def zoomed(self, factor: float, at: QPointF) -> "Viewport":
        """Zoom by ``factor`` while what is under ``at`` stays there."""
        wanted = self.scale * factor
        bounded = min(max(wanted, self.fitted_scale * _MIN_ZOOM), self.fitted_scale * _MAX_ZOOM)
        factor = bounded / self.scale
        return replace(
            self,
            scale=bounded,
            x=at.x() + (self.x - at.x()) * factor,
            y=at.y() + (self.y - at.y()) * factor,
        )

    def moved(self, by: QPointF) -> "Viewport":
        """The same picture, shifted by pixels."""
        return replace(self, x=self.x + by.x(), y=self.y + by.y())

    def reaching(self, coords: NDArray[np.float32], area: QRectF) -> "Viewport":
        """Shifted as little as lets the box round ``coords`` [n ≥ 1, 2] touch the area."""
        pixels = self.to_pixels(coords)
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        near, far = (area.left(), area.top()), (area.right(), area.bottom())
        shift = np.clip(0.0, near - high, far - low)
        return self.moved(QPointF(*shift.tolist()))


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
    inside = (
        (boxes[:, :, 0] >= bounds.left())
        & (boxes[:, :, 1] >= bounds.top())
        & (boxes[:, :, 2] <= bounds.right())
        & (boxes[:, :, 3] <= bounds.bottom())
    )
    covered[~inside] = np.inf
    placed: dict[int, QRectF] = {}
    taken = np.empty((0, 4))
    for wish, places, costs in zip(wishes, boxes, covered, strict=True):
        overlaps = (
            (places[:, None, 0] < taken[:, 2])
            & (places[:, None, 2] > taken[:, 0])
            & (places[:, None, 1] < taken[:, 3])
            & (places[:, None, 3] > taken[:, 1])
        ).any(axis=1)
        costs = np.where(overlaps, np.inf, costs)
        best = int(costs.argmin())
        if costs[best] <= wish.may_cover:
            taken = np.vstack((taken, places[best]))
            x0, y0, x1, y1 = places[best].tolist()
            placed[wish.point] = QRectF(x0, y0, x1 - x0, y1 - y0)
    return placed


def _places(anchors: Points, radii: NDArray[np.float64], size: Points) -> Points:
    """Boxes float64 [n, 8 places, (left, top, right, bottom)] round each anchor."""
    away = (radii + _GAP)[:, None]
    near = away * np.sqrt(0.5)  # at a corner the same distance from the point
    width, height = size[:, :1], size[:, 1:]
    x, y = anchors[:, :1], anchors[:, 1:]
    right, left, middle = x + away, x - away - width, x - width / 2
    above, below, level = y - away - height, y + away, y - height / 2
    right_corner, left_corner = x + near, x - near - width
    upper, lower = y - near - height, y + near
    lefts = (right, left, middle, middle, right_corner, left_corner, right_corner, left_corner)
    tops = (level, level, above, below, upper, upper, lower, lower)
    corner = np.stack((np.hstack(lefts), np.hstack(tops)), axis=2)
    return np.concatenate((corner, corner + size[:, None]), axis=2)


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
    x, y, cost = pixels[:, 0], pixels[:, 1], radii.copy()
    cost[list(marks)] = np.inf
    beside = np.maximum(boxes[:, :, 0, None] - x, x - boxes[:, :, 2, None])
    above = np.maximum(boxes[:, :, 1, None] - y, y - boxes[:, :, 3, None])
    away = np.maximum(beside, above)
    hit = away < radii
    each = np.arange(len(points))
    hit[each, :, points] = False
    total: NDArray[np.float64] = np.where(hit, cost, 0.0).sum(axis=2)
    # What lies under the label counts as covered; only what looks out from under it misleads.
    outside = away >= 0
    away -= dots
    own = away[each, :, points] - _CLEARLY
    total[((away < own[:, :, None]) & outside).any(axis=2)] = np.inf
    return total
