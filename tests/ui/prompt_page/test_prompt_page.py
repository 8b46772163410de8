"""The widgets of the Prompt page, each by itself."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QPainter, QPixmap, QTextCharFormat
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyleOptionViewItem,
)
from pytestqt.qtbot import QtBot

from tokensim_gui.core import paths
from tokensim_gui.core.job import Job, Progress
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.prompt.captions import CaptionFile
from tokensim_gui.core.prompt.models import REACHES
from tokensim_gui.core.prompt.prompt_reading import Reading, read_prompt, read_weights
from tokensim_gui.core.text_encoders.likeness import Influence, Swap, Variation
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.prompt_encoder import Compared, OpenEncoder, Varied, Whole
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.heat_strip import HeatStrip
from tokensim_gui.ui.charts.matrix_view import letter
from tokensim_gui.ui.prompt_page import prompt_list
from tokensim_gui.ui.prompt_page.caption_list import CaptionList
from tokensim_gui.ui.prompt_page.chip_canvas import ChipCanvas
from tokensim_gui.ui.prompt_page.compare_part import NEEDED, ComparePart
from tokensim_gui.ui.prompt_page.instead_row import InsteadRow
from tokensim_gui.ui.prompt_page.notes_pane import NotesPane
from tokensim_gui.ui.prompt_page.prompt_editor import PromptEditor
from tokensim_gui.ui.prompt_page.prompt_foot import PromptFoot
from tokensim_gui.ui.prompt_page.prompt_list import PromptList
from tokensim_gui.ui.prompt_page.prompt_page import PromptPage
from tokensim_gui.ui.prompt_page.prompts_table import PromptsTable
from tokensim_gui.ui.prompt_page.variations_view import VariationsView
from tokensim_gui.ui.prompt_page.vary_part import VaryPart
from tokensim_gui.ui.prompt_page.weights_part import WeightsPart

KEY, MOD = Qt.Key, Qt.KeyboardModifier


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(paths.resource("starter"))


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "light")
    yield


def reading(vocabulary: Vocabulary, text: str, limit: int | None = 77) -> Reading:
    return read_prompt(text, vocabulary, "a1111", limit, job=Job())


def said(widget: object, words: str) -> bool:
    return any(words in label.text() for label in widget.findChildren(QLabel))


def button(widget: object, words: str) -> QPushButton:
    return next(one for one in widget.findChildren(QPushButton) if one.text() == words)


# Chips ------------------------------------------------------------------------------------


@pytest.fixture
def chips(qtbot: QtBot) -> ChipCanvas:
    canvas = ChipCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(420, 300)
    canvas.show()
    return canvas


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
    chips.set_reading(reading(vocabulary, "cat " * 300, 256))
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


# Editor -----------------------------------------------------------------------------------


@pytest.fixture
def editor(qtbot: QtBot) -> PromptEditor:
    made = PromptEditor("Prompt", "Type")
    qtbot.addWidget(made)
    made.show()
    return made


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


# Foot and notes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limit", "words"),
    [
        ("", 77, "0 of 75 tokens"),
        ("cat", 77, "1 of 75 tokens"),
        ("cat " * 80, 77, "80 tokens in 2 chunks of 75"),
        ("cat " * 260, 256, "260 tokens, 5 over the limit of 255"),
        ("cat " * 260, None, "260 tokens, none cut off"),
    ],
)
def test_the_foot_counts(
    qtbot: QtBot, vocabulary: Vocabulary, text: str, limit: int | None, words: str
) -> None:
    foot = PromptFoot()
    qtbot.addWidget(foot)
    foot.set_reading(reading(vocabulary, text, limit))
    assert foot.text() == words


def test_steps_are_asked_for_where_a_prompt_changes_with_them(
    qtbot: QtBot, vocabulary: Vocabulary
) -> None:
    foot = PromptFoot()
    qtbot.addWidget(foot)
    foot.show()
    foot.set_reading(reading(vocabulary, "a cat"))
    assert not foot.steps.isVisible()
    foot.set_reading(reading(vocabulary, "a [cat:dog:0.5]"))
    assert foot.steps.isVisible()
    foot.set_steps(28)
    with qtbot.waitSignal(foot.stepsChanged) as asked:
        foot.steps.stepUp()
    assert asked.args == [29]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("long_hair", "“long_hair” costs 3 tokens, “long hair” 2."),
        ("banananana", "“banananana” is cut into"),
        ("a bird, bird", "“bird” stands more than once."),
        ("don’t", "“don’t” is 4 tokens here, 2 in Forge"),
        ("a (cat", "“(” at character 3 is never closed"),
        ("[cat:dog:5]", "Prompt editing is shown as it stands at the first step."),
    ],
)
def test_what_there_is_to_say_is_listed(
    qtbot: QtBot, vocabulary: Vocabulary, text: str, words: str
) -> None:
    pane = NotesPane()
    qtbot.addWidget(pane)
    pane.set_notes(reading(vocabulary, text).notes)
    assert words in pane.text()
    pane.set_notes(reading(vocabulary, "a cat").notes)
    assert pane.text() == ""


def test_an_open_bracket_is_waved_under_and_its_note_leads_there(
    qtbot: QtBot, vocabulary: Vocabulary, editor: PromptEditor
) -> None:
    pane = NotesPane()
    qtbot.addWidget(pane)
    pane.show()
    editor.setPlainText("😅 (cat")
    read = reading(vocabulary, "😅 (cat")
    editor.show_reading(read)
    wave = QTextCharFormat.UnderlineStyle.WaveUnderline
    (waved,) = [one for one in editor.extraSelections() if one.format.underlineStyle() == wave]
    assert waved.cursor.selectedText() == "("
    pane.set_notes(read.notes)
    with qtbot.waitSignal(pane.placeActivated) as place:
        button(pane, "Show").click()
    assert place.args == [2, 3]


def test_a_note_leads_to_its_place_and_mends_what_it_names(
    qtbot: QtBot, vocabulary: Vocabulary
) -> None:
    pane = NotesPane()
    qtbot.addWidget(pane)
    pane.show()
    pane.set_notes(reading(vocabulary, "a long_hair").notes)
    with qtbot.waitSignal(pane.placeActivated) as place:
        button(pane, "Show").click()
    assert place.args == [2, 11]
    with qtbot.waitSignal(pane.spacesRequested):
        button(pane, "Replace _ by spaces").click()


def test_influence_is_offered_beside_the_prompt_and_measured_under_compare(
    page: PromptPage,
) -> None:
    button(page.notes, "Measure influence…").click()
    assert page.parts.current() == "compare" and page.compare.views.current() == "influence"


def test_the_model_in_the_head_is_the_one_counted_against(page: PromptPage) -> None:
    page._prompt.set_model("schnell")
    assert page.head.model.text() == REACHES["schnell"].title
    page.head.model.chosen.emit("clip")
    assert page._prompt.model == "clip"


def test_the_row_of_words_puts_one_in_by_enter(qtbot: QtBot, vocabulary: Vocabulary) -> None:
    row = InsteadRow(vocabulary)
    qtbot.addWidget(row)
    row.show_words([2368, 1929], [0.5, 0.25])
    assert row.shown_ids() == [2368, 1929]
    row.focus_first_row()
    with qtbot.waitSignal(row.replaceRequested) as chosen:
        QTest.keyClick(row.focusProxy(), Qt.Key.Key_Return)
    assert chosen.args == [2368]


# Weights, vary, captions ------------------------------------------------------------------


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
    part = WeightsPart()
    qtbot.addWidget(part)
    part.resize(900, 400)
    part.show()
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
    assert said(part, "No weights here.") and part._warning.isVisible()
    part.set_literal(())
    assert not part._warning.isVisible()


def test_kept_prompts_stay_when_more_are_made(qtbot: QtBot) -> None:
    made = PromptList()
    qtbot.addWidget(made)
    made.show()
    made.add(["a", "b", "c"])
    made._list.setCurrentRow(1)
    QTest.keyClick(made._list, KEY.Key_Space)
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
    made._list.setCurrentRow(1)
    QTest.keyClick(made._list, KEY.Key_Return)
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


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[PromptPage]:
    session = Session(Settings(), TableLibrary())
    session.show_first()
    made = PromptPage(session)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    yield made
    session.close()


BLOCK = "a cat\nNegative prompt: blurry\nSteps: 28, Sampler: Euler a, Seed: 7"


def taken(page: PromptPage) -> tuple[str, str, str]:
    texts = (page.editors[side].toPlainText() for side in ("prompt", "negative"))
    return (*texts, page.settings.text())


@pytest.mark.parametrize("side", ["prompt", "negative"])
def test_one_undo_takes_a_whole_block_back_and_one_redo_brings_it(
    page: PromptPage, side: str
) -> None:
    page._prompt.blocks.take("a dog")
    page._prompt.blocks.take("an ox", "bad", "Steps: 9")
    page._prompt.take_block(BLOCK)
    whole = ("a cat", "blurry", "Steps: 28 · Sampler: Euler a · Seed: 7")
    assert taken(page) == whole
    page.editors[side].undo()
    assert taken(page) == ("an ox", "bad", "Steps: 9")
    page.editors[side].redo()
    assert taken(page) == whole
    for _ in range(2):
        page.editors[side].undo()
    assert taken(page) == ("a dog", "", "")


def test_a_side_that_was_edited_since_stays_when_the_block_goes(page: PromptPage) -> None:
    page._prompt.blocks.take("a dog")
    page._prompt.take_block(BLOCK)
    page.editors["negative"].set_text("blurry, dark")
    page.editors["prompt"].undo()
    assert taken(page) == ("a dog", "blurry, dark", "")


def test_settings_go_with_the_last_of_their_prompts(page: PromptPage) -> None:
    page._prompt.take_block(BLOCK)
    page.editors["prompt"].set_text("")
    assert taken(page) == ("", "blurry", "Steps: 28 · Sampler: Euler a · Seed: 7")
    page.editors["negative"].set_text("")
    assert taken(page) == ("", "", "")
    page.editors["negative"].undo()
    assert taken(page) == ("", "blurry", "Steps: 28 · Sampler: Euler a · Seed: 7")


def test_words_keep_their_rows_in_a_low_window(page: PromptPage) -> None:
    page.show_part("weights")
    page.resize(560, 390)
    QApplication.processEvents()
    table = page.weights.table
    assert table.viewport().height() >= 2 * theme.row_height()


# Text encodings ---------------------------------------------------------------------------


def compared() -> Compared:
    whole = np.array([[1, 0.5, 0.9], [0.5, 1, 0.6], [0.9, 0.6, 1]])
    return Compared(("a cat", "a dog", "a kitten"), whole, whole**2, (1, 1, 1))


@pytest.fixture
def part(qtbot: QtBot) -> ComparePart:
    made = ComparePart()
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    return made


def test_without_an_encoder_the_page_says_what_to_open(part: ComparePart) -> None:
    assert said(part, NEEDED) and not part.prompts.isVisible()
    assert not button(part, "Use it").isVisible()
    asked = QSignalSpy(part.openRequested)
    button(part, "Open encoder…").click()
    assert asked.count() == 1


def test_an_open_checkpoint_with_an_encoder_is_offered(part: ComparePart, tmp_path: Path) -> None:
    part.set_whole(Whole(tmp_path, ("CLIP-L",)))
    assert said(part, "The checkpoint you opened has one.")
    used = QSignalSpy(part.useRequested)
    button(part, "Use it").click()
    assert used.at(0) == [tmp_path, "CLIP-L"]


def test_the_matrix_holds_numbers_on_colours_and_the_list_ranks_the_pairs(
    part: ComparePart,
) -> None:
    part.set_prompts(compared().prompts)
    part.show_answer(compared())
    words = part.matrix.accessibleDescription()
    assert words.startswith("A and B 50.0%, A and C 90.0%, B and C ")
    part.matrix.resize(400, 300)
    image = part.matrix.grab().toImage()
    for column, share in ((0, 1.0), (1, 0.0)):
        corner = part.matrix.cell(0, column).topLeft().toPoint() + QPoint(2, 2)
        assert image.pixelColor(corner) == theme.cividis(share)[0]
    pairs = part.list.model()
    assert [pairs.index(r, 0).data()[:5] for r in range(3)] == ["A – C", "B – C", "A – B"]
    assert pairs.index(0, 1).data() == "90.00%"


def test_the_strip_shows_the_influence_of_every_token(qtbot: QtBot) -> None:
    strip = HeatStrip()
    qtbot.addWidget(strip)
    strip.resize(90, 200)
    strip.show()
    spans = np.array([[0, 1], [2, 6], [7, 10]], np.int32)
    values = np.array([0.01, 0.2, 0.1])
    strip.set_influence(
        Influence("a cute cat", np.arange(3, dtype=np.int32), spans, values, values)
    )
    assert strip.accessibleDescription() == "a 1.0%, cute 20.0%, cat 10.0%"
    assert len({rect.top() for rect, _ in strip._places}) > 1
    assert not strip.grab().isNull()


def influence(prompt: str) -> Influence:
    spans = np.array([[0, 1], [2, len(prompt)]], np.int32)
    values = np.array([0.01, 0.2])
    return Influence(prompt, np.arange(2, dtype=np.int32), spans, values, values)


def test_no_answer_stands_beside_prompts_it_is_not_of(part: ComparePart) -> None:
    part._stack.setCurrentWidget(part._with)
    part.set_prompts(compared().prompts)
    part.show_answer(compared())
    part.prompts.item(0, 0).setText("a sea")
    assert part._views.currentWidget() is part._hint_page
    part.show_answer(compared())  # of the prompts before
    assert part._views.currentWidget() is part._hint_page

    part.views.set_current("influence")
    part._on_view_chosen("influence")
    part.show_answer(influence("a sea"))
    assert part.strip.isVisible() and said(part, "Influence of each token of “a sea”")
    part.show_problem("It is too long.")
    part.prompts.setCurrentCell(1, 0)
    assert not part.strip.isVisible() and not part._problem.isVisible()
    part.show_answer(influence("a sea"))
    assert not part.strip.isVisible()


def test_influence_is_measured_of_a_prompt_and_not_of_the_empty_row(part: ComparePart) -> None:
    part._stack.setCurrentWidget(part._with)
    part.set_prompts(["a cat"])
    part.views.set_current("influence")
    part._on_view_chosen("influence")
    go = button(part, "Measure influence")
    part.prompts.setCurrentCell(1, 0)
    assert not go.isEnabled()
    part.prompts.item(1, 0).setText("a dog")
    assert go.isEnabled()


def test_without_any_prompt_there_is_nothing_to_compare(page: PromptPage) -> None:
    page.compare.compareRequested.emit([], 0)
    assert page.compare._problem.text() == "There is no prompt yet. Type two or more."


def test_variations_are_a_list_and_a_scatter_that_follow_each_other(part: ComparePart) -> None:
    made = tuple(
        Variation(f"a {word}", Swap(2, 5, word, token), likeness)
        for word, token, likeness in (("kitten", 0.8, 0.99), ("dog", 0.6, 0.9), ("sea", 0.2, 0.5))
    )
    part.set_encoder(None)
    part._stack.setCurrentWidget(part._with)
    part.set_prompts(["a cat"])
    part.views.set_current("variations")
    part.show_answer(Varied("a cat", made))
    assert [part.variations.list.model().index(r, 0).data() for r in range(3)] == [
        *("cat → kitten", "cat → dog", "cat → sea")
    ]
    assert said(part, "nearer tokens gave nearer encodings (rank correlation 1.00)")
    part.variations.resize(500, 500)
    QApplication.processEvents()
    plot = part.variations.scatter.findChild(QGraphicsView)
    dot = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(0.6, 0.9)))
    before = plot.grab().toImage()
    QTest.mouseMove(plot.viewport(), dot)
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=dot)
    assert part.variations.list.currentIndex().row() == 1
    assert plot.grab().toImage() != before  # a ring
    chosen = QSignalSpy(part.promptChosen)
    QTest.keyClick(part.variations.list, KEY.Key_Return)
    assert chosen.at(0) == ["a dog"]


def test_a_scatter_gives_way_to_the_list_where_there_is_no_room_for_both(qtbot: QtBot) -> None:
    view = VariationsView()
    qtbot.addWidget(view)
    made = tuple(Variation("", Swap(0, 0, "", n / 9), 1 - n / 9) for n in range(9))
    view.set_varied(Varied("a cat", made))
    for height in range(60, 400, 10):
        view.resize(320, height)
        view.show()
        QApplication.processEvents()
        scatter = view.scatter
        if scatter.isVisible():
            assert scatter.geometry().bottom() < view.list.geometry().top()
            box = scatter.findChild(QGraphicsView).getViewBox()
            assert box.height() >= scatter.fontMetrics().height()
    assert scatter.isVisible()
    view.resize(320, 120)
    QApplication.processEvents()
    assert not scatter.isVisible() and view.list.height() > 2 * theme.row_height()


def test_the_heading_names_the_file_of_the_encoder(part: ComparePart) -> None:
    path = Path("/models/anime.safetensors")
    part.set_encoder(OpenEncoder(path, "CLIP-L", 12, "CPU", model=None))
    assert said(part, "CLIP-L · anime.safetensors · 12 layers · CPU")
    assert str(path) in part._name.toolTip()


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

    view = made._list
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


def test_prompts_are_rows_under_letters_with_room_for_another(qtbot: QtBot) -> None:
    table = PromptsTable()
    qtbot.addWidget(table)
    table.set_prompts(["a cat", "  a\ndog ", ""])
    assert table.prompts() == ["a cat", "a dog"]

    def names() -> list[str]:
        return [table.verticalHeaderItem(row).text() for row in range(table.rowCount())]

    assert names() == ["A", "B", "+"]
    table.item(2, 0).setText("a fox")
    assert names() == ["A", "B", "C", "+"] and table.prompts()[-1] == "a fox"
    table.setCurrentCell(0, 0)
    QTest.keyClick(table, KEY.Key_Delete)
    assert table.prompts() == ["a dog", "a fox"]
    QGuiApplication.clipboard().setText("one\ntwo")
    QTest.keyClick(table, KEY.Key_V, MOD.ControlModifier)
    assert table.prompts() == ["a dog", "a fox", "one", "two"]


def test_prompts_are_typed_one_after_the_other_with_enter(qtbot: QtBot) -> None:
    table = PromptsTable()
    qtbot.addWidget(table)
    with qtbot.waitExposed(table):
        table.show()
    prompts = ["a cat", "a dog", "a fox"]
    for number, prompt in enumerate(prompts):
        QTest.keyClick(table, prompt[0])
        field = table.findChildren(QLineEdit)[-1]
        QTest.keyClicks(field, prompt[1:])
        with qtbot.waitSignal(field.destroyed):
            QTest.keyClick(field, KEY.Key_Return)
        assert table.prompts() == prompts[: number + 1] and table.chosen() == ""


def test_the_prompt_above_is_added_once(page: PromptPage) -> None:
    page.compare._stack.setCurrentWidget(page.compare._with)
    page.show_part("compare")
    page.compare.set_prompts(["a cat", "a fox"])
    for text in ("a (cute:1.2)  dog", "a cat"):
        page.editor.setPlainText(text)
        button(page.compare, "Add the prompt above").click()
    assert page.compare.prompts.prompts() == ["a cat", "a fox", "a cute dog"]
    assert page.compare.prompts.chosen() == "a cat"


def test_the_empty_row_says_what_it_is_for(qtbot: QtBot) -> None:
    table = PromptsTable()
    qtbot.addWidget(table)

    def drawn(row: int) -> str:
        option = QStyleOptionViewItem()
        table.itemDelegate().initStyleOption(option, table.model().index(row, 0))
        return option.text

    assert drawn(0) == "Type a prompt here"
    table.set_prompts(["a cat"])
    assert (drawn(0), drawn(1)) == ("a cat", "Type another prompt here")


def test_a_change_of_the_compared_prompts_can_be_undone(qtbot: QtBot) -> None:
    table = PromptsTable()
    qtbot.addWidget(table)
    table.set_prompts(["a cat", "a dog"])
    table.setCurrentCell(0, 0)
    QTest.keyClick(table, KEY.Key_Delete)
    table.item(0, 0).setText("a fox")
    table.setCurrentCell(1, 0)
    QTest.keyClick(table, KEY.Key_Delete)  # the empty row: nothing to take back
    changed = QSignalSpy(table.promptsChanged)
    seen = []
    for _ in range(2):
        table.undo()
        seen.append(table.prompts())
    assert seen == [["a dog"], ["a cat", "a dog"]] and changed.count() == 2


def test_undo_is_of_the_compared_prompts_while_they_have_the_focus(page: PromptPage) -> None:
    page.editor.setPlainText("")
    page.editor.set_text("a cat")
    page.show_part("compare")
    page.compare._stack.setCurrentWidget(page.compare._with)
    table = page.compare.prompts
    table.set_prompts(["a cat", "a dog"])
    table.setFocus()
    QTest.keyClick(table, KEY.Key_Delete)
    page.undo()
    assert (table.prompts(), page.editor.toPlainText()) == (["a cat", "a dog"], "a cat")
    page.editor.setFocus()
    page.undo()
    assert (table.prompts(), page.editor.toPlainText()) == (["a cat", "a dog"], "")


def test_letters_go_on_behind_z() -> None:
    assert [letter(n) for n in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]


@pytest.mark.parametrize("share", [n / 50 for n in range(51)])
def test_numbers_can_be_read_on_every_colour_of_a_matrix(share: float) -> None:
    def luminance(channels: tuple[int, ...]) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (channel / 255 for channel in channels[:3])
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted(luminance(colour.getRgb()) for colour in theme.cividis(share))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_busy_and_problem_are_said_without_moving_what_is_above(part: ComparePart) -> None:
    part.set_encoder(None)
    part.show_busy(Progress(3, 64, "Encoding prompts"))
    assert said(part, "Encoding prompts…") and button(part, "Cancel").isVisible()
    part.show_busy(None)
    assert not button(part, "Cancel").isVisible()
    part.show_problem("It has no tokenizer.")
    assert said(part, "It has no tokenizer.")


def test_nothing_lies_at_a_place_without_a_chip(chips: ChipCanvas, vocabulary: Vocabulary) -> None:
    chips.set_reading(reading(vocabulary, "cat"))
    activated = QSignalSpy(chips.tokenActivated)
    QTest.mouseClick(chips, Qt.MouseButton.LeftButton, pos=QPoint(400, 280))
    assert activated.count() == 0
