"""The PCA of a neighbourhood: two principal components, kept from turning and mirroring."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from tokensim_gui.core.values import BoolArray, IntArray

_NEIGHBOURS = 10
_BLOCK = 12
_NO_EXTENT = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Points in the plane.

    Attributes:
        ids: int32 [n], what each point is; distinct.
        coords: float32 [n, 2].
        explained: Share of the points' variance that the plane holds, 0 to 1.
        faithfulness: Mean share of each point's 10 nearest that stay its 10 nearest in the
            plane, 0 to 1; NaN with fewer than 12 points.
        beyond: float32 [m, 2], further points, projected on the plane of the others.
    """

    ids: IntArray
    coords: NDArray[np.float32]
    explained: float
    faithfulness: float
    beyond: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2), np.float32))


def pca(
    points: torch.Tensor,
    ids: IntArray,
    previous: Layout | None = None,
    further: torch.Tensor | None = None,
) -> Layout:
    """Return the PCA of ``points``: their coordinates on the two principal components.

    Args:
        points: float32 [n, dim], n ≥ 1.
        ids: int32 [n], distinct.
        previous: The layout to stay close to: the picture is turned, and mirrored if need be,
            until the points that both share lie as near to their last places as they can.
            Without 3 shared points each axis points to where its farthest point lies.
        further: float32 [m, dim], points that have no say in where the plane lies.
    """
    with one_thread():
        mean = points.mean(dim=0)
        centred = points - mean
        gram = centred @ centred.T
        variance = float(gram.numpy().trace())
        values, vectors = _principal(gram, variance)
        root = np.sqrt(np.maximum(values, 0))
        coords = vectors * root
        axes = torch.from_numpy(vectors / np.maximum(root, _NO_EXTENT))
        # [dim, 2] by columns, with which the product takes a third of the time.
        onto = (axes.T @ centred).T
        beyond = (points[:0] if further is None else further - mean) @ onto
    faithfulness = _faithfulness(gram.numpy(), coords)
    explained = min(1.0, float(values.sum()) / variance) if variance > 0 else 1.0
    turn = _alignment(coords, ids, previous)
    placed = (np.ascontiguousarray(part @ turn) for part in (coords, beyond.numpy()))
    return Layout(ids, next(placed), explained, faithfulness, next(placed))


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch from waking its other threads: on a busy computer each may come 80 ms late."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _principal(gram: torch.Tensor, trace: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the two largest eigenvalues [2] and their eigenvectors [n, 2].

    Subspace iteration, 24 steps of it in 3: a whole eigendecomposition takes 10 ms at 260 points.
    """
    count = len(gram)
    power = gram / max(trace, 1e-30)
    for _ in range(3):
        power = power @ power
    basis = _start(count)
    for _ in range(3):
        basis = torch.linalg.qr(power @ basis)[0]
    values, mixture = (part.numpy() for part in torch.linalg.eigh(basis.T @ gram @ basis))
    pair = np.zeros(2, np.float32), np.zeros((count, 2), np.float32)
    shown = min(2, count)
    pair[0][:shown] = values[::-1][:shown]
    pair[1][:, :shown] = basis.numpy() @ mixture[:, ::-1][:, :shown]
    return pair


@lru_cache(maxsize=64)
def _start(count: int) -> torch.Tensor:
    """Return the vectors that the iteration starts from, at random but always the same."""
    return torch.randn(count, min(_BLOCK, count), generator=torch.Generator().manual_seed(0))


def _alignment(
    coords: NDArray[np.float32], ids: IntArray, previous: Layout | None
) -> NDArray[np.float32]:
    """The turn, and mirroring, by which coordinates come closest to those before: [2, 2]."""
    if previous is not None:
        shared, now, before = np.intersect1d(
            ids, previous.ids, assume_unique=True, return_indices=True
        )
        if len(shared) >= 3:
            # Orthogonal Procrustes: Schönemann 1966, doi:10.1007/BF02289451.
            source, target = coords[now], previous.coords[before]
            source, target = source - source.mean(axis=0), target - target.mean(axis=0)
            left, _, right = np.linalg.svd(source.T @ target)
            turned: NDArray[np.float32] = left @ right
            return turned
    farthest = coords[np.abs(coords).argmax(axis=0), [0, 1]]
    return np.diag(np.where(farthest < 0, -1, 1)).astype(np.float32)


def _faithfulness(gram: NDArray[np.float32], coords: NDArray[np.float32]) -> float:
    if len(coords) < _NEIGHBOURS + 2:
        return float("nan")
    near = _near(gram)
    return float((near & _near(coords @ coords.T)).sum() / near.sum())


def _near(gram: NDArray[np.float32]) -> BoolArray:
    """Mark, in each row of a bool [n, n], the 10 nearest points (more where the tenth ties)."""
    distances = gram.diagonal() - 2 * gram  # short of a summand that a row has in common
    np.fill_diagonal(distances, np.inf)
    farthest = np.partition(distances, _NEIGHBOURS - 1, axis=1)[:, _NEIGHBOURS - 1 : _NEIGHBOURS]
    return distances <= farthest
