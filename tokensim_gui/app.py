"""The composition root: puts settings, session and window together and runs them."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QFileOpenEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from tokensim_gui import __version__, log
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.jobs.garbage_collector import Collector
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.loading import QtTypes, load_charts
from tokensim_gui.ui.charts.map_canvas import MapCanvas
from tokensim_gui.ui.window.main_window import MainWindow


class App(QObject):
    """One running TokenSim: owns what lives as long as the window."""

    def __init__(self, settings: Settings | None = None, table: str | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.library = TableLibrary()
        self.collector = Collector(self)
        self.session = Session(self.settings, self.library, table)
        with theme.styled_when_built():
            self.window = MainWindow(self.session, self.settings)
        self.types = QtTypes(self)
        self.types.made.connect(self._begin)
        self.window.firstPainted.connect(self.types.start)
        self.session.crashed.connect(self._on_crashed)

    def start(self, query: str | None = None) -> None:
        """Show the first screen; everything slow begins once it was painted."""
        self.session.show_first(query)
        self.window.search.bar.set_query(self.session.search.query, select=True)
        self.window.show()
        if query is None and self.settings.page != "search":
            self.window.pages.show_page(self.settings.page)
        else:
            self.window.search.bar.focus()

    def close(self) -> None:
        """End what runs and forget what was removed; safe to call twice."""
        for canvas in self.window.findChildren(MapCanvas):
            canvas.drop_chart()
        self.types.stop()
        self.session.close()
        self.collector.close()
        self.library.empty_trash()

    @Slot(str)
    def open_file(self, path: str) -> None:
        """Open a checkpoint or model folder."""
        self.session.encoders.open_path(Path(path))

    @Slot()
    def _begin(self) -> None:
        self.session.worker.submit("charts", load_charts, done=self._on_charts_loaded)
        self.session.begin()
        self.settings.tell_problems(self.session.say)
        crash = log.take_last_crash()
        if crash:
            self._offer(crash, "TokenSim ended by a fault the last time.")

    def _on_charts_loaded(self, _value: None) -> None:
        for canvas in self.window.findChildren(MapCanvas):
            canvas.use_chart()

    @Slot(object)
    def _on_crashed(self, error: BaseException) -> None:
        self._offer(log.record_crash(error), "Something went wrong inside TokenSim.")

    def _offer(self, text: str, sentence: str) -> None:
        self.session.noticed.emit(Notice(sentence, (Offer("Copy details", "copy", text),)))


class Application(QApplication):
    """Hears of files that macOS hands over: it starts a program first, and names them then."""

    fileOpened = Signal(str)

    def event(self, event: QEvent) -> bool:
        """Pass on the name of a file."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.fileOpened.emit(event.file())
            return True
        return super().event(event)


def qt_application(theme_name: theme.ThemeName, text_size: int = 100) -> QApplication:
    """The QApplication with TokenSim's name and look; the one that exists if there is one."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else Application(["TokenSim"])
    app.setApplicationName("TokenSim")
    app.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName("tokensim")
    theme.apply(app, theme_name, text_size)
    return app


def run(query: str | None = None, table: str | None = None, files: Sequence[Path] = ()) -> int:
    """Open the window and run until it closes; returns the exit code.

    Raises:
        TokenSimError: There is no display.
    """
    if not has_display():
        raise TokenSimError(
            "There is no display: try “tokensim search QUERY” or “tokensim screenshot OUT.png”."
        )
    settings = Settings()
    application = qt_application(settings.theme, settings.text_size)
    try:
        tokensim = App(settings, table)
    except Exception as error:  # where there is no console, nobody would hear of it
        log.record_crash(error)
        raise
    log.install_excepthook(tokensim.session.crashed.emit)

    def stop() -> None:
        tokensim.window.close()
        application.exit(stopped_by[-1])

    stopped_by = [0]

    def on_signal(number: int, _frame: object) -> None:
        # Not here: a signal comes in the middle of anything.
        stopped_by.append(128 + number)
        QTimer.singleShot(0, stop)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    # Python sees signals only while it runs; a slow heartbeat gives it the chance.
    heartbeat = QTimer()
    heartbeat.start(250)
    heartbeat.timeout.connect(tokensim.window.isVisible)
    application.aboutToQuit.connect(tokensim.close)
    if isinstance(application, Application):
        application.fileOpened.connect(tokensim.open_file)
    tokensim.window.firstPainted.connect(log.start_logging)
    tokensim.window.firstPainted.connect(tokensim.collector.leave_out)
    tokensim.start(query)
    for path in files:
        tokensim.open_file(str(path))
    code = application.exec()
    tokensim.close()
    log.stop_logging()
    return code


def has_display() -> bool:
    """Whether Qt can open a window, or was told how to do without."""
    said = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return said or not sys.platform.startswith("linux")
