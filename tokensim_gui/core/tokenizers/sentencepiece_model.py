"""SentencePiece models: read the ModelProto and write a tokenizer.json, without sentencepiece.

Format: https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto, in
the encoding of https://protobuf.dev/programming-guides/encoding/.
"""

import base64
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tokensim_gui.core.tokenizers.byte_bpe import Added, added_tokens

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
"""Types of pieces, as in ModelProto and in GGUF's ``tokenizer.ggml.token_type``."""

ORDERS = {
    "fairseq": (("<s>", "<pad>", "</s>", "<unk>"), 3),
    "camembert": (("<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED"), 1),
}
"""Orders of models that came out of fairseq: the pieces that stand first, and the number of the
first piece of the model that follows them; ``<mask>`` is last. (``convert_tokens_to_ids`` of
XLMRobertaTokenizer and CamembertTokenizer in transformers.)"""

_MAX_MERGED = 48
_SPACE = "▁"


@dataclass(slots=True)
class SentencePiece:
    """A SentencePiece model.

    Attributes:
        pieces: By id.
        scores: By id; the higher, the more frequent.
        types: By id, from `NORMAL` to `BYTE`.
        is_bpe: Whether it merges (Gemma, Llama 2) and is not a Unigram model (T5).
        charsmap: How characters are normalised; empty for not at all.
        dummy_prefix: Whether a space is put before the text.
        squeeze: Whether runs of spaces become one and outer spaces are dropped.
    """

    pieces: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    types: list[int] = field(default_factory=list)
    is_bpe: bool = False
    charsmap: bytes = b""
    dummy_prefix: bool = True
    squeeze: bool = True


def convert(content: bytes, order: str = "", extra_ids: int = 0) -> bytes:
    """Return the tokenizer.json of a serialised ModelProto.

    Args:
        content: The ModelProto.
        order: A key of `ORDERS` where an encoder numbers the pieces in another order.
        extra_ids: How many ``<extra_id_n>`` T5 has behind the pieces, the last number first.

    Raises:
        ValueError: It is not one, or of another kind than Unigram and BPE.
    """
    model = parse(content)
    if order:
        _reorder(model, *ORDERS[order])
    for number in reversed(range(extra_ids)):
        model.pieces.append(f"<extra_id_{number}>")
        model.scores.append(0.0)
        model.types.append(CONTROL)
    return tokenizer_json(model)


def _reorder(model: SentencePiece, before: tuple[str, ...], first: int) -> None:
    """Put ``before`` and ``<mask>`` around the pieces from ``first`` on."""
    kinds = [UNKNOWN if piece == "<unk>" else CONTROL for piece in before]
    unknown = [UNUSED if kind == UNKNOWN else kind for kind in model.types[first:]]
    model.pieces = [*before, *model.pieces[first:], "<mask>"]
    model.scores = [*(0.0 for _ in before), *model.scores[first:], 0.0]
    model.types = [*kinds, *unknown, CONTROL]


