"""The menus behind one button; on macOS they stay in the bar of the system."""

import re
import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QMenu

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.icon_button import IconButton
from tokensim_gui.ui.widgets.plain_tip import plain_tip

_WIDTH, _MARGINS = 300, 58  # pixels: the popup's, so that no message makes it wider


class MenuOpener(QObject):
    """Opens all menus from one button, by F10 and each by Alt and its letter; nothing moves."""

    def __init__(self, window: QMainWindow, menus: Sequence[QMenu]) -> None:
        super().__init__(window)
        self.button = IconButton("menu", "Menus (F10)")
        self.popup = QMenu(window)
        self.popup.setToolTipsVisible(True)
        self.popup.setMinimumWidth(theme.px(_WIDTH))
        self._message = QAction(window)
        self._message.setEnabled(False)
        self._message.setVisible(False)
        self._letters: dict[QShortcut, QMenu] = {}
        if sys.platform == "darwin":
            for menu in menus:
                window.menuBar().addMenu(menu)
            self.button.hide()
            return
        for menu in menus:
            self.popup.addMenu(menu)
            letter = re.search("&(.)", menu.title())
            if letter is not None:
                shortcut = QShortcut(QKeySequence(f"Alt+{letter[1]}"), window)
                shortcut.activated.connect(self._on_letter_activated)
                self._letters[shortcut] = menu
        self.popup.addSeparator()
        self.popup.addAction(self._message)
        self.button.clicked.connect(self.open)
        QShortcut(QKeySequence("F10"), window).activated.connect(self.open)

    def set_message(self, words: str) -> None:
        """Keep what was said last, for who has missed it."""
        self.popup.setMinimumWidth(theme.px(_WIDTH))
        room = theme.px(_WIDTH) - _MARGINS
        elided = Qt.TextElideMode.ElideRight
        shown = self.popup.fontMetrics().elidedText(f"Last: {words}", elided, room)
        self._message.setText(shown.replace("&", "&&"))
        self._message.setToolTip(plain_tip(words))
        self._message.setVisible(bool(words))

    @Slot()
    def open(self) -> None:
        """Open the popup below the button."""
        self._popup(self.popup)

    def _popup(self, menu: QMenu) -> None:
        right = self.button.mapToGlobal(QPoint(self.button.width(), self.button.height()))
        menu.popup(right - QPoint(menu.sizeHint().width(), 0))
        if menu is not self.popup:  # a submenu would open at once
            menu.setActiveAction(menu.actions()[0])

    @Slot()
    def _on_letter_activated(self) -> None:
        shortcut = self.sender()
        if isinstance(shortcut, QShortcut):
            self._popup(self._letters[shortcut])
