"""The state of the Prompt page, with the real worker, encoder table and tokenizer."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.prompt_files import png, save_clip
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.prompt.interfaces import WITH_WEIGHTS
from tokensim_gui.core.prompt.prompt_reading import Reading, Weights, holds_model, prompt_marks
from tokensim_gui.core.values import Query, Results, TokenFilter
from tokensim_gui.state.prompt_encoder import Compared, OpenEncoder, Varied
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

if TYPE_CHECKING:
    from tokensim_gui.core.job import Progress
    from tokensim_gui.state.notice import Notice

LONG_MS = 60_000


class Bench:
    """A session without a window, and the editor that a page would be."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.settings = Settings()
        self.session = Session(self.settings, TableLibrary())
        self.prompt = self.session.prompt
        self.notices: list[Notice] = []
        self.session.noticed.connect(self.notices.append)
        self.prompt.replaceAsked.connect(self._on_replace_asked)
        self.prompt.blocks.textsTaken.connect(self._on_texts_taken)
        self.session.show_first()
        self.prompt.set_shown(True)

    def _on_replace_asked(self, start: int, end: int, text: str) -> None:
        whole = self.prompt.text
        self.prompt.set_text(whole[:start] + text + whole[end:], self.prompt.side)

    def _on_texts_taken(self, prompt: str, negative: str) -> None:
        self.prompt.set_text(prompt, "prompt")
        self.prompt.set_text(negative, "negative")

    def open_table(self) -> "Bench":
        with self.qtbot.waitSignal(self.session.tables.frontChanged, timeout=LONG_MS):
            self.session.tables.show("starter")
        return self

    def read(self, text: str | None = None) -> list[str]:
        """Type a prompt and wait until it is read; returns the texts of its tokens."""
        if text is not None:
            self.prompt.set_text(text, self.prompt.side)
        self.qtbot.waitUntil(self._is_read, timeout=LONG_MS)
        reading = self.prompt.reading
        assert reading is not None
        return [reading.vocabulary.display(token.id) for token in reading.prompt.tokens]

    def _is_read(self) -> bool:
        reading = self.prompt.reading
        return reading is not None and reading.text == self.prompt.text

    def select(self, word: str) -> list[int]:
        """Select the token of a word; returns what lies near it."""
        names = self.read()
        with self.qtbot.waitSignal(
            self.prompt.neighboursChanged,
            timeout=LONG_MS,
            check_params_cb=lambda answer: isinstance(answer, Results),
        ) as asked:
            self.prompt.select(names.index(word))
        assert asked.args is not None
        return list(asked.args[0].ids.tolist())

    def wait(self, signal: SignalInstance, kind: type | tuple[type, ...]) -> Any:
        with self.qtbot.waitSignal(
            signal, timeout=LONG_MS, check_params_cb=lambda value: isinstance(value, kind)
        ) as waiting:
            pass
        assert waiting.args is not None
        return waiting.args[0]

    def close(self) -> None:
        self.session.close()


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.close()


# Reading ----------------------------------------------------------------------------------


def test_a_typed_prompt_is_read_with_places_in_code_points(bench: Bench) -> None:
    assert bench.read("😅 a (cat:1.3)") == ["😅", "a", "cat"]
    assert bench.prompt.reading is not None
    places = [(token.start, token.end) for token in bench.prompt.reading.prompt.tokens]
    assert places == [(0, 1), (2, 3), (5, 8)]


def test_nothing_is_read_for_a_page_that_is_not_seen(bench: Bench) -> None:
    bench.read("cat")
    bench.prompt.set_shown(False)
    with bench.qtbot.waitSignal(bench.prompt._soon.timeout, timeout=LONG_MS):
        bench.prompt.set_text("dog", "prompt")
    bench.prompt.template.fill(
        "#word#", 1, 1, TokenFilter(), "a1111"
    )  # passes through the same worker
    bench.wait(bench.prompt.template.changed, object)
    assert bench.prompt.reading is not None and bench.prompt.reading.text == "cat"
    bench.prompt.set_shown(True)
    assert bench.read() == ["dog"]


def test_prompt_and_negative_prompt_are_kept_apart(bench: Bench) -> None:
    bench.read("a cat")
    bench.prompt.set_side("negative")
    assert bench.read("blurry") == ["blurry"]
    bench.prompt.set_side("prompt")
    assert bench.read() == ["a", "cat"]


