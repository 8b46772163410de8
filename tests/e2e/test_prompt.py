"""The Prompt page in the real window."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from driver import LONG_MS, Driver
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLabel,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.core.prompt.comfyui_graphs import GRAPHS
from tests.prompt_files import png, save_clip
from tokensim_gui.ui.encoders_page.table_row import TableRow
from tokensim_gui.ui.prompt_page.prompt_page import PromptPage
from tokensim_gui.ui.window.actions import Action

Start = Callable[..., Driver]
KEY, MOD = Qt.Key, Qt.KeyboardModifier


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_clip(tmp_path_factory.mktemp("clip"))


def prompt_page(driver: Driver) -> PromptPage:
    driver.window.menus.actions[Action.PAGE_PROMPT].trigger()
    return driver.window.pages.page("prompt")


def tokens(driver: Driver) -> list[str]:
    """Wait until the prompt is read; returns the texts of its tokens."""
    prompt = driver.session.prompt

    def is_read() -> bool:
        return prompt.reading is not None and prompt.reading.text == prompt.text

    driver.qtbot.waitUntil(is_read, timeout=LONG_MS)
    assert prompt.reading is not None
    vocabulary = prompt.reading.vocabulary
    return [vocabulary.display(token.id) for token in prompt.reading.prompt.tokens]


def type_prompt(driver: Driver, text: str) -> list[str]:
    page = prompt_page(driver)
    page.editor.selectAll()
    page.editor.insertPlainText(text)
    assert driver.session.prompt.text == text
    return tokens(driver)


def press(widget: QWidget, words: str) -> None:
    found = [one for one in widget.findChildren(QPushButton) if one.text() == words]
    found[0].click()


def drop(widget: QWidget, path: Path) -> bool:
    """Drop a file on a widget; returns whether it was taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    actions = Qt.DropAction.CopyAction
    args = (actions, data, Qt.MouseButton.LeftButton, MOD.NoModifier)
    enter = QDragEnterEvent(QPoint(5, 5), *args)
    QGuiApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPoint(5, 5), *args)
    QGuiApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_the_first_prompt_is_there_when_the_page_is_first_shown(tokensim: Driver) -> None:
    prompt_page(tokensim)
    assert tokens(tokensim)[:3] == ["a", "cute", "girl"]
    assert tokensim.window.pages.page("prompt").foot.text() == "11 of 75 tokens"


def test_a_word_is_replaced_by_keyboard_alone_and_brought_back(
    tokensim: Driver, qtbot: QtBot
) -> None:
    page = prompt_page(tokensim)
    type_prompt(tokensim, "😅 a (cat:1.2)")
    page.chips.setFocus()
    QTest.keyClick(page.chips, KEY.Key_End)
    qtbot.waitUntil(lambda: len(page.instead.shown_ids()) > 0, timeout=LONG_MS)
    page.instead.focus_first_row()
    first = tokensim.session.tables.vocabulary.text(page.instead.shown_ids()[0])
    table = page.instead.focusWidget()
    assert table is not None
    QTest.keyClick(table, KEY.Key_Return)
    assert page.editor.toPlainText() == f"😅 a ({first}:1.2)"
    assert tokens(tokensim)[-1] == first
    page.focus_editor()
    tokensim.window.menus.actions[Action.UNDO].trigger()
    assert page.editor.toPlainText() == "😅 a (cat:1.2)"


def test_the_token_under_the_cursor_is_selected_and_marked(tokensim: Driver) -> None:
    page = prompt_page(tokensim)
    type_prompt(tokensim, "a cute cat")
    QTest.keyClick(page.editor, KEY.Key_Home)
    QTest.keyClick(page.editor, KEY.Key_Right, MOD.ControlModifier)
    QTest.keyClick(page.editor, KEY.Key_Right)
    assert tokensim.session.prompt.selection == 1
    cute = tokensim.session.tables.vocabulary.id_of_piece("cute</w>")
    assert tokensim.session.search.selection == cute
    (mark,) = page.editor.extraSelections()
    assert mark.cursor.selectedText() == "cute"


