"""The encoder in front, and the menu that chooses another one."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from tokensim_gui.ui.widgets.menu_button import MenuButton

_TIP = "The text encoder whose tokens are shown"
_LATE_MS = 400  # what takes longer to open is said to be opened


class EncoderButton(MenuButton):
    """Names the encoder as fully as there is room."""

    encoderChosen = Signal(str)  # slug

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._more: list[QAction] = []
        self._name, self._label, self._opening = "", "", ""
        self._is_wide = False
        self._late = QTimer(self, singleShot=True, interval=_LATE_MS)
        self._late.timeout.connect(self._show)
        self.setProperty("look", "flat words")
        self.setAccessibleName("Encoder")
        self.setToolTip(_TIP)
        menu = QMenu(self)
        self.setMenu(menu)
        menu.triggered.connect(self._on_menu_triggered)

    def set_more(self, more: Sequence[QAction]) -> None:
        """Let these actions stand below the encoders."""
        self._more = list(more)

    def show_encoders(self, labels: Mapping[str, str], current: str, name: str) -> None:
        """List the encoders of this computer.

        Args:
            labels: Slug → what it is called, models included.
            current: Slug of the one in front.
            name: Its name alone.
        """
        self._name, self._label = name, labels.get(current, name)
        menu = self.menu()
        menu.clear()
        for slug, label in labels.items():
            action = menu.addAction(label.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(slug == current)
            action.setData(slug)
        menu.addSeparator()
        menu.addActions(self._more)

    def set_wide(self, wide: bool) -> None:
        """Name the models too, or the encoder alone."""
        self._is_wide = wide
        self._show()

    @Slot(str)
    def set_opening(self, name: str) -> None:
        """Say that another encoder is being opened, once that takes a while; "" when it is not."""
        self._opening = name
        if name:
            self._late.start()
        else:
            self._late.stop()
            self._show()

    @Slot()
    def _show(self) -> None:
        shown = self._label if self._is_wide else self._name
        if self._opening and not self._late.isActive():
            shown = f"Opening {self._opening}…"
        self.setText(shown.replace("&", "&&"))

    def set_facts(self, words: str) -> None:
        """Say how long the last search took, and on what."""
        self.setToolTip(f"{_TIP}\n{words}")

    @Slot(QAction)
    def _on_menu_triggered(self, action: QAction) -> None:
        if isinstance(action.data(), str):
            self.encoderChosen.emit(action.data())
