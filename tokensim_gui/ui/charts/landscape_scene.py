"""The whole map: every token of a table as a landscape, with the answer to the query lit in it."""

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from tokensim_gui.core.vocabulary.regions import bulk
from tokensim_gui.core.vocabulary.scripts import SCRIPTS
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.density import Pixels, paint_density, paint_squares
from tokensim_gui.ui.charts.haloed_words import Words, paint_plates, paint_strips
from tokensim_gui.ui.charts.map_caption import paint_caption
from tokensim_gui.ui.charts.map_layout import Wish, are_within, corners, place_labels, to_pixels
from tokensim_gui.ui.charts.region_names import RegionNames, fonts
from tokensim_gui.ui.tokens.glyphs import Face, face
from tokensim_gui.ui.tokens.lettering import lettering

if TYPE_CHECKING:
    from tokensim_gui.core.files.landscape_file import Landscape
    from tokensim_gui.core.values import Results
    from tokensim_gui.core.vocabulary.regions import Regions
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

_STRETCH = 1.15
_MARGIN = 48.0
_LABELS, _RESULT_LABELS, _LIT = 60, 16, 60
_FEW, _SOME = 1500, 10_000  # visible tokens that may all be named; of which the commonest are
_LANDMARKS = 30
_REACH, _RIM = 8.0, 16.0
_FAR_RADIUS, _NEAR_RADIUS, _RING_RADIUS, _OWN_RADIUS = 2.8, 5.4, 10.0, 7.5
_EMOJI_RADIUS, _EMOJI_RING, _EMOJI_POINTS = 11.0, 14.0, 2.0
_SMALL_POINTS = -0.75
_NEAR_SHARE, _AROUND, _LEAST = 0.5, 1.3, 0.03  # of the first results, of their spread, of the map
_CLOSER = 0.8  # of what is shown: what leads on shows less
_NAMES_KEPT = 10_000
_EMOJI, _MANY_EMOJI = SCRIPTS.index("Emoji"), 0.2  # where they are so many they are named first
_CROWDED = 0.8  # opacity of colours where names must be read upon them


