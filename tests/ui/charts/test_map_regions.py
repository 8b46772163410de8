"""The regions of the whole map: how they are written, and the ways into them."""

from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSizeF, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QToolTip

from tests.ui.charts.maps import CUTE, CUTER, LEFT, OTHER, answer, apart, texts
from tokensim_gui.core.vocabulary.regions import regions
from tokensim_gui.ui.charts.landscape_scene import LandscapeScene


def test_a_region_whose_seeds_scatter_has_no_name(vocabulary, landscape):
    named = regions(vocabulary, landscape.coords)
    assert "countries" in named
    coords = landscape.coords.copy()
    rng = np.random.default_rng(0)
    for word in ("france", "germany", "italy", "brazil", "poland"):
        coords[list(vocabulary.ids_of_text(word))] = rng.random(2)
    assert "countries" not in regions(vocabulary, coords)
    assert set(named) - set(regions(vocabulary, coords)) <= {"countries", "places"}


def written_at(pane, landscape, vocabulary, name):
    """Where the name of a region stands on the map as it is at first."""
    named = regions(vocabulary, landscape.coords)
    scene, size = LandscapeScene(landscape, vocabulary, named), QSizeF(pane.canvas.size())
    scene.light(answer([CUTER, OTHER], [(0, 0), (1, 0), (0, 1), (1, 1)], own=(CUTE,)))
    scene.arrange(scene.fitted(size), size, pane.canvas.head)
    number = scene.regions.number(name)
    return next(
        QPoint(x, y)
        for y in range(0, pane.canvas.height(), 4)
        for x in range(0, pane.canvas.width(), 4)
        if scene.at(QPointF(x, y)) == number
    )


def test_a_click_on_the_name_of_a_region_leads_into_it_and_0_back(
    pane, qtbot, vocabulary, landscape
):
    at, before = written_at(pane, landscape, vocabulary, "animals"), apart(pane, vocabulary)
    activated = QSignalSpy(pane.tokenActivated)
    help_wanted = QHelpEvent(QEvent.Type.ToolTip, at, pane.canvas.mapToGlobal(at))
    QApplication.sendEvent(pane.canvas, help_wanted)
    assert "Zoom to animals" in QToolTip.text()
    qtbot.mouseClick(pane.canvas, LEFT, pos=at)
    assert pane.canvas.accessibleDescription().startswith("animals. ")
    assert apart(pane, vocabulary) > 3 * before
    dog = pane.canvas.position_of(vocabulary.ids_of_text("dog")[-1]).toPoint()
    assert pane.canvas.rect().contains(dog)
    qtbot.mouseDClick(pane.canvas, LEFT, pos=at)
    assert activated.count() == 0
    qtbot.keyClick(pane.canvas, Qt.Key.Key_0)
    assert apart(pane, vocabulary) == pytest.approx(before, abs=1)


def test_a_key_that_leads_on_takes_the_hand_of_a_name_with_it(pane, qtbot, vocabulary, landscape):
    canvas = pane.canvas
    move = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(written_at(pane, landscape, vocabulary, "animals")),
        QPointF(), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(canvas, move)
    assert canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    qtbot.keyClick(canvas, Qt.Key.Key_PageDown)
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_page_keys_go_from_region_to_region(pane, qtbot, vocabulary, landscape):
    names = list(regions(vocabulary, landscape.coords))

    def gone_to(key):
        qtbot.keyClick(pane.canvas, key)
        return pane.canvas.accessibleDescription().partition(". ")[0]

    down, up = Qt.Key.Key_PageDown, Qt.Key.Key_PageUp
    assert [gone_to(key) for key in (down, down, down, up)] == [*names[:3], names[1]]
    assert [gone_to(up), gone_to(up)] == [names[0], names[-1]]


def test_a_region_asked_for_by_name_is_shown_as_soon_as_there_is_a_map(
    pane, vocabulary, landscape, named
):
    before = apart(pane, vocabulary)
    pane.set_landscape(None, {})
    pane.show_whole(False)
    pane.show_region("animals")
    pane.set_landscape(landscape, named)
    assert pane.shows_whole and apart(pane, vocabulary) > 3 * before
    pane.resize(500, 400)
    dog = pane.canvas.position_of(vocabulary.ids_of_text("dog")[-1]).toPoint()
    assert pane.canvas.rect().contains(dog)


def test_a_region_asked_for_is_forgotten_with_the_table(pane, vocabulary, landscape, named):
    before = apart(pane, vocabulary)
    pane.set_landscape(None, {})
    pane.show_region("animals")
    pane.set_vocabulary(vocabulary, 384)
    pane.set_landscape(landscape, named)
    assert apart(pane, vocabulary) == pytest.approx(before, abs=1)
    pane.show_region("no such region")
    pane.set_landscape(landscape, named)
    assert apart(pane, vocabulary) == pytest.approx(before, abs=1)


def test_a_region_is_named_beside_the_results_that_lie_in_its_middle(
    pane, vocabulary, landscape, tmp_path
):
    place = regions(vocabulary, landscape.coords)["Spanish names"].place
    away = np.nan_to_num(np.hypot(*(landscape.coords - place).T), nan=9.0)
    near = np.argsort(away, kind="stable")[:30]
    pane.set_results(answer(near, np.zeros((len(near) + 1, 2))))
    assert "Spanish names" in texts(pane, tmp_path)


def test_large_regions_are_written_larger_than_small_ones(pane, vocabulary, landscape, tmp_path):
    pane.set_results(None)
    pane.save(tmp_path / "sizes.svg")
    sizes = {
        (text.text or "").strip(): float(text.get("font-size"))
        for text in ElementTree.parse(tmp_path / "sizes.svg").iter(
            "{http://www.w3.org/2000/svg}text"
        )
    }
    named = regions(vocabulary, landscape.coords)
    large, small = (
        {
            sizes[name]
            for name, region in named.items()
            if region.large == is_large and name in sizes
        }
        for is_large in (True, False)
    )
    assert len(large) == len(small) == 1 and min(large) > 1.3 * max(small)
    assert sum(region.large for region in named.values()) >= 5
