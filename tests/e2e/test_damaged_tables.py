"""Tables that were damaged behind TokenSim's back: one sentence, and nothing is lost."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driver import LONG_MS, Driver
from pytestqt.qtbot import QtBot

from tokensim_gui.core import paths
from tokensim_gui.core.files.table import save_table
from tokensim_gui.core.library.library import TableLibrary

Damage = Callable[[Path], None]


@pytest.fixture
def table() -> str:
    """A table of CLIP's vocabulary with random vectors; its slug."""
    rows, dim = 49_408, 64
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((rows, dim), np.float32).astype(np.float16)
    with TableLibrary().adding("Mine") as new:
        for name in ("tokenizer.json", "vocabulary.npz"):
            shutil.copy(paths.resource(f"starter/{name}"), new.folder / name)
        save_table(new.folder, "Mine", "clip", "F16", rows, dim, [vectors.tobytes()])
    return new.slug


def vectors_of(slug: str) -> Path:
    return TableLibrary().folder(slug) / "table.safetensors"


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def make_noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(2).bytes(100_000))


@pytest.mark.parametrize(
    "damage", [Path.unlink, truncate, make_noise, lambda p: p.write_bytes(b"")]
)
def test_a_damaged_table_is_one_sentence_and_the_open_one_stays(
    tokensim: Driver, table: str, damage: Damage
) -> None:
    before = tokensim.names()
    damage(vectors_of(table))
    tokensim.session.tables.show(table)
    tokensim.qtbot.waitUntil(lambda: tokensim.said() != "", timeout=LONG_MS)
    assert tokensim.said().endswith(".") and "Traceback" not in tokensim.said()
    assert tokensim.session.tables.info.slug == "starter"
    assert tokensim.names() == before
    tokensim.type("cat")
    assert "kitten" in tokensim.names(8)


def test_a_remembered_table_that_is_gone_gives_way_to_the_starter(
    start: Callable[..., Driver], table: str, qtbot: QtBot
) -> None:
    first = start().ready()
    first.session.tables.show(table)
    qtbot.waitUntil(lambda: first.session.tables.info.slug == table, timeout=LONG_MS)
    first.close()
    truncate(vectors_of(table))
    second = start()
    qtbot.waitUntil(lambda: second.said() != "", timeout=LONG_MS)
    second.ready()
    assert second.session.tables.info.slug == "starter"
    second.type("cat")
    assert "kitten" in second.names(8)


def test_the_first_screen_of_another_table_is_drawn_before_it_is_open(
    start: Callable[..., Driver], table: str, qtbot: QtBot
) -> None:
    first = start().ready()
    first.session.tables.show(table)
    qtbot.waitUntil(lambda: first.session.tables.info.slug == table, timeout=LONG_MS)
    first.type("cat")
    shown = first.page.table.shown_ids()
    first.close()
    second = start()
    assert second.session.tables.front is None
    assert second.page.table.shown_ids() == shown


def test_a_damaged_vocabulary_is_made_again(tokensim: Driver, table: str, qtbot: QtBot) -> None:
    store = TableLibrary().folder(table) / "vocabulary.npz"
    make_noise(store)
    tokensim.session.tables.show(table)
    qtbot.waitUntil(lambda: tokensim.session.tables.info.slug == table, timeout=2 * LONG_MS)
    assert tokensim.session.tables.vocabulary.id_of_piece("cat</w>") == 2368
