"""What stands round every page: menus behind a button, tray, messages, text size."""

from collections.abc import Callable

import pytest
from driver import Driver
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from tokensim_gui.state.notice import Offer
from tokensim_gui.ui.tokens.token_view import TokenView
from tokensim_gui.ui.widgets.menu_button import MenuButton
from tokensim_gui.ui.window.actions import Action
from tokensim_gui.ui.window.encoder_button import EncoderButton
from tokensim_gui.ui.window.settings_window import SettingsWindow

Start = Callable[..., Driver]
MOD = Qt.KeyboardModifier


def opened() -> QMenu:
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    return popup


@pytest.mark.parametrize(
    ("key", "modifier", "first"),
    [
        (Qt.Key.Key_F10, MOD.NoModifier, "&File"),
        (Qt.Key.Key_F, MOD.AltModifier, "&Open checkpoint…"),
        (Qt.Key.Key_V, MOD.AltModifier, "Comman&d palette…"),
    ],
)
def test_the_menus_open_by_key_and_nothing_moves(
    tokensim: Driver, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier, first: str
) -> None:
    before = tokensim.page.mapTo(tokensim.window, QPoint())
    qtbot.keyClick(tokensim.window, key, modifier)
    assert opened().actions()[0].text() == first
    assert tokensim.page.mapTo(tokensim.window, QPoint()) == before
    opened().close()


def test_the_last_message_is_kept_behind_the_menus(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.session.say("Wrote 200 tokens to tokens.csv.")
    qtbot.keyClick(tokensim.window, Qt.Key.Key_F10)
    assert opened().actions()[-1].text() == "Last: Wrote 200 tokens to tokens.csv."
    opened().close()


def test_the_edit_menu_edits_the_field_that_has_the_keyboard(tokensim: Driver) -> None:
    tokensim.type("cat")
    actions = tokensim.window.menus.actions
    actions[Action.SELECT_ALL].trigger()
    actions[Action.CUT].trigger()
    assert tokensim.page.bar.text() == "" and QGuiApplication.clipboard().text() == "cat"
    actions[Action.PASTE].trigger()
    assert tokensim.page.bar.text() == "cat"
    actions[Action.UNDO].trigger()
    assert tokensim.page.bar.text() == ""
    actions[Action.REDO].trigger()
    assert tokensim.page.bar.text() == "cat"


def test_elsewhere_undo_and_redo_are_the_trays(tokensim: Driver) -> None:
    search, actions = tokensim.session.search, tokensim.window.menus.actions
    tokensim.page.table.focus_first_row()
    search.change_tray(lambda tray: tray.insert([2368], 0))
    actions[Action.UNDO].trigger()
    assert search.tray == () and tokensim.said() == "1 token taken out of the tray again."
    field = tokensim.page.bar.focusProxy()
    assert field is not None
    tokensim.page.bar.focus()  # which has nothing to redo
    QTest.keyClick(field, Qt.Key.Key_Z, MOD.ControlModifier | MOD.ShiftModifier)
    assert search.tray == (2368,) and tokensim.said() == "1 token put into the tray again."
    tokensim.page.table.focus_first_row()
    actions[Action.SELECT_ALL].trigger()
    assert len(tokensim.page.table.selected_ids()) == len(tokensim.page.table.shown_ids())


def test_the_tray_says_what_it_copies_and_adds_it_to_the_prompt(tokensim: Driver) -> None:
    tokensim.session.search.change_tray(lambda tray: tray.insert([2368, 1929], 0))
    tray, text = tokensim.window.tray, tokensim.session.clipboard.text_for([2368, 1929])
    wanted = {text, "3 of 75 tokens"}
    tokensim.qtbot.waitUntil(lambda: wanted <= {one.text() for one in tray.findChildren(QLabel)})
    button = next(b for b in tray.findChildren(QPushButton) if b.text() == "Copy")
    button.click()
    assert QGuiApplication.clipboard().text() == text
    sample = tokensim.session.prompt.text
    tokensim.window.menus.actions[Action.TRAY_TO_PROMPT].trigger()
    assert tokensim.session.prompt.text == text, "nobody wrote the sample"
    page = tokensim.window.pages.page("prompt")
    page.editor.undo()
    assert tokensim.session.prompt.text == sample


def test_undo_on_another_page_is_a_step_of_the_editor(tokensim: Driver) -> None:
    search, prompt = tokensim.session.search, tokensim.session.prompt
    editor = tokensim.window.pages.page("prompt").editor
    editor.set_text("a fox")
    search.change_tray(lambda tray: tray.insert([2368], 0))
    tokensim.page.table.focus_first_row()
    for _ in range(2):
        tokensim.window.menus.actions[Action.TRAY_TO_PROMPT].trigger()
    assert prompt.text == "a fox, cat, cat"
    tokensim.window.menus.actions[Action.UNDO].trigger()
    assert prompt.text == "a fox, cat"
    editor.undo()
    assert prompt.text == "a fox"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "cat, dog"),
        ("a fox, ", "a fox, cat, dog"),
        ("a fox.", "a fox. cat, dog"),
        ("a fox 😅", "a fox 😅 , cat, dog"),
        ("a fox BREAK", "a fox BREAK cat, dog"),
        ("a fox 😅 ,", "a fox 😅 , cat, dog"),
        ("狐狸，", "狐狸， cat, dog"),
        ("a (fox:1.2)", "a (fox:1.2), cat, dog"),
    ],
)
def test_what_is_added_to_the_prompt_is_the_last_thing_done(
    tokensim: Driver, before: str, after: str
) -> None:
    search, prompt = tokensim.session.search, tokensim.session.prompt
    actions = tokensim.window.menus.actions
    search.change_tray(lambda tray: tray.insert([2368, 1929], 0))
    tokensim.window.pages.page("prompt").editor.set_text(before)
    tokensim.page.table.focus_first_row()
    actions[Action.TRAY_TO_PROMPT].trigger()
    assert prompt.text == after
    actions[Action.UNDO].trigger()
    assert (prompt.text, search.tray) == (before, (2368, 1929))
    actions[Action.REDO].trigger()
    assert prompt.text == after
    search.change_tray(lambda tray: tray.remove([2368]))
    actions[Action.UNDO].trigger()
    assert (prompt.text, search.tray) == (after, (2368, 1929))
    tokensim.window.commands.carry_out(Offer("Undo", "addition", "undo"))  # its message is there
    assert prompt.text == before
    tokensim.window.commands.carry_out(Offer("Undo", "addition", "undo"))
    assert tokensim.said().startswith("The prompt was changed since")


