"""A second thread for long work beside the searches, started when it is first needed."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from tokensim_gui.jobs.worker import Worker


class SideWorker(QObject):
    """A `Worker` whose thread exists from the first `submit` on; its signals are the same."""

    finished = Signal(str, int, object)
    failed = Signal(str, int, object)
    cancelled = Signal(str, int)
    progressed = Signal(str, int, int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker: Worker | None = None
        application = QCoreApplication.instance()
        if application is not None:  # Ctrl+C ends the program without closing the window
            application.aboutToQuit.connect(self.close)

    def submit(self, kind: str, func: Callable[..., object], *args: object) -> int:
        """Queue ``func(*args, job=job)``; see `Worker.submit`."""
        if self._worker is None:
            self._worker = Worker(self)
            self._worker.finished.connect(self.finished)
            self._worker.failed.connect(self.failed)
            self._worker.cancelled.connect(self.cancelled)
            self._worker.progressed.connect(self.progressed)
        return self._worker.submit(kind, func, *args)

    def cancel(self, kind: str) -> None:
        """Cancel the waiting and the running task of a kind."""
        if self._worker is not None:
            self._worker.cancel(kind)

    @Slot()
    def close(self) -> None:
        """Cancel everything and wait for the thread to end; safe to call twice."""
        if self._worker is not None:
            self._worker.close()
