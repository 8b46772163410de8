"""The field in which a prompt is typed."""

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QApplication,
)
from pytestqt.qtbot import QtBot

from tokensim_gui.core import paths
from tokensim_gui.core.job import Job
from tokensim_gui.core.prompt.prompt_reading import read_prompt
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.prompt_page.prompt_editor import PromptEditor

KEY, MOD = Qt.Key, Qt.KeyboardModifier


def test_a_replacement_counts_code_points_and_can_be_undone(editor: PromptEditor) -> None:
    editor.setPlainText("😅😅 a cat")
    editor.replace(5, 8, "dog")
    assert editor.toPlainText() == "😅😅 a dog"
    editor.undo()
    assert editor.toPlainText() == "😅😅 a cat"


def test_the_cursor_is_told_in_code_points(editor: PromptEditor) -> None:
    editor.setPlainText("😅 cat")
    moved = QSignalSpy(editor.cursorMoved)
    QTest.keyClick(editor, KEY.Key_End, MOD.ControlModifier)
    assert moved.at(moved.count() - 1) == [5]


def test_ctrl_up_asks_for_more_weight_in_code_points(editor: PromptEditor) -> None:
    editor.setPlainText("😅 cat")
    asked = QSignalSpy(editor.weightNudged)
    QTest.keyClick(editor, KEY.Key_End)
    QTest.keyClick(editor, KEY.Key_Up, MOD.ControlModifier)
    QTest.keyClick(editor, KEY.Key_Down, MOD.ControlModifier)
    assert [asked.at(0), asked.at(1)] == [[5, 0.1], [5, -0.1]]


def test_the_mark_of_a_word_follows_the_theme(editor: PromptEditor, qapp: QApplication) -> None:
    editor.setPlainText("a cat")
    editor.mark((2, 5))
    for name in ("dark", "light"):
        theme.apply(qapp, name)
        (selection,) = editor.extraSelections()
        assert selection.format.background().color() == theme.colours().colour("selection")


def test_a_pasted_block_is_handed_on_and_other_text_is_pasted(editor: PromptEditor) -> None:
    pasted = QSignalSpy(editor.pasted)
    block = "a cat\nNegative prompt: x\nSteps: 20, Sampler: Euler, Seed: 7"
    QGuiApplication.clipboard().setText(block)
    editor.paste()
    assert pasted.at(0) == [block] and editor.toPlainText() == ""
    QGuiApplication.clipboard().setText("a cat")
    editor.paste()
    assert editor.toPlainText() == "a cat"


def test_every_line_has_room_for_waves_however_it_came_there(editor: PromptEditor) -> None:
    def pitches() -> set[int]:
        tops = []
        for at in (0, 2, 4):
            cursor = editor.textCursor()
            cursor.setPosition(at)
            tops.append(editor.cursorRect(cursor).top())
        return {tops[1] - tops[0], tops[2] - tops[1]}

    height = editor.fontMetrics().height()
    editor.setPlainText("a\nb\nc")
    assert all(pitch > 1.3 * height for pitch in pitches())
    assert not editor.document().isUndoAvailable()
    editor.selectAll()
    QTest.keyClick(editor, KEY.Key_Delete)
    editor.insertPlainText("d\ne\nf")
    assert all(pitch > 1.3 * height for pitch in pitches())


def test_a_copied_prompt_is_text_without_its_colours(editor: PromptEditor) -> None:
    editor.setPlainText("a cat\n(dog:1.2)")
    editor.selectAll()
    editor.copy()
    copied = QGuiApplication.clipboard().mimeData()
    assert copied.text() == "a cat\n(dog:1.2)" and not copied.hasHtml()


def test_the_program_ends_well_while_the_clipboard_holds_its_prompt() -> None:
    code = (
        "from PySide6.QtWidgets import QApplication\n"
        "from tokensim_gui.ui.prompt_page.prompt_editor import PromptEditor\n"
        "application = QApplication([])\n"
        "editor = PromptEditor('Prompt', 'Type')\n"
        "editor.setPlainText('a cat')\n"
        "editor.selectAll()\n"
        "editor.copy()\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0


def test_files_are_not_written_out_as_paths(editor: PromptEditor, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    assert not editor.canInsertFromMimeData(data)


def test_a_pasted_picture_is_handed_on_and_its_path_is_not_written(
    editor: PromptEditor, tmp_path: Path, qtbot: QtBot
) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(picture))])
    data.setText(str(picture))  # as file managers do
    QGuiApplication.clipboard().setMimeData(data)
    with qtbot.waitSignal(editor.filePasted) as asked:
        editor.paste()
    assert asked.args == [picture] and str(picture) not in editor.toPlainText()
    QGuiApplication.clipboard().clear()  # Qt would end what Python made after Python has ended


def test_the_words_of_the_margin_break_no_line_anew(editor: PromptEditor) -> None:
    editor.setPlainText("cat " * 74)
    before = editor.viewport().width()
    editor.setPlainText("cat " * 80)
    vocabulary = Vocabulary.load(paths.resource("starter"))
    editor.show_reading(read_prompt("cat " * 80, vocabulary, "a1111", "clip", job=Job()))
    assert [words for _, words in editor.chunk_ends()] == ["75 · chunk 2"]
    assert editor.viewport().width() == before
