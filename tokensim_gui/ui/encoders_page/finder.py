"""Looking for checkpoints on this computer: asks first, then looks, then lists."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.state.encoders import Running
from tokensim_gui.state.file_checks import Look
from tokensim_gui.ui import theme
from tokensim_gui.ui.encoders_page.found_row import FoundRow
from tokensim_gui.ui.widgets.plain_tip import plain_tip
from tokensim_gui.ui.widgets.progress_bar import ProgressBar

if TYPE_CHECKING:
    from tokensim_gui.core.checkpoints.scan import ModelFolder

_MOST_ROWS = 200
_ASK = (
    "TokenSim would read the folders ticked below, and of the model files in them only the part "
    "that names their tensors. Nothing is changed, and nothing leaves this computer."
)
_NOWHERE = (
    "There are no folders of {programs} in their usual places. Add the folder in which you keep "
    "{things}."
)


class Finder(QFrame):
    """Three steps in one panel; hidden before `ask`."""

    lookRequested = Signal(list)  # Paths
    stopRequested = Signal()
    openRequested = Signal(object)  # Path

    def __init__(self, things: str, programs: str, parent: QWidget | None = None) -> None:
        """Take what is looked for, and whose folders are known."""
        super().__init__(parent)
        self.setProperty("look", "card")
        self._things, self._programs = things, programs
        self._boxes: list[QCheckBox] = []
        self._rows: list[QWidget] = []
        self._last: QWidget = self
        self._title = QLabel()
        self._title.setProperty("look", "title")
        self._text = QLabel()
        self._text.setProperty("look", "dim")
        self._text.setWordWrap(True)
        # Not for Tab, but Qt puts later rows in its order only behind what can take the focus.
        self._text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._text.setMinimumWidth(40)
        self._bar = ProgressBar("Looking")
        self._bar.show_share(None)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._look = QPushButton("Look in these folders")
        self._look.setProperty("look", "primary")
        self._add = QPushButton("Add folder…")
        self._stop = QPushButton("Stop")
        self._close = QPushButton()
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_S)
        for button in (self._look, self._add, self._stop, self._close):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_M)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addWidget(self._bar)
        layout.addLayout(self._list)
        layout.addLayout(buttons)
        self._look.clicked.connect(self._on_look_clicked)
        self._add.clicked.connect(self._on_add_clicked)
        self._stop.clicked.connect(self.stopRequested)
        self._close.clicked.connect(self.hide)
        self.hide()

    def ask(self, folders: Sequence["ModelFolder"]) -> None:
        """Ask whether to look, and list the folders that would be read."""
        self._clear()
        self._title.setText(f"Look for {self._things} on this computer?")
        nowhere = _NOWHERE.format(programs=self._programs, things=self._things)
        self._text.setText(_ASK if folders else nowhere)
        for folder in folders:
            self._add_box(folder.path, folder.program)
        self._show_buttons(self._look, self._add, self._close)
        self._close.setText("Not now")
        self._on_box_toggled()
        self.show()
        (self._look if folders else self._add).setFocus()

    def show_look(self, look: Look) -> None:
        """Show how a search goes on, or what it found."""
        self._clear()
        self.show()
        if look.running:
            self._title.setText(f"Looking for {self._things}…")
            self._text.setText(f"{look.seen:,} files and folders so far.")
            self._show_buttons(self._stop)
            self._bar.show()
            self._stop.setFocus()
            return
        count = len(look.found)
        things = "1 checkpoint" if count == 1 else f"{count:,} checkpoints"
        self._title.setText(f"{things} with token vectors" if count else "No checkpoint was found")
        cut = f" The first {_MOST_ROWS} are listed." if count > _MOST_ROWS else ""
        self._text.setText(
            f"{look.seen:,} files and folders were looked at.{cut}"
            + ("" if count else " Add a folder in which you keep models.")
        )
        for found in look.found[:_MOST_ROWS]:
            row = FoundRow(found)
            row.openRequested.connect(self.openRequested)
            self._put(row)
        self._show_buttons(self._add, self._close)
        self._close.setText("Close")
        self._close.setFocus()

    def set_running(self, running: Running | None) -> None:
        """Say which of the checkpoints found are being opened."""
        for row in self._rows:
            if isinstance(row, FoundRow):
                row.set_running(running)

    def _clear(self) -> None:
        for row in self._rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows, self._boxes = [], []
        self._last = self._text

    def _put(self, row: QWidget) -> None:
        self._rows.append(row)
        self._list.addWidget(row)
        row.show()
        stop = row.focusProxy() or row
        self.setTabOrder(self._last, stop)
        self._last = stop

    def _add_box(self, path: Path, program: str) -> None:
        box = QCheckBox(f"{program}:  {path}".replace("&", "&&"))
        box.setChecked(True)
        box.setProperty("folder", str(path))
        box.setToolTip(plain_tip(str(path)))
        box.setMinimumWidth(40)
        box.toggled.connect(self._on_box_toggled)
        self._boxes.append(box)
        self._put(box)

    def _show_buttons(self, *shown: QPushButton) -> None:
        self._bar.hide()
        for button in (self._look, self._add, self._stop, self._close):
            button.setVisible(button in shown)

    @Slot()
    def _on_box_toggled(self) -> None:
        self._look.setEnabled(any(box.isChecked() for box in self._boxes))

    @Slot()
    def _on_look_clicked(self) -> None:
        ticked = [box for box in self._boxes if box.isChecked()]
        self.lookRequested.emit([Path(box.property("folder")) for box in ticked])

    @Slot()
    def _on_add_clicked(self) -> None:
        name = QFileDialog.getExistingDirectory(self, f"Folder with {self._things}")
        if not name:
            return
        if not self._look.isVisible():
            self.ask([])
        self._text.setText(_ASK)
        self._add_box(Path(name), "Yours")
        self._on_box_toggled()
        self._look.setFocus()
