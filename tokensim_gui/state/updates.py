"""Tells of a newer TokenSim; asks only when the user does, or has turned that on."""

import time

from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui import __version__
from tokensim_gui.core import paths
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job
from tokensim_gui.jobs.side_worker import SideWorker
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.settings import Settings

_AT_START, _NOW = "updates_at_start", "updates_now"


class Updates(QObject):
    """Asks the project's page for the newest release, on a thread of its own."""

    noticed = Signal(Notice)
    crashed = Signal(object)  # an Exception that is a bug

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._worker = SideWorker(self)
        self._worker.finished.connect(self._on_worker_finished)
        self._worker.failed.connect(self._on_worker_failed)

    def check_at_start(self) -> None:
        """Ask if the user has turned that on, once a day; speaks only of a newer version."""
        today = time.strftime("%Y-%m-%d")
        if self._settings.check_updates and self._settings.updates_checked != today:
            self._settings.set("updates_checked", today)
            self._worker.submit(_AT_START, _newest)

    def check_now(self) -> None:
        """Ask, and say what came of it."""
        self.noticed.emit(Notice("Asking for the newest version…"))
        self._worker.submit(_NOW, _newest)

    def close(self) -> None:
        """Stop asking."""
        self._worker.close()

    @Slot(str, int, object)
    def _on_worker_finished(self, kind: str, _ticket: int, value: object) -> None:
        if not isinstance(value, tuple):
            return
        version, is_news = value
        if is_news:
            offer = Offer("Open its page", "browse", f"{paths.homepage()}/releases/latest")
            words = f"TokenSim {version} is out; this is {__version__}."
            self.noticed.emit(Notice(words, (offer,)))
        elif kind == _NOW:
            self.noticed.emit(Notice(f"TokenSim {__version__} is the newest version."))

    @Slot(str, int, object)
    def _on_worker_failed(self, kind: str, _ticket: int, error: object) -> None:
        if not isinstance(error, TokenSimError):
            self.crashed.emit(error)
        elif kind == _NOW:
            self.noticed.emit(Notice(str(error)))


def _newest(job: Job) -> tuple[str, bool]:
    """The newest version, and whether that is newer than this one."""
    # Here, not above: HTTP and TLS take 60 ms to import, and most starts never ask.
    from tokensim_gui.core.hub import releases

    version = releases.newest_release(job)
    return version, releases.is_newer(version, __version__)
