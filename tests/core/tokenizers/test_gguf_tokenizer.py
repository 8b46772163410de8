"""The tokenizer in the header of a GGUF file becomes a tokenizer.json."""

import json

import gguf
import pytest
from tokenizers import Regex, Tokenizer, pre_tokenizers

from tests.core.checkpoints.layouts_on_disk import (
    write_gguf,
)
from tests.core.tokenizers.tokenizer_files import BPE, TEXT, UNIGRAM, pieces_of, vocab_and_merges
from tokensim_gui.core.checkpoints import candidates
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.tokenizers.byte_bpe import SPLITTERS, byte_bpe
from tokensim_gui.core.tokenizers.converting import tokenizer_bytes


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
