"""Ranked pieces, as tiktoken and newer Mistral models (``tekken.json``) have, as a tokenizer.json.

Formats: https://github.com/openai/tiktoken (``load.py``): a piece in base64 and its rank, line by
line, as in OpenAI's, Qwen's and Llama 3's files, the last of which is called ``tokenizer.model``;
https://github.com/mistralai/mistral-common (``tokens/tokenizers/tekken.py``): the same in JSON,
behind the special tokens. ComfyUI keeps that file as a tensor.
"""

import base64
import json
import re
from collections.abc import Mapping

from tokensim_gui.core.tokenizers.byte_bpe import Added, byte_bpe
from tokensim_gui.core.vocabulary.pieces import BYTE_TO_CHAR

# The pieces of Mistral's tokenizers of 2024 have 0.9 MB, the longest of them 76 bytes; their merges
# have 2.1 MB, which grow with the cube of the length where every beginning of a piece is one.
_MAX_SPECIAL = 10_000
# What Mistral's own reader takes for a file of before 2025, which lists no special tokens.
_NAMES = (
    *("<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]"),
    *("[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]"),
    *("[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"),
    "[TOOL_CONTENT]",
)
_MAX_PIECE_BYTES, _MAX_BYTES, _MAX_MERGE_BYTES = 1_000, 4_000_000, 8_000_000
_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2} \d{1,7}\s*")
# The ways to cut text by how many pieces there are: GPT-2, cl100k, Llama 3, Qwen, o200k.
_SPLITTERS = {
    50_256: "gpt-2",
    50_257: "gpt-2",
    100_256: "llama-bpe",
    128_000: "llama-bpe",
    151_643: "qwen2",
    199_998: "gpt-4o",
}


def convert(content: bytes) -> bytes:
    """Return the tokenizer.json of a tekken.json.

    Raises:
        ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError: It is not
            one.
    """
    document = json.loads(content)
    offset = int(document["config"]["default_num_special_tokens"])
    count = int(document["config"]["default_vocab_size"]) - offset
    if offset < 0:
        raise ValueError("a negative number of special tokens")
    ranks = {
        base64.b64decode(piece["token_bytes"]): int(piece["rank"])
        for piece in document["vocab"]
        if 0 <= int(piece["rank"]) < count  # the rest of the list is not used
    }
    _check(ranks)
    # Mistral's own reader fills the gaps up to the first piece with these names.
    named = {number: f"<SPECIAL_{number}>" for number in range(min(offset, _MAX_SPECIAL))}
    if document.get("special_tokens") is None:
        named |= dict(zip(named, _NAMES, strict=False))
    for token in document.get("special_tokens") or ():
        named[int(token["rank"])] = str(token["token_str"])
    added = [Added(number, name, True) for number, name in named.items()]
    vocab = {_letters(piece): offset + rank for piece, rank in ranks.items()}
    return byte_bpe(vocab, _merges(ranks), "tekken", added)


def is_tiktoken(content: bytes) -> bool:
    """Tell whether a file begins as those of tiktoken do."""
    return bool(_LINE.match(content))


def of_tiktoken(content: bytes) -> tuple[bytes, bool]:
    """Return the tokenizer.json of a tiktoken file, and whether the way it cuts text is known.

    Its special tokens are in the program that uses it, so that their rows have no names.

    Raises:
        ValueError: It is not one.
    """
    lines = [line for line in content.splitlines() if line.strip()]
    if not all(map(_LINE.fullmatch, lines)):
        raise ValueError("not pieces and their ranks")
    ranks = {base64.b64decode(piece): int(rank) for piece, rank in map(bytes.split, lines)}
    _check(ranks)
    if len(set(ranks.values())) != len(ranks):
        raise ValueError("several pieces of one rank")
    if max(ranks.values()) > 2 * len(ranks):
        raise ValueError("ranks with gaps between them")
    vocab = {_letters(piece): rank for piece, rank in ranks.items()}
    splitter = _SPLITTERS.get(len(ranks))
    made = byte_bpe(vocab, _merges(ranks), splitter or "llama-bpe", (), stays_whole=True)
    return made, splitter is not None


def _check(ranks: Mapping[bytes, int]) -> None:
    if max(map(len, ranks)) > _MAX_PIECE_BYTES or sum(map(len, ranks)) > _MAX_BYTES:
        raise ValueError("pieces longer than those of a tokenizer")


def _merges(ranks: dict[bytes, int]) -> list[str]:
    """Return every way to make a piece of two, which together do what ranks alone do.

    Of all pairs in a text, ranks merge the one that makes the lowest piece.

    Raises:
        ValueError: They are longer than those of a tokenizer.
    """
    merges: list[str] = []
    nbytes = 0
    for piece in sorted(ranks, key=ranks.__getitem__):
        pairs = [(piece[:at], piece[at:]) for at in range(1, len(piece))]
        found = [pair for pair in pairs if pair[0] in ranks and pair[1] in ranks]
        nbytes += len(piece) * len(found)
        if nbytes > _MAX_MERGE_BYTES:
            raise ValueError("merges longer than those of a tokenizer")
        found.sort(key=lambda pair: (ranks[pair[0]], ranks[pair[1]]))
        merges += [f"{_letters(left)} {_letters(right)}" for left, right in found]
    return merges


def _letters(piece: bytes) -> str:
    return "".join(BYTE_TO_CHAR[byte] for byte in piece)
