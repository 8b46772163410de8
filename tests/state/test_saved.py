"""What is saved by name: joined between windows, in and out as one file, and nothing lost."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_tables import add_little
from PySide6.QtCore import QCoreApplication

from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.saved_things import (
    SavedChange,
    SavedThing,
    as_list,
    merged_saved,
    saved_log,
)
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

if TYPE_CHECKING:
    from tokensim_gui.state.notice import Notice

CLIP = Vocabulary.load(paths.resource("starter"))


class Window:
    """The state of one window, and what it said last."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.session = Session(self.settings, TableLibrary())
        self.saved = self.session.saved
        self.said: list[Notice] = []
        self.session.noticed.connect(self.said.append)

    def keep(self, text: str, name: str = "") -> None:
        self.session.search.set_text(text)
        self.saved.save(self.saved.query_as(name or text))

    def names(self) -> list[str]:
        return [thing.name for thing in self.saved.things]


@pytest.fixture
def windows(qapp: QCoreApplication) -> Iterator[tuple[Window, Window]]:
    both = Window(), Window()
    yield both
    for window in both:
        window.session.close()


@pytest.fixture
def window(windows: tuple[Window, Window]) -> Window:
    return windows[0]


def test_a_query_is_saved_by_name_used_renamed_removed_and_brought_back(window: Window) -> None:
    window.keep("cat + dog", "pets")
    window.keep("sunset")
    assert window.names() == ["sunset", "pets"]
    pets = window.saved.things[1]
    window.session.use_saved(pets)
    assert window.session.search.query.text == "cat + dog"
    window.saved.rename(pets, "  two\npets ")
    assert window.names() == ["two pets", "sunset"]
    window.saved.remove(window.saved.things[0])
    assert window.names() == ["sunset"]
    window.saved.restore(window.said[-1].offers[0].payload)
    assert window.names() == ["two pets", "sunset"]
    assert [change.thing.name for change in Settings().saved if change.is_in] == [
        "sunset",
        "two pets",
    ]


def test_a_saved_tray_means_the_same_in_another_vocabulary(window: Window, tmp_path: Path) -> None:
    little = Vocabulary.load(TableLibrary(tmp_path).folder(add_little(TableLibrary(tmp_path), "L")))
    search = window.session.search
    ids = [CLIP.id_of_piece(f"{name}</w>") or 0 for name in ("girl", "sunsets", "moon")]
    search.change_tray(lambda tray: tray.insert(ids, 0))
    window.saved.save(window.saved.tray_as("night"))
    search.change_tray(lambda tray: tray.clear())
    kept = next(change.thing for change in Settings().saved)
    search.change_tray(lambda tray: tray.use(little))
    window.session.use_saved(kept)
    assert [little.display(token) for token in search.tray] == ["girl", "moon"]
    assert [token.text for token, _ in search.tray_places] == ["girl", "sunsets", "moon"]
    search.step_tray(True)
    assert search.tray_places == ()


def test_what_either_window_saves_is_kept_and_a_removal_wins(
    windows: tuple[Window, Window],
) -> None:
    one, other = windows
    one.keep("cat")
    other.keep("dog")
    assert {change.thing.name for change in Settings().saved} == {"cat", "dog"}
    third = Window()  # which knows both
    one.saved.remove(one.saved.things[0])
    third.keep("sun")
    third.session.close()
    assert {c.thing.name for c in Settings().saved if c.is_in} == {"dog", "sun"}


changes = st.builds(
    SavedChange,
    st.builds(SavedThing, st.just("query"), st.sampled_from("abc"), st.sampled_from(["x", "y"])),
    st.booleans(),
    st.integers(0, 4).map(float),
)


@settings(deadline=None, derandomize=True)
@given(st.lists(changes, max_size=6), st.lists(changes, max_size=6))
def test_of_each_name_the_last_change_counts(
    others: list[SavedChange], own: list[SavedChange]
) -> None:
    joined = {change.key: change for change in merged_saved(tuple(others), tuple(own))}
    for change in (*own, *others):
        assert joined[change.key].time_s >= change.time_s
    again = merged_saved(tuple(others), tuple(joined.values()))
    assert {(c.key, c.time_s) for c in again} == {(c.key, c.time_s) for c in joined.values()}


def test_nothing_and_too_much_are_not_saved(window: Window) -> None:
    window.session.search.set_text("")
    with pytest.raises(TokenSimError, match="nothing to save"):
        window.saved.save(window.saved.query_as("name"))
    with pytest.raises(TokenSimError, match="tray is empty"):
        window.saved.save(window.saved.tray_as("name"))
    window.session.search.set_text("a" * 2_001)
    with pytest.raises(TokenSimError, match="too long"):
        window.saved.save(window.saved.query_as("name"))


