"""Vectors in words: planted mixes are found, and where no weight is negative it is plain OMP."""

import numpy as np
import pytest
from brute_force import opened, store
from sklearn.linear_model import orthogonal_mp

from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.values import Query, TokenFilter


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Unlike vectors off the origin, of all lengths, some without a direction."""
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((4000, 128)) * rng.lognormal(0, 0.3, (4000, 1))
    vectors += 0.2 * rng.standard_normal(128)
    vectors[::50] = 0
    table, exact = store(tmp_path_factory.mktemp("explaining") / "t", "F16", vectors)
    return opened(table), exact


def mix(exact, rng, noise):
    """A sum of 2 to 6 tokens with weights, and noise of a share of its length."""
    present = np.flatnonzero(np.abs(exact).sum(axis=1))
    ids = rng.choice(present, rng.integers(2, 7), replace=False)
    clean = rng.uniform(0.5, 1.5, len(ids)) @ (
        exact[ids] / np.linalg.norm(exact[ids], axis=1, keepdims=True)
    )
    direction = rng.standard_normal(exact.shape[1])
    return ids, clean + noise * np.linalg.norm(clean) * direction / np.linalg.norm(direction)


def test_planted_mixes_are_found_through_noise(table):
    engine, exact = table
    rng = np.random.default_rng(1)
    planted = found = 0
    for _ in range(200):
        ids, vector = mix(exact, rng, 0.1)
        explanation = engine.explain(Query("#1"), 8, vector)
        planted += len(ids)
        found += len(set(ids.tolist()) & set(explanation.ids.tolist()))
        assert explanation.explained > 0.95
        assert (explanation.weights > 0).all()
    assert found >= 0.9 * planted


def test_without_noise_weights_and_tokens_are_those_of_the_query(table):
    engine, _ = table
    explanation = engine.explain(Query("0.7*#11 + 0.3*#22 + 2*#33"), 8)
    weights = dict(zip(explanation.ids.tolist(), explanation.weights.tolist(), strict=True))
    assert weights == pytest.approx({11: 0.7, 22: 0.3, 33: 2.0})
    assert explanation.explained == pytest.approx(1.0)
    assert explanation.remark == ""


def test_it_equals_orthogonal_matching_pursuit_where_that_needs_no_negative_weight(table):
    engine, exact = table
    rng = np.random.default_rng(2)
    lengths = np.linalg.norm(exact, axis=1)
    atoms = (exact / np.where(lengths > 0, lengths, 1)[:, None]).T
    compared = 0
    for _ in range(30):
        _, vector = mix(exact, rng, 0.02)
        weights = orthogonal_mp(atoms, vector, n_nonzero_coefs=3)
        path = [orthogonal_mp(atoms, vector, n_nonzero_coefs=n) for n in (1, 2)]
        if any((weight < 0).any() for weight in (*path, weights)):
            continue
        explanation = engine.explain(Query("#1"), 3, vector)
        ids = explanation.ids
        assert set(ids.tolist()) == set(np.flatnonzero(weights).tolist())
        np.testing.assert_allclose(explanation.weights * lengths[ids], weights[ids], rtol=1e-6)
        compared += 1
    assert compared > 20


def test_a_difference_is_made_of_what_points_its_way_alone(table):
    engine, _ = table
    explanation = engine.explain(Query("#11 - #22"), 4)
    assert 11 in explanation.ids
    assert 22 not in explanation.ids
    assert (explanation.weights > 0).all()


def test_only_tokens_that_pass_the_filter_and_are_not_left_out_are_taken(table):
    engine, _ = table
    part = Query("#11 + #22", filter=TokenFilter(text="#0..#20"))
    assert engine.explain(part, 4).ids.max() <= 20
    alone = engine.explain(Query("#11", leave_out_own=True), 1)
    assert 11 not in alone.ids
    assert alone.explained < 0.5
    assert "only" in alone.remark


def test_twins_do_not_count_twice(tmp_path):
    vectors = np.tile(np.random.default_rng(3).standard_normal((5, 64)), (2, 1))
    stored, _ = store(tmp_path / "t", "F32", vectors)
    explanation = opened(stored).explain(Query("#0 + #1"), 8)
    assert sorted(explanation.ids.tolist()) == [0, 1]


def test_what_means_no_vector_is_said(table):
    engine, _ = table
    with pytest.raises(QueryError, match="cancels out"):
        engine.explain(Query("#1 - #1"), 3)
