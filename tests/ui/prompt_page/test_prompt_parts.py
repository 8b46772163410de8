"""The parts below a prompt: Weights, Vary and Captions."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QStyleOptionViewItem,
)
from pytestqt.qtbot import QtBot

from tests.ui.by_words import button, said
from tests.ui.on_screen import on_screen
from tokensim_gui.core.job import Job
from tokensim_gui.core.prompt.captions import CaptionFile
from tokensim_gui.core.prompt.prompt_reading import read_weights
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.prompt_page import prompt_list
from tokensim_gui.ui.prompt_page.caption_list import CaptionList
from tokensim_gui.ui.prompt_page.prompt_list import PromptList
from tokensim_gui.ui.prompt_page.vary_part import VaryPart
from tokensim_gui.ui.prompt_page.weights_part import WeightsPart

KEY = Qt.Key


def test_weights_stand_side_by_side_and_what_is_lost_is_named(
    qtbot: QtBot, vocabulary: Vocabulary
) -> None:
    part = WeightsPart()
    qtbot.addWidget(part)
    part.set_weights(read_weights("[red] cat <lora:x:1>", "a1111", "comfyui", job=Job()))
    model = part.table.model()
    rows = [[model.index(r, c).data() for c in range(5)] for r in range(model.rowCount())]
    assert rows[0] == ["red", "0.909", "1", "1", "0.952"]
    assert rows[1] == ["<lora:x:1>", "–", "1", "1", "1"]
    assert button(part, "Show all").toolTip() == "On 1 word all programs agree."
    button(part, "Show all").click()
    assert [model.index(r, 0).data() for r in range(model.rowCount())] == [
        *("red", "cat", "<lora:x:1>")
    ]
    assert part.result.toPlainText().strip() == "(red:0.909) cat"
    assert said(part, "The network tag “<lora:x:1>” is left out.")


def test_the_weight_of_a_word_is_painted_under_it(qtbot: QtBot) -> None:
    part = on_screen(qtbot, WeightsPart(), 900, 400)
    part.set_weights(read_weights("(much:1.9) (more:1.2) <lora:x:1>", "a1111", "plain", job=Job()))
    words = [part.table.model().index(row, 0).data() for row in range(4)]
    assert words == ["much", ":1.9", "more", ":1.2"]
    picture = part.table.viewport().grab().toImage()
    line = theme.colours().colour("query")
    painted = []
    for row in range(4):
        place = part.table.visualRect(part.table.model().index(row, 0))
        xs = range(place.left(), place.right())
        ys = range(place.top(), place.bottom())
        painted.append(sum(picture.pixelColor(x, y) == line for x in xs for y in ys))
    much, _, more, _ = painted
    assert much > more > 0 and painted[1] == painted[3] == 0


def test_a_language_model_is_warned_of(qtbot: QtBot) -> None:
    part = WeightsPart()
    qtbot.addWidget(part)
    part.show()
    part.set_literal(("No weights here.",))
    assert said(part, "No weights here.")
    part.set_literal(())
    assert not said(part, "No weights here.")


def test_kept_prompts_stay_when_more_are_made(qtbot: QtBot) -> None:
    made = PromptList()
    qtbot.addWidget(made)
    made.show()
    made.add(["a", "b", "c"])
    made.findChild(QListView).setCurrentRow(1)
    QTest.keyClick(made.findChild(QListView), KEY.Key_Space)
    made.add(["d", "e"])
    assert made.prompts() == ["b", "d", "e"] and made.kept() == ["b"]
    copied = QSignalSpy(made.copyRequested)
    button(made, "Copy kept").click()
    assert copied.at(0) == ["b"]


def test_enter_on_a_made_prompt_chooses_it(qtbot: QtBot) -> None:
    made = PromptList()
    qtbot.addWidget(made)
    made.add(["a", "b"])
    chosen = QSignalSpy(made.promptChosen)
    made.findChild(QListView).setCurrentRow(1)
    QTest.keyClick(made.findChild(QListView), KEY.Key_Return)
    assert chosen.at(0) == ["b"]


def test_the_trap_is_explained_with_a_better_template(qtbot: QtBot, vocabulary: Vocabulary) -> None:
    from tokensim_gui.core.prompt.mutations import mutate

    part = VaryPart()
    qtbot.addWidget(part)
    part.show()
    part.template.setText("a #prefix#-banana")
    asked = QSignalSpy(part.makeRequested)
    part.show_mutations(mutate("a #prefix#-banana", vocabulary, 3, 7))
    assert said(part, "For true prefixes write #prefix#banana.")
    button(part, "Change the template").click()
    assert part.template.text() == "a #prefix#banana"
    assert asked.at(0)[:3] == ["a #prefix#banana", 20, 7]


def test_a_slot_stands_apart_from_the_word_before_unless_it_joins_it(qtbot: QtBot) -> None:
    part = VaryPart()
    qtbot.addWidget(part)
    made = []
    for before, slot in (
        *(("a banana", "#word#"), ("a ", "#word#"), ("", "#emoji#")),
        *(("(", "#word#"), ("a banana", "#suffix#")),
    ):
        part.template.setText(before)
        button(part, slot).click()
        made.append(part.template.text())
    assert made == ["a banana #word#", "a #word#", "#emoji#", "(#word#", "a banana#suffix#"]


def test_captions_are_listed_with_the_worst_first(qtbot: QtBot, tmp_path: Path) -> None:
    captions = CaptionList()
    qtbot.addWidget(captions)
    captions.show_files(
        (
            CaptionFile(tmp_path / "a.txt", 3),
            CaptionFile(tmp_path / "b.txt", 90, 15, ("banananana",)),
            CaptionFile(tmp_path / "c.txt", problem="It is not UTF-8 text."),
        )
    )
    model = captions.table.model()
    rows = [[model.index(r, c).data() for c in range(4)] for r in range(3)]
    assert rows == [
        ["c.txt", "", "", "It is not UTF-8 text."],
        ["b.txt", "90", "15", "banananana"],
        ["a.txt", "3", "–", ""],
    ]
    assert said(
        captions, f"“{tmp_path.name}” · 3 captions: 1 over the limit, 1 with words in pieces"
    )


def test_a_character_that_no_font_has_is_written_as_its_name_in_grey(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = PromptList()
    qtbot.addWidget(made)
    made.resize(700, 200)
    made.add(["a 😅 cat", "a dog"])
    monkeypatch.setattr(prompt_list, "has_glyphs", lambda text, _font: text.isascii())
    drawn: list[tuple[str, str]] = []

    class Painter(QPainter):
        def drawText(self, _room: QRect, _flags: Qt.AlignmentFlag, words: str) -> None:
            drawn.append((words, self.pen().color().name()))

    view = made.findChild(QListView)
    for row in range(2):
        option = QStyleOptionViewItem()
        view.initViewItemOption(option)
        index = view.model().index(row, 0)
        option.rect = view.visualRect(index)
        image = QPixmap(700, 200)
        painter = Painter(image)
        view.itemDelegate().paint(painter, option, index)
        painter.end()
    text, dim = (theme.colours().colour(name).name() for name in ("text", "text2"))
    name = "smiling face with open mouth and cold sweat"
    assert drawn == [("a ", text), (name, dim), (" cat", text)]
    assert made.prompts()[0] == "a 😅 cat"


def test_an_empty_list_of_prompts_says_how_to_fill_it(qtbot: QtBot) -> None:
    made = PromptList()
    qtbot.addWidget(made)
    assert said(made, "Put a slot such as #word#")
    made.add(["a dog"])
    assert not said(made, "Put a slot such as #word#")


def test_the_columns_of_a_table_hold_their_heads_at_every_text_size(
    qtbot: QtBot, qapp: QApplication
) -> None:
    captions = CaptionList()
    qtbot.addWidget(captions)
    for size in (100, 200, 80, 100):
        theme.apply(qapp, "light", size)
        header = captions.table.horizontalHeader()
        qtbot.waitUntil(
            lambda header=header: all(
                header.sectionSize(number) >= header.sectionSizeHint(number) for number in range(3)
            )
        )


def test_a_column_that_was_widened_grows_and_shrinks_with_the_text(
    qtbot: QtBot, qapp: QApplication
) -> None:
    captions = CaptionList()
    qtbot.addWidget(captions)
    header = captions.table.horizontalHeader()
    header.resizeSection(1, 300)
    for size, width in ((100, 300), (150, 450), (200, 600), (100, 300)):
        theme.apply(qapp, "light", size)
        qtbot.waitUntil(lambda width=width: header.sectionSize(1) == width)