def test_a_file_brings_everything_to_another_computer(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.session.search.change_tray(lambda tray: tray.insert([2368, 1929], 0))
    window.saved.save(window.saved.tray_as("pets"))
    window.keep("moon - \ud83d", "half")
    window.session.search.ask("sunset")
    file = tmp_path / "saved.json"
    window.saved.write_file(file)
    before = window.saved.things
    monkeypatch.setenv("TOKENSIM_HOME", str(tmp_path / "elsewhere"))
    other = Window()
    other.saved.take_file(file)
    assert {thing.key for thing in other.saved.things} == {thing.key for thing in before}
    assert {thing.tokens for thing in other.saved.things} == {thing.tokens for thing in before}
    assert [text for _, text in Settings().history] == ["moon - \ud83d", "sunset"]
    other.saved.take_file(file)  # once more changes nothing
    assert len(other.saved.things) == len(before)
    other.session.close()


def test_a_name_that_means_something_else_here_is_lost_on_neither_side(
    window: Window, tmp_path: Path
) -> None:
    window.keep("cat", "mine")
    window.saved.write_file(tmp_path / "saved.json")
    window.keep("dog", "mine")
    window.saved.take_file(tmp_path / "saved.json")
    assert {(t.name, t.query) for t in window.saved.things} == {
        ("mine", "dog"),
        ("mine (2)", "cat"),
    }


def test_what_was_removed_comes_back_with_its_file_and_can_be_removed_again(
    window: Window, tmp_path: Path
) -> None:
    window.keep("cat")
    file = tmp_path / "saved.json"
    window.saved.write_file(file)
    whole = json.loads(file.read_text())
    whole["saved"][0]["time"] = 9e15  # a clock far ahead
    whole["history"].append({"query": "dog", "time": 9e15})
    file.write_text(json.dumps(whole))
    window.saved.remove(window.saved.things[0])
    window.saved.take_file(file)
    assert window.names() == ["cat"]
    window.saved.remove(window.saved.things[0])
    assert not [change for change in Settings().saved if change.is_in]
    assert [text for time_s, text in Settings().history if time_s < 9e15][-1] == "dog"


GOOD = {"kind": "query", "name": "cat", "query": "cat", "time": 1.0}
TRAY = {"kind": "tray", "name": "pets", "time": 1, "tokens": [[2368, "cat</w>", "cat", "word"]]}


def whole(*saved: object, history: object = (), form: str = "tokensim saved things") -> bytes:
    return json.dumps({"format": form, "version": 1, "saved": saved, "history": history}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff\xfe",
        b"[" * 100_000,
        b"[1, 2]",
        b'{"format": "tokensim saved things"}',
        whole(GOOD, form="another"),
        whole(GOOD)[:-4],
        whole(GOOD, 7),
        whole(GOOD, {**GOOD, "kind": "script"}),
        whole({**GOOD, "name": ""}),
        whole({**GOOD, "name": "a\nb"}),
        whole({**GOOD, "name": "a" * 201}),
        whole({**GOOD, "query": "a" * 2_001}),
        whole({**GOOD, "query": ["cat"]}),
        whole({**GOOD, "time": "now"}),
        whole({**GOOD, "time": float("nan")}),
        whole({**GOOD, "time": -1}),
        whole({**GOOD, "time": 10**400}),
        whole({**TRAY, "tokens": []}),
        whole({**TRAY, "tokens": [[-1, "a", "a", "word"]]}),
        whole({**TRAY, "tokens": [[1, "a", "a", "adjective"]]}),
        whole({**TRAY, "tokens": [[1, "a" * 3_000, "a", "word"]]}),
        whole({**TRAY, "tokens": TRAY["tokens"] * 1_001}),
        whole(*[GOOD] * 1_001),
        whole(GOOD, history=[{"query": 5, "time": 1}]),
        whole(GOOD, history=[[1, "cat"]]),
        whole(GOOD) + b" " * 8_000_000,
    ],
)
def test_a_damaged_file_is_one_sentence_and_changes_nothing(
    window: Window, tmp_path: Path, data: bytes
) -> None:
    window.keep("sun")
    before = window.settings.saved, window.settings.history
    file = tmp_path / "saved.json"
    file.write_bytes(data)
    with pytest.raises(FileError, match=r"saved\.json") as caught:
        window.saved.take_file(file)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300
    assert (window.settings.saved, window.settings.history) == before
    with pytest.raises(FileError, match=r"none\.json"):
        window.saved.take_file(tmp_path / "none.json")


def test_a_damaged_thing_among_the_settings_costs_no_other() -> None:
    log = saved_log([GOOD, {"kind": "query"}, 5, TRAY, {**GOOD, "time": float("inf")}])
    assert [change.thing.name for change in log] == ["cat", "pets"]
    assert saved_log(as_list(log)) == log
    with pytest.raises(ValueError):
        saved_log("cat")


def test_a_random_word_passes_the_filter(window: Window) -> None:
    search, seen = window.session.search, set()
    search.set_filter(TokenFilter(text="/^[a-z]*moon[a-z]*$/"))
    for _ in range(20):
        window.session.ask_random()
        assert CLIP.id_of_piece(f"{search.query.text}</w>") is not None
        seen.add(search.query.text)
    assert len(seen) > 3 and all("moon" in text for text in seen)
    search.set_filter(TokenFilter(text="no token is called this"))
    window.session.ask_random()
    assert window.said[-1].text == "No word passes these filters." and search.query.text in seen
