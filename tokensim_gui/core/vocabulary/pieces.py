"""How each family of tokenizers spells its pieces, and what a tokenizer.json says of them."""

import json
import re
import unicodedata
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.values import Kind
from tokensim_gui.core.vocabulary.scripts import BLANKS, is_word_anywhere


def _byte_to_char() -> tuple[str, ...]:
    # GPT-2's table (`bytes_to_unicode` in its encoder.py): a byte that Latin-1 prints stands for
    # itself, the others follow from U+0100 on.
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    table = []
    others = 0x100
    for byte in range(256):
        if byte in printable:
            table.append(chr(byte))
        else:
            table.append(chr(others))
            others += 1
    return tuple(table)


BYTE_TO_CHAR: Final = _byte_to_char()
"""The character that stands for each byte."""

CHAR_TO_BYTE: Final = {character: byte for byte, character in enumerate(BYTE_TO_CHAR)}
"""The byte that each of those characters stands for."""

FAMILIES: Final = ("clip", "byte-bpe", "unigram", "sentencepiece", "wordpiece", "none")
"""CLIP's BPE with ``</w>``; BPE over bytes with ``Ġ`` (Qwen, Llama 3, GPT-2); SentencePiece with
``▁``, as Unigram (T5) or BPE (Gemma, older Mistral); BERT's WordPiece; rows without a tokenizer."""

LANGUAGE: Final = "language model"
"""Said of rows without a tokenizer whose checkpoint shows that they are a language model's, which
has either of `_OF_LANGUAGE`; no family of a vocabulary."""

_OF_LANGUAGE: Final = ("byte-bpe", "sentencepiece")

T5_ROWS: Final = (32_128, 32_100)
"""Rows of T5's table, padded and not: other unigram vocabularies (UMT5, XLM-R) have more."""

_END: Final = "</w>"
_SPACE: Final = "▁"
_SUFFIX: Final = "##"
_BLANK: Final = BYTE_TO_CHAR[ord(" ")]
BLANK_LED: Final = {"byte-bpe": _BLANK, "unigram": _SPACE, "sentencepiece": _SPACE}
"""The families whose words begin with the blank before them, and how they write it."""

