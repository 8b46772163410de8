"""How long exact search takes, beside other ways to find neighbours in the same vectors.

Measurements that are compared take turns in one process, and medians are shown, so that a busy
moment of the computer hits all alike. `rows` returns what a report shows.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np
import simsimd
import torch
from gensim.models import KeyedVectors
from report import DIM, ROWS, Median, row, vectors

from tokensim_gui.core import paths
from tokensim_gui.core.files.table import Table, read_info, save_table
from tokensim_gui.core.search.engine import Engine
from tokensim_gui.core.values import ORDERS, Query, TokenFilter
from tokensim_gui.core.vocabulary import filters
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

COUNT = 200
LARGE = {151_936: 2_560, 262_144: 2_560}
THREADS = 2
ROUNDS = 25
MIB = 2**20


def take_turns(rounds, **actions):
    """Return each action's median time in ms; an action gets the number of the round."""
    times = {name: [] for name in actions}
    for number in range(-2, rounds):  # two rounds to warm up
        for name, action in actions.items():
            start = time.perf_counter()
            action(number)
            if number >= 0:
                times[name].append(1e3 * (time.perf_counter() - start))
    return {name: Median(values) for name, values in times.items()}


def open_engine(dtype, values, scales=None):
    """Return an engine for some vectors."""
    with tempfile.TemporaryDirectory() as folder:
        rows, dim = values.shape
        save_table(Path(folder), "bench", "none", dtype, rows, dim, [values.tobytes()], scales)
        table = Table.load(Path(folder))
    engine = Engine("cpu")
    engine.open(table, Vocabulary.build(None, rows))
    return engine


def search_with(engine, order="nearest", map_count=0):
    """Return what searches for another pair of tokens in every round."""
    return lambda i: engine.search(Query(f"#{100 + i} + #{500 + i}", order, map_count=map_count))


def kernel(rows, name):
    """Return a bare scan by simsimd on two threads."""
    return lambda i: simsimd.cdist(rows, rows[[i]], "dot", dtype=name, threads=THREADS)


