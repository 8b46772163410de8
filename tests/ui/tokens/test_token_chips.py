from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from tokensim_gui.core import paths
from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.search.saved_results import load_results
from tokensim_gui.core.values import Hint
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.query_chip import QueryChip
from tokensim_gui.ui.tokens.token_chips import TokenChips

LEFT = Qt.MouseButton.LeftButton
CUTE = 2242


@pytest.fixture
def shown(qtbot, qapp, vocabulary):
    """The line under the bar with the chips of ``(cute + girl) / 2``."""
    theme.apply(qapp, "light")
    line = TokenChips(vocabulary, weighted=True)
    qtbot.addWidget(line)
    line.resize(900, line.height())
    line.set_results(vocabulary, load_results(paths.resource("first_result.npz"), vocabulary.rows))
    with qtbot.waitExposed(line):
        line.show()
    return line


def chip(line, token=CUTE):
    return next(item for item in line.findChildren(QueryChip) if item.token == token)


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
    assert chip(shown, 3489).word == "post…"


def test_the_pieces_of_a_text_share_a_chip_that_tells_the_score_of_each(shown, vocabulary):
    results = shown._results
    own = (replace(results.own[0], id=3489), replace(results.own[0], id=CUTE, score=0.5))
    shown.set_results(vocabulary, replace(results, own=own))
    both = chip(shown, 3489)
    assert both.word == "post · cute"
    assert "cute  #2242, 50.00% like the query" in both.toolTip()
    assert not any(item.isVisible() for item in shown.findChildren(QueryChip) if item is not both)


def at_weight(item, weight):
    """Where the knob of a chip is at a weight; the track runs from 12 px to 12 px."""
    return QPoint(round(12 + (weight + 1) / 3 * (item.width() - 24)), item.height() - 8)


def test_the_slider_says_a_weight_at_each_step_of_a_drag(shown, qtbot):
    item, said = chip(shown), QSignalSpy(shown.weightChanged)
    qtbot.mousePress(item, LEFT, pos=at_weight(item, 0.5))
    for weight in (0.8, 1.2):
        qtbot.mouseMove(item, at_weight(item, weight))
    qtbot.mouseRelease(item, LEFT, pos=at_weight(item, 1.2))
    terms, weights, goes_on = zip(*arguments(said), strict=True)
    assert set(terms) == {0}
    assert weights == pytest.approx([0.8, 1.2], abs=0.06)
    assert goes_on == (False, True)


def test_a_double_click_on_the_slider_is_the_plain_weight(shown, qtbot):
    item, said = chip(shown), QSignalSpy(shown.weightChanged)
    qtbot.mouseDClick(item, LEFT, pos=at_weight(item, 0.5))
    assert arguments(said)[-1][:2] == [0, 1.0]


def test_arrows_go_along_the_chips_and_change_the_weight(shown, qtbot):
    first, second = [item for item in shown.findChildren(QueryChip) if item.isVisible()]
    said = QSignalSpy(shown.weightChanged)
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Right)
    assert second.hasFocus()
    qtbot.keyClick(second, Qt.Key.Key_Up)
    qtbot.keyClick(second, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert [round(weight, 2) for _, weight, _ in arguments(said)] == [0.6, 0.59]
    qtbot.keyClick(second, Qt.Key.Key_Left)
    assert first.hasFocus()


@pytest.mark.parametrize("focused", [True, False])
def test_the_wheel_changes_only_the_weight_that_has_the_keyboard(shown, focused):
    item, said = chip(shown), QSignalSpy(shown.weightChanged)
    item.setFocus()
    if not focused:
        item.clearFocus()
    turn = QWheelEvent(
        QPointF(20, 10),
        item.mapToGlobal(QPointF(20, 10)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(item, turn)
    assert said.count() == int(focused)


@pytest.mark.parametrize(("metric", "slides"), [("cosine", False), ("dot", True)])
def test_a_term_alone_has_a_slider_only_where_its_length_counts(shown, vocabulary, metric, slides):
    results = shown._results
    query = replace(results.query, text="cute", metric=metric)
    shown.set_results(vocabulary, replace(results, query=query, own=results.own[:1]))
    assert chip(shown).term.has_slider == slides


def test_chips_beyond_the_width_are_brought_into_view_by_the_keyboard(shown, vocabulary, qtbot):
    results = shown._results
    own = tuple(replace(results.own[0], id=token, term=token) for token in range(2000, 2020))
    shown.resize(400, shown.height())
    shown.set_results(vocabulary, replace(results, own=own))
    chips = [item for item in shown.findChildren(QueryChip) if item.isVisible()]
    assert len(chips) == 20
    chips[0].setFocus()
    for item in chips[:-1]:
        qtbot.keyClick(item, Qt.Key.Key_Right)
    assert chips[-1].hasFocus() and not chips[-1].visibleRegion().isEmpty()


def test_a_long_error_is_told_whole_in_two_lines(shown):
    sentence = "The * at character 5 needs a number on one side."
    shown.resize(360, shown.height())
    shown.set_error(QueryError(sentence, 4, 5, "cat dog", "Search as text"))
    label = next(one for one in shown.findChildren(QLabel) if one.isVisible())
    inside = label.contentsRect()
    wrapped = label.fontMetrics().boundingRect(
        inside, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft, sentence
    )
    assert label.text() == sentence and label.wordWrap() and inside.height() >= wrapped.height()
    assert shown.rect().contains(label.geometry())
