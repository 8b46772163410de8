import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.checkpoints.layouts_on_disk import lock
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.table import Table, save_table
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.library.library import TableLibrary


@pytest.fixture
def library(tmp_path: Path) -> Iterator[TableLibrary]:
    library = TableLibrary(tmp_path / "data")
    yield library
    library.empty_trash()


def add(library: TableLibrary, name: str, replaces: str | None = None, seed: int = 0) -> str:
    with library.adding(name, replaces) as new:
        fill(new.folder, name, seed)
    return new.slug


def fill(folder: Path, name: str, seed: int = 0) -> None:
    vectors = np.random.default_rng(seed).standard_normal((20, 4)).astype("<f4")
    save_table(
        folder, name, "clip", "F32", 20, 4, [vectors.tobytes()], source=f"{folder.name}.file"
    )


def imported(library: TableLibrary) -> list[str]:
    return [info.slug for info in library.tables() if info.slug != "starter"]


def folders(library: TableLibrary) -> set[str]:
    return {path.name for path in (library.root / "tables").iterdir()}


def run(code: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def test_looking_at_an_absent_data_folder_does_not_make_it(library: TableLibrary) -> None:
    library.clean_up()
    assert imported(library) == []
    assert not library.root.exists()


def test_a_new_table_is_named_after_its_context(library: TableLibrary) -> None:
    with library.adding("CLIP-L · SD 1.5") as new:
        fill(new.folder, "CLIP-L · SD 1.5")
        assert imported(TableLibrary(library.root)) == []
    other = TableLibrary(library.root)
    assert imported(other) == ["clip-l-sd-1-5"]
    info = other.info("clip-l-sd-1-5")
    assert (info.name, info.rows, info.dim) == ("CLIP-L · SD 1.5", 20, 4)
    assert Table.load(other.folder(info.slug)).info.sha256 == info.sha256


def test_the_starter_comes_first_and_can_not_be_changed(library: TableLibrary) -> None:
    add(library, "Aardvark")
    assert [info.slug for info in library.tables()] == ["starter", "aardvark"]
    assert library.info("starter").name == "Starter words"
    library.verify("starter")
    for change in (library.remove, lambda slug: library.rename(slug, "Mine")):
        with pytest.raises(TokenSimError, match="built in"):
            change("starter")


def test_equal_names_get_different_slugs(library: TableLibrary) -> None:
    assert [add(library, "T5") for _ in range(3)] == ["t5", "t5-2", "t5-3"]
    assert add(library, "Starter") == "starter-2"
    assert add(library, "⛩ 漢字") == "table"


def test_a_failed_import_leaves_nothing(library: TableLibrary) -> None:
    add(library, "Kept")
    before = folders(library)
    with pytest.raises(RuntimeError, match="stop"), library.adding("Lost") as new:
        fill(new.folder, "Lost")
        raise RuntimeError("stop")
    with pytest.raises(FileError), library.adding("Empty"):
        pass
    assert folders(library) == before
    assert imported(library) == ["kept"]


def test_a_repeated_import_takes_the_place_and_keeps_slug_and_chosen_name(
    library: TableLibrary,
) -> None:
    slug = add(library, "CLIP")
    library.rename(slug, "My\tCLIP ")
    old = library.folder(slug)
    assert add(library, "CLIP", replaces=slug, seed=1) == slug
    assert library.info(slug).name == "My CLIP"
    assert library.folder(slug) != old
    assert not old.exists()


def test_a_repeated_import_brings_its_own_name_unless_users_gave_another(
    library: TableLibrary,
) -> None:
    slug = add(library, "CLIP")
    add(library, "Another", replaces=slug)
    assert library.info(slug).name == "Another"
    library.rename(slug, "Mine")
    add(library, "CLIP", replaces=slug)
    assert library.info(slug).name == "Mine"


@pytest.mark.skipif(sys.platform == "win32", reason="an open folder stays there")
def test_a_replaced_folder_stays_while_a_window_holds_it(library: TableLibrary) -> None:
    slug = add(library, "CLIP")
    with library.holding(slug) as old:
        add(TableLibrary(library.root), "CLIP", replaces=slug, seed=1)
        assert Table.load(old).info.name == "CLIP"
    library.clean_up()
    assert not old.exists()


def test_removal_can_be_undone_until_the_trash_is_emptied(library: TableLibrary) -> None:
    add(library, "One")
    add(library, "Two")
    folder = library.folder("one")
    library.remove("one")
    TableLibrary(library.root).clean_up()
    assert imported(library) == ["two"]
    assert library.restore("one") == "one"
    assert imported(library) == ["one", "two"]
    library.remove("one")
    library.empty_trash()
    assert not folder.exists()
    with pytest.raises(TokenSimError, match="“one”"):
        library.restore("one")


def test_restored_tables_come_back_to_their_places_among_what_is_new(
    library: TableLibrary,
) -> None:
    names = ["a", "b", "c", "d"]
    for name in names:
        add(library, name)
    for removed in (["b", "a"], ["a", "b"], ["c", "d", "a"]):
        for slug in removed:
            library.remove(slug)
        names.append(add(library, f"e {len(names)}"))
        for slug in reversed(removed):
            library.restore(slug)
        assert imported(library) == names


def test_a_restored_table_yields_its_slug_to_a_newer_one(library: TableLibrary) -> None:
    first = add(library, "One")
    library.remove(first)
    # The folder of the removed one still stands, so that a new import avoids its slug; a repeated
    # import does not.
    add(library, "One", replaces="one", seed=1)
    assert library.restore("one") == "one-2"
    assert imported(library) == ["one-2", "one"]


def test_an_unknown_slug_is_named_in_the_error(library: TableLibrary) -> None:
    for call in (library.folder, library.info, library.remove, library.verify):
        with pytest.raises(TokenSimError, match="“nope”"):
            call("nope")
    with pytest.raises(TokenSimError, match="needs a name"):
        library.rename("nope", " \n")


def test_verify_notices_one_changed_bit(library: TableLibrary) -> None:
    slug = add(library, "CLIP")
    seen: list[tuple[int, int]] = []
    library.verify(slug, Job(lambda done, total, _: seen.append((done, total))))
    assert seen[0] == (0, 320) and seen[-1] == (320, 320)
    path = library.folder(slug) / "table.safetensors"
    raw = bytearray(path.read_bytes())
    raw[4096 + 100] ^= 1
    path.write_bytes(raw)
    with pytest.raises(FileError, match="CLIP have changed"):
        library.verify(slug)
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        library.verify(slug, job)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}",
        b'{"tables": 3}',
        b'{"tables": [3]}',
        b'{"tables": [{"slug": "x", "name": "x", "folder": "../../../etc"}]}',
        b'{"tables": [{"slug": "x", "name": "x", "folder": "/etc"}]}',
        b'{"tables": [{"slug": "../x", "name": "x", "folder": "x-12345678"}]}',
        b'{"tables": [{"slug": "starter", "name": "x", "folder": "x-12345678"}]}',
        b'{"tables": [{"slug": "x", "name": "", "folder": "x-12345678"}]}',
        b'{"tables": [{"slug": "x", "name": "a\\u0000b", "folder": "x-12345678"}]}',
        b'{"tables": [{"slug": "x", "name": 1e999, "folder": "x-12345678"}]}',
        b" " * 10_000_001,
    ],
)
def test_a_damaged_library_file_is_made_again_from_the_folders(
    library: TableLibrary, content: bytes
) -> None:
    add(library, "First")
    add(library, "Second")
    add(library, "Gone")
    library.remove("gone")
    half = library.root / "tables" / "half-00000000"
    half.mkdir()
    (half / "tokenizer.json").write_text("{}")
    (library.root / "library.json").write_bytes(content)
    with library.holding("first"):
        assert sorted(imported(library)) == ["first", "second"]
    other = TableLibrary(library.root)
    other.clean_up()
    assert not half.exists()
    other.rename("first", "Renamed")
    assert sorted(info.name for info in library.tables() if info.slug in imported(library)) == [
        "Renamed",
        "Second",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="an open folder stays there")
