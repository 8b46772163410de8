"""The whole map with two words for axes."""

import numpy as np
import pytest
from PySide6.QtCore import QSizeF, Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QLineEdit

from tests.ui.charts.maps import CUTER, OTHER, texts
from tokensim_gui.state.map_state import Axes
from tokensim_gui.ui.charts.axes_scene import AxesScene


def axes_of(vocabulary, texts=("castle", "forest"), metric="cosine"):
    """Scores as the engine gives them: garden at 25 % and 50 %, the others at random."""
    scores = np.random.default_rng(0).normal(0.1, 0.05, (vocabulary.rows, 2))
    scores[0] = np.nan
    scores[OTHER] = 0.25, 0.5
    scores[CUTER] = -0.0625, 0.75
    return Axes(texts, metric, scores)


def test_two_words_as_axes_put_every_token_where_its_scores_say(pane, vocabulary, tmp_path):
    pane.show_axes(True)
    axes = axes_of(vocabulary)
    pane.set_axes(axes)
    scene = AxesScene(axes, vocabulary)
    for size in (QSizeF(730, 675), QSizeF(400, 500)):
        shown = scene.fitted(size)
        scene.light(None)
        scene.arrange(shown, size)
        across, up = (np.array(scale) for scale in scene.ticks())
        assert len(across) >= 3 and len(up) >= 3
        for token in (OTHER, CUTER, 777):
            at = scene.where(token)
            x = np.polyval(np.polyfit(across[:, 0], across[:, 1], 1), axes.scores[token, 0])
            y = np.polyval(np.polyfit(up[:, 0], up[:, 1], 1), axes.scores[token, 1])
            assert (at.x(), at.y()) == pytest.approx((x, y), abs=0.01)
            assert 0 <= at.x() <= size.width() and 0 <= at.y() <= size.height()
    written = texts(pane, tmp_path)
    assert {"similarity to castle →", "↑ similarity to forest", "20%", "40%"} <= set(written)
    assert "countries" not in written


def test_the_numbers_of_a_token_are_said(pane, vocabulary):
    pane.show_axes(True)
    pane.set_axes(axes_of(vocabulary))
    pane.set_selected([OTHER])
    said = pane.canvas.accessibleDescription()
    assert said.startswith("garden…: 25.00% to castle, 50.00% to forest. 49,407 tokens by their")
    pane.set_axes(axes_of(vocabulary, metric="euclidean"))
    assert "0.250 to castle" in pane.canvas.accessibleDescription()


def test_axes_are_asked_for_by_two_fields(pane, qtbot):
    pane.show_axes(True)
    across, up = (f for f in pane.findChildren(QLineEdit) if f.accessibleName().startswith("Axis"))
    assert across.isVisible() and up.isVisible()
    across.clear()
    with qtbot.waitSignal(pane.axesWanted) as asked:
        qtbot.keyClicks(across, "castle")
        up.clear()
        qtbot.keyClicks(up, "forest")
        qtbot.keyClick(up, Qt.Key.Key_Return)
    assert asked.args == [("castle", "forest")]
    pane.refuse_axes("“castle” means no vector.")
    assert pane.canvas.accessibleDescription() == "“castle” means no vector."
    up.clear()
    qtbot.keyClicks(up, " ")
    qtbot.keyClick(up, Qt.Key.Key_Return)
    assert pane.canvas.accessibleDescription().startswith("Two words:")


def test_without_axes_the_whole_map_is_as_it_was(pane, vocabulary):
    plain = pane.picture()
    pane.show_axes(True)
    pane.set_axes(axes_of(vocabulary))
    assert pane.picture() != plain
    dropped = QSignalSpy(pane.axesWanted)
    pane.show_axes(False)
    assert pane.picture() == plain and dropped.at(0) == [None]
    pane.set_axes(axes_of(vocabulary))  # an answer that comes late
    assert pane.picture() == plain
