"""Write a tokenizer.json for BPE over bytes: Qwen, Llama 3, Mistral's tekken, GPT-2, CLIP."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

_CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|"
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_LOWER, _UPPER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_BEFORE_LETTERS = r"[^\r\n\p{L}\p{N}]?"
_QWEN = rf"{_CONTRACTIONS}{_BEFORE_LETTERS}\p{{L}}+|\p{{N}}|{_REST}"
_LLAMA = rf"{_CONTRACTIONS}{_BEFORE_LETTERS}\p{{L}}+|\p{{N}}{{1,3}}|{_REST}"
_MARKED = r"[\p{L}\p{M}]"  # letters with the marks upon them
_QWEN35 = (
    rf"{_CONTRACTIONS}{_BEFORE_LETTERS}{_MARKED}+|\p{{N}}|"
    r" ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_ENDING = f"(?:{_CONTRACTIONS.removesuffix('|')})?"
_GPT4O = (
    rf"{_BEFORE_LETTERS}{_UPPER}*{_LOWER}+{_ENDING}|{_BEFORE_LETTERS}{_UPPER}+{_LOWER}*{_ENDING}|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_TEKKEN = (
    rf"{_BEFORE_LETTERS}{_UPPER}*{_LOWER}+|{_BEFORE_LETTERS}{_UPPER}+{_LOWER}*|\p{{N}}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

SPLITTERS: dict[str, str] = {
    "qwen2": _QWEN,
    "deepseek-r1-qwen": _QWEN,
    "qwen35": _QWEN35,
    "llama-bpe": _LLAMA,
    "smaug-bpe": _LLAMA,
    "gpt-4o": _GPT4O,
    "tekken": _TEKKEN,
    "gpt-2": "",
}
"""How text is cut before the merges, by the names of GGUF's ``tokenizer.ggml.pre``; the patterns
are those of the models' own tokenizer.json. "" is the cut of GPT-2, which tokenizers has built in.
"""


class Added(NamedTuple):
    """A token that is found in the text before anything else is done with it."""

    id: int
    content: str
    special: bool


def added_tokens(added: Iterable[Added]) -> list[dict[str, Any]]:
    """Return the entries of ``added_tokens`` in a tokenizer.json."""
    return [
        {
            "id": token.id,
            "content": token.content,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": token.special,
        }
        for token in sorted(added)
    ]


def with_added(document: dict[str, Any], added: Iterable[Added]) -> dict[str, Any]:
    """Return a parsed tokenizer.json with further tokens; what it says of an id stays."""
    there = document.get("added_tokens") or []
    known = {token["id"] for token in there} | {token["content"] for token in there}
    more = [one for one in added if one.id not in known and one.content not in known]
    model = document["model"]
    if isinstance(model["vocab"], dict):
        model = {**model, "vocab": _with_ids(model["vocab"], more)}
    return {**document, "model": model, "added_tokens": [*there, *added_tokens(more)]}


def _with_ids(vocab: dict[str, int], added: Iterable[Added]) -> dict[str, int]:
    """Return a vocabulary with added tokens: such as are not in it get other ids when loaded."""
    return {token.content: token.id for token in added} | vocab


def byte_bpe(
    vocab: dict[str, int],
    merges: Sequence[str],
    splitter: str,
    added: Sequence[Added],
    stays_whole: bool = False,
) -> bytes:
    """Return the tokenizer.json of a BPE over bytes.

    Args:
        vocab: Pieces, in the letters of ``bytes_to_unicode``, and their ids.
        merges: Two pieces with a space between, the most frequent first.
        splitter: A key of `SPLITTERS`.
        added: Tokens beside the vocabulary.
        stays_whole: Whether a text that is a piece stays whole, whatever the merges say.
    """
    pattern = SPLITTERS[splitter]
    byte_level = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": False,
        "use_regex": not pattern,
    }
    split = {
        "type": "Split",
        "pattern": {"Regex": pattern},
        "behavior": "Isolated",
        "invert": False,
    }
    document = {
        "version": "1.0",
        "added_tokens": added_tokens(added),
        "normalizer": {"type": "NFC"} if splitter in ("qwen2", "qwen35") else None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [split, byte_level] if pattern else [byte_level],
        },
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            # A text that is a piece stays whole, as in tiktoken.
            "ignore_merges": stays_whole
            or splitter in ("llama-bpe", "smaug-bpe", "gpt-4o", "tekken"),
            "vocab": _with_ids(vocab, added),
            "merges": list(merges),
        },
    }
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