def test_an_addition_is_undone_while_the_other_prompt_is_in_front_and_redone_after_a_vain_undo(
    tokensim: Driver,
) -> None:
    search, prompt = tokensim.session.search, tokensim.session.prompt
    actions, page = tokensim.window.menus.actions, tokensim.window.pages.page("prompt")
    page.editor.set_text("a fox")
    tokensim.page.table.focus_first_row()
    search.change_tray(lambda tray: tray.insert([2368], 0))
    actions[Action.TRAY_TO_PROMPT].trigger()
    prompt.set_side("negative")
    actions[Action.UNDO].trigger()
    assert (prompt.texts["prompt"], search.tray) == ("a fox", (2368,))
    prompt.set_side("prompt")
    actions[Action.REDO].trigger()
    assert prompt.text == "a fox, cat"
    actions[Action.UNDO].trigger()
    actions[Action.UNDO].trigger()
    assert search.tray == ()
    actions[Action.UNDO].trigger()
    assert tokensim.said() == "There is nothing to undo in the tray."


def test_the_whole_map_is_shown_from_the_menu_even_where_the_map_is_hidden(
    tokensim: Driver,
) -> None:
    tokensim.page.panes.show_pane("map", False)
    assert not tokensim.page.map.isVisible()
    tokensim.window.menus.actions[Action.WHOLE_MAP].trigger()
    assert tokensim.page.map.isVisible()


def test_the_menus_of_the_tray_show_what_each_choice_would_give(tokensim: Driver) -> None:
    tokensim.session.search.change_tray(lambda tray: tray.insert([2368, 1929], 0))
    menu = tokensim.window.tray.style_button.menu()
    menu.aboutToShow.emit()
    shown = {action.data(): action.text().partition("\t")[2] for action in menu.actions()}
    assert shown["comma"] == "cat, dog" and shown["id"] == "2368, 1929"
    tokensim.session.search.change_tray(lambda tray: tray.insert([320, 321, 322, 323, 324], 2))
    menu.aboutToShow.emit()
    shown = {action.data(): action.text().partition("\t")[2] for action in menu.actions()}
    assert shown["comma"] == "cat, dog, a, b, c, d…"


def test_the_tray_stands_below_search_and_compare_alone(tokensim: Driver) -> None:
    shown = {}
    for page in ("search", "prompt", "compare", "encoders"):
        tokensim.window.pages.show_page(page)
        shown[page] = tokensim.window.tray.isVisible()
    assert shown == {"search": True, "prompt": False, "compare": True, "encoders": False}


