"""The window by keyboard: everything can be reached, and nothing dangerous by accident."""

from collections.abc import Callable

import pytest
from driver import LONG_MS, Driver
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.made_tables import add_little
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.ui.window.actions import Action

Start = Callable[..., Driver]
_MOST_STOPS = 400


def stops(window: QWidget) -> set[QWidget]:
    """Every widget on the screen that takes the focus by Tab."""
    return {
        item
        for item in window.findChildren(QWidget)
        if item.window() is window
        and item.isVisible()
        and item.isEnabled()
        and item.focusPolicy() & Qt.FocusPolicy.TabFocus
        and item.focusProxy() is None
    }


@pytest.mark.parametrize("key", ["search", "prompt", "compare", "encoders"])
@pytest.mark.parametrize("pressed", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
def test_tab_reaches_everything_on_a_page_and_comes_round(
    tokensim: Driver, qtbot: QtBot, key: str, pressed: Qt.Key
) -> None:
    window = tokensim.window
    window.pages.show_page(key)
    QApplication.sendPostedEvents()
    reached: set[QWidget] = set()
    for _ in range(_MOST_STOPS):
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.add(focused)
        qtbot.keyClick(focused, pressed)
    missing = stops(window) - reached
    names = sorted(f"{type(item).__name__} {item.accessibleName()}" for item in missing)
    assert not names


def nameless(window: QWidget) -> list[str]:
    """Which of what is shown, and can be used, is read out without a name."""
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QSpinBox, QAbstractItemView)
    found = []
    for item in window.findChildren(QWidget):
        can_be_used = isinstance(item, kinds) or item.focusPolicy() & Qt.FocusPolicy.TabFocus
        made_by_qt = isinstance(item, QScrollBar | QHeaderView) or isinstance(
            item.parentWidget(), QAbstractItemView | QSpinBox
        )
        if not can_be_used or made_by_qt or item.focusProxy() or not item.isVisible():
            continue
        read = QAccessible.queryAccessibleInterface(item)
        if read is None or not read.text(QAccessible.Text.Name).strip():
            found.append(f"{type(item).__name__} in {type(item.parentWidget()).__name__}")
    return found


@pytest.mark.parametrize("key", ["search", "prompt", "compare", "encoders", "settings"])
def test_every_control_has_a_name_that_is_read_out(start: Start, qtbot: QtBot, key: str) -> None:
    add_little(TableLibrary(), "Little")
    driver = start("(cute + girl) / 2").ready()
    window, session = driver.window, driver.session
    session.search.change_tray(lambda tray: tray.insert([2368, 1929], 0))
    session.say("Something to read.")
    window.resize(1400, 900)
    if key == "settings":
        window.menus.actions[Action.SETTINGS].trigger()
        top = next(w for w in QApplication.topLevelWidgets() if w.windowTitle().endswith(key))
        assert nameless(top) == []
        top.close()
        return
    window.pages.show_page(key)
    page = window.pages.page(key)
    qtbot.waitUntil(lambda: page.isVisible() and session.worker.is_idle, timeout=LONG_MS)
    for part in ("weights", "vary", "compare", "tokens") if key == "prompt" else ("",):
        if part:
            page.show_part(part)
        qtbot.waitUntil(
            lambda: nameless(window) == [], timeout=LONG_MS
        )  # some are named by answers
    session.search.set_view("vocabulary")
    window.resize(window.minimumSize())
    qtbot.waitUntil(lambda: nameless(window) == [], timeout=LONG_MS)


def test_tab_goes_down_the_search_page_as_the_eye_does(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.session.search.change_tray(lambda tray: tray.insert([2368, 1929], 0))
    QApplication.sendPostedEvents()
    page = tokensim.page
    page.bar.focus()
    places = []
    for _ in range(_MOST_STOPS):
        focused = QApplication.focusWidget()
        assert focused is not None
        parts = [page.bar, page.chips, page.filter_bar, page.table, page.map]
        parts += [page.card, page.tray]
        places += [n for n, part in enumerate(parts) if part.isAncestorOf(focused)]
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
        if page.bar.focusProxy() is QApplication.focusWidget():
            break
    assert places == sorted(places) and set(places) == set(range(7))


def test_f6_goes_from_pane_to_pane_and_into_the_map_itself(tokensim: Driver, qtbot: QtBot) -> None:
    page = tokensim.page
    page.bar.focus()
    visited = []
    for _ in range(6):
        tokensim.window.menus.actions[Action.NEXT_PANE].trigger()
        visited.append(QApplication.focusWidget())
    assert visited[:3] == [page.filter_bar._text, page.table.focusProxy(), page.map.canvas]
    assert visited[-1] is page.bar.focusProxy()


def test_what_was_offered_and_taken_leaves_the_cursor_in_the_bar(
    tokensim: Driver, qtbot: QtBot
) -> None:
    page, field = tokensim.page, tokensim.page.bar.focusProxy()
    for query, words in (
        ("`banananana`", "Search as text"),
        ("(cute", "Close it"),
        ("masterpiece, cat, (dog:1.2) <lora:x:1>", "Search it anyway"),
    ):
        tokensim.session.search.set_text(query)
        qtbot.waitUntil(
            lambda w=words: page.chips._links[-1].text() == w or page.chips._links[0].text() == w,
            timeout=LONG_MS,
        )
        link = next(link for link in page.chips._links if link.text() == words)
        link.setFocus()
        qtbot.keyClick(link, Qt.Key.Key_Space)
        assert QApplication.focusWidget() is field
        assert field.cursorPosition() == len(field.text()) and not field.hasSelectedText()


def test_the_keyboard_follows_into_every_page(tokensim: Driver) -> None:
    for action in (Action.PAGE_PROMPT, Action.PAGE_COMPARE, Action.PAGE_ENCODERS) * 2:
        tokensim.window.menus.actions[action].trigger()
        key = action.name.removeprefix("PAGE_").lower()
        focused = tokensim.window.focusWidget()
        assert focused is not None and tokensim.window.pages.page(key).isAncestorOf(focused)


def test_f6_walks_on_the_encoders_page_and_stays_there(tokensim: Driver) -> None:
    tokensim.window.menus.actions[Action.PAGE_ENCODERS].trigger()
    page = tokensim.window.pages.page("encoders")
    seen = set()
    for _ in range(3):
        tokensim.window.menus.actions[Action.NEXT_PANE].trigger()
        focused = tokensim.window.focusWidget()
        assert page.isVisible() and focused is not None and page.isAncestorOf(focused)
        seen.add((page.tables.isAncestorOf(focused), page.fetch.isAncestorOf(focused)))
    assert seen == {(False, False), (True, False), (False, True)}
