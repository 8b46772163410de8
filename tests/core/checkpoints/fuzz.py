"""Damage well-formed files at random; whatever comes of it, only TokenSimError may come out.

``python -m tests.core.checkpoints.fuzz SEED CASES`` prints one line of JSON: how many were refused
and how many read, and the growth of memory in bytes.
"""

import random
import re
import struct
from pathlib import Path

import torch

from tests.core.checkpoints.layouts_on_disk import write_gguf, write_pickle, write_safetensors
from tests.core.damaged_files import Seed, main, read_damaged
from tests.core.tokenizers.tokenizer_files import BPE, UNIGRAM, sentencepiece
from tokensim_gui.core.checkpoints import candidates, read_vectors
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.tokenizers.converting import tokenizer_bytes
from tokensim_gui.core.tokenizers.sentencepiece_model import convert
from tokensim_gui.core.vocabulary.derived_arrays import encode_all, open_tokenizer
from tokensim_gui.core.vocabulary.pieces import read_pieces

_ROWS, _DIM = 1000, 64
_NUMBERS = (0, 1, 2, 127, 128, 255, 2**15, 2**16 - 1, 2**31, 2**32 - 1, 2**40, 2**63, 2**64 - 1)
_WORDS = (b"{", b"[" * 500, b"}", b'"', b"\\ud800", b"\xff", b"1e999", b"-1", b".", b"\x00" * 16)

# What keeps the length gets deeper into a reader than what moves all that follows.
_WEIGHTS = (8, 1, 5, 3, 1, 2, 1, 5)


def _checkpoint(path: Path) -> None:
    for candidate in candidates(path):
        for _ in read_vectors(candidate):
            pass
        tokenizer_bytes(candidate)


def _sentencepiece(path: Path) -> None:
    try:
        convert(path.read_bytes())
    except ValueError as error:  # `tokenizer_bytes` adds the name of the file
        raise TokenSimError("case") from error


def _tokenizer(path: Path) -> None:
    encode_all(open_tokenizer(path), ["a cat's 42 cats!", "ÿ😅"])
    read_pieces(path, _ROWS)


def _seeds(folder: Path) -> list[Seed]:
    table = torch.zeros(_ROWS, _DIM, dtype=torch.float8_e4m3fn)
    half = torch.zeros(_ROWS, _DIM, dtype=torch.float16)
    spiece = torch.frombuffer(bytearray(sentencepiece(UNIGRAM, 1)), dtype=torch.uint8)
    state = {
        "text_model.embeddings.token_embedding.weight": half,
        "text_model.final_layer_norm.weight": torch.zeros(4),
        "logit_scale": torch.zeros(()),
    }
    tokens, scores, types = (list(column) for column in zip(*UNIGRAM, strict=True))
    metadata = {
        "tokenizer.ggml.model": "t5",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": scores,
        "tokenizer.ggml.token_type": types,
    }
    path = folder / "seed"
    seeds = []

    def add(name: str, places: range | None = None) -> None:
        content = path.read_bytes()
        seeds.append(Seed(name, content, places or range(len(content)), _checkpoint))

    write_safetensors(path, {"shared.weight": table, "spiece_model": spiece})
    add("safetensors", range(8 + struct.unpack("<Q", path.read_bytes()[:8])[0]))
    write_safetensors(
        path, {"shared.weight": table, "shared.scale_weight": torch.full((), torch.inf)}
    )
    add("scaled safetensors", range(8 + struct.unpack("<Q", path.read_bytes()[:8])[0]))
    write_pickle(path, {"state_dict": state, "epoch": 3, "callbacks": {"a": (1, {2})}})
    zipped = path.read_bytes()
    add("zip", range(zipped.index(b"PK", 4)))
    add("zip directory", range(zipped.index(b"PK\x01\x02"), len(zipped)))
    write_pickle(path, state, legacy=True)
    add("legacy", range(path.read_bytes().rindex(b"logit_scale") + 300))
    write_gguf(path, rows=_ROWS, dim=_DIM, metadata=metadata)
    add("gguf", range(path.read_bytes().index(b"blk.0") + 60))
    for name, pieces, kind in (("unigram model", UNIGRAM, 1), ("bpe model", BPE, 2)):
        content = sentencepiece(pieces, kind)
        seeds.append(Seed(name, content, range(len(content)), _sentencepiece))
        content = convert(content)
        seeds.append(Seed(f"tokenizer.json, {name}", content, range(len(content)), _tokenizer))
    return seeds


def _damaged(seed: Seed, chosen: random.Random, seeds: list[Seed]) -> bytes:
    data = bytearray(seed.content)
    for _ in range(chosen.choice((1, 1, 1, 2, 3, 8))):
        at = min(chosen.choice(seed.places), len(data))
        match chosen.choices(range(8), _WEIGHTS)[0]:
            case 0:  # a flipped bit
                if at < len(data):
                    data[at] ^= 1 << chosen.randrange(8)
            case 1:  # cut short
                del data[chosen.choice((at, chosen.randrange(len(data) + 1))) :]
            case 2:  # a length, an offset, a count
                code = chosen.choice(("<Q", "<I", "<H", "<B"))
                number = chosen.choice((*_NUMBERS, len(data), len(data) + 1))
                size = struct.calcsize(code)
                data[at : at + size] = struct.pack(code, number & (256**size - 1))
            case 3:  # a piece of itself elsewhere
                end = at + chosen.randrange(1, 60)
                piece = data[at:end]
                to = min(chosen.choice(seed.places), len(data))
                data[to : to + chosen.choice((0, len(piece), len(piece), len(piece)))] = piece
            case 4:  # a piece lost
                del data[at : at + chosen.randrange(1, 40)]
            case 5:  # a piece of another file
                other = chosen.choice(seeds)
                begin = chosen.choice(other.places)
                data[at : at + chosen.choice((0, 8, 30, 30, 30))] = other.content[
                    begin : begin + 30
                ]
            case 6:  # what JSON and numbers stumble over
                data[at:at] = chosen.choice(_WORDS)
            case 7:  # another digit in a text
                digit = re.compile(rb"[0-9]").search(data, at)
                if digit:
                    data[digit.start()] = ord(chosen.choice("0123456789.-e"))
    return bytes(data)


if __name__ == "__main__":
    read_damaged(_seeds, _damaged, 0, 200)  # have everything imported
    main(_seeds, _damaged)