def test_the_word_that_is_typed_is_the_one_selected(tokensim: Driver) -> None:
    page = prompt_page(tokensim)
    page.focus_editor()
    for text, word in (("a ca", "ca"), ("a cat", "cat"), ("a cat dog", "dog")):
        type_prompt(tokensim, text)
        token = tokensim.session.prompt.token()
        assert token is not None and text[token.start : token.end] == word


def test_enter_on_a_chip_looks_it_up_on_the_search_page(tokensim: Driver) -> None:
    page = prompt_page(tokensim)
    type_prompt(tokensim, "a kitten")
    page.chips.setFocus()
    QTest.keyClick(page.chips, KEY.Key_End)
    QTest.keyClick(page.chips, KEY.Key_Return)
    assert tokensim.page.isVisible() and tokensim.session.search.query.text == "kitten"


def test_a_dropped_picture_fills_the_editors_and_a_model_is_left_to_the_window(
    tokensim: Driver, tmp_path: Path, qtbot: QtBot
) -> None:
    page = prompt_page(tokensim)
    picture = png(
        tmp_path / "x.png",
        "parameters",
        "a fox\nNegative prompt: bug\nSteps: 9, Seed: 1, Size: 8x8",
    )
    assert drop(page, picture)
    qtbot.waitUntil(lambda: page.editors["prompt"].toPlainText() == "a fox", timeout=LONG_MS)
    assert page.editors["negative"].toPlainText() == "bug"
    assert page.settings.text() == "Steps: 9 · Seed: 1 · Size: 8x8"
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    drop(page, model)
    running = tokensim.session.encoders.running
    assert running is not None and running.name == "model"
    drop(page, tmp_path / "model.safetensors")
    assert page.editors["prompt"].toPlainText() == "a fox"


def test_a_dropped_caption_and_other_pictures_are_the_pages_too(
    tokensim: Driver, tmp_path: Path, qtbot: QtBot
) -> None:
    page = prompt_page(tokensim)
    caption, block, photo = (tmp_path / name for name in ("a.txt", "b.txt", "c.jpg"))
    caption.write_text("a cat on a mat\n")
    block.write_text("a fox\nNegative prompt: bug\nSteps: 9, Seed: 1, Size: 8x8")
    photo.write_bytes(b"\xff\xd8\xff")
    editor, negative = page.editor, page.editors["negative"]
    assert drop(page, caption)
    qtbot.waitUntil(lambda: editor.toPlainText() == "a cat on a mat", timeout=LONG_MS)
    assert drop(page, block)
    qtbot.waitUntil(lambda: negative.toPlainText() == "bug", timeout=LONG_MS)
    assert drop(page, photo)
    damaged = "“c.jpg” is damaged: no picture can be read out of it."
    qtbot.waitUntil(lambda: tokensim.said() == damaged, timeout=LONG_MS)


def test_a_dropped_workflow_is_read_and_a_tokenizer_is_left_to_the_window(
    tokensim: Driver, tmp_path: Path, qtbot: QtBot
) -> None:
    page = prompt_page(tokensim)
    flow, tokenizer = tmp_path / "portrait_api.json", tmp_path / "tokenizer.json"
    graph, prompts, _ = next(iter(GRAPHS.values()))
    flow.write_text(json.dumps(graph))
    assert drop(page, flow)
    qtbot.waitUntil(lambda: page.editor.toPlainText() == prompts[0], timeout=LONG_MS)
    tokenizer.write_text("{}")
    drop(page, tokenizer)
    running = tokensim.session.encoders.running
    assert running is not None and running.name == "tokenizer.json"
    assert page.editor.toPlainText() == prompts[0]


