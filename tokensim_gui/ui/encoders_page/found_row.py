"""One checkpoint that was found on this computer."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from tokensim_gui.state.encoder_names import megabytes
from tokensim_gui.state.encoders import Running
from tokensim_gui.state.file_checks import Found
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel


class FoundRow(QWidget):
    """Its encoders with sizes, its path, and [Open]."""

    openRequested = Signal(object)  # Path

    def __init__(self, found: Found, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = found.path
        encoders = ", ".join(f"{name} ({megabytes(size)})" for name, size in found.encoders)
        name = ElidedLabel()
        name.setText(f"{found.path.name}: {encoders}")
        place = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        place.setText(str(found.path.parent))
        place.setProperty("look", "caption")
        self._open = QPushButton("Open")
        self._open.setAccessibleName(f"Open {found.path.name}")
        self.setFocusProxy(self._open)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, theme.SPACE_XS, 0, theme.SPACE_XS)
        layout.setHorizontalSpacing(theme.SPACE_S)
        layout.setVerticalSpacing(0)
        layout.addWidget(name, 0, 0)
        layout.addWidget(place, 1, 0)
        layout.addWidget(self._open, 0, 1, 2, 1)
        layout.setColumnStretch(0, 1)
        self._open.clicked.connect(self._on_open_clicked)

    def set_running(self, running: Running | None) -> None:
        """Say whether this checkpoint is being opened, or waits for it."""
        sources = (running.source, *running.waiting) if running is not None else ()
        opening = str(self._path.absolute()) in sources
        self._open.setText("Opening…" if opening else "Open")
        self._open.setEnabled(not opening)

    @Slot()
    def _on_open_clicked(self) -> None:
        self.openRequested.emit(self._path)
