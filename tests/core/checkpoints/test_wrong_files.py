"""What is no checkpoint is told for what it is, and odd paths and names do no harm."""

import os
import re
from pathlib import Path

import pytest
import torch

from tests.core.checkpoints.layouts_on_disk import (
    numbers,
    write_pickle,
    write_safetensors,
)
from tests.core.checkpoints.refusals import refusal
from tokensim_gui.core.checkpoints import candidates, read_vectors
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.table import save_table
from tokensim_gui.core.paths import resolved


@pytest.mark.parametrize("name", ["sd.ckpt", "sd.safetensors"])
@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "only points to"),
        (b"\x1f\x8b\x08", "is an archive"),
        (b"\x89PNG\r\n\x1a\n", "is a picture"),
        (b"\x00" * 1000, "begins with zeros alone"),
        (b"\x00\x01" * 500, "is not a (checkpoint|safetensors file)"),
    ],
)
def test_other_files_are_told_for_what_they_are(start, sentence, name, tmp_path):
    path = tmp_path / name
    path.write_bytes(start)
    assert re.search(sentence, refusal(path))


def test_a_file_without_a_token_table_is_told_for_what_it_is(tmp_path):
    lora = {"lora_unet_down_blocks_0.lora_up.weight": numbers(), "x.alpha": torch.ones(())}
    assert "holds a LoRA" in refusal(write_safetensors(tmp_path / "lora.safetensors", lora))
    inversion = {"string_to_param": torch.nn.ParameterDict({"*": numbers(2)})}
    assert "textual inversion" in refusal(write_pickle(tmp_path / "emb.pt", inversion))


def test_paths_that_lead_nowhere_are_refused(tmp_path):
    loop, other = tmp_path / "loop", tmp_path / "other"
    loop.symlink_to(other)
    other.symlink_to(loop)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "again").symlink_to(tmp_path, target_is_directory=True)
    for path in (loop, pipe, Path("/dev/zero"), tmp_path / ("a" * 300), tmp_path / "missing"):
        refusal(path)
    with pytest.raises(FileError):
        candidates(Path("null\0byte"))
    refusal(tmp_path)  # a folder that holds itself


def test_a_folder_and_a_file_with_strange_long_names_are_read(tmp_path):
    folder = tmp_path / ("😅 " * 40)
    path = write_safetensors(folder / ("é" * 100 + ".safetensors"), {"shared.weight": numbers()})
    assert len(str(path).encode()) > 300
    assert candidates(path)[0].name == "é" * 100
    assert len(candidates(folder)) == 1


@pytest.mark.parametrize(
    "name", ["a\nb", "a\u202egnp", "a\tb", "a\x1bb", "a\u2028b", "a\u2066b", "-a", "a" * 243]
)
def test_names_of_files_stay_on_one_line_and_in_one_direction(name, tmp_path):
    path = write_safetensors(tmp_path / f"{name}.safetensors", {"shared.weight": numbers()})
    (one,) = candidates(path)
    shown = re.sub("[^-a-z]", "\ufffd", name)
    assert one.name == shown
    assert resolved(tmp_path / f"{shown}.safetensors") == path
    write_safetensors(path, {"x": torch.zeros(3, 64)})
    with pytest.raises(FileError) as caught:
        candidates(path)
    assert str(caught.value).startswith(f"{shown}.safetensors holds 3 vectors")


def test_half_a_character_in_the_name_of_a_tensor_is_no_crash(tmp_path):
    name = "\ud800.shared.weight"
    path = write_pickle(tmp_path / "a.pt", {name: torch.zeros(5, 64)})
    assert "“\ufffd.shared.weight” is 5 × 64" in refusal(path)


def test_a_file_that_must_not_be_read_says_so(tmp_path, monkeypatch):
    path = write_safetensors(tmp_path / "a.safetensors", {"shared.weight": numbers()})

    def refuse(*_arguments: object, **_more: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything
    assert refusal(path) == "a.safetensors can't be read: Permission denied."


def test_rows_that_are_not_numbers_are_refused_when_the_table_is_saved(tmp_path):
    table = numbers()
    table[7, 3] = float("nan")
    (one,) = candidates(write_safetensors(tmp_path / "a.safetensors", {"shared.weight": table}))
    with pytest.raises(FileError):
        save_table(tmp_path / "saved", "a", "none", one.dtype, one.rows, one.dim, read_vectors(one))
    assert not list((tmp_path / "saved").iterdir())
