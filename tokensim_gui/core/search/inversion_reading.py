"""What the vectors of a textual inversion mean among the tokens of a table."""

import numpy as np

from tokensim_gui.core.job import Job
from tokensim_gui.core.loras.inversion_file import Inversion, norms
from tokensim_gui.core.loras.vector_reading import PartReading, VectorReading
from tokensim_gui.core.search.engine import Engine

_NEAREST = 5


def read_parts(inversion: Inversion, engine: Engine | None, job: Job) -> tuple[PartReading, ...]:
    """Find the tokens nearest to each vector, and compare its length with theirs.

    Args:
        inversion: Whose vectors.
        engine: With an open table; None to read lengths alone.
        job: Cancellation.

    Raises:
        JobCancelled: The job was cancelled.
    """
    table = engine.table if engine is not None else None
    usual = float(np.median(table.norms[table.norms > 0])) if table is not None else np.nan
    found = []
    for part in inversion.parts:
        dim = part.vectors.shape[1]
        fits = table is not None and table.info.dim == dim
        read = []
        for vector, norm in zip(part.vectors.astype(np.float64), norms(part), strict=True):
            ids, scores = np.empty(0, np.int32), np.empty(0)
            if engine is not None and fits:
                ids, scores = engine.nearest(vector, _NEAREST, job)
            read.append(VectorReading(norm, norm / usual if fits else np.nan, ids, scores))
        found.append(PartReading(part.encoder, dim, fits, tuple(read)))
    return tuple(found)


def likeness(first: Inversion, second: Inversion) -> dict[str, float]:
    """Return the cosine of the mean vectors of two inversions, by encoder that both have.

    NaN where a mean has no direction.
    """
    others = {part.encoder: part.vectors for part in second.parts}
    found = {}
    for part in first.parts:
        other = others.get(part.encoder)
        if other is None or other.shape[1] != part.vectors.shape[1]:
            continue
        one = part.vectors.astype(np.float64).mean(axis=0)
        two = other.astype(np.float64).mean(axis=0)
        lengths = np.linalg.norm(one) * np.linalg.norm(two)
        found[part.encoder] = float(one @ two / lengths) if lengths else float("nan")
    return found
