"""The badge that says whose vectors these are not, and what can be done about it."""

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.window.actions import Action

_WORDS = "not your model’s vectors"
_WORD = "starter"
_TITLE = "These are starter vectors."
_TEXT = (
    "They know what words mean, not what your image model does. Token ids, splitting and counts "
    "are already exact; only similarity changes with your model’s own vectors."
)
_WIDTH = 320
_WAYS = {
    Action.FIND_CHECKPOINTS: "Find on this computer…",
    Action.OPEN_FILE: "Open checkpoint…",
}


class StarterBadge(QToolButton):
    """Shown with the starter vectors; a click says what that means.

    Signals:
        actionRequested: A way to the model's own vectors was chosen.
        fetchRequested: They are to be fetched from the hub.
    """

    actionRequested = Signal(object)  # Action
    fetchRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_wide(True)
        self.setAccessibleName(_WORDS)
        self.setProperty("look", "badge")
        self.setToolTip(_TITLE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._popover = QFrame(self, Qt.WindowType.Popup)
        self._popover.setProperty("look", "message")
        self._popover.setAccessibleName(_TITLE)
        title, text = QLabel(_TITLE), QLabel(_TEXT)
        title.setProperty("look", "title")
        text.setWordWrap(True)
        column = QVBoxLayout(self._popover)
        column.setContentsMargins(*(theme.SPACE_L,) * 4)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(title)
        column.addWidget(text)
        self._fetch = QPushButton()
        self._fetch.setProperty("look", "primary")
        self._fetch.clicked.connect(self._on_fetch_clicked)
        column.addWidget(self._fetch)
        for action, words in _WAYS.items():
            button = QPushButton(words)
            button.setProperty("action", action.name)
            button.clicked.connect(self._on_way_clicked)
            column.addWidget(button)
        self._popover.setFixedWidth(_WIDTH)
        self.clicked.connect(self._on_clicked)

    def set_wide(self, wide: bool) -> None:
        """Say it in full, or in a word."""
        self.setText(_WORDS if wide else _WORD)

    def set_fetchable(self, words: str) -> None:
        """Say what can be fetched; "" for nothing."""
        self._fetch.setText(words)
        self._fetch.setVisible(bool(words))

    @Slot()
    def _on_clicked(self) -> None:
        self._popover.adjustSize()
        below = self.mapToGlobal(QPoint(self.width() - _WIDTH, self.height() + theme.SPACE_XS))
        self._popover.move(below)
        self._popover.show()
        self._fetch.setFocus() if self._fetch.isVisible() else self._popover.setFocus()

    @Slot()
    def _on_fetch_clicked(self) -> None:
        self._popover.hide()
        self.fetchRequested.emit()

    @Slot()
    def _on_way_clicked(self) -> None:
        self._popover.hide()
        self.actionRequested.emit(Action[self.sender().property("action")])
