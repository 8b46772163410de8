"""Bring the tokenizer of a token table into the form of a tokenizer.json."""

import json
from pathlib import Path
from typing import Any

from tokensim_gui.core import paths
from tokensim_gui.core.checkpoints import checkpoint_layouts
from tokensim_gui.core.checkpoints.detect import Candidate
from tokensim_gui.core.checkpoints.entries import read_exactly, stamp_of, unreadable
from tokensim_gui.core.checkpoints.tokenizer_sources import TokenizerSource
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.tokenizers import gguf_tokenizer, sentencepiece_model, tekken
from tokensim_gui.core.tokenizers.byte_bpe import Added, byte_bpe

_MAX_BYTES = 64 * 2**20
# Tables are padded, by up to 2.4 % in published models (DeepSeek), small ones to a round number.
_MAX_UNUSED, _MAX_UNUSED_SHARE = 1_024, 0.05
# Tokenizer family: the model in its tokenizer.json, where that is not BPE.
_MODELS = {"unigram": "Unigram", "wordpiece": "WordPiece"}
# What content that is not well-formed raises; OverflowError: JSON's 1e999, as an integer.
_MALFORMED = (
    *(ValueError, KeyError, TypeError, AttributeError),
    *(RecursionError, OverflowError),
)


def tokenizer_bytes(candidate: Candidate) -> bytes | None:
    """Return a tokenizer.json for a token table, or None if no tokenizer was found for it.

    Of several the first is taken that can be read and fits the table.

    Raises:
        FileError: There are tokenizers, but none that can be read or converted, and fits; the
            sentence is about the first. The vectors can be used all the same, with ids for names.
    """
    errors = []
    for source in candidate.tokenizers:
        try:
            content = _content(source)
            _check_fit(source, content, candidate)
            return content
        except FileError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return None


def _check_fit(source: TokenizerSource, content: bytes, candidate: Candidate) -> None:
    """Refuse a tokenizer that, by its size or kind, belongs to another encoder.

    Raises:
        FileError: It does, or is no tokenizer.json.
    """
    try:
        document = json.loads(content)
        model = document["model"]
        ids = (
            range(len(model["vocab"])) if type(model["vocab"]) is list else model["vocab"].values()
        )
        added = [token["id"] for token in document.get("added_tokens") or ()]
        pieces = 1 + max(ids, default=-1)
        highest = 1 + max((pieces - 1, *added))
        kind = model.get("type") or ("BPE" if "merges" in model else "")
    except _MALFORMED as error:
        raise FileError(f"{source.title} holds a tokenizer that can't be read.") from error
    rows = candidate.rows
    if pieces > rows or rows - highest > max(_MAX_UNUSED, rows * _MAX_UNUSED_SHARE):
        raise FileError(
            f"{source.title} has {highest:,} pieces for the {rows:,} vectors of {candidate.name}, "
            "so it belongs to another encoder."
        )
    known = checkpoint_layouts.ENCODERS.get((rows, candidate.dim))
    if known is not None and kind != _MODELS.get(known.family, "BPE"):
        raise FileError(
            f"{source.title} is of another kind than that of {candidate.name}, so it belongs to "
            "another encoder."
        )


def _content(source: TokenizerSource) -> bytes:
    if source.form == "bundled":
        return _read(paths.resource("starter/tokenizer.json"))
    if source.form == "gguf":
        return gguf_tokenizer.convert(source.path)
    content = _read(source.path, source.place)
    if source.form == "json":
        return content
    try:
        if source.form == "sentencepiece":
            return sentencepiece_model.convert(content)
        if source.form == "tekken":
            return tekken.convert(content)
        return _of_vocabulary(content, source.path)
    except _MALFORMED as error:
        raise FileError(f"{source.title} holds a tokenizer that can't be read.") from error


def _of_vocabulary(content: bytes, path: Path) -> bytes:
    """Convert a vocab.json with the merges.txt and tokenizer_config.json beside it."""
    vocab = json.loads(content)
    if not all(type(number) is int for number in vocab.values()):
        raise ValueError("an id is not a number")
    lines = _read(path.with_name("merges.txt")).decode().splitlines()
    merges = [line for line in lines if line and not line.startswith("#version")]
    config: dict[str, Any] = {}
    if path.with_name("tokenizer_config.json").is_file():
        config = json.loads(_read(path.with_name("tokenizer_config.json")))
    added = [
        Added(int(number), str(token["content"]), bool(token.get("special", True)))
        for number, token in config.get("added_tokens_decoder", {}).items()
    ]
    qwen = "Qwen" in str(config.get("tokenizer_class"))
    return byte_bpe(vocab, merges, "qwen2" if qwen else "gpt-2", added)


def _read(path: Path, place: tuple[int, int] | None = None) -> bytes:
    offset, nbytes = place or (0, stamp_of(path).size)
    if nbytes > _MAX_BYTES:
        raise FileError(f"The tokenizer in {path.name} is too large: {nbytes:,} bytes.")
    try:
        with path.open("rb") as file:
            return read_exactly(file, path, offset, nbytes)
    except OSError as error:
        raise unreadable(path, error) from error