def test_of_two_imports_of_one_slug_the_newer_is_found_again(library: TableLibrary) -> None:
    slug = add(library, "CLIP")
    with ExitStack() as windows:
        for seed in range(1, 5):
            windows.enter_context(library.holding(slug))
            add(library, "CLIP", replaces=slug, seed=seed)
        newest = library.folder(slug)
        assert len(folders(library)) == 5
        (library.root / "library.json").unlink()
        assert library.folder(slug) == newest


def test_a_missing_library_file_loses_nothing(library: TableLibrary) -> None:
    add(library, "First")
    (library.root / "library.json").unlink()
    library.clean_up()
    assert imported(library) == ["first"]


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["tables", "slug", "name", "folder"]) | st.text(max_size=3), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_in_the_library_file_is_harmless(
    tmp_path_factory: pytest.TempPathFactory, content: object
) -> None:
    library = TableLibrary(tmp_path_factory.getbasetemp() / "fuzzed")
    library.root.mkdir(exist_ok=True)
    (library.root / "library.json").write_text(json.dumps(content))
    assert imported(library) == []
    assert library.unreadable() == {} or isinstance(content, dict)


def test_a_damaged_table_is_told_apart_and_can_be_removed(library: TableLibrary) -> None:
    slug = add(library, "CLIP")
    (library.folder(slug) / "table.safetensors").write_bytes(b"noise")
    assert imported(library) == []
    assert "can't be used" in library.unreadable()[slug]
    library.remove(slug)
    assert library.unreadable() == {}


