"""Many files opened at once: good ones, bad ones, and names that no file has."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file

from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.encoders import Encoders, Problem
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.settings import Settings

if TYPE_CHECKING:
    from tokensim_gui.state.notice import Notice

LONG_MS = 120_000


class Opened:
    """Encoders, and the last that they said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.settings, self.library, self.worker = Settings(), TableLibrary(), Worker()
        tables = OpenTables(self.library, self.settings, self.worker)
        self.encoders = Encoders(self.library, self.settings, tables)
        self.notices: list[Notice] = []
        self.encoders.noticed.connect(self.notices.append)

    def problem(self) -> Problem:
        self.qtbot.waitUntil(lambda: self.encoders.running is None, timeout=LONG_MS)
        assert self.encoders.problem is not None
        return self.encoders.problem


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Opened]:
    opened = Opened(qtbot)
    yield opened
    opened.encoders.close()
    opened.worker.close()


def sound(path: Path) -> Path:
    rows = np.random.default_rng(0).standard_normal((1000, 64)).astype(np.float16)
    save_file({"model.embed_tokens.weight": rows}, path)
    return path


def test_each_of_several_bad_files_is_told_and_tried_again(opened: Opened, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.ckpt", "b.safetensors", "c.pt")]
    opened.encoders.open_paths(paths)
    problem = opened.problem()
    first, *told = problem.sentence.split("\n")
    assert first == problem.headline == "3 could not be opened."
    assert [path.name in line for path, line in zip(paths, told, strict=True)] == [True] * 3
    said = opened.notices[-1]
    assert (said.text, [offer.payload for offer in said.offers]) == (first, ["encoders"])
    sound(paths[2])
    opened.encoders.try_again()
    assert opened.problem().sentence.startswith("2 could not be opened.")
    assert [info.name for info in opened.library.tables()][1:] == ["c"]


def test_a_file_that_opens_last_does_not_hide_those_that_did_not(
    opened: Opened, tmp_path: Path
) -> None:
    opened.encoders.open_paths([tmp_path / "a.ckpt", tmp_path / "b.ckpt", sound(tmp_path / "c.pt")])
    assert opened.problem().others == (str(tmp_path / "b.ckpt"),)
    said = opened.notices[-1]
    assert "Showing it." in said.text and said.text.endswith("2 could not be opened.")
    assert "encoders" in [offer.payload for offer in said.offers]


def test_a_file_that_is_opened_later_begins_anew(opened: Opened, tmp_path: Path) -> None:
    for name in ("a.ckpt", "b.ckpt"):
        opened.encoders.open_path(tmp_path / name)
        assert opened.problem().sentence.startswith(name)


def test_of_very_many_bad_files_the_first_are_told_and_how_many_more() -> None:
    problem = Problem.of([Problem(f"{n}.ckpt is bad.", f"/{n}.ckpt") for n in range(1000)])
    lines = problem.sentence.split("\n")
    assert (lines[0], lines[-1]) == ("1000 could not be opened.", "And 992 more.")
    assert len(lines) == 10 and len(problem.others) == 999


def test_a_thousand_files_are_noted_once(opened: Opened, tmp_path: Path) -> None:
    runs: list[object] = []
    opened.encoders.runningChanged.connect(runs.append)
    opened.encoders.open_paths([tmp_path / f"{n}.ckpt" for n in range(1000)])
    assert len(runs) == 1  # and not one more for each that waits
    assert opened.encoders.running is not None and len(opened.encoders.running.waiting) == 999
    assert opened.settings.recent_files[0] == str(tmp_path / "999.ckpt")
    opened.encoders.cancel()
    opened.qtbot.waitUntil(lambda: opened.encoders.running is None, timeout=LONG_MS)


def test_a_name_that_no_file_has_opens_none(opened: Opened, tmp_path: Path) -> None:
    """The end of an argument is a NUL: the file called by what stands before it was opened."""
    sound(tmp_path / "a.pt")
    opened.encoders.open_path(tmp_path / "a.pt\0.pt")
    assert opened.problem().sentence == "a.pt\ufffd.pt can't be the name of a file."
    assert opened.settings.recent_files == () and len(opened.library.tables()) == 1


def test_each_name_that_no_file_has_is_told_among_others(opened: Opened, tmp_path: Path) -> None:
    sound(tmp_path / "good.pt")
    paths = [tmp_path / name for name in ("a\0x.pt", "b\0x.pt", "none.pt", "good.pt")]
    opened.encoders.open_paths(paths)
    first, *told = opened.problem().sentence.split("\n")
    assert first == "3 could not be opened." and told[2].startswith("none.pt ")
    assert [line.partition(" ")[0] for line in told[:2]] == ["a\ufffdx.pt", "b\ufffdx.pt"]
    # What no file can be called is not tried again.
    assert (opened.problem().source, opened.problem().others) == (str(tmp_path / "none.pt"), ())
    opened.encoders.open_paths(paths[:2])
    assert opened.problem().headline == opened.notices[-1].text == "2 could not be opened."
    assert opened.problem().source == ""


@pytest.mark.parametrize("is_mended", [False, True])
def test_what_is_tried_again_while_another_is_read_is_told_as_it_came_out(
    is_mended: bool, opened: Opened, tmp_path: Path
) -> None:
    encoders, bad = opened.encoders, tmp_path / "bad.pt"
    encoders.open_paths([bad, sound(tmp_path / "good.pt")])
    opened.qtbot.waitUntil(lambda: encoders.problem is not None, timeout=LONG_MS)
    assert encoders.running is not None and encoders.running.name == "good.pt"
    if is_mended:
        sound(bad)
    encoders.try_again()
    assert encoders.problem is None
    opened.qtbot.waitUntil(lambda: encoders.running is None, timeout=LONG_MS)
    lines = encoders.problem.sentence.split("\n") if encoders.problem else []
    assert [line.partition(" ")[0] for line in lines] == ([] if is_mended else ["bad.pt"])


@pytest.mark.parametrize("name", ["x" * 300 + ".safetensors", "y/" * 2500 + "a.pt", "n\nl.pt"])
def test_a_name_too_long_or_on_two_lines_is_one_sentence(
    opened: Opened, tmp_path: Path, name: str
) -> None:
    opened.encoders.open_path(tmp_path / name)
    assert opened.encoders.running is not None and "\n" not in opened.encoders.running.sentence
    sentence = opened.problem().sentence
    assert "can't be read: " in sentence and "\n" not in sentence


def test_one_bad_entry_of_a_list_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    written = {
        "recent_files": ["/a.ckpt", 5, "/b.ckpt", "c\0"],
        "columns": ["token", "rank", "id"],
        "history": [[1.0, "cat"], ["x", 2], [2.0, "dog"]],
        "tray": [[True, 1.0, 2368, "cat</w>", "cat", "word"], [True, "x"], 7],
    }
    path.write_text(json.dumps(written))
    settings = Settings(path)
    assert settings.recent_files == ("/a.ckpt", "/b.ckpt")
    assert settings.columns == ("token", "id")
    assert settings.history == ((1.0, "cat"), (2.0, "dog"))
    assert [change.token.id for change in settings.tray] == [2368, 7]
    settings.set("history", [(3.0, "fox")])  # joined with what another window wrote
    assert [text for _, text in Settings(path).history] == ["cat", "dog", "fox"]


def test_settings_far_too_large_are_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    with path.open("wb") as file:
        file.truncate(2**31)
    settings = Settings(path)
    settings.set("theme", "dark")
    assert settings.save_problem == "" and json.loads(path.read_text()) == {"theme": "dark"}
    assert (tmp_path / "settings.broken.json").stat().st_size == 2**31


def test_two_windows_keep_the_files_that_either_opened(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    Settings(path).set("recent_files", [f"/{n}" for n in range(10)])
    one, other = Settings(path), Settings(path)
    for window, name in ((one, "/a"), (other, "/b"), (one, "/c")):
        window.set("recent_files", [name, *window.recent_files][:10])
    assert Settings(path).recent_files[:5] == ("/c", "/b", "/a", "/0", "/1")
    alone = Settings(path)
    alone.set("recent_files", ["/d", *alone.recent_files][:10])
    assert Settings(path).recent_files == ("/d", "/c", "/b", "/a", *(f"/{n}" for n in range(6)))


def test_several_files_opened_at_once_stay_together(opened: Opened, tmp_path: Path) -> None:
    opened.settings.set("recent_files", [f"/{n}" for n in range(10)])
    Settings().set("recent_files", ["/b", *(f"/{n}" for n in range(9))])
    opened.encoders.open_paths([Path("/d"), Path("/3"), Path("/c")])
    opened.encoders.cancel()
    opened.qtbot.waitUntil(lambda: opened.encoders.running is None, timeout=LONG_MS)
    assert Settings().recent_files == (
        "/c",
        "/3",
        "/d",
        "/b",
        *(f"/{n}" for n in (0, 1, 2, 4, 5, 6)),
    )


def test_the_last_files_of_two_windows_are_kept_in_their_order(tmp_path: Path) -> None:
    random = Random(0)
    for number in range(5):
        path = tmp_path / f"{number}.json"
        windows, last = [Settings(path), Settings(path)], list[str]()
        for _ in range(24):
            window, name = random.choice(windows), f"/{random.randrange(25)}"
            if name in window.recent_files[:1]:
                continue  # nothing changes there
            window.set("recent_files", list(dict.fromkeys([name, *window.recent_files]))[:10])
            last = list(dict.fromkeys([name, *last]))
            assert list(Settings(path).recent_files) == last[:10]
