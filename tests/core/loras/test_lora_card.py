"""The card of a LoRA: what every trainer writes, and nothing that it does not."""

import json

import pytest
import torch
from safetensors.torch import save_file

from tests.core.loras.lora_files import CASES, CLIP_L, UNET_1, write
from tokensim_gui.commands.main import run
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.loras.lora_card import read_lora


@pytest.mark.parametrize("name", CASES)
def test_a_lora_of_each_trainer_is_read(name, tmp_path):
    case = CASES[name]
    card = read_lora(write(case, tmp_path / "my_lora.safetensors"))
    assert (
        tuple(
            one.text
            for one in card.triggers
            if one.text not in case.tags or one.text in case.triggers
        )
        == case.triggers
    )
    assert (card.base, card.kind, card.rank) == (case.base, case.kind, case.rank)
    assert tuple(part.name for part in card.text_encoders) == case.encoders
    assert (card.trainer, dict(card.tags)) == (case.trainer, case.tags)
    assert card.inversions == case.inversions
    assert card.name == case.metadata.get("modelspec.title", "my_lora")


def test_each_trigger_says_how_sure_it_is_and_where_it_stands(tmp_path):
    metadata = {
        "modelspec.trigger_phrase": "alpha",
        "ss_tag_frequency": json.dumps({"4_gamma ray": {"beta": 9, "x": 1, "y": 1, "z": 1}}),
    }
    path = tmp_path / "a.safetensors"
    save_file(dict(UNET_1), path, metadata=metadata)
    found = [(one.text, one.count, one.origin, one.sureness) for one in read_lora(path).triggers]
    assert found == [
        ("alpha", None, "modelspec.trigger_phrase", "said"),
        ("beta", 9, "ss_tag_frequency", "counted"),
        ("gamma ray", None, "folder", "guessed"),
    ]


def test_the_layers_of_a_text_encoder_are_named(tmp_path):
    case = CASES["kohya, SD 1.5"]
    (part,) = read_lora(write(case, tmp_path / "a.safetensors")).text_encoders
    assert (part.layers, part.tensors) == ((0, 3), 4)


@pytest.mark.parametrize("number", [0.0, 1e-7])
def test_a_text_encoder_whose_part_is_zero_was_not_trained(number, tmp_path):
    path = tmp_path / "a.safetensors"
    zero = {
        name: torch.zeros_like(value) if name.endswith("lora_up.weight") else value
        for name, value in CLIP_L.items()
    }
    last = [name for name in zero if name.endswith("lora_up.weight")][-1]
    zero[last][-1, -1] = number
    save_file({**UNET_1, **zero}, path)
    assert [part.name for part in read_lora(path).text_encoders] == ["CLIP-L"] * bool(number)
    full = {f"lora_te_{name}.diff": torch.full((4, 4), number) for name in ("a", "b")}
    save_file({**UNET_1, **full}, path)
    assert len(read_lora(path).text_encoders) == bool(number)


def test_what_is_no_lora_says_so_in_one_sentence(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"shared.weight": torch.zeros(1000, 64)}, path)
    with pytest.raises(FileError, match=r"^a\.safetensors is not a LoRA.*\.$"):
        read_lora(path)
    path.write_bytes(b"\x80\x02")
    with pytest.raises(FileError):
        read_lora(path)


@pytest.mark.parametrize(
    "value",
    [
        "[" * 100_000,
        '{"a":' * 5_000,
        "\x00\n" * 500,
        '{"x": {"y": -1}}',
        '{"x": 3}',
        "[null, 3, {}]",
    ],
)
def test_metadata_that_are_not_what_they_should_be_are_passed_over(value, tmp_path):
    names = ("ss_tag_frequency", "ss_datasets", "ss_dataset_dirs", "ot_config", "trained_words")
    path = tmp_path / "a.safetensors"
    save_file(dict(UNET_1), path, metadata=dict.fromkeys((*names, "software"), value))
    card = read_lora(path)
    assert card.tags == ()
    assert all(len(one.text) <= 500 and "\n" not in one.text for one in card.triggers)


def test_the_command_prints_what_scripts_need(tmp_path, capsys):
    path = write(CASES["kohya, SD 1.5"], tmp_path / "a.safetensors")
    assert run(["lora", str(path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["triggers"][0] == {
        "text": "ohwx man",
        "count": 20,
        "from": "ss_tag_frequency",
        "sure": "counted",
        "ids": said["triggers"][0]["ids"],
        "common": False,
        "rarer": "",
    }
    assert len(said["triggers"][0]["ids"]) > 1
    assert said["tags"][1] == {"text": "1boy", "count": 12}
    assert (said["base"], said["kind"], said["rank"]) == ("SD 1.5", "LoRA", 8)
    assert said["text_encoder"] == [{"encoder": "CLIP-L", "tensors": 4, "layers": [0, 3]}]
    assert run(["lora", str(path)]) == 0
    assert "ohwx man" in capsys.readouterr().out
