"""Tokenizers in the checkpoint or beside it become a tokenizer.json that encodes as they do."""

import base64
import json
import struct

import gguf
import pytest
import torch
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from tests.core.checkpoints.layouts_on_disk import (
    CLIP,
    numbers,
    write_gguf,
    write_pickle,
    write_safetensors,
)
from tokensim_gui.core import paths
from tokensim_gui.core.checkpoints import candidates
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.tokenizers.byte_bpe import SPLITTERS, byte_bpe
from tokensim_gui.core.tokenizers.converting import tokenizer_bytes
from tokensim_gui.core.vocabulary.pieces import CHAR_TO_BYTE

TEXT = "The cat's 42 cats sat on the mat,  on THE   mat!\n\nÜber 😅 naïve"


def pieces_of(candidate, text: str = TEXT) -> list[str]:
    tokenizer = Tokenizer.from_str(tokenizer_bytes(candidate).decode())
    return tokenizer.encode(text, add_special_tokens=False).tokens


@pytest.fixture(scope="module")
def byte_level() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([TEXT] * 9, trainer)
    return tokenizer


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


def test_without_a_tokenizer_there_is_none(tmp_path):
    candidate = beside(tmp_path, {})
    assert candidate.tokenizers == ()
    assert tokenizer_bytes(candidate) is None


def test_a_tokenizer_json_beside_the_checkpoint_is_taken_as_it_is(tmp_path, byte_level):
    content = byte_level.to_str().encode()
    candidate = beside(tmp_path, {"tokenizer.json": content, "spiece.model": b""})
    assert tokenizer_bytes(candidate) == content


def test_a_clip_table_gets_the_bundled_tokenizer(tmp_path):
    table = torch.zeros(49408, 64, dtype=torch.float8_e4m3fn)
    (candidate,) = candidates(write_safetensors(tmp_path / "a.safetensors", {CLIP: table}))
    tokenizer = Tokenizer.from_str(tokenizer_bytes(candidate).decode())
    assert tokenizer.get_vocab_size() == 49408
    assert tokenizer.encode("cute girl", add_special_tokens=False).ids == [2242, 1611]


def unigram_of(count: int) -> bytes:
    vocab = [["<unk>", 0.0], *([f"▁{number}", -1.0] for number in range(1, count))]
    return Tokenizer(models.Unigram([tuple(one) for one in vocab], 0)).to_str().encode()


def test_the_first_tokenizer_that_fits_is_taken_and_not_the_first_that_is_there(tmp_path):
    bundled = paths.resource("starter/tokenizer.json").read_bytes()
    table = torch.zeros(32_128, 4_096, dtype=torch.float8_e4m3fn)
    path = write_safetensors(tmp_path / "sd3.safetensors", {"t5xxl.shared.weight": table})
    for name, content in (
        ("tokenizer", bundled), ("tokenizer_2", bundled), ("tokenizer_3", unigram_of(32_100)),
    ):  # fmt: skip
        (tmp_path / name).mkdir()
        (tmp_path / name / "tokenizer.json").write_bytes(content)
    (candidate,) = candidates(path)
    assert tokenizer_bytes(candidate) == unigram_of(32_100)


@pytest.mark.parametrize(
    ("pieces", "rows", "fits"),
    [
        (32_100, 32_128, True),
        (151_669, 152_064, True),
        (256_300, 256_384, True),
        (100_015, 102_400, True),
        (500, 1_500, True),
        (1_501, 1_500, False),
        (49_408, 128_256, False),
        (30_522, 49_152, False),
    ],
)
def test_a_tokenizer_must_have_about_as_many_pieces_as_there_are_vectors(
    pieces, rows, fits, tmp_path
):
    table = torch.zeros(rows, 64, dtype=torch.float8_e4m3fn)
    write_safetensors(tmp_path / "a.safetensors", {"model.embed_tokens.weight": table})
    (tmp_path / "tokenizer.json").write_bytes(unigram_of(pieces))
    (candidate,) = candidates(tmp_path)
    if fits:
        assert tokenizer_bytes(candidate)
    else:
        with pytest.raises(
            FileError,
            match=rf"/tokenizer\.json has {pieces:,} pieces for the {rows:,} vectors of a",
        ):
            tokenizer_bytes(candidate)


