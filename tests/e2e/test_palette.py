"""Ctrl+K: anything by its name, with real keys through the window."""

from collections.abc import Callable

import pytest
from driver import LONG_MS, Driver, focused, press
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QTableView
from pytestqt.qtbot import QtBot

from tokensim_gui.ui.window.actions import ACTIONS, Action

Start = Callable[..., Driver]
MOD, KEY = Qt.KeyboardModifier, Qt.Key


def opened(driver: Driver, typed: str = "") -> QListView:
    """The list of the palette, after Ctrl+K and typing."""
    press(KEY.Key_K, MOD.ControlModifier)
    field = focused()
    assert isinstance(field, QLineEdit) and field.accessibleName() == "Command palette"
    QTest.keyClicks(field, typed)
    return next(
        view
        for view in driver.window.findChildren(QListView)
        if view.accessibleName() == "Command palette"
    )


def rows(view: QListView) -> list[str]:
    model = view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_every_action_is_found_by_its_words_and_shows_its_key(tokensim: Driver) -> None:
    for action in tokensim.window.menus.actions.values():
        action.setEnabled(True)
    view = opened(tokensim)
    model = view.model()
    said = [
        model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)
        for row in range(model.rowCount())
    ]
    for name, spec in ACTIONS.items():
        words = spec.text.replace("&", "")
        found = [line for line in said if line.split(", ")[0] == words.split(", ")[0]]
        assert bool(found) is (name is not Action.PALETTE), name
    assert "Export table…, File, Ctrl+E" in said
    assert "Theme: Dark, View" in said and "Order: Nearest, on, Search" in said


@pytest.mark.parametrize("page", ["search", "prompt", "compare", "encoders"])
def test_esc_gives_the_keyboard_back_on_every_page(tokensim: Driver, page: str) -> None:
    tokensim.window.pages.show_page(page)
    before = focused()
    view = opened(tokensim, "xyz")
    assert view.isVisible()
    press(KEY.Key_Escape)
    assert focused() is before and not view.isVisible()


def test_what_is_taken_by_enter_is_done(tokensim: Driver) -> None:
    opened(tokensim, "opposite")
    press(KEY.Key_Return)
    assert tokensim.session.search.query.order == "opposite"
    view = opened(tokensim, "prompt")
    assert rows(view)[0] == "Prompt"
    press(KEY.Key_Return)
    assert tokensim.window.pages.current() == "prompt" and not view.isVisible()


def test_an_action_taken_is_about_the_field_that_had_the_keyboard(tokensim: Driver) -> None:
    tokensim.type("cat")
    opened(tokensim, "select all")
    press(KEY.Key_Return)
    field = focused()
    assert isinstance(field, QLineEdit) and field.selectedText() == "cat"


