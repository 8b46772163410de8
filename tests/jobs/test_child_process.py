import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file

from tokensim_gui.core.job import Progress
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.jobs import child_process
from tokensim_gui.jobs.child_process import ChildTask

LONG_MS = 60_000


def checkpoint(path: Path) -> Path:
    vectors = np.random.default_rng(0).standard_normal((1000, 64)).astype(np.float16)
    save_file({"model.embed_tokens.weight": vectors}, path)
    return path


def outcomes(task: ChildTask) -> list[tuple[str, object]]:
    seen: list[tuple[str, object]] = []
    task.finished.connect(lambda value: seen.append(("finished", value)))
    task.failed.connect(lambda sentence: seen.append(("failed", sentence)))
    task.cancelled.connect(lambda: seen.append(("cancelled", None)))
    return seen


def ended(qtbot: QtBot, task: ChildTask) -> tuple[str, object]:
    """Run a task; return its one outcome."""
    seen = outcomes(task)
    task.start()
    qtbot.waitUntil(lambda: bool(seen), timeout=LONG_MS)
    (outcome,) = seen
    return outcome


def test_an_import_tells_its_progress_and_its_result(qtbot: QtBot, tmp_path: Path) -> None:
    task = ChildTask(["import", str(checkpoint(tmp_path / "tiny.safetensors"))])
    progress: list[Progress] = []
    task.progressed.connect(progress.append)
    kind, made = ended(qtbot, task)
    assert kind == "finished"
    assert isinstance(made, dict) and made["tables"][0]["slug"] == "tiny"
    assert (progress[-1].done, progress[-1].total) == (128_000, 128_000)
    assert TableLibrary().info("tiny").rows == 1000


def test_a_mistake_is_one_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    kind, sentence = ended(qtbot, ChildTask(["import", str(tmp_path / "absent.ckpt")]))
    assert kind == "failed"
    assert "absent.ckpt" in str(sentence) and str(sentence).endswith(".")


def test_an_end_without_a_result_is_a_failure_and_its_reason_is_logged(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    kind, sentence = ended(qtbot, ChildTask(["import"]))
    assert (kind, str(sentence)[:3]) == ("failed", "It ")
    assert "required: PATH" in caplog.text


def test_a_program_that_cannot_be_started_is_a_failure(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "absent"))
    kind, sentence = ended(qtbot, ChildTask(["import", "x"]))
    assert (kind, sentence) == ("failed", "TokenSim could not start a second process of its own.")


def test_what_libraries_print_in_between_is_passed_over(
    qtbot: QtBot, program: Callable[[str], None]
) -> None:
    program(
        "print('Loading...'); print('[1, 2]'); print('{\"progress\": [5000000000, 2, \"x\"]}');"
        "print('{\"result\": [1]}')"
    )
    task = ChildTask(["import", "x"])
    progress: list[Progress] = []
    task.progressed.connect(progress.append)
    assert ended(qtbot, task) == ("finished", [1])
    assert progress == [Progress(5_000_000_000, 2, "x")]


WAITING = 'print(\'{"progress": [0, 1, "x"]}\', flush=True); import time; time.sleep(60)'


def test_a_cancelled_task_ends_and_says_so_once(
    qtbot: QtBot, program: Callable[[str], None]
) -> None:
    program(WAITING)
    task = ChildTask(["import", "x"])
    seen = outcomes(task)
    with qtbot.waitSignal(task.progressed, timeout=LONG_MS):
        task.start()
    with qtbot.waitSignal(task.cancelled, timeout=LONG_MS):
        task.cancel()
    assert seen == [("cancelled", None)]


def test_a_task_that_will_not_end_is_killed(
    qtbot: QtBot, program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    program("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WAITING)
    monkeypatch.setattr(child_process, "_KILL_AFTER_MS", 50)
    task = ChildTask(["import", "x"])
    with qtbot.waitSignal(task.progressed, timeout=LONG_MS):
        task.start()
    with qtbot.waitSignal(task.cancelled, timeout=LONG_MS):
        task.cancel()


def test_closing_waits_until_the_process_is_gone(
    qtbot: QtBot, program: Callable[[str], None]
) -> None:
    program(
        'import os; print(\'{"progress": [%d, 1, "x"]}\' % os.getpid(), flush=True)\n' + WAITING
    )
    task = ChildTask(["import", "x"])
    with qtbot.waitSignal(task.progressed, timeout=LONG_MS) as told:
        task.start()
    task.close()
    with pytest.raises(ProcessLookupError):
        os.kill(told.args[0].done, signal.SIGTERM)