def test_a_tokenizer_of_another_kind_than_that_of_a_known_encoder_is_refused(tmp_path, byte_level):
    document = json.loads(byte_level.to_str())
    document["model"]["vocab"] |= {f"x{number}": number for number in range(400, 32_100)}
    table = torch.zeros(32_128, 4_096, dtype=torch.float8_e4m3fn)
    write_safetensors(tmp_path / "t5.safetensors", {"shared.weight": table})
    (tmp_path / "tokenizer.json").write_text(json.dumps(document))
    (candidate,) = candidates(tmp_path)
    with pytest.raises(FileError, match="is of another kind than that of T5-XXL"):
        tokenizer_bytes(candidate)


def test_vocabulary_and_merges_beside_the_checkpoint_are_converted(tmp_path, byte_level):
    vocab, merges = vocab_and_merges(byte_level)
    files = {
        "vocab.json": json.dumps(vocab).encode(),
        "merges.txt": "\n".join(["#version: 0.2", *merges]).encode(),
    }
    candidate = beside(tmp_path, files)
    assert pieces_of(candidate) == byte_level.encode(TEXT).tokens
    config = {
        "tokenizer_class": "Qwen2Tokenizer",
        "added_tokens_decoder": {"400": {"content": "<|im_end|>", "special": True}},
    }
    candidate = beside(tmp_path, {"tokenizer_config.json": json.dumps(config).encode()})
    assert pieces_of(candidate, "cat<|im_end|>")[-1] == "<|im_end|>"
    assert pieces_of(candidate, "42") == ["4", "2"]


def test_a_sentencepiece_unigram_model_is_converted(tmp_path):
    candidate = beside(tmp_path, {"spiece.model": sentencepiece(UNIGRAM, 1)})
    assert pieces_of(candidate, " cats   cat</s>") == ["▁cat", "s", "▁cat", "</s>"]
    assert pieces_of(candidate, "cat x") == ["▁cat", "▁", "x"]


def test_a_sentencepiece_bpe_model_is_converted_with_its_merges_in_order(tmp_path):
    candidate = beside(tmp_path, {"tokenizer.model": sentencepiece(BPE, 2)})
    assert pieces_of(candidate, "cats cat!") == ["▁cat", "s", "▁cat", "<0x21>"]
    assert pieces_of(candidate, "bat") == ["▁", "b", "at"]
    candidate = beside(tmp_path, {"tokenizer.model": sentencepiece(BPE, 2, dummy_prefix=False)})
    assert pieces_of(candidate, "cat cat") == ["cat", "▁cat"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 100,
        sentencepiece(UNIGRAM, 3),
        sentencepiece([*UNIGRAM, UNIGRAM[0]], 1),
        sentencepiece([("nan", float("nan"), 1)], 1),
        sentencepiece(UNIGRAM, 1)[:-3],
    ],
)
def test_a_sentencepiece_model_that_can_not_be_read_is_said_to_be_so(tmp_path, content):
    candidate = beside(tmp_path, {"spiece.model": content})
    with pytest.raises(
        FileError, match=r"spiece\.model (is empty|holds a tokenizer that can't be)"
    ):
        tokenizer_bytes(candidate)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"vocab.json": b"[" * 99_999, "merges.txt": b""}, "vocab.json holds a tokenizer"),
        ({"vocab.json": b'{"a": "b"}', "merges.txt": b""}, "vocab.json is JSON, but no tokenizer"),
        ({"vocab.json": b"{}"}, "vocab.json holds a tokenizer"),
    ],
)
def test_a_vocabulary_that_can_not_be_read_is_said_to_be_so(tmp_path, files, sentence):
    with pytest.raises(FileError, match=sentence):
        tokenizer_bytes(beside(tmp_path, files))


@pytest.mark.parametrize("write", [write_safetensors, write_pickle])
def test_tokenizers_inside_a_checkpoint_go_with_the_encoder_of_their_prefix(
    write, tmp_path, byte_level
):
    def tensor(content: bytes) -> torch.Tensor:
        return torch.frombuffer(bytearray(content), dtype=torch.uint8)

    one, other = "text_encoders.t5.", "text_encoders.qwen."
    path = write(
        tmp_path / "all",
        {
            f"{one}transformer.shared.weight": numbers(),
            f"{one}spiece_model": tensor(sentencepiece(UNIGRAM, 1)),
            f"{other}transformer.model.embed_tokens.weight": numbers(),
            f"{other}tokenizer_json": tensor(byte_level.to_str().encode()),
        },
    )
    found = {candidate.key: candidate for candidate in candidates(path)}
    assert pieces_of(found[f"{one}transformer.shared.weight"], "cat") == ["▁cat"]
    qwen = found[f"{other}transformer.model.embed_tokens.weight"]
    assert pieces_of(qwen) == byte_level.encode(TEXT).tokens


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


