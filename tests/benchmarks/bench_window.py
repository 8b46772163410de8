"""How soon the real window answers a key, starts, and lets go of the event loop.

Needs a display: `make bench` gives it a virtual one.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from string import ascii_lowercase

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGraphicsView
from report import DIM, ROWS, row, vectors

from tokensim_gui.app import App, qt_application
from tokensim_gui.core import paths
from tokensim_gui.core.files.table import save_table
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary import derived_arrays
from tokensim_gui.core.vocabulary.pieces import BYTE_TO_CHAR
from tokensim_gui.core.vocabulary.typeable import Typing
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui.tokens.query_chip import QueryChip

TEXT = "cute girl sunset dog king castle photo of a red car by the sea at night with an old man "
KEYS = 200
KEYS_A_SECOND = 20
DRAGS, MOVES, MOVES_A_SECOND = 20, 40, 60
STARTS = 5

LARGE_ROWS, LARGE_DIM = 151_936, 2_560  # as Qwen3-4B
WORD = "sunset"  # typed while an encoder is opened
LARGEST_ROWS, LARGEST_DIM = 262_208, 256  # as Gemma 3; how wide vectors are, no tokenizer hears
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


def largest_tokenizer():
    """Return a tokenizer.json of `LARGEST_ROWS` pieces, seeded, with a way to make each of two."""
    rng = random.Random(7)
    vocab = {letter: number for number, letter in enumerate(BYTE_TO_CHAR)}
    parts, merges = ["Ġ", *ascii_lowercase], []
    while len(vocab) < LARGEST_ROWS:
        left, right = rng.choice(parts), rng.choice(ascii_lowercase)
        if left + right not in vocab:
            vocab[left + right] = len(vocab)
            parts.append(left + right)
            merges.append(f"{left} {right}")
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
    byte_level["trim_offsets"] = False
    return json.dumps({
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": byte_level,
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": vocab, "merges": merges},
    })  # fmt: skip


def library_with_largest(home):
    """Put a table with `largest_tokenizer` into the library; return its slug."""
    os.environ["TOKENSIM_HOME"] = str(home)
    # How each token is typed takes minutes to try and is of no account here.
    typing = Typing(["alone"] * LARGEST_ROWS, [""] * LARGEST_ROWS, {})
    derived_arrays.find_typing = lambda *_: typing
    rng = np.random.default_rng(7)
    data = vectors(rng, LARGEST_ROWS, LARGEST_DIM).astype(np.float16).tobytes()
    with TableLibrary().adding("Largest") as new:
        (new.folder / "tokenizer.json").write_text(largest_tokenizer())
        save_table(new.folder, "Largest", "qwen", "F16", LARGEST_ROWS, LARGEST_DIM, [data])
        Vocabulary.load(new.folder)
        return new.slug


def wait_until(condition, timeout_s=60):
    """Run the event loop until ``condition()``."""
    end = time.perf_counter() + timeout_s
    loop = QEventLoop()
    while not condition():
        if time.perf_counter() > end:
            raise TimeoutError("the window did not get there")
        QTimer.singleShot(1, loop.quit)
        loop.exec()


def drag_weights(driver, painted):
    """Drag the weight of a word up and down.

    Returns:
        For each drag the ms from the last move of the mouse until its answer was painted, and how
        many answers came after one to a later weight.
    """
    field, search = driver.window.search.bar.focusProxy(), driver.session.search
    field.selectAll()
    QTest.keyClicks(field, "castle + night")
    wait_until(lambda: search.is_current and painted.is_over)
    answers = []
    search.resultsChanged.connect(lambda results: answers.append(results.query.text))
    rested, backwards = [], 0
    loop = QEventLoop()
    for number in range(DRAGS):
        chip = next(c for c in driver.window.search.chips.findChildren(QueryChip) if c.isVisible())
        track, level = chip.width() - 24, chip.height() - 8  # as the slider is drawn
        begin, end = (1.0, 0.4) if number % 2 == 0 else (0.4, 1.0)
        places = [
            QPoint(round(12 + (begin + (end - begin) * step / MOVES + 1) / 3 * track), level)
            for step in range(MOVES + 1)
        ]
        texts = [field.text()]
        answers.clear()
        QTest.mousePress(chip, Qt.MouseButton.LeftButton, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(chip, place)
            texts.append(field.text())
            QTimer.singleShot(1000 // MOVES_A_SECOND, loop.quit)
            loop.exec()
        last = time.perf_counter()
        QTest.mouseMove(chip, places[-1] + QPoint(3 if end > begin else -3, 0))
        texts.append(field.text())
        wait_until(lambda: search.is_current and painted.is_over)
        rested.append((time.perf_counter() - last) * 1000)
        QTest.mouseRelease(chip, Qt.MouseButton.LeftButton, pos=places[-1])
        wait_until(lambda: search.is_current and painted.is_over)
        backwards += count_backwards(texts, answers)
    return rested, backwards


def count_backwards(texts, answers):
    """Count the answers to a text that was written before the text of the answer before."""
    at, backwards = 0, 0
    for answer in answers:
        if answer in texts[at:]:
            at = texts.index(answer, at)
        elif answer in texts[:at]:
            backwards += 1
    return backwards


def measure_window(slug):
    """Return rows about one run of the window with the table ``slug``."""
    application = qt_application("light")
    tokensim = App(table=slug)
    assert tokensim.session.settings.map_count == 80
    tokensim.window.resize(1400, 900)
    gaps = Gaps()
    tokensim.window.firstPainted.connect(tokensim.collector.leave_out)  # as `run` does
    tokensim.start()
    wait_until(lambda: tokensim.window.isVisible())
    gaps.restart()
    wait_until(
        lambda: tokensim.session.search.is_current and tokensim.session.tables.info.slug == slug
    )
    until_ready = gaps.longest_ms
    field = tokensim.window.search.bar.focusProxy()
    search = tokensim.window.search
    assert search.card.isVisible()
    table = search.table.focusProxy().viewport()
    painted = Painted((table, map_view(search).viewport()))

    def on_results_changed(results):
        if results.query == tokensim.session.search.query:  # and not that of the key before
            painted.answered()

    tokensim.session.search.resultsChanged.connect(on_results_changed)
    took = []
    for number in range(KEYS):
        if number % 40 == 0:
            field.selectAll()
        key = TEXT[number % len(TEXT)]
        begun = time.perf_counter()
        QTest.keyClicks(field, key)
        if tokensim.session.search.view == "neighbours":
            painted.wait()
            took.append((time.perf_counter() - begun) * 1000)
    rested, backwards = drag_weights(tokensim, painted)
    gaps.restart()
    before = resident_mib()
    typed = [0]
    loop = QEventLoop()

    def press():
        if typed[0] == KEYS:
            loop.quit()
            return
        if typed[0] % 40 == 0:
            field.selectAll()
        QTest.keyClicks(field, TEXT[typed[0] % len(TEXT)])
        typed[0] += 1

    timer = QTimer()
    timer.timeout.connect(press)
    timer.start(1000 // KEYS_A_SECOND)
    loop.exec()
    timer.stop()
    while_typing = gaps.longest_ms
    grown = resident_mib() - before
    tokensim.window.close()
    tokensim.close()
    application.processEvents()  # what is to be deleted later goes before the process does
    return {
        "took": took[10:],
        "rested": rested,
        "backwards": backwards,
        "until_ready": until_ready,
        "while_typing": while_typing,
        "grown": grown,
    }


def map_view(search):
    """The view that shows the map."""
    return search.map.canvas.findChild(QGraphicsView)


def resident_mib():
    """Memory of this process that is in RAM now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def start_times():
    """Return median ms of start → vocabulary browsable and of ``import torch``, in turns."""
    window = (
        "import time; begun = time.time()\n"
        "from tokensim_gui import app\n"
        "def painted(self):\n"
        "    self.session.search.set_view('vocabulary'); self.window.grab()\n"
        "    assert len(self.window.search.table.shown_ids()) > 30_000\n"
        "    print(time.time() - begun, flush=True); import os; os._exit(0)\n"
        "app.App._begin = painted\n"
        "app.run()\n"
    )
    torch = "import time; begun = time.time(); import torch; print(time.time() - begun)"
    times = {"window": [], "torch": []}
    for _ in range(STARTS + 1):
        for name, code in (("window", window), ("torch", torch)):
            done = subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                check=True,
                env=compiled(),
            )
            times[name].append(float(done.stdout.split()[-1]) * 1000)
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def compiled():
    """The environment without what forbids Python to keep what it compiled.

    Installed modules are compiled, torch's among them; our own would be compiled afresh at each
    start and at the first look at each page, which no user sees.
    """
    return {key: value for key, value in os.environ.items() if key != _FORBIDS}


