"""Tells of a newer TokenSim; asks only when the user does, or has turned that on."""

import time

from PySide6.QtCore import QObject, Signal

from tokensim_gui import __version__
from tokensim_gui.core import paths
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.settings import Settings


class Updates(QObject):
    """Asks the project's page for the newest release, on a thread of its own."""

    noticed = Signal(Notice)
    crashed = Signal(object)  # an Exception that is a bug

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._worker = Worker(self)
        self._worker.crashed.connect(self.crashed)

    def check_at_start(self) -> None:
        """Ask if the user has turned that on, once a day; speaks only of a newer version."""
        today = time.strftime("%Y-%m-%d")
        if self._settings.check_updates and self._settings.updates_checked != today:
            self._settings.set("updates_checked", today)
            self._worker.submit("updates", _newest, done=self._on_newest_found)

    def check_now(self) -> None:
        """Ask, and say what came of it."""
        self.noticed.emit(Notice("Asking for the newest version…"))
        self._worker.submit(
            "updates now", _newest, done=self._on_asked_found, failed=self._on_asked_failed
        )

    def close(self) -> None:
        """Stop asking."""
        self._worker.close()

    def _on_newest_found(self, newest: tuple[str, bool]) -> None:
        version, is_news = newest
        if is_news:
            offer = Offer("Open its page", "browse", f"{paths.homepage()}/releases/latest")
            words = f"TokenSim {version} is out; this is {__version__}."
            self.noticed.emit(Notice(words, (offer,)))

    def _on_asked_found(self, newest: tuple[str, bool]) -> None:
        self._on_newest_found(newest)
        if not newest[1]:
            self.noticed.emit(Notice(f"TokenSim {__version__} is the newest version."))

    def _on_asked_failed(self, error: TokenSimError) -> None:
        self.noticed.emit(Notice(str(error)))


def _newest(job: Job) -> tuple[str, bool]:
    """The newest version, and whether that is newer than this one."""
    # Here, not above: HTTP and TLS take 60 ms to import, and most starts never ask.
    from tokensim_gui.core.hub import releases

    version = releases.newest_release(job)
    return version, releases.is_newer(version, __version__)
