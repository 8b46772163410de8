"""The line at the bottom: what just happened, for whom it is written, and how long it took."""

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from tokensim_gui.core.prompt.interfaces import TITLES, Interface
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.menu_button import MenuButton

_SHOWN_MS = 12_000


class StatusLine(QWidget):
    """A notice at the left, with a button where it asks for one; facts at the right."""

    offerTaken = Signal(object)  # Offer
    interfaceChanged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notice = ElidedLabel()
        self._notice.setProperty("look", "dim")
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.setInterval(_SHOWN_MS)
        self._fade.timeout.connect(self._notice.clear)
        self._offers: tuple[Offer, ...] = ()
        self._buttons = [QPushButton() for _ in range(2)]
        for button in self._buttons:
            button.setProperty("look", "link")
            button.hide()
            button.clicked.connect(self._on_button_clicked)
        self._facts = QLabel()
        self._facts.setProperty("look", "dim")
        self._interface = MenuButton()
        self._interface.setProperty("look", "flat words")  # a minimum width would let it shrink
        self._interface.setToolTip(
            "The program whose syntax is escaped in everything that you copy"
        )
        self.interfaces = menu = QMenu("I &write for", self)
        self._group = QActionGroup(self)
        for key, words in TITLES.items():
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setData(key)
            self._group.addAction(action)
        self._interface.setMenu(menu)

        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._notice)
        for button in self._buttons:
            layout.addWidget(button)
        layout.addStretch(1)
        layout.addWidget(self._interface)
        layout.addWidget(self._facts)
        self._group.triggered.connect(self._on_interface_triggered)

    def set_notice(self, notice: Notice) -> None:
        """Show a sentence and a button for each of its offers."""
        self._fade.stop()
        if not notice.offers:
            self._fade.start()
        self._notice.setText(notice.text)
        self._offers = notice.offers
        for number, button in enumerate(self._buttons):
            offered = number < len(notice.offers)
            button.setVisible(offered)
            if offered:
                button.setText(notice.offers[number].words)

    def notice(self) -> str:
        """The sentence shown."""
        return self._notice.text()

    def set_facts(self, words: str) -> None:
        """Show time and device."""
        self._facts.setText(words)

    def set_interface(self, key: Interface) -> None:
        """Show for whom prompts are written, without a signal."""
        self._interface.setText(f"For: {TITLES[key]} ▾")
        for action in self._group.actions():
            action.setChecked(action.data() == key)

    @Slot()
    def _on_button_clicked(self) -> None:
        number = [button is self.sender() for button in self._buttons].index(True)
        self.offerTaken.emit(self._offers[number])

    @Slot(QAction)
    def _on_interface_triggered(self, action: QAction) -> None:
        self.set_interface(action.data())
        self.interfaceChanged.emit(action.data())