def painted_after(runs, what="took"):
    """Return median and p95 in ms of some runs of `measure_window`."""
    took = sorted(ms for run in runs for ms in run[what])
    return statistics.median(took), took[int(len(took) * 0.95)]


def rows():
    """Return the report's rows about the window."""
    with tempfile.TemporaryDirectory() as home:
        slug = library_with_table(Path(home))
        done = [in_process("measure_window", slug) for _ in range(3)]
        starter = [in_process("measure_window", "starter")]
        starts = start_times()
    with tempfile.TemporaryDirectory() as home:
        slug = library_with_table(Path(home), LARGE_ROWS, LARGE_DIM)
        large = [in_process("measure_window", slug)]
    with tempfile.TemporaryDirectory() as home:
        slug = library_with_largest(Path(home))
        largest = in_process("measure_largest", slug)
    (median, p95), (small, small_p95) = painted_after(done), painted_after(starter)
    rest, rest_p95 = painted_after(done, "rested")
    backwards = sum(run["backwards"] for run in done)
    ready = statistics.median(run["until_ready"] for run in done)
    typing = statistics.median(run["while_typing"] for run in done)
    grown = statistics.median(run["grown"] for run in done)
    return [
        row("key press → list, chips, map of 80 and inspector painted, median", median, bound=20),
        row("key press → list, chips, map of 80 and inspector painted, p95", p95, bound=33),
        row("the same with the starter vectors, median", small, bound=20),
        row("the same with the starter vectors, p95", small_p95, bound=33),
        row(f"the same, {LARGE_ROWS:,} × {LARGE_DIM:,}, median", painted_after(large)[0], bound=50),
        row("drag of a weight: mouse rests → last answer painted, median", rest, bound=33),
        row("drag of a weight: mouse rests → last answer painted, p95", rest_p95, bound=33),
        row("drag of a weight: answers that went backwards", backwards, bound=0),
        row(
            "start → vocabulary browsable",
            starts["window"],
            "import torch alone",
            starts["torch"],
            bound=0.5,
        ),
        row("event loop blocked until the engine is ready, longest", ready, bound=150),
        *(
            row(f"event loop blocked, {LARGEST_ROWS:,} rows {step}, longest", ms, bound=100)
            for step, ms in largest.items()
        ),
        row("event loop blocked while typing 20 keys a second, longest", typing, bound=33),
        row("memory grown over 200 keys, MiB", grown, bound=20),
    ]


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


