"""Which panes of the Search page are shown, and where, in the width that there is."""

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from tokensim_gui.state.settings import Settings
from tokensim_gui.ui.search_page.card_popup import CardPopup
from tokensim_gui.ui.search_page.side_pane import SidePane

WIDE, NARROW = 1100, 760
LOW = 480
_PLACES = {"map": 0, "card": 1}  # in the side pane


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
        self._popup = CardPopup(page)
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


def focus_inside(pane: QWidget) -> bool:
    """Focus what a pane names for it, or the first thing in it; False if nothing takes it."""
    proxy = pane.focusProxy()
    for item in (*([proxy] if proxy is not None else []), pane, *pane.findChildren(QWidget)):
        if item.focusPolicy() & Qt.FocusPolicy.TabFocus and item.isVisible() and item.isEnabled():
            item.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
    return False
