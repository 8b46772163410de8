"""Tokenizers as their files beside them describe them, against what transformers makes of these."""

import base64
import json
from pathlib import Path

import gguf
import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertTokenizer, CLIPTokenizer

from tests.core.checkpoints.layouts_on_disk import numbers, write_gguf, write_safetensors
from tests.core.library.small_tables import tokenizer_json
from tests.core.tokenizers.tokenizer_files import UNIGRAM, beside, sentencepiece
from tokensim_gui.core import paths
from tokensim_gui.core.checkpoints import candidates
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.tokenizers import gguf_tokenizer
from tokensim_gui.core.tokenizers.converting import Converted, measured, tokenizer_of

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "dog", "##s", "girl", "猫"]


def found_for(path: Path) -> tuple[Converted, Tokenizer]:
    (candidate,) = candidates(path)
    found = tokenizer_of(candidate)
    assert found is not None
    return found, Tokenizer.from_buffer(found.content)


def ids(tokenizer: Tokenizer, text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize("told", ["config", "added_tokens", "nothing"])
def test_clip_with_added_tokens_is_cut_as_clip_is(told, tmp_path):
    model = json.loads(paths.resource("starter/tokenizer.json").read_text())["model"]
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
    merges = [one if isinstance(one, str) else " ".join(one) for one in model["merges"]]
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]))
    added = {"<cat-toy>": 49408, "<cat-toy>_1": 49409}
    if told == "config":
        decoder = {str(n): {"content": t, "special": False} for t, n in added.items()}
        config = {"tokenizer_class": "CLIPTokenizer", "added_tokens_decoder": decoder}
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
    elif told == "added_tokens":
        (folder / "added_tokens.json").write_text(json.dumps(added))
    key = "text_model.embeddings.token_embedding.weight"
    state = {key: torch.zeros(49410, 64, dtype=torch.float8_e4m3fn)}
    write_safetensors(tmp_path / "text_encoder" / "model.safetensors", state)
    found, tokenizer = found_for(tmp_path)
    assert (found.family, found.guess) == ("clip", "")
    assert ids(tokenizer, "a photo of a Cat") == [320, 1125, 539, 320, 2368]
    if told != "nothing":
        assert ids(tokenizer, "<cat-toy> cat") == [49408, 2368]
        assert tokenizer.id_to_token(49409) == "<cat-toy>_1"
    if told == "config":
        reference = CLIPTokenizer.from_pretrained(folder)
        for text in ("a <cat-toy> on a Mat!", "girl 42 naïve 😅", "It's <cat-toy>_1."):
            assert ids(tokenizer, text) == reference.encode(text, add_special_tokens=False)


def test_the_first_tokens_of_clip_s_vocabulary_alone_are_a_vocabulary(tmp_path):
    vocab = json.loads(paths.resource("starter/tokenizer.json").read_text())["model"]["vocab"]
    few = {piece: number for piece, number in vocab.items() if number < 3_000}
    (tmp_path / "vocab.json").write_text(json.dumps(few))
    found, tokenizer = found_for(tmp_path)
    assert (found.rows, found.family) == (3_000, "clip")
    assert tokenizer.encode("cat", add_special_tokens=False).tokens == ["cat</w>"]


def test_a_clip_of_more_rows_without_any_file_beside_it_has_clip_s_words(tmp_path):
    state = {"token_embedding.weight": torch.zeros(49500, 64, dtype=torch.float8_e4m3fn)}
    found, tokenizer = found_for(write_safetensors(tmp_path / "a.safetensors", state))
    assert (found.rows, ids(tokenizer, "girl")) == (49_408, [1611])


PIECES = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3)]
PIECES += [(piece, -3.0 - number, 1) for number, piece in enumerate(",.▁ctas")]
PIECES += [("▁cat", -1.0, 1), ("▁cats", -1.5, 1)]


