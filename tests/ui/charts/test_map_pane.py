"""What the map draws, names and says of the results."""

import math
import sys
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolTip, QWidget

from tests.ui.charts.maps import (
    CUTE,
    CUTER,
    GIRL,
    LEFT,
    answer,
    arguments,
    button,
    draw,
    draw_lasso,
    ids_of,
    place,
    sixty,
    texts,
    turn_wheel,
)
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.map_pane import MapPane


def test_the_tool_tip_gives_rank_and_score_and_is_never_markup(shown, vocabulary):
    token_id = vocabulary.id_of_piece("</</w>")
    draw(shown, answer([token_id, CUTER], [(0, 0), (1, 0), (0, 1)]))
    at = place(shown, token_id)
    help_event = QHelpEvent(QEvent.Type.ToolTip, at, shown.canvas.mapToGlobal(at))
    QApplication.sendEvent(shown.canvas, help_event)
    words = f"</ · #{token_id} · similarity 72.16% · rank 1"
    assert QToolTip.text() == words
    tip = next(w for w in QApplication.topLevelWidgets() if w.inherits("QTipLabel"))
    assert tip.height() < 3 * tip.fontMetrics().height()  # one line and its margins
    QToolTip.hideText()


def test_what_is_under_the_mouse_is_named_even_without_a_label(qtbot, qapp, shown, vocabulary):
    draw(shown, sixty(vocabulary))
    last = ids_of(shown)[-1]
    before = shown.canvas.grab().toImage()
    qtbot.mouseMove(shown.canvas, place(shown, last))
    beside = QRect(place(shown, last) + QPoint(8, -8), QSize(30, 16))
    assert shown.canvas.grab(beside).toImage() != before.copy(beside)
    QApplication.sendEvent(shown.canvas, QEvent(QEvent.Type.Leave))
    assert shown.canvas.grab().toImage() == before


def test_the_selected_token_has_a_ring_and_one_off_the_map_has_none(shown, vocabulary):
    plain = shown.picture()
    shown.set_selected([vocabulary.order[100]])
    assert shown.picture() == plain
    shown.set_selected([ids_of(shown)[1]])
    on_the_ring = (place(shown, ids_of(shown)[1]) - QPoint(0, 10)) * 2
    assert shown.picture().pixelColor(on_the_ring) == theme.LIGHT.colour("accent")
    shown.set_selected([])
    assert shown.picture() == plain


def test_the_selected_token_always_has_a_label(shown, vocabulary):
    draw(shown, sixty(vocabulary))
    last = ids_of(shown)[-1]
    before = shown.picture()
    shown.set_selected([last])
    assert "60 of 60" in shown.canvas.accessibleDescription()
    assert shown.picture() != before


def test_a_token_of_the_query_among_the_results_is_one_point(shown, qtbot):
    draw(shown, answer([CUTE, CUTER], [(0, 0), (1, 0), (0, 0), (0.5, 1)], own=(CUTE,)))
    spy, boxes = QSignalSpy(shown.tokenActivated), QSignalSpy(shown.tokensSelected)
    qtbot.mouseClick(shown.canvas, LEFT, pos=place(shown, CUTE))
    rim = shown.canvas.rect().adjusted(1, 1, 0, 0)
    corners = [rim.topLeft(), rim.topRight(), rim.bottomRight(), rim.bottomLeft()]
    draw_lasso(qtbot, shown, corners)
    assert arguments(spy) == [[CUTE]]
    assert sorted(arguments(boxes)[0][0]) == [CUTE, CUTER]


@pytest.mark.parametrize("count", [1, 2])
def test_a_map_of_very_few_points_is_drawn(shown, count):
    ids = [CUTER, GIRL][:count]
    empty = shown.picture()
    draw(shown, answer(ids, np.zeros((count + 1, 2)), faithfulness=math.nan))
    assert shown.picture() != empty
    assert shown.canvas.rect().contains(place(shown, CUTER))


