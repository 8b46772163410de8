"""What a table is called: its own name before one that is guessed from its shape."""

import json
import os
import struct
from pathlib import Path

import gguf
import numpy as np
import pytest

from tokensim_gui.core.checkpoints import candidates
from tokensim_gui.core.tokenizers.converting import tokenizer_of
from tokensim_gui.core.vocabulary.pieces import LANGUAGE

QWEN3, QWEN_VL, MISTRAL = (151_936, 2560), (152_064, 3584), (131_072, 5120)
KEY = "model.embed_tokens.weight"


def hole(path: Path, shape: tuple[int, int], key: str = KEY, **config: str) -> Path:
    """Write a checkpoint whose vectors are a hole in the file."""
    size = shape[0] * shape[1] * 2
    header = {key: {"dtype": "BF16", "shape": list(shape), "data_offsets": [0, size]}}
    raw = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        file.truncate(8 + len(raw) + size)
    if config:
        path.with_name("config.json").write_text(json.dumps(config))
    return path


@pytest.mark.parametrize(
    ("place", "shape", "name"),
    [
        ("Mistral-Nemo-Instruct-2407.safetensors", MISTRAL, "Mistral-Nemo-Instruct-2407"),
        ("Qwen3-VL-4B-Instruct.safetensors", QWEN3, "Qwen3-VL-4B-Instruct"),
        ("Qwen3-4B-Instruct-2507/model.safetensors", QWEN3, "Qwen3-4B-Instruct-2507"),
        ("Josiefied-Qwen3-4B.safetensors", QWEN3, "Josiefied-Qwen3-4B"),
        (
            "models--mistralai--Mistral-Nemo-Base/model-00001-of-00002.safetensors",
            MISTRAL,
            "mistralai/Mistral-Nemo-Base",
        ),
    ],
)
def test_a_file_that_calls_itself_otherwise_keeps_its_name(place, shape, name, tmp_path):
    (one,) = candidates(hole(tmp_path / place, shape))
    assert (one.name, one.encoder, one.models) == (name, "", ())


@pytest.mark.parametrize(
    ("place", "shape", "name", "model"),
    [
        ("qwen_3_4b.safetensors", QWEN3, "Qwen3-4B", "Z-Image"),
        ("Qwen3-4B-Q8_0.safetensors", QWEN3, "Qwen3-4B", "Z-Image"),
        ("qwen_2.5_vl_7b_fp8_scaled.safetensors", QWEN_VL, "Qwen2.5-VL-7B", "Qwen-Image"),
        ("models--Qwen--Qwen3-4B/model.safetensors", QWEN3, "Qwen3-4B", "Z-Image"),
        ("mistral_3_small_flux2_bf16.safetensors", MISTRAL, "Mistral-Small-3.2-24B", "FLUX.2-dev"),
        ("Z-Image/text_encoder/model.safetensors", QWEN3, "Qwen3-4B", "Z-Image"),
    ],
)
def test_a_file_that_agrees_with_its_shape_has_the_encoder_s_name(
    place, shape, name, model, tmp_path
):
    (one,) = candidates(hole(tmp_path / place, shape))
    assert (one.name, one.encoder) == (name, name)
    assert model in one.models


def test_the_configuration_beside_a_file_is_believed_before_its_shape(tmp_path):
    path = hole(tmp_path / "X" / "text_encoder" / "model.safetensors", QWEN3, model_type="qwen3_vl")
    (one,) = candidates(path)
    assert (one.name, one.models) == ("X (qwen3_vl)", ())
    path = hole(
        tmp_path / "models" / "model.safetensors", MISTRAL, _name_or_path="org/Mistral-Nemo"
    )
    assert candidates(path)[0].name not in ("Mistral-Small-3.2-24B", "model")


@pytest.mark.parametrize(
    ("place", "model_type", "family"),
    [
        ("gemma-2-9b-it.safetensors", "", "sentencepiece"),
        ("models--google--paligemma2-3b/model.safetensors", "", "sentencepiece"),
        ("aya-expanse-8b.safetensors", "", LANGUAGE),
        ("mine/model.safetensors", "gemma2", "sentencepiece"),
        ("gemma-in-name-alone/model.safetensors", "qwen2", "byte-bpe"),
    ],
)
def test_the_family_of_a_language_model_is_told_by_what_it_is_called(
    place, model_type, family, tmp_path
):
    (one,) = candidates(hole(tmp_path / place, (256_000, 3584), model_type=model_type))
    assert one.family == family


def test_an_encoder_within_an_image_model_is_told_by_its_prefix(tmp_path):
    key = "text_encoders.qwen3_4b.transformer.model.embed_tokens.weight"
    (one,) = candidates(hole(tmp_path / "z_image_turbo.safetensors", QWEN3, key))
    assert one.name == "Qwen3-4B"
    key = "text_encoders.mistral_nemo.transformer.model.embed_tokens.weight"
    (one,) = candidates(hole(tmp_path / "other.safetensors", QWEN3, key))
    assert (one.name, one.models) == ("mistral_nemo", ())
    key = "text_encoders.qwen3vl_4b.transformer.model.embed_tokens.weight"
    (one,) = candidates(hole(tmp_path / "krea2.safetensors", QWEN3, key))
    assert (one.name, one.models) == ("qwen3vl_4b", ())


def test_a_language_model_of_an_encoder_s_shape_keeps_its_name_and_takes_its_own_tokenizer(
    tmp_path,
):
    path = hole(tmp_path / "Capybara-7B" / "model.safetensors", (32_128, 4096))
    words = {f"w{number}": number for number in range(32_000)}
    model = {"type": "BPE", "vocab": words, "merges": []}
    path.with_name("tokenizer.json").write_text(json.dumps({"model": model}))
    (one,) = candidates(path)
    assert (one.name, one.encoder, one.models) == ("Capybara-7B", "", ())
    found = tokenizer_of(one)
    assert found is not None and found.rows == 32_000
    for architecture, name in (("llama", "other"), ("t5encoder", "T5-XXL")):
        writer = gguf.GGUFWriter(tmp_path / "other.gguf", architecture)
        size = 32_128 * 4096 * 2
        writer.add_tensor_info("token_embd.weight", (32_128, 4096), np.dtype("f2"), size)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        writer.close()
        os.truncate(tmp_path / "other.gguf", size + 1_000)
        assert candidates(tmp_path / "other.gguf")[0].name == name
