"""pyqtgraph is imported after the first paint, on the worker thread."""

import importlib
import sys
from time import perf_counter
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tokensim_gui.core.job import Job
from tokensim_gui.core.large_import import large_import

_FIRST = "tokensim_gui.ui.charts.chart_view"
_TURN_S = 0.004


class QtTypes(QObject):
    """Makes every type of Qt's three large modules on the window's thread, some between two events.

    PySide makes a type when it is first asked for. pyqtgraph asks for all of them as it is
    imported, and two threads that ask for the same one at once end the program: its map of types
    that are still to be made has no lock, and a thread may be halted while it makes one.
    WORKAROUND https://github.com/TimeLineAnnotator/desktop/pull/586 (the same map, one thread)
    """

    made = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._left: list[tuple[Any, str]] = []
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._on_turn_timeout)

    @Slot()
    def start(self) -> None:
        """Begin; `made` tells when there are all."""
        modules = (QtCore, QtGui, QtWidgets)
        self._left = [(module, name) for module in modules for name in dir(module)]
        self._turn.start()

    def stop(self) -> None:
        """Make no more."""
        self._turn.stop()

    @Slot()
    def _on_turn_timeout(self) -> None:
        until = perf_counter() + _TURN_S
        while self._left and perf_counter() < until:
            getattr(*self._left.pop())
        if not self._left:
            self.stop()
            self.made.emit()


def load_charts(job: Job) -> None:
    """Import pyqtgraph, so that no chart has to on the window's thread; `QtTypes` come first."""
    job.check()
    with large_import():
        importlib.import_module(_FIRST)


def charts_are_loaded() -> bool:
    """Whether a chart can be made without an import that stops the window."""
    return _FIRST in sys.modules
