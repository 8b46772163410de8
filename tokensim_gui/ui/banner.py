"""A coloured line with a sentence and buttons, above what it is about."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from tokensim_gui.ui import theme


class Banner(QFrame):
    """One sentence, buttons that are verbs, and a cross. Hidden until `show_text`."""

    buttonClicked = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "notice")
        self.setFixedHeight(40)
        self._strong = QLabel()
        self._strong.setProperty("look", "title")
        self._text = QLabel()
        # A long sentence is cut, and whole in the tooltip, rather than widening the window.
        self._text.setMinimumWidth(40)
        for label in (self._strong, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)
        cross = QToolButton()
        cross.setText("×")
        cross.setProperty("look", "flat")
        cross.setAccessibleName("Close this notice")
        self._buttons: list[QPushButton] = []
        self._layout = layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_S, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self._strong)
        layout.addWidget(self._text, 1)
        layout.addWidget(cross)
        cross.clicked.connect(self._on_cross_clicked)
        self.hide()

    def show_text(self, strong: str, text: str, buttons: dict[str, str], tooltip: str = "") -> None:
        """Show a sentence.

        Args:
            strong: What is so, in bold.
            text: What follows it.
            buttons: Key that `buttonClicked` sends → words on the button.
            tooltip: More to know.
        """
        self._strong.setText(strong)
        self._text.setText(text)
        self.setToolTip(tooltip or f"{strong} {text}")
        self.setAccessibleName(f"{strong} {text}")
        for button in self._buttons:
            self._layout.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        for key, words in buttons.items():
            button = QPushButton(words)
            button.setProperty("key", key)
            button.clicked.connect(self._on_button_clicked)
            self._layout.insertWidget(self._layout.count() - 1, button)
            self._buttons.append(button)
        self.show()

    @Slot()
    def _on_button_clicked(self) -> None:
        self.buttonClicked.emit(self.sender().property("key"))

    @Slot()
    def _on_cross_clicked(self) -> None:
        self.hide()
        self.closed.emit()