def test_an_empty_map_says_what_to_do(shown):
    shown.set_results(None)
    assert shown.canvas.accessibleDescription() == "Nothing to draw yet: type a word."
    draw(shown, answer([], [(0, 0)]))
    assert "no token passes the filters" in shown.canvas.accessibleDescription()
    assert not button(shown, "Show the whole map").isEnabled()


def test_the_words_say_how_far_to_trust_the_picture_and_shrink_with_the_panel(
    shown, vocabulary, tmp_path
):
    draw(shown, sixty(vocabulary))
    flat = "60 nearest · flat picture of 384 dimensions"
    assert f"{flat} · keeps 47% of each token’s true neighbours" in texts(shown, tmp_path)
    assert {"40%", "72%"} <= set(texts(shown, tmp_path))
    shown.resize(240, 400)
    assert "keeps 47% of true neighbours" in texts(shown, tmp_path)
    opposite = sixty(vocabulary)
    query = replace(opposite.query, order="opposite")
    draw(shown, replace(opposite, query=query, faithfulness=math.nan))
    assert "60 most opposite" in texts(shown, tmp_path)


def test_another_theme_recolours_the_map(shown, qapp):
    light = shown.picture()
    theme.apply(qapp, "dark")
    dark = shown.picture()
    theme.apply(qapp, "light")
    nearest = place(shown, ids_of(shown)[0]) * 2
    assert light.pixelColor(nearest) == theme.LIGHT.colour("map_near")
    assert dark.pixelColor(nearest) == theme.DARK.colour("map_near")
    assert dark.pixelColor(2, 2) == theme.DARK.colour("base")
    assert shown.picture() == light != dark


def test_resizing_fits_again_unless_the_map_was_moved(shown):
    first, third = ids_of(shown)[0], ids_of(shown)[2]
    shown.resize(500, 420)
    area = QRect(QPoint(), shown.canvas.size())
    assert area.contains(place(shown, first)) and area.contains(place(shown, third))
    turn_wheel(shown, place(shown, first), 1)
    span = place(shown, third) - place(shown, first)
    shown.resize(600, 420)
    assert (place(shown, third) - place(shown, first) - span).manhattanLength() <= 2  # rounded


@pytest.mark.parametrize("corner", range(4))
def test_a_token_chosen_elsewhere_comes_well_into_view(shown, corner):
    opposite, chosen = ids_of(shown)[corner - 2], ids_of(shown)[corner]
    for _ in range(6):
        turn_wheel(shown, place(shown, opposite), 3)
    assert not shown.canvas.rect().contains(place(shown, chosen))
    shown.set_selected([chosen])
    assert shown.canvas.rect().adjusted(100, 100, -100, -100).contains(place(shown, chosen))


@pytest.mark.parametrize("size", [QSize(700, 420), QSize(300, 500)])
def test_the_chart_takes_the_first_picture_over_without_a_jump(
    qtbot, qapp, vocabulary, monkeypatch, size
):
    monkeypatch.delitem(sys.modules, "tokensim_gui.ui.charts.chart_view", raising=False)
    theme.apply(qapp, "light")
    widget = MapPane()
    qtbot.addWidget(widget)
    widget.resize(size)
    widget.set_vocabulary(vocabulary, 384)
    draw(widget, sixty(vocabulary))
    with qtbot.waitExposed(widget):
        widget.show()
    held = place(widget, CUTER)
    before = widget.canvas.grab().toImage()
    turn_wheel(widget, held, 2)
    assert widget.canvas.grab().toImage() == before
    widget.canvas.use_chart()
    assert widget.canvas.grab().toImage() == before
    turn_wheel(widget, held, 2)
    assert widget.canvas.grab().toImage() != before


