"""Between filter and list: which unusual tokens are looked for, and how far that is."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from tokensim_gui.state.finders import FINDERS, Finding
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.progress_bar import ProgressBar


class FinderStrip(QWidget):
    """A name, a bar while it is looked for, and the way back. Hidden while all tokens are shown."""

    endRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finding: Finding | None = None
        self._is_vocabulary = False
        self._words = ElidedLabel()
        self._words.setProperty("look", "title")
        self._bar = ProgressBar("Progress of the search for unusual tokens")
        self._end = QToolButton()
        self._end.setText("✕")
        self._end.setProperty("look", "cross")
        self._end.clicked.connect(self.endRequested)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._words, 3)  # what is looked for first, then how far
        row.addWidget(self._bar, 1)
        row.addWidget(self._end)
        self._show()

    def set_finding(self, finding: Finding | None) -> None:
        """Show what is looked for or was found; None for all tokens."""
        self._finding = finding
        self._show()

    def set_view(self, view: str) -> None:
        """It belongs to the vocabulary."""
        self._is_vocabulary = view == "vocabulary"
        self._show()

    def _show(self) -> None:
        finding = self._finding
        self.setVisible(finding is not None and self._is_vocabulary)
        if finding is None:
            return
        self._words.setText(FINDERS[finding.finder][0])
        self._bar.setVisible(finding.progress is not None)
        self._end.setToolTip("Cancel" if finding.progress is not None else "Show all tokens again")
        self._end.setAccessibleName(self._end.toolTip())
        if finding.progress is not None:
            self._words.setToolTip(finding.progress.text)
            self._bar.show_share(finding.progress.share)
