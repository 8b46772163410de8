"""The names of regions over a whole map: each leads into its region."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFont, QPainter

from tokensim_gui.core.vocabulary.regions import Region
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.haloed_words import Words
from tokensim_gui.ui.charts.map_layout import to_pixels

_LARGE_POINTS = 4.5
_SPACING = {"region": 0.3, "large region": 0.6}  # pixels between letters
_PADDING = 4.0
_LINE, _ASIDE = 0.8, 0.6
# Widths aside and lines down from the middle of the region.
_TRIED = (
    (0, 0), (0, -1), (0, 1), (0, -2), (0, 2),
    (-1, 0), (1, 0), (-1, -1), (1, -1), (-1, 1), (1, 1),
)  # fmt: skip


def fonts() -> dict[str, QFont]:
    """The fonts of the names of small and of large regions."""
    found = {"region": theme.sized(0), "large region": theme.sized(_LARGE_POINTS, bold=True)}
    for name, font in found.items():
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, _SPACING[name])
    return found


class RegionNames:
    """Regions are named by numbers below zero, which no token has."""

    def __init__(self, regions: Mapping[str, Region]) -> None:
        self._regions = regions
        self.names = list(regions)
        places = [region.place for region in regions.values()]
        self._places = np.array(places, np.float32).reshape(-1, 2)
        self._boxes: dict[int, QRectF] = {}
        self.gone_to = 0  # the number of the one shown last, 0 of none

    def following(self, steps: int) -> int:
        """The number of the one so many on; from none to the first or the last."""
        count = len(self.names)
        at = -1 - self.gone_to if self.gone_to < 0 else -1 if steps > 0 else count
        return -1 - (at + steps) % count

    def region(self, number: int) -> Region:
        """What a number stands for."""
        return self._regions[self.name(number)]

    def name(self, number: int) -> str:
        """What it is called."""
        return self.names[-1 - number]

    def number(self, name: str) -> int | None:
        """The number of a region; None if there is none of that name."""
        return -1 - self.names.index(name) if name in self._regions else None

    def arrange(
        self,
        shown: QRectF,
        size: QSizeF,
        bounds: QRectF,
        taken: list[QRectF],
        words: Words,
    ) -> None:
        """Find a place for every name that has one inside ``bounds`` and off what is ``taken``.

        A large region is not named where no more than it is shown: its small ones are.
        """
        self._boxes = {}
        edges = np.array([box.getCoords() for box in taken]).reshape(-1, 4)
        pixels = to_pixels(self._places, shown, size)
        for index, (name, (x, y)) in enumerate(zip(self.names, pixels.tolist(), strict=True)):
            region, font = self._regions[name], self._font(name)
            if region.large and 2 * region.reach >= shown.width():
                continue
            line = words.height(font)
            box = QRectF(0, 0, words.width(name, font) + 2 * _PADDING, line)
            if not bounds.intersects(box.translated(x - box.width() / 2, y - box.height() / 2)):
                continue
            for aside, down in _TRIED:
                by = QPointF(aside * _ASIDE * box.width(), down * _LINE * line)
                box.moveCenter(QPointF(x, y) + by)
                left, top, right, bottom = corners = (
                    box.left(), box.top(), box.right(), box.bottom(),
                )  # fmt: skip
                hit = (
                    (edges[:, 0] < right) & (edges[:, 2] > left)
                    & (edges[:, 1] < bottom) & (edges[:, 3] > top)
                )  # fmt: skip
                if bounds.contains(box) and not hit.any():
                    edges = np.vstack((edges, corners))
                    self._boxes[-1 - index] = QRectF(box)
                    break

    def _font(self, name: str) -> str:
        return "large region" if self._regions[name].large else "region"

    def at(self, position: QPointF) -> int | None:
        """The region whose name is there."""
        return next((n for n, box in self._boxes.items() if box.contains(position)), None)

    @property
    def boxes(self) -> list[QRectF]:
        """Where names stand."""
        return list(self._boxes.values())

    def paint(self, painter: QPainter, words: Words, hovered: int | None) -> None:
        """Write the names; the one under the mouse looks like what can be clicked."""
        for number, box in self._boxes.items():
            role = "accent" if number == hovered else "group"
            name = self.name(number)
            words.paint(painter, name, box, role, self._font(name))
