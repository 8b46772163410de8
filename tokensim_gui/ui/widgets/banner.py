"""A coloured line with a sentence and buttons, above what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from tokensim_gui.ui import theme

_MOST = 2  # buttons


@dataclass(frozen=True, slots=True)
class BannerText:
    """What a banner says, in one length.

    Attributes:
        strong: What is so, in bold.
        text: What follows it.
        buttons: Key that `Banner.buttonClicked` sends, and words on the button.
    """

    strong: str
    text: str
    buttons: tuple[tuple[str, str], ...]


class Banner(QFrame):
    """One sentence, buttons that are verbs, and a cross. Hidden until `show_texts`."""

    buttonClicked = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "notice")
        self.setFixedHeight(40)
        self._texts: Sequence[BannerText] = ()
        self._shown: BannerText | None = None
        self._strong = QLabel()
        self._strong.setProperty("look", "title")
        self._text = QLabel()
        for label in (self._strong, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setMinimumWidth(1)  # the banner never widens the window
        self._buttons = [QPushButton() for _ in range(_MOST)]
        self._cross = QToolButton()
        self._cross.setText("×")
        self._cross.setProperty("look", "flat")
        self._cross.setAccessibleName("Close this notice")
        self._layout = layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_S, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self._strong)
        layout.addWidget(self._text)
        layout.addStretch(1)
        for button in self._buttons:
            layout.addWidget(button)
            button.hide()
            button.clicked.connect(self._on_button_clicked)
        layout.addWidget(self._cross)
        self._cross.clicked.connect(self._on_cross_clicked)
        self.hide()

    def show_texts(self, texts: Sequence[BannerText], tooltip: str) -> None:
        """Show the first of ``texts`` that has room, the last one if none has.

        Args:
            texts: The same in shorter and shorter words.
            tooltip: More to know.
        """
        self._texts = texts
        self.setToolTip(tooltip)
        self.setAccessibleName(f"{texts[0].strong} {texts[0].text}")
        self.show()
        self._choose()

    def _choose(self) -> None:
        for text in self._texts:
            self._fill(text)
            if self._layout.sizeHint().width() <= self.width():
                return

    def _fill(self, text: BannerText) -> None:
        if text == self._shown:
            return
        self._shown = text
        self._strong.setText(text.strong)
        self._text.setText(text.text)
        for number, button in enumerate(self._buttons):
            button.setVisible(number < len(text.buttons))
            if number < len(text.buttons):
                key, words = text.buttons[number]
                button.setProperty("key", key)
                button.setText(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the words anew."""
        super().resizeEvent(event)
        self._choose()

    @Slot()
    def _on_button_clicked(self) -> None:
        self.buttonClicked.emit(self.sender().property("key"))

    @Slot()
    def _on_cross_clicked(self) -> None:
        self.hide()
        self.closed.emit()
