"""A vector in words: a few tokens whose weighted sum comes near it."""

import numpy as np

from tokensim_gui.core.values import Explanation, FloatArray, IntArray

MOST_WORDS = 64
FIELD = 1024
"""How many of the nearest tokens the words are taken from: more find no better ones."""
_NOTHING_LEFT = 1e-9
"""Share of a vector's length below which what is left of it is rounding."""


def pursue(vector: FloatArray, ids: IntArray, rows: FloatArray, words: int) -> Explanation:
    """Find at most ``words`` tokens and positive weights by non-negative matching pursuit.

    Each step takes the token whose direction is nearest to what is left, and fits all weights anew;
    a token whose weight would be negative goes out again. That is the active-set method of Lawson
    and Hanson (Solving Least Squares Problems, 1974, chapter 23), over rows of length 1, stopped
    early; where no weight turns negative it is orthogonal matching pursuit.

    Args:
        vector: float64 [dim], not zero.
        ids: int32 [n], the tokens to choose among.
        rows: float64 [n, dim], their vectors, none zero.
        words: From 1 to `MOST_WORDS`.
    """
    places: list[int] = []
    weights, left = np.empty(0), vector
    lengths = np.linalg.norm(rows, axis=1)
    size = float(np.linalg.norm(vector))
    for _ in range(2 * words if len(ids) else 0):  # a token that goes out again took a step too
        rest = float(np.linalg.norm(left))
        if len(places) == words or rest <= _NOTHING_LEFT * size:
            break
        place = _nearest(rows @ left / (lengths * rest), ids)
        if place is None or place in places:
            break
        places.append(place)
        weights, kept = _fitted(rows[places], np.append(weights, 0.0), vector)
        places = [places[at] for at in kept]
        left = vector - weights @ rows[places]
    order = np.argsort(-weights * lengths[places], kind="stable")
    found, weights = ids[places][order], weights[order]
    found.flags.writeable = weights.flags.writeable = False
    return Explanation(found, weights, max(0.0, 1 - float(left @ left) / size**2))


def _nearest(cosines: FloatArray, ids: IntArray) -> int | None:
    """The place of the best of equal ones by id; None where all are 90° or more away."""
    keys = np.round(cosines, 12)  # products of equal rows may differ in the last bits
    top = np.flatnonzero(keys == keys.max())
    place = int(top[ids[top].argmin()])
    return place if keys[place] > 0 else None


def _fitted(
    rows: FloatArray, weights: FloatArray, vector: FloatArray
) -> tuple[FloatArray, list[int]]:
    """Return the best positive weights, and the places of the rows that have one."""
    places = list(range(len(rows)))
    while places:
        solution = np.linalg.lstsq(rows[places].T, vector)[0].astype(np.float64)
        falling = solution <= 0
        if not falling.any():
            return solution, places
        share = (weights[falling] / (weights[falling] - solution[falling])).min()
        weights = weights + share * (solution - weights)
        out = int(np.argmin(np.where(falling, weights, np.inf)))  # the one that reached 0
        weights, places = np.delete(weights, out), [*places[:out], *places[out + 1 :]]
    return weights, places
