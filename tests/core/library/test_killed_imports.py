"""An import that is killed at any moment leaves the library sound."""

import multiprocessing
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.core.hub.hub_server import Hub
from tests.core.library.killable_import import run_import
from tests.core.library.small_tables import (
    assert_holds,
    checkpoint,
    folders,
    imported,
    vectors,
)
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.library import table_import
from tokensim_gui.core.library.library import TableLibrary


def _kill_often(library: TableLibrary, source: str, runs: int, check: Callable[[], None]) -> int:
    """Kill imports at random moments; return how many came to their end before."""
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    if sys.platform != "win32":
        context.set_forkserver_preload(["tests.core.library.killable_import", "safetensors.numpy"])
    chance = random.Random(3)
    span_s, finished = 0.5, 0
    for _ in range(runs):
        process = context.Process(target=run_import, args=(source, library.root))
        begun = time.monotonic()
        process.start()
        process.join(chance.random() * span_s)
        process.kill()
        process.join()
        if process.exitcode == 0:
            finished += 1
            span_s = 0.3 * span_s + 0.7 * (time.monotonic() - begun)
        else:
            span_s *= 1.1
        process.close()
        check()
        library.clean_up()
        assert len(folders(library)) == len(imported(library))
        assert not list(library.root.glob(".*"))
    return finished


def test_an_import_killed_at_any_moment_leaves_the_library_as_before_or_complete(
    library: TableLibrary, tmp_path: Path
) -> None:
    path = checkpoint(tmp_path / "tiny.safetensors")
    table_import.import_checkpoint(checkpoint(tmp_path / "kept.safetensors", seed=5), library)
    seeds = [0]

    def check() -> None:
        assert "kept" in imported(library)
        assert_holds(library, "kept", vectors(5))
        if "tiny" in imported(library):
            data = Table.load(library.folder("tiny")).data.tobytes()
            assert data in {vectors(seed).tobytes() for seed in seeds}
        seeds.append(len(seeds))
        checkpoint(path, seed=seeds[-1])

    finished = _kill_often(library, str(path), 25, check)
    assert 0 < finished < 25


def test_a_download_killed_at_any_moment_is_continued_and_bit_equal(
    library: TableLibrary, hub: Hub
) -> None:
    del hub.files["tokenizer.json"]

    def check() -> None:
        if imported(library):
            assert_holds(library, "a-b", vectors())

    finished = _kill_often(library, hub.endpoint, 25, check)
    assert finished < 25
    run_import(hub.endpoint, library.root)
    assert_holds(library, "a-b", vectors())
    assert list(library.downloads.iterdir()) == []
