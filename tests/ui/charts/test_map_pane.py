import math
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QImage, QWheelEvent
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QToolTip, QWidget

from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.values import Query, Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.map_pane import MapPane

LEFT = Qt.MouseButton.LeftButton
CUTER, CUTE, GIRL = 27151, 2242, 1611


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary.load(paths.resource("starter"))


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


@pytest.fixture
def shown(qtbot, qapp, vocabulary):
    """The map with four tokens at the corners of a square, the query in the middle."""
    theme.apply(qapp, "light")
    widget = MapPane()
    qtbot.addWidget(widget)
    widget.resize(700, 420)
    widget.set_vocabulary(vocabulary, 384)
    words = vocabulary.order[:4].tolist()
    draw(widget, answer(words, [(-1, 1), (1, 1), (1, -1), (-1, -1), (0, 0)]))
    with qtbot.waitExposed(widget):
        widget.show()
    widget.canvas.use_chart()
    return widget


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


def ask_for_menu(widget, at, reason=QContextMenuEvent.Reason.Mouse):
    event = QContextMenuEvent(reason, at, widget.canvas.mapToGlobal(at))
    QApplication.sendEvent(widget.canvas, event)


def test_a_click_on_a_point_selects_its_token(shown, qtbot):
    spy = QSignalSpy(shown.tokenActivated)
    for token_id in ids_of(shown):
        qtbot.mouseClick(shown.canvas, LEFT, pos=place(shown, token_id))
    assert arguments(spy) == [[token_id] for token_id in ids_of(shown)]


def test_a_click_on_a_label_selects_the_token_that_it_names(shown, qtbot):
    token_id = ids_of(shown)[0]
    spy = QSignalSpy(shown.tokenActivated)
    qtbot.mouseClick(shown.canvas, LEFT, pos=place(shown, token_id) + QPoint(16, 0))
    assert arguments(spy) == [[token_id]]


def test_a_click_beside_every_point_or_on_the_query_selects_nothing(shown, qtbot):
    spy = QSignalSpy(shown.tokenActivated)
    middle = (place(shown, ids_of(shown)[0]) + place(shown, ids_of(shown)[2])) / 2
    qtbot.mouseClick(shown.canvas, LEFT, pos=middle)
    qtbot.mouseClick(shown.canvas, LEFT, pos=middle - QPoint(40, 40))
    assert spy.count() == 0


def test_a_double_click_looks_the_token_up(shown, qtbot):
    token_id = ids_of(shown)[1]
    spy = QSignalSpy(shown.gestures.lookedUp)
    qtbot.mouseDClick(shown.canvas, LEFT, pos=place(shown, token_id))
    assert arguments(spy) == [[token_id]]


def test_a_right_click_and_the_menu_key_ask_for_the_menu_of_a_token(shown):
    token_id = ids_of(shown)[1]
    at = place(shown, token_id)
    spy = QSignalSpy(shown.gestures.menuRequested)
    ask_for_menu(shown, at)
    assert arguments(spy) == [[token_id, shown.canvas.mapToGlobal(at)]]
    ask_for_menu(shown, QPoint(3, 3))
    assert spy.count() == 1
    shown.set_selected([ids_of(shown)[3]])
    ask_for_menu(shown, at, QContextMenuEvent.Reason.Keyboard)
    assert arguments(spy)[1][0] == ids_of(shown)[3]


def draw_lasso(qtbot, widget, corners):
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mousePress(widget.canvas, LEFT, shift, corners[0])
    for corner in corners[1:]:
        qtbot.mouseMove(widget.canvas, corner)
    qtbot.mouseRelease(widget.canvas, LEFT, shift, corners[-1])


def test_shift_and_drag_select_what_lies_in_the_shape_drawn(shown, qtbot):
    ids = ids_of(shown)
    spy, clicks = QSignalSpy(shown.tokensSelected), QSignalSpy(shown.tokenActivated)
    upper, right, left = (place(shown, ids[n]) for n in (0, 1, 3))
    middle = (right + left) / 2
    # A hook round two corners of the square that leaves the one between them out.
    hook = [
        upper + QPoint(-15, -15), upper + QPoint(25, -5), middle - QPoint(9, 9),
        left + QPoint(9, -20), left + QPoint(9, 9), left + QPoint(-15, 15),
    ]  # fmt: skip
    draw_lasso(qtbot, shown, hook)
    assert arguments(spy) == [[[ids[0], ids[3]]]]
    assert clicks.count() == 0


