"""Caption files of a folder: how many tokens, what is cut off, and which words split."""

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tokensim_gui.core.job import Progress
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.plain_model import Cell, PlainModel
from tokensim_gui.ui.widgets.plain_table import PlainTable
from tokensim_gui.ui.widgets.plain_tip import plain_tip
from tokensim_gui.ui.widgets.progress_bar import ProgressBar

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.captions import CaptionFile

_NAMED = 12


class CaptionList(QWidget):
    """One row a file; Enter brings its text into the editor."""

    closed = Signal()
    fileChosen = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files: tuple[CaptionFile, ...] = ()
        self._words = ElidedLabel()
        self._words.setProperty("look", "title")
        self._back = QPushButton("Back to the prompt")
        self._progress = ProgressBar("Progress of the check")
        headers = ("File", "Tokens", "Over the limit", "Words in pieces")
        self._model = PlainModel(headers, (1, 2), self)
        self.table = PlainTable(self._model, "Caption files", 3)
        self.table.set_widths({0: 240, 1: 80, 2: 120})
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE_S)
        head.addWidget(self._words, 1)
        head.addWidget(self._back)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(head)
        layout.addWidget(self._progress)
        layout.addWidget(self.table, 1)
        self._back.clicked.connect(self.closed)
        self.table.rowChosen.connect(self._on_row_chosen)
        self.setFocusProxy(self.table)

    def show_progress(self, progress: Progress) -> None:
        """Say how far the check is."""
        counted = f" captions… {progress.done:,} of {progress.total:,}" if progress.total else "…"
        self._words.setText(f"Checking{counted}")
        self._progress.show_share(progress.share)
        self._progress.show()
        if not progress.done:
            self._files = ()
            self._model.set_rows([])

    def show_files(self, files: "tuple[CaptionFile, ...]") -> None:
        """Show the files, those over the limit first."""
        self._files = tuple(sorted(files, key=lambda file: (-bool(file.problem), -file.over)))
        self._progress.hide()
        over = sum(1 for file in files if file.over)
        split = sum(1 for file in files if file.odd)
        folder = os.path.commonpath([file.path.parent for file in files])
        self._words.setText(
            f"“{os.path.basename(folder)}” · {len(files):,} captions: "
            f"{over:,} over the limit, {split:,} with words in pieces"
        )
        self._words.setToolTip(plain_tip(f"{self._words.text()}\n{folder}"))
        self._model.set_rows([_cells(file) for file in self._files])

    def show_problem(self, sentence: str) -> None:
        """Say why there is no list."""
        self._progress.hide()
        self._words.setText(sentence)

    @Slot(int)
    def _on_row_chosen(self, row: int) -> None:
        self.fileChosen.emit(self._files[row].path)


def _cells(file: "CaptionFile") -> tuple[Cell, ...]:
    if file.problem:
        none = Cell("")
        return Cell(file.path.name, tip=str(file.path)), none, none, Cell(file.problem, bad=True)
    more = f" and {len(file.odd) - _NAMED} more" if len(file.odd) > _NAMED else ""
    return (
        Cell(file.path.name, tip=str(file.path)),
        Cell(f"{file.tokens:,}"),
        Cell(f"{file.over:,}" if file.over else "–", dim=not file.over, bad=bool(file.over)),
        Cell(", ".join(file.odd[:_NAMED]) + more, dim=True, tip=", ".join(file.odd)),
    )
