"""What the vectors of a textual inversion mean among the tokens of a table, as values."""

from dataclasses import dataclass

from tokensim_gui.core.values import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class VectorReading:
    """One vector of an inversion.

    Attributes:
        norm: Its length.
        times: How many times the median length of a token's vector; NaN where they don't fit.
        ids: int32, the nearest tokens, best first; none where they don't fit.
        scores: float64, their cosines.
    """

    norm: float
    times: float
    ids: IntArray
    scores: FloatArray


@dataclass(frozen=True, slots=True)
class PartReading:
    """The vectors for one text encoder.

    Attributes:
        encoder: As in `InversionPart`.
        dim: Their width.
        fits: Whether the table has vectors of that width.
        vectors: Each of them.
    """

    encoder: str
    dim: int
    fits: bool
    vectors: tuple[VectorReading, ...]
