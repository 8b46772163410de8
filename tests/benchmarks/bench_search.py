"""How long exact search takes, beside other ways to find neighbours in the same vectors.

Measurements that are compared take turns in one process, and medians are shown, so that a busy
moment of the computer hits all alike. `rows` returns what a report shows.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np
import torch
from gensim.models import KeyedVectors
from report import DIM, ROWS, row, vectors

from tokensim_gui.core import paths
from tokensim_gui.core.files.table import Table, save_table
from tokensim_gui.core.search.engine import Engine
from tokensim_gui.core.values import ORDERS, Query, TokenFilter
from tokensim_gui.core.vocabulary import filters
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

COUNT = 200
LARGE_ROWS, LARGE_DIM = 262_144, 2_560
ROUNDS = 25
MIB = 2**20


def take_turns(rounds, **actions):
    """Return the median time of each action in ms; each gets the number of the round."""
    times = {name: [] for name in actions}
    for number in range(-2, rounds):  # two rounds to warm up
        for name, action in actions.items():
            start = time.perf_counter()
            action(number)
            if number >= 0:
                times[name].append(1e3 * (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in times.items()}


def search_rows():
    """Compare exact searches of 49,408 × 768 fp16 vectors with other programs' scans."""
    values = vectors(np.random.default_rng(0), ROWS, DIM)
    with tempfile.TemporaryDirectory() as folder:
        half = values.astype(np.float16)
        save_table(Path(folder), "bench", "none", "F16", ROWS, DIM, [half.tobytes()])
        table = Table.load(Path(folder))
    engine = Engine("cpu")
    engine.open(table, Vocabulary.build(None, ROWS))

    stored = torch.from_numpy(half)
    as_integers = stored.view(torch.int64)
    unit = values / np.linalg.norm(values, axis=1, keepdims=True)
    index = faiss.IndexFlatIP(DIM)
    index.add(unit)
    gensim = KeyedVectors(DIM)
    gensim.add_vectors([str(token) for token in range(ROWS)], values)
    gensim.fill_norms()

    def search(order, map_count=0):
        return lambda i: engine.search(
            Query(f"#{100 + i} + #{500 + i}", order, map_count=map_count)
        )

    def numpy_scan(i):
        scores = unit @ unit[i]
        return np.argpartition(scores, -COUNT)[-COUNT:]

    def loop(i):
        query, length = values[i], np.linalg.norm(values[i])
        scores = [float(v @ query) / (np.linalg.norm(v) * length) for v in values]
        return sorted(range(ROWS), key=scores.__getitem__, reverse=True)[:COUNT]

    ms = take_turns(
        ROUNDS,
        nearest=search("nearest"),
        scan=lambda i: stored @ stored[i],
        opposite=search("opposite"),
        read=lambda i: as_integers.sum(),
        unrelated=search("unrelated"),
        numpy=numpy_scan,
        faiss=lambda i: index.search(unit[i : i + 1] if i >= 0 else unit[:1], COUNT),
        gensim=lambda i: gensim.most_similar(positive=[values[i]], topn=COUNT),
        with_map=search("nearest", map_count=60),
    )
    ms |= take_turns(1, loop=loop)
    shape = f"{ROWS:,} × {DIM} fp16"
    scan = "W16 @ q16"
    return [
        row(f"exact search, nearest, {shape}", ms["nearest"], scan, ms["scan"], 2),
        row(f"exact search, opposite, {shape}", ms["opposite"], scan, ms["scan"], 2),
        row(f"exact search, unrelated, {shape}", ms["unrelated"], scan, ms["scan"], 8),
        row("the same", ms["nearest"], "one read of the table", ms["read"]),
        row("the same", ms["nearest"], "numpy fp32 matmul + argpartition", ms["numpy"]),
        row("the same", ms["nearest"], "gensim KeyedVectors.most_similar", ms["gensim"]),
        row("the same", ms["nearest"], "faiss IndexFlatIP (fp32)", ms["faiss"]),
        row("the same", ms["nearest"], "a cosine for each token in a loop", ms["loop"]),
        row("exact search and map of 60", ms["with_map"], scan, ms["scan"]),
    ]


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
    """Measure a table of 262,144 × 2,560 in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        save_large(Path(folder))
        output = subprocess.run(
            [sys.executable, __file__, folder],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
    found = json.loads(output)
    shape = f"{LARGE_ROWS:,} × {LARGE_DIM:,} bf16"
    growth = row(f"memory grown by {shape}, MiB", found["growth"], "table, MiB", found["table"])
    growth["bound"], growth["ok"] = "table + 250", found["growth"] <= found["table"] + 250
    return [
        row(f"open {shape}", found["open"]),
        growth,
        *(
            row(f"exact search, {order}, {shape}", found[order], "W16 @ q16", found["scan"])
            for order in ("nearest", "opposite", "unrelated")
        ),
    ]


def save_large(folder):
    """Write the large table; its bf16 bytes are the upper halves of float32."""
    rng = np.random.default_rng(1)
    step = 4096
    common = 0.3 * rng.standard_normal(LARGE_DIM, np.float32)
    blocks = (
        (rng.standard_normal((step, LARGE_DIM), np.float32) + common).view(np.uint16)[:, 1::2]
        for _ in range(LARGE_ROWS // step)
    )
    chunks = (block.tobytes() for block in blocks)
    save_table(folder, "large", "none", "BF16", LARGE_ROWS, LARGE_DIM, chunks)


def measure_large(folder):
    """Print, as JSON, times in ms and memory in MiB for the large table in ``folder``."""
    with tempfile.TemporaryDirectory() as small:
        save_table(Path(small), "small", "none", "F16", 256, 64, [b"\1" * 256 * 64 * 2])
        warm = Engine("cpu")
        warm.open(Table.load(Path(small)), Vocabulary.build(None, 256))
        warm.search(Query("#1"))
    vocabulary = Vocabulary.build(None, LARGE_ROWS)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    before = pages * resource.getpagesize() / MIB

    start = time.perf_counter()
    table = Table.load(folder)
    engine = Engine("cpu")
    engine.open(table, vocabulary)
    opening = 1e3 * (time.perf_counter() - start)
    for order in ORDERS:
        engine.search(Query("#1", order))
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before

    stored = torch.from_numpy(np.array(table.data)).view(torch.bfloat16).view(LARGE_ROWS, -1)
    found = take_turns(
        5,
        scan=lambda i: stored @ stored[i],
        nearest=lambda i: engine.search(Query(f"#{i + 7}", "nearest")),
        opposite=lambda i: engine.search(Query(f"#{i + 7}", "opposite")),
        unrelated=lambda i: engine.search(Query(f"#{i + 7}", "unrelated")),
    )
    print(json.dumps(found | {"open": opening, "growth": growth, "table": table.info.bytes / MIB}))


def rows():
    """Return all lines of the report."""
    return search_rows() + vocabulary_rows() + large_rows()


if __name__ == "__main__":
    measure_large(Path(sys.argv[1]))
