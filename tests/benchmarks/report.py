"""What every part of the bench shares: a row of the report, and seeded vectors."""

import numpy as np

ROWS, DIM = 49_408, 768


class Median(float):
    """A median that knows the deciles of what it was taken from."""

    def __new__(cls, values):
        """Take the median of times."""
        median = super().__new__(cls, np.median(values))
        median.spread = tuple(np.quantile(values, (0.1, 0.9)).tolist())
        return median


def row(name, ours_ms, peer="", peer_ms=None, bound=None):
    """Return a line of the report; ``bound`` is of the ratio, or of ``ours_ms`` without a peer."""
    ratio = None if peer_ms is None else ours_ms / peer_ms
    measured = ours_ms if ratio is None else ratio
    ok = bound is None or measured <= bound
    return {
        "name": name, "ours_ms": ours_ms, "peer": peer, "peer_ms": peer_ms,
        "ratio": ratio, "bound": bound, "ok": ok, "spread": getattr(ours_ms, "spread", None),
    }  # fmt: skip


def vectors(rng, rows, dim):
    """Return float32 vectors with a common direction, clusters, and lengths like CLIP's."""
    topics = rng.standard_normal((200, dim), np.float32)
    result = rng.standard_normal((rows, dim), np.float32)
    result += topics[rng.integers(0, 200, rows)] * rng.uniform(0, 1, (rows, 1)).astype(np.float32)
    result += rng.standard_normal(dim, np.float32) * 0.2
    result /= np.linalg.norm(result, axis=1, keepdims=True)
    return result * rng.normal(0.38, 0.02, (rows, 1)).astype(np.float32)
