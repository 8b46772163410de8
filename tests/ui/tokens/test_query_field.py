import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from tokensim_gui.core.query.completion import completion
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.query_field import QueryField

KEY = Qt.Key


@pytest.fixture
def field(qtbot, qapp, vocabulary):
    """A field above another one, with the keyboard."""
    theme.apply(qapp, "light")
    window = QWidget()
    qtbot.addWidget(window)
    field = QueryField(lambda text: completion(text, vocabulary))
    column = QVBoxLayout(window)
    column.addWidget(field)
    column.addWidget(QLineEdit())
    with qtbot.waitActive(window):
        window.show()
    field.setFocus()
    yield field


def test_the_end_of_the_word_is_offered_and_is_no_part_of_the_text(field, qtbot):
    qtbot.keyClicks(field, "forest + moonli")
    assert field.ghost == "ght"
    assert field.text() == "forest + moonli"


def test_the_right_arrow_takes_it(field, qtbot):
    qtbot.keyClicks(field, "moonli")
    qtbot.keyClick(field, KEY.Key_Right)
    assert field.text() == "moonlight" and field.hasFocus()


def test_tab_takes_it_only_where_what_is_typed_is_no_token_of_its_own(field, qtbot):
    qtbot.keyClicks(field, "moonli")
    qtbot.keyClick(field, KEY.Key_Tab)
    assert field.text() == "moonlight" and field.hasFocus()
    field.clear()
    qtbot.keyClicks(field, "moon")
    assert field.ghost
    qtbot.keyClick(field, KEY.Key_Tab)
    assert field.text() == "moon" and not field.hasFocus()


def test_escape_sends_it_away_and_only_then_clears(field, qtbot):
    qtbot.keyClicks(field, "moonli")
    qtbot.keyClick(field, KEY.Key_Escape)
    assert (field.ghost, field.text()) == ("", "moonli")
    qtbot.keyClick(field, KEY.Key_Escape)
    assert field.text() == ""


def test_it_is_offered_only_at_the_end_without_selection_focus_or_input_method(field, qtbot):
    qtbot.keyClicks(field, "moonli")
    qtbot.keyClick(field, KEY.Key_Left)
    assert not field.ghost
    qtbot.keyClick(field, KEY.Key_End)
    assert field.ghost
    field.selectAll()
    assert not field.ghost
    field.end(False)
    QApplication.sendEvent(field, QInputMethodEvent("か", []))
    assert not field.ghost
    QApplication.sendEvent(field, QInputMethodEvent("", []))
    assert field.ghost
    field.clearFocus()
    assert not field.ghost


def test_steps_that_go_on_are_one_undo(field, qtbot):
    qtbot.keyClicks(field, "cat + dog")
    field.replace("0.9*cat + dog")
    field.replace("0.8*cat + dog", goes_on=True)
    field.replace("0.7*cat + dog", goes_on=True)
    field.undo()
    assert field.text() == "cat + dog"
    field.redo()
    assert field.text() == "0.7*cat + dog"
