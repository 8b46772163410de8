"""History and what is saved, at the bar, with real keys through the window."""

import json
from pathlib import Path

import pytest
from driver import Driver, focused, press
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QListView, QPushButton
from pytestqt.qtbot import QtBot

from tokensim_gui.ui.window.actions import Action

MOD, KEY = Qt.KeyboardModifier, Qt.Key


def field() -> QLineEdit:
    widget = focused()
    assert isinstance(widget, QLineEdit)
    return widget


def listed(driver: Driver) -> QListView:
    """The list that has the keyboard."""
    name = field().accessibleName()
    return next(v for v in driver.window.findChildren(QListView) if v.accessibleName() == name)


def rows(driver: Driver) -> list[str]:
    model = listed(driver).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def save_query(driver: Driver, text: str, name: str) -> None:
    driver.type(text)
    press(KEY.Key_D, MOD.ControlModifier)
    assert field().text() == text and rows(driver) == [f"Save the query as “{text}”"]
    QTest.keyClicks(field(), name)
    press(KEY.Key_Return)


def names(driver: Driver) -> list[str]:
    return [thing.name for thing in driver.session.saved.things]


def test_a_query_is_saved_found_and_asked_again_by_keys(tokensim: Driver) -> None:
    save_query(tokensim, "cat + dog", "pets")
    bar = tokensim.page.bar.focusProxy()
    assert focused() is bar and tokensim.said() == "Saved the query “pets”."
    tokensim.type("sun")
    press(KEY.Key_B, MOD.ControlModifier)
    QTest.keyClicks(field(), "pet")
    assert rows(tokensim)[0] == "pets"
    press(KEY.Key_Return)
    assert tokensim.session.search.query.text == "cat + dog" and focused() is bar


def test_a_saved_query_is_found_by_what_it_asks_and_not_listed_twice(tokensim: Driver) -> None:
    save_query(tokensim, "sunset - sun + moon", "night sea")
    tokensim.type("cat").session.search.submit()
    press(KEY.Key_K, MOD.ControlModifier)
    assert rows(tokensim)[0] == "night sea"
    QTest.keyClicks(field(), "moon")
    found = rows(tokensim)
    assert "night sea" in found and "sunset - sun + moon" not in found
    assert found[0] == "moon"


def test_the_same_name_again_says_that_it_replaces(tokensim: Driver) -> None:
    save_query(tokensim, "cat + dog", "pets")
    tokensim.type("cat")
    press(KEY.Key_D, MOD.ControlModifier)
    QTest.keyClicks(field(), "pets")
    assert rows(tokensim) == ["Replace the query “pets”"]
    press(KEY.Key_Return)
    assert [thing.query for thing in tokensim.session.saved.things] == ["cat"]


def test_nothing_is_saved_without_a_name_or_on_esc(tokensim: Driver) -> None:
    tokensim.type("cat")
    for key in (KEY.Key_Delete, KEY.Key_Escape):
        press(KEY.Key_D, MOD.ControlModifier)
        press(key)
        press(KEY.Key_Return) if key is KEY.Key_Delete else None
        assert names(tokensim) == []
        if key is KEY.Key_Delete:
            assert rows(tokensim) == []
            press(KEY.Key_Escape)


def test_a_saved_query_is_renamed_and_removed_by_keys_and_the_removal_taken_back(
    tokensim: Driver, qtbot: QtBot
) -> None:
    save_query(tokensim, "cat", "one")
    save_query(tokensim, "dog", "two")
    press(KEY.Key_B, MOD.ControlModifier)
    QTest.keyClicks(field(), "one")
    press(KEY.Key_F2)
    assert field().selectedText() == "one"
    QTest.keyClicks(field(), "three")
    press(KEY.Key_Return)
    assert names(tokensim) == ["three", "two"]
    press(KEY.Key_B, MOD.ControlModifier)
    QTest.keyClicks(field(), "t")
    before = rows(tokensim)
    press(KEY.Key_Delete)
    assert rows(tokensim) == [name for name in before if name != "three"]
    press(KEY.Key_Escape)
    assert names(tokensim) == ["two"]
    undo = [b for b in tokensim.window.messages.findChildren(QPushButton) if b.text() == "Undo"]
    qtbot.mouseClick(undo[0], Qt.MouseButton.LeftButton)
    assert names(tokensim) == ["three", "two"]


def test_delete_belongs_to_the_field_while_it_has_something_to_delete(tokensim: Driver) -> None:
    save_query(tokensim, "cat", "one")
    press(KEY.Key_B, MOD.ControlModifier)
    QTest.keyClicks(field(), "one")
    field().selectAll()
    press(KEY.Key_Delete)
    assert field().text() == "" and names(tokensim) == ["one"]


