"""The vectors of a table as a metric sees them."""

import numpy as np
import pytest
from brute_force import KINDS_OF_TABLE, difficult_vectors, store

from tokensim_gui.core.job import Job
from tokensim_gui.core.search.space import Space


@pytest.mark.parametrize("dtype", KINDS_OF_TABLE)
@pytest.mark.parametrize("centred", [False, True])
def test_what_is_drawn_are_the_vectors_at_length_1(tmp_path, dtype, centred):
    rng = np.random.default_rng(0)
    table, exact = store(tmp_path / dtype, dtype, difficult_vectors(rng, 300))
    space = Space.centred(table, Job()) if centred else Space.stored(table)
    if centred:
        exact = exact - table.mean
    ids = rng.permutation(300)[:80].astype(np.int32)
    lengths = np.linalg.norm(exact[ids], axis=1)
    expected = np.where(space.present[ids], exact[ids].T / np.where(lengths > 0, lengths, 1), 0).T
    assert np.count_nonzero(~space.present[ids]) < 10
    np.testing.assert_allclose(space.units(ids).numpy(), expected, atol=1e-6)


def test_the_shortest_vectors_of_fp16_are_drawn_at_length_1(tmp_path):
    table, _ = store(tmp_path / "F16", "F16", np.eye(8) * 2.0**-24)
    units = Space.stored(table).units(np.arange(8, dtype=np.int32))
    np.testing.assert_array_equal(units.numpy(), np.eye(8))
