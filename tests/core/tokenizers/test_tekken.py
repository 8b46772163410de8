"""Mistral's tekken.json becomes a tokenizer.json that cuts as its ranks do."""

import base64
import json

import pytest
import torch
from tokenizers import Tokenizer

from tests.core.checkpoints.layouts_on_disk import (
    numbers,
    write_safetensors,
)
from tests.core.tokenizers.tokenizer_files import (
    beside,
    pieces_of,
)
from tokensim_gui.core.checkpoints import candidates
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.tokenizers.converting import tokenizer_bytes
from tokensim_gui.core.vocabulary.pieces import CHAR_TO_BYTE

TEKKEN_PIECES = [bytes([byte]) for byte in range(256)]
TEKKEN_PIECES += [b"ca", b"at", b"cat", b" cat", b"\xf0\x9f", b"\xf0\x9f\x98\x85", b"not used"]


def tekken(pieces: list[bytes] = TEKKEN_PIECES, unused: int = 1) -> bytes:
    config = {"default_num_special_tokens": 10, "default_vocab_size": 10 + len(pieces) - unused}
    vocab = [
        {"rank": rank, "token_bytes": base64.b64encode(piece).decode(), "token_str": None}
        for rank, piece in enumerate(pieces)
    ]
    special = [{"rank": 1, "token_str": "<s>", "is_control": True}]
    return json.dumps({"config": config, "vocab": vocab, "special_tokens": special}).encode()


class TestTekken:
    def test_it_is_found_as_a_tensor_and_as_a_file(self, tmp_path):
        tensor = torch.frombuffer(bytearray(tekken()), dtype=torch.uint8)
        path = write_safetensors(
            tmp_path / "mistral_3_small_flux2.safetensors",
            {"model.embed_tokens.weight": numbers(), "tekken_model": tensor},
        )
        (inside,) = candidates(path)
        (tmp_path / "folder").mkdir()
        file = beside(tmp_path / "folder", {"tekken.json": tekken()})
        for candidate in (inside, file):
            assert pieces_of(candidate, "<s>a cat") == ["<s>", "a", "Ġcat"]

    def test_it_cuts_as_ranks_do(self, tmp_path):
        candidate = beside(tmp_path, {"tekken.json": tekken()})
        tokenizer = Tokenizer.from_str(tokenizer_bytes(candidate).decode())
        vocab = json.loads(tokenizer.to_str())["model"]["vocab"]
        ranks = {piece: rank for rank, piece in enumerate(TEKKEN_PIECES[:-1])}
        for text in ("cat", " cats", "catcat", "bat ca", "😅😀", "not used", "cacat"):
            ids = []
            for part, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text):
                parts = [bytes([CHAR_TO_BYTE[letter]]) for letter in part]
                while len(parts) > 1:  # as tiktoken: the pair that makes the lowest piece
                    best = min(
                        range(len(parts) - 1),
                        key=lambda at: ranks.get(parts[at] + parts[at + 1], 10**9),
                    )
                    if parts[best] + parts[best + 1] not in ranks:
                        break
                    parts[best : best + 2] = [parts[best] + parts[best + 1]]
                ids += [10 + ranks[piece] for piece in parts]
            assert tokenizer.encode(text, add_special_tokens=False).ids == ids
        assert vocab["cat"] == 10 + 258 and "notĠused" not in vocab

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[]",
            b"[" * 99_999,
            b'{"config": {}}',
            tekken([]),
            tekken([b"a" * 1_001, b"b"]),
            tekken([bytes([number % 256]) * 900 + str(number).encode() for number in range(5_000)]),
            tekken().replace(
                b'"default_num_special_tokens": 10', b'"default_num_special_tokens": -1'
            ),
            tekken().replace(b'"rank": 7,', b'"rank": 1e999,'),
            tekken().replace(b'"default_vocab_size": 272', b'"default_vocab_size": 1e999'),
            tekken([b"a" * length for length in range(1, 401)]),
        ],
    )
    def test_what_is_none_is_said_to_be_so(self, tmp_path, content):
        candidate = beside(tmp_path, {"tekken.json": content})
        with pytest.raises(
            FileError, match=r"tekken\.json (is empty|holds a tokenizer that can't be)"
        ):
            tokenizer_bytes(candidate)
