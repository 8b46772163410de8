"""What every part of the bench shares: a row of the report, and seeded vectors."""

import numpy as np

ROWS, DIM = 49_408, 768


def row(name, ours_ms, peer="", peer_ms=None, bound=None):
    """Return a line of the report; ``bound`` is of the ratio, or of ``ours_ms`` without a peer."""
    ratio = None if peer_ms is None else ours_ms / peer_ms
    measured = ours_ms if ratio is None else ratio
    ok = bound is None or measured <= bound
    return {
        "name": name, "ours_ms": ours_ms, "peer": peer, "peer_ms": peer_ms,
        "ratio": ratio, "bound": bound, "ok": ok,
    }  # fmt: skip


def vectors(rng, rows, dim):
    """Return float32 vectors with a common direction, clusters, and lengths like CLIP's."""
    topics = rng.standard_normal((200, dim), np.float32)
    result = rng.standard_normal((rows, dim), np.float32)
    result += topics[rng.integers(0, 200, rows)] * rng.uniform(0, 1, (rows, 1)).astype(np.float32)
    result += rng.standard_normal(dim, np.float32) * 0.2
    result /= np.linalg.norm(result, axis=1, keepdims=True)
    return result * rng.normal(0.38, 0.02, (rows, 1)).astype(np.float32)