def test_a_drag_pans_without_selecting_and_0_brings_all_back(shown, qtbot):
    ids = ids_of(shown)
    before = place(shown, ids[0])
    spy = QSignalSpy(shown.tokenActivated)
    ground = before + QPoint(40, 60)
    qtbot.mousePress(shown.canvas, LEFT, pos=ground)
    for step in (20, 40, 60):
        qtbot.mouseMove(shown.canvas, ground + QPoint(step, 5))
    qtbot.mouseRelease(shown.canvas, LEFT, pos=ground + QPoint(60, 5))
    assert place(shown, ids[0]) == before + QPoint(60, 5)
    assert spy.count() == 0
    qtbot.keyClick(shown.canvas, Qt.Key.Key_0)
    assert place(shown, ids[0]) == before


def test_the_wheel_zooms_about_the_mouse(shown, qtbot):
    ids = ids_of(shown)
    held, other = place(shown, ids[0]), place(shown, ids[1])
    turn_wheel(shown, held, 2)
    assert place(shown, ids[0]) == held
    assert place(shown, ids[1]).x() - held.x() == pytest.approx(
        (other.x() - held.x()) * 1.25**2, abs=1
    )
    qtbot.mouseClick(button(shown, "Show the whole map"), LEFT)
    assert place(shown, ids[1]) == other


def test_zoom_has_limits(shown):
    ids = ids_of(shown)
    before = place(shown, ids[1]).x() - place(shown, ids[0]).x()
    for notches, limit in ((400, 40), (-400, 0.5)):
        turn_wheel(shown, place(shown, ids[0]), notches)
        after = place(shown, ids[1]).x() - place(shown, ids[0]).x()
        assert after == pytest.approx(before * limit, rel=0.02)


def test_arrows_walk_by_rank_and_stop_at_the_ends(shown, qtbot):
    ids = ids_of(shown)
    shown.tokenActivated.connect(lambda token: shown.set_selected([token]))
    spy = QSignalSpy(shown.tokenActivated)
    keys = Qt.Key
    for key in (
        keys.Key_Right,
        keys.Key_Down,
        keys.Key_Left,
        keys.Key_Up,
        keys.Key_Up,
        keys.Key_End,
    ):
        qtbot.keyClick(shown.canvas, key)
    qtbot.keyClick(shown.canvas, keys.Key_Down)
    assert [walked for (walked,) in arguments(spy)] == [ids[i] for i in (0, 1, 0, 0, 0, 3, 3)]


def test_space_and_enter_act_on_the_selected_token(shown, qtbot):
    tray, looked_up = QSignalSpy(shown.gestures.trayToggled), QSignalSpy(shown.gestures.lookedUp)
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Space)
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Return)
    assert (tray.count(), looked_up.count()) == (0, 0)
    shown.set_selected([ids_of(shown)[2]])
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Space)
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Return)
    token = ids_of(shown)[2]
    assert (arguments(tray), arguments(looked_up)) == ([[[token]]], [[token]])


def test_keys_of_the_window_are_left_to_it(shown, qtbot):
    event_keys = (Qt.Key.Key_F2, Qt.Key.Key_Escape, Qt.Key.Key_C)
    reached = []
    shown.keyPressEvent = lambda event: reached.append(event.key())
    shown.set_selected([ids_of(shown)[2]])
    for key in event_keys:
        qtbot.keyClick(shown.canvas, key)
    assert reached == list(event_keys)


def test_the_tool_tip_gives_rank_and_score_and_is_never_markup(shown, vocabulary):
    token_id = vocabulary.id_of_piece("</</w>")
    draw(shown, answer([token_id, CUTER], [(0, 0), (1, 0), (0, 1)]))
    at = place(shown, token_id)
    help_event = QHelpEvent(QEvent.Type.ToolTip, at, shown.canvas.mapToGlobal(at))
    QApplication.sendEvent(shown.canvas, help_event)
    words = f"&lt;/ · #{token_id} · similarity 72.16% · rank 1"
    assert QToolTip.text() == f'<p style="white-space: pre; margin: 0">{words}</p>'
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