@pytest.mark.parametrize(
    ("files", "first", "cat", "is_guess"),
    [
        ({}, ["<s>", "<pad>", "</s>", "<unk>", ","], 11, True),
        (
            {"tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer"}},
            ["<s>", "<pad>", "</s>", "<unk>", ","],
            11,
            False,
        ),
        (
            {"config.json": {"model_type": "xlm-roberta"}},
            ["<s>", "<pad>", "</s>", "<unk>"],
            11,
            False,
        ),
        ({"config.json": {"model_type": "jina_clip"}}, ["<s>", "<pad>", "</s>", "<unk>"], 11, True),
        (
            {"tokenizer_config.json": {"tokenizer_class": "CamembertTokenizer"}},
            ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>", "</s>", ","],
            14,
            False,
        ),
        (
            {"tokenizer_config.json": {"tokenizer_class": "LlamaTokenizer"}},
            ["<unk>", "<s>", "</s>", ","],
            10,
            False,
        ),
    ],
)
def test_a_sentencepiece_model_is_numbered_as_its_encoder_numbers_it(
    files, first, cat, is_guess, tmp_path
):
    content = {name: json.dumps(said).encode() for name, said in files.items()}
    candidate = beside(tmp_path, {"sentencepiece.bpe.model": sentencepiece(PIECES, 1), **content})
    found = tokenizer_of(candidate)
    assert found is not None
    tokenizer = Tokenizer.from_buffer(found.content)
    assert [tokenizer.id_to_token(number) for number in range(len(first))] == first
    assert ids(tokenizer, "cat") == [cat]
    assert bool(found.guess) is is_guess


def test_t5_s_extra_ids_stand_behind_its_pieces_the_last_first(tmp_path):
    candidate = beside(tmp_path, {"spiece.model": sentencepiece(UNIGRAM, 1)})
    found = tokenizer_of(candidate)
    assert found is not None
    tokenizer = Tokenizer.from_buffer(found.content)
    count = len(UNIGRAM)
    assert found.rows == count + 100
    assert tokenizer.token_to_id("<extra_id_99>") == count
    assert ids(tokenizer, "cat <extra_id_0>")[-1] == count + 99
    config = json.dumps({"extra_ids": 7}).encode()
    candidate = beside(tmp_path, {"tokenizer_config.json": config})
    assert tokenizer_of(candidate).rows == count + 7


def test_umt5_has_300_extra_ids(tmp_path):
    more = [(f"▁w{number}", -9.0, 1) for number in range(256_000 - len(UNIGRAM))]
    (tmp_path / "spiece.model").write_bytes(sentencepiece([*UNIGRAM, *more], 1))
    (one,) = candidates(tmp_path)
    found = tokenizer_of(one)
    assert found is not None and found.rows == 256_300
    assert found.content.index(b"<extra_id_299>") < found.content.index(b"<extra_id_0>")


def test_line_n_of_a_vocab_txt_is_token_n(tmp_path):
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    words = [*WORDS, *(f"w{number}" for number in range(900))]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    state = {"bert.embeddings.word_embeddings.weight": numbers()}
    write_safetensors(tmp_path / "text_encoder" / "model.safetensors", state)
    for config in ({}, {"do_lower_case": True}, {"do_lower_case": False}):
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
        found, tokenizer = found_for(tmp_path)
        assert (found.family, found.guess) == ("wordpiece", "")
        reference = BertTokenizer(str(folder / "vocab.txt"), **config)
        for text in ("cats 猫dog", "Girls!", "cat  w7", "CATS"):
            assert ids(tokenizer, text) == reference.encode(text, add_special_tokens=False)


def test_a_vocab_txt_of_whole_words_is_one_and_what_is_guessed_is_said(tmp_path):
    words = [word for word in WORDS if not word.startswith("##")]
    (tmp_path / "vocab.txt").write_text("\r\n".join(words), encoding="utf-8", newline="")
    found, tokenizer = found_for(tmp_path / "vocab.txt")
    assert (found.family, found.rows) == ("wordpiece", len(words))
    assert found.guess == (
        "How it cuts text is taken to be BERT's way, which no file beside it confirms."
    )
    assert ids(tokenizer, "cat girl cats") == [5, 7, 1]
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}')
    assert found_for(tmp_path / "vocab.txt")[0].guess == ""
    (tmp_path / "vocab.txt").write_text("▁cat\t-1.5\n▁dog\t-2.5\n")
    with pytest.raises(FileError, match=r"/vocab\.txt holds a tokenizer that can't be read"):
        found_for(tmp_path / "vocab.txt")


RANKED = [bytes([byte]) for byte in range(256)] + [b"ca", b"cat", b" c", b" ca", b" cat"]
TIKTOKEN = b"".join(base64.b64encode(one) + b" %d\n" % rank for rank, one in enumerate(RANKED))


@pytest.mark.parametrize("name", ["tokenizer.model", "qwen.tiktoken", "tiktoken.model"])
def test_ranked_pieces_beside_a_table_are_its_tokenizer(name, tmp_path):
    candidate = beside(tmp_path, {name: TIKTOKEN})
    found = tokenizer_of(candidate)
    assert found is not None and (found.family, found.rows) == ("byte-bpe", len(RANKED))
    tokenizer = Tokenizer.from_buffer(found.content)
    assert ids(tokenizer, "cat cats") == [257, 260, ord("s")]
    assert found.guess.startswith("How it cuts text is taken to be Llama 3's way")