_BYTE_PIECE: Final = re.compile(r"<0x([0-9A-F]{2})>")
_SPECIAL: Final = re.compile(r"<\|.+\|>|<(?:extra_id_|unused)\d+>|\[unused\d+\]|\[[A-Z]+\]")
_FOLLOWS, _LEADS = 0x80, 0xC0  # the first bytes that go on with a character, and that begin one
_BREAKING: Final = ("Cc", "Zl", "Zp")
_INVISIBLE: Final = ("Cc", "Cf", "Co", "Zs", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a tokenizer.json says.

    Attributes:
        family: One of `FAMILIES`.
        pieces: By id, without gaps up to ``rows``; "" where a row has no piece.
        special: Ids of tokens that no plain text is meant to reach.
        unknown: What stands for characters without a piece, or None.
        ranks: For each id that was learned, how many were learned before it: the rank of its
            merge (BPE) or of its score (Unigram). Empty for WordPiece, which keeps no order.
    """

    family: str
    pieces: tuple[str, ...]
    special: frozenset[int]
    unknown: int | None
    ranks: dict[int, int]


def can_be(family: str, told: str) -> bool:
    """Whether a tokenizer of a family can be that of a table of which ``told`` is known."""
    return family == told or (told == LANGUAGE and family in _OF_LANGUAGE)


def raw_bytes(family: str, piece: str) -> bytes:
    """The bytes that ``piece`` stands for; a leading space is one of them, CLIP's ``</w>`` not."""
    if family in ("clip", "byte-bpe"):
        body = piece.removesuffix(_END) if family == "clip" else piece
        try:
            return bytes(map(CHAR_TO_BYTE.__getitem__, body))
        except KeyError:  # an added token is written as it reads
            return body.encode("utf-8")
    if family in ("unigram", "sentencepiece"):
        byte = _BYTE_PIECE.fullmatch(piece)
        if byte is not None:
            return bytes((int(byte[1], 16),))
        return piece.replace(_SPACE, " ").encode("utf-8")
    return piece.removeprefix(_SUFFIX).encode("utf-8")


def respellings(family: str, written: str) -> tuple[str, ...]:
    """How a piece that another family writes ``written`` is spelled in this one, likeliest first.

    ``cat</w>``, ``Ġcat`` and ``▁cat`` are the word, ``##s`` is the part; without a mark it is the
    part, in bytes or as it reads.
    """
    if written.startswith(_SUFFIX) and family not in BLANK_LED:
        return ()
    if not written.strip(_BLANK + _SPACE):
        return (BLANK_LED.get(family, "") * len(written),)
    byte = _BYTE_PIECE.fullmatch(written)
    if byte is not None:
        return (BYTE_TO_CHAR[int(byte[1], 16)],) if family in ("clip", "byte-bpe") else ()
    text, word = read_spelling(written)
    if not text:
        return ()
    part, whole = spellings(family, text)
    if family == "wordpiece":
        part, whole = whole, part
    if not word:
        return (part,)
    return (whole, part) if is_word(family, part) else (whole,)


def read_spelling(written: str) -> tuple[str, bool]:
    """What a piece of any family reads, and whether it is marked as a word, as ``Ġcat`` is."""
    body = written.removesuffix(_END)
    mark = next((mark for mark in (_BLANK, _SPACE) if body.startswith(mark)), "")
    body = body.removeprefix(mark or _SUFFIX)
    return byte_text(body) or body.replace(_SPACE, " "), bool(mark) or written.endswith(_END)


def is_cut_character(written: str) -> bool:
    """Whether ``written`` is some bytes of characters in the alphabet of bytes, as ``ðŁĺ`` is.

    Only what can hardly be meant as it stands: at least two bytes, and none of ASCII.
    """
    raw = bytes(CHAR_TO_BYTE.get(character, 0) for character in written)
    return len(raw) > 1 and min(raw) >= _FOLLOWS and any(byte < _LEADS for byte in raw)


def byte_text(written: str) -> str | None:
    """The text that ``written`` is in the alphabet of bytes, ``ðŁĺħ`` → 😅; None if it is none.

    Only what can hardly be meant as it stands: characters beyond ASCII, all of them visible.
    """
    body = written.removesuffix(_END).removeprefix(_BLANK)
    if body.isascii() or any(character not in CHAR_TO_BYTE for character in body):
        return None
    try:
        text = bytes(CHAR_TO_BYTE[character] for character in body).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if text.isascii() or not any(map(_visible, text)) else text


def is_byte_piece(family: str, piece: str) -> bool:
    """Whether ``piece`` is less than a text: a SentencePiece byte, or bytes that are not UTF-8."""
    if family in ("unigram", "sentencepiece") and _BYTE_PIECE.fullmatch(piece) is not None:
        return True
    try:
        raw_bytes(family, piece).decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def begins_with_space(family: str, piece: str) -> bool:
    """Whether ``piece`` holds the space before a word (``Ġthe``, ``▁cat``)."""
    if family == "byte-bpe":
        return piece.startswith(_BLANK)
    return family in ("unigram", "sentencepiece") and piece.startswith(_SPACE)


def is_word(family: str, piece: str) -> bool:
    """Whether ``piece`` ends a CLIP word or begins a word of another family.

    In a script without blanks a word begins anywhere in a text.
    """
    if family == "clip":
        return piece.endswith(_END)
    if family == "wordpiece":
        return not piece.startswith(_SUFFIX)
    return begins_with_space(family, piece) or is_word_anywhere(text_of(family, piece))


def text_of(family: str, piece: str) -> str:
    """What ``piece``, if it is no byte piece, reads without the space that joins it to a word."""
    text = raw_bytes(family, piece).decode("utf-8", "replace")
    return text[1:] if begins_with_space(family, piece) and len(text) > 1 else text


def spellings(family: str, text: str) -> tuple[str, ...]:
    """The pieces that read ``text`` if the vocabulary has them."""
    if family == "clip":
        body = "".join(BYTE_TO_CHAR[byte] for byte in text.encode("utf-8"))
        return (body, body + _END)
    if family == "byte-bpe":
        body = "".join(BYTE_TO_CHAR[byte] for byte in text.encode("utf-8"))
        return (body, _BLANK + body)
    if family in ("unigram", "sentencepiece"):
        body = text.replace(" ", _SPACE)
        return (body, _SPACE + body)
    return (text, _SUFFIX + text)


def beginning_of_word(family: str, text: str) -> str:
    """How the pieces of words that begin with ``text`` begin."""
    if family == "clip":
        return spellings(family, text)[0]
    return spellings(family, text)[family != "wordpiece"]


def readable(text: str) -> str:
    """``text`` on one line and visible: control characters and bare spaces as ``U+0020``."""
    if not any(map(_visible, text)):
        runs = [(f"U+{ord(character):04X}", len(list(run))) for character, run in groupby(text)]
        return " ".join(code if count == 1 else f"{code} ×{count}" for code, count in runs)
    return "".join(
        f"⟨U+{ord(character):04X}⟩" if unicodedata.category(character) in _BREAKING else character
        for character in text
    )


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE and character not in BLANKS


def kind_of(family: str, piece: str, special: bool) -> Kind:
    """The kind of a token; "" is a row without a piece."""
    if not piece:
        return "unused"
    if special:
        return "special"
    if is_byte_piece(family, piece):
        return "bytes"
    return "word" if is_word(family, piece) else "part"


def display_of(family: str, piece: str, kind: Kind) -> str:
    """What the window shows for a token; "" for a row without a piece.

    Bytes that are no character are written ``⟨f0 9f⟩``, what can't be seen as ``U+0007``.
    """
    if kind == "bytes":
        return f"⟨{raw_bytes(family, piece).hex(' ')}⟩"
    if kind in ("word", "part"):
        return readable(text_of(family, piece)) or piece
    return readable(piece)


def read_pieces(path: Path, rows: int) -> Pieces:
    """Read the pieces of a tokenizer.json (the format of Hugging Face's ``tokenizers``).

    Args:
        path: The file.
        rows: Rows of the table; rows beyond the last piece get none.

    Raises:
        FileError: The file is no tokenizer of a known family, or has more pieces than ``rows``.
    """
    try:
        document = json.loads(path.read_bytes())
        model = document["model"]
        entries = model["vocab"]
        family = family_of(document)
        plain: dict[str, int]
        if isinstance(entries, list):
            plain = {str(piece): number for number, (piece, _score) in enumerate(entries)}
        else:
            plain = {str(piece): int(number) for piece, number in entries.items()}
        added = {
            int(token["id"]): (str(token["content"]), bool(token["special"]))
            for token in document.get("added_tokens") or ()
        }
        special = {number for piece, number in plain.items() if _SPECIAL.fullmatch(piece)}
        special.update(number for number, (_content, is_special) in added.items() if is_special)
        unknown = model.get("unk_id", plain.get(str(model.get("unk_token"))))
        # Bytes spell every character, whatever is named for what they lack.
        unknown = None if unknown is None or family in ("clip", "byte-bpe") else int(unknown)
        if unknown is not None:
            special.add(unknown)
        ranks = _ranks(family, model, plain, special)
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror}.") from error
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise FileError(f"{path} is not a tokenizer that TokenSim can read.") from error
    last = max(plain.values(), default=-1)
    if last >= rows or min(plain.values(), default=0) < 0:
        raise FileError(
            f"The tokenizer {path} has {last + 1} pieces and the table only {rows} rows: "
            "they do not belong together."
        )
    pieces = [""] * rows
    for piece, number in plain.items():
        pieces[number] = piece
    for number, (content, _is_special) in added.items():
        if 0 <= number < rows:
            if not pieces[number]:
                special.add(number)
            pieces[number] = content
    return Pieces(family, tuple(pieces), frozenset(special), unknown, ranks)


