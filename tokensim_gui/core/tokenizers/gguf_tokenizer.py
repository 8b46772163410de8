"""The tokenizer inside a GGUF file, as a tokenizer.json.

Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#tokenizer.
"""

from pathlib import Path
from typing import Any

from tokensim_gui.core.checkpoints import gguf_file
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.tokenizers.byte_bpe import SPLITTERS, Added, byte_bpe
from tokensim_gui.core.tokenizers.sentencepiece_model import (
    CONTROL,
    NORMAL,
    UNUSED,
    USER_DEFINED,
    SentencePiece,
    tokenizer_json,
)

_PREFIX = "tokenizer.ggml."
_KEYS = tuple(
    _PREFIX + key
    for key in (
        "model",
        "pre",
        "tokens",
        "scores",
        "token_type",
        "merges",
        "add_space_prefix",
        "remove_extra_whitespaces",
        "precompiled_charsmap",
    )
)


def convert(path: Path) -> bytes:
    """Return the tokenizer.json of the tokenizer in a GGUF file.

    Raises:
        FileError: The file can't be read, or its tokenizer is of a kind that can't be converted.
    """
    found = gguf_file.metadata(path, _KEYS)
    keys = {key.removeprefix(_PREFIX): value for key, value in found.items()}
    tokens = keys.get("tokens")
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise FileError(f"{path.name} holds no list of tokens.")
    types = _numbers(keys.get("token_type"), len(tokens), NORMAL)
    try:
        if keys.get("model") == "gpt2":
            return _byte_bpe(keys, tokens, types, path)
        if keys.get("model") in ("llama", "t5"):
            return _sentencepiece(keys, tokens, types)
    except (ValueError, TypeError) as error:
        raise FileError(f"{path.name} holds a tokenizer that can't be read.") from error
    raise FileError(f"{path.name} holds a tokenizer of a kind that TokenSim does not convert.")


def _byte_bpe(keys: dict[str, Any], tokens: list[str], types: list[int], path: Path) -> bytes:
    splitter = str(keys.get("pre", "gpt-2")).replace("default", "gpt-2")
    merges = keys.get("merges")
    if splitter not in SPLITTERS:
        raise FileError(
            f"{path.name} cuts text in a way that TokenSim does not know, “{splitter[:80]}”."
        )
    if not isinstance(merges, list):
        raise ValueError("no merges")
    added = [
        Added(number, token, kind == CONTROL)
        for number, (token, kind) in enumerate(zip(tokens, types, strict=True))
        if kind in (CONTROL, USER_DEFINED)
    ]
    apart = {token.id for token in added}
    vocab = {
        token: number
        for number, token in enumerate(tokens)
        if number not in apart and types[number] != UNUSED
    }
    return byte_bpe(vocab, merges, splitter, added)


def _sentencepiece(keys: dict[str, Any], tokens: list[str], types: list[int]) -> bytes:
    charsmap = keys.get("precompiled_charsmap", [])
    return tokenizer_json(
        SentencePiece(
            pieces=tokens,
            scores=_numbers(keys.get("scores"), len(tokens), 0.0),
            types=types,
            is_bpe=keys["model"] == "llama",
            charsmap=bytes(code & 255 for code in charsmap),
            dummy_prefix=bool(keys.get("add_space_prefix", True)),
            squeeze=bool(keys.get("remove_extra_whitespaces", False)),
        )
    )


def _numbers(values: object, count: int, otherwise: float) -> list[Any]:
    """Return ``values`` if they are one number a token, else ``otherwise`` for each."""
    if isinstance(values, list) and len(values) == count:
        return [value if isinstance(value, int | float) else otherwise for value in values]
    return [otherwise] * count
