"""What has no place on a page: the look, the map, the folders, the device."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from tokensim_gui.core import paths
from tokensim_gui.core.graphics_card import has_idle_card
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.choice_button import ChoiceButton
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.window.web_links import open_outside

THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
IDLE_CARD = (
    "There is an NVIDIA card here that this build can’t use. Among the downloads is an archive "
    "with CUDA: text encodings and the largest tables get faster with it; typing stays as it is."
)
MAP_POINTS = (60, 80, 100, 150, 200)


class SettingsWindow(QWidget):
    """A small window; what is chosen holds at once.

    Signals:
        changed: The key of a setting and its new value.
        problem: A folder could not be shown; a sentence that names it.
    """

    changed = Signal(str, object)
    problem = Signal(str)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("TokenSim settings")
        self.theme = ChoiceButton("Theme", THEMES)
        self.theme.set_current(settings.theme)
        self.text_size = ChoiceButton("Text size", {str(n): f"{n} %" for n in theme.TEXT_SIZES})
        self.show_text_size(settings.text_size)
        self.map_count = ChoiceButton("Tokens on the map", {str(n): str(n) for n in MAP_POINTS})
        shown = min(MAP_POINTS, key=lambda count: abs(count - settings.map_count))
        self.map_count.set_current(str(shown))
        self._device = QLabel()
        self._rows = rows = QGridLayout(self)
        rows.setContentsMargins(*(theme.SPACE_L,) * 4)
        rows.setHorizontalSpacing(theme.SPACE_L)
        rows.setVerticalSpacing(theme.SPACE_S)
        rows.setColumnStretch(1, 1)
        for words, button in (
            ("&Theme", self.theme),
            ("Text &size", self.text_size),
            ("Tokens on the &map", self.map_count),
        ):
            self._add_row(words, button).setBuddy(button)
        self._add_row("Computes on", self._device)
        if has_idle_card():
            hint = QLabel(IDLE_CARD)
            hint.setWordWrap(True)
            hint.setProperty("look", "dim")
            rows.addWidget(hint, rows.rowCount(), 0, 1, 2)
        for words, folder in (
            ("Encoders are kept in", paths.data_dir()),
            ("Settings are kept in", paths.config_dir()),
            ("Logs are kept in", paths.log_dir()),
        ):
            self._add_row(words, self._folder(folder))
        rows.setRowStretch(rows.rowCount(), 1)
        self.theme.chosen.connect(self._on_theme_chosen)
        self.text_size.chosen.connect(self._on_text_size_chosen)
        self.map_count.chosen.connect(self._on_map_count_chosen)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        self.setMinimumWidth(theme.px(440))

    def _add_row(self, words: str, field: QWidget) -> QLabel:
        label, row = QLabel(words), self._rows.rowCount()
        side = (
            Qt.AlignmentFlag.AlignLeft if isinstance(field, ChoiceButton) else Qt.AlignmentFlag(0)
        )
        self._rows.addWidget(label, row, 0)
        self._rows.addWidget(field, row, 1, side)
        return label

    def set_device(self, words: str) -> None:
        """Say what computes."""
        self._device.setText(words or "not known yet")

    def show_text_size(self, percent: int) -> None:
        """Show a size that was chosen elsewhere."""
        self.text_size.set_current(str(min(theme.TEXT_SIZES, key=lambda n: abs(n - percent))))

    def _folder(self, folder: Path) -> QWidget:
        path = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        path.setText(str(folder))
        button = QPushButton("Show")
        button.setProperty("folder", str(folder))
        button.setAccessibleName(f"Show {folder.name}")
        button.clicked.connect(self._on_show_clicked)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(path, 1)
        row.addWidget(button)
        return holder

    @Slot(str)
    def _on_theme_chosen(self, key: str) -> None:
        self.changed.emit("theme", key)

    @Slot(str)
    def _on_text_size_chosen(self, key: str) -> None:
        self.changed.emit("text_size", int(key))

    @Slot(str)
    def _on_map_count_chosen(self, key: str) -> None:
        self.changed.emit("map_count", int(key))

    @Slot()
    def _on_show_clicked(self) -> None:
        folder = self.sender().property("folder")
        if not open_outside(QUrl.fromLocalFile(folder)):
            self.problem.emit(f"They are in {folder}.")
