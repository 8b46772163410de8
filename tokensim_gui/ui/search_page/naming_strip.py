"""What can be done about a table whose tokens have no names."""

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from tokensim_gui.state.token_naming import TokenNaming
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.progress_bar import ProgressBar

_FILES = "Tokenizers (*.json *.model *.txt *.gguf);;All files (*)"


class NamingStrip(QFrame):
    """A sentence, [Fetch its tokenizer] and [Choose a file…]. Hidden where tokens have names."""

    def __init__(self, naming: TokenNaming, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._naming = naming
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setMinimumWidth(40)
        self._bar = ProgressBar("Progress of the tokenizer")
        self._bar.setFixedWidth(160)
        self._fetch = QPushButton()
        self._fetch.setProperty("look", "primary")
        self._choose = QPushButton("Choose a file…")
        self._choose.setToolTip("Its tokenizer.json, spiece.model or other tokenizer")
        self._cancel = QPushButton("Cancel")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, 0, theme.SPACE_L, theme.SPACE_M)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._words, 1)
        for widget in (self._bar, self._fetch, self._choose, self._cancel):
            layout.addWidget(widget)
        self._fetch.clicked.connect(naming.fetch)
        self._choose.clicked.connect(self._on_choose_clicked)
        self._cancel.clicked.connect(naming.cancel)
        naming.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        nameless, progress = self._naming.nameless, self._naming.progress
        self.setVisible(nameless is not None)
        if nameless is None:
            return
        source = nameless.tokenizer
        words = (
            f"{nameless.name} came without its tokenizer: its tokens have numbers, and no names. "
            "#123 finds what is near one."
        )
        self._words.setText(words if progress is None else f"{progress.text or 'Reading'}…")
        size = "" if source is None or not source.megabytes else f", about {source.megabytes} MB"
        self._fetch.setText(f"Fetch its tokenizer{size}")
        self._fetch.setToolTip("" if source is None else f"From {source.repo} on the hub")
        self._fetch.setVisible(source is not None and progress is None)
        self._choose.setVisible(progress is None)
        self._bar.setVisible(progress is not None)
        self._cancel.setVisible(progress is not None)
        self._bar.show_share(None if progress is None else progress.share)

    @Slot()
    def _on_choose_clicked(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Choose a tokenizer", "", _FILES)
        if name:
            self._naming.choose(Path(name))
