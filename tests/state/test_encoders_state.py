from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from safetensors.numpy import save, save_file

from tests.core.hub.hub_server import Hub, serving
from tokensim_gui.core.files.table import FILE_NAME, Table
from tokensim_gui.core.job import Progress
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.jobs import child_process
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.encoder_names import found_notice, labels, megabytes, models_of
from tokensim_gui.state.encoders import Encoders, Problem, Running
from tokensim_gui.state.file_checks import Check, Look
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.settings import Settings

LONG_MS = 60_000
KEY = "model.embed_tokens.weight"


def vectors(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((1000, 64)).astype(np.float16)


def checkpoint(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({KEY: vectors() + np.float16(len(path.stem) + ord(path.stem[0]))}, path)
    return path


class Watched:
    """Encoders, and all that they said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.library = TableLibrary()
        self.settings = Settings()
        self.worker = Worker()
        tables = OpenTables(self.library, self.settings, self.worker)
        self.encoders = Encoders(self.library, self.settings, tables)
        self.notices: list[Notice] = []
        self.problems: list[Problem | None] = []
        self.imported: list[str] = []
        self.runs: list[Running] = []
        self.encoders.noticed.connect(self.notices.append)
        self.encoders.problemChanged.connect(self.problems.append)
        self.encoders.imported.connect(self.imported.append)
        self.encoders.runningChanged.connect(self._on_running_changed)

    def _on_running_changed(self, running: Running | None) -> None:
        if running is not None:
            self.runs.append(running)

    def idle(self) -> None:
        self.qtbot.waitUntil(lambda: self.encoders.running is None, timeout=LONG_MS)

    def began(self) -> None:
        self.qtbot.waitUntil(
            lambda: bool(self.runs and self.runs[-1].progress.text), timeout=LONG_MS
        )

    def tables(self) -> list[str]:
        return [info.slug for info in self.library.tables()][1:]


@pytest.fixture
def watched(qtbot: QtBot) -> Iterator[Watched]:
    watched = Watched(qtbot)
    yield watched
    watched.encoders.close()
    watched.worker.close()


def test_an_opened_file_becomes_a_table_and_is_told(watched: Watched, tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "tiny.safetensors")
    watched.encoders.open_path(path)
    watched.idle()
    assert (watched.imported, watched.tables()) == (["tiny"], ["tiny"])
    said = watched.notices[-1].text
    assert said.startswith("tiny (1 MB) out of tiny.safetensors. Showing it.")
    assert "The tokens of tiny have ids, but no names. To change that, put its tok" in said
    assert watched.settings.recent_files == (str(path),)


def test_sources_are_read_one_after_the_other(watched: Watched, tmp_path: Path) -> None:
    paths = [checkpoint(tmp_path / f"{name}.safetensors") for name in ("one", "two")]
    for path in (*paths, paths[1]):
        watched.encoders.open_path(path)
    assert watched.encoders.running is not None
    assert watched.encoders.running.waiting == (str(paths[1]),)
    watched.idle()
    assert watched.imported == ["one", "two"]


def test_a_damaged_file_is_one_sentence_and_the_next_is_read(
    watched: Watched, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"\x00" * 1000)
    watched.encoders.open_path(damaged)
    watched.encoders.open_path(checkpoint(tmp_path / "sound.safetensors"))
    watched.idle()
    (problem,) = [problem for problem in watched.problems if problem is not None]
    assert problem.sentence.startswith("damaged.safetensors") and problem.sentence.endswith(".")
    assert problem.source == str(damaged)
    assert watched.problems[-1] == problem
    assert watched.tables() == ["sound"]


def test_cancelling_ends_all_imports_and_changes_nothing(watched: Watched, tmp_path: Path) -> None:
    watched.encoders.open_path(checkpoint(tmp_path / "one.safetensors"))
    watched.encoders.open_path(checkpoint(tmp_path / "two.safetensors"))
    watched.encoders.cancel()
    watched.idle()
    assert watched.notices[-1].text == "Stopped reading one.safetensors; nothing was changed."
    assert (watched.imported, watched.tables()) == ([], [])


def test_closing_during_an_import_leaves_the_library_as_before(
    watched: Watched, tmp_path: Path
) -> None:
    watched.encoders.open_path(checkpoint(tmp_path / "one.safetensors"))
    watched.idle()
    watched.runs.clear()
    watched.encoders.open_path(checkpoint(tmp_path / "two.safetensors"))
    watched.encoders.close()
    assert watched.encoders.running is None
    assert watched.tables() == ["one"]


def test_a_check_tells_a_sound_table_from_a_changed_one(watched: Watched, tmp_path: Path) -> None:
    source = checkpoint(tmp_path / "tiny.safetensors")
    watched.encoders.open_path(source)
    watched.idle()
    checks: list[Check | None] = []
    watched.encoders.files.checkChanged.connect(checks.append)
    watched.encoders.files.check("tiny")
    watched.encoders.files.check("starter")
    watched.qtbot.waitUntil(lambda: checks[-1] is None, timeout=LONG_MS)
    sound = ["“tiny” is on the disk exactly", "“Starter words” is on the disk exactly"]
    assert [notice.text.split(" as ")[0] for notice in watched.notices[-2:]] == sound
    file = watched.library.folder("tiny") / FILE_NAME
    content = bytearray(file.read_bytes())
    content[-2000] ^= 1  # norms and mean come after the vectors
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    watched.encoders.files.check("tiny")
    watched.qtbot.waitUntil(lambda: watched.problems[-1] is not None, timeout=LONG_MS)
    problem = watched.problems[-1]
    assert problem is not None and problem.source == str(source)
    assert problem.sentence == "The vectors of tiny have changed on disk. Import it again."


def test_a_look_finds_checkpoints_and_can_be_stopped(watched: Watched, tmp_path: Path) -> None:
    for number in range(3):
        checkpoint(tmp_path / "models" / f"{number}" / "tiny.safetensors")
    looks: list[Look] = []
    watched.encoders.files.lookChanged.connect(looks.append)
    watched.encoders.files.look([tmp_path / "models"])
    watched.qtbot.waitUntil(lambda: not looks[-1].running, timeout=LONG_MS)
    assert looks[0] == Look(running=True)
    found = looks[-1].found
    assert [one.path.parent.name for one in found] == ["0", "1", "2"]
    assert found[0].encoders == (("tiny", 128_000),)
    watched.encoders.files.look([tmp_path / "models"])
    watched.encoders.files.stop_looking()
    watched.qtbot.waitUntil(lambda: not looks[-1].running, timeout=LONG_MS)


# The hub ------------------------------------------------------------------------------------


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    content = save({KEY: vectors(), "other": np.zeros(200_000, np.float32)})
    with serving(Hub(files={"model.safetensors": content})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.delenv("HF_HUB_OFFLINE")
        yield hub


def test_offline_is_one_sentence(watched: Watched) -> None:
    watched.encoders.open_source("hf:a/b")
    watched.idle()
    assert watched.problems[-1] == Problem(
        "HF_HUB_OFFLINE forbids the network. Unset it to fetch encoders.", "hf:a/b"
    )


def test_token_vectors_are_fetched_out_of_a_repository(watched: Watched, hub: Hub) -> None:
    watched.encoders.open_source("hf:a/b")
    watched.idle()
    (slug,) = watched.imported
    assert Table.load(watched.library.folder(slug)).data.tobytes() == vectors().tobytes()
    assert watched.library.info(slug).source == "hf:a/b:model.safetensors"
    assert any(run.sentence == "Fetching a/b… 100%" for run in watched.runs)


def test_an_interrupted_download_is_offered_and_continued(watched: Watched, hub: Hub) -> None:
    hub.trouble = ["", "cut 40000", "gzip"]
    watched.encoders.open_source("hf:a/b")
    watched.idle()
    assert watched.imported == []
    assert watched.encoders.interrupted() == {"a/b": 40_000}
    watched.encoders.open_source("hf:a/b")
    watched.idle()
    (slug,) = watched.imported
    assert Table.load(watched.library.folder(slug)).data.tobytes() == vectors().tobytes()
    begin = hub.asked_ranges()[1][0]
    assert hub.asked_ranges()[-1][0] == begin + 40_000
    assert watched.encoders.interrupted() == {}


def test_a_download_that_stalls_can_be_cancelled(
    watched: Watched, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "_KILL_AFTER_MS", 100)
    hub.trouble = ["", "stall 40000"]
    watched.encoders.open_source("hf:a/b")
    watched.qtbot.waitUntil(lambda: len(hub.ranges()) == 2, timeout=LONG_MS)
    watched.encoders.cancel()
    watched.idle()
    assert watched.notices[-1].text == "Stopped reading a/b; what came is kept."
    assert watched.tables() == []


# Words --------------------------------------------------------------------------------------


def table(name: str, size: int = 75_890_688, notice: str = "") -> dict[str, Any]:
    return {"slug": name.lower(), "name": name, "bytes": size, "notice": notice}


def test_two_encoders_are_told_with_their_sizes_and_the_second_is_offered() -> None:
    tables = [table("CLIP-L"), table("OpenCLIP bigG", 126_976_000)]
    notice = found_notice("xl.safetensors", tables, can_compare=False)
    assert notice.text == (
        "2 text encoders in xl.safetensors: CLIP-L (76 MB) and OpenCLIP bigG (127 MB). "
        "Showing CLIP-L."
    )
    assert notice.offers == (Offer("Show OpenCLIP bigG", "open", "openclip bigg"),)
    notice = found_notice("xl.safetensors", tables, can_compare=True)
    assert notice.offers[1] == Offer("Compare", "page", "compare")


def test_what_a_table_lacks_is_told() -> None:
    notice = found_notice("x.gguf", [table("X", notice="No tokenizer was found for X.")], True)
    assert notice == Notice("X (76 MB) out of x.gguf. Showing it. No tokenizer was found for X.")


def test_a_vocabulary_alone_is_told_as_one() -> None:
    notice = found_notice("vocab.json", [table("vocab", 0)], can_compare=True)
    assert notice.text == "vocab (a vocabulary without vectors) out of vocab.json. Showing it."


@pytest.mark.parametrize(
    ("size", "words"), [(1, "1 MB"), (75_890_688, "76 MB"), (1_089_994_752, "1.1 GB")]
)
def test_sizes_are_short(size: int, words: str) -> None:
    assert megabytes(size) == words


def test_the_chooser_names_models_and_tells_twins_apart() -> None:
    starter = TableLibrary().info("starter")
    clip = replace(starter, slug="clip-l", name="CLIP-L", dim=768, source="/m/xl.safetensors")
    assert models_of(starter) == () and models_of(clip)[:2] == ("SD 1.5", "SDXL")
    assert labels([starter, clip]) == {
        "starter": "Starter words",
        "clip-l": "CLIP-L · SD 1.5, SDXL, SD 3",
    }
    relative = replace(clip, family="byte-bpe", name="Qwen3-VL-4B", rows=151_936, dim=2560)
    assert models_of(relative) == ()
    assert models_of(replace(relative, name="Mine", encoder="Qwen3-4B"))[0] == "Z-Image"
    assert models_of(replace(relative, name="Qwen3-4B (a.gguf)"))[0] == "Z-Image"
    twin = replace(clip, slug="clip-l-2", source="/m/dream.ckpt")
    assert labels([clip, twin]) == {
        "clip-l": "CLIP-L · xl.safetensors",
        "clip-l-2": "CLIP-L · dream.ckpt",
    }
    folders = [
        replace(clip, slug=slug, source=f"/m/{slug}/text_encoder/model.safetensors")
        for slug in ("one", "two")
    ]
    assert labels(folders) == {
        "one": "CLIP-L · one/text_encoder/model.safetensors",
        "two": "CLIP-L · two/text_encoder/model.safetensors",
    }
    for sources, expected in (
        (("hf:o/r:a/m.st", "hf:o/r:b/m.st"), ("a/m.st", "b/m.st")),
        (("hf:o/r:m.st", "hf:p/r:m.st"), ("o/r", "p/r")),
        (("C:\\a\\m.st", "/a/m.st"), ("C/a/m.st", "/a/m.st")),
        (("/a/m.st", "/a/m.st"), ("one", "two")),  # two tensors of one file
    ):
        twins = [
            replace(clip, slug=slug, source=source)
            for slug, source in zip(("one", "two"), sources, strict=True)
        ]
        names = [f"CLIP-L · {end}" for end in expected]
        assert list(labels(twins).values()) == names


@pytest.mark.parametrize(
    ("running", "sentence"),
    [
        (Running("/a.ckpt", "a.ckpt"), "Reading a.ckpt…"),
        (Running("hf:a/b", "T5", Progress(1, 4, "Fetching T5")), "Fetching T5… 25%"),
        (Running("/a.ckpt", "a.ckpt", Progress(1, 4, "Saving T5")), "a.ckpt: saving T5… 25%"),
        (Running("/a.ckpt", "a.ckpt", Progress(text="Saving T5")), "a.ckpt: saving T5…"),
    ],
)
def test_progress_is_a_sentence(running: Running, sentence: str) -> None:
    assert running.sentence == sentence
