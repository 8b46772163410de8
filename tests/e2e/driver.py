"""A started TokenSim and the ways in which a test looks at it."""

import subprocess

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tokensim_gui.app import App, qt_application
from tokensim_gui.state.settings import Settings

LONG_MS = 30_000  # torch's import on a busy machine


def focused() -> QWidget:
    """The widget that has the keyboard."""
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the keyboard is."""
    QTest.keyClick(focused(), key, modifier)


class Driver:
    """A started TokenSim and the ways in which a test looks at it."""

    def __init__(self, qtbot: QtBot, query: str | None = None) -> None:
        self.qtbot = qtbot
        qt_application("light")
        self.settings = Settings()
        self.app = App(self.settings)
        self.session, self.window = self.app.session, self.app.window
        self.page = self.window.search
        self.window.resize(1400, 900)
        self.app.start(query)
        qtbot.waitExposed(self.window)
        self._focus()

    def _focus(self) -> None:
        """Do what a window manager does, which a bare X server lacks."""
        if QGuiApplication.platformName() == "xcb":
            window = str(int(self.window.winId()))
            subprocess.run(["xdotool", "windowfocus", "--sync", window], check=True, timeout=30)
            self.qtbot.waitUntil(self.window.isActiveWindow, timeout=LONG_MS)

    def ready(self) -> "Driver":
        """Wait until the engine has answered what is in the bar."""
        self.qtbot.waitUntil(lambda: self.session.search.is_current, timeout=LONG_MS)
        return self

    def type(self, text: str) -> "Driver":
        """Replace the query by typing, and wait for its answer."""
        field = self.page.bar.focusProxy()
        assert field is not None
        self.page.bar.focus()
        self.qtbot.keyClicks(field, text)
        assert self.session.search.query.text == text
        return self.ready()

    def names(self, count: int = 5) -> list[str]:
        """The first tokens in the table, as shown."""
        vocabulary = self.session.tables.vocabulary
        return [vocabulary.display(token) for token in self.page.table.shown_ids()[:count]]

    def said(self) -> str:
        """The sentence said last."""
        return self.window.messages.text()

    def close(self) -> None:
        """Close the window as a user does."""
        self.window.close()
        self.app.close()
