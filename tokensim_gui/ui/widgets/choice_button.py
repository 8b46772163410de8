"""A button that shows what was chosen out of a few, and lets another be chosen."""

from collections.abc import Mapping
from typing import TypeVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from tokensim_gui.ui.widgets.menu_button import MenuButton

Key = TypeVar("Key", bound=str)


class ChoiceButton(MenuButton):
    """Sends the key of what was chosen."""

    chosen = Signal(str)

    def __init__(
        self,
        name: str,
        choices: Mapping[Key, str],
        look: str = "",
        before: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Make a button without a choice yet.

        Args:
            name: What is chosen; the menu's title (with a mnemonic) and the accessible name.
            choices: Key → words.
            look: Of the style sheet.
            before: Stands before the words on the button.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._choices: dict[str, str] = dict(choices.items())
        self._before = before
        self.setAccessibleName(name.replace("&", ""))
        if look:
            self.setProperty("look", look)
        menu, self._group = QMenu(name, self), QActionGroup(self)
        for key, words in choices.items():
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setData(key)
            self._group.addAction(action)
        self.setMenu(menu)
        menu.aboutToShow.connect(self._on_menu_about_to_show)
        self._group.triggered.connect(self._on_group_triggered)

    def set_current(self, key: str) -> None:
        """Show a choice, without a signal."""
        self.setText(f"{self._before}{self._choices[key]}")
        for action in self._group.actions():
            action.setChecked(action.data() == key)

    def set_previews(self, previews: Mapping[str, str]) -> None:
        """Show beside each choice what would come of it."""
        for action in self._group.actions():
            preview = previews.get(action.data(), "")
            words = self._choices[action.data()]
            action.setText(f"{words}\t{preview}" if preview else words)

    @Slot()
    def _on_menu_about_to_show(self) -> None:
        """Let the arrows begin at what is chosen, and show where that is."""
        checked = self._group.checkedAction()
        if checked is not None:
            self.menu().setActiveAction(checked)

    @Slot(QAction)
    def _on_group_triggered(self, action: QAction) -> None:
        self.set_current(action.data())
        self.chosen.emit(action.data())
