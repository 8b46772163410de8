"""The surface of the map: pan, zoom, hover, select, walk by rank."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.loading import charts_are_loaded
from tokensim_gui.ui.charts.map_layout import reaching
from tokensim_gui.ui.charts.scene import Scene, twins
from tokensim_gui.ui.tokens.token_gestures import TokenGestures, claims, is_drag
from tokensim_gui.ui.widgets.plain_tip import plain_tip

if TYPE_CHECKING:
    from tokensim_gui.ui.charts.chart_view import ChartView

_ZOOM_PER_NOTCH = 1.25
_MAX_ZOOM, _MIN_ZOOM = 40.0, 0.5
_WALK = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
}
Part = Callable[[QSizeF], QRectF]
"""What part of the plane a canvas of that size shows, its top the lowest coordinate."""
_RIM, _INSIDE = 40, 60  # pixels: a token chosen elsewhere that is nearer to a side comes farther in
_OUTER = 0.2  # of the canvas on each side: results that begin there are brought into the middle


class MapCanvas(QWidget):
    """Shows a scene. It holds no state of the program: what is selected comes from outside.

    The picture is painted by one function, into this widget until pyqtgraph is imported and into
    its view from then on; so the one replaces the other without a jump, and can't be moved before.

    Signals:
        tokenActivated: A token was clicked or walked to.
        tokensSelected: Tokens in the shape of a Shift+drag, or of a drag while `lasso` is on.
        lassoDrawn: Such a shape is closed.
        regionActivated: A point was clicked that leads into a region.
    """

    tokenActivated = Signal(int)
    tokensSelected = Signal(list)
    lassoDrawn = Signal()
    regionActivated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)
        self._scene: Scene | None = None
        self._empty = ""
        self._chart: ChartView | None = None
        self._clicked: int | None = None  # before the click went on to its twin
        self._fitted = True
        self._part: Part | None = None  # what is shown instead, until the user moves it
        self._selected: tuple[int, ...] = ()
        self._tray: tuple[int, ...] = ()
        self.lasso = False
        self.head = 0  # pixels at the top that something else lies over
        self._hovered: int | None = None
        self._pressed_at: QPointF | None = None
        self._panned_to: QPointF | None = None
        self._lasso: QPolygonF | None = None
        self._led_on = False  # the last click led into a region
        self._stale = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Map")
        if charts_are_loaded():
            self.use_chart()

    def sizeHint(self) -> QSize:
        """Ask for enough to read 60 points."""
        return QSize(560, 320)

    def minimumSizeHint(self) -> QSize:
        """Stay of use in a narrow column."""
        return QSize(160, 120)

    def use_chart(self) -> None:
        """Let pyqtgraph, which is imported by now, take over the picture as it stands."""
        from tokensim_gui.ui.charts.chart_view import ChartView

        if self._chart is None:
            self._chart = ChartView(self, self._paint)
            self._chart.resize(self.size())
            self._chart.show()
            self._show_part() if self._part is not None else self.fit()

    def drop_chart(self) -> None:
        """Paint as before `use_chart`: a pyqtgraph view must not outlive the application."""
        if self._chart is not None:
            self._chart.setParent(None)
            self._chart.deleteLater()
            self._chart = None
            self.fit()

    def show_scene(self, scene: "Scene | None", empty: str = "") -> None:
        """Show a scene, all of it in view; or say why there is none."""
        self._scene, self._empty = scene, empty
        self._hovered = None
        self._mark()
        self.fit()

    def set_selected(self, tokens: Sequence[int]) -> None:
        """Put rings round tokens, the current one first; a far one comes into view."""
        self._selected = tuple(tokens)
        self._mark()
        if self._scene is not None and self._chart is not None and not self._fitted and tokens:
            self._bring_inside(self._scene, self._chart, tokens[0])
        self.refresh()

    def _bring_inside(self, scene: "Scene", chart: "ChartView", token: int) -> None:
        self._stale = True
        place, at = scene.place(token), self.position_of(token)
        near = self.rect().adjusted(_RIM, max(_RIM, self.head), -_RIM, -_RIM)
        if place is not None and at is not None and not near.contains(at.toPoint()):
            rim = self.head + _INSIDE
            sides = chart.data_size(min(rim, self.width() / 2), min(rim, self.height() / 2))
            chart.show_range(reaching(place, chart.shown, sides))
            self._part = None  # what is shown now is what is kept

    def set_tray(self, tokens: Sequence[int]) -> None:
        """Show which tokens are in the tray."""
        self._tray = tuple(tokens)
        self._mark()
        self.refresh()

    def _mark(self) -> None:
        if self._scene is None:
            self.setAccessibleDescription(self._empty)
        else:
            self._scene.mark(self._selected, self._tray)
            self.setAccessibleDescription(self._scene.description())

    def fit(self) -> None:
        """Bring everything into view."""
        self._fitted, self._part = True, None
        if self._chart is not None and self._scene is not None:
            self._chart.show_range(self._scene.fitted(QSizeF(self.size())))
        self.refresh()

    def show_part(self, part: Part, name: str = "") -> None:
        """Bring a part of the plane into view until the user moves it; say what it is called."""
        if self._scene is not None:
            self._hover(None)  # with the hand of a name that is elsewhere now
            self._part, self._fitted = part, False
            words = self._scene.description()
            self.setAccessibleDescription(f"{name}. {words}" if name else words)
            self._show_part()

    def lead_to(self, token: int | None, part: Part) -> None:
        """Show a part of the plane if a token lies at the rim, or outside, of what is shown."""
        at = None if token is None or self._fitted else self.position_of(token)
        aside, down = round(self.width() * _OUTER), round(self.height() * _OUTER)
        if at is not None and not self.rect().adjusted(aside, down, -aside, -down).contains(
            at.toPoint()
        ):
            self.show_part(part)

    def _show_part(self) -> None:
        if self._chart is not None and self._part is not None:
            self._chart.show_range(self._part(QSizeF(self.size())))
        self.refresh()

    def position_of(self, token_id: int) -> QPointF | None:
        """Where a token is on the canvas, None if it is not on the map."""
        scene = self._arranged()
        return None if scene is None else scene.where(token_id)

    def draw(self, painter: QPainter) -> None:
        """Draw the map without hover, focus, lasso and what lies over it, on its ground."""
        painter.fillRect(self.rect(), theme.colours().colour("base"))
        if self._scene is not None:
            self._arrange(self._scene, 0)
            self._scene.paint(painter)
            self._stale = True

    def draw_whole(self, painter: QPainter, size: QSizeF) -> None:
        """Draw all of the map into another size, without ground, hover and focus."""
        scene = self._scene
        if scene is None:
            return
        scene.arrange(scene.fitted(size), size)
        scene.paint(painter)
        self._stale = True  # the scene's places are of that size now

    def _moved(self, scene: "Scene", chart: "ChartView") -> None:
        """The user looks elsewhere: but never where there is nothing to see."""
        shown = chart.shown
        chart.show_range(reaching(scene.corners, shown, (shown.width() / 2, shown.height() / 2)))
        self._fitted, self._part = False, None
        self.refresh()

    def refresh(self) -> None:
        """Arrange and paint anew, after a change of the scene."""
        self._stale = True
        self._repaint()

    def _repaint(self) -> None:
        if self._chart is None:
            self.update()
        else:
            self._chart.repaint_item()

    def _arranged(self) -> "Scene | None":
        """The scene with every position up to date."""
        scene = self._scene
        if scene is not None and self._stale:
            self._arrange(scene, self.head)
        self._stale = False
        return scene

    def _arrange(self, scene: "Scene", head: int) -> None:
        size = QSizeF(self.size())
        shown = scene.fitted(size) if self._chart is None else self._chart.shown
        scene.arrange(shown, size, head)

    # Events

    def event(self, event: QEvent) -> bool:
        """Show the tool tip of the point under the mouse; claim the keys of a token."""
        if claims(event):
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            scene = self._arranged()
            index = None if scene is None else scene.at(QPointF(event.pos()))
            if scene is None or index is None:
                QToolTip.hideText()
                event.ignore()
                return True
            area = QRect(event.pos() - QPoint(8, 8), QSize(16, 16))
            QToolTip.showText(event.globalPos(), plain_tip(scene.tip(index)), self, area)
            return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme and font."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            if self._scene is not None:
                self._scene.refresh_theme()
            self.refresh()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep everything in view, or the middle where it is if the user has moved the map."""
        chart = self._chart
        if chart is not None:
            pixel = chart.data_size(1, 1)
            chart.resize(event.size())
            if self._part is not None:
                self._show_part()
            elif not self._fitted:
                chart.show_middle(pixel)
        if self._fitted:
            self.fit()
        self.refresh()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the mouse."""
        scene, chart = self._scene, self._chart
        if scene is None or chart is None or event.angleDelta().y() == 0:
            event.ignore()
            return
        whole = scene.fitted(QSizeF(self.size())).height()
        wanted = _ZOOM_PER_NOTCH ** (event.angleDelta().y() / 120) * whole / chart.shown.height()
        zoom = min(max(wanted, _MIN_ZOOM), _MAX_ZOOM)
        chart.zoom(chart.shown.height() / whole * zoom, event.position())
        self._moved(scene, chart)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click, a pan or, on a token, a drag, or with Shift a lasso."""
        if event.button() != Qt.MouseButton.LeftButton or self._scene is None:
            event.ignore()
            return
        self._pressed_at, self._led_on = event.position(), False
        token = self._token_at(event.position())
        if self.lasso or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._lasso = QPolygonF([event.position()])
        else:
            self.gestures.press(event, [] if token is None else [token])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hover, pan, carry a token away or draw on at the lasso."""
        scene = self._arranged()
        if scene is None:
            return
        at = event.position()
        if self._pressed_at is None:
            self._hover(scene.at(at))
        elif self._lasso is not None:
            self._lasso.append(at)
            self._repaint()
        elif self.gestures.move(event, self):
            self._pressed_at = None
        elif self._panned_to is None and not is_drag(self._pressed_at, at):
            return
        elif self._chart is not None:
            self._chart.pan(at - (self._panned_to or self._pressed_at))
            self._panned_to = at
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._moved(scene, self._chart)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish what the press began."""
        scene = self._arranged()
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_at is None:
            return
        self.gestures.release()
        lasso, panned = self._lasso, self._panned_to
        self._pressed_at = self._panned_to = self._lasso = None
        self.unsetCursor()
        self._repaint()
        if scene is None:
            return
        if lasso is not None:
            if inside := scene.within(lasso):
                self.tokensSelected.emit(inside)
            self.lassoDrawn.emit()
        elif panned is None:
            index = scene.at(event.position())
            token = None if index is None else scene.token(index)
            if token is not None:
                there = twins(scene, token)
                self._clicked = next((t for t in self._selected[:1] if t in there), token)
                if self._clicked in self._selected[:1]:
                    token = there[(there.index(self._clicked) + 1) % len(there)]
                self.tokenActivated.emit(token)
            elif index is not None and index < 0:
                self._led_on = True
                self.regionActivated.emit(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look the token up; not one that the first of two clicks brought under the mouse."""
        if not self._led_on:
            scene, token = self._arranged(), self._token_at(event.position())
            if scene is not None and token is not None and self._clicked in twins(scene, token):
                token = self._clicked
            self.gestures.double_click(event, token)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the token under the mouse, or of the selected one by key."""
        at = self.position_of(self._selected[0]) if self._selected else None
        current = None if at is None else (self._selected[0], at.toPoint())
        token = self.gestures.context_menu(
            event, self, lambda where: self._token_at(QPointF(where)), current
        )
        if token is not None:
            self.tokenActivated.emit(token)

    @property
    def is_fitted(self) -> bool:
        """Whether all of the picture is in view, as at first."""
        return self._fitted

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk by rank, look up, put into the tray or the query, fit."""
        key = Qt.Key(event.key())
        scene = self._scene
        current = self._selected[0] if self._selected else None
        if scene is None:
            event.ignore()
        elif key in _WALK or key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            home, steps = key == Qt.Key.Key_Home, _WALK.get(key)
            token = scene.walked(None, 0) if home else scene.walked(current, steps)
            if token is not None:
                self.tokenActivated.emit(token)
        elif key == Qt.Key.Key_0 and not self._fitted:
            self.fit()
        elif not self.gestures.key(event, current, self._selected):
            event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self._hover(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self._repaint()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no longer."""
        super().focusOutEvent(event)
        self._repaint()

    def _token_at(self, position: QPointF) -> int | None:
        scene = self._arranged()
        index = None if scene is None else scene.at(position)
        return None if scene is None or index is None else scene.token(index)

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            if not self.lasso:
                leads = index is not None and index < 0
                shapes = Qt.CursorShape
                self.setCursor(shapes.PointingHandCursor if leads else shapes.ArrowCursor)
            self._repaint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture while there is no chart to do so."""
        if self._chart is None:
            self._paint(QPainter(self))

    def _paint(self, painter: QPainter) -> None:
        """Draw the map, what is under the mouse, the lasso and the focus."""
        colours = theme.colours()
        painter.fillRect(self.rect(), colours.colour("base"))
        scene = self._arranged()
        if scene is None:
            painter.setPen(colours.colour("text2"))
            painter.drawText(
                self.rect(),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._empty,
            )
        else:
            scene.paint(painter, self._hovered)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._lasso is not None:
            painter.setPen(QPen(colours.colour("text2"), 1, Qt.PenStyle.DashLine))
            painter.drawPolygon(self._lasso)
        if self.hasFocus():
            painter.setPen(QPen(colours.colour("accent"), 1))
            edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(edge, theme.RADIUS, theme.RADIUS)
