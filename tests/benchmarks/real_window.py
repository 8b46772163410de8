"""The real window for a bench: what watches it, waits for it, and runs it in a fresh process.

Needs a display: `make bench` gives it a virtual one.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QGraphicsView
from report import DIM, ROWS, vectors

from tokensim_gui.app import App, qt_application
from tokensim_gui.core import paths
from tokensim_gui.core.files.table import save_table
from tokensim_gui.core.library.library import TableLibrary

_FORBIDS = "PYTHONDONTWRITEBYTECODE"


class Gaps(QObject):
    """The longest time in which the event loop did not come round."""

    def __init__(self):
        super().__init__()
        self._last = time.perf_counter()
        self.longest_ms = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(1)

    def _tick(self):
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1000)
        self._last = now

    def restart(self):
        self._last = time.perf_counter()
        self.longest_ms = 0.0


class Painted(QObject):
    """Says when some widgets were painted after something that changes each of them.

    What else it changes is painted in the same frame, or in one right behind, which is waited for.
    """

    def __init__(self, views):
        super().__init__()
        self.is_over = True
        self._waiting = set()
        self._loop = QEventLoop()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(5000)
        self._patience.timeout.connect(self._loop.quit)
        self._views = set(views)
        for view in self._views:
            view.installEventFilter(self)

    def answered(self):
        self.is_over = False
        self._waiting = set(self._views)

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched in self._waiting:
            self._waiting.discard(watched)
            if not self._waiting:
                QTimer.singleShot(0, self._on_all_painted)
        return False

    def _on_all_painted(self):
        if not self._waiting:  # or something came meanwhile
            self.is_over = True
            self._loop.quit()

    def wait(self):
        self._patience.start()
        self._loop.exec()
        self._patience.stop()  # or it would end a later wait


def library_with_table(home, rows=ROWS, dim=DIM):
    """Put a seeded fp16 table with CLIP's tokens into the library; return its slug."""
    os.environ["TOKENSIM_HOME"] = str(home)
    rng = np.random.default_rng(7)
    data = (
        vectors(rng, min(4096, rows - at), dim).astype(np.float16).tobytes()
        for at in range(0, rows, 4096)
    )
    with TableLibrary().adding("Bench") as new:
        shutil.copy(paths.resource("starter/tokenizer.json"), new.folder / "tokenizer.json")
        if rows == ROWS:  # otherwise it is made anew, with rows that no token uses
            shutil.copy(paths.resource("starter/vocabulary.npz"), new.folder / "vocabulary.npz")
        save_table(new.folder, "Bench", "clip", "F16", rows, dim, data)
        return new.slug


@contextmanager
def window(slug):
    """Give a TokenSim that starts on the table ``slug``, and what watches its event loop."""
    application = qt_application("light")
    tokensim = App(table=slug)
    tokensim.window.resize(1400, 900)
    gaps = Gaps()
    tokensim.window.firstPainted.connect(tokensim.collector.leave_out)  # as `run` does
    tokensim.start("girl")
    wait_until(tokensim.window.isVisible)
    gaps.restart()
    yield tokensim, gaps
    tokensim.window.close()
    tokensim.close()
    application.processEvents()  # what is to be deleted later goes before the process does


def wait_until(condition, timeout_s=60):
    """Run the event loop until ``condition()``."""
    end = time.perf_counter() + timeout_s
    loop = QEventLoop()
    while not condition():
        if time.perf_counter() > end:
            raise TimeoutError("the window did not get there")
        QTimer.singleShot(1, loop.quit)
        loop.exec()


def map_view(search):
    """The view that shows the map."""
    return search.map.canvas.findChild(QGraphicsView)


def in_process(measure, slug):
    """Call a function of a bench with the slug of a table in a fresh process, without torch yet."""
    module = measure.__module__
    code = (
        f"import sys, json; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        f"import {module}\n"
        f"print(json.dumps({module}.{measure.__name__}({slug!r})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=compiled()
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def compiled():
    """The environment without what forbids Python to keep what it compiled.

    Installed modules are compiled, torch's among them; our own would be compiled afresh at each
    start and at the first look at each page, which no user sees.
    """
    return {key: value for key, value in os.environ.items() if key != _FORBIDS}
