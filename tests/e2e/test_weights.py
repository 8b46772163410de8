"""Weights by the sliders of the chips, in the real window."""

import re

from driver import LONG_MS, Driver
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tokensim_gui.core.values import Results
from tokensim_gui.ui.tokens.query_chip import QueryChip

LEFT = Qt.MouseButton.LeftButton


def chips(driver: Driver) -> list[QueryChip]:
    """The chips that are shown."""
    return [chip for chip in driver.page.chips.findChildren(QueryChip) if chip.isVisible()]


def at_weight(chip: QueryChip, weight: float) -> QPoint:
    """Where the knob of a chip is at a weight; the track runs from 12 px to 12 px."""
    return QPoint(round(12 + (weight + 1) / 3 * (chip.width() - 24)), chip.height() - 8)


def test_a_drag_writes_the_weight_and_is_one_undo(tokensim: Driver, qtbot: QtBot) -> None:
    answered: list[str] = []

    def record(results: Results) -> None:
        answered.append(results.query.text)

    tokensim.session.search.resultsChanged.connect(record)
    chip = chips(tokensim)[0]
    qtbot.mousePress(chip, LEFT, pos=at_weight(chip, 0.5))
    for step in range(1, 11):
        qtbot.mouseMove(chip, at_weight(chip, 0.5 + step / 10))
    qtbot.mouseRelease(chip, LEFT, pos=at_weight(chip, 1.5))
    text = tokensim.page.bar.text()
    assert re.fullmatch(r"1\.(4|5)5?\*cute \+ 0\.5\*girl", text)
    qtbot.waitUntil(lambda: answered[-1:] == [text], timeout=LONG_MS)
    assert answered == list(dict.fromkeys(answered))
    field = tokensim.page.bar.focusProxy()
    assert isinstance(field, QLineEdit)
    field.undo()
    assert field.text() == "(cute + girl) / 2"
    tokensim.ready()
    assert [chip.weight for chip in chips(tokensim)] == [0.5, 0.5]


def test_a_negative_weight_is_taken_off(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.type("sunset + sun")
    chip = chips(tokensim)[1]
    chip.setFocus()
    for _ in range(20):
        qtbot.keyClick(chip, Qt.Key.Key_Down)
    assert tokensim.page.bar.text() == "sunset - sun"
    tokensim.ready()


def test_plus_word_goes_on_in_the_bar(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.type("cat")
    qtbot.mouseClick(tokensim.page.chips._add, LEFT)
    field = tokensim.page.bar.focusProxy()
    assert isinstance(field, QLineEdit)
    qtbot.keyClicks(field, "dog")
    assert field.text() == "cat + dog" and field.hasFocus()


def test_what_to_try_is_offered_until_five_queries_were_typed(
    tokensim: Driver, qtbot: QtBot
) -> None:
    tries = tokensim.page.chips._tries
    tries[0].click()  # not the user's own
    for word in ("cat", "dog", "sea", "sun", "king"):
        tokensim.ready()
        assert tries[0].isVisible()
        tokensim.type(word)
        qtbot.keyClick(tokensim.page.bar.focusProxy(), Qt.Key.Key_Return)
    assert not tries[0].isVisible()
