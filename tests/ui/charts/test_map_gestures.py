"""Clicks, drags, lassos, wheel and keys on the map."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication

from tests.ui.charts.maps import (
    LEFT,
    arguments,
    button,
    draw_lasso,
    ids_of,
    place,
    turn_wheel,
)


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


def test_a_token_clicked_near_a_side_stays_under_the_mouse(shown):
    first = ids_of(shown)[0]
    turn_wheel(shown, place(shown, first), 3)
    before = place(shown, first)
    shown.set_selected([first])
    assert place(shown, first) == before


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
