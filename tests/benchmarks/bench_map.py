"""How soon the whole map follows a pan and a zoom.

Needs a display: `make bench` gives it a virtual one.
"""

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from real_window import Painted, in_process, library_with_table, map_view, wait_until
from report import ROWS, row

from tokensim_gui.app import App, qt_application
from tokensim_gui.core.files.landscape_file import Landscape, save_landscape
from tokensim_gui.core.library.library import TableLibrary

FRAMES, DIM, LARGE = 120, 64, 262_144


def rows():
    """Return the report's rows about the whole map."""
    said = []
    for count, bound in ((ROWS, 16), (LARGE, 33)):
        with tempfile.TemporaryDirectory() as home:
            found = in_process(measure_map, library_with_map(Path(home), count))
        said += [
            row(f"whole map of {count:,} tokens, {what}, median", found[what], bound=bound)
            for what in ("pan", "zoom")
        ]
    return said


def measure_map(slug):
    """Return medians in ms of a pan's and a zoom's frame of the whole map of ``slug``."""
    application = qt_application("light")
    tokensim = App(table=slug)
    tokensim.window.resize(1400, 900)
    tokensim.start()
    session, search = tokensim.session, tokensim.window.search
    wait_until(lambda: session.search.is_current and session.tables.info.slug == slug)
    tokensim.window.search.map.show_whole(True)
    canvas = search.map.canvas
    wait_until(lambda: "tokens of the table" in canvas.accessibleDescription())
    painted = Painted([map_view(search).viewport()])

    def frames(events):
        took = []
        for event in events:
            painted.answered()
            begun = time.perf_counter()
            QApplication.sendEvent(canvas, event)
            painted.wait()
            took.append((time.perf_counter() - begun) * 1000)
        return statistics.median(took[3:])

    middle = QPointF(canvas.rect().center())
    corner = QPointF(30, canvas.height() - 60)
    QApplication.sendEvent(canvas, mouse(canvas, QEvent.Type.MouseButtonPress, corner))
    steps = [QPointF(4 * abs(20 - n % 40), 3 * abs(15 - n % 30)) for n in range(20, FRAMES + 20)]
    move = QEvent.Type.MouseMove
    pan = frames(mouse(canvas, move, corner + QPointF(20, -20) + step) for step in steps)
    QApplication.sendEvent(canvas, mouse(canvas, QEvent.Type.MouseButtonRelease, corner))
    # Through all zooms: where it is dense, and where each token has its dot and name.
    zoom = frames(wheel(canvas, middle, 1 if n % 24 < 12 else -1) for n in range(FRAMES))
    tokensim.window.close()
    tokensim.close()
    application.processEvents()  # what is to be deleted later goes before the process does
    return {"pan": pan, "zoom": zoom}


def mouse(canvas, kind, at):
    """An event of the left button at a pixel of the map."""
    left = Qt.MouseButton.LeftButton
    return QMouseEvent(
        kind, at, QPointF(canvas.mapToGlobal(at)), left, left, Qt.KeyboardModifier.NoModifier
    )


def wheel(canvas, at, notches):
    """A turn of the wheel over a pixel of the map."""
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    where = QPointF(canvas.mapToGlobal(at))
    return QWheelEvent(at, where, QPoint(), QPoint(0, 120 * notches), *none, False)


def library_with_map(home, rows):
    """Put a table with a map of ``rows`` tokens into the library; return its slug."""
    slug = library_with_table(home, rows, DIM)
    rng = np.random.default_rng(8)
    # A disc, as real maps are: what is pressed in a corner is no token.
    angle, out = 2 * np.pi * rng.random(400), np.sqrt(rng.random(400))
    groups = np.column_stack((out * np.cos(angle), out * np.sin(angle)))[rng.integers(0, 400, rows)]
    places = groups + rng.normal(0, 0.03, (rows, 2))
    landscape = Landscape.of(places.astype(np.float32))
    save_landscape(TableLibrary().folder(slug), replace(landscape, kept=0.4))
    return slug
