"""What went wrong, until it is closed or tried again."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from tokensim_gui.ui import theme


class ProblemStrip(QFrame):
    """A sentence on the error's ground. Hidden without one."""

    tryAgainRequested = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "error")
        self._sentence = QLabel()
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._sentence.setMinimumWidth(40)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._again = QPushButton("Try again")
        cross = QToolButton()
        cross.setText("×")
        cross.setProperty("look", "flat")
        cross.setAccessibleName("Close this message")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._sentence, 1)
        layout.addWidget(self._again)
        layout.addWidget(cross)
        self._again.clicked.connect(self.tryAgainRequested)
        cross.clicked.connect(self._on_cross_clicked)
        self.hide()

    def show_problem(self, sentence: str, can_try_again: bool) -> None:
        """Show a sentence; an empty one hides the strip."""
        # A path without a space would not wrap.
        self._sentence.setText(sentence.replace("/", "/\u200b").replace("\\", "\\\u200b"))
        self.setAccessibleName(sentence)
        self._again.setVisible(can_try_again)
        self.setVisible(bool(sentence))

    @Slot()
    def _on_cross_clicked(self) -> None:
        self.hide()
        self.closed.emit()
