"""A button with a menu of encoders."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFont, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from tokensim_gui.ui.widgets.menu_button import MenuButton
from tokensim_gui.ui.widgets.plain_tip import plain_tip

_AROUND = 32  # pixels beside the name: margins and the chevron
_LEAST = 64


class EncoderChooser(MenuButton):
    """Shows one encoder's name; emits the slug of another that is chosen."""

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._words = name, ""
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self.setProperty("look", "flat words")
        font = QFont()
        font.setWeight(QFont.Weight.DemiBold)
        self.setFont(font)
        self._menu.triggered.connect(self._on_menu_triggered)

    def show_choice(self, current: str, labels: Mapping[str, str], source: str) -> None:
        """Show the encoder that is chosen, and offer these.

        Args:
            current: Slug of the one chosen.
            labels: What button and menu say, by slug.
            source: Where the one chosen is from, for the tooltip.
        """
        self._words = labels[current]
        self.setAccessibleName(f"{self._name}: {self._words}")
        self.setToolTip(plain_tip("\n".join(filter(None, (self._words, source)))))
        self._menu.clear()
        for slug, words in labels.items():
            action = self._menu.addAction(words.replace("&", "&&"))
            action.setData(slug)
            action.setCheckable(True)
            action.setChecked(slug == current)
        self.reserve([self._words])
        self._elide()

    def choices(self) -> list[str]:
        """Slugs offered."""
        return [str(action.data()) for action in self._menu.actions()]

    def minimumSizeHint(self) -> QSize:
        """A few letters of the name will do."""
        return QSize(_LEAST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the name to the room there is."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(_LEAST, self.width()) - _AROUND
        words = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        if (shown := words.replace("&", "&&")) != self.text():
            self.setText(shown)

    @Slot(QAction)
    def _on_menu_triggered(self, action: QAction) -> None:
        self.chosen.emit(action.data())
