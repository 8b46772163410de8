"""What the map shows of one answer, and how it is painted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.map_layout import Points, Wish, place_labels, to_pixels
from tokensim_gui.ui.tokens.glyphs import Face, face

if TYPE_CHECKING:
    from tokensim_gui.core.values import Results
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

MAX_LABELS = 25
_TOP_LABELS = 12
_FAR_RADIUS, _NEAR_RADIUS = 2.5, 5.5
_QUERY_SIZE, _OWN_RADIUS, _RING_RADIUS = 16.0, 6.0, 10.0
_REACH = 8.0
_COVERS = 5.0  # a label may lie on one or two far points, on no near one
_EMOJI_POINTS = 2.5
_SAME_PLACE = 1e-4  # of vectors of length 1
_QUERY_FACE = Face("query")


@dataclass(frozen=True, slots=True)
class _Label:
    face: Face
    width: float
    height: float


class MapScene:
    """The points of one answer: the tokens by rank, then the query's own tokens, then the query.

    Points are named by their index in ``results.coords``.
    """

    def __init__(self, results: "Results", vocabulary: "Vocabulary") -> None:
        self._vocabulary = vocabulary
        self.coords = results.coords
        self.ids: list[int] = [*results.map_ids.tolist(), *results.map_own.tolist()]
        self.ranked = len(results.map_ids)
        self.query = len(self.ids)
        # A token of the query that is a result as well is one point: the mark of the query.
        self.index_of = {token_id: index for index, token_id in enumerate(self.ids)}
        self.score_of: dict[int, float] = dict(
            zip(results.ids.tolist(), results.scores.tolist(), strict=True)
        )
        own = set(results.map_own.tolist())
        self._dots = [i for i in range(self.ranked) if self.ids[i] not in own]
        # Of a query of one token there is one mark, the query's.
        apart = np.abs(self.coords[: self.query] - self.coords[self.query]).max(axis=1, initial=0)
        self._diamonds = [i for i in range(self.ranked, self.query) if apart[i] > _SAME_PLACE]
        self._closeness = _closeness(self.ids[: self.ranked], self.score_of)
        self._radii = np.full(len(self.coords), _OWN_RADIUS)
        self._radii[: self.ranked] = _FAR_RADIUS + self._closeness * (_NEAR_RADIUS - _FAR_RADIUS)
        self._radii[self.query] = _QUERY_SIZE / 2
        self._labels: dict[int, _Label] = {}
        self._brushes: list[QBrush] = []
        self._placed: dict[int, QRectF] = {}
        self._pixels: Points = np.zeros((len(self.coords), 2))
        self._selected: int | None = None
        self.refresh_theme()

    def refresh_theme(self) -> None:
        """Take colours and fonts anew."""
        colours = theme.colours()
        far, near = colours.colour("map_far"), colours.colour("map_near")
        self._brushes = [QBrush(_between(far, near, t)) for t in self._closeness.tolist()]
        self._fonts = theme.sized(0), theme.sized(_EMOJI_POINTS)
        self._metrics = QFontMetricsF(self._fonts[0]), QFontMetricsF(self._fonts[1])
        self._labels.clear()

    def arrange(self, shown: QRectF, size: QSizeF, selection: int | None) -> None:
        """Compute where points and labels are; before `paint` and `at`, after any change."""
        self._pixels = to_pixels(self.coords, shown, size)
        self._selected = None if selection is None else self.index_of.get(selection)
        wanted = [self.query]
        if self._selected is not None:
            wanted.append(self._selected)
        wanted += [i for i in self._diamonds if i != self._selected]
        wanted += [i for i in self._dots if i != self._selected]
        radii = self._radii.copy()
        if self._selected is not None:
            radii[self._selected] = _RING_RADIUS
        wishes = []
        for index in wanted[:MAX_LABELS]:
            label = self._label(index)
            wishes.append(Wish(index, label.width, label.height, _COVERS))
        marks = [*range(self.ranked, self.query + 1)]
        if self._selected is not None and self._selected not in marks:
            marks.append(self._selected)
        self._placed = place_labels(
            wishes, self._pixels, radii, marks, QRectF(QPointF(), size), self._radii
        )

    def _label(self, index: int) -> _Label:
        found = self._labels.get(index)
        if found is None:
            if index == self.query:
                shown = _QUERY_FACE
            else:
                shown = face(self._vocabulary, self.ids[index], self._fonts[0])
            metrics = self._metrics[shown.pictorial]
            width = metrics.horizontalAdvance(shown.whole) + 4
            found = self._labels[index] = _Label(shown, width, metrics.height())
        return found

    def position(self, index: int) -> QPointF:
        """Where a point is on the canvas."""
        x, y = self._pixels[index].tolist()
        return QPointF(x, y)

    def name(self, index: int) -> str:
        """The label of a point."""
        return self._label(index).face.whole

    def at(self, position: QPointF) -> int | None:
        """The point under ``position``: the nearest in reach, else the one whose label it is."""
        offset = self._pixels - (position.x(), position.y())
        distance = np.hypot(offset[:, 0], offset[:, 1])
        distance[distance > np.maximum(self._radii + 2, _REACH)] = np.inf
        nearest = int(distance.argmin())
        if np.isfinite(distance[nearest]):
            return self.index_of[self.ids[nearest]] if nearest < self.query else nearest
        return next((i for i, box in self._placed.items() if box.contains(position)), None)

    def within(self, shape: QPolygonF) -> list[int]:
        """The ids of the tokens in a shape, results by rank first, each once."""
        rule = Qt.FillRule.OddEvenFill
        points = [QPointF(x, y) for x, y in self._pixels[: self.query].tolist()]
        inside = [shape.containsPoint(point, rule) for point in points]
        return list(
            dict.fromkeys(token for token, is_in in zip(self.ids, inside, strict=True) if is_in)
        )

    def paint(self, painter: QPainter, hovered: int | None = None) -> None:
        """Draw points, marks, ring and labels; the ground is the caller's."""
        colours = theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for index in reversed(self._dots):
            painter.setBrush(self._brushes[index])
            radius = self._radii[index] + (2.0 if index == hovered else 0.0)
            painter.drawEllipse(self.position(index), radius, radius)
        query = colours.colour("query")
        painter.setBrush(query)
        for index in self._diamonds:
            painter.drawPolygon(_diamond(self.position(index)))
        self._paint_cross(painter, query)
        if self._selected is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.colour("accent"), 2))
            painter.drawEllipse(self.position(self._selected), _RING_RADIUS, _RING_RADIUS)
        for index, box in self._placed.items():
            if index != hovered:
                self._paint_label(painter, index, box)
        if hovered is not None:
            self._paint_hovered_label(painter, hovered, colours.colour("base"))

    def _paint_cross(self, painter: QPainter, colour: QColor) -> None:
        centre, reach = self.position(self.query), _QUERY_SIZE / 2
        painter.setPen(QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(centre - QPointF(reach, 0), centre + QPointF(reach, 0))
        painter.drawLine(centre - QPointF(0, reach), centre + QPointF(0, reach))

    def _paint_label(self, painter: QPainter, index: int, box: QRectF) -> None:
        label = self._label(index)
        if index >= self.ranked:
            role = "query"
        elif label.face.dim or (index >= _TOP_LABELS and index != self._selected):
            role = "text2"
        else:
            role = "text"
        painter.setPen(theme.colours().colour(role))
        painter.setFont(self._fonts[label.face.pictorial])
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label.face.whole)

    def _paint_hovered_label(self, painter: QPainter, index: int, ground: QColor) -> None:
        box = self._placed.get(index)
        if box is None:
            label, at = self._label(index), self.position(index)
            box = QRectF(
                at.x() + self._radii[index] + 4, at.y() - label.height / 2, label.width,
                label.height,
            )  # fmt: skip
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box.adjusted(-2, 0, 2, 0), 3, 3)
        self._paint_label(painter, index, box)


def _closeness(ids: list[int], score_of: dict[int, float]) -> NDArray[np.float64]:
    """1 for the best score, 0 for the worst shown, whatever the order and the measure."""
    if not ids:
        return np.zeros(0)
    worst = score_of.get(ids[-1], 0.0)
    scores = np.array([score_of.get(token_id, worst) for token_id in ids])
    span = scores[0] - scores[-1]
    return np.ones(len(ids)) if span == 0 else (scores - scores[-1]) / span


def _between(far: QColor, near: QColor, t: float) -> QColor:
    return QColor.fromRgbF(
        far.redF() + (near.redF() - far.redF()) * t,
        far.greenF() + (near.greenF() - far.greenF()) * t,
        far.blueF() + (near.blueF() - far.blueF()) * t,
    )


def _diamond(centre: QPointF) -> QPolygonF:
    r = _OWN_RADIUS
    corners = (QPointF(0, -r), QPointF(r, 0), QPointF(0, r), QPointF(-r, 0))
    return QPolygonF([centre + corner for corner in corners])
