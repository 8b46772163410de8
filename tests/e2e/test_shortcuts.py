"""Every shortcut works by its keys, whatever has the keyboard."""

from collections.abc import Callable

import pytest
from driver import Driver
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QSpinBox, QTextEdit, QWidget

from tokensim_gui.ui.window.actions import Action

Start = Callable[..., Driver]
OF_FIELDS = (Action.UNDO, Action.REDO, Action.CUT, Action.COPY, Action.PASTE, Action.SELECT_ALL)


def field(driver: Driver, page: str, name: str) -> QWidget:
    """A field of a page by its accessible name."""
    driver.window.pages.show_page(page)
    fields = [
        item
        for kind in (QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox)
        for item in driver.window.findChildren(kind)
        if item.accessibleName() == name
    ]
    return next((item for item in fields if item.isVisible()), fields[0])


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("search", "Query"),
        ("search", "Filter"),
        ("search", "Go to id"),
        ("prompt", "Prompt"),
        ("prompt", "Template"),
        ("prompt", "Seed"),
        ("compare", "Query"),
        ("encoders", "Another repository"),
    ],
)
def test_every_shortcut_works_from_within_a_field(start: Start, page: str, name: str) -> None:
    driver = start()
    window, menus = driver.window, driver.window.menus
    if name == "Go to id":
        driver.session.search.set_view("vocabulary")
    driver.window.activateWindow()
    driver.qtbot.waitUntil(driver.window.isActiveWindow)
    holder = field(driver, page, name)
    if page == "prompt" and name != "Prompt":
        window.pages.page("prompt").show_part("vary")
    menus.triggered.disconnect(window.commands.run)  # the keys are the matter here
    fired: list[Action] = []
    menus.triggered.connect(fired.append)
    expected = []
    for action, shown in menus.actions.items():
        shown.setEnabled(True)
        for keys in () if action in OF_FIELDS else shown.shortcuts():
            if keys[0].key() >= Qt.Key.Key_Back:  # on few keyboards, and on none that tests have
                continue
            holder.setFocus()
            assert QApplication.focusWidget() is holder
            QTest.keySequence(holder, keys)
            expected.append(action)
    assert fired == expected


def test_a_field_keeps_the_keys_of_its_own_text(tokensim: Driver) -> None:
    holder = field(tokensim, "search", "Query")
    assert isinstance(holder, QLineEdit)
    fired: list[Action] = []
    tokensim.window.menus.triggered.connect(fired.append)
    tokensim.type("cat")
    QTest.keySequence(holder, QKeySequence(QKeySequence.StandardKey.SelectAll))
    QTest.keySequence(holder, QKeySequence(QKeySequence.StandardKey.Copy))
    QTest.keyClick(holder, Qt.Key.Key_Delete)
    QTest.keySequence(holder, QKeySequence(QKeySequence.StandardKey.Undo))
    assert not fired and holder.text() == "cat"
    assert QApplication.clipboard().text() == "cat"
