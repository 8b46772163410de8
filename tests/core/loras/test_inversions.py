"""Textual inversions in all their forms: the same numbers as torch and safetensors give."""

import base64
import json
import zlib

import numpy as np
import pytest
import torch
from PIL import Image, PngImagePlugin
from safetensors.torch import load_file, save_file

from tokensim_gui.commands.main import run
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.loras.inversion_file import (
    Inversion,
    read_inversions,
)


def numbers(count: int = 3, dim: int = 768, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, dim, generator=torch.Generator().manual_seed(seed))


L, G, H, T5 = numbers(), numbers(3, 1280, 1), numbers(2, 1024, 2), numbers(4, 4096, 3)
A1111 = {
    "string_to_token": {"*": 265},
    "string_to_param": {"*": torch.nn.Parameter(L)},
    "name": "x",
    "step": 500,
    "sd_checkpoint": "abc",
    "sd_checkpoint_name": None,
}
PICKLED = {
    "A1111": (A1111, {"clip_l": L}),
    "A1111, ParameterDict": (
        {**A1111, "string_to_param": torch.nn.ParameterDict({"*": L})},
        {"clip_l": L},
    ),
    "A1111, half": ({**A1111, "string_to_param": {"*": L.half()}}, {"clip_l": L.half().float()}),
    "diffusers, one vector": ({"<cat-toy>": L[0]}, {"clip_l": L[:1]}),
    "InvokeAI": ({"<my-style>": L}, {"clip_l": L}),
    "SD 2": ({"<x>": H}, {"clip_h": H}),
    "bare": (L, {"clip_l": L}),
}
STORED = {
    "emb_params": ({"emb_params": L}, {"clip_l": L}),
    "SDXL": ({"clip_l": L, "clip_g": G}, {"clip_l": L, "clip_g": G}),
    "ComfyUI": ({"clip_h": H}, {"clip_h": H}),
    "ComfyUI, T5": ({"t5xxl": T5}, {"t5xxl": T5}),
    "FLUX": ({"clip_l": L, "t5": T5}, {"clip_l": L, "t5xxl": T5}),
    "diffusers": ({"<cat-toy>": L}, {"clip_l": L}),
    "flat": ({"string_to_param.*": L.bfloat16()}, {"clip_l": L.bfloat16().float()}),
}


def told(inversion: Inversion) -> dict[str, torch.Tensor]:
    return {part.encoder: torch.from_numpy(part.vectors.copy()) for part in inversion.parts}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("form", PICKLED)
def test_a_pickled_inversion_gives_its_numbers(form, legacy, tmp_path):
    content, expected = PICKLED[form]
    path = tmp_path / "my_style.pt"
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    (one,) = read_inversions(path)
    assert one.name == "my_style"
    assert same(told(one), expected)


@pytest.mark.parametrize("form", STORED)
def test_a_safetensors_inversion_gives_its_numbers(form, tmp_path):
    content, expected = STORED[form]
    path = tmp_path / "a.safetensors"
    save_file(content, path)
    (one,) = read_inversions(path)
    assert same(told(one), expected)
    assert one.token == ("<cat-toy>" if form == "diffusers" else "")


def test_those_inside_a_lora_are_read_by_their_names(tmp_path):
    path = tmp_path / "lora.safetensors"
    content = {
        "lora_unet_x.lora_down.weight": torch.ones(4, 4),
        "bundle_emb.first.clip_l": L,
        "bundle_emb.first.clip_g": G,
        "bundle_emb.second.string_to_param.*": L.clone(),
    }
    save_file(content, path)
    first, second = read_inversions(path)
    assert (first.name, second.name) == ("first", "second")
    assert same(told(first), {"clip_l": L, "clip_g": G})
    assert same(told(second), {"clip_l": L})


def mask(count: int) -> np.ndarray:
    made, seed = [], 0
    for _ in range(count):
        seed = (1664525 * seed + 1013904223) % 2**32
        made.append(seed % 255 & 15)
    return np.array(made, np.uint8)


@pytest.mark.parametrize("way", ["text", "pixels"])
def test_a_picture_of_a1111_gives_its_numbers(way, tmp_path):
    content = {"string_to_param": {"*": {"TORCHTENSOR": L[:1].tolist()}}, "name": "x"}
    raw = json.dumps(content).encode()
    path = tmp_path / "a.png"
    if way == "text":
        info = PngImagePlugin.PngInfo()
        info.add_text("sd-ti-embedding", base64.b64encode(raw).decode())
        Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    else:
        packed = np.frombuffer(zlib.compress(raw, 9), np.uint8)
        height = 64
        width = -(-len(packed) // (height * 3))
        padded = np.zeros(height * width * 3, np.uint8)
        padded[: len(packed)] = packed
        blocks = [
            ((half ^ mask(padded.size)) | 16).reshape(height, width, 3)
            for half in (padded & 15, padded >> 4)
        ]
        middle = np.full((height, 40, 3), 200, np.uint8) & 0xF0
        Image.fromarray(np.hstack([blocks[0], middle, blocks[1]])).save(path)
    (one,) = read_inversions(path)
    assert torch.allclose(told(one)["clip_l"], L[:1], atol=1e-6)
    Image.new("RGB", (64, 64), "red").save(path)
    with pytest.raises(FileError, match="a picture without a textual inversion"):
        read_inversions(path)


@pytest.mark.parametrize(
    ("encoders", "models"),
    [
        ({"clip_l": L}, ("SD 1.5",)),
        ({"clip_h": H}, ("SD 2.x",)),
        ({"clip_l": L, "clip_g": G}, ("SDXL", "SD 3")),
        ({"clip_l": L, "t5": T5}, ("FLUX.1",)),
        ({"<x>": numbers(1, 512)}, ()),
    ],
)
def test_it_is_said_which_models_it_fits(encoders, models, tmp_path):
    save_file(encoders, tmp_path / "a.safetensors")
    assert read_inversions(tmp_path / "a.safetensors")[0].fits == models


def test_what_is_no_inversion_is_one_sentence(tmp_path):
    save_file({"shared.weight": torch.zeros(2000, 64)}, tmp_path / "table.safetensors")
    save_file({"a.lora_down.weight": torch.ones(4, 8)}, tmp_path / "lora.safetensors")
    save_file({"emb_params": L * float("nan")}, tmp_path / "nan.safetensors")
    (tmp_path / "text.pt").write_text("hello")
    for path in tmp_path.iterdir():
        with pytest.raises(FileError) as caught:
            read_inversions(path)
        assert str(caught.value).startswith(path.name) and str(caught.value).endswith(".")


def test_the_command_prints_and_saves(tmp_path, capsys):
    path = tmp_path / "style.pt"
    torch.save(A1111, path)
    saved = tmp_path / "out.safetensors"
    arguments = ["inversion", str(path), "--json", "--save", str(saved), "--as", "diffusers"]
    assert run(arguments) == 0
    said = json.loads(capsys.readouterr().out)
    (part,) = said["parts"]
    assert (part["encoder"], part["dim"], part["count"]) == ("clip_l", 768, 3)
    assert part["norms"] == pytest.approx(L.norm(dim=1).tolist(), rel=1e-6)
    assert said["fits"] == ["SD 1.5"]
    assert same(load_file(saved), {"<style>": L})
