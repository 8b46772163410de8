"""Results laid out as a map, and what hands and eyes do with a pane of them."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QToolButton

from tokensim_gui.core.values import Query, Results

LEFT = Qt.MouseButton.LeftButton
CUTER, CUTE, GIRL, OTHER = 27151, 2242, 1611, 4674  # the last is garden


def answer(ids, coords, own=(), **changes):
    """Results as the engine gives them: ``coords`` of ids, own tokens, query."""
    ids = np.array(ids, np.int32)
    whole = Results(
        query=Query("(cute + girl) / 2"),
        slug="starter",
        ids=ids,
        scores=np.linspace(0.7216, 0.4, len(ids)),
        passing=34_327,
        unfiltered=49_000,
        average=0.03,
        own=(),
        map_ids=ids,
        coords=np.array(coords, np.float32).reshape(-1, 2),
        map_own=np.array(own, np.int32),
        explained=0.31,
        faithfulness=0.47,
        hint=None,
        problem=None,
        elapsed_ms=4.0,
        device="CPU",
    )
    return replace(whole, **changes)


def sixty(vocabulary, seed=7):
    ids = [CUTER, *vocabulary.order[4000:4059].tolist()]
    coords = np.random.default_rng(seed).normal(size=(63, 2)) * (0.4, 0.25)
    return answer(ids, coords, own=(CUTE, GIRL))


def place(widget, token_id):
    return widget.canvas.position_of(token_id).toPoint()


def draw(widget, results):
    widget.set_results(results)
    widget.setProperty("ids", results.map_ids.tolist())


def ids_of(widget):
    return widget.property("ids")


def button(widget, said):
    return next(b for b in widget.findChildren(QToolButton) if b.accessibleName() == said)


def texts(widget, folder):
    """What is written in the picture."""
    widget.save(folder / "texts.svg")
    tree = ElementTree.parse(folder / "texts.svg")
    return [(t.text or "").strip() for t in tree.iter("{http://www.w3.org/2000/svg}text")]


def arguments(spy):
    return [list(spy.at(index)) for index in range(spy.count())]


def turn_wheel(widget, at, notches):
    event = QWheelEvent(
        QPointF(at),
        widget.canvas.mapToGlobal(QPointF(at)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget.canvas, event)


def draw_lasso(qtbot, widget, corners):
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mousePress(widget.canvas, LEFT, shift, corners[0])
    for corner in corners[1:]:
        qtbot.mouseMove(widget.canvas, corner)
    qtbot.mouseRelease(widget.canvas, LEFT, shift, corners[-1])


def apart(pane, vocabulary, words=("dog", "horse")):
    """How far two words lie from each other, in pixels."""
    first, second = (
        pane.canvas.position_of(vocabulary.ids_of_text(word)[-1]) for word in words
    )  # fmt: skip
    return (first - second).manhattanLength()
