"""The map of all tokens: t-SNE against counts made another way."""

import numpy as np
import pytest
from made_tables import WORDS, add_little

from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.landscape_file import (
    NAME,
    load_landscape,
    save_landscape,
)
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.search.landscape import NEAREST, make_landscape

COUNT = 400
STEPS = 150


@pytest.fixture(scope="module")
def words():
    return [f"word{number}" for number in range(COUNT)]


@pytest.fixture
def table(words):
    """Vectors in 40 groups; the last ten rows are twins of the first, two have no vector."""
    rng = np.random.default_rng(3)
    rows = 1 + COUNT + 26
    vectors = rng.standard_normal((40, 32))[rng.integers(0, 40, rows)]
    vectors = (vectors + 0.4 * rng.standard_normal((rows, 32))).astype(np.float16)
    vectors[-10:] = vectors[:10]
    vectors[[50, 60]] = 0
    library = TableLibrary()
    return Table.load(library.folder(add_little(library, "Groups", words, vectors)))


def test_the_share_kept_is_that_of_an_independent_count(table):
    landscape = make_landscape(table, Job(), STEPS)
    distinct = [row for row in range(table.info.rows - 10) if row not in (50, 60)]
    units = table.vectors(np.array(distinct))
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    places = landscape.coords[distinct].astype(np.float64)

    def nearest(distances):
        np.fill_diagonal(distances, np.inf)
        return [set(row[:NEAREST].tolist()) for row in np.argsort(distances, axis=1)]

    true = nearest(((units[:, None] - units) ** 2).sum(axis=2))
    shown = nearest(((places[:, None] - places) ** 2).sum(axis=2))
    shares = [len(a & b) / NEAREST for a, b in zip(true, shown, strict=True)]
    assert landscape.kept == pytest.approx(np.mean(shares), abs=1e-9)
    assert landscape.kept > 0.5


def test_one_table_has_one_map_on_which_twins_share_a_place(table):
    first, second = (make_landscape(table, Job(), STEPS) for _ in range(2))
    assert np.array_equal(first.coords, second.coords, equal_nan=True)
    assert np.array_equal(first.coords[-10:], first.coords[:10])
    missing = np.isnan(first.coords[:, 0])
    assert np.flatnonzero(missing).tolist() == [50, 60]
    known = first.coords[~missing]
    assert known.min() == 0 and known.max() == 1


def test_a_map_can_be_stopped(table):
    told = []

    def report(done, total, text):
        told.append(text)
        if text == "Laying out the map":
            job.cancel()

    job = Job(report)
    with pytest.raises(JobCancelled):
        make_landscape(table, job, STEPS)
    assert told[0] == "Finding neighbours" and told[-1] == "Laying out the map"


def test_a_table_with_few_vectors_says_so():
    library = TableLibrary()
    few = Table.load(library.folder(add_little(library, "Few", WORDS)))
    with pytest.raises(FileError, match="too few vectors"):
        make_landscape(few, Job())


def test_a_map_comes_back_from_its_file_and_a_damaged_one_is_none(table, tmp_path):
    made = make_landscape(table, Job(), 20)
    save_landscape(tmp_path, made)
    rows = table.info.rows
    read = load_landscape(tmp_path, rows)
    assert np.array_equal(read.coords, made.coords, equal_nan=True) and read.kept == made.kept
    assert load_landscape(tmp_path, rows + 1) is None
    whole = (tmp_path / NAME).read_bytes()
    for damaged in (b"", whole[:200], whole[:-30], b"PK" + bytes(500)):
        (tmp_path / NAME).write_bytes(damaged)
        assert load_landscape(tmp_path, rows) is None
    assert load_landscape(tmp_path / "nowhere", rows) is None


def test_the_starters_map_is_small_and_keeps_two_fifths_of_the_neighbours():
    folder = paths.resource("starter")
    table = Table.load(folder)
    landscape = load_landscape(folder, table.info.rows)
    assert (folder / NAME).stat().st_size <= 400_000
    assert landscape.kept >= 0.40
    assert np.array_equal(np.isnan(landscape.coords[:, 0]), table.norms == 0)
    rng = np.random.default_rng(1)
    rows = np.flatnonzero(table.norms > 0)
    units = table.vectors(rows) / table.norms[rows, None]
    _, firsts = np.unique(landscape.coords[rows], axis=0, return_index=True)
    units, places = units[firsts].astype(np.float32), landscape.coords[rows][firsts]
    shares = []
    for sample in rng.choice(len(firsts), 400, replace=False).tolist():
        near = np.argsort(-(units @ units[sample]))[1 : NEAREST + 1]
        away = ((places - places[sample]) ** 2).sum(axis=1)
        shares.append(len(set(near) & set(np.argsort(away)[1 : NEAREST + 1])) / NEAREST)
    assert np.mean(shares) == pytest.approx(landscape.kept, abs=0.06)
