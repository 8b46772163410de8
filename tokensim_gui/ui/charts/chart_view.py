"""A lean pyqtgraph view: one ViewBox over the whole widget and, if asked for, one painted item.

Importing this module imports pyqtgraph, which takes a fifth of a second: only functions that run
after `loading.load_charts` do so.
"""

from collections.abc import Callable

import pyqtgraph as pg
from pyqtgraph import BarGraphItem, ImageItem
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

__all__ = ["BarGraphItem", "ChartView", "ImageItem"]

Paint = Callable[[QPainter], None]


class ChartView(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Shows what is added to `box`; the mouse passes through it to the widget that owns it.

    Without a PlotItem, a cache or automatic ranges a picture of 60 points is painted in 0.8 ms
    instead of 6.
    """

    def __init__(self, parent: QWidget, paint: Paint | None = None) -> None:
        """Make the view.

        Args:
            parent: The widget that answers to mouse and keyboard.
            paint: Draws the picture in the view's pixels.
        """
        super().__init__(parent, useOpenGL=False, background=None)
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self.box.disableAutoRange()
        self.setCentralItem(self.box)
        self._painted = None if paint is None else _PaintedItem(self.box, paint)
        if paint is not None:
            # A scene tells its view of changes one turn of the event loop later, and so the map
            # would show an answer a frame after the list.
            self.setViewportUpdateMode(self.ViewportUpdateMode.NoViewportUpdate)

    @property
    def shown(self) -> QRectF:
        """What is in view, in the coordinates of the data; they grow upwards."""
        return QRectF(self.box.viewRect())

    def data_size(self, width: float, height: float) -> tuple[float, float]:
        """How much of the data a rectangle of so many pixels shows."""
        shown = self.shown
        return (
            width * shown.width() / max(self.width(), 1),
            height * shown.height() / max(self.height(), 1),
        )

    def show_range(self, shown: QRectF) -> None:
        """Bring that much of the data into view, exactly, and paint."""
        self.box.setRange(shown, padding=0)
        self.repaint_item()

    def show_middle(self, pixel: tuple[float, float]) -> None:
        """Keep the middle, and ``pixel`` as the size of a pixel, after the view was resized."""
        shown = QRectF(0, 0, self.width() * pixel[0], self.height() * pixel[1])
        shown.moveCenter(self.shown.center())
        self.show_range(shown)

    def zoom(self, factor: float, at: QPointF) -> None:
        """Make everything ``factor`` times as large; what is under a pixel stays there."""
        self.box.scaleBy((1 / factor, 1 / factor), self.box.mapToView(at))

    def pan(self, by: QPointF) -> None:
        """Shift everything by pixels."""
        across, up = self.data_size(-by.x(), by.y())
        self.box.translateBy(x=across, y=up)

    def repaint_item(self) -> None:
        """Paint anew, in the next frame: a painted picture is shown only when it is asked for."""
        if self._painted is not None:
            self.viewport().update()


class _PaintedItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Covers a ViewBox and is painted in its pixels by a function that knows no pyqtgraph."""

    def __init__(self, box: pg.ViewBox, paint: Paint) -> None:
        super().__init__(box)
        self._box, self._paint = box, paint
        box.sigResized.connect(self._on_box_resized)

    def boundingRect(self) -> QRectF:
        """All of the box."""
        return QRectF(self._box.rect())

    def paint(self, painter: QPainter, *_args: object) -> None:
        """Let the function draw."""
        self._paint(painter)

    def _on_box_resized(self, _box: object) -> None:
        self.prepareGeometryChange()
