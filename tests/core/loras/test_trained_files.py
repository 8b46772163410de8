"""LoRAs and embeddings on this computer: where they are looked for, and what is kept of them."""

import json
import os
from pathlib import Path

import pytest
import torch

from tests.core.loras.lora_files import CASES, write
from tests.core.loras.test_inversions import A1111
from tokensim_gui.commands.main import run
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.loras import trained_files
from tokensim_gui.core.loras.trained_files import (
    identify,
    look_through,
    store_list,
    stored_list,
    trained_folders,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three LoRAs, an embedding, and what is neither."""
    made = tmp_path / "models"
    (made / "deep" / "er").mkdir(parents=True)
    write(CASES["kohya, SD 1.5"], made / "b.safetensors")
    write(CASES["OneTrainer"], made / "deep" / "A.safetensors")
    write(CASES["SimpleTuner"], made / "deep" / "er" / "c.safetensors")
    torch.save(A1111, made / "deep" / "style.pt")
    torch.save({"cond_stage_model.weight": torch.ones(2000, 64)}, made / "table.pt")
    (made / "damaged.safetensors").write_bytes(b"\xff" * 100)
    (made / "notes.txt").write_text("hello")
    (made / "deep" / "back").symlink_to(made)
    (made / "again.safetensors").symlink_to(made / "b.safetensors")
    return made


def test_loras_and_embeddings_are_found_once_in_the_order_of_their_names(folder):
    found = look_through([folder, folder / "deep"], ())
    assert [(one.name, one.what) for one in found] == [
        ("A", "LoRA"),
        ("again", "LoRA"),
        ("c", "LoRA"),
        ("style", "embedding"),
    ]
    assert found[0].triggers == ("<mychar>",)
    assert found[1].tags == ("ohwx man", "1boy", "outdoors", "smile")
    assert (found[1].base, found[1].kind, found[3].kind) == ("SD 1.5", "LoRA", "3 × 768")


def test_a_second_look_reads_only_what_changed_and_forgets_what_is_gone(folder, monkeypatch):
    first = look_through([folder], ())
    write(CASES["musubi-tuner"], folder / "deep" / "A.safetensors")
    (folder / "deep" / "er" / "c.safetensors").unlink()
    read: list[str] = []

    def noted(path: Path) -> object:
        read.append(path.name)
        return identify(path)

    monkeypatch.setattr(trained_files, "identify", noted)
    second = look_through([folder], first)
    assert [(one.name, one.base) for one in second if one.what == "LoRA"] == [
        ("A", "Qwen-Image"),
        ("again", "SD 1.5"),
    ]
    assert "A.safetensors" in read and "style.pt" not in read and "again.safetensors" not in read


def test_what_was_found_in_other_folders_stays(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    first = look_through([folder], ())
    assert look_through([tmp_path / "empty"], first) == first


def test_a_look_can_be_cancelled(folder):
    job = Job(lambda *_: job.cancel())
    with pytest.raises(JobCancelled):
        look_through([folder], (), job)


def test_the_list_is_kept_and_a_damaged_one_is_empty(folder):
    found = tuple(look_through([folder], ()))
    store_list(found)
    assert stored_list() == found
    for content in ("[", "{}", "[3]", '[{"path": 3}]', "null", "[" * 5000):
        trained_files.list_path().write_text(content)
        assert stored_list() == ()


@pytest.mark.parametrize(
    ("variable", "inner", "program"),
    [
        ("COMFYUI_PATH", "models/loras", "ComfyUI"),
        ("COMFYUI_PATH", "models/embeddings", "ComfyUI"),
        ("SD_WEBUI_PATH", "models/Lora", "A1111, Forge"),
        ("SD_WEBUI_PATH", "embeddings", "A1111, Forge"),
        ("INVOKEAI_ROOT", "models", "InvokeAI"),
        ("SD_DATADIR", "models/Lora", "SD.Next"),
    ],
)
def test_the_folders_of_every_program_are_known(variable, inner, program, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv(variable, str(tmp_path / "there"))
    assert trained_folders() == []
    (tmp_path / "there" / inner).mkdir(parents=True)
    assert [(one.program, one.path) for one in trained_folders()] == [
        (program, tmp_path / "there" / inner)
    ]


def test_the_command_lists_them_and_keeps_the_list(folder, capsys):
    assert run(["loras", str(folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["loras"], said["embeddings"]) == (3, 1)
    assert [one["name"] for one in said["files"]] == ["A", "again", "c", "style"]
    assert len(stored_list()) == 4


def test_a_name_that_is_no_utf_8_is_listed_too(folder):
    odd = os.fsencode(folder) + b"/\xff.safetensors"
    os.rename(folder / "b.safetensors", odd)
    (folder / "again.safetensors").unlink()
    found = tuple(look_through([folder], ()))
    store_list(found)
    assert "\ufffd" in [one.name for one in stored_list()]