def test_both_prompts_are_remembered(bench: Bench) -> None:
    bench.prompt.set_text("a cat", "prompt")
    bench.prompt.set_text("blurry", "negative")
    bench.session.close()
    assert (Settings().last_prompt, Settings().last_negative) == ("a cat", "blurry")


def test_model_and_program_decide_what_is_cut_off(bench: Bench) -> None:
    bench.settings.set("write_for", "compel")
    bench.read("cat " * 300)
    assert bench.prompt.reading is not None
    assert len(bench.prompt.reading.prompt.chunks) == 4
    with bench.qtbot.waitSignal(bench.prompt.readingChanged, timeout=LONG_MS):
        bench.prompt.set_model("schnell")
    assert bench.prompt.reading.prompt.over == 45
    with bench.qtbot.waitSignal(bench.prompt.readingChanged, timeout=LONG_MS):
        bench.prompt.set_written_for("comfyui")
    assert bench.prompt.reading.prompt.over == 0  # it cuts nothing


def test_the_interface_decides_the_weights(bench: Bench) -> None:
    bench.read("[cat]")
    for interface, count in (("comfyui", 3), ("a1111", 1)):
        bench.settings.set("write_for", interface)
        with bench.qtbot.waitSignal(bench.prompt.readingChanged, timeout=LONG_MS):
            bench.prompt.read()
        assert len(bench.read()) == count


def test_a_text_that_is_no_prompt_is_refused_in_a_sentence(bench: Bench) -> None:
    with bench.qtbot.waitSignal(
        bench.prompt.problemChanged, timeout=LONG_MS, check_params_cb=bool
    ) as problem:
        bench.prompt.set_text("a" * 100_001, "prompt")
    assert problem.args == ["This text has 100,001 characters; a prompt ends at 100,000."]


# What users bring -------------------------------------------------------------------------


def test_a_block_of_a1111_fills_both_prompts_and_its_settings(bench: Bench) -> None:
    said: list[str] = []
    bench.prompt.blocks.settingsChanged.connect(said.append)
    block = "a cat\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, Seed: 7"
    assert bench.prompt.take_block(block)
    assert bench.prompt.texts == {"prompt": "a cat", "negative": "blurry"}
    assert said == ["Steps: 20 · Sampler: Euler a · Seed: 7"]
    assert not bench.prompt.take_block("a prompt alone")


def test_prompt_editing_takes_the_steps_of_the_block_or_those_that_are_chosen(
    bench: Bench,
) -> None:
    bench.prompt.take_block("[cat:dog:0.5]\nSteps: 28, Sampler: Euler a, Seed: 7")
    bench.read()
    assert bench.prompt.reading is not None
    words = [note.words for note in bench.prompt.reading.notes]
    assert "Up to step 14 of 28 “cat”, then “dog”." in words
    bench.prompt.set_steps(30)
    words = [note.words for note in bench.wait(bench.prompt.readingChanged, Reading).notes]
    assert "Up to step 15 of 30 “cat”, then “dog”." in words
    assert Settings().prompt_steps == 30
    bench.prompt.set_text("a [cat:dog:0.02]", "prompt")
    bench.prompt.set_steps(50)
    bench.prompt.convert_to("comfyui")
    assert bench.prompt.text == "a cat"


def test_a_picture_gives_its_prompts(bench: Bench, tmp_path: Path) -> None:
    nodes = {
        "1": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a bug"}},
        "3": {"class_type": "KSampler", "inputs": {"positive": ["1", 0], "negative": ["2", 0]}},
    }
    bench.prompt.files.read_picture(png(tmp_path / "fox.png", "prompt", json.dumps(nodes)))
    bench.wait(bench.prompt.blocks.noticed, object)
    assert bench.prompt.texts == {"prompt": "a fox", "negative": "a bug"}
    assert bench.notices[-1].text == "Took the prompt of ComfyUI out of “fox.png”."


def test_a_picture_without_a_prompt_changes_nothing_and_says_so(
    bench: Bench, tmp_path: Path
) -> None:
    bench.prompt.set_text("kept", "prompt")
    bench.prompt.files.read_picture(png(tmp_path / "bare.png", "Title", "none"))
    bench.wait(bench.prompt.files.noticed, object)
    assert bench.prompt.text == "kept"
    assert "holds no prompt" in bench.notices[-1].text


