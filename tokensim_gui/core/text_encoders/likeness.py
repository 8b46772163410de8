"""Text encodings of prompts, and what is made of them: likeness, influence, variations.

A text encoding is what an encoder puts out for a whole prompt. It lies in another space than the
token vectors, so that nothing here takes one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job
from tokensim_gui.core.values import BoolArray, FloatArray, IntArray, frozen_array


@dataclass(frozen=True, slots=True)
class Tokens:
    """A prompt as an encoder takes it: cut into windows, each with its special tokens.

    Attributes:
        windows: int32 [t] each, at least one.
        spans: int32 [t, 2] for each window: the code points of the prompt that a token covers;
            -1, -1 for a special token.
    """

    windows: tuple[IntArray, ...]
    spans: tuple[IntArray, ...]


@dataclass(frozen=True, slots=True)
class Encodings:
    """What an encoder puts out for some prompts. Arrays are read-only.

    Attributes:
        prompts: What was encoded.
        encoder: Name of the encoder.
        clip_skip: How many of the last layers were left out.
        pooled: float32 [prompts, dim], one vector a prompt. Where a prompt fills several windows
            it is the mean of theirs, weighted by the tokens in each; user interfaces hand an
            image model the pooled vector of the first window alone.
        vectors: float32 [t, dim] for each prompt, one vector a token, special ones included and
            padding not; windows follow each other.
        ids: int32 [t] for each prompt.
        mask: bool [t] for each prompt: which tokens come from the prompt and are not special.
        spans: int32 [t, 2] for each prompt: the code points that a token covers; -1, -1 for a
            special token.
        windows: How many windows each prompt fills; nothing is ever cut off.
    """

    prompts: tuple[str, ...]
    encoder: str
    clip_skip: int
    pooled: NDArray[np.float32]
    vectors: tuple[NDArray[np.float32], ...]
    ids: tuple[IntArray, ...]
    mask: tuple[BoolArray, ...]
    spans: tuple[IntArray, ...]
    windows: tuple[int, ...]


class Encoder(Protocol):
    """What influence and variations need of a text encoder; see `text_encoder.TextEncoder`."""

    def tokens(self, prompt: str) -> Tokens:
        """Cut a prompt."""

    def encode_tokens(
        self, prompts: Sequence[tuple[str, Tokens]], clip_skip: int = 0, job: Job | None = None
    ) -> Encodings:
        """Encode prompts that are cut already."""


@dataclass(frozen=True, slots=True)
class Influence:
    """How much an encoding changes when one token of the prompt is left out.

    Attributes:
        prompt: The prompt.
        ids: int32 [t], the tokens of the prompt without special ones.
        spans: int32 [t, 2], the code points that each covers.
        pooled: float64 [t], 1 - cosine of the pooled vectors with and without the token.
        others: float64 [t], the mean of 1 - cosine over the vectors of the tokens that stay.
    """

    prompt: str
    ids: IntArray
    spans: IntArray
    pooled: FloatArray
    others: FloatArray


@dataclass(frozen=True, slots=True)
class Swap:
    """A text to put in the place of a part of a prompt.

    Attributes:
        start: First code point to replace.
        end: One past the last.
        text: What to put there.
        similarity: How alike the two *tokens* are, from the table: the other axis of the scatter.
    """

    start: int
    end: int
    text: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Variation:
    """A prompt with one swap made.

    Attributes:
        prompt: The new prompt.
        swap: What was swapped.
        similarity: Cosine of its pooled vector to that of the original.
    """

    prompt: str
    swap: Swap
    similarity: float


def compare(encodings: Encodings) -> FloatArray:
    """Return the cosines between the pooled vectors, float64 [prompts, prompts]."""
    unit = _unit(encodings.pooled)
    cosines: FloatArray = np.clip(unit @ unit.T, -1, 1)
    np.fill_diagonal(cosines, 1)
    frozen_array(cosines)
    return cosines


def compare_tokens(encodings: Encodings) -> FloatArray:
    """Return how alike prompts are token by token, float64 [prompts, prompts].

    Each token is held against the one most like it in the other prompt: the mean of those
    cosines, from both sides, is the F measure of BERTScore (arXiv:1904.09675). Special tokens
    count only in a prompt that has no others.
    """
    units = [
        _unit(vectors[mask] if mask.any() else vectors)
        for vectors, mask in zip(encodings.vectors, encodings.mask, strict=True)
    ]
    result = np.eye(len(units))
    for row, ours in enumerate(units):
        for column, theirs in enumerate(units[:row]):
            cosines = ours @ theirs.T
            recall, precision = cosines.max(axis=1).mean(), cosines.max(axis=0).mean()
            total = recall + precision
            likeness = 2 * recall * precision / total if total > 0 else 0.0
            result[row, column] = result[column, row] = np.clip(likeness, -1, 1)
    frozen_array(result)
    return result


def influence(
    encoder: Encoder, prompt: str, clip_skip: int = 0, job: Job | None = None
) -> Influence:
    """Return what each token of a prompt does to its encoding.

    The token is taken out of its window and the others move up, as if it had never been typed;
    windows of a long prompt are not cut anew.

    Raises:
        TokenSimError: The prompt has no tokens, or the encoder fails.
        JobCancelled: The job was cancelled.
    """
    whole = encoder.tokens(prompt)
    places = [
        (window, int(place))
        for window, spans in enumerate(whole.spans)
        for place in np.flatnonzero(spans[:, 0] >= 0)
    ]
    if not places:
        raise TokenSimError("An empty prompt has no tokens to leave out: type a word.")
    without = [(prompt, _without(whole, window, place)) for window, place in places]
    encodings = encoder.encode_tokens([(prompt, whole), *without], clip_skip, job)

    lengths = [len(ids) for ids in whole.windows]
    starts = np.cumsum([0, *lengths[:-1]])
    original = _unit(encodings.vectors[0])
    pooled = _unit(encodings.pooled)
    others = np.empty(len(places))
    flat = np.array([starts[window] + place for window, place in places])
    for index, left_out in enumerate(flat):
        stay = np.delete(flat, index)
        changed = _unit(encodings.vectors[index + 1])[stay - (stay > left_out)]
        changes = 1 - np.einsum("ij,ij->i", original[stay], changed)
        others[index] = changes.mean() if len(changes) else 0.0
    result = Influence(
        prompt,
        encodings.ids[0][flat],
        encodings.spans[0][flat],
        np.maximum(1 - pooled[1:] @ pooled[0], 0),
        np.maximum(others, 0),
    )
    for array in (result.ids, result.spans, result.pooled, result.others):
        frozen_array(array)
    return result


def variations(
    encoder: Encoder,
    prompt: str,
    swaps: Sequence[Swap],
    clip_skip: int = 0,
    job: Job | None = None,
) -> tuple[Variation, ...]:
    """Return the prompts that the swaps make, the one most like the original first.

    Raises:
        TokenSimError: The encoder fails.
        JobCancelled: The job was cancelled.
    """
    changed = [prompt[: swap.start] + swap.text + prompt[swap.end :] for swap in swaps]
    encodings = encoder.encode_tokens(
        [(text, encoder.tokens(text)) for text in (prompt, *changed)], clip_skip, job
    )
    unit = _unit(encodings.pooled)
    cosines = np.clip(unit[1:] @ unit[0], -1, 1).tolist()
    made = [
        Variation(text, swap, cosine)
        for text, swap, cosine in zip(changed, swaps, cosines, strict=True)
    ]
    return tuple(sorted(made, key=lambda one: -one.similarity))


def correlation_words(made: Sequence[Variation]) -> str:
    """Whether nearer tokens gave nearer encodings, in a sentence; Spearman's rank correlation."""
    if len(made) < 3:
        return ""
    tokens = _ranks([one.swap.similarity for one in made])
    encodings = _ranks([one.similarity for one in made])
    middle = (len(made) - 1) / 2
    shared = sum((a - middle) * (b - middle) for a, b in zip(tokens, encodings, strict=True))
    spread = sum((a - middle) ** 2 for a in tokens) * sum((b - middle) ** 2 for b in encodings)
    rank = shared / spread**0.5 if spread else 0.0
    words = (
        "nearer tokens gave nearer encodings"
        if rank >= 0.3
        else "nearer tokens gave farther encodings"
        if rank <= -0.3
        else "near tokens were no sign of near encodings"
    )
    return f"In these {len(made)} swaps {words} (rank correlation {rank:.2f})."


def _without(tokens: Tokens, window: int, place: int) -> Tokens:
    windows, spans = list(tokens.windows), list(tokens.spans)
    windows[window] = np.delete(windows[window], place)
    spans[window] = np.delete(spans[window], place, axis=0)
    return Tokens(tuple(windows), tuple(spans))


def _unit(vectors: NDArray[np.float32]) -> FloatArray:
    """Return rows of length 1 in float64; a row of zeros stays one."""
    rows = vectors.astype(np.float64)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(np.float64).tiny)
    return rows


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 0, equal values sharing the mean of theirs."""
    order = sorted(values)
    return [order.index(v) + (order.count(v) - 1) / 2 for v in values]
