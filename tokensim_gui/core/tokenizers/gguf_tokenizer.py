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
from tokensim_gui.core.tokenizers.wordpiece import wordpiece

_PREFIX = "tokenizer.ggml."
_SPACE = "▁"
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


def convert(path: Path) -> tuple[bytes, str]:
    """Return the tokenizer.json of the tokenizer in a GGUF file, and what of it stays a guess.

    The pieces are in the file whatever cuts text; a way of cutting that TokenSim does not know is
    taken to be that of the nearest one that it knows, and said to be a guess.

    Raises:
        FileError: The file can't be read, or its list of tokens can't.
    """
    found = gguf_file.metadata(path, _KEYS)
    keys = {key.removeprefix(_PREFIX): value for key, value in found.items()}
    tokens = keys.get("tokens")
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise FileError(f"{path.name} holds no list of tokens.")
    types = _numbers(keys.get("token_type"), len(tokens), NORMAL)
    try:
        kind = keys.get("model")
        if kind == "bert":
            return wordpiece([_bert(token) for token in tokens]), ""
        if kind in ("llama", "t5"):
            return _sentencepiece(keys, tokens, types), ""
        if kind == "gpt2" or isinstance(keys.get("merges"), list):
            return _byte_bpe(keys, tokens, types)
        # Names are all that is known: the scores, if there are any, choose among pieces.
        return _sentencepiece({**keys, "model": "t5"}, _distinct(tokens), types), _guess(kind)
    except (ValueError, TypeError) as error:
        raise FileError(f"{path.name} holds a tokenizer that can't be read.") from error


def _guess(name: object) -> str:
    named = f", “{str(name)[:80]}”" if name else ""
    way = f"It cuts text in a way that TokenSim does not know{named}"
    return f"{way}, so how a text is cut is a guess."


def _bert(token: str) -> str:
    """Return a piece as BERT has it; GGUF marks what begins a word and not what continues one."""
    if token.startswith(_SPACE):
        return token.removeprefix(_SPACE)
    return token if token[:1] in ("[", "<") and token[-1:] in ("]", ">") else f"##{token}"


def _distinct(tokens: list[str]) -> list[str]:
    first: dict[str, int] = {}
    for number, token in enumerate(tokens):
        first.setdefault(token, number)
    return [
        token if first[token] == number else f"{token}#{number}"
        for number, token in enumerate(tokens)
    ]


def _byte_bpe(keys: dict[str, Any], tokens: list[str], types: list[int]) -> tuple[bytes, str]:
    model = keys.get("model")
    is_known = model == "gpt2"
    named = str(keys.get("pre", "gpt-2" if is_known else "")).replace("default", "gpt-2")
    remarks = []
    if not is_known or named not in SPLITTERS:
        remarks.append(_guess(named if is_known else model))
    # Of the fifty or so ways that there are, most are Llama 3's with another rule for numbers.
    splitter = named if named in SPLITTERS else "llama-bpe"
    listed = keys.get("merges")
    merges = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    if not merges:
        remarks.append("Without its merges, only words that are tokens are cut as it would.")
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
    made = byte_bpe(vocab, merges, splitter, added, stays_whole=not merges)
    return made, " ".join(remarks)


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