def test_zooming_in_names_more_tokens_down_to_all_of_them(shown, vocabulary, tmp_path):
    draw(shown, sixty(vocabulary))
    shown.resize(500, 300)
    names = {token: vocabulary.display(token) for token in ids_of(shown)}
    crowded = texts(shown, tmp_path)
    unnamed = [token for token, name in names.items() if name not in crowded]
    assert len(unnamed) > 15
    for token in unnamed[:6]:
        shown.fit()
        turn_wheel(shown, place(shown, token), 16)
        assert any(names[token] in text for text in texts(shown, tmp_path))


def test_a_token_of_the_tray_is_a_filled_tag(shown):
    token = ids_of(shown)[0]
    plain = shown.picture()
    shown.set_tray([token])
    tagged = shown.picture()
    assert tagged != plain
    accent = theme.LIGHT.colour("accent")
    assert tagged.pixelColor(place(shown, token) * 2) == accent != theme.LIGHT.colour("map_near")
    shown.set_tray([])
    assert shown.picture() == plain


def test_all_that_is_selected_has_rings(shown):
    first, second = ids_of(shown)[:2]
    shown.set_selected([first, second])
    for token in (first, second):
        on_the_ring = (place(shown, token) - QPoint(0, 10)) * 2
        assert shown.picture().pixelColor(on_the_ring) == theme.LIGHT.colour("accent")


def test_a_selected_result_beyond_the_maps_count_is_placed_too(shown, vocabulary, tmp_path, qtbot):
    words = vocabulary.order[:5].tolist()
    beyond = np.array([(0.5, 0.5)], np.float32)
    corners = [(-1, 1), (1, 1), (1, -1), (-1, -1), (0, 0)]
    whole = answer(words, corners, map_ids=np.array(words[:4], np.int32), beyond=beyond)
    draw(shown, whole)
    before = [place(shown, token) for token in words[:4]]
    assert shown.canvas.position_of(words[4]) is None
    shown.set_selected([words[4]])
    assert [place(shown, token) for token in words[:4]] == before
    at = place(shown, words[4])
    assert (at - (before[1] + before[1] + before[1] + before[3]) / 4).manhattanLength() <= 2
    assert vocabulary.display(words[4]) in texts(shown, tmp_path)
    spy = QSignalSpy(shown.tokenActivated)
    qtbot.mouseClick(shown.canvas, LEFT, pos=at)
    assert arguments(spy) == [[words[4]]]
    assert "beyond the 4 of the map" in shown.canvas.accessibleDescription()
    shown.set_selected([words[0]])
    assert shown.canvas.position_of(words[4]) is None


def test_an_emoji_is_drawn_as_its_own_dot(shown, vocabulary, tmp_path):
    draw(shown, answer([9188, CUTER], [(0, 0), (1, 0), (0, 1)]))
    if vocabulary.display(9188) in texts(shown, tmp_path):
        at = place(shown, 9188) * 2
        assert shown.picture().pixelColor(at) != theme.LIGHT.colour("map_near")


def test_enlarging_covers_the_page_and_escape_puts_the_map_back(qtbot, qapp, vocabulary):
    page = QWidget()
    qtbot.addWidget(page)
    row = QHBoxLayout(page)
    pane = MapPane(page)
    row.addWidget(QWidget(), 1)
    row.addWidget(pane, 1)
    page.resize(900, 500)
    pane.set_vocabulary(vocabulary, 384)
    draw(pane, sixty(vocabulary))
    with qtbot.waitExposed(page):
        page.show()
    small = pane.canvas.size()
    qtbot.mouseClick(button(pane, "Enlarge the map"), LEFT)
    assert pane.canvas.size() == page.size() != small
    page.resize(1000, 600)
    qtbot.waitUntil(lambda: pane.canvas.size() == page.size())
    qtbot.keyClick(pane.canvas, Qt.Key.Key_Escape)
    assert pane.canvas.width() < 500 and pane.canvas.isVisible()
    assert not button(pane, "Enlarge the map").isChecked()
    assert pane.canvas.rect().contains(place(pane, CUTER))
