"""What users bring to the Prompt page: blocks, pictures, captions."""

import json
from pathlib import Path

import pytest

from tests.prompt_files import png
from tests.state.prompt_bench import Bench
from tokensim_gui.core.prompt.prompt_reading import Reading, holds_model
from tokensim_gui.state.settings import Settings


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
