from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from tokensim_gui.core import paths
from tokensim_gui.core.search.saved_results import load_results
from tokensim_gui.core.values import Hint
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.query_chip import QueryChip
from tokensim_gui.ui.tokens.token_chips import TokenChips

LEFT = Qt.MouseButton.LeftButton
CUTE = 2242


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary.load(paths.resource("starter"))


@pytest.fixture
def shown(qtbot, qapp, vocabulary):
    """The line under the bar with the chips of ``(cute + girl) / 2``."""
    theme.apply(qapp, "light")
    line = TokenChips(vocabulary)
    qtbot.addWidget(line)
    line.resize(900, line.height())
    line.set_results(vocabulary, load_results(paths.resource("first_result.npz"), vocabulary.rows))
    with qtbot.waitExposed(line):
        line.show()
    return line


def chip(line):
    return next(item for item in line.findChildren(QueryChip) if item.token == CUTE)


def arguments(spy):
    return [list(spy.at(index)) for index in range(spy.count())]


def test_what_was_perhaps_meant_is_a_button_beside_the_chips(shown, vocabulary, qtbot):
    results = load_results(paths.resource("first_result.npz"), vocabulary.rows)
    hint = Hint("“girl/2” is read as a word.", "(cute + girl) / 2", "Search (cute + girl) / 2")
    shown.set_results(vocabulary, replace(results, hint=hint))
    button = next(
        button for button in shown.findChildren(QPushButton) if button.text() == hint.fix_label
    )
    assert button.isVisible() and chip(shown).isVisible()
    assert any(label.text() == hint.text for label in shown.findChildren(QLabel))
    offered = QSignalSpy(shown.textOffered)
    qtbot.mouseClick(button, LEFT)
    assert arguments(offered) == [[hint.fix]]


def test_a_chip_pulled_away_is_dragged_and_not_clicked(shown, qtbot):
    dragged, clicked = QSignalSpy(shown.gestures.dragRequested), QSignalSpy(shown.tokenActivated)
    at = QPoint(10, 10)
    qtbot.mousePress(chip(shown), LEFT, pos=at)
    qtbot.mouseMove(chip(shown), at + QPoint(QApplication.startDragDistance() + 2, 80))
    qtbot.mouseRelease(chip(shown), LEFT, pos=at)
    assert [ids for _, ids in arguments(dragged)] == [[CUTE]] and clicked.count() == 0


def test_a_part_is_drawn_with_its_mark(shown, vocabulary):
    results = shown._results
    part = replace(results.own[0], id=3489)
    shown.set_results(vocabulary, replace(results, own=(part,)))
    words = next(item.text() for item in shown.findChildren(QueryChip) if item.token == 3489)
    assert words.startswith("post…  ")
