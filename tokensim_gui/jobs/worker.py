"""One background thread for everything that would make the window wait."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from PySide6.QtCore import QObject, QThread, Signal, Slot

from tokensim_gui.core.job import Job, JobCancelled

Outcome = Literal["finished", "failed", "cancelled"]


@dataclass(eq=False)
class _Task:
    kind: str
    ticket: int
    func: Callable[..., object]
    args: tuple[Any, ...]
    job: Job = field(default_factory=Job)


class _Runner(QObject):
    """Lives on the thread and runs one task at a time."""

    done = Signal(object, str, object)
    progressed = Signal(str, int, int, str)

    @Slot(object)
    def run(self, task: _Task) -> None:
        task.job.report_to(lambda done, total, text: self._report(task, done, total, text))
        outcome: Outcome = "finished"
        try:
            task.job.check()
            value: object = task.func(*task.args, job=task.job)
        except JobCancelled:
            outcome, value = "cancelled", None
        except Exception as error:  # every failure is handed to its owner, none is swallowed
            outcome, value = "failed", error
        self.done.emit(task, outcome, value)

    def _report(self, task: _Task, done: int, total: int, text: str) -> None:
        self.progressed.emit(task.kind, done, total, text)


class Worker(QObject):
    """Runs functions on one QThread; of each kind one waits at the most, the newest.

    A function is called as ``func(*args, job=job)``. For every `submit` exactly one of
    `finished`, `failed` and `cancelled` is emitted, on the thread that owns the Worker.
    """

    finished = Signal(str, int, object)
    failed = Signal(str, int, object)
    cancelled = Signal(str, int)
    progressed = Signal(str, int, int, str)
    _start = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tickets = 0
        self._running: _Task | None = None
        self._pending: dict[str, _Task] = {}
        # No parent: Qt must never delete a thread that still runs.
        self._thread = QThread()
        self._thread.setObjectName("worker")
        self._runner = _Runner()
        self._runner.moveToThread(self._thread)
        self._start.connect(self._runner.run)
        self._runner.done.connect(self._on_runner_done)
        self._runner.progressed.connect(self.progressed)
        self._thread.start()

    def submit(self, kind: str, func: Callable[..., object], *args: object) -> int:
        """Queue ``func(*args, job=job)``; return the ticket that its outcome will carry.

        A waiting task of the same kind is cancelled; a running one runs to its end.
        """
        self._tickets += 1
        task = _Task(kind, self._tickets, func, args)
        replaced = self._pending.pop(kind, None)
        self._pending[kind] = task
        if replaced is not None:
            self.cancelled.emit(kind, replaced.ticket)
        self._next()
        return task.ticket

    def cancel(self, kind: str) -> None:
        """Cancel the waiting and the running task of a kind."""
        waiting = self._pending.pop(kind, None)
        if waiting is not None:
            self.cancelled.emit(kind, waiting.ticket)
        if self._running is not None and self._running.kind == kind:
            self._running.job.cancel()

    def close(self) -> None:
        """Cancel everything and wait for the thread to end; safe to call twice."""
        self._pending.clear()
        if self._running is not None:
            self._running.job.cancel()
        self._thread.quit()
        self._thread.wait()

    def _next(self) -> None:
        if self._running is None and self._pending and self._thread.isRunning():
            kind = next(iter(self._pending))
            self._running = self._pending.pop(kind)
            self._start.emit(self._running)

    @Slot(object, str, object)
    def _on_runner_done(self, task: _Task, outcome: Outcome, value: object) -> None:
        self._running = None
        self._next()
        if outcome == "finished":
            self.finished.emit(task.kind, task.ticket, value)
        elif outcome == "failed":
            self.failed.emit(task.kind, task.ticket, value)
        else:
            self.cancelled.emit(task.kind, task.ticket)
