"""Where moved tokens lay and lie, against a principal plane found another way."""

from pathlib import Path

import numpy as np
import pytest

from tokensim_gui.core.files.table import Table, save_table
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.search.moved_places import MOST, moved_places
from tokensim_gui.core.search.moved_tokens import moved

ROWS, DIM = 600, 24


def saved(folder: Path, values: np.ndarray) -> Table:
    save_table(folder, folder.name, "clip", "F32", ROWS, DIM, [values.astype(np.float32).tobytes()])
    return Table.load(folder)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Table, Table]:
    """The first fifty tokens go half of the way to the token a hundred ids further on."""
    rng = np.random.default_rng(5)
    old = rng.standard_normal((ROWS, DIM))
    old[590] = 0
    new = old.copy()
    new[:50] = 0.5 * old[:50] + 0.5 * old[100:150]
    new[60] = 0
    return saved(tmp_path / "before", old), saved(tmp_path / "after", new)


def units(table: Table, tokens: np.ndarray) -> np.ndarray:
    rows = table.vectors(tokens)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_places_are_those_on_the_principal_plane_and_the_share_is_exact(
    pair: tuple[Table, Table],
) -> None:
    before, after = pair
    usable = np.ones(ROWS, bool)
    order = moved(before, after).order
    found = moved_places(before, after, order, usable, Job())
    assert found is not None
    assert found.tokens.tolist() == [t for t in order.tolist() if t != 60][:MOST]
    points = np.vstack(
        (units(before, found.tokens), units(after, found.tokens), units(before, found.landmarks))
    )
    centred = points - points.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    expected = centred @ axes.T
    shown = np.vstack((found.before, found.after, found.places))
    for axis in range(2):
        sign = np.sign(shown[:, axis] @ expected[:, axis])
        np.testing.assert_allclose(shown[:, axis] * sign, expected[:, axis], atol=1e-4)
    went = units(after, found.tokens) - units(before, found.tokens)
    seen = ((went @ axes.T) ** 2).sum() / (went**2).sum()
    assert found.share == pytest.approx(seen, abs=1e-4)


def test_landmarks_are_the_nearest_that_stayed_and_may_be_shown(pair: tuple[Table, Table]) -> None:
    before, after = pair
    usable = np.ones(ROWS, bool)
    usable[110] = usable[3] = False
    found = moved_places(before, after, moved(before, after).order, usable, Job())
    assert found is not None and 3 not in found.tokens
    stays = np.array([t for t in range(50, ROWS) if t not in (60, 110, 590)])
    scores = (
        units(before, stays)
        @ np.vstack((units(before, found.tokens), units(after, found.tokens))).T
    )
    assert set(found.landmarks.tolist()) == set(stays[scores.argmax(axis=0)].tolist())
    assert set(range(100, 150)) & set(found.landmarks.tolist())


def test_what_may_not_be_shown_is_where_nothing_else_moved(pair: tuple[Table, Table]) -> None:
    before, after = pair
    order = moved(before, after).order
    usable = np.ones(ROWS, bool)
    usable[:50] = False
    found = moved_places(before, after, order, usable, Job())
    assert found is not None and len(found.tokens) == MOST
    assert moved_places(before, after, order[:0], usable, Job()) is None


def test_it_can_be_stopped(pair: tuple[Table, Table]) -> None:
    job = Job()
    job.cancel()
    before, after = pair
    with pytest.raises(JobCancelled):
        moved_places(before, after, np.arange(50, dtype=np.int32), np.ones(ROWS, bool), job)
