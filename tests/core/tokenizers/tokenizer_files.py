"""Tokenizers as files write them, and the pieces that a converted one cuts a text into."""

import json
import struct

from tokenizers import Tokenizer

from tests.core.checkpoints.layouts_on_disk import (
    numbers,
    write_safetensors,
)
from tokensim_gui.core.checkpoints import candidates
from tokensim_gui.core.tokenizers.converting import tokenizer_bytes

TEXT = "The cat's 42 cats sat on the mat,  on THE   mat!\n\nÜber 😅 naïve"


def pieces_of(candidate, text: str = TEXT) -> list[str]:
    tokenizer = Tokenizer.from_str(tokenizer_bytes(candidate).decode())
    return tokenizer.encode(text, add_special_tokens=False).tokens


def vocab_and_merges(tokenizer: Tokenizer) -> tuple[dict[str, int], list[str]]:
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [" ".join(merge) for merge in model["merges"]]


def proto(number: int, value: bytes | int | float) -> bytes:
    """Return one field of a protobuf message."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    head = b""
    while value > 127:
        head += bytes([value & 127 | 128])
        value >>= 7
    return head + bytes([value])


def sentencepiece(
    pieces: list[tuple[str, float, int]], model_type: int, dummy_prefix: bool = True
) -> bytes:
    message = b"".join(
        proto(1, proto(1, piece.encode()) + proto(2, score) + proto(3, kind))
        for piece, score, kind in pieces
    )
    trainer = proto(2, proto(3, model_type))
    return message + trainer + proto(3, proto(3, int(dummy_prefix)) + proto(4, 1))


UNIGRAM = [
    ("<pad>", 0.0, 3),
    ("</s>", 0.0, 3),
    ("<unk>", 0.0, 2),
    ("▁", -2.0, 1),
    ("▁cat", -3.0, 1),
    ("s", -3.5, 1),
    ("c", -5.0, 1),
    ("a", -5.0, 1),
    ("t", -5.0, 1),
]
BPE = [
    ("<unk>", 0.0, 2),
    ("<s>", 0.0, 3),
    ("<0x21>", 0.0, 6),
    ("ba", -4.5, 1),
    ("b", -9.5, 1),
    ("at", -1.0, 1),
    ("cat", -2.0, 1),
    ("▁cat", -3.0, 1),
    ("ca", -4.0, 1),
    ("▁", -5.0, 1),
    ("c", -6.0, 1),
    ("a", -7.0, 1),
    ("t", -8.0, 1),
    ("s", -9.0, 1),
]


def beside(tmp_path, files: dict[str, bytes]):
    write_safetensors(tmp_path / "model.safetensors", {"shared.weight": numbers()})
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (candidate,) = candidates(tmp_path)
    return candidate