class LandscapeScene:
    """The tokens that have a place. Points are named by their tokens."""

    notable: Sequence[int] = ()  # tokens named behind the results

    def __init__(
        self, landscape: "Landscape", vocabulary: "Vocabulary", regions: "Regions"
    ) -> None:
        self._landscape, self._vocabulary = landscape, vocabulary
        self._tokens = np.flatnonzero(~np.isnan(landscape.coords[:, 0]))
        self.coords = landscape.coords[self._tokens]
        self.regions = RegionNames(regions)
        self._results: Results | None = None
        self._rank_of: dict[int, int] = {}
        self._own: list[int] = []
        self._selected: list[int] = []
        self._tray: list[int] = []
        self._colours: NDArray[np.uint32] | None = None
        self._key: list[tuple[str, QColor]] = []
        self._rank = np.empty(len(landscape.coords), np.int64)  # by commonness
        self._rank[vocabulary.order] = np.arange(len(vocabulary.order))
        self._columns: Pixels = (self.coords[:, 0].copy(), self.coords[:, 1].copy())
        self._pixels = self._columns
        self.corners = corners(self.coords)
        low, high = bulk(self.coords)
        self._middle, self._extent = (low + high) / 2, np.maximum(high - low, 1e-6)
        self._visible = self._tokens[:0]  # those named in view, the most common first, if any
        self._size, self._head, self._close = QSizeF(), 0.0, False
        self._labels: list[tuple[str, QRectF, str, str]] = []  # words, place, role, font
        self._placed: dict[int, QRectF] = {}
        self._pictures: list[int] = []  # results that are drawn as the emoji that they are
        self._pictured: set[int] = set()  # the first results of their places
        self._shown = QRectF()
        self.refresh_theme()

    def refresh_theme(self) -> None:
        """Take fonts anew."""
        written = {
            "bold": theme.sized(0, bold=True),
            "plain": theme.sized(0),
            "small": theme.sized(_SMALL_POINTS),
            "emoji": theme.sized(_EMOJI_POINTS),
            "caption": theme.sized(-1),
            **fonts(),
        }
        self._letters = {name: lettering(font) for name, font in written.items()}
        self._faces: dict[int, Face] = {}
        self._words = Words(self._letters)

    def light(self, results: "Results | None") -> None:
        """Light the results of a query; None lights nothing."""
        self._results = results
        lit = [] if results is None else results.map_ids[:_LIT].tolist()
        self._rank_of = {token: rank for rank, token in enumerate(lit) if self._has_place(token)}
        own = [] if results is None else results.map_own.tolist()
        self._own = [token for token in own if self._has_place(token)]

    def colour_by(self, colours: NDArray[np.uint32] | None, key: list[tuple[str, QColor]]) -> None:
        """Give every token a colour, uint32 0xAARRGGBB [rows]; None shows how dense they lie.

        ``key`` says what the colours mean.
        """
        self._colours = None if colours is None else colours[self._tokens]
        self._key = key

    def mark(self, selected: Sequence[int], tray: Collection[int]) -> None:
        """Ring tokens, the current one first, and tag those of the tray."""
        self._selected = [token for token in selected if self._has_place(token)]
        self._tray = [token for token in tray if self._has_place(token)]

    def _has_place(self, token: int) -> bool:
        return not np.isnan(self._landscape.coords[token, 0])

    # Places

    def fitted(self, size: QSizeF) -> QRectF:
        """Nearly all of the map: a few stray tokens would squeeze all others."""
        room = np.maximum((size.width() - 2 * _MARGIN, size.height() - 2 * _MARGIN), 40.0)
        scale = room / self._extent
        scale = np.minimum(scale, scale.min() * _STRETCH)
        span = np.maximum((size.width(), size.height()), 1.0) / scale
        return QRectF(*(self._middle - span / 2).tolist(), *span.tolist())

    def region_part(self, number: int, size: QSizeF) -> QRectF:
        """The part of the plane that shows a region."""
        region = self.regions.region(number)
        return self._part(region.place, np.full(2, region.reach), size)

    def results_part(self, size: QSizeF) -> QRectF:
        """What shows the first results, but for a few far from the others; all without any."""
        first = self._lit()[:_RESULT_LABELS]
        if not first:
            return self.fitted(size)
        places = self._landscape.coords[first]
        away = np.abs(places - np.median(places, axis=0)).max(axis=1)
        near = places[np.argsort(away, kind="stable")[: max(1, round(_NEAR_SHARE * len(first)))]]
        near = np.vstack((near, self._landscape.coords[[first[0], *self._own]]))
        low, high = near.min(axis=0), near.max(axis=0)
        half = np.maximum((high - low) / 2 * _AROUND, _LEAST * float(self._extent.max()))
        return self._part((low + high) / 2, half, size)

    def _part(self, middle: NDArray[Any], half: NDArray[Any], size: QSizeF) -> QRectF:
        """What reaches so far from a middle, in the proportions of the whole."""
        whole, pixels = self.fitted(size), np.maximum((size.width(), size.height()), 1.0)
        room = np.maximum(1 - 2 * _MARGIN / pixels, 0.2)
        span = np.array((whole.width(), whole.height()))
        span *= min(1.0, float((2 * half / (span * room)).max()))
        return QRectF(*(middle - span / 2).tolist(), *span.tolist())

    def arrange(self, shown: QRectF, size: QSizeF, head: float = 0.0) -> None:
        """Compute where points and names are."""
        self._size, self._head = size, head
        scale = np.array((size.width() / shown.width(), -size.height() / shown.height()))
        offset = -np.array((shown.left(), shown.bottom())) * scale
        x, y = self._columns
        self._pixels = (
            x * np.float32(scale[0]) + np.float32(offset[0]),
            y * np.float32(scale[1]) + np.float32(offset[1]),
        )
        x, y = self._pixels
        inside = (x >= 0) & (x < size.width()) & (y >= 0) & (y < size.height())
        count = int(np.count_nonzero(inside))
        self._visible = self._tokens[:0]
        self._close = count <= _FEW
        if count <= _SOME:
            visible = self._tokens[inside]
            emoji = self._vocabulary.scripts[visible] == _EMOJI
            words_last = ~emoji & (np.count_nonzero(emoji) >= _MANY_EMOJI * count)
            visible = visible[np.lexsort((self._rank[visible], words_last))]
            self._visible = visible if self._close else visible[:_LANDMARKS]
        self._shown = shown
        self._place_labels()

    def _places_of(self, tokens: Sequence[int]) -> NDArray[np.float64]:
        coords = self._landscape.coords[np.array(tokens, np.int64)].reshape(-1, 2)
        return to_pixels(coords, self._shown, self._size)

    def _place_labels(self) -> None:
        """Give the query's tokens, the selected, the tray's, results, regions and others names."""
        there = self._told_apart()
        lit = list(there)
        # A word whose vector an emoji borrows is named beside it.
        faces = {t: next((e for e in there[t] if self._face(e).pictorial), None) for t in lit}
        self._pictures = self._with_room([emoji for emoji in faces.values() if emoji is not None])
        self._pictured = {t for t, emoji in faces.items() if emoji in self._pictures}
        said = {t: self._name(t) + self._borrowers(there[t]) for t in lit[:_RESULT_LABELS]}
        named: dict[int, tuple[str, str]] = {}
        for tokens, role, font in (
            (self._own, "query", "bold"),
            (self._selected, "text", "bold"),
            (self._tray, "on_accent", "small"),
            (lit[:_RESULT_LABELS], "accent", "small"),
            (self.notable, "text2", "small"),
        ):
            for token in tokens:
                named.setdefault(token, (role, self._font(token, role, font)))
        twins = set(self._rank_of).difference(lit)
        for token in self._visible.tolist():
            if len(named) >= _LABELS + _RESULT_LABELS:
                break
            if token not in twins:
                named.setdefault(token, ("text2", self._font(token, "text2", "small")))
        for token in self._pictures:
            if token not in self._tray:
                named.pop(token, None)  # a picture needs no name
        others = [token for token in lit if token not in named]
        points = [*named, *others]
        pixels = self._places_of(points)
        if self._visible.size:  # names keep off every dot, where there are dots
            known = set(points)
            dots = [token for token in self._visible.tolist() if token not in known]
            pixels = np.vstack((pixels, self._places_of(dots)))
        radii = np.full(len(pixels), _FAR_RADIUS)
        ring = set(self._selected)
        radii[: len(points)] = [
            _EMOJI_RADIUS if t in self._pictured else _RING_RADIUS if t in ring else _NEAR_RADIUS
            for t in points
        ]
        wishes = []
        for index, (token, (role, font)) in enumerate(named.items()):
            words = said.get(token) or self._name(token)
            width = self._words.width(words, font) + (14 if role == "on_accent" else 4)
            forced = role in ("query", "text", "on_accent")
            wishes.append(Wish(index, width, self._letters[font].height, 40.0 if forced else 0.0))
        bounds = self._room()
        placed = place_labels(wishes, pixels, radii, [], bounds)
        self._placed = {points[index]: box for index, box in placed.items()}
        self._labels = [
            (said.get(token) or self._name(token), box, *named[token])
            for token, box in self._placed.items()
        ]
        taken = [*placed.values()]
        for (x, y), r in zip(pixels[: len(points)].tolist(), radii.tolist(), strict=False):
            taken.append(QRectF(x - r, y - r, 2 * r, 2 * r))
        self.regions.arrange(self._shown, self._size, bounds, taken, self._words)

    def _font(self, token: int, role: str, font: str) -> str:
        return "emoji" if role != "on_accent" and self._face(token).pictorial else font

    def _lit(self) -> list[int]:
        """The results by rank."""
        return sorted(self._rank_of, key=self._rank_of.__getitem__)

    def _told_apart(self) -> dict[int, list[int]]:
        """The results by rank; those in one place under the first: else they were named twice."""
        there: dict[tuple[float, float], list[int]] = {}
        for token in self._lit():
            x, y = self._landscape.coords[token].tolist()
            there.setdefault((x, y), []).append(token)
        return {tokens[0]: tokens for tokens in there.values()}

    def _borrowers(self, tokens: list[int]) -> str:
        """What stands behind a name for emoji in its place that no font here can draw."""
        emoji = (t for t in tokens[1:] if self._vocabulary.scripts[t] == _EMOJI)
        name = next((self._name(t) for t in emoji if not self._face(t).pictorial), "")
        return f" {name}" if name else ""

    def _with_room(self, tokens: list[int]) -> list[int]:
        """Those that lie over no mark and none before them when they are drawn as pictures."""
        own = self._places_of(tokens).tolist()  # of which a word may lend one to an emoji
        marks = self._places_of([*self._own, *self._selected]).tolist()
        taken = [(*at, _EMOJI_RADIUS + _OWN_RADIUS) for at in marks if at not in own]
        kept = []
        for token, (x, y) in zip(tokens, own, strict=True):
            if all(math.hypot(x - left, y - top) >= room for left, top, room in taken):
                taken.append((x, y, 2 * _EMOJI_RADIUS))
                kept.append(token)
        return kept

    def _room(self) -> QRectF:
        """Where names may stand."""
        return QRectF(QPointF(), self._size).adjusted(0, self._head, 0, -self._foot())

    def _foot(self) -> float:
        return _RIM + self._letters["caption"].height

    def _face(self, token: int) -> Face:
        found = self._faces.get(token)
        if found is None:
            if len(self._faces) >= _NAMES_KEPT:
                self._faces.clear()
            found = self._faces[token] = face(self._vocabulary, token, self._letters["plain"].font)
        return found

    def _name(self, token: int) -> str:
        return self._face(token).whole

    def where(self, token: int) -> QPointF | None:
        """Where a token is on the canvas."""
        if not self._has_place(token):
            return None
        return QPointF(*self._places_of([token])[0].tolist())

    def place(self, token: int) -> NDArray[np.float32] | None:
        """The coordinates of a token, float32 [1, 2]."""
        return self._landscape.coords[[token]] if self._has_place(token) else None

    def token(self, index: int) -> int | None:
        """Points are tokens; those below zero are regions."""
        return index if index >= 0 else None

    def at(self, position: QPointF) -> int | None:
        """The nearest token in reach, else the one that is named; the few before the many.

        The few are what is lit or marked; after them comes a region, by its name.
        """
        if position.y() > self._size.height() - self._foot():
            return None
        for tokens in ([*self._own, *self._selected, *self._tray, *self._rank_of], None):
            region = self.regions.at(position) if tokens is None else None
            if region is not None and self._leads_on(region):
                return region
            x, y = self._pixels if tokens is None else self._places_of(tokens).T
            if not len(x):
                continue
            away = np.maximum(np.abs(x - position.x()), np.abs(y - position.y()))
            nearest = int(away.argmin())
            if away[nearest] <= _REACH:
                if tokens is not None:
                    return tokens[nearest]
                there = self._tokens[away == away[nearest]]
                return int(there[self._rank[there].argmin()])
        return next((t for t, box in self._placed.items() if box.contains(position)), None)

    def _leads_on(self, region: int) -> bool:
        return self.region_part(region, self._size).width() < _CLOSER * self._shown.width()

    def within(self, shape: QPolygonF) -> list[int]:
        """The tokens in a shape: results by rank, then the most common first."""
        box = shape.boundingRect()
        x, y = self._pixels
        near = (x >= box.left()) & (x <= box.right()) & (y >= box.top()) & (y <= box.bottom())
        candidates = np.flatnonzero(near)
        inside = are_within(shape, x[candidates], y[candidates])
        tokens = self._tokens[candidates[inside]].tolist()
        last = len(self._rank_of)
        return sorted(tokens, key=lambda t: (self._rank_of.get(t, last), int(self._rank[t])))

    def walked(self, token: int | None, steps: int | None) -> int | None:
        """Walk through the results that are lit."""
        lit = self._lit()
        if not lit:
            return None
        if steps is None:
            return lit[-1]
        at = lit.index(token) + steps if token in self._rank_of else 0
        return lit[min(max(at, 0), len(lit) - 1)]

    # Words

    def description(self) -> str:
        """What is said of the picture to those who don't see it."""
        words = f"All {len(self._tokens):,} tokens of the table, like beside like."
        if self._selected:
            words = f"{self._name(self._selected[0])}. {words}"
        if self._rank_of:
            words = f"{words} Arrow keys walk through the results, 0 zooms to them."
        return f"{words} Page down goes from region to region." if self.regions.names else words

    def tip(self, index: int) -> str:
        """What the tool tip of a token or a region says."""
        if index < 0:
            return f"Zoom to {self.regions.name(index)}; 0 leads back to the whole map"
        words = f"{self._name(index)} · #{index}"
        if index in self._rank_of:
            words += f" · rank {self._rank_of[index] + 1}"
        place = self._landscape.coords[index]
        twins = int((self.coords == place).all(axis=1).sum()) - 1
        return f"{words} · {twins} more in this place: click again" if twins else words

    def captions(self) -> tuple[str, ...]:
        """How far to trust the picture, the longest sentence first."""
        kept = f"keeps {self._landscape.kept:.0%} of"
        counted = f"{len(self._tokens):,} tokens, like beside like"
        return (
            f"{counted} · {kept} each token’s true neighbours; far apart says little",
            f"{counted} · {kept} true neighbours",
            f"{kept} true neighbours",
        )

    # Painting

    def paint(self, painter: QPainter, hovered: int | None = None) -> None:
        """Draw the landscape, regions, results, marks and caption; the ground is the caller's."""
        colours = theme.colours()
        size = (max(1, round(self._size.width())), max(1, round(self._size.height())))
        if self._colours is not None:
            painter.setOpacity(1.0 if self._close else _CROWDED)
            paint_squares(painter, self._pixels, size, self._colours, 2 if self._close else 1)
            painter.setOpacity(1.0)
        else:
            paint_density(painter, self._pixels, size, colours.colour("dens1"))
            if self._visible.size:
                shade = np.full(len(self._tokens), colours.colour("map_far").rgba(), np.uint32)
                paint_squares(painter, self._pixels, size, shade, 1 if self._close else 0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent, base = colours.colour("accent"), colours.colour("base")
        painter.setPen(QPen(base, 1))
        painter.setBrush(accent)
        lit = self._lit()[::-1]
        for token, (x, y) in zip(lit, self._places_of(lit).tolist(), strict=True):
            share = 1 - self._rank_of[token] / max(len(lit) - 1, 1)
            radius = _FAR_RADIUS + share * (_NEAR_RADIUS - _FAR_RADIUS)
            painter.drawEllipse(QPointF(x, y), radius, radius)
        for x, y in self._places_of(self._tray).tolist():
            painter.drawEllipse(QPointF(x, y), _NEAR_RADIUS, _NEAR_RADIUS)
        painter.setPen(QPen(base, 1.5))
        painter.setBrush(colours.colour("query"))
        for x, y in self._places_of(self._own).tolist():
            r = _OWN_RADIUS
            painter.drawPolygon(
                [QPointF(x, y - r), QPointF(x + r, y), QPointF(x, y + r), QPointF(x - r, y)]
            )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(accent, 2))
        for token, (x, y) in zip(
            self._selected, self._places_of(self._selected).tolist(), strict=True
        ):
            radius = _EMOJI_RING if token in self._pictured else _RING_RADIUS
            painter.drawEllipse(QPointF(x, y), radius, radius)
        self._paint_pictures(painter)
        paint_strips(painter, self._size, self._head, self._foot())
        if self._colours is not None:
            paint_plates(painter, [*(box for _, box, _, _ in self._labels), *self.regions.boxes])
        for words, box, role, font in self._labels:
            self._words.paint(painter, words, box, role, font)
        self.regions.paint(painter, self._words, hovered)
        line = self._letters["caption"].height
        paint_caption(painter, self._size, line, self._words, self.captions(), self._key)
        if hovered is not None and hovered >= 0 and (at := self.where(hovered)) is not None:
            painter.setBrush(colours.colour("text"))
            painter.setPen(QPen(base, 1))
            painter.drawEllipse(at, _FAR_RADIUS + 1, _FAR_RADIUS + 1)
            self._words.paint_beside(painter, self._name(hovered), at, self._room(), "bold")

    def _paint_pictures(self, painter: QPainter) -> None:
        """Draw results that are emoji as what they are, each lit by a ring; the best on top."""
        colours, r = theme.colours(), _EMOJI_RADIUS
        for token, (x, y) in reversed(
            list(zip(self._pictures, self._places_of(self._pictures).tolist(), strict=True))
        ):
            painter.setPen(QPen(colours.colour("accent"), 1.5))
            painter.setBrush(colours.colour("base"))
            painter.drawEllipse(QPointF(x, y), r, r)
            box = QRectF(x - r, y - r, 2 * r, 2 * r)
            self._words.paint(painter, self._face(token).text, box, "text", "emoji")