def test_a_dropped_file_is_copied_and_never_moved(tokensim: Driver, tmp_path: Path) -> None:
    page = prompt_page(tokensim)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(png(tmp_path / "x.png", "parameters", "a fox")))])
    both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    args = (both, data, Qt.MouseButton.LeftButton, MOD.ShiftModifier)  # asks for a move
    for event in (QDragEnterEvent(QPoint(5, 5), *args), QDropEvent(QPoint(5, 5), *args)):
        assert event.proposedAction() == Qt.DropAction.MoveAction
        QGuiApplication.sendEvent(page, event)
        assert event.isAccepted() and event.dropAction() == Qt.DropAction.CopyAction


def test_a_pasted_block_lands_in_both_editors_and_is_undone(tokensim: Driver) -> None:
    page = prompt_page(tokensim)
    type_prompt(tokensim, "before")
    QGuiApplication.clipboard().setText("a fox\nNegative prompt: bug\nSteps: 9, Seed: 1, Size: 8x8")
    page.editor.paste()
    assert tokens(tokensim) == ["a", "fox"]
    page.editor.undo()
    assert page.editor.toPlainText() == "before"


def test_a_block_with_the_line_ends_of_windows_is_undone_as_one(tokensim: Driver) -> None:
    page = prompt_page(tokensim)
    type_prompt(tokensim, "before")
    tokensim.session.prompt.take_block(
        "a fox,\r\nred\r\nNegative prompt: bug\r\nSteps: 9, Seed: 1, Size: 8x8"
    )
    assert page.settings.text().startswith("Steps: 9")
    page.editor.undo()
    sides = {side: editor.toPlainText() for side, editor in page.editors.items()}
    assert sides == {"prompt": "before", "negative": ""}
    assert page.settings.text() == ""


def test_a_dropped_folder_of_captions_is_listed_and_left_again(
    tokensim: Driver, tmp_path: Path, qtbot: QtBot
) -> None:
    page = prompt_page(tokensim)
    folder = tmp_path / "captions"
    folder.mkdir()
    (folder / "one.txt").write_text("a cat on a mat")
    assert drop(page, folder)
    model = page.captions.table.model()
    qtbot.waitUntil(lambda: model.rowCount() == 1, timeout=LONG_MS)
    assert page.captions.isVisible()
    page.captions.table.setCurrentIndex(model.index(0, 0))
    QTest.keyClick(page.captions.table, KEY.Key_Return)
    qtbot.waitUntil(lambda: page.editor.toPlainText() == "a cat on a mat", timeout=LONG_MS)
    assert page.chips.isVisible() and not page.captions.isVisible()


def test_weights_follow_the_prompt_and_the_converted_one_is_copied(
    tokensim: Driver, qtbot: QtBot
) -> None:
    page = prompt_page(tokensim)
    page.show_part("weights")
    type_prompt(tokensim, "((cat)) dog")
    qtbot.waitUntil(lambda: page.weights.result.toPlainText() == "(cat:1.21) dog", timeout=LONG_MS)
    press(page.weights, "Copy")
    assert QGuiApplication.clipboard().text() == "(cat:1.21) dog"
    assert tokensim.said() == "Copied “(cat:1.21) dog”."
    press(page.weights, "Convert")
    assert page.editor.toPlainText() == "(cat:1.21) dog"
    assert tokensim.settings.write_for == "comfyui"


def test_prompts_are_made_kept_exported_and_put_into_the_editor(
    tokensim: Driver, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = prompt_page(tokensim)
    page.show_part("vary")
    page.vary.template.setText("a #emoji# cat")
    press(page.vary, "Make prompts")
    qtbot.waitUntil(lambda: len(page.vary.list.prompts()) == 20, timeout=LONG_MS)
    target = tmp_path / "prompts.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    press(page.vary, "Export all…")
    assert target.read_text("utf-8").splitlines() == page.vary.list.prompts()
    first = page.vary.list.prompts()[0]
    page.vary.useRequested.emit(first)
    assert page.editor.toPlainText() == first
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "prompts.txt" / "x"), "")
    )
    press(page.vary, "Export all…")
    assert "prompts.txt" in tokensim.said()


