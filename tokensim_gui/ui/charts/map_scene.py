"""What the close-up map shows of one answer, and how it is painted."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.haloed_words import paint_strips
from tokensim_gui.ui.charts.map_layout import Points, Wish, corners, fitted, place_labels, to_pixels
from tokensim_gui.ui.charts.token_colours import SHADES, between, shades
from tokensim_gui.ui.tokens.glyphs import Face, faces
from tokensim_gui.ui.tokens.lettering import lettering

if TYPE_CHECKING:
    from tokensim_gui.core.values import Results
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

_LABELS, _LABELS_NARROW, _NARROW = 44, 16, 480
_FIRST_RANKS = 20  # their names are in the first text colour
_FAR_RADIUS, _NEAR_RADIUS = 2.6, 6.2
_QUERY_SIZE, _OWN_RADIUS, _RING_RADIUS, _EMOJI_RADIUS = 18.0, 7.5, 10.0, 8.0
_REACH = 8.0
_FORCED_COVERS = 12.0  # the label of a mark may lie on a few points; any other on none
_EMOJI_POINTS = 2.0
_SMALL_POINTS = -0.75
_SAME_PLACE = 1e-4  # of vectors of length 1
_RIM = 16.0
_SAMPLES = 5
_NO_TOKEN = -1
_COUNTED = {"nearest": "nearest", "opposite": "most opposite", "unrelated": "most unrelated"}


@dataclass(frozen=True, slots=True)
class _Look:
    """How a label is written: a role of the theme and a font of the scene."""

    role: str
    font: str
    padding: float = 2.0  # pixels
    is_tag: bool = False


_MARK, _CHOSEN = _Look("query", "bold"), _Look("text", "bold")
_TAG = _Look("on_accent", "small bold", 7.0, is_tag=True)
_FIRST, _OTHER = _Look("text", "plain"), _Look("text2", "small")


class MapScene:
    """The points of one answer: the tokens by rank, the query's own, the query, and further ones.

    Points are named by their index in `coords`. Further ones are results beyond the map's count
    that are selected or in the tray.
    """

    def __init__(self, results: "Results", vocabulary: "Vocabulary", dim: int) -> None:
        self._results, self._vocabulary, self._dim = results, vocabulary, dim
        self.coords = results.coords
        self.ids: list[int] = [*results.map_ids.tolist(), *results.map_own.tolist()]
        self.ranked = len(results.map_ids)
        self.query = len(self.ids)
        # A token of the query that is a result as well is one point: the mark of the query.
        self.index_of = {token_id: index for index, token_id in enumerate(self.ids)}
        known = set(self.ids)
        further = [token for token in results.ids.tolist() if token not in known]
        self._further = dict(zip(further, results.beyond, strict=False))
        self.ids.append(_NO_TOKEN)
        self.score_of: dict[int, float] = dict(
            zip(results.ids.tolist(), results.scores.tolist(), strict=True)
        )
        own = set(results.map_own.tolist())
        self._dots = [i for i in range(self.ranked) if self.ids[i] not in own]
        # Of a query of one token there is one mark, the query's.
        apart = np.abs(self.coords[: self.query] - self.coords[self.query]).max(axis=1, initial=0)
        self._diamonds = [i for i in range(self.ranked, self.query) if apart[i] > _SAME_PLACE]
        self._closeness = _closeness(
            self.ids[: self.ranked], self.score_of, unrelated=results.query.order == "unrelated"
        )
        self._added: list[int] = []
        self._selected: list[int] = []
        self._tray: set[int] = set()
        self._placed: dict[int, QRectF] = {}
        self._size, self._room = QSizeF(), QRectF()  # labels stand in the room
        self.refresh_theme()

    def refresh_theme(self) -> None:
        """Take colours and fonts anew."""
        colours = theme.colours()
        far, near = colours.colour("map_far"), colours.colour("map_near")
        self._far = QBrush(far)
        brushes = shades(far.rgba(), near.rgba())
        self._brushes = [brushes[round(t * SHADES)] for t in self._closeness.tolist()]
        self._letters = {
            "plain": lettering(theme.sized(0)),
            "bold": lettering(theme.sized(0, bold=True)),
            "small": lettering(theme.sized(_SMALL_POINTS)),
            "small bold": lettering(theme.sized(_SMALL_POINTS, bold=True)),
            "emoji": lettering(theme.sized(_EMOJI_POINTS)),
            "caption": lettering(theme.sized(-1)),
        }
        self._measure()

    def _measure(self) -> None:
        known = faces(self._vocabulary, self._letters["plain"].font)
        self._faces = [Face("query") if token == _NO_TOKEN else known[token] for token in self.ids]
        radii = np.full(len(self.ids), _FAR_RADIUS)
        radii[: self.ranked] += self._closeness * (_NEAR_RADIUS - _FAR_RADIUS)
        radii[self.ranked : self.query] = _OWN_RADIUS
        radii[[face.pictorial for face in self._faces]] = _EMOJI_RADIUS
        radii[self.query] = _QUERY_SIZE / 2
        self._radii = radii
        self._pixels: Points = np.zeros((len(self.ids), 2))
        self._places = [QPointF()] * len(self.ids)

    def mark(self, selected: Sequence[int], tray: Collection[int]) -> None:
        """Ring tokens, the current one first, and tag those of the tray."""
        added = [token for token in dict.fromkeys((*selected, *tray)) if token in self._further]
        if added != self._added:
            base = self.query + 1
            for token in self._added:
                del self.index_of[token]
            self._added = added
            self.ids[base:] = added
            self.index_of |= {token: base + number for number, token in enumerate(added)}
            places = [self._further[token] for token in added]
            self.coords = np.vstack((self._results.coords, *places))
            self._measure()
        self._selected = [self.index_of[token] for token in selected if token in self.index_of]
        self._tray = {self.index_of[token] for token in tray if token in self.index_of}

    def face(self, index: int) -> Face:
        """How a point's token looks."""
        return self._faces[index]

    def name(self, index: int) -> str:
        """The label of a point."""
        return self._faces[index].whole

    # Places

    @property
    def corners(self) -> NDArray[np.float32]:
        """The lowest and the highest coordinates of all points, float32 [2, 2]."""
        return corners(self.coords)

    def fitted(self, size: QSizeF) -> QRectF:
        """The part of the plane that shows every point of the map's count."""
        return fitted(self._results.coords, size)

    def arrange(self, shown: QRectF, size: QSizeF, head: float = 0.0) -> None:
        """Compute where points and labels are; before `paint` and `at`, after any change."""
        self._pixels, self._size = to_pixels(self.coords, shown, size), size
        self._places = [QPointF(x, y) for x, y in self._pixels.tolist()]
        dots = [*self._dots, *range(self.query + 1, len(self.ids))]
        radii = self._radii.copy()
        radii[self._selected] = np.maximum(radii[self._selected], _RING_RADIUS)
        forced = [self.query, *self._diamonds, *self._selected, *sorted(self._tray)]
        wanted = [index for index in dict.fromkeys(forced) if self._is_named(index)]
        zoom = self.fitted(size).height() / shown.height()
        most = _LABELS if size.width() >= _NARROW else _LABELS_NARROW
        inside = self._in_view(dots)
        known = set(forced)
        others = [i for i in inside if i not in known and self._is_named(i)]
        wanted += others[: max(0, round(most * max(zoom, 1.0) ** 2) - len(wanted))]
        wishes = [self._wish(index, forced=index in known) for index in wanted]
        marks = sorted({*range(self.ranked, self.query + 1), *self._selected})
        # Captions are part of the picture, and no label runs into them.
        foot = _RIM + self._letters["caption"].height
        self._room = QRectF(QPointF(), size).adjusted(0, head, 0, -foot)
        self._placed = place_labels(wishes, self._pixels, radii, marks, self._room, self._radii)

    def _in_view(self, indices: list[int]) -> list[int]:
        frame = QRectF(QPointF(), self._size)
        return [index for index in indices if frame.contains(self._places[index])]

    def _is_named(self, index: int) -> bool:
        """An emoji is its own name, unless it stands as a tag."""
        return not self.face(index).pictorial or index in self._tray

    def _look(self, index: int) -> _Look:
        if index in self._tray:
            return _TAG
        if self.ranked <= index <= self.query:
            return _MARK
        if index in self._selected:
            return _CHOSEN
        return _FIRST if index < _FIRST_RANKS and not self.face(index).dim else _OTHER

    def _wish(self, index: int, *, forced: bool) -> Wish:
        look = self._look(index)
        letters = self._letters[look.font]
        width = letters.width(self.name(index)) + 2 * look.padding
        return Wish(index, width, letters.height + 2, _FORCED_COVERS if forced else 0.0)

    def position(self, index: int) -> QPointF:
        """Where a point is on the canvas."""
        return self._places[index]

    def where(self, token: int) -> QPointF | None:
        """Where a token is on the canvas."""
        return self.position(self.index_of[token]) if token in self.index_of else None

    def place(self, token: int) -> NDArray[np.float32] | None:
        """The coordinates of a token, float32 [1, 2]."""
        return self.coords[[self.index_of[token]]] if token in self.index_of else None

    def token(self, index: int) -> int | None:
        """The token of a point; None for the query."""
        return None if index == self.query else self.ids[index]

    def at(self, position: QPointF) -> int | None:
        """The point under ``position``: the nearest in reach, else the one whose label it is."""
        if position.y() > self._room.bottom():
            return None
        offset = self._pixels - (position.x(), position.y())
        distance = np.hypot(offset[:, 0], offset[:, 1])
        distance[distance > np.maximum(self._radii + 2, _REACH)] = np.inf
        nearest = int(distance.argmin())
        if np.isfinite(distance[nearest]):
            return self.index_of.get(self.ids[nearest], nearest)
        return next((i for i, box in self._placed.items() if box.contains(position)), None)

    def within(self, shape: QPolygonF) -> list[int]:
        """The ids of the tokens in a shape, results by rank first, each once."""
        rule = Qt.FillRule.OddEvenFill
        inside = (shape.containsPoint(point, rule) for point in self._places)
        found = dict.fromkeys(t for t, is_in in zip(self.ids, inside, strict=True) if is_in)
        found.pop(_NO_TOKEN, None)
        return list(found)

    def walked(self, token: int | None, steps: int | None) -> int:
        """The token ``steps`` ranks on, None for the last one; the first if it has no rank."""
        index = self.ranked if token is None else self.index_of.get(token, self.ranked)
        if steps is None:
            return self.ids[self.ranked - 1]
        target = 0 if index >= self.ranked else index + steps
        return self.ids[min(max(target, 0), self.ranked - 1)]

    # Words

    def description(self) -> str:
        """What is said of the picture to those who don't see it."""
        index = self._selected[0] if self._selected else None
        if index is None:
            words = f"{self.ranked} tokens, {self.name(0)} is nearest."
        elif index < self.ranked:
            words = f"{self.name(index)}, {index + 1} of {self.ranked}."
        elif index > self.query:
            words = f"{self.name(index)}, beyond the {self.ranked} of the map."
        else:
            words = f"{self.name(index)}, a token of the query."
        return f"{words} Arrow keys walk by rank."

    def tip(self, index: int) -> str:
        """What the tool tip of a point says."""
        if index == self.query:
            return f"The query: {self._results.query.text}"
        token_id = self.ids[index]
        words = f"{self.name(index)} · #{token_id}"
        score = self.score_of.get(token_id)
        if score is not None:
            words += f" · {_score_words(score, self._results.query.metric)}"
        if self.ranked <= index < self.query:
            return f"{words} · a token of the query"
        return f"{words} · rank {self._results.ids.tolist().index(token_id) + 1}"

    def captions(self) -> tuple[str, ...]:
        """How far to trust the picture, the longest sentence first."""
        counted = f"{self.ranked} {_COUNTED[self._results.query.order]}"
        if math.isnan(self._results.faithfulness):
            return (f"{counted} · flat picture of {self._dim} dimensions", counted)
        kept = f"keeps {self._results.faithfulness:.0%} of"
        return (
            f"{counted} · flat picture of {self._dim} dimensions · "
            f"{kept} each token’s true neighbours",
            f"{counted} · {kept} each token’s true neighbours",
            f"{kept} true neighbours",
            kept.removesuffix(" of"),
        )

    # Painting

    def paint(self, painter: QPainter, hovered: int | None = None) -> None:
        """Draw points, marks, rings, labels and caption; the ground is the caller's."""
        colours = theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_points(painter, hovered)
        query = colours.colour("query")
        painter.setPen(QPen(colours.colour("base"), 1.5))
        painter.setBrush(query)
        for index in self._diamonds:
            painter.drawPolygon(_diamond(self.position(index)))
        self._paint_cross(painter, query)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.colour("accent"), 2))
        for index in self._selected:
            painter.drawEllipse(self.position(index), _RING_RADIUS, _RING_RADIUS)
        foot = self._size.height() - self._room.bottom()
        paint_strips(painter, self._size, self._room.top(), foot)
        for index, box in self._placed.items():
            if index != hovered:
                self._paint_label(painter, index, box)
        self._paint_caption(painter)
        if hovered is not None:
            self._paint_hovered_label(painter, hovered, colours.colour("base"))

    def _paint_points(self, painter: QPainter, hovered: int | None) -> None:
        """Draw the tokens, the best last; an emoji is drawn as such."""
        accent, places, radii = theme.colours().colour("accent"), self._places, self._radii.tolist()
        painter.setPen(Qt.PenStyle.NoPen)
        for index in (*range(self.query + 1, len(self.ids)), *reversed(self._dots)):
            at, radius = places[index], radii[index] + (2.0 if index == hovered else 0.0)
            if self._faces[index].pictorial:
                painter.setFont(self._letters["emoji"].font)
                painter.setPen(theme.colours().colour("text"))
                box = QRectF(at.x() - 2 * radius, at.y() - 2 * radius, 4 * radius, 4 * radius)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._faces[index].text)
                painter.setPen(Qt.PenStyle.NoPen)
                continue
            if index in self._tray:
                painter.setBrush(accent)
            else:
                painter.setBrush(self._brushes[index] if index < self.ranked else self._far)
            painter.drawEllipse(at, radius, radius)

    def _paint_cross(self, painter: QPainter, colour: QColor) -> None:
        centre, reach = self.position(self.query), _QUERY_SIZE / 2
        painter.setPen(QPen(colour, 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(centre - QPointF(reach, 0), centre + QPointF(reach, 0))
        painter.drawLine(centre - QPointF(0, reach), centre + QPointF(0, reach))

    def _paint_label(self, painter: QPainter, index: int, box: QRectF) -> None:
        look = self._look(index)
        if look.is_tag:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colours().colour("accent"))
            painter.drawRoundedRect(box, theme.SPACE_XS, theme.SPACE_XS)
        painter.setPen(theme.colours().colour(look.role))
        letters = self._letters[look.font]
        painter.setFont(letters.font)
        line = box.top() + 1 + letters.ascent
        painter.drawText(QPointF(box.left() + look.padding, line), self.name(index))

    def _paint_hovered_label(self, painter: QPainter, index: int, ground: QColor) -> None:
        box = self._placed.get(index)
        if box is None:
            wish, at = self._wish(index, forced=True), self.position(index)
            left = at.x() + self._radii[index] + 4
            if left + wish.width > self._size.width():
                left = at.x() - self._radii[index] - 4 - wish.width
            top = min(at.y() - wish.height / 2, self._room.bottom() - wish.height)
            box = QRectF(left, top, wish.width, wish.height)
        if not self._look(index).is_tag:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(box.adjusted(-2, 0, 2, 0), 3, 3)
        self._paint_label(painter, index, box)

    def _paint_caption(self, painter: QPainter) -> None:
        """Say at the lower left how far to trust the picture, at its right what sizes mean."""
        colours, letters = theme.colours(), self._letters["caption"]
        painter.setFont(letters.font)
        painter.setPen(colours.colour("text2"))
        line = self._size.height() - _RIM - letters.height / 2
        right = self._size.width() - _RIM
        if self.ranked > 1 and self._size.width() >= _NARROW:
            right = self._paint_samples(painter, right, line) - _RIM
        fitting = (words for words in self.captions() if letters.width(words) <= right - _RIM)
        words = next(fitting, "")
        box = QRectF(_RIM, line - letters.height, right - _RIM, 2 * letters.height)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_samples(self, painter: QPainter, right: float, line: float) -> float:
        """Five circles between the least and the most score; returns where they begin."""
        metric = self._results.query.metric
        scores = [self.score_of.get(self.ids[i], math.nan) for i in (0, self.ranked - 1)]
        if not all(map(math.isfinite, scores)):
            return right
        most, least = (_short_score(score, metric) for score in scores)
        letters = self._letters["caption"]
        height = letters.height
        width = letters.width(most)
        flag = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(right - width, line - height, width, 2 * height), flag, most)
        right -= width + theme.SPACE_S
        far, near = (theme.colours().colour(role) for role in ("map_far", "map_near"))
        pen = painter.pen()
        painter.setPen(Qt.PenStyle.NoPen)
        for step in reversed(range(_SAMPLES)):
            t = step / (_SAMPLES - 1)
            radius = _FAR_RADIUS + t * (_NEAR_RADIUS - _FAR_RADIUS)
            painter.setBrush(between(far, near, t))
            painter.drawEllipse(QPointF(right - radius, line), radius, radius)
            right -= 2 * radius + theme.SPACE_S - 2
        painter.setPen(pen)
        width = letters.width(least)
        left = right - theme.SPACE_XS - width
        painter.drawText(QRectF(left, line - height, width, 2 * height), flag, least)
        return left


def _closeness(
    ids: list[int], score_of: dict[int, float], *, unrelated: bool
) -> NDArray[np.float64]:
    """1 for the best score, 0 for the worst shown, whatever the order and the measure."""
    if not ids:
        return np.zeros(0)
    worst = score_of.get(ids[-1], 0.0)
    scores = np.array([score_of.get(token_id, worst) for token_id in ids])
    if unrelated:  # which are nearest to 0, on either side
        scores = np.abs(scores)
    span = scores[0] - scores[-1]
    return np.ones(len(ids)) if span == 0 else np.clip((scores - scores[-1]) / span, 0, 1)


def _score_words(score: float, metric: str) -> str:
    if metric == "dot":
        return f"dot product {score:.3f}"
    if metric == "euclidean":
        return f"distance {score:.3f}"
    return f"similarity {score:.2%}"


def _short_score(score: float, metric: str) -> str:
    return f"{score:.3g}" if metric in ("dot", "euclidean") else f"{score:.0%}"


def _diamond(centre: QPointF) -> QPolygonF:
    r = _OWN_RADIUS
    corners = (QPointF(0, -r), QPointF(r, 0), QPointF(0, r), QPointF(-r, 0))
    return QPolygonF([centre + corner for corner in corners])
