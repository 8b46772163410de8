"""Queries asked and things saved, a click away from the bar."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.menu_button import MenuButton
from tokensim_gui.ui.window.actions import ACTIONS, Action


class Shelf(QWidget):
    """Two buttons; the window opens what they ask for below them."""

    actionRequested = Signal(object)  # Action

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.history = self._button("History", Action.HISTORY)
        self.saved = self._button("Saved", Action.SAVED)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_XS)
        row.addWidget(self.history)
        row.addWidget(self.saved)
        self.history.clicked.connect(self._on_history_clicked)
        self.saved.clicked.connect(self._on_saved_clicked)

    @staticmethod
    def _button(words: str, action: Action) -> MenuButton:
        button = MenuButton()
        button.setText(words)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # what was typed in gets the keyboard back
        button.setProperty("look", "quiet")
        button.setAccessibleName(words)
        button.setToolTip(f"{ACTIONS[action].tip} ({ACTIONS[action].keys})")
        return button

    @Slot()
    def _on_history_clicked(self) -> None:
        self.actionRequested.emit(Action.HISTORY)

    @Slot()
    def _on_saved_clicked(self) -> None:
        self.actionRequested.emit(Action.SAVED)
