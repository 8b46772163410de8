"""The whole vocabulary as a landscape: t-SNE of a table, near tokens near each other.

t-SNE: van der Maaten and Hinton 2008, jmlr.org/papers/v9/vandermaaten08a.html. The repulsion of all
points is interpolated on a grid and convolved by FFT: Linderman and others 2019,
doi:10.1038/s41592-018-0308-4. The learning rate is Belkina's, doi:10.1038/s41467-019-13055-y.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.landscape_file import Landscape
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job

NEAREST = 10  # of which the share that is kept is told
_PERPLEXITY, _NEIGHBOURS = 10, 30
_EXAGGERATION, _EARLY, _STEPS = 12.0, 250, 750
_SPACE, _LEAST_SIDE = 0.5, 60  # of the grid of the repulsion
# Sides for which the Fourier transform is quick: products of 2, 3 and 5.
_SIDES = sorted(2**a * 3**b * 5**c for a in range(13) for b in range(7) for c in range(5))
_WHOLE_BYTES = 512 * 2**20  # unit rows up to so many are compared in single precision
_BLOCK_BYTES, _CACHED_BYTES = 2**27, 2**23
# Rows that are compared with so many others at a time: with 262,144 rows 512 of them have 537 MB of
# scores, more than `_BLOCK_BYTES`; fewer rows would be multiplied more slowly.
_LEAST_BLOCK, _TILE = 512, 4096


def make_landscape(table: Table, job: Job, steps: int = _STEPS) -> Landscape:
    """Lay out every token with a vector; the same for the same table on the same computer.

    Tokens whose vectors are equal share a place and count as one.

    Args:
        table: At least 100 distinct vectors.
        job: Told of progress; cancels.
        steps: Of the descent.

    Raises:
        FileError: There are too few vectors.
        JobCancelled: The job was cancelled.
    """
    rows, place_of = _distinct(table)
    if len(rows) < 100:
        raise FileError(f"“{table.info.name}” has too few vectors for a map of all of them.")
    near = _nearest(table, rows, job)
    places = _descend(_affinities(near), _start(table, rows), steps, job)
    coords = np.full((table.info.rows, 2), np.nan, np.float32)
    coords[place_of >= 0] = places.numpy()[place_of[place_of >= 0]]
    landscape = Landscape.of(coords)
    kept = _kept(near[0], landscape.coords[rows], job)
    return Landscape(landscape.coords, kept)


def _distinct(table: Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first token of each distinct vector [m], and of which of them each token is, or -1."""
    stored = table.data.reshape(table.info.rows, -1)
    seen: dict[bytes, int] = {}
    place_of = np.full(table.info.rows, -1)
    firsts: list[int] = []
    for row in np.flatnonzero(table.norms > 0).tolist():
        digest = blake2b(stored[row].tobytes(), digest_size=16).digest()
        place = seen.setdefault(digest, len(seen))
        if place == len(firsts):
            firsts.append(row)
        place_of[row] = place
    return np.array(firsts), place_of


def _units(table: Table, rows: NDArray[np.int64]) -> torch.Tensor:
    """Exact vectors of length 1, float32 [n, dim]."""
    vectors = table.vectors(rows) / table.norms[rows, None]
    return torch.from_numpy(vectors.astype(np.float32))


