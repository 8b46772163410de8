"""Several processes at one library: none takes what another needs, a killed one leaves nothing."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.core.library.small_tables import add, fill, folders, imported
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.library.library import TableLibrary


def run(code: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


@pytest.mark.skipif(sys.platform == "win32", reason="an open folder stays there")
def test_a_replaced_folder_stays_while_a_window_holds_it(library: TableLibrary) -> None:
    slug = add(library, "CLIP")
    with library.holding(slug) as old:
        add(TableLibrary(library.root), "CLIP", replaces=slug, seed=1)
        assert Table.load(old).info.name == "CLIP"
    library.clean_up()
    assert not old.exists()


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


def test_clean_up_takes_what_was_half_written_when_a_process_was_killed(
    library: TableLibrary,
) -> None:
    add(library, "CLIP")
    for name in ("library.json", "fetched.json"):
        (library.root / f".{name}.123.abc").touch()
    library.clean_up()
    assert not list(library.root.glob(".*"))


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
    assert folders(library) == []


def test_processes_that_import_rename_and_remove_at_once_lose_nothing(
    library: TableLibrary,
) -> None:
    code = """
        import sys
        from pathlib import Path
        from tokensim_gui.core.library.library import TableLibrary
        from tests.core.library.small_tables import add
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
