"""One thread, the newest of a kind waits, and exactly one answer, to who asked."""

import gc
import threading
from collections.abc import Callable, Iterator
from functools import partial
from weakref import ref

import pytest
import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from tokensim_gui.core.errors import NotReady, TokenSimError
from tokensim_gui.core.job import Job, Progress
from tokensim_gui.jobs.worker import BUG, Worker


class Asker(QObject):
    """Asks a worker, and writes down what it is answered and on which thread."""

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self.worker = worker
        self.heard: list[tuple[str, str, object]] = []
        self.progress: list[Progress] = []
        self.threads: set[int] = set()

    def ask(self, name: str, kind: str, func: Callable[..., object], *args: object) -> None:
        self.worker.submit(
            kind,
            func,
            *args,
            done=partial(self._on_done, name),
            failed=partial(self._on_failed, name),
            cancelled=partial(self._on_cancelled, name),
            progressed=self._on_progressed,
        )

    def _hear(self, name: str, outcome: str, value: object) -> None:
        self.threads.add(threading.get_ident())
        self.heard.append((name, outcome, value))

    def _on_done(self, name: str, value: object) -> None:
        self._hear(name, "done", value)

    def _on_failed(self, name: str, error: TokenSimError) -> None:
        self._hear(name, "failed", str(error))

    def _on_cancelled(self, name: str) -> None:
        self._hear(name, "cancelled", None)

    def _on_progressed(self, progress: Progress) -> None:
        self.progress.append(progress)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture
def asker(worker: Worker) -> Asker:
    return Asker(worker)


def gate() -> tuple[threading.Event, threading.Event, Callable[..., str]]:
    """A task that says when it runs and waits to be let go."""
    running, go = threading.Event(), threading.Event()

    def task(name: str, job: Job) -> str:
        running.set()
        assert go.wait(10)
        return name

    return running, go, task


def test_a_task_runs_on_another_thread_and_is_answered_on_this_one(
    asker: Asker, qtbot: QtBot
) -> None:
    asker.ask("a", "search", lambda job: threading.get_ident())
    qtbot.waitUntil(lambda: len(asker.heard) == 1)
    assert asker.heard[0][:2] == ("a", "done")
    assert asker.heard[0][2] != threading.get_ident()
    assert asker.threads == {threading.get_ident()}


def test_an_answer_goes_to_who_asked_and_to_nobody_else(worker: Worker, qtbot: QtBot) -> None:
    first, second = Asker(worker), Asker(worker)
    first.ask("a", "search", lambda job: 1)
    second.ask("b", "open", lambda job: 2)
    qtbot.waitUntil(lambda: bool(first.heard and second.heard))
    assert (first.heard, second.heard) == ([("a", "done", 1)], [("b", "done", 2)])


def test_of_several_waiting_tasks_only_the_newest_runs(asker: Asker, qtbot: QtBot) -> None:
    running, go, task = gate()
    for name in ("first", "second", "third"):
        asker.ask(name, "search", task, name)
        assert running.wait(10)
    go.set()
    qtbot.waitUntil(lambda: len(asker.heard) == 3)
    assert asker.heard == [
        ("second", "cancelled", None),
        ("first", "done", "first"),
        ("third", "done", "third"),
    ]


def test_tasks_of_another_kind_are_not_replaced(asker: Asker, qtbot: QtBot) -> None:
    running, go, task = gate()
    asker.ask("a", "search", task, "search")
    assert running.wait(10)
    asker.ask("b", "open", task, "open")
    asker.ask("c", "search", task, "again")
    go.set()
    qtbot.waitUntil(lambda: len(asker.heard) == 3)
    assert [value for _, _, value in asker.heard] == ["search", "open", "again"]


def test_a_failure_is_handed_over_and_the_thread_goes_on(asker: Asker, qtbot: QtBot) -> None:
    crashes: list[object] = []
    asker.worker.crashed.connect(crashes.append)

    def task(job: Job) -> None:
        raise TokenSimError("The file “x” is missing.")

    asker.ask("a", "open", task)
    asker.ask("b", "search", lambda job: 1)
    qtbot.waitUntil(lambda: len(asker.heard) == 2)
    assert asker.heard == [("a", "failed", "The file “x” is missing."), ("b", "done", 1)]
    assert not crashes


def test_a_bug_reaches_who_asked_as_a_sentence_and_is_told_once(asker: Asker, qtbot: QtBot) -> None:
    crashes: list[object] = []
    asker.worker.crashed.connect(crashes.append)

    def task(job: Job) -> int:
        return [][0]

    asker.ask("a", "open", task)
    qtbot.waitUntil(lambda: len(crashes) == 1)
    assert asker.heard == [("a", "failed", BUG)]
    assert isinstance(crashes[0], IndexError)


