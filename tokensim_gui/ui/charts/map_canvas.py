"""The surface of the map: pan, zoom, hover, select, walk by rank."""

import html
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
from tokensim_gui.ui.charts.map_layout import fitted, reaching
from tokensim_gui.ui.charts.map_scene import MapScene
from tokensim_gui.ui.tokens.token_gestures import TokenGestures, claims, is_drag

if TYPE_CHECKING:
    from tokensim_gui.core.values import Results
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
    from tokensim_gui.ui.charts.chart_view import ChartView

_ZOOM_PER_NOTCH = 1.25
_MAX_ZOOM, _MIN_ZOOM = 40.0, 0.5
_WALK = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
}
_RIM = 40  # pixels: a token chosen elsewhere comes at least so far into view
_EMPTY = "Nothing to draw yet: type a word."
_NONE_PASSES = "Nothing to draw: no token passes the filters."


class MapCanvas(QWidget):
    """Draws one answer. It holds no state of the program: what is selected comes from outside.

    The picture is painted by one function, into this widget until pyqtgraph is imported and into
    its view from then on; so the one replaces the other without a jump, and can't be moved before.

    Signals:
        tokenActivated: A token was clicked or walked to.
        tokensSelected: Tokens in the shape of a Shift+drag, by rank.
    """

    tokenActivated = Signal(int)
    tokensSelected = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)
        self._results: Results | None = None
        self._scene: MapScene | None = None
        self._chart: ChartView | None = None
        self._fitted = True
        self._selection: int | None = None
        self._hovered: int | None = None
        self._pressed_at: QPointF | None = None
        self._panned_to: QPointF | None = None
        self._lasso: QPolygonF | None = None
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
            self.fit()

    def show_results(self, results: "Results | None", vocabulary: "Vocabulary | None") -> None:
        """Draw an answer, all of it in view."""
        self._results = results
        self._hovered = None
        if results is None or vocabulary is None or len(results.map_ids) == 0:
            self._scene = None
        else:
            self._scene = MapScene(results, vocabulary)
        self._describe()
        self.fit()

    def set_selection(self, token_id: int | None) -> None:
        """Put the ring round a token; none if it is not on the map."""
        self._selection = token_id
        scene, chart = self._scene, self._chart
        if scene is not None and chart is not None and not self._fitted:
            if token_id in scene.index_of:
                point = scene.coords[[scene.index_of[token_id]]]
                chart.show_range(reaching(point, chart.shown, chart.data_size(_RIM, _RIM)))
        self._describe()
        self._refresh()

    def fit(self) -> None:
        """Bring everything into view."""
        self._fitted = True
        if self._chart is not None and self._scene is not None:
            self._chart.show_range(fitted(self._scene.coords, QSizeF(self.size())))
        self._refresh()

    def position_of(self, token_id: int) -> QPointF | None:
        """Where a token is on the canvas, None if it is not on the map."""
        scene = self._arranged()
        if scene is None or token_id not in scene.index_of:
            return None
        return scene.position(scene.index_of[token_id])

    def draw(self, painter: QPainter) -> None:
        """Draw the map without hover, focus and lasso, on its ground."""
        painter.fillRect(self.rect(), theme.colours().colour("base"))
        scene = self._arranged()
        if scene is not None:
            scene.paint(painter)

    def draw_whole(self, painter: QPainter, size: QSizeF) -> None:
        """Draw all of the map into another size, without ground, hover and focus."""
        scene = self._scene
        if scene is None:
            return
        scene.arrange(fitted(scene.coords, size), size, self._selection)
        scene.paint(painter)
        self._stale = True  # the scene's places are of that size now

    def _moved(self, scene: MapScene, chart: "ChartView") -> None:
        """The user looks elsewhere: but never where there is nothing to see."""
        shown = chart.shown
        chart.show_range(reaching(scene.coords, shown, (shown.width() / 2, shown.height() / 2)))
        self._fitted = False
        self._refresh()

    def _refresh(self) -> None:
        self._stale = True
        self._repaint()

    def _repaint(self) -> None:
        if self._chart is None:
            self.update()
        else:
            self._chart.repaint_item()

    def _arranged(self) -> MapScene | None:
        """The scene with every position up to date."""
        scene = self._scene
        if scene is not None and self._stale:
            size = QSizeF(self.size())
            shown = fitted(scene.coords, size) if self._chart is None else self._chart.shown
            scene.arrange(shown, size, self._selection)
        self._stale = False
        return scene

    def _describe(self) -> None:
        scene = self._scene
        if scene is None:
            self.setAccessibleDescription(self._empty_sentence())
            return
        index = None if self._selection is None else scene.index_of.get(self._selection)
        if index is None:
            words = f"{scene.ranked} tokens, {scene.name(0)} is nearest."
        elif index < scene.ranked:
            words = f"{scene.name(index)}, {index + 1} of {scene.ranked}."
        else:
            words = f"{scene.name(index)}, a token of the query."
        self.setAccessibleDescription(f"{words} Arrow keys walk by rank.")

    def _empty_sentence(self) -> str:
        return _EMPTY if self._results is None else _NONE_PASSES

    def _tool_tip(self, scene: MapScene, index: int) -> str:
        assert self._results is not None
        if index == scene.query:
            return f"The query: {self._results.query.text}"
        token_id = scene.ids[index]
        words = f"{scene.name(index)} · #{token_id}"
        score = scene.score_of.get(token_id)
        if score is not None:
            words += f" · {_score_words(score, self._results.query.metric)}"
        if index >= scene.ranked:
            return f"{words} · a token of the query"
        return f"{words} · rank {index + 1}"

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
            # Escaped in a tag of its own: a piece such as <b> is text and not markup.
            words = html.escape(self._tool_tip(scene, index))
            text = f'<p style="white-space: pre; margin: 0">{words}</p>'
            centre = scene.position(index).toPoint()
            area = QRect(centre - QPoint(8, 8), QSize(16, 16)).united(
                QRect(event.pos(), QSize(1, 1))
            )
            QToolTip.showText(event.globalPos(), text, self, area)
            return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme and font."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            if self._scene is not None:
                self._scene.refresh_theme()
            self._refresh()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep everything in view, or the middle where it is if the user has moved the map."""
        chart = self._chart
        if chart is not None:
            pixel = chart.data_size(1, 1)
            chart.resize(event.size())
            if not self._fitted:
                chart.show_middle(pixel)
        if self._fitted:
            self.fit()
        self._refresh()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the mouse."""
        scene, chart = self._scene, self._chart
        if scene is None or chart is None or event.angleDelta().y() == 0:
            event.ignore()
            return
        whole = fitted(scene.coords, QSizeF(self.size())).height()
        wanted = _ZOOM_PER_NOTCH ** (event.angleDelta().y() / 120) * whole / chart.shown.height()
        zoom = min(max(wanted, _MIN_ZOOM), _MAX_ZOOM)
        chart.zoom(chart.shown.height() / whole * zoom, event.position())
        self._moved(scene, chart)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click, a pan or, on a token, a drag, or with Shift a lasso."""
        if event.button() != Qt.MouseButton.LeftButton or self._scene is None:
            event.ignore()
            return
        self._pressed_at = event.position()
        token = self._token_at(event.position())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
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
        elif panned is None:
            index = scene.at(event.position())
            if index is not None and index < scene.query:
                self.tokenActivated.emit(scene.ids[index])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look the token up."""
        self.gestures.double_click(event, self._token_at(event.position()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the token under the mouse, or of the selected one by key."""
        at = None if self._selection is None else self.position_of(self._selection)
        current = None if self._selection is None or at is None else (self._selection, at.toPoint())
        token = self.gestures.context_menu(
            event, self, lambda where: self._token_at(QPointF(where)), current
        )
        if token is not None:
            self.tokenActivated.emit(token)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk by rank, look up, put into the tray or the query, fit."""
        key = Qt.Key(event.key())
        scene = self._scene
        if scene is None:
            event.ignore()
        elif key in _WALK:
            index = None if self._selection is None else scene.index_of.get(self._selection)
            if index is None or index >= scene.ranked:
                target = 0
            else:
                target = min(max(index + _WALK[key], 0), scene.ranked - 1)
            self.tokenActivated.emit(scene.ids[target])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.tokenActivated.emit(scene.ids[0 if key == Qt.Key.Key_Home else scene.ranked - 1])
        elif key == Qt.Key.Key_0:
            self.fit()
        elif not self.gestures.key(event, self._selection):
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
        if scene is None or index is None or index == scene.query:
            return None
        return scene.ids[index]

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self._repaint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture while there is no chart to do so."""
        if self._chart is None:
            self._paint(QPainter(self))

    def _paint(self, painter: QPainter) -> None:
        """Draw the map, what is under the mouse, the lasso and the focus."""
        colours = theme.colours()
        scene = self._arranged()
        if scene is None:
            painter.setPen(colours.colour("text2"))
            painter.drawText(
                self.rect(),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._empty_sentence(),
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


def _score_words(score: float, metric: str) -> str:
    if metric == "dot":
        return f"dot product {score:.3f}"
    if metric == "euclidean":
        return f"distance {score:.3f}"
    return f"similarity {score:.2%}"
