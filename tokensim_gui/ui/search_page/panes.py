"""List, map and inspector beside each other, over each other, or one at a time, by the room."""

from typing import Literal

from PySide6.QtCore import QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.map_pane import MapPane
from tokensim_gui.ui.search_page.pane_switch import PaneSwitch
from tokensim_gui.ui.widgets.qt_quirks import focus_inside

Mode = Literal["wide", "drawer", "single"]
WIDE, NARROW = 1100, 760
_LIST, _LIST_NARROW, _INSPECTOR, _DRAWER = 372, 316, 296, 268
_DRAWER_TOP = 48  # below the head of the map
_VEIL = 0.55  # of the old answer's strength is taken after an error


class _Drawer(QFrame):
    """Lies over the map and holds the inspector, until Esc."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(1, 1, 1, 1)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


class _Veil(QWidget):
    """Dims what is below it and lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Lay the ground thinly over it."""
        ground = theme.colours().colour("base")
        ground.setAlphaF(_VEIL)
        QPainter(self).fillRect(self.rect(), ground)


class Panes(QWidget):
    """Shows and hides list, map, inspector and tray.

    Wide pages have all beside each other; below `WIDE` the inspector is a drawer over the map, and
    below `NARROW` one pane is shown at a time. What was chosen for wide ones is kept meanwhile.

    Signals:
        changed: A pane by name, whether it is shown, and whether that can be chosen now.
        singleChanged: Whether there is room for one pane only.
    """

    changed = Signal(str, bool, bool)
    singleChanged = Signal(bool)

    def __init__(
        self,
        left: QWidget,
        map_pane: MapPane,
        inspector: QWidget,
        tray: QWidget,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._panes = {"list": left, "map": map_pane, "card": inspector}
        self._map, self._tray, self._settings = map_pane, tray, settings
        self._mode: Mode = "wide"
        self._unit = theme.px(100)
        self._single = "list"
        self._drawer_is_open = False
        self.switch = PaneSwitch()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setProperty("look", "sheets")
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        for pane in self._panes.values():
            self.splitter.addWidget(pane)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.splitterMoved.connect(self._on_splitter_moved)
        self._is_dragged = False
        self._more_list = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.splitter)
        self._drawer, self._veil = _Drawer(self), _Veil(self)
        self._drawer.closed.connect(self._on_drawer_closed)
        self.switch.chosen.connect(self.show_pane)
        tray.setVisible(settings.show_tray)
        self._apply()

    @property
    def mode(self) -> Mode:
        """How the panes are arranged."""
        return self._mode

    @Slot(str, bool)
    def show_pane(self, name: str, shown: bool) -> None:
        """Show or hide ``map``, ``card`` or ``tray``; where it fits, that is remembered."""
        if name == "tray":
            self._tray.setVisible(shown)
            self._settings.set("show_tray", shown)
        elif self._mode == "single":
            self._single = name if shown else "list"
        elif self._mode == "drawer" and name == "card":
            self._drawer_is_open = shown
        else:
            self._settings.set(f"show_{name}", shown)
        self._apply()

    @Slot(str)
    def show_region(self, name: str) -> None:
        """Show a region of the whole map, and give the map the keyboard."""
        self.show_pane("map", True)
        self._map.show_region(name)
        focus_inside(self._map)

    def show_whole_map(self) -> None:
        """Show the whole map, wherever it is hidden."""
        self.show_pane("map", True)
        self._map.show_whole(True)

    def arrange(self, width: int) -> None:
        """Use the width that there is, and which larger text needs more of."""
        wide, narrow = theme.px(WIDE), theme.px(NARROW)
        mode: Mode = "wide" if width >= wide else "drawer" if width >= narrow else "single"
        if (mode, theme.px(100)) != (self._mode, self._unit):
            self._mode, self._unit = mode, theme.px(100)
            self.singleChanged.emit(mode == "single")
            self._apply()
            self._place()

    @Slot(int)
    def give_list(self, more: int) -> None:
        """Let the list be wider than usual, for the columns that it shows."""
        is_wider, self._more_list = more > self._more_list, more
        if is_wider or not self._is_dragged:
            self._share_room()

    def set_dimmed(self, dimmed: bool) -> None:
        """Show that what is here answers an older query."""
        if dimmed == self._veil.isHidden():
            self._veil.setVisible(dimmed)
            self._veil.raise_()

    def _shown(self) -> dict[str, bool]:
        if self._mode == "single":
            return {name: name == self._single for name in self._panes}
        drawn = self._settings.show_card if self._mode == "wide" else self._drawer_is_open
        return {"list": True, "map": self._settings.show_map, "card": drawn}

    def _apply(self) -> None:
        shown, inspector = self._shown(), self._panes["card"]
        in_drawer = self._mode == "drawer"
        if in_drawer and inspector.parentWidget() is not self._drawer:
            self._drawer.column.addWidget(inspector)
        elif not in_drawer and inspector.parentWidget() is not self.splitter:
            self.splitter.insertWidget(2, inspector)
        for name, pane in self._panes.items():
            pane.setVisible(shown[name])
        self._drawer.setVisible(in_drawer and shown["card"])
        self._drawer.raise_()
        # The map fits its tokens into what the drawer leaves free.
        self._map.set_covered(theme.px(_DRAWER) if self._drawer.isVisibleTo(self) else 0)
        self._share_room()
        names = {"wide": (), "drawer": ("card",), "single": ("list", "map", "card")}[self._mode]
        on = self._single if self._mode == "single" else "card" if shown["card"] else ""
        self.switch.show_state(names, on)
        self._tell(shown)

    def _share_room(self) -> None:
        """Give list and inspector their widths, and the map the rest."""
        self._is_dragged = False
        if self._mode != "single":
            left = theme.px(_LIST if self._mode == "wide" else _LIST_NARROW) + self._more_list
            right = theme.px(_INSPECTOR) if self._mode == "wide" else 0
            self.splitter.setSizes([left, max(1, self.width() - left - right), right])

    @Slot()
    def _on_splitter_moved(self) -> None:
        self._is_dragged = True

    def _tell(self, shown: dict[str, bool]) -> None:
        for name in ("map", "card"):
            self.changed.emit(name, shown[name], True)
        self.changed.emit("tray", self._settings.show_tray, True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep drawer and veil in their places, and the panes' widths until one was dragged."""
        super().resizeEvent(event)
        self._place()
        if not self._is_dragged:  # a page made while it is hidden has no width yet
            self._share_room()

    def _place(self) -> None:
        corner = QPoint(self.width() - theme.px(_DRAWER) + 1, theme.px(_DRAWER_TOP))
        room = self.rect().adjusted(0, 0, 1, 1)
        self._drawer.setGeometry(QRect(corner, self.size()).intersected(room))
        self._veil.setGeometry(self.rect())

    @Slot()
    def _on_drawer_closed(self) -> None:
        self.show_pane("card", False)
        focus_inside(self._panes["map"])
