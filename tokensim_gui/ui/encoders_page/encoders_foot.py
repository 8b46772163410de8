"""The foot of the Encoders page: how many there are, what they take, and where they lie."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.state.encoder_names import megabytes
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel


class EncodersFoot(QFrame):
    """One line, where other pages have tray or foot."""

    folderRequested = Signal()

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        """Take the folder in which tables are kept."""
        super().__init__(parent)
        self.setProperty("look", "strip")
        self._count = QLabel()
        self._count.setProperty("look", "title")
        where = ElidedLabel()
        where.setProperty("look", "dim")
        where.setText(f"kept in {folder}")
        show = QPushButton("Show folder")
        show.setAccessibleName("Show the folder of the encoders")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.TEXT_LEFT, theme.SPACE_S, theme.SPACE_L, theme.SPACE_S)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self._count)
        row.addWidget(where, 1)
        row.addWidget(show)
        show.clicked.connect(self.folderRequested)

    def show_tables(self, tables: Sequence[TableInfo]) -> None:
        """Count tables; equal vectors are stored once."""
        size = sum({info.sha256: info.bytes for info in tables}.values())
        many = "1 encoder" if len(tables) == 1 else f"{len(tables):,} encoders"
        self._count.setText(f"{many} · {megabytes(size)}")