def test_arrows_and_the_mouse_choose_too(tokensim: Driver, qtbot: QtBot) -> None:
    view = opened(tokensim, "theme")
    assert rows(view)[:3] == ["Theme: As the system", "Theme: Light", "Theme: Dark"]
    for key in (KEY.Key_Down, KEY.Key_Down, KEY.Key_Down, KEY.Key_Up):
        press(key)
    assert view.currentIndex().data() == "Theme: Dark"
    place = view.visualRect(view.model().index(1, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert tokensim.settings.theme == "light" and not view.isVisible()


def test_a_word_is_looked_up_and_the_way_back_leads_to_the_query(tokensim: Driver) -> None:
    tokensim.type("cat").session.search.submit()
    tokensim.window.pages.show_page("encoders")
    view = opened(tokensim, "sunse")
    assert rows(view)[0] == "sunset"
    press(KEY.Key_Return)
    assert tokensim.session.search.query.text == "sunset"
    assert tokensim.window.pages.current() == "search"
    tokensim.window.menus.actions[Action.BACK].trigger()
    assert tokensim.session.search.query.text == "cat"


def test_a_region_of_the_whole_map_is_found_by_its_name(tokensim: Driver) -> None:
    tokensim.window.pages.show_page("encoders")
    opened(tokensim)
    regions = tokensim.session.map
    tokensim.qtbot.waitUntil(lambda: bool(regions.regions), timeout=LONG_MS)
    press(KEY.Key_Escape)
    view = opened(tokensim, "animals")
    assert rows(view)[0] == "Go to animals"
    press(KEY.Key_Return)
    canvas = tokensim.page.map.canvas
    tokensim.qtbot.waitUntil(
        lambda: canvas.accessibleDescription().startswith("animals. "), timeout=LONG_MS
    )
    assert tokensim.window.pages.current() == "search" and tokensim.page.map.shows_whole
    assert focused() is canvas


@pytest.mark.parametrize("typed", ["whole map", "colour by"])
def test_the_whole_map_is_found_by_what_it_is_or_shows(tokensim: Driver, typed: str) -> None:
    tokensim.window.pages.show_page("encoders")
    view = opened(tokensim, typed)
    assert rows(view)[0] == "Whole map"
    press(KEY.Key_Return)
    assert tokensim.window.pages.current() == "search" and tokensim.page.map.shows_whole


def test_an_id_and_any_text_lead_somewhere(tokensim: Driver) -> None:
    view = opened(tokensim, "#2,368")
    assert rows(view)[0] == "cat"
    press(KEY.Key_Escape)
    view = opened(tokensim, "0.3*dog + cat")
    assert rows(view) == ["Find tokens near “0.3*dog + cat”"]
    press(KEY.Key_Return)
    assert tokensim.session.search.query.text == "0.3*dog + cat"


def test_queries_asked_before_come_first_and_are_found(tokensim: Driver) -> None:
    for text in ("cat", "dog + cat", "sun"):
        tokensim.type(text).session.search.submit()
    assert rows(opened(tokensim))[:2] == ["dog + cat", "cat"]
    press(KEY.Key_Escape)
    assert "dog + cat" in rows(opened(tokensim, "dog"))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("csv", "Export table…"),
        ("svg", "Save map as…"),
        ("folders", "Settings…"),
        ("write the list to a file", "Export table…"),
        ("bigger text", "Larger text"),
        ("dark mode", "Theme: Dark"),
        ("empty the tray", "Clear tray"),
    ],
)
def test_an_action_is_found_by_what_it_does(tokensim: Driver, typed: str, found: str) -> None:
    assert found in rows(opened(tokensim, typed))[:3]


def test_a_slip_of_the_fingers_finds_the_action(tokensim: Driver) -> None:
    assert rows(opened(tokensim, "diagonstics"))[0] == "Copy diagnostics"


def test_a_click_elsewhere_closes_it_and_keeps_the_keyboard_there(
    tokensim: Driver, qtbot: QtBot
) -> None:
    before, table = focused(), tokensim.page.table.focusProxy()
    assert isinstance(table, QTableView)
    for place, keyboard in ((tokensim.window.tray, before), (table.viewport(), table)):
        view = opened(tokensim, "cat")
        qtbot.mouseClick(place, Qt.MouseButton.LeftButton, pos=QPoint(40, 5))
        assert not view.isVisible() and focused() is keyboard


def test_ctrl_k_again_closes_it_and_tab_stays_inside(tokensim: Driver) -> None:
    before = focused()
    view = opened(tokensim)
    press(KEY.Key_Tab)
    assert view.isVisible() and isinstance(focused(), QLineEdit)
    press(KEY.Key_K, MOD.ControlModifier)
    assert not view.isVisible() and focused() is before


def test_it_keeps_inside_a_small_window(start: Start) -> None:
    driver = start().ready()
    driver.window.resize(560, 480)
    view = opened(driver)
    holder = view.parentWidget()
    while holder is not None and holder.parentWidget() is not driver.window:
        holder = holder.parentWidget()
    assert holder is not None and driver.window.rect().contains(holder.geometry())
