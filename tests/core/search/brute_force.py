"""A float64 brute force of the ranking, and vectors that are hard to rank."""

from pathlib import Path

import numpy as np
import torch

from tests.core.torch_dtypes import TORCH_DTYPES
from tokensim_gui.core.files.table import Table, save_table
from tokensim_gui.core.search.engine import Engine
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

ROWS, DIM = 4000, 64
KINDS_OF_TABLE = (*TORCH_DTYPES, "I8")
COMBINATIONS = [
    (metric, order)
    for metric in ("cosine", "dot", "euclidean", "centred")
    for order in ("nearest", "opposite", "unrelated")
    if (metric, order) != ("euclidean", "unrelated")
]


def difficult_vectors(rng, rows=ROWS, dim=DIM):
    """Vectors off the origin, with zero rows, twins, scaled and opposite copies, all lengths."""
    vectors = rng.standard_normal((rows, dim)) * rng.lognormal(-1, 0.5, (rows, 1))
    vectors += 0.2 * rng.standard_normal(dim)
    parents = rng.integers(0, rows, (4, rows // 20))
    copies = rng.permutation(rows)[: parents.size].reshape(parents.shape)
    for parent, copy, factor in zip(parents, copies, (1, 1, 2, -1), strict=True):
        vectors[copy] = factor * vectors[parent]
    vectors[copies[0, :50]] = vectors[copies[0, 0]]
    vectors[rng.permutation(rows)[: rows // 50]] = 0
    return vectors


def store(folder: Path, dtype: str, vectors) -> tuple[Table, np.ndarray]:
    """Save ``vectors``; return the table and, by way of torch, their exact stored values."""
    scales = None
    if dtype == "I8":
        scales = (np.abs(vectors).max(axis=1) / 127).astype(np.float32)
        codes = np.rint(vectors / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8)
        exact = codes.astype(np.float64) * scales[:, None].astype(np.float64)
        data = codes.tobytes()
    else:
        stored = torch.from_numpy(vectors).to(TORCH_DTYPES[dtype])
        exact = stored.double().numpy()
        data = stored.view(torch.uint8).numpy().tobytes()
    save_table(folder, dtype, "none", dtype, *vectors.shape, [data], scales)
    return Table.load(folder), exact


def opened(table: Table, vocabulary: Vocabulary | None = None) -> Engine:
    engine = Engine("cpu")
    engine.open(table, vocabulary or Vocabulary.build(None, table.info.rows))
    return engine


def brute_force(exact, terms, query):
    """Rank all rows in float64 by the definition, without anything of the engine.

    Args:
        exact: float64 [rows, dim].
        terms: Pairs of a factor and an id.
        query: Metric, order, inputs and count.

    Returns:
        Ids and scores.
    """
    present = np.abs(exact).sum(axis=1) > 0
    vectors = exact - exact[present].mean(axis=0) if query.metric == "centred" else exact
    lengths = np.sqrt((vectors**2).sum(axis=1))
    longest = lengths[present].max()
    wanted = np.zeros(exact.shape[1])
    for factor, token in terms:
        unit = query.inputs == "unit"
        wanted += factor * vectors[token] / (lengths[token] if unit else 1)
    length = np.sqrt((wanted**2).sum())
    if query.metric == "euclidean":
        scores, scale = np.sqrt(((vectors - wanted) ** 2).sum(axis=1)), length + longest
    else:
        scores, scale = (vectors * wanted).sum(axis=1), length * longest
        if query.metric != "dot":
            scores, scale = scores / np.where(present, length * lengths, 1), 1.0
    keys = np.round(scores / scale, 12)
    badness = {
        "nearest": keys if query.metric == "euclidean" else -keys,
        "opposite": -keys if query.metric == "euclidean" else keys,
        "unrelated": np.abs(keys),
    }[query.order]
    ids = np.lexsort((np.arange(len(keys)), np.where(present, badness, np.inf)))
    ids = ids[: min(query.count, present.sum())]
    return ids, scores[ids]
