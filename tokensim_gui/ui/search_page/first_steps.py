"""How to begin: three sentences and an example that moves."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QStyle, QVBoxLayout, QWidget

from tokensim_gui.ui import theme

_SENTENCES = (
    "Type a word: the list shows the tokens most like it, the map how they lie to each other.",
    "Add words or take them away, and drag a weight under the bar.",
    "Space puts a token into the tray; Copy there gives the text for your prompt.",
)
_EXAMPLE = ("forest", "forest + castle", "forest + 0.4*castle", "forest + 0.4*castle - rain")
_STEP_MS = 1_600


class FirstSteps(QWidget):
    """Says how to begin; the example goes on only while it is seen."""

    textOffered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, theme.SPACE_L, theme.SPACE_L, theme.SPACE_M)
        column.setSpacing(theme.SPACE_M)
        title = QLabel("How to begin")
        title.setProperty("look", "title")
        column.addWidget(title)
        for sentence in _SENTENCES:
            label = QLabel(sentence)
            label.setWordWrap(True)
            column.addWidget(label)
        self._example = QPushButton(_EXAMPLE[0])
        self._example.setProperty("look", "chip")
        self._example.setAccessibleName(f"Search the example {_EXAMPLE[-1]}")
        self._example.setToolTip("Search this")
        column.addWidget(self._example, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._example.clicked.connect(self._on_example_clicked)

    def showEvent(self, event: QShowEvent) -> None:
        """Go on, where the system wants things to move."""
        super().showEvent(event)
        if self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0:
            self._timer.start()
        else:
            self._example.setText(_EXAMPLE[-1])

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        super().hideEvent(event)
        self._timer.stop()

    @Slot()
    def _on_timer_timeout(self) -> None:
        at = _EXAMPLE.index(self._example.text())
        self._example.setText(_EXAMPLE[(at + 1) % len(_EXAMPLE)])

    @Slot()
    def _on_example_clicked(self) -> None:
        self.textOffered.emit(self._example.text())
