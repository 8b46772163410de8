"""Write a tokenizer.json for BERT's WordPiece, out of a vocab.txt or a list of pieces."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tokensim_gui.core.tokenizers.byte_bpe import Added, added_tokens

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<pad>", "<unk>", "<s>", "</s>", "<mask>")
_MOST_CHARACTERS = 100


def convert(content: bytes, config: Mapping[str, Any]) -> bytes:
    """Return the tokenizer.json of a vocab.txt, whose line n is token n.

    Args:
        content: The file.
        config: Of its tokenizer_config.json; ``do_lower_case`` counts.

    Raises:
        ValueError: It is not a list of pieces.
    """
    lines = content.decode().split("\n")
    if lines and not lines[-1]:
        lines.pop()
    pieces = [line.rstrip("\r") for line in lines]
    lower = config.get("do_lower_case")
    return wordpiece(pieces, lower if isinstance(lower, bool) else None)


def wordpiece(pieces: Iterable[str], lower: bool | None = None) -> bytes:
    """Return the tokenizer.json of BERT's WordPiece.

    Args:
        pieces: By id; an empty one is none.
        lower: Whether text is put in lower case; None to tell by the pieces, among which a
            vocabulary that does so has no capitals.

    Raises:
        ValueError: There are no pieces, or more stands beside them.
    """
    vocab = {piece: number for number, piece in enumerate(pieces) if piece}
    special = [Added(vocab[piece], piece, True) for piece in _SPECIAL if piece in vocab]
    if not vocab or any("\t" in piece for piece in vocab):
        raise ValueError("no pieces, or pieces with their scores")
    if lower is None:
        lower = not any(piece != piece.lower() for piece in vocab if piece[0] not in "[<")
    unknown = next((piece for piece in ("[UNK]", "<unk>") if piece in vocab), "[UNK]")
    document = {
        "version": "1.0",
        "added_tokens": added_tokens(special),
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": lower,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None
        if not {"[CLS]", "[SEP]"} <= vocab.keys()
        else {
            "type": "BertProcessing",
            "sep": ["[SEP]", vocab["[SEP]"]],
            "cls": ["[CLS]", vocab["[CLS]"]],
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": unknown,
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": _MOST_CHARACTERS,
            "vocab": vocab,
        },
    }
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