def measure_largest(slug):
    """Return the longest gap in ms of whatever brings the table ``slug`` in front or beside it."""
    took = {}
    with window(slug) as (tokensim, gaps):
        search_in(tokensim, slug)
        took["started on"] = gaps.longest_ms
        search_in(tokensim, "starter")
        gaps.restart()
        search_in(tokensim, slug)
        took["switched to"] = gaps.longest_ms
    for step in ("opened", "compared"):
        with window("starter") as (tokensim, gaps):
            search_in(tokensim, "starter")
            gaps.restart()
            if step == "opened":
                search_in(tokensim, slug)
            else:
                tokensim.window.pages.show_page("compare")
                comparison = tokensim.session.comparison
                type_word(tokensim.window.pages.page("compare").several.bar.focusProxy())
                wait_until(lambda shown=comparison: shown.is_current)
                check_typed(comparison.query)
            took[step] = gaps.longest_ms
    return took


def search_in(tokensim, slug):
    """Bring a table to the front, type a word meanwhile, and wait for the answer to all of it."""
    tables, search = tokensim.session.tables, tokensim.session.search
    tables.show(slug)
    type_word(tokensim.window.search.bar.focusProxy())
    wait_until(lambda: tables.current == slug and search.is_current)
    check_typed(search.query)


def type_word(field):
    """Type `WORD` in place of what a field holds, with a turn of the event loop after each key."""
    field.selectAll()
    for letter in WORD:
        QTest.keyClicks(field, letter)
        wait_until(lambda: True)


def check_typed(query):
    """Raise an error if a key of `type_word` was lost."""
    if query.text != WORD:
        raise RuntimeError(f"of the keys typed remains {query.text!r}")


def in_process(measure, slug, module="bench_window"):
    """Measure in a fresh process, whose torch is not imported yet."""
    code = (
        f"import sys, json; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        f"import {module}\n"
        f"print(json.dumps({module}.{measure}({slug!r})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=compiled()
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])
