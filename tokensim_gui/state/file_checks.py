"""Reading files at the user's wish: checking tables, and looking for checkpoints."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Signal

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.core.hub.address import HUB
from tokensim_gui.core.job import NOT_BEGUN, Job, JobCancelled, Progress
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.jobs.worker import Worker

_REPORT_S = 0.1
_LONGEST_REST_S = 0.05


@dataclass(frozen=True, slots=True)
class Check:
    """A check that runs: which table, and how many of its bytes are read."""

    slug: str
    progress: Progress = NOT_BEGUN


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


class FileChecks(QObject):
    """Runs checks and looks on a thread of their own: searches never wait behind them.

    They rest as long as they work, so that searches stay quick beside them.
    """

    checkChanged = Signal(object)  # Check | None
    checked = Signal(str)  # slug of a table that is sound
    checkFailed = Signal(str, object)  # slug, TokenSimError
    lookChanged = Signal(object)  # Look
    goneFound = Signal(object)  # set of slugs
    crashed = Signal(object)  # an Exception that is a bug

    def __init__(self, library: TableLibrary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._worker = Worker(self)
        self._worker.crashed.connect(self.crashed)
        self._checks: list[str] = []
        self._enough = Event()

    def check(self, slug: str) -> None:
        """Compare a table with its checksum; others wait for their turn."""
        if slug not in self._checks:
            self._checks.append(slug)
            if len(self._checks) == 1:
                self._check_next()

    def look(self, folders: Sequence[Path]) -> None:
        """Look for checkpoints below some folders."""
        self.lookChanged.emit(Look(running=True))
        self._enough = Event()
        self._worker.submit(
            "look",
            _look,
            tuple(folders),
            self._enough,
            done=self._on_looked,
            failed=self._on_look_failed,
            progressed=self._on_look_progressed,
        )

    def find_gone(self, tables: Sequence[TableInfo]) -> None:
        """Ask which whole encoders are no longer where they were; `goneFound` tells."""
        self._worker.submit("gone", _gone, tuple(tables), done=self._on_gone_found)

    def stop_looking(self) -> None:
        """End the look; what was found is kept."""
        self._enough.set()

    def close(self) -> None:
        """End the thread; safe to call twice."""
        self._worker.close()

    def _on_gone_found(self, slugs: set[str]) -> None:
        self.goneFound.emit(slugs)

    def _check_next(self) -> None:
        self.checkChanged.emit(Check(self._checks[0]) if self._checks else None)
        if self._checks:
            self._worker.submit(
                "check",
                _check,
                self._library,
                self._checks[0],
                done=self._on_checked,
                failed=self._on_check_failed,
                progressed=self._on_check_progressed,
            )

    def _on_looked(self, look: Look) -> None:
        self.lookChanged.emit(look)

    def _on_look_failed(self, _error: TokenSimError) -> None:
        self.lookChanged.emit(Look(running=False))

    def _on_look_progressed(self, progress: Progress) -> None:
        self.lookChanged.emit(Look(running=True, seen=progress.done))

    def _on_checked(self, _sound: None) -> None:
        self.checked.emit(self._checks.pop(0))
        self._check_next()

    def _on_check_failed(self, error: TokenSimError) -> None:
        self.checkFailed.emit(self._checks.pop(0), error)
        self._check_next()

    def _on_check_progressed(self, progress: Progress) -> None:
        if self._checks:
            self.checkChanged.emit(Check(self._checks[0], progress))


def _check(library: TableLibrary, slug: str, *, job: Job) -> None:
    library.verify(slug, _giving_way(job))


def _look(folders: Sequence[Path], enough: Event, *, job: Job) -> Look:
    """Look through folders until that is ``enough``; return what was found."""
    from tokensim_gui.core.checkpoints.scan import scan

    found: list[Found] = []
    seen = 0
    considerate = _giving_way(job)

    def report(done: int, total: int, text: str) -> None:
        nonlocal seen
        seen = done
        if enough.is_set():
            raise JobCancelled
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
            job.progress(done, total, text)
        time.sleep(min(now - began, _LONGEST_REST_S))
        began = time.monotonic()

    return Job(report)


def _gone(tables: Sequence[TableInfo], *, job: Job) -> set[str]:
    """Slugs of whole encoders whose file is gone; on the worker, since a drive may be slow."""
    found = set()
    for info in tables:
        job.check()
        if info.whole and not info.source.startswith(HUB) and not os.path.exists(info.source):
            found.add(info.slug)
    return found
