"""How far the running import is."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QWidget

from tokensim_gui.state.encoders import Running
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.progress_bar import ProgressBar


class ImportProgress(QFrame):
    """A sentence, a bar and Cancel. Hidden while nothing runs."""

    cancelRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self._sentence = ElidedLabel()
        self._waiting = ElidedLabel()
        self._waiting.setProperty("look", "caption")
        self._bar = ProgressBar("Progress of the import")
        self._cancel = QPushButton("Cancel")
        self._cancel.setAccessibleName("Cancel the import")
        layout = QGridLayout(self)
        layout.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        layout.setHorizontalSpacing(theme.SPACE_M)
        layout.setVerticalSpacing(theme.SPACE_XS)
        layout.addWidget(self._sentence, 0, 0)
        layout.addWidget(self._bar, 1, 0)
        layout.addWidget(self._waiting, 2, 0)
        layout.addWidget(self._cancel, 0, 1, 2, 1)
        layout.setColumnStretch(0, 1)
        self._cancel.clicked.connect(self.cancelRequested)
        self.hide()

    def show_running(self, running: Running | None) -> None:
        """Show an import, or hide."""
        self.setVisible(running is not None)
        if running is None:
            return
        self._sentence.setText(running.sentence)
        self._bar.show_share(running.progress.share)
        count = len(running.waiting)
        self._waiting.setVisible(count > 0)
        if count:
            self._waiting.setText(f"{count} more after this. Cancel ends all of them.")