def test_text_grows_from_80_to_200_per_cent_and_is_remembered(start: Start, qtbot: QtBot) -> None:
    driver = start().ready()

    def height() -> int:
        return QFontMetrics(driver.page.table.font()).height()

    before = height()
    for _ in range(9):
        QTest.keyClick(driver.window, Qt.Key.Key_Equal, MOD.ControlModifier)
    assert driver.settings.text_size == 200
    qtbot.waitUntil(lambda: height() > 1.8 * before)

    def cut() -> list[str]:
        return [
            f"{type(item).__name__} {item.text()}"
            for kind in (QPushButton, MenuButton, QLabel)
            for item in driver.window.findChildren(kind)
            if item.isVisible()
            and item.text()
            and item.height() < QFontMetrics(item.font()).height()
        ]

    qtbot.waitUntil(lambda: cut() == [])
    for _ in range(9):
        QTest.keyClick(driver.window, Qt.Key.Key_Minus, MOD.ControlModifier)
    assert driver.settings.text_size == 80
    QTest.keyClick(driver.window, Qt.Key.Key_0, MOD.ControlModifier)
    assert driver.settings.text_size == 100


def test_the_settings_window_changes_theme_text_and_map(tokensim: Driver) -> None:
    tokensim.window.menus.actions[Action.SETTINGS].trigger()
    window = next(w for w in QApplication.topLevelWidgets() if w.windowTitle().endswith("settings"))
    for name, words in (("Theme", "Dark"), ("Text size", "125 %"), ("Tokens on the map", "150")):
        chooser = next(b for b in window.findChildren(MenuButton) if b.accessibleName() == name)
        next(a for a in chooser.menu().actions() if a.text() == words).trigger()
        assert chooser.text() == words
    settings = tokensim.settings
    assert (settings.theme, settings.text_size, settings.map_count) == ("dark", 125, 150)
    tokensim.window.menus.actions[Action.TEXT_NORMAL].trigger()
    tokensim.window.menus.themeChanged.emit("light")
    window.close()


def test_a_start_on_another_page_leaves_search_its_widths(tokensim: Driver, start: Start) -> None:
    def widths(driver: Driver) -> list[int]:
        return driver.page.panes.splitter.sizes()

    expected = widths(tokensim)
    tokensim.window.pages.show_page("prompt")
    tokensim.close()
    later = start().ready()
    assert later.window.pages.current() == "prompt"
    later.window.pages.show_page("search")
    assert widths(later) == expected


def test_the_menu_of_the_encoder_leads_to_what_can_be_fetched(
    tokensim: Driver, qtbot: QtBot
) -> None:
    menu = tokensim.window.findChild(EncoderButton).menu()
    offer = next(action for action in menu.actions() if action.text() == "Fetc&h an encoder…")
    offer.trigger()
    page = tokensim.window.pages.page("encoders")
    QApplication.processEvents()
    qtbot.waitUntil(lambda: page.fetch.isAncestorOf(QApplication.focusWidget()))
    top = page.fetch.mapTo(page, QPoint()).y()
    assert tokensim.window.pages.current() == "encoders" and 0 < top < page.height() // 2


def test_the_encoders_page_begins_with_what_opens_one(tokensim: Driver, qtbot: QtBot) -> None:
    qtbot.keyClick(tokensim.window, Qt.Key.Key_4, MOD.ControlModifier)
    qtbot.waitUntil(lambda: QApplication.focusWidget().text() == "Open checkpoint…")


def test_what_leads_to_the_encoders_page_for_the_first_time_keeps_the_keyboard(
    tokensim: Driver, qtbot: QtBot
) -> None:
    tokensim.window.menus.actions[Action.FIND_CHECKPOINTS].trigger()
    QApplication.processEvents()
    page = tokensim.window.pages.page("encoders")
    qtbot.waitUntil(lambda: page.finder.isAncestorOf(QApplication.focusWidget()))


def test_settings_open_over_the_middle_of_the_window(tokensim: Driver) -> None:
    tokensim.window.setGeometry(120, 100, 600, 500)
    tokensim.window.menus.actions[Action.SETTINGS].trigger()
    opened = next(one for one in QApplication.topLevelWidgets() if isinstance(one, SettingsWindow))
    off = opened.geometry().center() - tokensim.window.geometry().center()
    assert abs(off.x()) <= 2 and abs(off.y()) <= 40  # the frame of its own
    opened.close()


def test_a_further_column_gets_its_room(tokensim: Driver) -> None:
    tokensim.window.menus.columnsChanged.emit(["score", "id", "commonness"])
    view = tokensim.page.table.findChild(TokenView)
    QApplication.sendPostedEvents()
    assert view.horizontalScrollBar().maximum() == 0
    usual = tokensim.page.splitter.sizes()[0]
    tokensim.window.menus.columnsChanged.emit(["score", "id"])
    assert tokensim.page.splitter.sizes()[0] < usual
