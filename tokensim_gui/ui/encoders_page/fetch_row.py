"""One encoder whose token vectors can be fetched."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from tokensim_gui.core.library.catalogue import CatalogueEntry
from tokensim_gui.state.encoder_names import megabytes
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel


class FetchRow(QWidget):
    """Name, models, what it takes out of how much, licence, and [Fetch]."""

    fetchRequested = Signal(str)  # address

    def __init__(self, entry: CatalogueEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry = entry
        name = QLabel(entry.name)
        name.setProperty("look", "title")
        models = ElidedLabel()
        models.setText(", ".join(entry.models))
        models.setProperty("look", "dim")
        self._facts = ElidedLabel()
        self._facts.setProperty("look", "caption")
        self._button = QPushButton()
        first = QHBoxLayout()
        first.setSpacing(theme.SPACE_S)
        first.addWidget(name)
        first.addWidget(models, 1)
        layout = QGridLayout(self)
        layout.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        layout.setHorizontalSpacing(theme.SPACE_S)
        layout.setVerticalSpacing(theme.SPACE_XS)
        layout.addLayout(first, 0, 0)
        layout.addWidget(self._facts, 1, 0)
        layout.addWidget(self._button, 0, 1, 2, 1)
        layout.setColumnStretch(0, 1)
        self._button.clicked.connect(self._on_button_clicked)

    def set_state(self, words: str, enabled: bool, came: int = 0) -> None:
        """Show what the button would do, and how many bytes came before."""
        entry = self._entry
        needed = f"{megabytes(entry.bytes)} out of {megabytes(entry.whole_bytes)}"
        if came:
            needed = f"{megabytes(came)} of {megabytes(entry.bytes)} are here"
        self._facts.setText(f"{needed} · licence {entry.licence} · {entry.repo}")
        self._button.setText(words)
        if not enabled:
            self._button.clearFocus()  # or the next row's button would have it, and the next Space
        self._button.setEnabled(enabled)
        self._button.setAccessibleName(f"{words} {entry.name}")

    @Slot()
    def _on_button_clicked(self) -> None:
        self.fetchRequested.emit(self._entry.address)