def test_a_locked_table_is_told_apart_and_hides_no_other(
    library: TableLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, other = add(library, "Locked"), add(library, "Other")
    lock(library.folder(locked), monkeypatch)
    assert imported(library) == [other]
    assert "can't be read: Permission denied" in library.unreadable()[locked]
    (library.root / "library.json").unlink()
    assert imported(library) == [other]


def test_clean_up_spares_folders_of_others_and_a_running_import(library: TableLibrary) -> None:
    add(library, "CLIP")
    tables = library.root / "tables"
    (tables / "My own folder").mkdir()
    (tables / "left-01234567").mkdir()
    elsewhere = library.root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    (tables / "link-01234567").symlink_to(elsewhere, target_is_directory=True)
    with library.adding("Running") as new:
        TableLibrary(library.root).clean_up()
        assert new.folder.is_dir()
        fill(new.folder, "Running")
    assert imported(library) == ["clip", "running"]
    assert (tables / "My own folder").is_dir()
    assert not (tables / "left-01234567").exists()
    assert not (tables / "link-01234567").is_symlink()
    assert (elsewhere / "precious").exists()


def test_clean_up_takes_downloads_that_nobody_continues(library: TableLibrary) -> None:
    library.downloads.mkdir(parents=True)
    for name, age_s in (("old.part", 31 * 86400), ("new.part", 86400)):
        (library.downloads / name).touch()
        when = time.time() - age_s
        os.utime(library.downloads / name, (when, when))
    library.clean_up()
    assert [path.name for path in library.downloads.iterdir()] == ["new.part"]


def test_the_leftovers_of_a_killed_import_vanish_at_the_next_start(library: TableLibrary) -> None:
    process = run(
        """
        import sys
        from pathlib import Path
        from tokensim_gui.core.library.library import TableLibrary
        with TableLibrary(Path(sys.argv[1])).adding("Killed") as new:
            (new.folder / "tokenizer.json").write_text("{}")
            print("ready", flush=True)
            sys.stdin.read()
        """,
        library.root,
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "ready\n"
        library.clean_up()
        assert len(folders(library)) == 1
        process.kill()
        process.communicate()
    library.clean_up()
    assert folders(library) == set()


def test_processes_that_import_rename_and_remove_at_once_lose_nothing(
    library: TableLibrary,
) -> None:
    code = """
        import sys
        from pathlib import Path
        from tokensim_gui.core.library.library import TableLibrary
        from tests.core.library.test_library import add
        library = TableLibrary(Path(sys.argv[1]))
        for number in range(8):
            slug = add(library, f"{sys.argv[2]} {number}")
            library.rename(slug, f"renamed {slug}")
            if number % 2:
                library.remove(slug)
            library.clean_up()
        library.empty_trash()
        """
    processes = [run(code, library.root, name) for name in ("a", "b", "c")]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    expected = {f"{name}-{number}" for name in "abc" for number in range(0, 8, 2)}
    assert set(imported(library)) == expected
    assert {library.info(slug).name for slug in expected} == {f"renamed {s}" for s in expected}
    assert len(folders(library)) == len(expected)


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """Give a folder to a user whom permissions bind, also where the tests run as root."""
    folder = Path(tempfile.mkdtemp())
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    yield folder
    if is_root:
        os.seteuid(0)
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are other ones there")
def test_a_read_only_data_folder_can_be_read_and_says_why_it_can_not_be_written(
    unprivileged: Path,
) -> None:
    library = TableLibrary(unprivileged / "data")
    slug = add(library, "CLIP")
    locked = [library.root, library.root / "tables", library.folder(slug)]
    for folder in locked:
        folder.chmod(0o555)
    (library.root / "library.lock").chmod(0o444)
    try:
        library.clean_up()
        assert imported(library) == ["clip"]
        library.verify(slug)
        with library.holding(slug) as held:
            assert Table.load(held).info.name == "CLIP"
        for change in (library.remove, lambda s: library.rename(s, "x"), lambda s: add(library, s)):
            with pytest.raises(FileError, match="can't be written to"):
                change(slug)
    finally:
        for folder in locked:
            folder.chmod(0o755)
    assert imported(library) == ["clip"]


def test_a_reader_meets_the_old_or_the_new_file_and_never_a_part(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = {bytes([65 + n]) * 100_000 for n in range(2)}
    atomic.write_atomically(path, min(contents))
    process = run(
        """
        import sys
        from pathlib import Path
        from tokensim_gui.core.files import atomic
        for number in range(200):
            atomic.write_atomically(Path(sys.argv[1]), bytes([65 + number % 2]) * 100_000)
        """,
        path,
    )
    while process.poll() is None:
        assert path.read_bytes() in contents
    process.communicate()
    assert process.returncode == 0
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_too_little_room_on_the_disk_is_told_with_both_sizes(tmp_path: Path) -> None:
    atomic.check_space(tmp_path / "not" / "there", 1000)
    with pytest.raises(FileError, match=r"MB free and 1,000,000,000 MB are needed"):
        atomic.check_space(tmp_path, 10**15)