def test_a_running_task_is_cancelled_where_it_reports(asker: Asker, qtbot: QtBot) -> None:
    running = threading.Event()

    def task(job: Job) -> None:
        while True:
            running.set()
            job.progress(1, 2, "half")

    asker.ask("a", "scan", task)
    assert running.wait(10)
    asker.worker.cancel("scan")
    qtbot.waitUntil(lambda: asker.heard == [("a", "cancelled", None)])


def test_what_a_cancelled_task_returns_is_dropped(asker: Asker, qtbot: QtBot) -> None:
    running, go, task = gate()
    asker.ask("a", "scan", task, "late")
    assert running.wait(10)
    asker.worker.cancel("scan")
    go.set()
    qtbot.waitUntil(lambda: asker.heard == [("a", "cancelled", None)])


def test_who_is_gone_is_not_called(asker: Asker, qtbot: QtBot) -> None:
    running, go, task = gate()
    gone = Asker(asker.worker)
    gone.ask("gone", "scan", task, "late")
    assert running.wait(10)
    shiboken6.delete(gone)
    go.set()
    asker.ask("a", "search", lambda job: 1)
    qtbot.waitUntil(lambda: len(asker.heard) == 1)
    assert gone.heard == []


def test_closing_during_a_task_waits_for_it_and_tells_nothing_after(
    asker: Asker, qtbot: QtBot
) -> None:
    running = threading.Event()

    def task(job: Job) -> None:
        running.set()
        while True:
            job.check()

    asker.ask("a", "scan", task)
    assert running.wait(10)
    asker.worker.close()
    asker.worker.close()
    asker.ask("b", "scan", task)
    assert asker.heard == []


def test_progress_beyond_31_bits_arrives_whole(asker: Asker, qtbot: QtBot) -> None:
    asker.ask("a", "scan", lambda job: job.progress(3 << 40, 10 << 40, "three"))
    qtbot.waitUntil(lambda: len(asker.heard) == 1)
    assert asker.progress == [Progress(3 << 40, 10 << 40, "three")]
    assert asker.progress[0].share == pytest.approx(0.3)


def not_before(ready: threading.Event) -> Callable[..., str]:
    """A task for which something must be loaded first."""

    def task(name: str, job: Job) -> str:
        if not ready.is_set():
            raise NotReady
        return name

    return task


def test_a_task_waits_for_what_it_needs_while_others_run(asker: Asker, qtbot: QtBot) -> None:
    ready = threading.Event()
    asker.ask("a", "search", not_before(ready), "late")
    asker.ask("b", "open", lambda job: 1)
    qtbot.waitUntil(lambda: bool(asker.heard))
    assert asker.heard == [("b", "done", 1)] and not asker.worker.is_idle
    ready.set()
    qtbot.waitUntil(lambda: len(asker.heard) == 2)
    assert asker.heard[1] == ("a", "done", "late") and asker.worker.is_idle


def test_a_task_that_waits_for_what_it_needs_is_replaced_and_cancelled_as_any(
    asker: Asker, qtbot: QtBot
) -> None:
    never = not_before(threading.Event())
    asker.ask("a", "search", never, "")
    asker.ask("b", "open", lambda job: 1)
    qtbot.waitUntil(lambda: bool(asker.heard))
    asker.ask("c", "search", lambda job: 2)
    qtbot.waitUntil(lambda: len(asker.heard) == 3)
    assert asker.heard[1:] == [("a", "cancelled", None), ("c", "done", 2)]
    asker.ask("d", "search", never, "")
    asker.ask("e", "open", lambda job: 1)
    qtbot.waitUntil(lambda: len(asker.heard) == 4)
    asker.worker.cancel("search")
    assert asker.heard[-1] == ("d", "cancelled", None) and asker.worker.is_idle


class Vectors:
    """Something large."""


class Sayer(QObject):
    """Keeps what went wrong for as long as it shows it."""

    def __init__(self) -> None:
        super().__init__()
        self.error: TokenSimError | None = None

    def say(self, error: TokenSimError) -> None:
        self.error = error


def test_an_error_that_is_shown_keeps_nothing_of_the_task_that_met_it(
    worker: Worker, qtbot: QtBot
) -> None:
    used: list[ref[Vectors]] = []
    sayer = Sayer()

    def task(job: Job) -> None:
        vectors = Vectors()
        used.append(ref(vectors))
        try:
            raise ValueError
        except ValueError as error:
            raise TokenSimError("There is none.") from error

    worker.submit("search", task, failed=sayer.say)
    qtbot.waitUntil(lambda: sayer.error is not None and worker.is_idle)
    gc.collect()
    assert used[0]() is None