def search_rows():
    """Compare exact searches of 49,408 × 768 fp16 vectors with other programs' scans."""
    torch.set_num_threads(THREADS)
    faiss.omp_set_num_threads(THREADS)
    values = vectors(np.random.default_rng(0), ROWS, DIM)
    half = values.astype(np.float16)
    engine = open_engine("F16", half)

    stored = torch.from_numpy(half)
    brain = stored.bfloat16()
    as_integers = stored.view(torch.int64)
    unit = values / np.linalg.norm(values, axis=1, keepdims=True)
    small = np.rint(unit * (127 / np.abs(unit).max(axis=1, keepdims=True))).astype(np.int8)
    index = faiss.IndexFlatIP(DIM)
    index.add(unit)
    quantised = faiss.IndexScalarQuantizer(
        DIM, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    quantised.train(unit)
    quantised.add(unit)
    gensim = KeyedVectors(DIM)
    gensim.add_vectors([str(token) for token in range(ROWS)], values)
    gensim.fill_norms()

    noisy = values[[7, 70, 700, 7000]].sum(axis=0, dtype=np.float64)
    noisy += 0.02 * np.random.default_rng(1).standard_normal(DIM)

    def numpy_scan(i):
        scores = unit @ unit[i]
        return np.argpartition(scores, -COUNT)[-COUNT:]

    def loop(i):
        query, length = values[i], np.linalg.norm(values[i])
        scores = [float(v @ query) / (np.linalg.norm(v) * length) for v in values]
        return sorted(range(ROWS), key=scores.__getitem__, reverse=True)[:COUNT]

    ms = take_turns(
        ROUNDS,
        nearest=search_with(engine),
        scan=lambda i: stored @ stored[i],
        opposite=search_with(engine, "opposite"),
        scan_bf16=lambda i: brain @ brain[i],
        read=lambda i: as_integers.sum(),
        unrelated=search_with(engine, "unrelated"),
        numpy=numpy_scan,
        int8=kernel(small, "int8"),
        faiss=lambda i: index.search(unit[[i]], COUNT),
        faiss_sq8=lambda i: quantised.search(unit[[i]], COUNT),
        gensim=lambda i: gensim.most_similar(positive=[values[i]], topn=COUNT),
        with_map=search_with(engine, map_count=80),
        explain=lambda i: engine.explain(Query(f"#{100 + i} + #{500 + i} + #{900 + i}"), 8, noisy),
    )
    ms |= take_turns(1, loop=loop)
    shape = f"{ROWS:,} × {DIM} fp16"
    scan = "W16 @ q16"
    map_ms = ms["with_map"] - ms["nearest"]
    return [
        row(f"exact search, nearest, {shape}", ms["nearest"], scan, ms["scan"], 1.2),
        row(f"exact search, opposite, {shape}", ms["opposite"], scan, ms["scan"], 1.2),
        row(f"exact search, unrelated, {shape}", ms["unrelated"], scan, ms["scan"], 8),
        row("exact search, nearest", ms["nearest"], "torch bf16 product", ms["scan_bf16"]),
        row("the same", ms["nearest"], "one read of the table", ms["read"]),
        row("the same", ms["nearest"], "simsimd int8 product, no ranking", ms["int8"]),
        row("the same", ms["nearest"], "numpy fp32 matmul + argpartition", ms["numpy"]),
        row("the same", ms["nearest"], "gensim most_similar", ms["gensim"], 0.5),
        row("the same", ms["nearest"], "faiss IndexFlatIP (fp32)", ms["faiss"], 0.25),
        row("the same", ms["nearest"], "faiss SQ8, inexact", ms["faiss_sq8"]),
        row("the same", ms["nearest"], "a cosine for each token in a loop", ms["loop"]),
        row("a map of 80 takes, beside the search", map_ms, bound=1.5),
        row(f"a vector in 8 words, {shape}", ms["explain"], bound=40),
        *starter_rows(),
    ]


def starter_rows():
    """Measure searches of the built-in vectors, int8 of 384 dimensions."""
    folder = paths.resource("starter")
    engine = Engine("cpu")
    engine.open(Table.load(folder), Vocabulary.load(folder))
    words = "cat dog sunset castle girl king photo red car sea night old man".split()
    ms = take_turns(
        ROUNDS, starter=lambda i: engine.search(Query(words[i % len(words)], map_count=0))
    )
    return [row(f"exact search, nearest, starter, {ROWS:,} × 384 int8", ms["starter"], bound=3)]


def vocabulary_rows():
    """Measure filters and sorting over CLIP's vocabulary, against the bounds in milliseconds."""
    vocabulary = Vocabulary.load(paths.resource("starter"))
    norms = np.random.default_rng(0).random(vocabulary.rows)
    ms = take_turns(
        ROUNDS,
        text=lambda i: filters.mask(vocabulary, TokenFilter(text=f"{chr(97 + i % 26)}a")),
        regex=lambda i: filters.mask(vocabulary, TokenFilter(text=f"/^{chr(97 + i % 26)}.*s$/")),
        kinds=lambda i: filters.mask(vocabulary, TokenFilter(kinds=("word",))),
        order=lambda i: np.argsort(norms + i, kind="stable"),
    )
    rows = f"{vocabulary.rows:,} tokens"
    return [
        row(f"filter {rows} by text", ms["text"], bound=20),
        row(f"filter {rows} by regex", ms["regex"], bound=50),
        row(f"filter {rows} by kind", ms["kinds"], bound=20),
        row(f"sort {rows}", ms["order"], bound=20),
    ]


def large_rows():
    """Measure tables as large as those of 2025, each in a process of its own."""
    report = []
    for (rows, dim), most in zip(LARGE.items(), (1.3, 1.25), strict=True):
        with tempfile.TemporaryDirectory() as folder:
            save_large(Path(folder), rows, dim)
            output = subprocess.run(
                [sys.executable, __file__, folder],
                check=True, capture_output=True, text=True,
            ).stdout  # fmt: skip
        found = json.loads(output)
        shape = f"{rows:,} × {dim:,} bf16"
        growth = row(f"memory grown by {shape}, MiB", found["growth"], "table", found["table"])
        growth["bound"], growth["ok"] = "table + 250", found["growth"] <= found["table"] + 250
        read = "one read"
        report += [
            row(f"open {shape}", found["open"]),
            growth,
            row(f"exact search, nearest, {shape}", found["nearest"], read, found["read"], most),
            row(f"exact search, opposite, {shape}", found["opposite"], read, found["read"], most),
            row(f"exact search, unrelated, {shape}", found["unrelated"], read, found["read"]),
            row("exact search, nearest", found["nearest"], "torch bf16 product", found["scan"]),
            row("the same", found["nearest"], "simsimd bf16 product", found["kernel"]),
        ]
    return report


def save_large(folder, rows, dim):
    """Write a large table; its bf16 bytes are the upper halves of float32."""
    rng = np.random.default_rng(1)
    step = 4096
    common = 0.3 * rng.standard_normal(dim, np.float32)
    blocks = (
        rng.standard_normal((min(step, rows - start), dim), np.float32) + common
        for start in range(0, rows, step)
    )
    chunks = (block.view(np.uint16)[:, 1::2].tobytes() for block in blocks)
    save_table(folder, "large", "none", "BF16", rows, dim, chunks)


def peak_mib():
    """The most memory this process had in RAM; `resource` would begin with its parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def measure_large(folder):
    """Print, as JSON, times in ms and memory in MiB for the large table in ``folder``."""
    with tempfile.TemporaryDirectory() as small:
        save_table(Path(small), "small", "none", "F16", 256, 64, [b"\1" * 256 * 64 * 2])
        warm = Engine("cpu")
        warm.open(Table.load(Path(small)), Vocabulary.build(None, 256))
        warm.search(Query("#1"))
    vocabulary = Vocabulary.build(None, read_info(folder).rows)
    before = peak_mib()

    start = time.perf_counter()
    table = Table.load(folder)
    engine = Engine("cpu")
    engine.open(table, vocabulary)
    opening = 1e3 * (time.perf_counter() - start)
    for order in ORDERS:
        engine.search(Query("#1", order))
    growth = peak_mib() - before

    torch.set_num_threads(THREADS)
    stored = torch.from_numpy(np.array(table.data)).view(torch.bfloat16).view(table.info.rows, -1)
    as_integers = stored.view(torch.int64)
    found = take_turns(
        ROUNDS,
        read=lambda i: as_integers.sum(),
        scan=lambda i: stored @ stored[i],
        kernel=kernel(stored.view(torch.uint16).numpy(), "bfloat16"),
        nearest=search_with(engine),
        opposite=search_with(engine, "opposite"),
        unrelated=search_with(engine, "unrelated"),
    )
    print(json.dumps(found | {"open": opening, "growth": growth, "table": table.info.bytes / MIB}))


def rows():
    """Return all lines of the report."""
    return search_rows() + vocabulary_rows() + large_rows()


if __name__ == "__main__":
    measure_large(Path(sys.argv[1]))
