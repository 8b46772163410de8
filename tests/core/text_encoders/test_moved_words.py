"""The words that a LoRA moves: its planted trigger comes first, and none where there is none."""

import json
import os
import random
from functools import cache

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.core.checkpoints.layouts_on_disk import write_safetensors
from tests.core.loras.lora_files import CASES, UNET_1, write
from tests.core.text_encoders.small_encoders import clip_model, state_of
from tests.made_tables import add_little
from tokensim_gui.commands.main import run
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.loras.lora_card import read_lora
from tokensim_gui.core.paths import resource
from tokensim_gui.core.text_encoders.encoder_files import open_encoder
from tokensim_gui.core.text_encoders.lora_weights import apply_lora
from tokensim_gui.core.text_encoders.moved_words import moved_words
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

WIDTH = 64
PLANTED = 100 if os.environ.get("TOKENSIM_SOAK") else 10
WITHOUT = 100
COMMON = ("cat", "dog", "girl", "boy", "sun", "moon", "red", "blue", "house", "tree", "river")
LAYER = "text_model.encoder.layers.0.self_attn.v_proj"


@pytest.fixture(scope="module")
def model():
    return clip_model(width=WIDTH, layers=2)


@pytest.fixture(scope="module")
def checkpoint(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "clip.safetensors"
    return write_safetensors(path, state_of(model))


@pytest.fixture(scope="module")
def encoder(checkpoint):
    return open_encoder(checkpoint)


@cache
def made_words(count: int = 150, seed: int = 0) -> tuple[str, ...]:
    """Common words, and others that are one token of CLIP's: what any trigger may be."""
    clip = Vocabulary.load(resource("starter"))
    texts = {clip.text(int(token)) or "" for token in np.flatnonzero(clip.typeable == 0)}
    plain = sorted(text for text in texts if text.isascii() and text.isalpha() and len(text) > 2)
    return tuple(sorted({*COMMON, *random.Random(seed).sample(plain, count)}))


@pytest.fixture
def vocabulary():
    library = TableLibrary()
    return Vocabulary.load(library.folder(add_little(library, "words", made_words())))


@pytest.fixture(scope="module")
def heard(encoder):
    """What the first layer's values are made of, for each word and what stands around it."""
    caught: list[torch.Tensor] = []
    (linear,) = (one for name, one in encoder.linears().items() if "layers.0.self_attn.v_" in name)
    hook = linear.register_forward_hook(lambda _, inputs, __: caught.append(inputs[0].clone()))
    encoder.encode(made_words(), batch=len(made_words()))
    hook.remove()
    begin, words, end = caught[0].unbind(dim=1)
    return {"begin": begin[0], "end": end[0], **dict(zip(made_words(), words, strict=True))}


def planted(heard, trigger: str, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A pair of rank 2: one that hears the trigger and little else, one of noise."""
    generator = torch.Generator().manual_seed(seed)
    others = torch.stack([vector for name, vector in heard.items() if name != trigger])
    spread = others.T @ others + torch.eye(WIDTH)
    direction = torch.linalg.solve(spread, heard[trigger])
    down = torch.stack(
        [direction / (direction @ heard[trigger]), 0.1 * torch.randn(WIDTH, generator=generator)]
    )
    up = torch.randn(WIDTH, 2, generator=generator)
    up[:, 1] *= 0.02
    return up, down


def stored(up: torch.Tensor, down: torch.Tensor, style: int) -> dict[str, torch.Tensor]:
    """The pair as kohya, PEFT and the old diffusers write it."""
    kohya = f"lora_te_{LAYER.replace('.', '_')}"
    if style == 0:
        made = {"lora_up.weight": up, "lora_down.weight": down, "alpha": torch.tensor(2.0)}
        return {f"{kohya}.{name}": value for name, value in made.items()}
    names = (
        ("lora_B", "lora_A") if style == 1 else ("lora_linear_layer.up", "lora_linear_layer.down")
    )
    keys = [f"text_encoder.{LAYER}.{name}.weight" for name in names]
    return dict(zip(keys, (up.contiguous(), down.contiguous()), strict=True))


def test_a_planted_trigger_is_among_the_words_moved_most(heard, checkpoint, vocabulary, tmp_path):
    found = 0
    words = [word for word in made_words() if word not in COMMON]
    for number in range(PLANTED):
        trigger = random.Random(number).choice(words)
        path = tmp_path / f"{number}.safetensors"
        save_file({**UNET_1, **stored(*planted(heard, trigger, number), number % 3)}, path)
        moved = moved_words(path, checkpoint, "", vocabulary)
        assert moved.count == len(made_words())
        found += trigger in [one.text for one in moved.words[:5]]
    assert found >= 0.95 * PLANTED


def test_a_lora_without_an_encoder_part_is_told_as_such(checkpoint, vocabulary, tmp_path):
    path = tmp_path / "a.safetensors"
    for number in range(WITHOUT):
        generator = torch.Generator().manual_seed(number)
        pair = {key: torch.randn(value.shape, generator=generator) for key, value in UNET_1.items()}
        if number % 2:  # the trainer was told not to train it
            pair |= stored(torch.zeros(WIDTH, 2), torch.randn(2, WIDTH), number % 3)
        save_file(pair, path)
        assert read_lora(path).text_encoders == ()
        with pytest.raises(TokenSimError, match=r"a\.safetensors changes no text encoder"):
            moved_words(path, checkpoint, "", vocabulary)


def weight_after(checkpoint, path) -> torch.Tensor:
    opened = open_encoder(checkpoint)
    assert apply_lora(path, opened) == 1
    (linear,) = (one for name, one in opened.linears().items() if "layers.0.self_attn.v_" in name)
    return linear.weight.detach()


def parts(seed: int, **shapes: tuple[int, ...]) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {name: torch.randn(*shape, generator=generator) for name, shape in shapes.items()}


@pytest.mark.parametrize("kind", ["LoRA", "PEFT", "LoHa", "LoKr", "full"])
def test_the_change_of_every_kind_is_what_its_formula_says(kind, checkpoint, tmp_path):
    kohya = f"lora_te_{LAYER.replace('.', '_')}"
    metadata = None
    if kind == "LoRA":
        p = parts(1, up=(64, 4), down=(4, 64))
        saved = stored(p["up"], p["down"], 0)
        expected = p["up"] @ p["down"] * (2 / 4)
    elif kind == "PEFT":
        p = parts(2, up=(64, 4), down=(4, 64))
        saved = stored(p["up"], p["down"], 1)
        said = {"text_encoder.lora_alpha": 12, "text_encoder.r": 4}
        metadata = {"lora_adapter_metadata": json.dumps(said)}
        expected = p["up"] @ p["down"] * 3
    elif kind == "LoHa":
        p = parts(3, w1_a=(64, 2), w1_b=(2, 64), w2_a=(64, 2), w2_b=(2, 64))
        saved = {f"{kohya}.hada_{name}": value for name, value in p.items()}
        saved[f"{kohya}.alpha"] = torch.tensor(1.0)
        expected = (p["w1_a"] @ p["w1_b"]) * (p["w2_a"] @ p["w2_b"]) / 2
    elif kind == "LoKr":
        p = parts(4, w1=(8, 8), w2_a=(8, 2), w2_b=(2, 8))
        saved = {f"{kohya}.lokr_{name}": value for name, value in p.items()}
        expected = torch.kron(p["w1"], p["w2_a"] @ p["w2_b"])
    else:
        p = parts(5, diff=(64, 64))
        saved = {f"{kohya}.diff": p["diff"]}
        expected = p["diff"]
    save_file(saved, tmp_path / "a.safetensors", metadata=metadata)
    before = load_file(checkpoint)[f"{LAYER}.weight"]
    torch.testing.assert_close(
        weight_after(checkpoint, tmp_path / "a.safetensors"),
        before + expected,
        rtol=1e-5,
        atol=1e-5,
    )


def test_a_lora_of_another_encoder_says_so(checkpoint, vocabulary, tmp_path):
    path = write(CASES["kohya, SD 1.5"], tmp_path / "wide.safetensors")
    with pytest.raises(TokenSimError, match=r"wide\.safetensors changes is not .* Open that of"):
        moved_words(path, checkpoint, "", vocabulary)


def test_the_answer_is_kept_until_a_file_changes(heard, checkpoint, vocabulary, tmp_path):
    path = tmp_path / "a.safetensors"
    save_file(stored(*planted(heard, "cat", 1), 0), path)
    first = moved_words(path, checkpoint, "", vocabulary)
    inside = tmp_path / "home" / "cache" / "moved_words"
    (kept,) = inside.iterdir()
    content = json.loads(kept.read_text())
    content["words"][0]["text"] = "kept"
    kept.write_text(json.dumps(content))
    assert moved_words(path, checkpoint, "", vocabulary).words[0].text == "kept"
    kept.write_text("[")
    assert moved_words(path, checkpoint, "", vocabulary) == first
    save_file(stored(*planted(heard, "dog", 2), 0), path)
    assert moved_words(path, checkpoint, "", vocabulary).words[0].text == "dog"


def test_the_command_prints_them(heard, checkpoint, tmp_path, capsys):
    slug = add_little(TableLibrary(), "words", made_words())
    path = tmp_path / "a.safetensors"
    save_file(stored(*planted(heard, "cat", 3), 0), path)
    arguments = ["lora", str(path), "--moved", str(checkpoint), "--table", slug]
    assert run([*arguments, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert "cat" in [one["text"] for one in said["words"][:5]]
    turned = [one["turned"] for one in said["words"]]
    assert turned == sorted(turned, reverse=True) and np.isfinite(turned).all()
