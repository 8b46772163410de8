"""Which words a LoRA moves: asked for, watched, shown."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tokensim_gui.state.loras import MovedShown
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.plain_model import Cell, PlainModel
from tokensim_gui.ui.widgets.plain_table import PlainTable
from tokensim_gui.ui.widgets.progress_bar import ProgressBar

_NONE_OPEN = (
    "Which words it moves can be found once a whole text encoder of its base is open: choose one "
    "that says “whole encoder” among the encoders."
)
_ASK = (
    "Every word goes through {whole} with and without it. That takes minutes with a large encoder; "
    "the answer is kept."
)
_MOST, _ROWS = 200, 8


class MovedPart(QWidget):
    """A button, then a bar with Stop, then the words as the Compare page tells of moved tokens."""

    findRequested = Signal()
    stopRequested = Signal()

    def __init__(self, whole: str, parent: QWidget | None = None) -> None:
        """``whole`` names the text encoder that would be asked; "" where none is open."""
        super().__init__(parent)
        self._whole = whole
        title = QLabel("Words that it moves")
        title.setProperty("look", "block")
        title.setIndent(0)
        self.text = QLabel(_ASK.format(whole=whole) if whole else _NONE_OPEN)
        self.text.setWordWrap(True)
        self.text.setMinimumWidth(40)
        self.start, self.stop = QPushButton("Find them"), QPushButton("Stop")
        self.start.setAccessibleName("Find the words that it moves")
        self._bar = ProgressBar("Progress of the words")
        self._model = PlainModel(("Word", "Turned", "Length"), (1, 2), self)
        self.table = PlainTable(self._model, "Words that it moves", 0)
        self.table.set_widths({1: 90, 2: 90})
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_S)
        buttons.addWidget(self.start)
        buttons.addWidget(self.stop)
        buttons.addWidget(self._bar, 1)
        buttons.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        for widget in (title, self.text, self.table):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self.start.clicked.connect(self.findRequested)
        self.stop.clicked.connect(self.stopRequested)
        self.show_moved(MovedShown())

    def show_moved(self, moved: MovedShown) -> None:
        """Show how far it is, or what was found."""
        running = moved.progress is not None
        self.start.setVisible(bool(self._whole) and not running and not moved.words)
        self.stop.setVisible(running)
        self._bar.setVisible(running)
        self.table.setVisible(bool(moved.words))
        if moved.progress is not None:
            self.text.setText(f"{moved.progress.text or 'Encoding the words'}…")
            self._bar.show_share(moved.progress.share)
        elif moved.problem or moved.told:
            self.text.setText(moved.problem or moved.told)
        else:
            self.text.setText(_ASK.format(whole=self._whole) if self._whole else _NONE_OPEN)
        shown = moved.words[:_MOST]
        self.table.setFixedHeight((min(len(shown), _ROWS) + 1) * theme.row_height() + theme.SPACE_S)
        self._model.set_rows(
            [
                (Cell(word), Cell(f"{turned:.2%}"), Cell(f"{length:+.3g}".replace("-", "−")))
                for word, turned, length in shown
            ]
        )