def test_of_two_pictures_the_one_that_was_dropped_last_is_taken(
    bench: Bench, tmp_path: Path
) -> None:
    taken: list[str] = []
    bench.prompt.blocks.textsTaken.connect(lambda prompt, _: taken.append(prompt))
    for text in ("a fox", "an ox"):
        bench.prompt.files.read_picture(png(tmp_path / f"{text}.png", "parameters", text))
    bench.wait(bench.prompt.blocks.noticed, object)
    assert taken == ["an ox"]


def test_a_picture_that_comes_late_does_not_take_the_place_of_what_was_typed_since(
    bench: Bench, tmp_path: Path
) -> None:
    bench.prompt.files.read_picture(png(tmp_path / "fox.png", "parameters", "a fox"))
    bench.prompt.set_text("typed since", "prompt")
    bench.wait(bench.prompt.files.noticed, object)
    assert bench.prompt.text == "typed since"
    assert bench.notices[-1].text == "“fox.png” was not taken: the prompt changed meanwhile."


def test_a_caption_is_read_into_the_side_in_front(bench: Bench, tmp_path: Path) -> None:
    bench.prompt.set_text("kept", "prompt")
    bench.prompt.set_side("negative")
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfa \xff cat\n")
    bench.prompt.files.read_caption(tmp_path / "a.txt")
    bench.wait(bench.prompt.files.captionRead, str)
    assert bench.prompt.texts == {"prompt": "kept", "negative": "a \ufffd cat"}
    bench.prompt.files.read_caption(tmp_path / "none.txt")
    bench.wait(bench.prompt.files.noticed, object)
    assert bench.notices[-1].text == "“none.txt” can't be read: No such file or directory."


