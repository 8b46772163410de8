"""Regions of a map of all tokens: where words of one subject lie, they give it a name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core import paths
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

_EDGE = 0.0025  # the share of the tokens on each side that lie astray
# Of the map's extent: seeds farther than that from their middle name no region.
_SCATTERED = {"large": 0.12, "small": 0.06}
_FEWEST = 3
_REACH, _NEAREST = 2.5, 0.04
_FARTHEST = {"large": 0.2, "small": 0.1}


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A part of the map with a name.

    Attributes:
        place: float32 [2], the median of the places of its seed words.
        reach: How far it goes from there, in units of the map.
        large: Whether it is one of the few that a newcomer is to read first.
    """

    place: NDArray[np.float32]
    reach: float
    large: bool


Regions: TypeAlias = Mapping[str, Region]
"""By their names, the large ones first."""


def bulk(coords: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lowest and the highest coordinates of nearly all tokens, [2, 2]: few lie astray."""
    found: NDArray[np.float32] = np.nanquantile(coords, (_EDGE, 1 - _EDGE), axis=0)
    return found


def regions(vocabulary: Vocabulary, coords: NDArray[np.float32]) -> Regions:
    """The regions of a map.

    A region is left out where fewer than three of its seed words are tokens, or where they scatter.

    Args:
        vocabulary: Of the map's tokens.
        coords: [rows, 2]; NaN for a token that has no place.
    """
    seeds: dict[str, dict[str, list[str]]] = json.loads(
        paths.resource("group_seeds.json").read_text("utf-8")
    )
    low, high = bulk(coords)
    extent = float((high - low).max())
    found: dict[str, Region] = {}
    for size, name, words in (
        (size, name, words) for size, named in seeds.items() for name, words in named.items()
    ):
        tokens = [ids[-1] for ids in map(vocabulary.ids_of_text, words) if ids]
        places = coords[tokens]
        places = places[~np.isnan(places[:, 0])]
        if len(places) < _FEWEST:
            continue
        middle = np.median(places, axis=0)
        spread = float(np.median(np.hypot(*(places - middle).T)))
        if spread <= _SCATTERED[size] * extent:
            reach = min(max(_REACH * spread, _NEAREST * extent), _FARTHEST[size] * extent)
            found[name] = Region(middle, reach, size == "large")
    return found
