"""What can be fetched from a hub: the known encoders, and any repository by its name."""

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.hub.address import HUB, is_hub_file, is_hub_repo
from tokensim_gui.core.library.catalogue import CatalogueEntry
from tokensim_gui.state.encoders import Running
from tokensim_gui.ui import theme
from tokensim_gui.ui.encoders_page.fetch_row import FetchRow
from tokensim_gui.ui.widgets.text_field import TextField


class FetchList(QFrame):
    """Nothing is asked of the network before a button here is clicked."""

    fetchRequested = Signal(str)  # OWNER/REPO[:FILE]

    def __init__(self, entries: Sequence[CatalogueEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.setAccessibleName("Encoders that can be fetched")
        self._entries = tuple(entries)
        self._rows = [FetchRow(entry) for entry in entries]
        self._running: Running | None = None
        self._here: Collection[CatalogueEntry] = ()
        self._came: Mapping[str, int] = {}
        self._address = TextField()
        self._address.setPlaceholderText("OWNER/REPO or OWNER/REPO:FILE")
        self._address.setAccessibleName("Another repository")
        self._address.setToolTip(
            "A repository of the hub. Only safetensors files are fetched in part."
        )
        self._fetch = QPushButton("Fetch")
        self._fetch.setAccessibleName("Fetch from this repository")
        other = QLabel("Another repository")
        other.setProperty("look", "title")
        other.setBuddy(self._address)
        self._problem = QLabel()
        self._problem.setProperty("look", "error")
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setWordWrap(True)
        self._problem.setMinimumWidth(40)
        last = QHBoxLayout()
        last.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        last.setSpacing(theme.SPACE_S)
        last.addWidget(other)
        last.addWidget(self._address, 1)
        last.addWidget(self._fetch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, theme.SPACE_XS, 1, theme.SPACE_XS)
        layout.setSpacing(0)
        for row in self._rows:
            layout.addWidget(row)
            row.fetchRequested.connect(self.fetchRequested)
        layout.addLayout(last)
        below = QHBoxLayout()
        below.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, 0)
        below.addWidget(self._problem)
        layout.addLayout(below)
        self._address.textChanged.connect(self._on_address_changed)
        self._address.returnPressed.connect(self._on_fetch_clicked)
        self._fetch.clicked.connect(self._on_fetch_clicked)
        self._on_address_changed("")
        self._show_states()

    def set_here(self, here: Collection[CatalogueEntry], came: Mapping[str, int]) -> None:
        """Say what is on this computer, and how much of what came by repository."""
        self._here, self._came = here, came
        self._show_states()

    def set_running(self, running: Running | None) -> None:
        """Say which import runs and which wait."""
        self._running = running
        self._show_states()

    def _show_states(self) -> None:
        running = self._running
        for entry, row in zip(self._entries, self._rows, strict=True):
            source = HUB + entry.address
            if running is not None and source == running.source:
                row.set_state("Fetching…", False)
            elif running is not None and source in running.waiting:
                row.set_state("Waits", False)
            elif entry in self._here:
                row.set_state("Here", False)
                row.setVisible(False)  # what is on this computer is not offered
                continue
            else:
                came = self._came.get(entry.repo, 0)
                row.set_state("Resume" if came else "Fetch", True, came)
            row.setVisible(True)

    @Slot(str)
    def _on_address_changed(self, text: str) -> None:
        repo, colon, file = text.strip().partition(":")
        self._problem.hide()
        self._fetch.setEnabled(is_hub_repo(repo) and (not colon or is_hub_file(file)))

    @Slot()
    def _on_fetch_clicked(self) -> None:
        if self._fetch.isEnabled():
            self.fetchRequested.emit(self._address.text().strip())
            self._address.clear()
        elif self._address.text().strip():
            self._problem.setText(
                f"“{self._address.text().strip()}” names no repository. "
                "Write OWNER/REPO or OWNER/REPO:FILE."
            )
            self._problem.show()
