"""Every search equals a brute force in float64, to the last id, in every format and order.

With TOKENSIM_SOAK=1 each combination is asked a thousand times instead of a hundred.
"""

import os

import numpy as np
import pytest
import torch
from brute_force import (
    COMBINATIONS,
    DIM,
    KINDS_OF_TABLE,
    ROWS,
    brute_force,
    difficult_vectors,
    opened,
    store,
)

from tokensim_gui.core.search import kernels, row_scan
from tokensim_gui.core.values import Query

QUERIES = 1000 if os.environ.get("TOKENSIM_SOAK") == "1" else 100


def assert_ranks_like_brute_force(engine, exact, query, token):
    results = engine.search(query)
    ids, scores = brute_force(exact, [(1.0, token)], query)
    np.testing.assert_array_equal(results.ids, ids, err_msg=str(query))
    np.testing.assert_allclose(results.scores, scores, rtol=1e-9, atol=1e-9)


def ask_at_random(engine, exact, rng, combinations, queries):
    present = np.flatnonzero(np.abs(exact).sum(axis=1))
    for number in range(queries):
        metric, order = combinations[number % len(combinations)]
        tokens = rng.choice(present, 1 + number % 3, replace=False).tolist()
        factors = [1.0, *rng.choice([-1.0, -0.5, 0.7, 2.0], 2).tolist()][: len(tokens)]
        terms = list(zip(factors, tokens, strict=True))
        if np.allclose(sum(factor * exact[token] for factor, token in terms), 0):
            continue  # a token minus its twin means no vector
        text = " ".join(f"{'+-'[factor < 0]} {abs(factor)}*#{token}" for factor, token in terms)
        query = Query(text, order, metric, inputs=("raw", "unit")[number % 2], map_count=0)
        results = engine.search(query)
        ids, scores = brute_force(exact, terms, query)
        np.testing.assert_array_equal(results.ids, ids, err_msg=str(query))
        np.testing.assert_allclose(results.scores, scores, rtol=0, atol=1e-6)


@pytest.mark.parametrize("dtype", KINDS_OF_TABLE)
@pytest.mark.parametrize(("metric", "order"), COMBINATIONS)
def test_random_queries_rank_as_brute_force_does(tmp_path, dtype, metric, order):
    rng = np.random.default_rng(list(f"{dtype} {metric} {order}".encode()))
    table, exact = store(tmp_path / "table", dtype, difficult_vectors(rng, 2000, 48))
    ask_at_random(opened(table), exact, rng, [(metric, order)], QUERIES)


@pytest.mark.parametrize("dtype", KINDS_OF_TABLE)
def test_a_table_without_a_small_copy_is_ranked_the_same(tmp_path, monkeypatch, dtype):
    monkeypatch.setattr(row_scan, "MAX_SMALL_COPY_BYTES", 0)
    monkeypatch.setattr(kernels, "BLOCK_BYTES", 20_000)  # several threads
    rng = np.random.default_rng(1)
    table, exact = store(tmp_path / "table", dtype, difficult_vectors(rng))
    ask_at_random(opened(table), exact, rng, COMBINATIONS, 99)


@pytest.mark.parametrize("dtype", KINDS_OF_TABLE)
def test_torch_ranks_the_same_where_no_kernel_is(tmp_path, monkeypatch, dtype):
    monkeypatch.setattr(kernels, "AVAILABLE", False)
    rng = np.random.default_rng(2)
    table, exact = store(tmp_path / "table", dtype, difficult_vectors(rng))
    ask_at_random(opened(table), exact, rng, COMBINATIONS, 99)


@pytest.mark.parametrize("dtype", ["F32", "F8_E4M3", "I8"])
def test_a_table_too_large_for_any_copy_is_converted_in_blocks_and_ranked_the_same(
    tmp_path, monkeypatch, dtype
):
    monkeypatch.setattr(kernels, "AVAILABLE", False)
    monkeypatch.setattr(row_scan, "MAX_COPY_BYTES", 0)
    monkeypatch.setattr(row_scan, "BLOCK_ITEMS", 333 * DIM)
    table, exact = store(tmp_path / "t", dtype, difficult_vectors(np.random.default_rng(1)))
    engine = opened(table)
    for metric, order in COMBINATIONS:
        query = Query("#7", order, metric)
        assert_ranks_like_brute_force(engine, exact, query, 7)
    assert engine.search(query).device == "CPU, converted block by block"


