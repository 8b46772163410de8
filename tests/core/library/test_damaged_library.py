"""What is damaged, locked or lost of a library: the rest is found again, and it is said."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.checkpoints.layouts_on_disk import lock
from tests.core.library.small_tables import add, folders, imported
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.library.library import TableLibrary


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


def test_too_little_room_on_the_disk_is_told_with_both_sizes(tmp_path: Path) -> None:
    atomic.check_space(tmp_path / "not" / "there", 1000)
    with pytest.raises(FileError, match=r"MB free and 1,000,000,000 MB are needed"):
        atomic.check_space(tmp_path, 10**15)