def test_a_folder_of_captions_is_checked(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a cat")
    (tmp_path / "b.txt").write_text("cat " * 90)
    bench.prompt.captions.check(tmp_path, bench.prompt.places)
    files = bench.wait(bench.prompt.captions.changed, tuple)
    assert [(file.path.name, file.tokens, file.over) for file in files] == [
        ("a.txt", 2, 0),
        ("b.txt", 90, 15),
    ]


def test_captions_left_in_the_middle_do_not_come_back(bench: Bench, tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}.txt").write_text("a cat on a mat " * 20)
    seen: list[object] = []
    bench.prompt.captions.changed.connect(seen.append)
    bench.prompt.captions.check(tmp_path, bench.prompt.places)
    bench.prompt.captions.leave()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.txt").write_text("a dog")
    bench.prompt.captions.check(tmp_path / "other", bench.prompt.places)
    files = bench.wait(bench.prompt.captions.changed, tuple)
    assert [file.path.name for file in files] == ["b.txt"]
    assert seen == [None, files]


def test_a_folder_without_captions_is_one_sentence(bench: Bench, tmp_path: Path) -> None:
    bench.prompt.captions.check(tmp_path, bench.prompt.places)
    assert "holds no caption file" in bench.wait(bench.prompt.captions.changed, str)


@pytest.mark.parametrize("name", ["model_index.json", "config.json", "model.safetensors"])
def test_a_model_folder_is_no_folder_of_captions(tmp_path: Path, name: str) -> None:
    assert not holds_model(tmp_path)
    (tmp_path / name).write_text("")
    assert holds_model(tmp_path)


def test_a_word_stays_selected_when_another_interface_reads_the_prompt(bench: Bench) -> None:
    names = bench.read("a [red:blue:0.5] cat on a mat")
    bench.prompt.select(names.index("cat"))
    assert bench.session.tables.vocabulary.display(bench.prompt.token().id) == "cat"
    before = bench.prompt.selection
    bench.settings.set("write_for", "comfyui")
    with bench.qtbot.waitSignal(bench.prompt.readingChanged, timeout=LONG_MS):
        bench.prompt.read()
    assert bench.prompt.selection != before
    assert bench.session.tables.vocabulary.display(bench.prompt.token().id) == "cat"


# Instead of -------------------------------------------------------------------------------


def test_a_selected_word_has_neighbours_that_are_usable_words(bench: Bench) -> None:
    bench.open_table()
    bench.read("a cat")
    near = bench.select("cat")
    names = [bench.session.tables.vocabulary.display(token) for token in near]
    assert "kitten" in names and "cat" not in names
    assert bench.session.search.selection == bench.session.tables.vocabulary.id_of_piece("cat</w>")


def test_a_neighbour_takes_the_place_of_the_token_and_no_other(bench: Bench) -> None:
    bench.open_table()
    bench.read("😅 (cat:1.2), cat")
    bench.select("cat")
    kitten = bench.session.tables.vocabulary.id_of_piece("kitten</w>")
    assert kitten is not None
    bench.prompt.replace(kitten)
    assert bench.prompt.text == "😅 (kitten:1.2), cat"
    assert bench.read() == ["😅", "kitten", ",", "cat"]
    assert bench.prompt.selection == 1


def test_a_token_that_becomes_another_one_in_its_new_place_is_told(bench: Bench) -> None:
    bench.open_table()
    bench.read("banananana")
    bench.select("ban")
    cat = bench.session.tables.vocabulary.id_of_piece("cat</w>")
    assert cat is not None
    bench.prompt.replace(cat)
    bench.read()
    assert bench.notices[-1].text.startswith("In this place “cat” is read as ")


def test_what_an_interface_reads_as_syntax_is_escaped_when_it_is_put_in(bench: Bench) -> None:
    bench.open_table()
    bench.read("a cat")
    bench.select("cat")
    smiley = bench.session.tables.vocabulary.id_of_piece(":)</w>")
    assert smiley is not None
    bench.prompt.replace(smiley)
    assert bench.prompt.text == r"a :\)"
    assert bench.read() == ["a", ":)"]


def test_the_selection_moves_to_the_last_token_when_the_prompt_gets_shorter(bench: Bench) -> None:
    bench.read("a cute cat")
    bench.prompt.select(2)
    bench.read("a")
    assert bench.prompt.selection == 0
    bench.read("")
    assert bench.prompt.selection is None


def test_underscores_that_cost_tokens_become_spaces(bench: Bench) -> None:
    bench.read("(long_hair:1.2), blue_eyes, ^_^")
    assert bench.prompt.reading is not None
    assert bench.prompt.reading.underscored[0] == ("long_hair", 3, 2)
    bench.prompt.spaces_for_underscores()
    assert bench.prompt.text == "(long hair:1.2), blue eyes, ^_^"


def test_names_of_networks_and_wildcards_keep_their_underscores(bench: Bench) -> None:
    bench.read("<lora:long_hair:1> __long_hair__ very_long_hair (long_hair:1.2)")
    bench.prompt.spaces_for_underscores()
    assert bench.prompt.text == "<lora:long_hair:1> __long_hair__ very long hair (long hair:1.2)"


# Weights ----------------------------------------------------------------------------------


def test_every_word_has_a_weight_under_every_interface(bench: Bench) -> None:
    bench.read("a (red:1.2) cat++")
    bench.prompt.want_weights(True)
    weights = bench.wait(bench.prompt.weightsChanged, Weights)
    rows = {row.text: dict(zip(WITH_WEIGHTS, row.weights, strict=True)) for row in weights.rows}
    assert rows["red"]["a1111"] == rows["red"]["comfyui"] == 1.2
    assert rows["red"]["compel"] == rows["red"]["novelai"] == 1
    assert rows["cat"]["compel"] == pytest.approx(1.21)
    assert rows[":1.2"]["a1111"] is None and rows[":1.2"]["novelai"] == 1


def test_a_word_in_escaped_brackets_is_one_row_with_them(bench: Bench) -> None:
    bench.read(r"cat \(artist\), dog")
    bench.prompt.want_weights(True)
    weights = bench.wait(bench.prompt.weightsChanged, Weights)
    assert [row.text for row in weights.rows] == ["cat", r"\(artist\)", "dog"]


def test_a_prompt_is_written_for_the_interface_that_is_chosen(bench: Bench) -> None:
    bench.read("((cat)) <lora:x:1>")
    bench.prompt.want_weights(True)
    bench.wait(bench.prompt.weightsChanged, Weights)
    bench.prompt.set_target("compel")
    weights = bench.wait(bench.prompt.weightsChanged, Weights)
    assert weights.converted.text.strip() == "(cat)1.21"
    assert weights.converted.lost == ("The network tag “<lora:x:1>” is left out.",)


def test_using_a_converted_prompt_changes_for_whom_is_written(bench: Bench) -> None:
    bench.prompt.write_for("(cat)1.21", "compel")
    assert bench.settings.write_for == "compel"
    assert bench.read() == ["cat"]


def test_undoing_a_conversion_goes_back_to_its_interface(bench: Bench) -> None:
    bench.read("((cat))")
    bench.prompt.write_for("1.21::cat::", "novelai")
    told = [notice.text for notice in bench.notices]
    asked = []
    for text in ("((cat))", "1.21::cat::", "a dog", "((cat))"):  # undo, redo, and typed anew
        bench.read(text)
        asked.append(bench.settings.write_for)
    assert asked == ["a1111", "novelai", "novelai", "novelai"]
    assert told[-1] == "From now on this is a prompt for NovelAI."
    assert [notice.text for notice in bench.notices][-2:] == [
        f"From now on this is a prompt for {program}." for program in ("A1111/Forge", "NovelAI")
    ]


@pytest.mark.parametrize(
    ("text", "lines", "words"),
    [
        ("a cat", "prompts", "Copied “a cat”."),
        ("a\nb", "prompts", "Copied 2 prompts."),
        ("a\nb\nc", "lines", "Copied 3 lines."),
        ("cat " * 50, "lines", "Copied."),
    ],
)
def test_a_text_of_several_lines_is_counted_and_not_quoted(
    bench: Bench, text: str, lines: str, words: str
) -> None:
    bench.session.clipboard.copy_text(text, lines)
    assert bench.notices[-1].text == words
    assert QGuiApplication.clipboard().text() == text


# Variations -------------------------------------------------------------------------------


def test_slots_are_filled_and_the_seed_repeats_them(bench: Bench) -> None:
    made = []
    for _ in range(2):
        bench.prompt.template.fill("a #emoji# cat", 5, 7, TokenFilter(), "a1111")
        mutations = bench.wait(bench.prompt.template.changed, object)
        made.append([mutation.prompt for mutation in mutations.prompts])
    assert made[0] == made[1] and len(set(made[0])) == 5


def test_a_near_slot_needs_an_open_encoder_and_then_draws_neighbours(bench: Bench) -> None:
    bench.prompt.template.fill("a #near:cute# cat", 5, 7, TokenFilter(), "a1111")
    assert "open an encoder" in bench.wait(bench.prompt.template.changed, str)
    bench.open_table()
    bench.prompt.template.fill("a #near:cute# cat", 30, 7, TokenFilter(), "a1111")
    made = bench.wait(bench.prompt.template.changed, object)
    assert any("adorable" in mutation.prompt for mutation in made.prompts)


def test_a_near_slot_draws_few_prompts_from_the_nearest_alone(bench: Bench) -> None:
    bench.open_table()
    vocabulary, opened = bench.session.tables.vocabulary, bench.session.tables.front
    assert opened is not None
    nearest = opened.engine.search(Query("cute", count=40, map_count=0)).ids.tolist()
    words = {vocabulary.display(token) for token in nearest}
    bench.prompt.template.fill("#near:cute#", 20, 7, TokenFilter(), "a1111")
    made = bench.wait(bench.prompt.template.changed, object)
    assert {mutation.prompt for mutation in made.prompts} <= words


def test_a_template_without_a_slot_is_one_sentence(bench: Bench) -> None:
    bench.prompt.template.fill("a cat", 5, 7, TokenFilter(), "a1111")
    assert bench.wait(bench.prompt.template.changed, str).startswith("The template holds no")


# Text encodings ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_clip(tmp_path_factory.mktemp("clip"))


def test_prompts_are_compared_by_an_opened_encoder(bench: Bench, clip_folder: Path) -> None:
    encodings = bench.session.encoder
    encodings.open(clip_folder)
    encoder = bench.wait(encodings.encoderChanged, OpenEncoder)
    assert encoder.layers == 3
    encodings.compare(["a cat", "a dog", "a cat"], 1)
    compared = bench.wait(encodings.answered, Compared)
    assert compared.whole.shape == (3, 3)
    assert compared.whole[0, 2] == pytest.approx(1) and compared.whole[0, 1] < 1
    encodings.influence("a cat", 0)
    influence = bench.wait(encodings.answered, object)
    assert len(influence.ids) == 2 and np.all(influence.pooled > 0)


def test_swaps_of_near_tokens_are_ranked_by_their_encodings(
    bench: Bench, clip_folder: Path
) -> None:
    bench.open_table()
    encodings = bench.session.encoder
    encodings.open(clip_folder)
    bench.wait(encodings.encoderChanged, OpenEncoder)
    bench.prompt.vary("a red cat", 0)
    varied = bench.wait(encodings.answered, Varied)
    likeness = [one.similarity for one in varied.variations]
    assert likeness == sorted(likeness, reverse=True)
    assert "a red kitten" in [one.prompt for one in varied.variations]


def test_encoding_can_be_cancelled_and_the_next_question_is_answered(
    bench: Bench, clip_folder: Path
) -> None:
    encodings = bench.session.encoder
    encodings.open(clip_folder)
    bench.wait(encodings.encoderChanged, OpenEncoder)
    answers: list[object] = []
    encodings.answered.connect(answers.append)
    prompts = [f"{number} a cat on the roof of a house " * 8 for number in range(64)]
    busy: list[Progress | None] = []
    encodings.busyChanged.connect(busy.append)
    encodings.compare(prompts, 0)
    bench.qtbot.waitUntil(
        lambda: any(one is not None and one.done for one in busy), timeout=LONG_MS
    )
    encodings.cancel()
    bench.qtbot.waitUntil(lambda: busy[-1] is None, timeout=1000)
    assert answers == []
    encodings.compare(["a", "b"], 0)
    assert isinstance(bench.wait(encodings.answered, Compared), Compared)


def test_a_checkpoint_without_a_whole_encoder_is_one_sentence(bench: Bench, tmp_path: Path) -> None:
    encodings = bench.session.encoder
    (tmp_path / "x.safetensors").write_bytes(b"no checkpoint")
    with bench.qtbot.waitSignal(
        encodings.problemChanged, timeout=LONG_MS, check_params_cb=bool
    ) as problem:
        encodings.open(tmp_path / "x.safetensors")
    assert problem.args is not None and "x.safetensors" in problem.args[0]
    assert encodings.encoder is None


def test_the_open_checkpoint_is_looked_at_for_a_whole_encoder(
    bench: Bench, clip_folder: Path
) -> None:
    bench.session.encoder.look_at(str(clip_folder))
    whole = bench.wait(bench.session.encoder.wholeFound, object)
    assert whole.path == clip_folder and len(whole.names) == 1


def test_a_checkpoint_that_was_moved_away_has_no_whole_encoder(
    bench: Bench, tmp_path: Path
) -> None:
    bench.session.encoder.look_at(str(tmp_path / "gone.safetensors"))
    assert bench.wait(bench.session.encoder.wholeFound, object).names == ()


def test_only_what_is_sent_goes_to_the_encoder(bench: Bench) -> None:
    plain = bench.prompt.plain("a (cute:1.2) [cat] <lora:x:1> __wild__")
    assert plain.split() == ["a", "cute", "cat"]


# From the Search page ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("(cute + girl) / 2", ()),
        ("(banana:1.2)", ()),
        ("a, b, c", ()),
        ("masterpiece, (cat:1.2), best", ("weights",)),
        ("cat <lora:x:0.8>", ("a LoRA tag",)),
        ("a, b, (c:1.1) <lora:x:1> BREAK d", ("weights", "a LoRA tag", "a BREAK")),
        (", ".join(["beautiful scenery nature"] * 8), ("many parts between commas",)),
    ],
)
def test_a_query_is_known_as_a_prompt_by_its_marks(text: str, marks: tuple[str, ...]) -> None:
    assert prompt_marks(text) == marks


def test_a_prompt_typed_as_a_query_can_be_opened_or_searched(bench: Bench, qtbot: QtBot) -> None:
    text = "masterpiece, cat, (dog:1.2) <lora:x:1>"
    with qtbot.waitSignal(
        bench.session.noticed, timeout=LONG_MS, check_params_cb=lambda n: bool(n.text)
    ):
        bench.session.search.set_text(text)
    notice = bench.notices[-1]
    assert notice.text == "This looks like a prompt: weights and a LoRA tag."
    assert [offer.words for offer in notice.offers] == ["Open in Prompt", "Search it anyway"]
    pages: list[str] = []
    bench.session.pageRequested.connect(pages.append)
    bench.session.hint.leave(notice.offers[1].payload)
    bench.session.hint._rest.timeout.emit()
    assert pages == [] and bench.notices[-1].text == ""
    bench.session.open_in_prompt(text)
    assert pages == ["prompt"] and bench.prompt.text == text
