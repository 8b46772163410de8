"""The words that every list of a comparison has, each of them to click."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from tokensim_gui.ui import theme

_MOST = 24
_GAP = 2


class CommonWords(QWidget):
    """A title and as many words as there is room for; says which one was clicked."""

    wordChosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self)
        self._title.setProperty("look", "title")
        self._buttons = [self._button() for _ in range(_MOST)]
        self._count = 0
        self.setFixedHeight(theme.px(theme.FIELD_HEIGHT))

    def show_words(self, title: str, words: Sequence[str]) -> None:
        """Show a title and words, the most important first; "" shows nothing."""
        self._title.setText(title)
        self._count = min(len(words), _MOST)
        for button, word in zip(self._buttons, words, strict=False):
            button.setText(word.replace("&", "&&"))
            button.setProperty("word", word)
            button.setAccessibleName(f"Select {word} in every list")
        self._arrange()

    def title(self) -> str:
        """What stands before the words."""
        return self._title.text()

    def words(self) -> list[str]:
        """The words that there is room for."""
        return [str(b.property("word")) for b in self._buttons if not b.isHidden()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _button(self) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("look", "link")
        button.clicked.connect(self._on_button_clicked)
        button.hide()
        return button

    def _arrange(self) -> None:
        self.setFixedHeight(theme.px(theme.FIELD_HEIGHT))
        self._title.ensurePolished()
        size = self._title.sizeHint()
        self._title.setGeometry(0, 0, min(size.width(), self.width()), self.height())
        x = size.width() + theme.SPACE_S
        for number, button in enumerate(self._buttons):
            fits = False
            if number < self._count:
                button.ensurePolished()
                hint = button.sizeHint()
                fits = x + hint.width() <= self.width()
                y = (self.height() - hint.height()) // 2
                button.setGeometry(x, y, hint.width(), hint.height())
                x += hint.width() + _GAP if fits else self.width()
            button.setVisible(fits)

    @Slot()
    def _on_button_clicked(self) -> None:
        self.wordChosen.emit(self.sender().property("word"))
