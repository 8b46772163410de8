from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tokensim_gui.core.checkpoints.scan import scan, scan_folders
from tokensim_gui.core.job import Job, JobCancelled

KEY = "model.embed_tokens.weight"


@pytest.fixture
def user_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in (
        "COMFYUI_PATH", "SD_WEBUI_PATH", "INVOKEAI_ROOT", "HF_HOME", "HF_HUB_CACHE",
        "XDG_CACHE_HOME",
    ):  # fmt: skip
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


def encoder(path: Path, key: str = KEY) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({key: np.ones((1000, 64), np.float16)}, path)
    return path


def found(*folders: Path) -> list[Path]:
    return [path for path, candidates in scan(folders) if candidates]


def test_only_folders_that_exist_are_listed_with_their_program(user_home: Path) -> None:
    assert scan_folders() == []
    for name in (
        "ComfyUI/models", "stable-diffusion-webui/models/Stable-diffusion", "invokeai/models",
        ".cache/huggingface/hub",
    ):  # fmt: skip
        (user_home / name).mkdir(parents=True)
    assert [
        (one.program, one.path.relative_to(user_home).as_posix()) for one in scan_folders()
    ] == [
        ("ComfyUI", "ComfyUI/models"),
        ("A1111, Forge", "stable-diffusion-webui/models/Stable-diffusion"),
        ("InvokeAI", "invokeai/models"),
        ("Hugging Face", ".cache/huggingface/hub"),
    ]


@pytest.mark.parametrize(
    ("variable", "value", "folder"),
    [
        ("COMFYUI_PATH", "my comfy", "my comfy/models"),
        ("INVOKEAI_ROOT", "invoke", "invoke/models"),
        ("SD_WEBUI_PATH", "forge", "forge/models/text_encoder"),
        ("HF_HOME", "hf", "hf/hub"),
        ("HF_HUB_CACHE", "cache", "cache"),
        ("XDG_CACHE_HOME", "xdg", "xdg/huggingface/hub"),
    ],
)
def test_the_programs_own_variables_say_where_to_look(
    user_home: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, folder: str
) -> None:
    (user_home / folder).mkdir(parents=True)
    monkeypatch.setenv(variable, str(user_home / value))
    assert [one.path for one in scan_folders()] == [user_home / folder]


def test_files_with_a_token_table_are_found_and_others_passed_over(tmp_path: Path) -> None:
    wanted = [
        encoder(tmp_path / "checkpoints" / "deep" / "b.safetensors"),
        encoder(tmp_path / "text_encoders" / "a.SAFETENSORS"),
    ]
    encoder(tmp_path / "loras" / "lora.safetensors", "lora_unet.weight")
    encoder(tmp_path / ".hidden" / "x.safetensors")
    (tmp_path / "noise.ckpt").write_bytes(b"noise")
    (tmp_path / "empty.safetensors").touch()
    (tmp_path / "notes.txt").write_text("text")
    assert found(tmp_path) == wanted
    assert found(tmp_path, tmp_path / "checkpoints", wanted[0]) == wanted


def test_a_model_folder_is_one_find(tmp_path: Path) -> None:
    diffusers = tmp_path / "sdxl"
    encoder(diffusers / "text_encoder" / "model.safetensors")
    encoder(diffusers / "text_encoder_2" / "model.safetensors")
    (diffusers / "model_index.json").write_text("{}")
    transformers = tmp_path / "qwen"
    encoder(transformers / "model.safetensors")
    (transformers / "config.json").write_text("{}")
    cached = tmp_path / "hub" / "models--a--b"
    blob = encoder(cached / "blobs" / "0123")
    link = cached / "snapshots" / ("0" * 40) / "model.safetensors"
    link.parent.mkdir(parents=True)
    link.symlink_to(blob)
    (cached / "refs").mkdir()
    encoder(tmp_path / "hub" / "datasets--a--b" / "x.safetensors")
    assert found(tmp_path) == [cached, transformers, diffusers]
    assert [len(candidates) for _, candidates in scan([diffusers])] == [2]


def test_link_loops_end_and_nothing_is_found_twice(tmp_path: Path) -> None:
    real = encoder(tmp_path / "models" / "a.safetensors")
    (tmp_path / "models" / "loop").symlink_to(tmp_path / "models", target_is_directory=True)
    (tmp_path / "models" / "self").symlink_to(tmp_path / "models" / "self")
    (tmp_path / "models" / "twin.safetensors").symlink_to(real)
    (tmp_path / "models" / "broken.safetensors").symlink_to(tmp_path / "nothing")
    assert found(tmp_path / "models", tmp_path / "absent") == [real]


def test_the_depth_is_bounded(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(8):
        folder /= "d"
    encoder(folder.parent / "in.safetensors")
    encoder(folder / "out.safetensors")
    assert [path.name for path in found(tmp_path)] == ["in.safetensors"]


def test_a_scan_reports_and_can_be_cancelled(tmp_path: Path) -> None:
    encoder(tmp_path / "a.safetensors")
    encoder(tmp_path / "b.safetensors")
    job = Job(lambda done, total, text: job.cancel() if "a.safetensors" in text else None)
    with pytest.raises(JobCancelled):
        list(scan([tmp_path], job))
