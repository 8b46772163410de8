"""How soon the real window answers a key, starts, and lets go of the event loop.

Needs a display: `make bench` gives it a virtual one.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from real_window import (
    Gaps,
    Painted,
    compiled,
    in_process,
    library_with_table,
    map_view,
    wait_until,
)
from report import row

from tokensim_gui.app import App, qt_application
from tokensim_gui.ui.tokens.query_chip import QueryChip

TEXT = "cute girl sunset dog king castle photo of a red car by the sea at night with an old man "
KEYS = 200
KEYS_A_SECOND = 20
DRAGS, MOVES, MOVES_A_SECOND = 20, 40, 60
STARTS = 5

LARGE_ROWS, LARGE_DIM = 151_936, 2_560  # as Qwen3-4B


def rows():
    """Return the report's rows about the window."""
    with tempfile.TemporaryDirectory() as home:
        slug = library_with_table(Path(home))
        done = [in_process(measure_window, slug) for _ in range(3)]
        starter = [in_process(measure_window, "starter")]
        starts = start_times()
    with tempfile.TemporaryDirectory() as home:
        slug = library_with_table(Path(home), LARGE_ROWS, LARGE_DIM)
        large = [in_process(measure_window, slug)]
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
        row("event loop blocked while typing 20 keys a second, longest", typing, bound=33),
        row("memory grown over 200 keys, MiB", grown, bound=20),
    ]


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


def painted_after(runs, what="took"):
    """Return median and p95 in ms of some runs of `measure_window`."""
    took = sorted(ms for run in runs for ms in run[what])
    return statistics.median(took), took[int(len(took) * 0.95)]


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
