"""Addresses of repositories and files, as users type them and tables keep them."""

import pytest

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.hub.address import is_index, parse_address, source_name


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/models/xl.safetensors", "xl.safetensors"),
        ("C:\\models\\xl.safetensors", "xl.safetensors"),
        ("hf:a/b:text_encoder/model.safetensors", "a/b"),
        ("/models/Qwen3-4B/model-00001-of-00002.safetensors", "Qwen3-4B"),
        ("C:\\models\\Qwen3-4B\\pytorch_model-00003-of-00003.bin", "Qwen3-4B"),
        ("/models/Qwen3-4B/model.fp16-00001-of-00002.safetensors", "Qwen3-4B"),
        ("/models/qwen3-4b-Q8_0-00001-of-00002.gguf", "qwen3-4b-Q8_0.gguf"),
        ("model-00001-of-00002.safetensors", "model-00001-of-00002.safetensors"),
        (
            "/hub/models--Qwen--Qwen2.5/snapshots/0a1b2c3d/model-00001-of-00004.safetensors",
            "Qwen/Qwen2.5",
        ),
        ("/models/my:odd.safetensors", "my:odd.safetensors"),
    ],
)
def test_a_source_has_a_short_name(source: str, name: str) -> None:
    assert source_name(source) == name


def test_an_address_is_a_repository_and_perhaps_a_file() -> None:
    assert parse_address("a/b") == ("a/b", None)
    assert parse_address("a/b:c/d.safetensors") == ("a/b", "c/d.safetensors")
    assert parse_address("a/b:c.safetensors.index.json") == ("a/b", "c.safetensors.index.json")


@pytest.mark.parametrize("address", ["a", "a/b/c", "a/b:", "a/b:../c.safetensors", "a/b:c.ckpt"])
def test_what_is_no_address_is_refused_in_one_sentence(address: str) -> None:
    with pytest.raises(TokenSimError, match=r"OWNER/REPO|only those are fetched"):
        parse_address(address)


def test_an_index_is_told_by_its_name_and_may_be_of_a_variant() -> None:
    assert is_index("model.safetensors.index.json")
    assert is_index("te/model.safetensors.index.fp16.json")
    assert not is_index("model.safetensors") and not is_index("index.json")
