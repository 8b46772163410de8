"""The Prompt page as a whole."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
)

from tests.ui.by_words import button, said
from tokensim_gui.core.prompt.models import REACHES
from tokensim_gui.state.prompt import PromptState
from tokensim_gui.state.prompt_encoder import OpenEncoder
from tokensim_gui.ui import theme
from tokensim_gui.ui.prompt_page.prompt_page import PromptPage

KEY = Qt.Key

ENCODER = OpenEncoder(Path("a.safetensors"), "CLIP-L", 12, "CPU", model=None)


def test_the_model_in_the_head_is_the_one_counted_against(
    page: PromptPage, prompt: PromptState
) -> None:
    prompt.set_model("schnell")
    assert page.head.model.text() == REACHES["schnell"].title
    page.head.model.chosen.emit("clip")
    assert prompt.model == "clip"


def test_influence_is_offered_beside_the_prompt_and_measured_under_compare(
    page: PromptPage,
) -> None:
    button(page.notes, "Measure influence…").click()
    assert page.parts.current() == "compare" and page.compare.views.current() == "influence"


BLOCK = "a cat\nNegative prompt: blurry\nSteps: 28, Sampler: Euler a, Seed: 7"


def taken(page: PromptPage) -> tuple[str, str, str]:
    texts = (page.editors[side].toPlainText() for side in ("prompt", "negative"))
    return (*texts, page.settings.text())


@pytest.mark.parametrize("side", ["prompt", "negative"])
def test_one_undo_takes_a_whole_block_back_and_one_redo_brings_it(
    page: PromptPage, prompt: PromptState, side: str
) -> None:
    prompt.blocks.take("a dog")
    prompt.blocks.take("an ox", "bad", "Steps: 9")
    prompt.take_block(BLOCK)
    whole = ("a cat", "blurry", "Steps: 28 · Sampler: Euler a · Seed: 7")
    assert taken(page) == whole
    page.editors[side].undo()
    assert taken(page) == ("an ox", "bad", "Steps: 9")
    page.editors[side].redo()
    assert taken(page) == whole
    for _ in range(2):
        page.editors[side].undo()
    assert taken(page) == ("a dog", "", "")


def test_a_side_that_was_edited_since_stays_when_the_block_goes(
    page: PromptPage, prompt: PromptState
) -> None:
    prompt.blocks.take("a dog")
    prompt.take_block(BLOCK)
    page.editors["negative"].set_text("blurry, dark")
    page.editors["prompt"].undo()
    assert taken(page) == ("a dog", "blurry, dark", "")


def test_settings_go_with_the_last_of_their_prompts(page: PromptPage, prompt: PromptState) -> None:
    prompt.take_block(BLOCK)
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


def test_without_any_prompt_there_is_nothing_to_compare(page: PromptPage) -> None:
    page.compare.compareRequested.emit([], 0)
    assert said(page.compare, "There is no prompt yet. Type two or more.")


def test_the_prompt_above_is_added_once(page: PromptPage) -> None:
    page.compare.set_encoder(ENCODER)
    page.show_part("compare")
    page.compare.set_prompts(["a cat", "a fox"])
    for text in ("a (cute:1.2)  dog", "a cat"):
        page.editor.setPlainText(text)
        button(page.compare, "Add the prompt above").click()
    assert page.compare.prompts.prompts() == ["a cat", "a fox", "a cute dog"]
    assert page.compare.prompts.chosen() == "a cat"


def test_undo_is_of_the_compared_prompts_while_they_have_the_focus(page: PromptPage) -> None:
    page.editor.setPlainText("")
    page.editor.set_text("a cat")
    page.show_part("compare")
    page.compare.set_encoder(ENCODER)
    table = page.compare.prompts
    table.set_prompts(["a cat", "a dog"])
    table.setFocus()
    QTest.keyClick(table, KEY.Key_Delete)
    page.undo()
    assert (table.prompts(), page.editor.toPlainText()) == (["a cat", "a dog"], "a cat")
    page.editor.setFocus()
    page.undo()
    assert (table.prompts(), page.editor.toPlainText()) == (["a cat", "a dog"], "")
