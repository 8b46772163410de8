"""What a map shows, as its canvas sees it."""

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter, QPolygonF


class Scene(Protocol):
    """Points that stand for tokens, named by numbers. Those below zero lead into a region."""

    @property
    def corners(self) -> NDArray[np.float32]:
        """The lowest and the highest coordinates of all that there is to see, float32 [2, 2]."""

    def refresh_theme(self) -> None:
        """Take colours and fonts anew."""

    def mark(self, selected: Sequence[int], tray: Collection[int]) -> None:
        """Mark tokens: those selected, the current one first, and those of the tray."""

    def fitted(self, size: QSizeF) -> QRectF:
        """The part of the plane that is shown at first, its top the lowest coordinate."""

    def arrange(self, shown: QRectF, size: QSizeF, head: float = 0.0) -> None:
        """Compute what stands where, before anything below, after any change.

        ``head`` is how many pixels at the top are left to what lies over them.
        """

    def at(self, position: QPointF) -> int | None:
        """The point under a pixel."""

    def token(self, index: int) -> int | None:
        """The token of a point; None for one that is none."""

    def where(self, token: int) -> QPointF | None:
        """The pixel of a token."""

    def place(self, token: int) -> NDArray[np.float32] | None:
        """The coordinates of a token, float32 [1, 2]."""

    def within(self, shape: QPolygonF) -> list[int]:
        """The tokens in a shape, the most important first."""

    def walked(self, token: int | None, steps: int | None) -> int | None:
        """The token so many ranks on; None: the last one. None if there are no ranks."""

    def description(self) -> str:
        """What is said to those who don't see the picture."""

    def tip(self, index: int) -> str:
        """What is said of a point."""

    def paint(self, painter: QPainter, hovered: int | None = None) -> None:
        """Draw everything but the ground."""


def twins(scene: Scene, token: int) -> list[int]:
    """The tokens in exactly the place of one, and itself, the most important first."""
    at, place = scene.where(token), scene.place(token)
    if at is None or place is None:
        return [token]
    near = scene.within(QPolygonF(QRectF(at - QPointF(0.5, 0.5), QSizeF(1, 1))))
    spots = ((one, scene.place(one)) for one in near)
    return [t for t, spot in spots if spot is not None and (spot == place).all()] or [token]