def test_prompts_are_compared_by_an_encoder_that_is_opened(
    tokensim: Driver, qtbot: QtBot, clip_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = prompt_page(tokensim)
    type_prompt(tokensim, "a (cat:1.2) <lora:x:1>")
    page.show_part("compare")
    assert page.compare.prompts.prompts() == ["a cat"]
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_: (str(clip_folder / "config.json"), "")
    )
    press(page.compare, "Open encoder…")
    qtbot.waitUntil(page.compare.prompts.isVisible, timeout=LONG_MS)
    press(page.compare, "Compare")
    assert "one prompt only" in page.compare._problem.text()
    page.compare.set_prompts(["a cat", "a dog"])
    press(page.compare, "Compare")
    qtbot.waitUntil(lambda: page.compare.matrix.accessibleDescription() != "", timeout=LONG_MS)
    assert page.compare.matrix.isVisible() and page.compare._problem.text() == ""
    page.compare.views.chosen.emit("influence")
    page.compare.views.set_current("influence")
    press(page.compare, "Measure influence")
    qtbot.waitUntil(page.compare.strip.isVisible, timeout=LONG_MS)


@pytest.mark.parametrize(
    ("interface", "weighted"),
    [("a1111", "a (cat:1.1)"), ("comfyui", "a (cat:1.1)"), ("compel", "a (cat)1.1")],
)
def test_ctrl_up_weighs_the_word_under_the_cursor_as_the_interface_writes_it(
    tokensim: Driver, interface: str, weighted: str
) -> None:
    page = prompt_page(tokensim)
    tokensim.window.tray.interface.chosen.emit(interface)
    type_prompt(tokensim, "a cat")
    QTest.keyClick(page.editor, KEY.Key_End)
    QTest.keyClick(page.editor, KEY.Key_Up, MOD.ControlModifier)
    assert page.editor.toPlainText() == weighted
    QTest.keyClick(page.editor, KEY.Key_Down, MOD.ControlModifier)
    assert page.editor.toPlainText() == "a cat"
    page.editor.undo()
    page.editor.undo()
    assert page.editor.toPlainText() == "a cat"


def test_the_encoder_of_a_checkpoint_is_opened_from_its_row(
    tokensim: Driver, qtbot: QtBot, clip_folder: Path
) -> None:
    tokensim.session.encoders.open_path(clip_folder)
    qtbot.waitUntil(lambda: tokensim.session.tables.info.slug != "starter", timeout=LONG_MS)
    tokensim.window.menus.actions[Action.PAGE_ENCODERS].trigger()
    encoders = tokensim.window.pages.page("encoders")
    rows = [row for row in encoders.findChildren(TableRow) if not row.isHidden()]
    facts = {row._slug: row._facts_text for row in rows}
    slug = tokensim.session.tables.info.slug
    assert "whole encoder: can compare prompts" in facts[slug]
    assert "token vectors" in facts["starter"]
    row = next(row for row in rows if row._slug == slug)
    action = next(one for one in row._menu.actions() if one.data() == "prompts")
    assert action.isVisible()
    action.trigger()
    page = tokensim.window.pages.page("prompt")
    assert page.isVisible() and page.compare.isVisible()
    qtbot.waitUntil(page.compare.prompts.isVisible, timeout=LONG_MS)
    assert page.compare._problem.text() == ""