def _nearest(table: Table, rows: NDArray[np.int64], job: Job) -> tuple[torch.Tensor, torch.Tensor]:
    """The nearest others of each row, int64 [n, 30] best first, and their squared distances.

    The rows of large tables are held in bfloat16; the best twice as many are compared exactly.
    """
    count, dim = len(rows), table.info.dim
    whole = count * dim * 4 <= _WHOLE_BYTES
    units = torch.empty(count, dim, dtype=torch.float32 if whole else torch.bfloat16)
    for start in range(0, count, 4096):
        units[start : start + 4096] = _units(table, rows[start : start + 4096])
    step = max(_LEAST_BLOCK, _BLOCK_BYTES // (count * 4))
    wanted = min(_NEIGHBOURS if whole else 2 * _NEIGHBOURS, count - 1)
    ids = torch.empty(count, _NEIGHBOURS, dtype=torch.int64)
    scores = torch.empty(count, _NEIGHBOURS)
    for start in range(0, count, step):
        job.progress(start * _STEPS // count // 3, _STEPS * 4 // 3, "Finding neighbours")
        part = slice(start, min(start + step, count))
        found = _scores(units, part)
        found[torch.arange(len(found)), torch.arange(start, start + len(found))] = -2.0
        best, which = found.topk(wanted, dim=1)
        if not whole:
            for row in range(len(which)):
                near = _units(table, rows[which[row].numpy()])
                best[row] = near @ _units(table, rows[start + row : start + row + 1])[0]
            best, order = best.sort(dim=1, descending=True)
            which = which.gather(1, order)
        ids[part], scores[part] = which[:, :_NEIGHBOURS], best[:, :_NEIGHBOURS]
    return ids, (2 - 2 * scores).clamp(min=0)


def _scores(units: torch.Tensor, part: slice) -> torch.Tensor:
    """Dot products of a part of the rows with all, float32 [part, n].

    They are widened to float32 a tile at a time: products of bfloat16 take seven times as long on
    a processor that has none, and widening all of them would double the memory.
    """
    some = units[part].float()
    scores = torch.empty(len(some), len(units))
    for start in range(0, len(units), _TILE):
        tile = slice(start, start + _TILE)
        scores[:, tile] = some @ units[tile].float().T
    return scores


class _Graph(NamedTuple):
    """Which places attract each other: edges in both directions, sorted by where they begin."""

    begins: torch.Tensor
    ends: torch.Tensor
    affinities: torch.Tensor  # they sum to 1
    degrees: torch.Tensor  # how many edges begin at each place


def _affinities(near: tuple[torch.Tensor, torch.Tensor]) -> _Graph:
    """Symmetric affinities of neighbours, each row of them with the same perplexity."""
    ids, squared = near
    low, high = torch.zeros(len(ids), 1), torch.full((len(ids), 1), torch.inf)
    beta = torch.ones(len(ids), 1)
    relative = squared - squared[:, :1]
    for _ in range(60):  # until the entropy of each row is that of ten equal neighbours
        share = torch.softmax(-beta * relative, dim=1)
        entropy = -(share * share.clamp(min=1e-30).log()).sum(1, keepdim=True)
        flat = entropy > np.log(_PERPLEXITY)
        low, high = torch.where(flat, beta, low), torch.where(flat, high, beta)
        beta = torch.where(high.isinf(), beta * 2, (low + high) / 2)
    count = len(ids)
    begins = torch.arange(count).repeat_interleave(ids.shape[1])
    ends, half = ids.reshape(-1), share.reshape(-1) / (2 * count)
    # Two that name each other are one edge, with the sum of both affinities.
    keys = torch.cat((begins * count + ends, ends * count + begins))
    edges, which = (torch.from_numpy(a) for a in np.unique(keys.numpy(), return_inverse=True))
    summed = torch.zeros(len(edges)).index_add_(0, which, torch.cat((half, half)))
    begins = edges.div(count, rounding_mode="floor")
    return _Graph(begins, edges % count, summed, torch.bincount(begins, minlength=count))


def _start(table: Table, rows: NDArray[np.int64]) -> torch.Tensor:
    """Where the descent begins: the two principal components, float32 [n, 2], very small."""
    dim = table.info.dim
    total, square = torch.zeros(dim), torch.zeros(dim, dim)
    for start in range(0, len(rows), 4096):
        units = _units(table, rows[start : start + 4096])
        total += units.sum(0)
        square += units.T @ units
    mean = total / len(rows)
    vectors = torch.linalg.eigh(square / len(rows) - torch.outer(mean, mean))[1][:, -2:]
    vectors *= vectors.gather(0, vectors.abs().argmax(0, keepdim=True)).sign()
    blocks = [
        (_units(table, rows[start : start + 4096]) - mean) @ vectors
        for start in range(0, len(rows), 4096)
    ]
    places = torch.cat(blocks)
    return places / places[:, 1].std() * 1e-4


def _descend(graph: _Graph, places: torch.Tensor, steps: int, job: Job) -> torch.Tensor:
    """Gradient descent with momentum and gains; returns float32 [n, 2]."""
    begins, ends, affinities, degrees = graph
    count = len(places)
    speed, gains = torch.zeros_like(places), torch.ones_like(places)
    rate = max(200.0, count / _EXAGGERATION)
    for step in range(steps):
        job.progress(steps // 3 + step, steps * 4 // 3, "Laying out the map")
        early = step < steps * _EARLY // _STEPS
        x, y = places.T.contiguous()
        across = x.index_select(0, begins) - x.index_select(0, ends)
        up = y.index_select(0, begins) - y.index_select(0, ends)
        pull = affinities / (1 + across * across + up * up)
        sums = [torch.segment_reduce(pull * by, "sum", lengths=degrees) for by in (across, up)]
        attraction = torch.stack(sums, dim=1)
        gradient = 4 * ((_EXAGGERATION if early else 1.0) * attraction - _repulsion(places))
        same = (gradient > 0) == (speed > 0)
        gains = torch.where(same, gains * 0.8, gains + 0.2).clamp(min=0.01)
        speed = (0.5 if early else 0.8) * speed - rate * gains * gradient
        places = places + speed
        places = places - places.mean(0)
    return places


def _repulsion(places: torch.Tensor) -> torch.Tensor:
    """The repulsion of all others on each place, divided by the sum of all similarities.

    Charges are spread on a grid by quadratic B-splines, and potentials read off it by the same;
    the kernels are divided by what that blurs.
    """
    low = places.min()
    span = float(places.max() - low)
    space = min(_SPACE, span / 2 / _LEAST_SIDE)
    side = next(size for size in _SIDES if size >= span / space + 4)
    inside = (places - low) / space + 1.5
    nearest = inside.round()
    off = inside - nearest
    weights = torch.stack((0.5 * (0.5 - off) ** 2, 0.75 - off * off, 0.5 * (0.5 + off) ** 2), dim=2)
    first, steps = nearest.long() - 1, torch.arange(3)
    cells = ((first[:, :1] + steps)[:, :, None] * side + (first[:, 1:] + steps)[:, None]).view(-1)
    shares = (weights[:, 0, :, None] * weights[:, 1, None, :]).view(len(places), -1)
    size = (2 * side, 2 * side)
    waves = []
    for charge in (None, *places.T):
        carried = shares if charge is None else shares * charge[:, None]
        grid = torch.zeros(side * side).index_add_(0, cells, carried.view(-1))
        waves.append(torch.fft.rfft2(grid.view(side, side), s=size))
    single, double = _kernels(2 * side, space)
    felt = []
    for wave in (waves[0] * single, *(wave * double for wave in waves)):
        potential = torch.fft.irfft2(wave, s=size)[:side, :side].reshape(-1)
        felt.append((potential.index_select(0, cells).view(len(places), -1) * shares).sum(1))
    away = places * felt[1][:, None] - torch.stack(felt[2:], dim=1)
    repulsion: torch.Tensor = away / (felt[0].sum() - len(places))
    return repulsion


@lru_cache(maxsize=1)
def _kernels(size: int, space: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Transforms of 1 / (1 + d²) and of its square on a torus, sharpened for two B-splines."""
    turn = torch.arange(size)
    squared = (torch.minimum(turn, size - turn) * space) ** 2
    kernel = 1 / (1 + squared[:, None] + squared)
    across, along = (
        torch.sinc(freq(size)) ** 6 for freq in (torch.fft.fftfreq, torch.fft.rfftfreq)
    )
    blur = across[:, None] * along
    return torch.fft.rfft2(kernel) / blur, torch.fft.rfft2(kernel * kernel) / blur


def _kept(near: torch.Tensor, coords: NDArray[np.float32], job: Job) -> float:
    """Mean share of each place's 10 nearest, first columns of ``near``, that stay its nearest."""
    x, y = torch.from_numpy(coords.astype(np.float64)).T.contiguous()
    hits = 0
    step = max(1, _CACHED_BYTES // (len(x) * 8))
    for start in range(0, len(x), step):
        job.check()
        part = slice(start, start + step)
        up = y[part, None] - y
        squared = (x[part, None] - x).square_().addcmul_(up, up)
        squared[torch.arange(len(squared)), torch.arange(start, start + len(squared))] = torch.inf
        shown = squared.topk(NEAREST, dim=1, largest=False).indices
        hits += int((shown[:, :, None] == near[part, None, :NEAREST]).sum())
    return hits / (len(x) * NEAREST)
