"""Bring the tokenizer of a token table into the form of a tokenizer.json."""

import json
from pathlib import Path
from typing import Any

from tokensim_gui import paths
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.importers import gguf_tokenizer, sentencepiece_model
from tokensim_gui.core.importers.byte_bpe import Added, byte_bpe
from tokensim_gui.core.importers.detect import Candidate
from tokensim_gui.core.importers.entries import read_exactly, stamp_of, unreadable

_MAX_BYTES = 64 * 2**20


def tokenizer_bytes(candidate: Candidate) -> bytes | None:
    """Return a tokenizer.json for a token table, or None if no tokenizer was found for it.

    Whether it fits the table is for `Vocabulary.build` to say.

    Raises:
        FileError: There is a tokenizer, but it can't be read or converted. The vectors can be
            used all the same, with ids for names.
    """
    source = candidate.tokenizer
    if source is None:
        return None
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
        return _of_vocabulary(content, source.path)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileError(f"{source.path.name} holds a tokenizer that can't be read.") from error


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
