"""Frozen values that cross threads: what is asked (`Query`) and what comes back (`Results`)."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.errors import QueryError

Kind: TypeAlias = Literal["word", "part", "bytes", "special", "unused"]
Typeable: TypeAlias = Literal["alone", "unspaced", "start", "inside", "never"]
Order: TypeAlias = Literal["nearest", "opposite", "unrelated"]
Metric: TypeAlias = Literal["cosine", "dot", "euclidean", "centred"]
Inputs: TypeAlias = Literal["raw", "unit"]

KINDS: tuple[Kind, ...] = ("word", "part", "bytes", "special", "unused")
TYPEABLES: tuple[Typeable, ...] = ("alone", "unspaced", "start", "inside", "never")
"""As a word of a prompt, behind a blank; as a word of a text without blanks, as Chinese is; only at
the very start or glued to what precedes; only inside a longer text; never."""
AS_WORDS: tuple[Typeable, ...] = ("alone", "unspaced")
"""What a prompt can hold by itself."""
ORDERS: tuple[Order, ...] = ("nearest", "opposite", "unrelated")
METRICS: tuple[Metric, ...] = ("cosine", "dot", "euclidean", "centred")
INPUTS: tuple[Inputs, ...] = ("raw", "unit")

IntArray: TypeAlias = NDArray[np.int32]
FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]

_POOR = 0.5
"""Share of a vector below which the words that explain it say little."""


@dataclass(frozen=True, slots=True)
class TokenFilter:
    """Which tokens may appear; an empty tuple or None leaves that side open.

    Attributes:
        text: What the filter field holds: part of the text (case ignored), ``/regex/`` or
            ``#100..#120``.
        kinds: Kinds to show.
        typeable: Typeable classes to show.
        scripts: Names out of `vocabulary.SCRIPTS` to show.
    """

    text: str = ""
    kinds: tuple[Kind, ...] = ()
    typeable: tuple[Typeable, ...] = ()
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """One search: the typed text and every option that changes its answer."""

    text: str
    order: Order = "nearest"
    metric: Metric = "cosine"
    inputs: Inputs = "raw"
    count: int = 200
    map_count: int = 80
    leave_out_own: bool = False
    leave_out_forms: bool = False
    filter: TokenFilter = field(default_factory=TokenFilter)
    strict: bool = False
    """Whether an unfinished query is an error (command line) and not a hint (window)."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Something to know about a query that was searched all the same.

    Attributes:
        text: A sentence.
        fix: The query that was perhaps meant, or "".
        fix_label: What a button says that searches it.
    """

    text: str
    fix: str = ""
    fix_label: str = ""


@dataclass(frozen=True, slots=True)
class OwnToken:
    """A token of the query itself, as the chips show it.

    Attributes:
        id: Row in the table; -1 for an embedding.
        score: Score against the query vector; None where the token has no vector.
        coefficient: The factor with which its vector enters the query vector; 0 without one.
        term: Index of the text (term) of the query to which it belongs.
        name: Of an embedding, "" for a token.
    """

    id: int
    score: float | None
    coefficient: float
    term: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to one query. Arrays are read-only.

    Attributes:
        query: What was asked.
        slug: The table that answered.
        ids: int32 [n], best first.
        scores: float64 [n], unrounded, of the query's metric.
        passing: How many tokens with a vector pass the filter (own tokens and word forms that
            are left out do not count).
        unfiltered: The same count without the filter.
        average: Mean score over all tokens with a vector, the left end of the score bar.
        own: Tokens of the query, in the order typed.
        map_ids: int32 [m], the tokens on the map, best first.
        coords: float32 [m + len(map_own) + 1, 2]: the tokens of ``map_ids``, then ``map_own``,
            last the query.
        map_own: int32, distinct tokens of the query that have a vector.
        explained: Share of the variance that the two axes hold, 0 to 1.
        faithfulness: Mean share of each point's 10 nearest in the shown set that stay its 10
            nearest in the picture, 0 to 1; NaN with fewer than 12 points.
        hint: A grey sentence about the query, or None: what is still open, what was left out,
            what was perhaps meant.
        problem: The same as an error with its characters, to be shown once typing rests.
        elapsed_ms: Wall time of the computation.
        device: ``CPU`` or the name of the accelerator.
        beyond: float32 [n - m, 2]: where the tokens of ``ids`` that are neither in ``map_ids`` nor
            in ``map_own`` would lie on the map, in their order; none for results of a file.
    """

    query: Query
    slug: str
    ids: IntArray
    scores: FloatArray
    passing: int
    unfiltered: int
    average: float
    own: tuple[OwnToken, ...]
    map_ids: IntArray
    coords: NDArray[np.float32]
    map_own: IntArray
    explained: float
    faithfulness: float
    hint: Hint | None
    problem: QueryError | None
    elapsed_ms: float
    device: str
    beyond: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2), np.float32))


@dataclass(frozen=True, slots=True)
class Near:
    """What is near one token.

    Attributes:
        token: The token.
        ids: int32 [n], usable alone and no forms of its word, best first.
        scores: float64 [n], in the measure asked for.
        metric: That measure.
        average: The mean score of all tokens, the left end of a score bar.
    """

    token: int
    ids: IntArray
    scores: FloatArray
    metric: Metric
    average: float


@dataclass(frozen=True, slots=True)
class Together:
    """How several tokens go together.

    Attributes:
        tokens: Those that have a vector.
        alike: Mean cosine of their pairs, NaN with fewer than two.
        random: Mean cosine of random pairs of usable tokens.
        near: What is near their mean, as of one token (``token`` is -1).
        odd: The token least like the rest, None with fewer than three.
        odd_alike: Its mean cosine with the rest.
    """

    tokens: tuple[int, ...]
    alike: float
    random: float
    near: Near
    odd: int | None
    odd_alike: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Tokens that make a vector, the weightiest first. Arrays are read-only.

    Attributes:
        ids: int32 [n], n ≥ 0.
        weights: float64 [n], > 0: Σ weight · vector of the token comes near the vector.
        explained: 1 − ‖what is left‖² / ‖the vector‖², 0 to 1.
    """

    ids: IntArray
    weights: FloatArray
    explained: float

    @property
    def remark(self) -> str:
        """What to say of a poor fit, or ""."""
        if self.explained >= _POOR:
            return ""
        return (
            f"These tokens make only {self.explained:.0%} of it: "
            "the rest lies between tokens, and no few of them say it."
        )


def frozen_array(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return ``array`` marked read-only (it is not copied)."""
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True, eq=False)
class MovedPlaces:
    """Tokens on the principal plane of where they were, where they are and what is near either.

    Attributes:
        tokens: int32 [n], farthest moved first.
        before: float32 [n, 2], places of their vectors in the base, of length 1.
        after: float32 [n, 2], places of those in the fine-tune.
        landmarks: int32 [m], other tokens: the nearest in the base to each of the 2 n vectors.
        places: float32 [m, 2], where these are in the base.
        share: How much of the squared distances from before to after the plane shows, 0 to 1.
    """

    tokens: IntArray
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    landmarks: IntArray
    places: NDArray[np.float32]
    share: float
