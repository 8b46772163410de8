"""Vectors in words in the inspector of the real window."""

from driver import LONG_MS, Driver
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

LEFT = Qt.MouseButton.LeftButton


def test_a_vector_is_said_in_words_that_can_be_selected_and_searched(
    tokensim: Driver, qtbot: QtBot
) -> None:
    tokensim.type("king - man + woman")
    block = tokensim.page.card.words
    assert not block.lines.isVisible()
    fold = block.findChild(QToolButton)
    fold.click()
    assert tokensim.settings.card_words
    qtbot.waitUntil(lambda: len(block.lines.lines) > 1, timeout=LONG_MS)
    own = block.lines.lines
    buttons = {button.text(): button for button in block.findChildren(QPushButton)}
    buttons["The query"].click()
    qtbot.waitUntil(lambda: block.lines.lines not in ((), own), timeout=LONG_MS)
    assert block.lines.lines[0].name == "queen"
    sentences = [label.text() for label in block.findChildren(QLabel)]
    assert any(sentence.endswith("% of it.") for sentence in sentences)
    second = block.lines.lines[1].token
    qtbot.mouseClick(block.lines, LEFT, pos=QPoint(5, 30))
    assert tokensim.session.search.selection == second
    buttons["Make it the query"].click()
    assert tokensim.page.bar.text().startswith("queen + ")
    tokensim.ready()
    fold.click()
    assert not block.lines.isVisible() and not tokensim.settings.card_words


def test_a_poor_fit_is_said_to_be_one(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.type("photo - painting")
    block = tokensim.page.card.words
    block.findChild(QToolButton).click()
    tokensim.session.in_words.set_subject("query")
    qtbot.waitUntil(
        lambda: any("make only" in label.text() for label in block.findChildren(QLabel)),
        timeout=LONG_MS,
    )