def family_of(document: dict[str, Any]) -> str:
    """The family of a parsed tokenizer.json, one of `FAMILIES`.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: It is of none.
    """
    model = document["model"]
    kind = model.get("type") or ("BPE" if "merges" in model else "")
    if kind == "Unigram":
        return "unigram"
    if kind == "WordPiece" and model.get("continuing_subword_prefix", _SUFFIX) == _SUFFIX:
        return "wordpiece"
    if kind == "WordLevel":  # WordPiece of nothing but whole words
        return "wordpiece"
    if kind != "BPE":
        raise ValueError(f"unknown model {kind!r}")
    if model.get("end_of_word_suffix") == _END:
        return "clip"
    parts = [document.get(name) for name in ("normalizer", "pre_tokenizer", "decoder")]
    return "byte-bpe" if '"ByteLevel"' in json.dumps(parts) else "sentencepiece"


def _ranks(
    family: str, model: dict[str, Any], plain: dict[str, int], special: set[int]
) -> dict[int, int]:
    if family == "wordpiece":
        return {}
    if family == "unigram":
        order = sorted(
            (number for number in plain.values() if number not in special),
            key=lambda number: (-float(model["vocab"][number][1]), number),
        )
        return {number: rank for rank, number in enumerate(order)}
    ranks: dict[int, int] = {}
    for merge in model["merges"]:
        # Files before tokenizers 0.20 write a merge as one string.
        piece = merge.replace(" ", "", 1) if isinstance(merge, str) else "".join(merge)
        number = plain.get(piece)
        if number is not None and number not in ranks:
            ranks[number] = len(ranks)
    return ranks
