"""What stands where there is nothing to compare yet: a title, a sentence and what to do."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tokensim_gui.ui import theme


class Invitation(QWidget):
    """Says what is missing, with a button for each way to get it."""

    buttonClicked = Signal(str)

    def __init__(
        self, title: str, text: str, buttons: dict[str, str], parent: QWidget | None = None
    ) -> None:
        """Take the words.

        Args:
            title: What is so.
            text: What to do, and what one gets by it.
            buttons: Key that `buttonClicked` sends → words on the button; the first is the chief.
            parent: The owner.
        """
        super().__init__(parent)
        heading = QLabel(title)
        heading.setProperty("look", "title")
        sentence = QLabel(text)
        sentence.setProperty("look", "dim")
        sentence.setWordWrap(True)
        sentence.setFixedWidth(440)
        for label in (heading, sentence):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(sentence)
        middle.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addStretch(1)
        for number, (key, words) in enumerate(buttons.items()):
            button = QPushButton(words)
            button.setProperty("key", key)
            if number == 0:
                button.setProperty("look", "primary")
            button.clicked.connect(self._on_button_clicked)
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACE_M)
        column.addStretch(2)
        column.addWidget(heading)
        column.addLayout(middle)
        column.addLayout(row)
        column.addStretch(3)

    @Slot()
    def _on_button_clicked(self) -> None:
        self.buttonClicked.emit(self.sender().property("key"))
