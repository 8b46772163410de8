"""A card that the installed build of torch can't use."""

import sys
from pathlib import Path

import pytest

from tokensim_gui.core.graphics_card import has_idle_card

DRIVER = {"linux": "proc/driver/nvidia/version", "win32": "System32/nvcuda.dll"}


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A system with a driver."""
    driver = tmp_path / "system" / DRIVER[sys.platform]
    driver.parent.mkdir(parents=True)
    driver.touch()
    return tmp_path / "system"


def torch_with(folder: Path, library: str) -> Path:
    (folder / "torch/lib").mkdir(parents=True)
    (folder / "torch/lib" / library).touch()
    return folder / "torch"


def test_a_build_for_the_cpu_leaves_a_card_idle(system: Path, tmp_path: Path) -> None:
    assert has_idle_card(system, torch_with(tmp_path, "libtorch_cpu.so"))


@pytest.mark.parametrize("library", ["libtorch_cuda.so", "torch_cuda.dll"])
def test_a_build_with_cuda_does_not(system: Path, tmp_path: Path, library: str) -> None:
    assert not has_idle_card(system, torch_with(tmp_path, library))


def test_without_a_driver_there_is_no_card(tmp_path: Path) -> None:
    assert not has_idle_card(tmp_path, torch_with(tmp_path, "libtorch_cpu.so"))


def test_the_torch_that_would_be_imported_is_looked_at(system: Path) -> None:
    import torch

    assert has_idle_card(system) == (torch.version.cuda is None)
