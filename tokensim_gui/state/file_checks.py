"""Reading files at the user's wish: checking tables, and looking for checkpoints."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.jobs.worker import Worker

_REPORT_S = 0.1
_LONGEST_REST_S = 0.05
_MOST = 2**31


@dataclass(frozen=True, slots=True)
class Check:
    """A check that runs: which table, and how many of its bytes are read."""

    slug: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A checkpoint on this computer: its encoders with the bytes of their token vectors."""

    path: Path
    encoders: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A search for checkpoints.

    Attributes:
        running: Whether it goes on.
        seen: Files and folders looked at so far.
        found: What can be opened; complete once it has ended.
    """

    running: bool
    seen: int = 0
    found: tuple[Found, ...] = ()


class FileJobs(QObject):
    """Runs checks and looks on a thread of their own: searches never wait behind them.

    They rest as long as they work, so that searches stay quick beside them.
    """

    checkChanged = Signal(object)  # Check | None
    checked = Signal(str)  # slug of a table that is sound
    checkFailed = Signal(str, object)  # slug, TokenSimError
    lookChanged = Signal(object)  # Look
    crashed = Signal(object)  # an Exception that is a bug

    def __init__(self, library: TableLibrary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._worker: Worker | None = None
        self._checks: list[str] = []

    def check(self, slug: str) -> None:
        """Compare a table with its checksum; others wait for their turn."""
        if slug not in self._checks:
            self._checks.append(slug)
            if len(self._checks) == 1:
                self._check_next()

    def look(self, folders: Sequence[Path]) -> None:
        """Look for checkpoints below some folders."""
        self.lookChanged.emit(Look(running=True))
        self._submit("look", _look, tuple(folders))

    def stop_looking(self) -> None:
        """End the look; what was found is kept."""
        if self._worker is not None:
            self._worker.cancel("look")

    def close(self) -> None:
        """End the thread; safe to call twice."""
        if self._worker is not None:
            self._worker.close()

    def _check_next(self) -> None:
        self.checkChanged.emit(Check(self._checks[0]) if self._checks else None)
        if self._checks:
            self._submit("check", _check, self._library, self._checks[0])

    def _submit(self, kind: str, func: Callable[..., object], *args: object) -> None:
        if self._worker is None:
            self._worker = Worker(self)
            self._worker.finished.connect(self._on_worker_finished)
            self._worker.failed.connect(self._on_worker_failed)
            self._worker.cancelled.connect(self._on_worker_cancelled)
            self._worker.progressed.connect(self._on_worker_progressed)
        self._worker.submit(kind, func, *args)

    @Slot(str, int, object)
    def _on_worker_finished(self, kind: str, _ticket: int, value: object) -> None:
        if kind == "look":
            assert isinstance(value, Look)
            self.lookChanged.emit(value)
        else:
            self.checked.emit(self._checks.pop(0))
            self._check_next()

    @Slot(str, int, object)
    def _on_worker_failed(self, kind: str, _ticket: int, error: object) -> None:
        if not isinstance(error, TokenSimError):
            self.crashed.emit(error)
        if kind == "look":
            self.lookChanged.emit(Look(running=False))
        else:
            slug = self._checks.pop(0)
            if isinstance(error, TokenSimError):
                self.checkFailed.emit(slug, error)
            self._check_next()

    @Slot(str, int)
    def _on_worker_cancelled(self, kind: str, _ticket: int) -> None:
        if kind == "look":  # before it had begun
            self.lookChanged.emit(Look(running=False))

    @Slot(str, int, int, str)
    def _on_worker_progressed(self, kind: str, done: int, total: int, _text: str) -> None:
        if kind == "look":
            self.lookChanged.emit(Look(running=True, seen=done))
        elif self._checks:
            self.checkChanged.emit(Check(self._checks[0], done, total))


def _check(library: TableLibrary, slug: str, *, job: Job) -> None:
    library.verify(slug, _giving_way(job))


def _look(folders: Sequence[Path], *, job: Job) -> Look:
    """Look through folders; a cancelled look returns what was found so far."""
    from tokensim_gui.core.checkpoints.scan import scan

    found: list[Found] = []
    seen = 0
    considerate = _giving_way(job)

    def report(done: int, total: int, text: str) -> None:
        nonlocal seen
        seen = done
        considerate.progress(done, total, text)

    try:
        for path, candidates in scan(folders, Job(report)):
            found.append(Found(path, tuple((one.name, one.nbytes) for one in candidates)))
    except JobCancelled:
        pass
    return Look(running=False, seen=seen, found=tuple(found))


def _giving_way(job: Job) -> Job:
    """Return a job that reports to ``job`` now and then, and rests as long as it worked.

    Hashing takes a core from the search, and parsing headers the interpreter's lock.
    """
    began = said = time.monotonic()

    def report(done: int, total: int, text: str) -> None:
        nonlocal began, said
        job.check()
        now = time.monotonic()
        if now - said >= _REPORT_S:
            said = now
            scale = 1 if total < _MOST else 1000  # Qt's integers end at 2^31, tables may not
            job.progress(done // scale, total // scale, text)
        time.sleep(min(now - began, _LONGEST_REST_S))
        began = time.monotonic()

    return Job(report)