def test_a_saved_picture_can_be_opened_again(shown, tmp_path):
    shown.save(tmp_path / "map.png")
    image = QImage(str(tmp_path / "map.png"))
    assert image.size() == shown.canvas.size() * 2
    shown.save(tmp_path / "map.SVG")
    text = (tmp_path / "map.SVG").read_text("utf-8")
    assert text.startswith("<?xml") and text.rstrip().endswith("</svg>")
    assert ">query</text>" in text


def test_a_picture_that_cannot_be_written_is_one_sentence(shown, tmp_path):
    with pytest.raises(FileError, match=r"“map.jpg” can’t be written: .* \.png or \.svg\."):
        shown.save(Path("map.jpg"))
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="file can't be written to"):
        shown.save(tmp_path / "file" / "map.png")


@pytest.mark.skipif(sys.platform == "win32", reason="limits are other ones there")
def test_a_picture_for_which_there_is_no_room_leaves_the_older_one(shown, tmp_path):
    from resource import RLIMIT_FSIZE, getrlimit, setrlimit

    path = tmp_path / "map.png"
    path.write_bytes(b"older")
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(FileError):
            shown.save(path)
    finally:
        setrlimit(RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"older"


def test_a_token_pulled_off_the_map_is_dragged_and_empty_ground_pans(shown, qtbot):
    dragged = QSignalSpy(shown.gestures.dragRequested)
    token_id = ids_of(shown)[0]
    before = place(shown, token_id)
    far = QPoint(QApplication.startDragDistance() + 5, 0)
    qtbot.mousePress(shown.canvas, LEFT, pos=before)
    qtbot.mouseMove(shown.canvas, before + far)
    qtbot.mouseMove(shown.canvas, before + 2 * far)
    qtbot.mouseRelease(shown.canvas, LEFT, pos=before + 2 * far)
    assert [ids for _, ids in arguments(dragged)] == [[token_id]] and place(
        shown, token_id
    ) == before
    ground = before + QPoint(40, 60)
    qtbot.mousePress(shown.canvas, LEFT, pos=ground)
    qtbot.mouseMove(shown.canvas, ground + far)
    qtbot.mouseRelease(shown.canvas, LEFT, pos=ground + far)
    assert dragged.count() == 1 and place(shown, token_id) == before + far


def test_the_map_cannot_be_dragged_out_of_sight(shown, qtbot):
    ground = shown.canvas.rect().center() + QPoint(30, 30)
    for _ in range(4):
        qtbot.mousePress(shown.canvas, LEFT, pos=ground)
        qtbot.mouseMove(shown.canvas, ground + QPoint(900, 700))
        qtbot.mouseRelease(shown.canvas, LEFT, pos=ground + QPoint(900, 700))
    rim = shown.canvas.rect()
    assert any(rim.contains(place(shown, token_id)) for token_id in ids_of(shown))


@pytest.mark.parametrize("corner", range(4))
def test_a_token_chosen_elsewhere_comes_well_into_view(shown, corner):
    opposite, chosen = ids_of(shown)[corner - 2], ids_of(shown)[corner]
    for _ in range(6):
        turn_wheel(shown, place(shown, opposite), 3)
    assert not shown.canvas.rect().contains(place(shown, chosen))
    shown.set_selected([chosen])
    assert shown.canvas.rect().adjusted(100, 100, -100, -100).contains(place(shown, chosen))


def test_a_token_clicked_near_a_side_stays_under_the_mouse(shown):
    first = ids_of(shown)[0]
    turn_wheel(shown, place(shown, first), 3)
    before = place(shown, first)
    shown.set_selected([first])
    assert place(shown, first) == before


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


def test_the_lasso_button_makes_one_drag_a_lasso(shown, qtbot):
    ids = ids_of(shown)
    spy = QSignalSpy(shown.tokensSelected)
    lasso = button(shown, "Select by a lasso")
    qtbot.mouseClick(lasso, LEFT)
    at = place(shown, ids[0])
    corners = [at + QPoint(*by) for by in ((-15, -15), (15, -15), (15, 15), (-15, 15))]
    qtbot.mousePress(shown.canvas, LEFT, pos=corners[0])
    for corner in corners[1:]:
        qtbot.mouseMove(shown.canvas, corner)
    qtbot.mouseRelease(shown.canvas, LEFT, pos=corners[-1])
    assert arguments(spy) == [[[ids[0]]]] and not lasso.isChecked()


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
