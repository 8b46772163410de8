"""A sentence that floats over the page, for a while and as long as it is read."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.ui.window.messages import Messages

UNDO = Offer("Undo", "encoders", "undo")


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[QWidget]:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(600, 400)
    QCursor.setPos(QPoint(0, 0))  # a message under the mouse would stay
    page.move(100, 100)
    with qtbot.waitExposed(page):
        page.show()
    yield page


@pytest.fixture
def messages(page: QWidget) -> Messages:
    return Messages(page)


def time_is_up(messages: Messages) -> None:
    for timer in messages.findChildren(QTimer):
        if timer.isActive():
            timer.timeout.emit()


def test_a_message_lies_at_the_lower_edge_and_moves_nothing(
    page: QWidget, messages: Messages
) -> None:
    below = QWidget(page)
    below.setGeometry(page.rect())
    messages.show_notice(Notice("Copied: adorable."))
    assert messages.isVisible() and below.geometry() == page.rect()
    assert page.rect().contains(messages.geometry())
    assert messages.geometry().bottom() > page.height() - 20
    messages.show_notice(Notice("A sentence with many words. " * 12))
    messages.place()
    assert page.rect().contains(messages.geometry()) and messages.height() > 40
    lines = messages.findChildren(QLabel)[0]
    assert messages.height() < lines.heightForWidth(lines.width()) + 20


def test_it_stays_above_the_foot_of_the_page(page: QWidget, messages: Messages) -> None:
    foot = QFrame(page)
    foot.setProperty("look", "strip")
    foot.setGeometry(0, 350, 600, 50)
    foot.show()
    messages.show_notice(Notice("Copied: adorable."))
    assert 320 < messages.geometry().bottom() < 350
    foot.hide()
    messages.show_notice(Notice("Copied: cute."))
    assert messages.geometry().bottom() > 350


def test_it_goes_after_a_while_and_is_still_known(messages: Messages) -> None:
    messages.show_notice(Notice("Copied: adorable."))
    time_is_up(messages)
    assert messages.isHidden() and messages.text() == "Copied: adorable."


def test_it_stays_while_the_mouse_or_the_keyboard_is_in_it(
    page: QWidget, messages: Messages
) -> None:
    messages.show_notice(Notice("Removed.", (UNDO,)))
    QApplication.sendEvent(messages, QEvent(QEvent.Type.Enter))
    time_is_up(messages)
    assert messages.isVisible()
    QApplication.sendEvent(messages, QEvent(QEvent.Type.Leave))
    messages.findChildren(QPushButton)[0].setFocus()
    time_is_up(messages)
    assert messages.isVisible()
    page.setFocus()
    messages.findChildren(QPushButton)[0].clearFocus()
    time_is_up(messages)
    assert messages.isHidden()


def test_its_buttons_are_what_is_offered_and_only_that(messages: Messages, qtbot: QtBot) -> None:
    taken = QSignalSpy(messages.offerTaken)
    messages.show_notice(Notice("Removed.", (UNDO, Offer("Show", "page", "encoders"))))
    shown = [b.text() for b in messages.findChildren(QPushButton) if b.isVisible()]
    assert shown == ["Undo", "Show"]
    messages.findChildren(QPushButton)[0].click()
    assert taken.at(0) == [UNDO] and messages.isHidden()
    messages.show_notice(Notice("Copied."))
    assert not [b for b in messages.findChildren(QPushButton) if b.isVisible()]
    messages.show_notice(Notice(""))
    assert messages.isHidden()
