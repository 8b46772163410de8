"""Small tables for the tests that compare encoders."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.files.table import Table, save_table
from tokensim_gui.core.library.library import STARTER, TableLibrary

WORDS = ("Girl", "girl", "boy", "cat", "dog", "cute", "pet", "kid", "sun", "moon", "star", "sky")


def tokenizer_json(words: Sequence[str]) -> str:
    """A WordPiece tokenizer with these words."""
    pieces = ["[UNK]", *words, *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")]
    model = {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {piece: number for number, piece in enumerate(pieces)},
    }
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": model,
    }
    return json.dumps(tokenizer)


def little_vectors(words: Sequence[str] = WORDS, seed: int = 0) -> NDArray[np.float32]:
    """Random vectors for `tokenizer_json` of the same words."""
    rows = 1 + len(words) + 26
    return np.random.default_rng(seed).standard_normal((rows, 64)).astype(np.float32)


def add_little(
    library: TableLibrary,
    name: str,
    words: Sequence[str] = WORDS,
    vectors: NDArray[np.float32] | None = None,
    stored: str = "",
    replaces: str | None = None,
    source: str = "",
    whole: str = "",
) -> str:
    """Add a table of a few words; returns its slug."""
    vectors = little_vectors(words) if vectors is None else vectors
    with library.adding(name, replaces) as new:
        (new.folder / "tokenizer.json").write_text(tokenizer_json(words), "utf-8")
        _save(new.folder, name, "wordpiece", vectors, stored, source, whole)
        return new.slug


def add_like_starter(library: TableLibrary, name: str, changes: dict[int, int]) -> str:
    """Add the starter in half precision, where some tokens have the vector of another.

    Args:
        library: Where to add it.
        name: What it is called.
        changes: Token → the token whose vector it gets.
    """
    starter = library.folder(STARTER)
    vectors = Table.load(starter).vectors(slice(None))
    for token, other in changes.items():
        vectors[token] = vectors[other]
    with library.adding(name) as new:
        for file in ("tokenizer.json", "vocabulary.npz"):
            shutil.copy(starter / file, new.folder)
        _save(new.folder, name, "clip", vectors)
        return new.slug


def _save(
    folder: Path,
    name: str,
    family: str,
    vectors: NDArray[np.floating],
    stored: str = "",
    source: str = "",
    whole: str = "",
) -> None:
    rows, dim = vectors.shape
    raw = vectors.astype(np.float16).tobytes()
    source = source or f"/models/{name}.safetensors"
    said = {"source": source, "stored": stored, "whole": whole}
    save_table(folder, name, family, "F16", rows, dim, [raw], **said)
