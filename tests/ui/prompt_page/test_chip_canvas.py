"""The chips of a prompt: one for each token, in lines and chunks."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QApplication,
)
from pytestqt.qtbot import QtBot

from tests.ui.on_screen import on_screen
from tokensim_gui.core.job import Job
from tokensim_gui.core.prompt.prompt_reading import Reading, read_prompt
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.prompt_page.chip_canvas import ChipCanvas

KEY = Qt.Key


def reading(vocabulary: Vocabulary, text: str) -> Reading:
    return read_prompt(text, vocabulary, "a1111", "clip", job=Job())


@pytest.fixture
def chips(qtbot: QtBot) -> ChipCanvas:
    return on_screen(qtbot, ChipCanvas(), 420, 300)


def items(chips: ChipCanvas) -> list[str]:
    return [f"{c.item.face.whole} {c.item.note}".strip() for c in chips._layout.chips]


def test_every_token_is_a_chip_in_its_place_and_what_is_not_sent_is_said(
    chips: ChipCanvas, vocabulary: Vocabulary
) -> None:
    chips.set_reading(reading(vocabulary, "a (cute cat:1.2) <lora:x:1> banananana cat"))
    assert items(chips) == [
        *("a", "cute 1.2", "cat", "<lora:x:1> not sent", "ban", "anan", "ana"),
        *("cat", "68 empty"),
    ]


def test_the_pieces_of_one_word_are_joined_on_a_line(
    chips: ChipCanvas, vocabulary: Vocabulary
) -> None:
    chips.set_reading(reading(vocabulary, "a banananana cat"))
    ends = [(chip.opens, chip.closes) for chip in chips._layout.chips[:5]]
    apart = (True, True)
    assert ends == [apart, (True, False), (False, False), (False, True), apart]
    a, first, second, third, cat = (chip.rect for chip in chips._layout.chips[:5])
    assert second.left() - first.right() == third.left() - second.right() < 2
    assert first.left() - a.right() == cat.left() - third.right() > 2
    chips.resize(90, 300)
    pieces = chips._layout.chips[1:4]
    assert sum(chip.opens for chip in pieces) == len({chip.rect.top() for chip in pieces}) > 1


def test_a_comma_keeps_to_its_word_at_the_end_of_a_line(
    chips: ChipCanvas, vocabulary: Vocabulary
) -> None:
    chips.set_reading(reading(vocabulary, "cat, " * 30))
    for width in range(300, 420, 5):  # at some of them a line ends between a word and its comma
        chips.resize(width, 300)
        rows = [chip.rect.top() for chip in chips._layout.chips[:60]]
        assert rows[::2] == rows[1::2] and len(set(rows)) > 3
        assert all(chip.rect.right() <= width for chip in chips._layout.chips)


def test_what_is_not_sent_stands_in_the_chunk_in_which_it_was_written(
    chips: ChipCanvas, vocabulary: Vocabulary
) -> None:
    chips.set_reading(reading(vocabulary, "[cat:dog:0.5] AND <lora:x:1> x BREAK y <lora:y:1>"))
    one, two, three = (section.rect for section in chips._layout.sections)
    held = [
        [c.item.face.text for c in chips._layout.chips if section.contains(c.rect)]
        for section in (one, two, three)
    ]
    assert [[text for text in texts if "empty" not in text] for texts in held] == [
        ["[", "cat", ":dog:0.5]"],
        ["<lora:x:1>", "x"],
        ["y", "<lora:y:1>"],
    ]


def test_each_chunk_has_a_heading_and_no_chip_leaves_it(
    chips: ChipCanvas, vocabulary: Vocabulary
) -> None:
    chips.set_reading(reading(vocabulary, "cat " * 100 + "BREAK dog"))
    sections = chips._layout.sections
    assert [(one.title, one.count, one.reason, one.wasted) for one in sections] == [
        ("Chunk 1", "75 of 75", "", False),
        ("Chunk 2", "25 of 75", "ends at BREAK", True),
        ("Chunk 3", "1 of 75", "end of the prompt", False),
    ]
    assert [one.share for one in sections] == [1, 25 / 75, 1 / 75]
    for chip in chips._layout.chips:
        assert sum(section.rect.contains(chip.rect) for section in sections) == 1
    assert chips.minimumHeight() >= sections[-1].rect.bottom()


def test_tokens_over_a_limit_are_drawn_as_cut_off(
    chips: ChipCanvas, vocabulary: Vocabulary
) -> None:
    chips.set_reading(read_prompt("cat " * 300, vocabulary, "compel", "schnell", job=Job()))
    assert sum(chip.item.cut for chip in chips._layout.chips) == 45
    assert "cut off" in chips.words_of(299) and "cut off" not in chips.words_of(0)


def test_the_arrows_go_along_the_tokens_and_between_lines(
    chips: ChipCanvas, vocabulary: Vocabulary
) -> None:
    chips.set_reading(reading(vocabulary, "one two three four five six seven eight nine ten"))
    chips.tokenActivated.connect(chips.set_current)
    for key, current in (
        (KEY.Key_Right, 0),
        (KEY.Key_Right, 1),
        (KEY.Key_End, 9),
        (KEY.Key_Right, 9),
        (KEY.Key_Left, 8),
        (KEY.Key_Home, 0),
    ):
        QTest.keyClick(chips, key)
        assert chips._current == current
    lines = chips._layout.lines
    QTest.keyClick(chips, KEY.Key_Down)
    assert lines[chips._current] == 1
    QTest.keyClick(chips, KEY.Key_Up)
    assert chips._current == 0


def test_a_click_selects_and_a_double_click_looks_up(
    chips: ChipCanvas, vocabulary: Vocabulary
) -> None:
    chips.set_reading(reading(vocabulary, "a cat"))
    activated, looked = QSignalSpy(chips.tokenActivated), QSignalSpy(chips.gestures.lookedUp)
    where = chips._layout.chips[1].rect.center().toPoint()
    QTest.mouseClick(chips, Qt.MouseButton.LeftButton, pos=where)
    QTest.mouseDClick(chips, Qt.MouseButton.LeftButton, pos=where)
    padding = chips._layout.chips[2].rect.center().toPoint()
    QTest.mouseClick(chips, Qt.MouseButton.LeftButton, pos=padding)
    assert activated.at(0) == [1] and looked.at(0) == [vocabulary.id_of_piece("cat</w>")]
    assert {tuple(activated.at(n)) for n in range(activated.count())} == {(1,)}


def test_the_current_chip_is_said_to_screen_readers(
    chips: ChipCanvas, vocabulary: Vocabulary
) -> None:
    chips.set_reading(reading(vocabulary, "(banananana:1.2) cat cat"))
    chips.set_current(1)
    assert chips.accessibleDescription() == (
        "“anan”, #37215, a part, token 2 of 5, weight 1.2, “banananana” takes 3 tokens"
    )
    chips.set_current(4)
    assert chips.accessibleDescription().endswith("the word was there before")


def test_three_hundred_chips_paint_in_both_themes(
    chips: ChipCanvas, vocabulary: Vocabulary, qapp: QApplication
) -> None:
    chips.set_reading(reading(vocabulary, "(cat:1.2) [dog] 😅 ﷽ \x07 <lora:a:1> " * 60))
    chips.set_current(3)
    pictures = []
    for name in ("light", "dark"):
        theme.apply(qapp, name)
        pictures.append(chips.grab().toImage())
    assert pictures[0] != pictures[1]


def test_nothing_lies_at_a_place_without_a_chip(chips: ChipCanvas, vocabulary: Vocabulary) -> None:
    chips.set_reading(reading(vocabulary, "cat"))
    activated = QSignalSpy(chips.tokenActivated)
    QTest.mouseClick(chips, Qt.MouseButton.LeftButton, pos=QPoint(400, 280))
    assert activated.count() == 0


def test_the_height_for_a_width_is_that_of_the_newest_reading_and_text_size(
    chips: ChipCanvas, vocabulary: Vocabulary
) -> None:
    heights = []
    for text in ("a cat", "a cat, " * 40, "a cat"):
        chips.set_reading(reading(vocabulary, text))
        heights.append([chips.heightForWidth(width) for width in (300, 900, 300, 310, 320, 330)])
    assert heights[0] == heights[2] and heights[1][0] > heights[1][1] > heights[0][1]
    theme.apply(QApplication.instance(), "light", 200)
    QApplication.sendPostedEvents()
    larger = chips.heightForWidth(300)
    theme.apply(QApplication.instance(), "light", 100)
    assert larger > heights[2][0] >= chips.heightForWidth(300)