def rows_at_the_bounds(rng, rows=ROWS, dim=DIM):
    """Rows that a scan misjudges by as much as its bounds allow, in both directions.

    The first two are the queries: one that int8 holds exactly, for rows that it does not hold, and
    one that no format holds, for rows that point along what it takes off.
    """
    whole_query = np.rint(40 * rng.standard_normal(dim)).clip(-127, 127)
    whole_query[0] = 127
    # Rows n + r with integers n, and r along the query and small enough to be rounded off. Twins
    # seem better by r than they are; the others seem worse, by up to the twins' r and their own.
    rounded_off = 0.49 * whole_query / np.abs(whole_query[1:]).max()
    rounded_off[0] = 0
    whole = np.rint(0.5 * whole_query + 10 * rng.standard_normal(dim)).clip(-100, 100)
    whole[0] = 127
    lowered = rng.random((rows // 8, dim)) < rng.uniform(0, 0.2, (rows // 8, 1))
    lowered[:, 0] = False
    groups = [
        np.tile(whole - rounded_off, (rows // 8, 1)),
        whole - np.sign(whole_query) * lowered + rounded_off,
    ]
    query = np.rint(rng.standard_normal(dim) * 2**12) / 2**12  # exact in float32
    unit = query / np.linalg.norm(query)
    step = np.abs(unit).max() / 127
    for rounded in (
        np.rint(unit / step) * step,
        torch.from_numpy(unit).half().double().numpy(),
        torch.from_numpy(unit).bfloat16().double().numpy(),
    ):
        taken = unit - rounded
        taken /= np.linalg.norm(taken)
        across = rng.standard_normal(dim)
        across -= across @ taken * taken
        signs = rng.choice([-1.0, 1.0], (rows // 4, 1))
        groups.append(across + signs * rng.uniform(0.5, 3, (rows // 4, 1)) * taken)
    return np.vstack([whole_query, query, *groups])


@pytest.mark.parametrize("dtype", KINDS_OF_TABLE)
@pytest.mark.parametrize("small_copy", [True, False])
def test_rows_at_the_bounds_of_the_scan_rank_exactly(tmp_path, monkeypatch, dtype, small_copy):
    if not small_copy:
        monkeypatch.setattr(row_scan, "MAX_SMALL_COPY_BYTES", 0)
    for seed in range(max(1, QUERIES // 100)):
        vectors = rows_at_the_bounds(np.random.default_rng(seed))
        table, exact = store(tmp_path / f"t{seed}", dtype, vectors)
        engine = opened(table)
        for metric, order in COMBINATIONS:
            for count in (1, 20, 200, ROWS // 8):
                for token in (0, 1):
                    query = Query(f"#{token}", order, metric, count=count, map_count=0)
                    assert_ranks_like_brute_force(engine, exact, query, token)


@pytest.mark.parametrize("dtype", ["F16", "BF16", "I8"])
def test_thousands_of_nearly_parallel_vectors_are_told_apart(tmp_path, dtype):
    rng = np.random.default_rng(2)
    vectors = rng.standard_normal(DIM) + 0.01 * rng.standard_normal((ROWS, DIM))
    table, exact = store(tmp_path / "t", dtype, vectors)
    engine = opened(table)
    for metric, order in COMBINATIONS:
        assert_ranks_like_brute_force(engine, exact, Query("#7", order, metric), 7)


def test_equal_vectors_rank_by_id(tmp_path):
    table, _ = store(tmp_path / "t", "BF16", np.tile(np.linspace(0.1, 1, DIM), (ROWS, 1)))
    results = opened(table).search(Query("#9", count=300))
    np.testing.assert_array_equal(results.ids, np.arange(300))


@pytest.mark.parametrize("lengths", [(3e4, 6.5e4), (1e-5, 1e-4), (1e-4, 6e4)])
def test_lengths_at_the_ends_of_half_precision_rank_exactly(tmp_path, lengths):
    rng = np.random.default_rng(3)
    vectors = rng.standard_normal((ROWS, DIM))
    vectors /= np.abs(vectors).max(axis=1, keepdims=True)
    vectors *= rng.uniform(*lengths, (ROWS, 1))
    table, exact = store(tmp_path / "t", "F16", vectors)
    engine = opened(table)
    for metric, order in COMBINATIONS:
        assert_ranks_like_brute_force(engine, exact, Query("#7", order, metric), 7)


@pytest.mark.parametrize("dtype", ["F32", "BF16"])
@pytest.mark.parametrize("lengths", [(1e-37, 1e-36), (1e36, 1e37), (1e-30, 1e34)])
def test_lengths_at_the_ends_of_single_precision_rank_exactly(tmp_path, dtype, lengths):
    rng = np.random.default_rng(4)
    vectors = rng.standard_normal((ROWS, DIM))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors *= np.exp(rng.uniform(*np.log(lengths), (ROWS, 1)))
    table, exact = store(tmp_path / "t", dtype, vectors)
    engine = opened(table)
    for metric, order in COMBINATIONS:
        if metric != "centred":  # the mean is that of the longest
            assert_ranks_like_brute_force(engine, exact, Query("#7", order, metric), 7)
