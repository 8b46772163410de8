"""The window by keyboard: everything can be reached, and nothing dangerous by accident."""

from collections.abc import Callable

import pytest
from driver import Driver
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

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


def test_tab_goes_down_the_search_page_as_the_eye_does(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.workspace.change_tray(lambda tray: tray.insert([2368, 1929], 0))
    QApplication.sendPostedEvents()
    page = tokensim.page
    page.bar.focus()
    places = []
    for _ in range(_MOST_STOPS):
        focused = QApplication.focusWidget()
        assert focused is not None
        parts = [page.bar, page.chips, page.banner, page.filter_bar, page.table, page.map]
        parts += [page.card, page.tray, tokensim.window.status]
        places += [n for n, part in enumerate(parts) if part.isAncestorOf(focused)]
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
        if page.bar.focusProxy() is QApplication.focusWidget():
            break
    assert places == sorted(places) and set(places) == set(range(9))
