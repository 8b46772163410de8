"""What is said under a prompt: its count, its notes, and words for one of its tokens."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tokenizers import Tokenizer, models, pre_tokenizers

from tests.core.vocabulary.small_vocabularies import built
from tests.ui.by_words import button
from tests.ui.charts.maps import answer
from tokensim_gui.core.job import Job
from tokensim_gui.core.prompt.prompt_reading import Reading, read_prompt
from tokensim_gui.core.prompt.prompt_tokens import tokenize_prompt
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui.prompt_page.instead_row import InsteadRow
from tokensim_gui.ui.prompt_page.notes_pane import NotesPane
from tokensim_gui.ui.prompt_page.prompt_editor import PromptEditor
from tokensim_gui.ui.prompt_page.prompt_foot import PromptFoot


def reading(vocabulary: Vocabulary, text: str) -> Reading:
    return read_prompt(text, vocabulary, "a1111", "clip", job=Job())


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
    prompt = tokenize_prompt(text, vocabulary, "a1111", limit)
    foot.set_reading(Reading(text, vocabulary, prompt, ()))
    assert foot.text() == words


def test_a_count_by_the_tokens_of_another_encoder_is_called_a_guess(
    qtbot: QtBot, vocabulary: Vocabulary
) -> None:
    foot, pane = PromptFoot(), NotesPane()
    qtbot.addWidget(foot)
    qtbot.addWidget(pane)
    read = read_prompt("cat " * 260, vocabulary, "compel", "schnell", job=Job())
    foot.set_reading(read)
    pane.set_notes(read.notes)
    assert foot.text() == "about 260 tokens, 5 over the limit of 255 (by the tokens of CLIP)"
    assert "A guess: FLUX.1 schnell counts the tokens of T5, and these are of CLIP." in pane.text()
    assert "A guess" not in "".join(note.words for note in reading(vocabulary, "cat").notes)


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
        ("banananana", "“banananana” is split into"),
        ("a bird, bird", "“bird” stands more than once."),
        ("don’t", "“don’t” is 4 tokens here, 2 in A1111/Forge"),
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


def test_the_row_of_words_puts_one_in_by_enter(qtbot: QtBot, vocabulary: Vocabulary) -> None:
    row = InsteadRow(vocabulary)
    qtbot.addWidget(row)
    row.show_words([2368, 1929], [0.5, 0.25])
    assert row.shown_ids() == [2368, 1929]
    row.focus_first_row()
    with qtbot.waitSignal(row.replaceRequested) as chosen:
        QTest.keyClick(row.focusProxy(), Qt.Key.Key_Return)
    assert chosen.args == [2368]


@pytest.mark.parametrize(
    ("word", "twins", "others"),
    [
        ("café", "cafe cafè", "cave"),
        ("λόγος", "λογος", "λόγοι"),
        ("❤", "❤️", "♡"),
        ("か", "", "が"),
        ("は", "", "ば ぱ"),
        ("и", "", "й"),
        ("का", "", "की क"),
    ],
)
def test_a_word_with_other_accents_is_the_same_one_but_a_word_of_other_letters_is_not(
    qtbot: QtBot, tmp_path: Path, word: str, twins: str, others: str
) -> None:
    words = [word, *twins.split(), *others.split()]
    pieces = [("<unk>", 0.0), *((f"▁{one}", -2.0) for one in words)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    vocabulary = built(tmp_path, tokenizer, len(pieces))
    row = InsteadRow(vocabulary)
    qtbot.addWidget(row)
    read = reading(vocabulary, word)
    near = answer(range(2, len(pieces)), [(0, 0)] * (len(pieces) - 1))
    row.show_answer(read, read.prompt.tokens[0], near)
    assert [vocabulary.text(token) for token in row.shown_ids()] == others.split()
