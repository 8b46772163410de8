"""What the inspector says of selected tokens: what is near one, and how alike several are."""

from typing import TYPE_CHECKING

import numpy as np

from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.job import Job
from tokensim_gui.core.values import Metric, Near, Query, Together, TokenFilter

if TYPE_CHECKING:
    from tokensim_gui.core.files.table import Table
    from tokensim_gui.core.search.engine import Engine

_NEAR = 5
MOST_TOGETHER = 200
_PAIRS = 512  # of random tokens: their mean is then known within one per cent
_ALONE = TokenFilter(kinds=("word", "part"), typeable=("alone",))


def near_one(engine: "Engine", token: int, metric: Metric, job: Job) -> Near:
    """Find what is near a token; nothing is near one without a vector."""
    return _near(engine, token, f"#{token}", metric, job)


def _near(engine: "Engine", token: int, text: str, metric: Metric, job: Job) -> Near:
    query = Query(
        text,
        metric=metric,
        inputs="unit",
        count=_NEAR,
        map_count=0,
        leave_out_own=True,
        leave_out_forms=True,
        filter=_ALONE,
    )
    try:
        found = engine.search(query, job)
    except QueryError:
        return Near(token, np.empty(0, np.int32), np.empty(0), metric, 0.0)
    return Near(token, found.ids, found.scores, metric, found.average)


def near_several(engine: "Engine", table: "Table", tokens: tuple[int, ...], job: Job) -> Together:
    """Say how alike tokens are, beside random pairs, what is near all and which is least alike.

    Args:
        engine: Has the table open.
        table: The vectors.
        tokens: Distinct ids; of more than `MOST_TOGETHER` the first are taken.
        job: Cancels.
    """
    norms = table.norms
    ids = np.array([token for token in tokens[:MOST_TOGETHER] if norms[token] > 0], np.int32)
    near = _near(engine, -1, " + ".join(f"#{token}" for token in ids), "cosine", job)
    unit = table.vectors(ids) / norms[ids][:, None] if len(ids) else np.empty((0, 1))
    alike, odd, odd_alike = np.nan, None, np.nan
    if len(ids) > 1:
        rest = (unit @ unit.sum(axis=0) - 1) / (len(ids) - 1)  # each one's mean with the others
        alike = float(rest.mean())
        if len(ids) > 2:
            odd, odd_alike = int(ids[rest.argmin()]), float(rest.min())
    return Together(tuple(ids.tolist()), alike, _random_pairs(table), near, odd, odd_alike)


def _random_pairs(table: "Table") -> float:
    usable = np.flatnonzero(table.norms > 0)
    if len(usable) < 2:
        return float("nan")
    picked = np.random.default_rng(0).choice(usable, (2, _PAIRS))
    first, second = (table.vectors(np.asarray(ids)) / table.norms[ids][:, None] for ids in picked)
    return float(np.einsum("ij,ij->i", first, second).mean())
