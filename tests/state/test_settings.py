"""Settings: sparse, forgiving at reading, merged key by key at writing."""

import json
import os
import shutil
import string
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokensim_gui.core import paths
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.saved_things import saved_log
from tokensim_gui.state.settings import SETTINGS, Settings
from tokensim_gui.state.tray_tokens import Tray, tray_log

CHANGED = {
    "theme": "dark",
    "order": "opposite",
    "metric": "centred",
    "inputs": "unit",
    "count": 1000,
    "leave_out_own": False,
    "leave_out_forms": True,
    "filter_level": "everything",
    "script": "Emoji",
    "columns": ("token", "norm"),
    "write_for": "comfyui",
    "prompt_steps": 28,
    "copy_style": "json",
    "show_map": False,
    "show_card": False,
    "show_tray": False,
    "keep_on_top": True,
    "last_query": "😅 - \ud83d",
    "table": "clip-l",
    "text_size": 125,
    "map_count": 100,
    "queries_typed": 3,
    "recent_files": ("/b", "/a"),
    "tray": tray_log([2368, 0]),
    "history": ((1.0, "cat"), (2.0, "😅")),
    "saved": saved_log([{"kind": "query", "name": "pet", "query": "cat", "time": 1.0}]),
    "page": "compare",
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "settings.json"


def stored(path):
    return json.loads(path.read_text())


def test_settings_live_in_the_config_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TOKENSIM_HOME", str(tmp_path))
    Settings().set("theme", "dark")
    assert stored(paths.config_dir() / "settings.json") == {"theme": "dark"}


def test_without_a_file_everything_has_its_default(path):
    chosen = Settings(path)
    assert (chosen.theme, chosen.count, chosen.last_query) == ("system", 200, "(cute + girl) / 2")
    assert chosen.columns == ("token", "score", "id")
    assert not path.parent.exists()


@pytest.mark.parametrize("key", CHANGED)
def test_a_change_is_there_at_the_next_start(path, key):
    Settings(path).set(key, CHANGED[key])
    assert Settings(path).get(key) == CHANGED[key]


def test_every_default_is_in_range_and_explained():
    for key, setting in SETTINGS.items():
        assert setting.check(setting.default) == setting.default
        assert setting.doc and setting.key == key


def test_only_what_is_not_default_is_written(path):
    chosen = Settings(path)
    chosen.set("count", 50)
    chosen.set("theme", "light")
    chosen.set("count", 200)
    assert stored(path) == {"theme": "light"}


@pytest.mark.parametrize(
    "key, value",
    [
        ("theme", "pink"),
        ("theme", ["dark"]),
        ("count", 9),
        ("count", 1001),
        ("count", True),
        ("count", 50.0),
        ("show_map", 1),
        ("columns", "token"),
        ("columns", ["token", "rank"]),
        ("tray", [-1]),
        ("last_query", None),
    ],
)
def test_a_value_out_of_range_changes_nothing(path, key, value):
    chosen = Settings(path)
    with pytest.raises(ValueError):
        chosen.set(key, value)
    assert chosen.get(key) == SETTINGS[key].default
    assert not path.exists()


def test_lists_hold_each_entry_once_and_only_so_many(path):
    chosen = Settings(path)
    chosen.set("recent_files", ["/a", "/b", "/a", *"cdefghijkl"])
    assert chosen.recent_files == ("/a", "/b", *"cdefghij")


def test_one_bad_field_costs_only_itself_and_unknown_keys_stay(path):
    path.parent.mkdir()
    path.write_text('{"theme": "pink", "count": 50, "of_a_later_version": [1]}')
    chosen = Settings(path)
    assert (chosen.theme, chosen.count) == ("system", 50)
    chosen.set("keep_on_top", True)
    assert stored(path)["of_a_later_version"] == [1]
    assert stored(path)["keep_on_top"] is True


@pytest.mark.parametrize("content", [b"", b'{"theme": "dark"', b"\xff\x00", b"[]", b"[" * 100_000])
def test_a_broken_file_starts_with_defaults_and_is_set_aside(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    chosen = Settings(path)
    assert chosen.theme == "system"
    chosen.set("theme", "dark")
    assert stored(path) == {"theme": "dark"}
    assert path.with_name("settings.broken.json").read_bytes() == content


def test_a_file_that_breaks_later_is_written_anew_with_all_that_is_known(path):
    chosen = Settings(path)
    chosen.set("count", 50)
    path.write_bytes(b"{")
    chosen.set("theme", "dark")
    assert stored(path) == {"count": 50, "theme": "dark"}


def test_two_windows_do_not_lose_each_others_changes(path):
    one, other = Settings(path), Settings(path)
    one.set("theme", "dark")
    other.set("count", 50)
    one.set("show_map", False)
    assert stored(path) == {"theme": "dark", "count": 50, "show_map": False}
    assert other.theme == "system"


def test_windows_that_write_at_the_same_moment_wait_for_each_other(path):
    def write(key):
        chosen = Settings(path)
        chosen.set(key, CHANGED[key])
        return chosen.save_problem

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write, CHANGED)) == {""}
    assert stored(path).keys() == CHANGED.keys()


