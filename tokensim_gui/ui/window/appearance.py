"""Theme, text size and map as they were chosen, and the small window that chooses them."""

from PySide6.QtCore import QObject, QSize, Signal, Slot
from PySide6.QtWidgets import QApplication, QMainWindow

from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme
from tokensim_gui.ui.window.settings_window import SettingsWindow
from tokensim_gui.ui.window.window_place import put_over

_LEAST = (560, 480)  # at the system's own size of text


class Appearance(QObject):
    """Keeps what is chosen, and makes it so.

    Signals:
        textSizeChanged: Text is larger or smaller now.
        mapPointsChanged: How many tokens the map is to draw.
        problem: A sentence on what could not be done.
    """

    textSizeChanged = Signal()
    mapPointsChanged = Signal(int)
    problem = Signal(str)

    def __init__(self, window: QMainWindow, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._settings = window, settings
        self._settings_window: SettingsWindow | None = None
        self._device = ""
        self._set_least_size()

    def set_device(self, words: str) -> None:
        """Take what computes, for the settings window."""
        self._device = words
        if self._settings_window is not None:
            self._settings_window.set_device(words)

    @Slot(str)
    def set_theme(self, name: str) -> None:
        """Change the theme."""
        self._on_changed("theme", name)

    def set_text_size(self, percent: int) -> None:
        """Change how large text is."""
        self._on_changed("text_size", percent)

    def step_text_size(self, step: int) -> None:
        """Make text larger or smaller by a step."""
        sizes = theme.TEXT_SIZES
        at = min(range(len(sizes)), key=lambda n: abs(sizes[n] - self._settings.text_size))
        self.set_text_size(sizes[min(max(at + step, 0), len(sizes) - 1)])

    def show_settings(self) -> None:
        """Open the settings window."""
        if self._settings_window is None:
            self._settings_window = SettingsWindow(self._settings, self._window)
            self._settings_window.changed.connect(self._on_changed)
            self._settings_window.problem.connect(self.problem)
        self._settings_window.set_device(self._device)
        put_over(self._settings_window, self._window)
        self._settings_window.show()
        self._settings_window.raise_()
        self._settings_window.activateWindow()

    @Slot(str, object)
    def _on_changed(self, key: str, value: object) -> None:
        self._settings.set(key, value)
        if key == "map_count":
            self.mapPointsChanged.emit(value)
            return
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, self._settings.theme, self._settings.text_size)
        if key == "text_size":
            self._set_least_size()
            self.textSizeChanged.emit()
        if self._settings_window is not None:
            self._settings_window.show_text_size(self._settings.text_size)
            self._settings_window.theme.set_current(self._settings.theme)

    def _set_least_size(self) -> None:
        """Let the window get no smaller than its text needs, and never larger than the screen."""
        least = QSize(*_LEAST) * max(1.0, self._settings.text_size / 100)
        self._window.setMinimumSize(least.boundedTo(self._window.screen().availableSize()))
