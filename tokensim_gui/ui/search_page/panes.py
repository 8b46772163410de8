"""The panes beside and below the table: which are shown, and where, in the width that there is."""

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme

Mode = Literal["both", "tabs"]
WIDE, NARROW = 1100, 760
LOW = 480
_PLACES = {"map": 0, "card": 1}  # in the side pane
_POPUP_SIZE = (420, 360)


class SidePane(QWidget):
    """The right column: two panes, one above the other or one at a time under tabs."""

    def __init__(self, upper: QWidget, lower: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panes = (upper, lower)
        self._wanted = [True, True]
        self._mode: Mode = "both"
        self._tabs = QWidget()
        row = QHBoxLayout(self._tabs)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._buttons = QButtonGroup(self)
        for number, words in enumerate(("Map", "Token")):
            button = QPushButton(words)
            button.setProperty("look", "tab")
            button.setCheckable(True)
            self._buttons.addButton(button, number)
            row.addWidget(button, 1)
        self._buttons.button(0).setChecked(True)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(theme.SPACE_M)
        self.splitter.addWidget(upper)
        self.splitter.addWidget(lower)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([390, 260])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._tabs)
        layout.addWidget(self.splitter, 1)
        self._buttons.idClicked.connect(self._on_tab_clicked)
        self._arrange()

    def set_mode(self, mode: Mode) -> None:
        """One above the other, or one at a time under tabs."""
        self._mode = mode
        self._arrange()

    def set_wanted(self, number: int, wanted: bool) -> None:
        """Show or hide the upper (0) or lower (1) pane for good."""
        self._wanted[number] = wanted
        self._arrange()

    def take_back(self, number: int) -> None:
        """Put a pane that was borrowed by a popup back in its place."""
        self.splitter.insertWidget(number, self._panes[number])
        self._arrange()

    @property
    def empty(self) -> bool:
        """Whether neither pane is wanted."""
        return not any(self._wanted)

    def _arrange(self) -> None:
        tabs = self._mode == "tabs" and all(self._wanted)
        self._tabs.setVisible(tabs)
        for number, pane in enumerate(self._panes):
            shown = self._wanted[number] and (not tabs or self._buttons.checkedId() == number)
            if pane.parent() is self.splitter:
                pane.setVisible(shown)

    @Slot(int)
    def _on_tab_clicked(self, _number: int) -> None:
        self._arrange()


class _CardPopup(QWidget):
    """A window of its own, where the page has no room: holds what it is lent, until Esc."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle("Token")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(*(theme.SPACE_S,) * 4)

    def show_lent(self, card: QWidget, over: QWidget) -> None:
        """Show a widget, in the middle of another one."""
        self._layout.addWidget(card)
        card.show()
        self.resize(*_POPUP_SIZE)
        self.move(over.mapToGlobal(over.rect().center()) - self.rect().center())
        self.show()
        self.activateWindow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Say that it is closed, by whatever way."""
        super().hideEvent(event)
        self.closed.emit()


class Panes(QObject):
    """Shows and hides map, card and tray.

    In a narrow page the map has no room and the card a window of its own; what was chosen for
    wider ones is kept meanwhile.

    Signals:
        changed: A pane by name, whether it is shown, and whether that can be chosen now.
    """

    changed = Signal(str, bool, bool)

    def __init__(
        self, page: QWidget, side: SidePane, card: QWidget, tray: QWidget, settings: Settings
    ) -> None:
        super().__init__(page)
        self._page, self._side, self._card, self._tray = page, side, card, tray
        self._settings = settings
        self._narrow = False
        self._card_is_lent = False
        self._popup = _CardPopup(page)
        self._popup.closed.connect(self._on_popup_closed)
        side.set_wanted(_PLACES["map"], settings.show_map)
        side.set_wanted(_PLACES["card"], settings.show_card)
        tray.setVisible(settings.show_tray)

    def show(self, name: str, shown: bool) -> None:
        """Show or hide ``map``, ``card`` or ``tray``, and remember it."""
        if name == "tray":
            self._tray.setVisible(shown)
            self._settings.set("show_tray", shown)
        elif not self._narrow:
            self._side.set_wanted(_PLACES[name], shown)
            self._side.setVisible(not self._side.empty)
            self._settings.set(f"show_{name}", shown)
        elif name == "card" and shown:
            self._card_is_lent = True
            self._popup.show_lent(self._card, self._page)
        elif name == "card":
            self._popup.close()
        self._tell()

    def arrange(self, width: int) -> None:
        """Use the width that there is."""
        narrow = width < NARROW
        self._side.set_mode("both" if width >= WIDE else "tabs")
        if narrow != self._narrow:
            self._narrow = narrow
            if not narrow and self._card_is_lent:
                self._card_is_lent = False
                self._popup.hide()
                self._side.take_back(_PLACES["card"])
            self._tell()
        self._side.setVisible(not narrow and not self._side.empty)

    def _tell(self) -> None:
        settings, wide = self._settings, not self._narrow
        self.changed.emit("map", wide and settings.show_map, wide)
        self.changed.emit("card", settings.show_card if wide else self._popup.isVisible(), True)
        self.changed.emit("tray", settings.show_tray, True)

    @Slot()
    def _on_popup_closed(self) -> None:
        self._tell()