def test_a_crash_while_writing_leaves_the_old_file_and_the_next_save_catches_up(path, monkeypatch):
    chosen = Settings(path)
    chosen.set("theme", "dark")

    def fail(*_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        chosen.set("count", 50)
    assert stored(path) == {"theme": "dark"}
    assert sorted(file.name for file in path.parent.iterdir()) == ["settings.json", "settings.lock"]
    assert chosen.count == 50
    assert chosen.save_problem.startswith("Settings last only until TokenSim closes: ")
    chosen.set("count", 50)
    assert stored(path) == {"theme": "dark", "count": 50}
    assert chosen.save_problem == ""


def test_where_nothing_can_be_written_settings_work_until_the_end(tmp_path):
    (tmp_path / "file").touch()
    chosen = Settings(tmp_path / "file" / "settings.json")
    chosen.set("theme", "dark")
    assert chosen.theme == "dark"
    assert chosen.save_problem.startswith("Settings last only until TokenSim closes: ")


def test_each_reason_why_nothing_can_be_saved_is_told_once(tmp_path):
    folder = tmp_path / "folder"
    folder.touch()
    chosen, told = Settings(folder / "settings.json"), []
    chosen.set("theme", "dark")
    chosen.tell_problems(told.append)
    chosen.set("count", 50)
    assert told == [chosen.save_problem]
    folder.unlink()
    chosen.set("count", 60)
    assert chosen.save_problem == ""
    shutil.rmtree(folder)
    folder.touch()
    chosen.set("count", 70)
    assert told == [chosen.save_problem] * 2


HALF = "\ud800"  # of a surrogate pair: JSON can hold one, and no encoding has it


def test_halves_of_characters_in_a_damaged_file_keep_nobody_from_starting(path):
    token = [True, 1.0, 2368, HALF, HALF, "word"]
    written = {"table": HALF, "tray": [token], "recent_files": [HALF]}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(written))
    chosen = Settings(path)
    with pytest.raises(TokenSimError, match="no table “\ufffd”"):
        TableLibrary().folder(chosen.table)
    tray = Tray(chosen.tray, Vocabulary.load(paths.resource("starter")))
    assert [token.text for token in tray.tokens] == ["\ufffd"]
    assert chosen.recent_files == ()
    path.write_text(json.dumps({"recent_files": ["/a/\udcff.ckpt"]}))
    assert Settings(path).recent_files == ("/a/\udcff.ckpt",)  # a name that is not UTF-8


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
keys = st.sampled_from(sorted(SETTINGS)) | st.text(string.ascii_lowercase, max_size=5)
CHANGED_JSON = [
    value if (write := SETTINGS[key].write) is None else write(value)
    for key, value in CHANGED.items()
]
written = st.dictionaries(keys, json_values | st.sampled_from(CHANGED_JSON), max_size=12)


@settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(written.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40))
def test_any_file_lets_settings_start_in_range_and_save(path, content):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    chosen = Settings(path)
    for key, setting in SETTINGS.items():
        assert setting.check(chosen.get(key)) == chosen.get(key)
    chosen.set("count", 10 if chosen.count != 10 else 11)
    assert chosen.save_problem == ""
    again = Settings(path)
    assert [again.get(key) for key in SETTINGS] == [chosen.get(key) for key in SETTINGS]
