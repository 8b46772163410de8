"""One thread, the newest of a kind waits, exactly one outcome for every task."""

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job
from tokensim_gui.jobs.worker import Worker

Outcomes = list[tuple[str, int, object]]


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture
def outcomes(worker: Worker) -> Outcomes:
    seen: Outcomes = []
    worker.finished.connect(lambda _kind, ticket, value: seen.append(("finished", ticket, value)))
    worker.failed.connect(lambda _kind, ticket, error: seen.append(("failed", ticket, error)))
    worker.cancelled.connect(lambda _kind, ticket: seen.append(("cancelled", ticket, None)))
    return seen


def gate() -> tuple[threading.Event, threading.Event, Callable[..., str]]:
    """A task that says when it runs and waits to be let go."""
    running, go = threading.Event(), threading.Event()

    def task(name: str, job: Job) -> str:
        running.set()
        assert go.wait(10)
        return name

    return running, go, task


def test_a_task_runs_on_another_thread_and_its_outcome_arrives_on_this_one(
    worker: Worker, qtbot: QtBot
) -> None:
    threads: list[int] = []

    def task(job: Job) -> int:
        return threading.get_ident()

    worker.finished.connect(lambda *_: threads.append(threading.get_ident()))
    with qtbot.waitSignal(worker.finished) as done:
        worker.submit("search", task)
    assert done.args is not None
    assert done.args[2] != threading.get_ident()
    assert threads == [threading.get_ident()]


def test_of_several_waiting_tasks_only_the_newest_runs(
    worker: Worker, outcomes: Outcomes, qtbot: QtBot
) -> None:
    running, go, task = gate()
    tickets = [worker.submit("search", task, name) for name in ("first", "second", "third")]
    assert running.wait(10)
    go.set()
    qtbot.waitUntil(lambda: len(outcomes) == 3)
    assert sorted(outcomes, key=lambda one: one[1]) == [
        ("finished", tickets[0], "first"),
        ("cancelled", tickets[1], None),
        ("finished", tickets[2], "third"),
    ]


def test_tasks_of_another_kind_are_not_replaced(
    worker: Worker, outcomes: Outcomes, qtbot: QtBot
) -> None:
    running, go, task = gate()
    worker.submit("search", task, "search")
    assert running.wait(10)
    worker.submit("open", task, "open")
    worker.submit("search", task, "again")
    go.set()
    qtbot.waitUntil(lambda: len(outcomes) == 3)
    assert {value for _, _, value in outcomes} == {"search", "open", "again"}


def test_a_failure_is_handed_over_and_the_thread_goes_on(worker: Worker, qtbot: QtBot) -> None:
    def task(job: Job) -> None:
        raise TokenSimError("The file “x” is missing.")

    with qtbot.waitSignal(worker.failed) as failed:
        worker.submit("open", task)
    assert failed.args is not None
    assert str(failed.args[2]) == "The file “x” is missing."
    with qtbot.waitSignal(worker.finished):
        worker.submit("search", lambda job: 1)


def test_a_running_task_is_cancelled_where_it_reports(
    worker: Worker, outcomes: Outcomes, qtbot: QtBot
) -> None:
    running = threading.Event()

    def task(job: Job) -> None:
        while True:
            running.set()
            job.progress(1, 2, "half")

    ticket = worker.submit("scan", task)
    assert running.wait(10)
    worker.cancel("scan")
    qtbot.waitUntil(lambda: outcomes == [("cancelled", ticket, None)])


def test_closing_during_a_task_waits_for_it_and_reports_nothing_after(qtbot: QtBot) -> None:
    worker = Worker()
    running = threading.Event()

    def task(job: Job) -> None:
        running.set()
        while True:
            job.check()

    worker.submit("scan", task)
    assert running.wait(10)
    worker.close()
    worker.close()


def test_progress_arrives_with_its_kind(worker: Worker, qtbot: QtBot) -> None:
    def task(job: Job) -> None:
        job.progress(3, 10, "three")

    with qtbot.waitSignal(worker.progressed) as seen:
        worker.submit("scan", task)
    assert seen.args == ["scan", 3, 10, "three"]
