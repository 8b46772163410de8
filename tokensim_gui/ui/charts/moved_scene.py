"""Tokens that moved as arrows, from where they lay in the base to where they lie now."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.haloed_words import Words, paint_strips
from tokensim_gui.ui.charts.map_caption import paint_caption
from tokensim_gui.ui.charts.map_layout import Wish, corners, fitted, place_labels, to_pixels
from tokensim_gui.ui.tokens.glyphs import face
from tokensim_gui.ui.tokens.lettering import lettering

if TYPE_CHECKING:
    from tokensim_gui.core.values import MovedPlaces
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

_REACH, _RIM = 8.0, 16.0
_DOT, _TAIL, _HEAD = 2.6, 3.0, 8.0
_RADIUS = 6.0  # how far from a point its label begins
_COVERS = 12.0


class MovedScene:
    """Points are named by numbers: arrows in order, then the tokens that stayed."""

    def __init__(self, places: "MovedPlaces", vocabulary: "Vocabulary") -> None:
        self._places, self._vocabulary = places, vocabulary
        self._count = len(places.tokens)
        self.coords = np.concatenate((places.after, places.places, places.before))
        self.corners = corners(self.coords)
        self._tokens: list[int] = [*places.tokens.tolist(), *places.landmarks.tolist()]
        self._index = {token: index for index, token in enumerate(self._tokens)}
        self._selected: set[int] = set()
        self._tray: set[int] = set()
        self._ends = np.zeros((len(self.coords), 2))
        self._placed: dict[int, QRectF] = {}
        self._size, self._room = QSizeF(), QRectF()  # names stand in the room
        self.refresh_theme()

    def refresh_theme(self) -> None:
        """Take fonts anew."""
        self._letters = {
            "bold": lettering(theme.sized(0, bold=True)),
            "small": lettering(theme.sized(-0.75)),
            "caption": lettering(theme.sized(-1)),
        }
        self._words = Words(self._letters)

    def mark(self, selected: Sequence[int], tray: Collection[int]) -> None:
        """Lift the arrows of tokens that are selected; name those of the tray first."""
        self._selected = {self._index[token] for token in selected if token in self._index}
        self._tray = {self._index[token] for token in tray if token in self._index}

    def fitted(self, size: QSizeF) -> QRectF:
        """All of it, with room for words."""
        return fitted(self.coords, size)

    def arrange(self, shown: QRectF, size: QSizeF, head: float = 0.0) -> None:
        """Compute where arrows and names are."""
        self._size = size
        self._ends = to_pixels(self.coords, shown, size)
        named = len(self._tokens)
        first = sorted(self._selected | self._tray)
        order = [*first, *(index for index in range(named) if index not in set(first))]
        wishes = []
        for index in order:
            letters = self._letters[self._font(index)]
            width = letters.width(self._name(index)) + 4
            covers = _COVERS if index < self._count else 0.0
            wishes.append(Wish(index, width, letters.height, covers))
        foot = _RIM + self._letters["caption"].height
        self._room = QRectF(QPointF(), size).adjusted(0, head, 0, -foot)
        radii = np.full(len(self._ends), _RADIUS)
        self._placed = place_labels(wishes, self._ends, radii, [], self._room)

    def _font(self, index: int) -> str:
        return "bold" if index < self._count else "small"

    def _name(self, index: int) -> str:
        return face(self._vocabulary, self._tokens[index], self._letters["small"].font).whole

    def _tail(self, index: int) -> QPointF:
        return QPointF(*self._ends[len(self._tokens) + index].tolist())

    def at(self, position: QPointF) -> int | None:
        """The token whose end is in reach, else whose arrow, else whose name."""
        here = np.array((position.x(), position.y()))
        named, count = len(self._tokens), self._count
        away = np.hypot(*(self._ends - here).T)
        nearest = int(away.argmin())
        if away[nearest] <= _REACH:
            return nearest if nearest < named else nearest - named
        heads, tails = self._ends[:count], self._ends[named:]
        along = heads - tails
        length = np.maximum((along**2).sum(axis=1), 1e-9)
        share = np.clip(((here - tails) * along).sum(axis=1) / length, 0, 1)
        beside = np.hypot(*(tails + share[:, None] * along - here).T)
        if beside.min() <= _REACH / 2:
            return int(beside.argmin())
        return next((i for i, box in self._placed.items() if box.contains(position)), None)

    def token(self, index: int) -> int:
        """The token of a point."""
        return self._tokens[index]

    def where(self, token: int) -> QPointF | None:
        """Where a token lies now."""
        index = self._index.get(token)
        return None if index is None else QPointF(*self._ends[index].tolist())

    def place(self, token: int) -> NDArray[np.float32] | None:
        """The coordinates of a token, float32 [1, 2]."""
        index = self._index.get(token)
        return None if index is None else self.coords[[index]]

    def within(self, shape: QPolygonF) -> list[int]:
        """The tokens that lie in a shape now, those that moved first."""
        rule = Qt.FillRule.OddEvenFill
        return [
            token
            for token, (x, y) in zip(self._tokens, self._ends.tolist(), strict=False)
            if shape.containsPoint(QPointF(x, y), rule)
        ]

    def walked(self, token: int | None, steps: int | None) -> int:
        """Walk through what moved, by how far it did."""
        if steps is None:
            return self._tokens[self._count - 1]
        index = -1 if token is None else self._index.get(token, -1)
        inside = 0 <= index < self._count
        return self._tokens[min(max(index + steps, 0), self._count - 1) if inside else 0]

    # Words

    def description(self) -> str:
        """What is said of the picture to those who don't see it."""
        said = [self._name(index) for index in sorted(self._selected)]
        words = f"{self._count} tokens as arrows from where they lay in the base to where they lie."
        return " ".join((*(f"{name}." for name in said[:1]), words, "Arrow keys walk by rank."))

    def tip(self, index: int) -> str:
        """What the tool tip of a point says."""
        moved = f"rank {index + 1} of what moved" if index < self._count else "stayed"
        return f"{self._name(index)} · #{self._tokens[index]} · {moved}"

    def captions(self) -> tuple[str, ...]:
        """What is drawn, and how much of it the plane shows, the longest sentence first."""
        share = f"shows {self._places.share:.0%} of how far they moved"
        counted = f"{self._count} that moved farthest"
        return (
            f"{counted}, among tokens near to where they lay or lie · the plane {share}",
            f"{counted} · {share}",
            share,
        )

    # Painting

    def paint(self, painter: QPainter, hovered: int | None = None) -> None:
        """Draw what stayed, the arrows, names and caption; the ground is the caller's."""
        colours = theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("map_far"))
        for x, y in self._ends[self._count : len(self._tokens)].tolist():
            painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
        lifted = self._selected | ({hovered} if hovered is not None else set())
        for index in sorted(range(self._count), key=lambda i: (i in lifted, -i)):
            self._paint_arrow(painter, index, lifted=index in lifted)
        foot = self._size.height() - self._room.bottom()
        paint_strips(painter, self._size, self._room.top(), foot)
        for index, box in self._placed.items():
            role = "text2"
            if index < self._count:
                role = "accent" if index in lifted else "text"
            self._words.paint(painter, self._name(index), box, role, self._font(index))
        line = self._letters["caption"].height
        paint_caption(painter, self._size, line, self._words, self.captions())

    def _paint_arrow(self, painter: QPainter, index: int, *, lifted: bool) -> None:
        colour = theme.colours().colour("accent" if lifted else "map_near")
        head, tail = QPointF(*self._ends[index].tolist()), self._tail(index)
        painter.setPen(QPen(colour, 2.2 if lifted else 1.3))
        painter.setBrush(theme.colours().colour("base"))
        along = head - tail
        length = max((along.x() ** 2 + along.y() ** 2) ** 0.5, 1e-9)
        step = along / length
        if length > _TAIL:
            painter.drawLine(tail + step * _TAIL, head - step * min(_HEAD * 0.7, length / 2))
        painter.drawEllipse(tail, _TAIL, _TAIL)
        across = QPointF(-step.y(), step.x()) * (_HEAD * 0.42)
        back = head - step * _HEAD
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([head, back + across, back - across]))
