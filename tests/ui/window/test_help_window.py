import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextFrameFormat, QTextTable
from PySide6.QtWidgets import QToolButton

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.clearable_field import ClearableField
from tokensim_gui.ui.window import help_window
from tokensim_gui.ui.window.help_window import HelpWindow


@pytest.fixture
def window(qtbot, qapp):
    theme.apply(qapp, "light")
    window = HelpWindow()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show_section("")
    return window


def tables(window):
    frames = window._text.document().rootFrame().childFrames()
    return [frame.format().toTableFormat() for frame in frames if isinstance(frame, QTextTable)]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_tables_have_the_borders_of_the_theme(window, qapp, name):
    theme.apply(qapp, name)
    assert tables(window)
    for look in tables(window):
        assert look.borderBrush().color() == theme.colours().colour("border")
        assert look.borderStyle() == QTextFrameFormat.BorderStyle.BorderStyle_Solid


def test_the_help_opens_with_the_last_search_ready_to_be_typed_over(window, qtbot):
    qtbot.keyClicks(window._find, "token")
    window.close()
    window.show_section("")
    assert window._find.selectedText() == "token"


def test_what_is_not_in_the_help_is_said_to_be_missing(window, qtbot):
    qtbot.keyClicks(window._find, "zzzq")
    assert window._missing.isVisible()
    window._find.clear()
    assert not window._missing.isVisible()


def test_a_cross_empties_a_field_that_holds_something(qtbot):
    field = ClearableField()
    qtbot.addWidget(field)
    field.show()
    cross = field.findChild(QToolButton)
    assert not cross.isVisible() and cross.text() == "×"
    field.setText("girl")
    assert field.rect().contains(cross.geometry())
    cross.click()
    assert field.text() == "" and not cross.isVisible()


def test_links_are_opened_as_everything_outside_is(window, monkeypatch):
    opened = []
    monkeypatch.setattr(help_window, "open_outside", opened.append)
    for address in ("https://example.org/a", "file:///etc/passwd", "#words"):
        window._text.anchorClicked.emit(QUrl(address))
    assert opened == [QUrl("https://example.org/a")]
    assert window._text.source() == QUrl()