def test_ranked_pieces_alone_are_a_vocabulary_and_those_that_are_none_are_refused(tmp_path):
    path = tmp_path / "o200k_base.tiktoken"
    path.write_bytes(TIKTOKEN)
    (one,) = candidates(path)
    assert (one.name, measured(one).rows) == ("o200k_base", len(RANKED))
    path.write_bytes(TIKTOKEN + b"\n\n")  # which the tokenizer's own reader skips
    assert measured(candidates(path)[0]).rows == len(RANKED)
    twice = TIKTOKEN + b"Y2F0Y2F0 0\n"
    for content in (TIKTOKEN + b"!!!\n", b"YQ== 9999999\n", b"YQ== -1\n", b"YQ==\n", twice):
        path.write_bytes(content)
        with pytest.raises(FileError, match="holds a tokenizer that can't be read"):
            found_for(path)


def test_a_gguf_without_merges_keeps_its_names_and_says_so(tmp_path):
    tokens = [*(chr(code) for code in range(33, 127)), "ca", "cat"]
    metadata = {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.tokens": tokens}
    found, tokenizer = found_for(write_gguf(tmp_path / "a.gguf", metadata=metadata))
    assert ids(tokenizer, "cat") == [len(tokens) - 1]
    assert found.guess == "Without its merges, only words that are tokens are cut as it would."


@pytest.mark.parametrize(
    ("model", "pre", "merges", "remarks"),
    [
        ("hybriddna", "qwen2", ["c a", "ca t"], ["“hybriddna”"]),
        ("gpt2", "a-new-one", ["c a", "ca t"], ["“a-new-one”"]),
        ("gpt2", "a-new-one", "c a\nca t", ["“a-new-one”", "Without its merges"]),
        ("gpt2", "qwen2", "c a\nca t", ["Without its merges"]),
        ("gpt2", "qwen2", ["c a", "ca t"], []),
    ],
)
def test_all_that_is_a_guess_of_a_gguf_is_said(model, pre, merges, remarks, tmp_path):
    tokens = [*(chr(code) for code in range(33, 127)), "ca", "cat"]
    keys = {"model": model, "pre": pre, "tokens": tokens, "merges": merges}
    metadata = {f"tokenizer.ggml.{key}": value for key, value in keys.items()}
    found, tokenizer = found_for(write_gguf(tmp_path / "a.gguf", metadata=metadata))
    assert ids(tokenizer, "cat") == [len(tokens) - 1]
    every = ("“hybriddna”", "“a-new-one”", "“qwen2”", "Without its merges")
    assert [one for one in every if one in found.guess] == remarks


@pytest.mark.parametrize("keys", [{}, {"pre": "qwen2", "merges": ["c a", "ca t"]}])
def test_a_way_of_cutting_that_a_gguf_does_not_name_has_no_name(keys, tmp_path):
    tokens = [*(chr(code) for code in range(33, 127)), "ca", "cat"]
    metadata = {f"tokenizer.ggml.{key}": value for key, value in keys.items()}
    metadata["tokenizer.ggml.tokens"] = tokens
    _, guess = gguf_tokenizer.convert(write_gguf(tmp_path / "a.gguf", metadata=metadata))
    assert guess == (
        "It cuts text in a way that TokenSim does not know, so how a text is cut is a guess."
    )


def test_a_gguf_of_a_tokenizer_alone_is_a_vocabulary(tmp_path):
    writer = gguf.GGUFWriter(tmp_path / "ggml-vocab-x.gguf", "test")
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(["a", "b", "ab"])
    writer.add_token_merges(["a b"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    found, tokenizer = found_for(tmp_path / "ggml-vocab-x.gguf")
    assert (found.rows, ids(tokenizer, "ab")) == (3, [2])


def test_of_files_that_contradict_each_other_the_configuration_is_believed(tmp_path):
    (tmp_path / "vocab.json").write_text(json.dumps({"a": 0, "b": 1}))
    said = {"2": {"content": "<b>"}, "3": {"content": "<c>"}, "-1": {"content": "<d>"}}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"added_tokens_decoder": said}))
    added = {"<a>": 2, "<b>": 3, "<e>": -5, "<f>": "7"}
    (tmp_path / "added_tokens.json").write_text(json.dumps(added))
    found, tokenizer = found_for(tmp_path / "vocab.json")
    assert found.rows == 4
    assert [tokenizer.id_to_token(number) for number in range(4)] == ["a", "b", "<b>", "<c>"]
    assert ids(tokenizer, "a<b><c>b") == [0, 2, 3, 1]


