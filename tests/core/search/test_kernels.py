"""Dot products of rows by kernels: never farther off than they say, and never kept waiting."""

import gc
import os
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from brute_force import store

from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.search import kernels


def rows_of(tmp_path, dtype, vectors):
    table, exact = store(tmp_path / dtype, dtype, vectors)
    items = table.data.view(kernels.FORMATS[dtype][1]).reshape(exact.shape)
    return items, exact if table.scales is None else exact / table.scales[:, None]


@pytest.mark.parametrize("dtype", kernels.FORMATS)
@pytest.mark.parametrize("dim", [64, 383, 1031])
@pytest.mark.parametrize("parts", [1, 2])
def test_products_are_as_near_as_they_say(tmp_path, dtype, dim, parts):
    rng = np.random.default_rng(dim)
    rows, exact = rows_of(tmp_path, dtype, rng.standard_normal((500, dim)))
    query = rng.standard_normal(dim) * 10.0 ** rng.uniform(-6, 0, dim)
    query /= np.linalg.norm(query)
    products, error = kernels.dots(rows, dtype, query, parts)
    off = np.abs(products - exact @ query) / np.linalg.norm(exact, axis=1)
    assert off.max() <= error + 1e-13
    assert error < (0.02 if parts == 1 else 2e-4) + dim * 2.0**-22


def test_a_second_part_brings_them_nearer(tmp_path):
    rng = np.random.default_rng(0)
    rows, exact = rows_of(tmp_path, "I8", rng.standard_normal((500, 256)))
    query = rng.standard_normal(256)
    query /= np.linalg.norm(query)
    off = [
        np.abs(kernels.dots(rows, "I8", query, parts)[0] - exact @ query).max() for parts in (1, 2)
    ]
    assert off[1] < off[0] / 50


@pytest.mark.parametrize("dtype", kernels.FORMATS)
def test_scans_leave_the_references_to_none_alone(dtype):
    """Before Python 3.12 the process would end where they are used up, after some 1,000 scans."""
    rows = np.ones((20, 8), kernels.FORMATS[dtype][1])
    gc.collect()  # what other tests left would give theirs back meanwhile
    before = sys.getrefcount(None)
    for _ in range(500):
        kernels.dots(rows, dtype, np.ones(8) / 8)
    assert abs(sys.getrefcount(None) - before) < 100


def test_nobody_waits_for_a_thread_that_does_not_get_on(monkeypatch):
    rng = np.random.default_rng(1)
    rows = rng.integers(-127, 128, (4000, 64)).astype(np.int8)
    real, stuck, go_on = kernels.simsimd.cdist, threading.Event(), threading.Event()

    def cdist(*args, **options):
        if threading.current_thread() is not threading.main_thread():
            stuck.set()
            go_on.wait(60)
        elif (os.cpu_count() or 1) > 1:
            stuck.wait(10)
        return real(*args, **options)

    monkeypatch.setattr(kernels, "simsimd", SimpleNamespace(cdist=cdist))
    monkeypatch.setattr(kernels, "BLOCK_BYTES", 64_000)
    query = np.ones(64) / 8
    try:
        products, error = kernels.dots(rows, "I8", query)
        assert not go_on.is_set()
        np.testing.assert_allclose(products, rows @ query, atol=64 * 127 * error + 1e-9)
    finally:
        go_on.set()


def test_a_cancelled_scan_stops_between_blocks(monkeypatch):
    rows = np.ones((4000, 64), np.int8)
    real, job, done = kernels.simsimd.cdist, Job(), []

    def cdist(*args, **options):
        job.cancel()
        done.append(len(args[0]))
        return real(*args, **options)

    monkeypatch.setattr(kernels, "simsimd", SimpleNamespace(cdist=cdist))
    monkeypatch.setattr(kernels, "BLOCK_BYTES", 64_000)
    with pytest.raises(JobCancelled):
        kernels.dots(rows, "I8", np.ones(64) / 8, job=job)
    assert sum(done) <= 2000


@pytest.mark.parametrize("dtype", kernels.FORMATS)
def test_some_rows_are_multiplied_as_all_are(tmp_path, dtype):
    rng = np.random.default_rng(2)
    rows, _ = rows_of(tmp_path, dtype, rng.standard_normal((9000, 64)))
    query = rng.standard_normal(64)
    query /= np.linalg.norm(query)
    ids = rng.permutation(9000)[:7000].astype(np.int32)
    some, error = kernels.dots(rows, dtype, query, ids=ids)
    every, error_of_all = kernels.dots(rows, dtype, query)
    assert error == error_of_all and np.array_equal(some, every[ids])


def test_a_helping_thread_outlives_what_fails_in_it(monkeypatch):
    rows, query = np.ones((4000, 64), np.int8), np.ones(64) / 8
    real, failed = kernels.simsimd.cdist, threading.Event()

    def cdist(*args, **options):
        if threading.current_thread() is not threading.main_thread():
            failed.set()
            raise MemoryError
        if (os.cpu_count() or 1) > 1:
            failed.wait(10)
        return real(*args, **options)

    monkeypatch.setattr(kernels, "simsimd", SimpleNamespace(cdist=cdist))
    monkeypatch.setattr(kernels, "BLOCK_BYTES", 64_000)
    for _ in range(2):  # the second time there is a thread to fail still
        failed.clear()
        products, _ = kernels.dots(rows, "I8", query)
        assert failed.is_set() or (os.cpu_count() or 1) == 1
        assert np.ptp(products) == 0