def test_an_encoder_taken_into_use_elsewhere_is_offered_on_coming_back(
    tokensim: Driver, qtbot: QtBot, clip_folder: Path
) -> None:
    page = prompt_page(tokensim)
    page.show_part("compare")
    tokensim.window.menus.actions[Action.PAGE_ENCODERS].trigger()
    tokensim.session.encoders.open_path(clip_folder)
    qtbot.waitUntil(lambda: tokensim.session.tables.info.slug != "starter", timeout=LONG_MS)
    prompt_page(tokensim)
    qtbot.waitUntil(page.compare._use.isVisible, timeout=LONG_MS)
    with qtbot.waitSignal(tokensim.session.tables.frontChanged, timeout=LONG_MS):
        tokensim.session.tables.show("starter")
    assert not page.compare._use.isVisible()


def test_f6_goes_round_and_the_other_pages_keep_their_gestures(tokensim: Driver) -> None:
    page = prompt_page(tokensim)
    type_prompt(tokensim, "a cat")
    tokensim.session.prompt.select(1)
    page.focus_editor()
    seen = []
    for _ in range(4):
        tokensim.window.menus.actions[Action.NEXT_PANE].trigger()
        focused = tokensim.window.focusWidget()
        seen.append(
            [
                name
                for name in ("editor", "parts", "chips", "instead")
                if getattr(page, name) is focused or getattr(page, name).isAncestorOf(focused)
            ]
        )
    assert seen == [["parts"], ["chips"], ["instead"], ["editor"]]


def test_copying_on_the_page_takes_the_selection_of_the_editor_or_the_token(
    tokensim: Driver,
) -> None:
    page = prompt_page(tokensim)
    type_prompt(tokensim, "a kitten")
    page.focus_editor()
    page.editor.selectAll()
    tokensim.window.menus.actions[Action.COPY].trigger()
    assert QGuiApplication.clipboard().text() == "a kitten"
    page.chips.setFocus()
    tokensim.session.prompt.select(1)
    tokensim.window.menus.actions[Action.COPY].trigger()
    assert QGuiApplication.clipboard().text() == "kitten"