def tokenizer_json(model: SentencePiece) -> bytes:
    """Return the tokenizer.json of a SentencePiece model.

    Raises:
        ValueError: The model holds no pieces, or two equal ones.
    """
    if not model.pieces or len(set(model.pieces)) != len(model.pieces):
        raise ValueError("no pieces, or the same piece twice")
    unknown = model.types.index(UNKNOWN) if UNKNOWN in model.types else None
    byte_fallback = BYTE in model.types
    document = {
        "version": "1.0",
        "added_tokens": added_tokens(
            Added(number, model.pieces[number], kind == CONTROL)
            for number, kind in enumerate(model.types)
            if kind in (CONTROL, USER_DEFINED)
        ),
        "normalizer": _normalizer(model),
        "pre_tokenizer": _pre_tokenizer(model),
        "post_processor": None,
        "decoder": _decoder(model, byte_fallback),
        "model": {
            "type": "BPE",
            "unk_token": None if unknown is None else model.pieces[unknown],
            "fuse_unk": True,
            "byte_fallback": byte_fallback,
            "vocab": {piece: number for number, piece in enumerate(model.pieces)},
            "merges": _merges(model),
        }
        if model.is_bpe
        else {
            "type": "Unigram",
            "unk_id": unknown,
            "byte_fallback": byte_fallback,
            "vocab": list(zip(model.pieces, model.scores, strict=True)),
        },
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def _normalizer(model: SentencePiece) -> dict[str, Any] | None:
    steps: list[dict[str, Any]] = []
    if model.charsmap:
        charsmap = base64.b64encode(model.charsmap).decode()
        steps.append({"type": "Precompiled", "precompiled_charsmap": charsmap})
    if model.squeeze:
        steps.append({"type": "Strip", "strip_left": True, "strip_right": True})
        steps.append({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "})
    if model.is_bpe:
        if model.dummy_prefix:
            steps.append({"type": "Prepend", "prepend": _SPACE})
        steps.append({"type": "Replace", "pattern": {"String": " "}, "content": _SPACE})
    return {"type": "Sequence", "normalizers": steps} if steps else None


def _pre_tokenizer(model: SentencePiece) -> dict[str, Any] | None:
    if model.is_bpe:
        return None
    scheme = "always" if model.dummy_prefix else "never"
    return {"type": "Metaspace", "replacement": _SPACE, "prepend_scheme": scheme, "split": True}


def _decoder(model: SentencePiece, byte_fallback: bool) -> dict[str, Any]:
    if not model.is_bpe:
        scheme = "always" if model.dummy_prefix else "never"
        return {"type": "Metaspace", "replacement": _SPACE, "prepend_scheme": scheme, "split": True}
    steps: list[dict[str, Any]] = [
        {"type": "Replace", "pattern": {"String": _SPACE}, "content": " "}
    ]
    if byte_fallback:
        steps.append({"type": "ByteFallback"})
    steps.append({"type": "Fuse"})
    if model.dummy_prefix:
        steps.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    return {"type": "Sequence", "decoders": steps}


def _merges(model: SentencePiece) -> list[list[str]]:
    """Return the merges of a BPE model: every way to make a piece of two, the best piece first."""
    ids = {piece: number for number, piece in enumerate(model.pieces)}
    ranked = []
    for number, piece in enumerate(model.pieces):
        if model.types[number] not in (NORMAL, USER_DEFINED) or len(piece) > _MAX_MERGED:
            continue
        ways = [
            (ids[piece[:cut]], ids[piece[cut:]])
            for cut in range(1, len(piece))
            if piece[:cut] in ids and piece[cut:] in ids
        ]
        ranked += [(-model.scores[number], number, way) for way in sorted(ways)]
    ranked.sort(key=lambda merge: merge[0])
    return [[model.pieces[left], model.pieces[right]] for _, _, (left, right) in ranked]


def parse(content: bytes) -> SentencePiece:
    """Read a serialised ModelProto.

    Raises:
        ValueError: It is not one, or of another kind than Unigram and BPE.
    """
    model = SentencePiece()
    kinds = {1: False, 2: True}
    for number, value in _fields(content):
        if number == 1 and isinstance(value, bytes):
            _add_piece(model, value)
        elif number == 2 and isinstance(value, bytes):  # TrainerSpec; its model_type is field 3
            kind = dict(_fields(value)).get(3, 1)
            if kind not in kinds:
                raise ValueError(f"model type {kind!r}")
            model.is_bpe = kinds[int(kind)]
        elif number == 3 and isinstance(value, bytes):  # NormalizerSpec
            spec = dict(_fields(value))
            charsmap = spec.get(2, b"")
            model.charsmap = charsmap if isinstance(charsmap, bytes) else b""
            model.dummy_prefix = bool(spec.get(3, True))
            model.squeeze = bool(spec.get(4, True))
    return model


def _add_piece(model: SentencePiece, raw: bytes) -> None:
    spec = dict(_fields(raw))
    piece, score, kind = spec.get(1, b""), spec.get(2, b"\0\0\0\0"), spec.get(3, NORMAL)
    if not isinstance(piece, bytes) or not isinstance(score, bytes) or not isinstance(kind, int):
        raise ValueError("not a piece")
    if len(score) != 4:
        raise ValueError("not a score")
    model.pieces.append(piece.decode())
    model.scores.append(struct.unpack("<f", score)[0])
    model.types.append(kind)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Give the fields of a protobuf message: numbers for varints, bytes for all else."""
    position, end = 0, len(data)

    def varint() -> int:
        nonlocal position
        value = shift = 0
        while position < end and shift < 64:
            byte = data[position]
            position += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
        raise ValueError("a number has no end")

    while position < end:
        tag = varint()
        wire = tag & 7
        if wire == 0:
            yield tag >> 3, varint()
            continue
        sizes = {1: 8, 5: 4}
        length = varint() if wire == 2 else sizes.get(wire, -1)
        if length < 0 or position + length > end:
            raise ValueError("a field has no end")
        yield tag >> 3, data[position : position + length]
        position += length
