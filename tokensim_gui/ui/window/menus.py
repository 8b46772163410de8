"""Builds the menus and their actions out of `tokensim_gui.ui.window.actions`."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from tokensim_gui.core.prompt.copying import COPY_STYLES
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui.tokens.token_model import CHOOSABLE
from tokensim_gui.ui.window.actions import ACTIONS, MENUS, Action
from tokensim_gui.ui.window.settings_window import THEMES


class Menus(QObject):
    """Every action of the window; says which one was triggered."""

    triggered = Signal(object)  # Action
    copyAsAsked = Signal()
    copyAsRequested = Signal(str)
    columnsChanged = Signal(list)
    themeChanged = Signal(str)
    recentChosen = Signal(str)

    def __init__(
        self, window: QMainWindow, shared: Mapping[str, QMenu], settings: Settings
    ) -> None:
        """Build the menus of a window.

        Args:
            window: Whose actions they are: a hidden menu bar would keep their shortcuts to itself.
            shared: Menus that buttons of the window open too, by their names in `MENUS`.
            settings: Says what is checked.
        """
        super().__init__(window)
        self._settings = settings
        self.actions: dict[Action, QAction] = {}
        self.copy_as = self._choices("Copy &as", COPY_STYLES, window)
        asked = self.copy_as.menuAction()
        asked.setShortcut(QKeySequence("Ctrl+Shift+C"))
        window.addAction(asked)
        asked.triggered.connect(self.copyAsAsked)
        self._columns = self._choices(
            "&Columns", {column.key: column.header for column in CHOOSABLE}, window
        )
        self._theme = self._choices("&Theme", THEMES, window)
        self._recent = QMenu("Open &recent", window)
        for menu in (self._columns, self._theme):
            for action in menu.actions():
                action.setCheckable(True)
        themes = QActionGroup(self)
        for action in self._theme.actions():
            action.setChecked(action.data() == settings.theme)
            themes.addAction(action)
        for name, spec in ACTIONS.items():
            self.actions[name] = self._action(name, spec.text, window)
        named = {
            "recent": self._recent,
            "copy_as": self.copy_as,
            "columns": self._columns,
            "theme": self._theme,
            **shared,
        }
        self.all: list[QMenu] = []
        for title, items in MENUS:
            if items == ("encoders",):
                shared["encoders"].setTitle(title)
                self.all.append(shared["encoders"])
                continue
            menu = QMenu(title, window)
            self.all.append(menu)
            menu.setToolTipsVisible(True)
            for item in items:
                if item is None:
                    menu.addSeparator()
                elif isinstance(item, Action):
                    menu.addAction(self.actions[item])
                else:
                    menu.addMenu(named[item])
        self._columns.aboutToShow.connect(self._on_columns_about_to_show)
        self._recent.aboutToShow.connect(self._on_recent_about_to_show)
        self.copy_as.triggered.connect(self._on_copy_as_triggered)
        self._columns.triggered.connect(self._on_columns_triggered)
        self._theme.triggered.connect(self._on_theme_triggered)
        self._recent.triggered.connect(self._on_recent_triggered)

    def _action(self, name: Action, text: str, window: QMainWindow) -> QAction:
        spec = ACTIONS[name]
        action = QAction(text, window)
        action.setShortcuts(_sequences(spec.keys))
        if spec.tip:  # not a status tip: it would empty the status line
            action.setToolTip(spec.tip)
        action.setCheckable(spec.checkable)
        action.setData(name)
        action.triggered.connect(self._on_action_triggered)
        window.addAction(action)
        return action

    @staticmethod
    def _choices(title: str, choices: Mapping[Any, str], window: QMainWindow) -> QMenu:
        menu = QMenu(title, window)
        for key, words in choices.items():
            menu.addAction(words).setData(key)
        return menu

    @Slot()
    def _on_action_triggered(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.triggered.emit(action.data())

    @Slot(QAction)
    def _on_copy_as_triggered(self, action: QAction) -> None:
        self.copyAsRequested.emit(action.data())

    @Slot()
    def _on_columns_about_to_show(self) -> None:
        for action in self._columns.actions():
            action.setChecked(action.data() in self._settings.columns)

    @Slot(QAction)
    def _on_columns_triggered(self, action: QAction) -> None:
        shown = {**dict.fromkeys(self._settings.columns, True), action.data(): action.isChecked()}
        self.columnsChanged.emit([key for key, wanted in shown.items() if wanted])

    @Slot(QAction)
    def _on_theme_triggered(self, action: QAction) -> None:
        self.themeChanged.emit(action.data())

    @Slot()
    def _on_recent_about_to_show(self) -> None:
        self._recent.clear()
        for path in self._settings.recent_files:
            self._recent.addAction(path.replace("&", "&&")).setData(path)
        if self._recent.isEmpty():
            self._recent.addAction("No file was opened yet").setEnabled(False)

    @Slot(QAction)
    def _on_recent_triggered(self, action: QAction) -> None:
        self.recentChosen.emit(action.data())


def _sequences(keys: str) -> list[QKeySequence]:
    """The key sequences that a text of `ActionSpec.keys` names."""
    found: list[QKeySequence] = []
    for name in filter(None, keys.split(" | ")):
        if name.startswith("StandardKey."):
            standard = QKeySequence.StandardKey[name.removeprefix("StandardKey.")]
            found += QKeySequence.keyBindings(standard)
        else:
            found.append(QKeySequence(name))
    return found