def test_tokens_that_only_the_files_beside_a_tokenizer_json_name_are_named(tmp_path):
    plain = tokenizer_json()
    pieces = json.loads(plain)["model"]["vocab"]
    count = len(pieces)
    (tmp_path / "tokenizer.json").write_bytes(b"\xef\xbb\xbf" + plain)
    (tmp_path / "added_tokens.json").write_text(json.dumps({"<cat-toy>": count}))
    found, tokenizer = found_for(tmp_path / "tokenizer.json")
    assert found.rows == count + 1
    assert ids(tokenizer, "<cat-toy>") == [count]
    others = {"<of another encoder>": 151_644, next(iter(pieces)): count + 1}
    (tmp_path / "added_tokens.json").write_text(json.dumps(others))
    assert found_for(tmp_path / "tokenizer.json")[0].rows == count


@pytest.mark.parametrize("place", ["vocab", "added"])
def test_an_id_beyond_all_encoders_takes_no_memory(place, tmp_path):
    document = json.loads(tokenizer_json())
    far = {"id": 10**9, "content": "far", "special": False, "single_word": False}
    far |= {"lstrip": False, "rstrip": False, "normalized": False}
    if place == "added":
        document["added_tokens"] = [far]
    else:
        model = {"type": "BPE", "vocab": {"a": 0, "far": 10**9}, "merges": []}
        document = {"model": model}
    (tmp_path / "tokenizer.json").write_text(json.dumps(document))
    with pytest.raises(FileError, match="holds a tokenizer that can't be read"):
        found_for(tmp_path / "tokenizer.json")


def test_a_gguf_of_bert_has_its_wordpieces_back(tmp_path):
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁cat", "▁dog", "s", "▁girl"]
    metadata = {"tokenizer.ggml.model": "bert", "tokenizer.ggml.tokens": tokens}
    found, tokenizer = found_for(write_gguf(tmp_path / "a.gguf", metadata=metadata))
    assert (found.family, found.guess) == ("wordpiece", "")
    assert ids(tokenizer, "cats girl") == [5, 7, 8]


@pytest.mark.parametrize(
    ("model", "pre"), [("gpt2", "glm4"), ("gpt2", "hunyuan"), ("gpt5", "x"), ("rwkv", "x")]
)
def test_a_gguf_that_cuts_text_in_an_unknown_way_keeps_its_names(model, pre, tmp_path):
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", "test")
    writer.add_tokenizer_model(model)
    writer.add_tokenizer_pre(pre)
    tokens = [*(chr(code) for code in range(33, 127)), "Ġ", "ca", "cat", "Ġc", "Ġcat"]
    writer.add_token_list(tokens)
    writer.add_token_types([1] * len(tokens))
    if model != "rwkv":
        writer.add_token_merges(["c a", "ca t", "Ġ c", "Ġ cat"])
    writer.add_tensor("token_embd.weight", numbers().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    found, tokenizer = found_for(tmp_path / "a.gguf")
    assert [tokenizer.id_to_token(number) for number in range(len(tokens))] == tokens
    assert f"“{pre if model == 'gpt2' else model}”" in found.guess
    assert found.guess.endswith("is a guess.")


def test_a_tokenizer_two_folders_below_is_found_and_said_to_fit_by_its_size(tmp_path):
    folder = tmp_path / "google" / "umt5-xxl"
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_bytes(tokenizer_json())
    state = {"token_embedding.weight": numbers(), "norm.weight": torch.ones(64)}
    path = write_safetensors(tmp_path / "models_t5_umt5-xxl-enc-bf16.pth", state)
    found, _ = found_for(path)
    assert found.guess.startswith("umt5-xxl/tokenizer.json fits it by its size")


def test_specials_that_tekken_does_not_list_have_the_names_of_its_own_reader(tmp_path):
    pieces = [{"rank": n, "token_bytes": "YQ==" if n else "Yg=="} for n in range(2)]
    config = {"default_num_special_tokens": 20, "default_vocab_size": 22}
    content = {
        "config": config,
        "vocab": pieces,
        "special_tokens": [{"rank": 1, "token_str": "<s>"}],
    }

    def names(content):
        candidate = beside(tmp_path, {"tekken.json": json.dumps(content).encode()})
        tokenizer = Tokenizer.from_buffer(tokenizer_of(candidate).content)
        return [tokenizer.id_to_token(number) for number in (0, 1, 3, 19)]

    assert names(content) == ["<SPECIAL_0>", "<s>", "<SPECIAL_3>", "<SPECIAL_19>"]
    del content["special_tokens"]
    assert names(content) == ["<unk>", "<s>", "[INST]", "[TOOL_CONTENT]"]