def test_typing_in_a_long_prompt_never_waits_for_its_tokens(tokensim: Driver) -> None:
    page = prompt_page(tokensim)
    words = ", ".join(["(masterpiece:1.2)", "1girl with long hair", "[blurry] sea"] * 50)
    page.editor.setPlainText(words)
    tokens(tokensim)
    took = []
    for character in "cat on a mat":
        began = time.perf_counter()
        QTest.keyClick(page.editor, character)
        took.append(time.perf_counter() - began)
        tokens(tokensim)
    assert sorted(took)[len(took) // 2] < 0.033


def test_the_room_given_to_the_editor_is_remembered(start: Start) -> None:
    page = prompt_page(start().ready())
    page.halves.setSizes([320, 300])
    page.halves.splitterMoved.emit(320, 1)
    assert prompt_page(start().ready()).halves.sizes() == page.halves.sizes()


@pytest.mark.parametrize("size", [(560, 480), (900, 600), (1400, 900)])
@pytest.mark.parametrize("part", ["tokens", "weights", "vary", "compare"])
def test_every_part_fits_every_window(tokensim: Driver, size: tuple[int, int], part: str) -> None:
    page = prompt_page(tokensim)
    page.show_part(part)
    tokensim.window.resize(*size)
    QGuiApplication.processEvents()
    assert (tokensim.window.width(), tokensim.window.height()) == size
    assert page.minimumSizeHint().width() <= size[0]


def test_the_parts_stay_under_the_mouse_whichever_is_shown(tokensim: Driver) -> None:
    page = prompt_page(tokensim)
    tokens(tokensim)
    places = set()
    for part in ("tokens", "weights", "vary", "compare"):
        page.show_part(part)
        QApplication.sendPostedEvents()
        places.add(page.parts.mapTo(page, QPoint()).toTuple())
    assert len(places) == 1


def test_weights_offers_to_convert_in_one_place(tokensim: Driver) -> None:
    page = prompt_page(tokensim)

    def offers() -> list[str]:
        buttons = page.findChildren(QAbstractButton)
        return [one.text() for one in buttons if one.isVisible() and "Convert" in one.text()]

    assert offers() == ["Convert to"]
    page.show_part("weights")
    assert offers() == ["Convert"]
    page.show_part("tokens")
    assert offers() == ["Convert to"]


def test_without_a_prompt_there_is_nothing_to_copy_and_the_notes_say_what_they_are(
    tokensim: Driver,
) -> None:
    page = prompt_page(tokensim)
    buttons = {one.text(): one for one in page.foot.findChildren(QAbstractButton)}
    assert type_prompt(tokensim, "cat") and buttons["Copy"].isEnabled()

    def notes() -> list[str]:
        return [one.text() for one in page.notes.findChildren(QLabel) if one.isVisible()]

    assert "Nothing to say about this prompt." in notes()
    page.editor.clear()
    assert not tokens(tokensim) and not buttons["Copy"].isEnabled()
    assert not buttons["Use tokens in Search"].isEnabled()
    assert any(words.startswith("What might be mended") for words in notes())


def test_the_notes_leave_the_editor_more_room_in_a_narrower_window(tokensim: Driver) -> None:
    page = prompt_page(tokensim)
    widths = []
    for width in (1400, 900):
        tokensim.window.resize(width, 600)
        tokensim.qtbot.waitUntil(lambda width=width: page.width() == width)
        QApplication.sendPostedEvents()
        widths.append(page.notes.width())
    assert widths == [380, 296]


def test_a_sign_or_a_piece_of_a_word_says_why_nothing_is_offered_instead(
    tokensim: Driver,
) -> None:
    page = prompt_page(tokensim)
    assert type_prompt(tokensim, "cat, fireflies") == ["cat", ",", "fire", "flies"]

    def said() -> str:
        return " ".join(one.text() for one in page.instead.findChildren(QLabel))

    for index, words in ((1, "“,” No word is like a sign."), (2, "“fireflies” It is 2 tokens")):
        tokensim.session.prompt.select(index)
        tokensim.qtbot.waitUntil(lambda words=words: words in said(), timeout=LONG_MS)
        assert not page.instead.shown_ids()
    tokensim.session.prompt.select(0)
    tokensim.qtbot.waitUntil(lambda: len(page.instead.shown_ids()) > 0, timeout=LONG_MS)


def test_neither_forms_of_the_word_nor_its_accented_twins_are_offered_instead(
    tokensim: Driver,
) -> None:
    page = prompt_page(tokensim)
    type_prompt(tokensim, "a lantern")
    for index, left_out in ((0, {"à", "á", "ä"}), (1, {"lanterns"})):
        page.instead.show_nothing()
        tokensim.session.prompt.select(index)
        tokensim.qtbot.waitUntil(lambda: len(page.instead.shown_ids()) > 0, timeout=LONG_MS)
        text = tokensim.session.tables.vocabulary.text
        assert not left_out & {text(token) for token in page.instead.shown_ids()}


def show_first_note(tokensim: Driver, text: str, selected: int) -> PromptPage:
    """Type a prompt, select one of its tokens, and press Show beside the first note."""
    page = prompt_page(tokensim)
    type_prompt(tokensim, text)
    tokensim.session.prompt.select(selected)
    next(b for b in page.notes.findChildren(QPushButton) if b.text() == "Show").click()
    return page


def test_show_of_a_note_selects_the_token_too(tokensim: Driver) -> None:
    page = show_first_note(tokensim, "a cat with fireflies", 0)
    assert tokensim.session.prompt.selection == 3
    (mark,) = [
        one.cursor.selectedText()
        for one in page.editor.extraSelections()
        if one.format.background().style() != Qt.BrushStyle.NoBrush
    ]
    assert mark == "fireflies"


def test_show_of_a_note_about_a_bracket_selects_no_token(tokensim: Driver) -> None:
    show_first_note(tokensim, "(cat, dog", 2)
    assert tokensim.session.prompt.selection == 2