class TestGguf:
    def test_bytes_and_merges(self, tmp_path, byte_level):
        vocab, merges = vocab_and_merges(byte_level)
        tokens = [*sorted(vocab, key=vocab.get), "<|im_end|>", "[PAD]"]
        metadata = {
            "tokenizer.ggml.model": "gpt2",
            "tokenizer.ggml.pre": "default",
            "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.token_type": [1] * len(vocab) + [3, 5],
            "tokenizer.ggml.merges": merges,
        }
        (candidate,) = candidates(write_gguf(tmp_path / "a.gguf", metadata=metadata))
        assert pieces_of(candidate) == byte_level.encode(TEXT).tokens
        assert pieces_of(candidate, "cat<|im_end|>")[-1] == "<|im_end|>"
        assert "[PAD]" not in tokenizer_bytes(candidate).decode()

    @pytest.mark.parametrize("splitter", SPLITTERS)
    def test_every_known_way_of_splitting_loads(self, splitter, tmp_path, byte_level):
        vocab, merges = vocab_and_merges(byte_level)
        metadata = {
            "tokenizer.ggml.model": "gpt2",
            "tokenizer.ggml.pre": splitter,
            "tokenizer.ggml.tokens": sorted(vocab, key=vocab.get),
            "tokenizer.ggml.merges": merges,
        }
        (candidate,) = candidates(write_gguf(tmp_path / "a.gguf", metadata=metadata))
        tokenizer = Tokenizer.from_str(tokenizer_bytes(candidate).decode())
        assert tokenizer.decode(tokenizer.encode(TEXT).ids) == TEXT

    @pytest.mark.parametrize(
        ("splitter", "text", "parts"),
        [
            ("deepseek-r1-qwen", "It's 42", ["It", "'s", " ", "4", "2"]),
            ("smaug-bpe", "It's 1234", ["It", "'s", " ", "123", "4"]),
            ("gpt-4o", "It's 1234", ["It's", " ", "123", "4"]),
            ("gpt-4o", "HTMLPage a/b", ["HTMLPage", " a", "/b"]),
            ("qwen35", "क्या 42", ["क्या", " ", "4", "2"]),
        ],
    )
    def test_text_is_cut_as_the_name_of_the_splitter_says(self, splitter, text, parts):
        document = json.loads(byte_bpe({}, [], splitter, []))
        (split, _) = document["pre_tokenizer"]["pretokenizers"]
        cut = pre_tokenizers.Split(Regex(split["pattern"]["Regex"]), "isolated")
        assert [part for part, _ in cut.pre_tokenize_str(text)] == parts

    @pytest.mark.parametrize(
        ("model", "pieces", "expected"),
        [("t5", UNIGRAM, ["▁cat", "s"]), ("llama", BPE, ["▁cat", "s"])],
    )
    def test_sentencepiece(self, model, pieces, expected, tmp_path):
        tokens, scores, types = (list(column) for column in zip(*pieces, strict=True))
        metadata = {
            "tokenizer.ggml.model": model,
            "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.scores": scores,
            "tokenizer.ggml.token_type": types,
        }
        (candidate,) = candidates(write_gguf(tmp_path / "a.gguf", metadata=metadata))
        assert [one.form for one in candidate.tokenizers] == ["gguf"]
        assert pieces_of(candidate, "cats") == expected

    @pytest.mark.parametrize(
        ("metadata", "sentence"),
        [
            ({"tokenizer.ggml.model": "rwkv"}, "holds no list of tokens"),
            (
                {"tokenizer.ggml.model": "t5", "tokenizer.ggml.tokens": ["a", "a"]},
                "holds a tokenizer that can't be read",
            ),
        ],
    )
    def test_what_can_not_be_converted_is_said(self, metadata, sentence, tmp_path):
        (candidate,) = candidates(write_gguf(tmp_path / "a.gguf", metadata=metadata))
        with pytest.raises(FileError, match=sentence):
            tokenizer_bytes(candidate)

    def test_a_file_without_one_may_have_one_beside_it(self, tmp_path):
        (tmp_path / "tokenizer.json").write_text("{}")
        path = write_gguf(tmp_path / "a.gguf", gguf.GGMLQuantizationType.F16)
        assert candidates(path)[0].tokenizers[0].path == tmp_path / "tokenizer.json"