def test_the_cross_of_a_row_removes_it_and_the_list_stays(tokensim: Driver, qtbot: QtBot) -> None:
    save_query(tokensim, "cat", "one")
    qtbot.mouseClick(tokensim.page.shelf.saved, Qt.MouseButton.LeftButton)
    view, at = listed(tokensim), rows(tokensim).index("one")
    box = view.visualRect(view.model().index(at, 0))
    place = QPoint(box.right() - 8, box.center().y())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert names(tokensim) == [] and view.isVisible() and "one" not in rows(tokensim)


def test_a_tray_is_saved_and_laid_out_again(tokensim: Driver) -> None:
    search = tokensim.session.search
    search.change_tray(lambda tray: tray.insert([2368, 1929], 0))
    tokensim.window.menus.actions[Action.SAVE_TRAY].trigger()
    assert field().text() == "cat, dog"
    press(KEY.Key_Return)
    search.change_tray(lambda tray: tray.clear())
    tokensim.window.pages.show_page("encoders")
    press(KEY.Key_K, MOD.ControlModifier)
    QTest.keyClicks(field(), "cat, do")
    press(KEY.Key_Return)
    assert search.tray == (2368, 1929) and tokensim.window.pages.current() == "search"


def test_what_is_empty_is_not_offered_to_be_saved(tokensim: Driver) -> None:
    actions, search = tokensim.window.menus.actions, tokensim.session.search
    assert actions[Action.SAVE_QUERY].isEnabled() and not actions[Action.SAVE_TRAY].isEnabled()
    search.change_tray(lambda tray: tray.insert([2368], 0))
    search.set_text("")
    assert not actions[Action.SAVE_QUERY].isEnabled() and actions[Action.SAVE_TRAY].isEnabled()
    press(KEY.Key_B, MOD.ControlModifier)
    assert "Save the tray…" in rows(tokensim) and "Save this query…" not in rows(tokensim)


def test_the_name_is_asked_for_below_the_button_of_what_is_saved(tokensim: Driver) -> None:
    press(KEY.Key_D, MOD.ControlModifier)
    window, button, name = tokensim.window, tokensim.page.shelf.saved, field()
    below = button.mapTo(window, button.rect().bottomRight())
    corner = name.mapTo(window, name.rect().topRight())
    assert abs(corner.x() - below.x()) < 40 and 0 < corner.y() - below.y() < 40


@pytest.mark.parametrize("name", ["history", "saved"])
def test_the_buttons_at_the_bar_open_below_themselves_and_close_again(
    tokensim: Driver, qtbot: QtBot, name: str
) -> None:
    tokensim.type("cat").session.search.submit()
    button = getattr(tokensim.page.shelf, name)
    before = focused()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    view = listed(tokensim)
    below = button.mapToGlobal(button.rect().bottomLeft()).y()
    assert view.mapToGlobal(QPoint(0, 0)).y() > below
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not view.isVisible() and focused() is before


def test_the_history_lists_the_last_query_first_and_searches(tokensim: Driver) -> None:
    for text in ("cat", "sunset - sun", "dog"):
        tokensim.type(text).session.search.submit()
    press(KEY.Key_H, MOD.ControlModifier)
    assert rows(tokensim)[:3] == ["dog", "sunset - sun", "cat"]
    QTest.keyClicks(field(), "sun")
    press(KEY.Key_Return)
    assert tokensim.session.search.query.text == "sunset - sun"


def test_everything_goes_out_and_in_as_one_file(
    tokensim: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "saved.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(target), ""))
    actions = tokensim.window.menus.actions
    save_query(tokensim, "cat", "one")
    actions[Action.EXPORT_SAVED].trigger()
    assert json.loads(target.read_text("utf-8"))["saved"][0]["query"] == "cat"
    tokensim.session.saved.remove(tokensim.session.saved.things[0])
    actions[Action.IMPORT_SAVED].trigger()
    assert names(tokensim) == ["one"] and "1 saved thing" in tokensim.said()
    target.write_text("{")
    actions[Action.IMPORT_SAVED].trigger()
    assert tokensim.said() == f"{target} is damaged; nothing was taken over."
    assert names(tokensim) == ["one"]


def test_a_random_word_is_asked_and_the_way_back_leads_to_the_query(tokensim: Driver) -> None:
    tokensim.type("cat").session.search.submit()
    tokensim.window.pages.show_page("prompt")
    tokensim.window.menus.actions[Action.RANDOM_WORD].trigger()
    assert tokensim.window.pages.current() == "search"
    word = tokensim.session.search.query.text
    assert word != "cat" and tokensim.session.tables.vocabulary.ids_of_text(word)
    tokensim.window.menus.actions[Action.BACK].trigger()
    assert tokensim.session.search.query.text == "cat"
