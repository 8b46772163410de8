"""Tokenizers in the checkpoint or beside it become a tokenizer.json that encodes as they do."""

import json

import pytest
import torch
from tokenizers import Tokenizer, models

from tests.core.checkpoints.layouts_on_disk import (
    CLIP,
    numbers,
    write_pickle,
    write_safetensors,
)
from tests.core.tokenizers.tokenizer_files import (
    BPE,
    TEXT,
    UNIGRAM,
    beside,
    pieces_of,
    sentencepiece,
    vocab_and_merges,
)
from tokensim_gui.core import paths
from tokensim_gui.core.checkpoints import candidates
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.tokenizers.converting import tokenizer_bytes


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
