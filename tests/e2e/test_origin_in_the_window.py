"""The origin's queries and files, in the window: pasted and dropped, as its readers would."""

from pathlib import Path

from driver import LONG_MS, Driver
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests import origin_inputs
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.ui.window.actions import Action


def pasted(driver: Driver, text: str) -> None:
    field = driver.page.bar.focusProxy()
    assert field is not None
    driver.page.bar.focus()
    QApplication.clipboard().setText(text)
    for keys in (QKeySequence.StandardKey.SelectAll, QKeySequence.StandardKey.Paste):
        QTest.keySequence(field, QKeySequence(keys))
    assert driver.session.search.query.text == text
    driver.ready()


def visible(widgets: list[QWidget]) -> list[QWidget]:
    return [widget for widget in widgets if widget.isVisible()]


def test_each_query_answers_and_says_how_it_was_read(tokensim: Driver, qtbot: QtBot) -> None:
    chips = tokensim.page.chips
    for query, said, fix, first in origin_inputs.QUERIES:
        pasted(tokensim, query)
        assert (tokensim.session.search.results.query.text == query) == bool(first)
        if said:
            qtbot.waitUntil(
                lambda said=said: any(
                    said in label.toolTip() for label in visible(chips.findChildren(QLabel))
                ),
                timeout=LONG_MS,
            )
        ways = [way for way in visible(chips.findChildren(QPushButton)) if fix in way.text()]
        if fix and said:
            ways[0].click()
            tokensim.ready()
            assert tokensim.page.bar.text() == fix and tokensim.names()


def test_each_dropped_file_opens_as_what_it_is(
    tokensim: Driver, qtbot: QtBot, tmp_path: Path
) -> None:
    session, window = tokensim.session, tokensim.window
    for path, rows, dim in origin_inputs.write_files(tmp_path):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        copy, middle = Qt.DropAction.CopyAction, QPoint(300, 300)
        QApplication.sendEvent(window, QDragEnterEvent(middle, copy, data, buttons, keys))
        QApplication.sendEvent(window, QDropEvent(QPointF(middle), copy, data, buttons, keys))
        qtbot.waitUntil(lambda: session.encoders.running is None, timeout=2 * LONG_MS)
        assert session.encoders.problem is None
        assert tokensim.said().endswith("which TokenSim has.") or dim
        source = str(path)
        qtbot.waitUntil(lambda s=source: session.tables.info.source == s, timeout=LONG_MS)
        assert (session.tables.info.rows, session.tables.info.dim) == (rows, dim)
    # The last is a list of pieces alone: browsed, filtered and copied.
    session.search.set_view("vocabulary")
    session.search.set_filter(TokenFilter("/^banana$/", kinds=("word",)))
    qtbot.waitUntil(lambda: len(tokensim.page.table.shown_ids()) == 1, timeout=LONG_MS)
    tokensim.page.table.select_all()
    window.commands.run(Action.COPY)
    assert QApplication.clipboard().text() == "banana"
