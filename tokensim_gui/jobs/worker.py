"""One background thread for everything that would make the window wait."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QThread, QTimer, Signal, Slot

from tokensim_gui.core.errors import NotReady, TokenSimError
from tokensim_gui.core.job import Job, JobCancelled, Progress

_log = logging.getLogger(__name__)

Outcome = Literal["done", "failed", "cancelled"]
_AGAIN_MS = 20
BUG = "Something went wrong inside TokenSim, so this was not finished."


@dataclass(eq=False)
class _Task:
    kind: str
    func: Callable[..., object]
    args: tuple[Any, ...]
    done: Callable[[Any], None] | None
    failed: Callable[[TokenSimError], None] | None
    cancelled: Callable[[], None] | None
    progressed: Callable[[Progress], None] | None
    job: Job = field(default_factory=Job)
    is_held: bool = False


class _Runner(QObject):
    """Lives on the thread and runs one task at a time."""

    ended = Signal(object, str, object)  # _Task, Outcome, value or error
    progressed = Signal(object, object)  # _Task, Progress: Qt's own integers end at 2^31

    @Slot(object)
    def run(self, task: _Task) -> None:
        task.job.report_to(lambda *progress: self.progressed.emit(task, Progress(*progress)))
        outcome: Outcome = "done"
        value: object = None
        try:
            task.job.check()
            value = task.func(*task.args, job=task.job)
        except JobCancelled:
            outcome = "cancelled"
        except TokenSimError as error:
            # Its sentence is kept for as long as it is shown, but not its frames: they would keep
            # the table that it was raised for.
            error.__cause__ = error.__context__ = None
            outcome, value = "failed", error.with_traceback(None)
        except Exception as error:  # every failure is handed to its owner, none is swallowed
            outcome, value = "failed", error
        self.ended.emit(task, outcome, value)


class Worker(QObject):
    """Runs functions on one QThread; of each kind one waits at the most, the newest.

    The thread is started by the first `submit` and ends with the application or by `close`.
    """

    crashed = Signal(object)  # an Exception that is a bug; who asked hears of it as well
    _start = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: _Task | None = None
        self._pending: dict[str, _Task] = {}
        self._is_closed = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self._on_again_timeout)
        # No parent: Qt must never delete a thread that still runs.
        self._thread = QThread()
        self._thread.setObjectName("worker")
        self._runner = _Runner()
        self._runner.moveToThread(self._thread)
        self._start.connect(self._runner.run)
        self._runner.ended.connect(self._on_runner_ended)
        self._runner.progressed.connect(self._on_runner_progressed)
        application = QCoreApplication.instance()
        if application is not None:  # Ctrl+C ends the program without closing the window
            application.aboutToQuit.connect(self.close)

    def submit(
        self,
        kind: str,
        func: Callable[..., object],
        *args: object,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[TokenSimError], None] | None = None,
        cancelled: Callable[[], None] | None = None,
        progressed: Callable[[Progress], None] | None = None,
    ) -> None:
        """Queue ``func(*args, job=job)``; a waiting task of the same kind is cancelled.

        Exactly one of ``done``, ``failed`` and ``cancelled`` is called, on the thread that owns
        the Worker, unless the Worker is closed before. A task that is cancelled while it runs is
        never done: what it returns is dropped. One that raises `NotReady` waits, while others run,
        and runs again. Each is a bound method of a QObject, or a `partial` of one; it is not called
        once that object is deleted.

        Args:
            kind: Names the work; a newer task of a kind replaces the one that waits, not the one
                that runs.
            func: Runs on the worker's thread.
            args: Its arguments.
            done: Takes what ``func`` returned.
            failed: Takes the sentence for the user; of a bug it is `BUG`, and `crashed` tells more.
            cancelled: The task was cancelled, or replaced before it began.
            progressed: Takes what ``func`` reports.
        """
        if self._is_closed:
            return
        if not self._thread.isRunning():
            self._thread.start()
        replaced = self._pending.pop(kind, None)
        self._pending[kind] = _Task(kind, func, args, done, failed, cancelled, progressed)
        if replaced is not None:
            _tell(replaced.cancelled)
        self._next()

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return self._running is None and not self._pending

    def has(self, kind: str) -> bool:
        """Whether a task of a kind runs or waits."""
        return kind in self._pending or (self._running is not None and self._running.kind == kind)

    def cancel(self, kind: str) -> None:
        """Cancel the waiting and the running task of a kind."""
        waiting = self._pending.pop(kind, None)
        if self._running is not None and self._running.kind == kind:
            self._running.job.cancel()
        if waiting is not None:
            _tell(waiting.cancelled)

    @Slot()
    def close(self) -> None:
        """Cancel everything and wait for the thread to end; safe to call twice."""
        self._is_closed = True
        self._pending.clear()
        self._again.stop()
        if self._running is not None:
            self._running.job.cancel()
        self._thread.quit()
        self._thread.wait()

    def _next(self) -> None:
        if self._running is not None or self._is_closed:
            return
        kind = next((kind for kind, task in self._pending.items() if not task.is_held), None)
        if kind is not None:
            self._running = self._pending.pop(kind)
            self._start.emit(self._running)

    @Slot()
    def _on_again_timeout(self) -> None:
        for task in self._pending.values():
            task.is_held = False
        self._next()

    @Slot(object, str, object)
    def _on_runner_ended(self, task: _Task, outcome: Outcome, value: object) -> None:
        self._running = None
        if isinstance(value, NotReady) and not task.job.cancelled:
            if task.kind not in self._pending:
                task.is_held = True
                self._pending[task.kind] = task
                self._again.start()
                self._next()
                return
            outcome = "cancelled"  # a newer one waits
        self._next()
        if self._is_closed:
            return
        if outcome == "cancelled" or task.job.cancelled:
            _tell(task.cancelled)
        elif outcome == "done":
            _tell(task.done, value)
        elif isinstance(value, TokenSimError):
            if task.failed is None:
                _log.warning("%s: %s", task.kind, value)
            _tell(task.failed, value)
        else:
            _tell(task.failed, TokenSimError(BUG))
            self.crashed.emit(value)

    @Slot(object, object)
    def _on_runner_progressed(self, task: _Task, progress: Progress) -> None:
        if not task.job.cancelled and not self._is_closed:
            _tell(task.progressed, progress)


def _tell(method: Callable[..., None] | None, *values: object) -> None:
    """Call the method of a QObject, if that is still there."""
    if method is not None:
        bound = method.func if isinstance(method, partial) else method
        if shiboken6.isValid(getattr(bound, "__self__", None)):
            method(*values)
