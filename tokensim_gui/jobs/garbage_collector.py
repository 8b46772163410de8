"""Garbage collection on the window's thread alone.

Python collects cycles on whatever thread happens to allocate. A Qt object whose last cycle ends on
the worker thread is destroyed there, and Qt then stops a foreign thread's timers or crashes.
"""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

from tokensim_gui.core.large_import import is_importing

_EVERY_MS = 1000


class Collector(QObject):
    """Takes over from the automatic collector, with its thresholds, until `close`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()
        gc.disable()

    @Slot()
    def leave_out(self) -> None:
        """Leave out, from now on, all there is: it lives as long as the window.

        A full collection of it took 30 ms.
        """
        gc.freeze()

    def close(self) -> None:
        """Give the work back to Python."""
        self._timer.stop()
        gc.enable()

    @Slot()
    def _on_timeout(self) -> None:
        if is_importing():
            return
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return
