"""Which words a LoRA moves most: each through a text encoder, with and without it."""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tokensim_gui.core.checkpoints.entries import stamp_of
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files.atomic import write_atomically
from tokensim_gui.core.files.regular_file import read_regular
from tokensim_gui.core.job import Job
from tokensim_gui.core.loras.lora_card import read_lora
from tokensim_gui.core.paths import cache_dir
from tokensim_gui.core.text_encoders.encoder_files import open_encoder
from tokensim_gui.core.text_encoders.lora_weights import apply_lora
from tokensim_gui.core.text_encoders.text_encoder import TextEncoder
from tokensim_gui.core.values import AS_WORDS, FloatArray, TokenFilter
from tokensim_gui.core.vocabulary import filters
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

_AT_ONCE, _BATCH = 1_024, 128
_KEPT = 1_000
_MAX_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class MovedWord:
    """A word and how far a LoRA moves what the encoder puts out for it.

    Attributes:
        text: The word.
        turned: 1 - cosine, from 0 to 2.
        length: Length after - length before.
    """

    text: str
    turned: float
    length: float


@dataclass(frozen=True, slots=True)
class MovedWords:
    """What a LoRA does to the words of a vocabulary.

    Attributes:
        encoder: Name of the text encoder.
        count: How many words were tried.
        mean: Mean of ``turned`` over all of them.
        words: Those moved most, farthest first.
    """

    encoder: str
    count: int
    mean: float
    words: tuple[MovedWord, ...]


def moved_words(
    lora: Path, checkpoint: Path, encoder: str, vocabulary: Vocabulary, job: Job | None = None
) -> MovedWords:
    """Encode every word that a prompt can hold, with and without a LoRA; the answer is kept.

    Args:
        lora: The LoRA.
        checkpoint: File or folder of a whole text encoder of its base.
        encoder: Which encoder in there; "" for the first.
        vocabulary: Whose words.
        job: Progress in words, and cancellation.

    Raises:
        FileError: One of the files can't be read.
        TokenSimError: The LoRA changes no text encoder, or another one.
        JobCancelled: The job was cancelled.
    """
    job = job or Job()
    if not read_lora(lora).text_encoders:
        raise TokenSimError(
            f"{lora.name} changes no text encoder, so that it moves no word: it acts in the image "
            "model alone."
        )
    kept = _kept_path(lora, checkpoint, encoder, vocabulary)
    if (known := _stored(kept)) is not None:
        return known
    opened = open_encoder(checkpoint, encoder, job)
    mask = filters.mask(vocabulary, TokenFilter(typeable=AS_WORDS))
    texts = sorted({vocabulary.text(int(token)) or "" for token in np.flatnonzero(mask)} - {""})
    before = _pooled(opened, texts, 0, job)
    apply_lora(lora, opened, job)
    after = _pooled(opened, texts, len(texts), job)
    made = _compared(opened.name, texts, before, after)
    with suppress(FileError):  # a full disk must not cost the answer
        write_atomically(kept, json.dumps(asdict(made)).encode())
    return made


def _pooled(encoder: TextEncoder, texts: list[str], done: int, job: Job) -> FloatArray:
    found = []
    for first in range(0, len(texts), _AT_ONCE):
        job.progress(done + first, 2 * len(texts), "Encoding the words")
        part = texts[first : first + _AT_ONCE]
        found.append(encoder.encode(part, batch=_BATCH, job=Job(lambda *_: job.check())).pooled)
    return np.concatenate(found).astype(np.float64)


def _compared(encoder: str, texts: list[str], before: FloatArray, after: FloatArray) -> MovedWords:
    old, new = np.linalg.norm(before, axis=1), np.linalg.norm(after, axis=1)
    distance = before / old[:, None] - after / new[:, None]
    turned: FloatArray = np.einsum("ij,ij->i", distance, distance) / 2  # exact when small
    order = np.argsort(-turned.round(12), kind="stable")[:_KEPT]
    words = tuple(
        MovedWord(texts[at], float(turned[at]), float(new[at] - old[at]))
        for at in order.tolist()
        if turned[at] > 0
    )
    return MovedWords(encoder, len(texts), float(turned.mean()), words)


def _kept_path(lora: Path, checkpoint: Path, encoder: str, vocabulary: Vocabulary) -> Path:
    """Where the answer is kept: another name for other files."""
    inside = checkpoint.stat() if os.path.isdir(checkpoint) else stamp_of(checkpoint)
    told = (str(lora), stamp_of(lora), str(checkpoint), tuple(inside), encoder, vocabulary.rows)
    name = hashlib.blake2b(repr(told).encode("utf-8", "surrogateescape"), digest_size=16)
    return cache_dir() / "moved_words" / f"{name.hexdigest()}.json"


def _stored(path: Path) -> MovedWords | None:
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        said = json.loads(read_regular(path, _MAX_BYTES))
        words = tuple(
            MovedWord(str(one["text"]), float(one["turned"]), float(one["length"]))
            for one in said["words"]
        )
        return MovedWords(str(said["encoder"]), int(said["count"]), float(said["mean"]), words)
    return None
