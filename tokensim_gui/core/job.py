"""Progress and cancellation of one piece of work."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Attributes:
        done: Units finished: bytes, rows, files.
        total: Out of how many; 0 where that is not known.
        text: What is done now, or "".
    """

    done: int = 0
    total: int = 0
    text: str = ""

    @property
    def share(self) -> float | None:
        """The part that is done, 0 to 1; None where the whole is not known."""
        return min(1.0, self.done / self.total) if self.total else None


NOT_BEGUN = Progress()


class JobCancelled(Exception):
    """The job was cancelled; raised by `Job.progress` and `Job.check`."""


class Job:
    """Carries progress out of a computation and the wish to stop into it.

    Reporting progress *is* the cancel check, so work that reports can be cancelled.
    ``Job()`` alone is the null job: it reports to nobody and is never cancelled.
    """

    def __init__(self, report: Callable[[int, int, str], None] | None = None) -> None:
        self._report = report
        self._cancelled = Event()

    def report_to(self, report: Callable[[int, int, str], None]) -> None:
        """Send progress to ``report(done, total, text)`` from now on."""
        self._report = report

    def cancel(self) -> None:
        """Ask the work to stop; may be called from any thread."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raise JobCancelled if the job was cancelled."""
        if self._cancelled.is_set():
            raise JobCancelled

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Report that ``done`` of ``total`` units are finished, and check for cancellation.

        Raises:
            JobCancelled: The job was cancelled.
        """
        self.check()
        if self._report is not None:
            self._report(done, total, text)
