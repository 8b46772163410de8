"""A colour for every token, by what is known of it; colours between two others."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QBrush, QColor

from tokensim_gui.core.values import KINDS
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS
from tokensim_gui.ui import theme

if TYPE_CHECKING:
    from tokensim_gui.core.values import FloatArray
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

COLOUR_BY = {
    "nothing": "Nothing",
    "likeness": "Likeness to the query",
    "kind": "Kind",
    "script": "Script",
    "commonness": "Commonness",
    "length": "Vector length",
}
_STEPS = 64
SHADES = 64  # of the points of a map; more the eye can't tell

Colours = NDArray[np.uint32]
Key = list[tuple[str, QColor]]


def token_colours(
    by: str, vocabulary: "Vocabulary", values: "FloatArray | None"
) -> tuple[Colours | None, Key]:
    """Colours of all tokens, and what they mean.

    Args:
        by: A key of `COLOUR_BY`.
        vocabulary: Of the table.
        values: float64 [rows], lengths or scores, where ``by`` is one of these; NaN for none.

    Returns:
        uint32 [rows], 0xAARRGGBB, or None for no colours; and the words of a legend.
    """
    if by == "kind":
        return _by_class(vocabulary.kinds, KINDS)
    if by == "script":
        return _by_class(vocabulary.scripts, SCRIPTS)
    if by == "commonness":
        ranks = vocabulary.learned_ranks
        common = np.where(ranks < 0, np.nan, -ranks.astype(np.float64))
        return _by_size(common, ("rare", "common"), evenly=True)
    if by in ("length", "likeness") and values is not None:
        words = ("short", "long") if by == "length" else ("unlike", "like")
        return _by_size(values, words, evenly=by == "length")
    return None, []


def _by_class(codes: NDArray[np.uint8], names: tuple[str, ...]) -> tuple[Colours, Key]:
    """The largest class is the ground of the others; the smallest share a colour."""
    counts = np.bincount(codes, minlength=256)
    found = sorted(np.flatnonzero(counts).tolist(), key=lambda code: -counts[code])
    strong = theme.class_colours()
    shades = dict(zip(found, [theme.colours().colour("map_far"), *strong], strict=False))
    key = [(names[code], shade) for code, shade in shades.items()]
    rest = theme.colours().colour("text")
    if len(found) > len(shades):
        key.append(("others", rest))
    table = np.zeros(256, np.uint32)
    for code in found:
        table[code] = shades.get(code, rest).rgba()
    return table[codes], key


def _by_size(values: "FloatArray", words: tuple[str, str], *, evenly: bool) -> tuple[Colours, Key]:
    """Shades from the least to the most; evenly: as many tokens in each."""
    known = ~np.isnan(values)
    shares = np.zeros(len(values))
    if evenly:
        shares[known] = np.argsort(np.argsort(values[known])) / max(known.sum() - 1, 1)
    else:
        low, high = np.quantile(values[known], (0.05, 0.9995))
        shares[known] = np.clip((values[known] - low) / max(high - low, 1e-9), 0, 1)
    shades = [theme.size_colour(step / (_STEPS - 1)) for step in range(_STEPS)]
    table = np.array([shade.rgba() for shade in shades], np.uint32)
    colours = table[(shares * (_STEPS - 1)).astype(int)]
    return colours, [(words[0], shades[0]), (words[1], shades[-1])]


def between(far: QColor, near: QColor, share: float) -> QColor:
    """A colour on the way from one to another: 0 is ``far``, 1 is ``near``."""
    return QColor.fromRgbF(
        far.redF() + (near.redF() - far.redF()) * share,
        far.greenF() + (near.greenF() - far.greenF()) * share,
        far.blueF() + (near.blueF() - far.blueF()) * share,
    )


@lru_cache(maxsize=4)
def shades(far: int, near: int) -> tuple[QBrush, ...]:
    """``SHADES`` steps and one from the colour of the farthest point to that of the nearest."""
    ends = QColor.fromRgba(far), QColor.fromRgba(near)
    return tuple(QBrush(between(*ends, step / SHADES)) for step in range(SHADES + 1))
