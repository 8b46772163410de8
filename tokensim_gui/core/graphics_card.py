"""Whether there is an NVIDIA card that the installed build can't use."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

# The driver's own files: a listing of it in the kernel, a library of it on Windows.
_DRIVERS = {"linux": "proc/driver/nvidia/version", "win32": "System32/nvcuda.dll"}


def has_idle_card(system: Path | None = None, torch: Path | None = None) -> bool:
    """Tell whether a driver for CUDA is here while torch is a build for the CPU alone.

    Neither torch nor the driver is loaded for that.

    Args:
        system: Where the system's files are, if not in their usual place.
        torch: Torch's folder, if not the one that would be imported.
    """
    driver = _DRIVERS.get(sys.platform)
    if driver is None:
        return False
    usual = os.environ.get("SystemRoot", "C:/Windows") if sys.platform == "win32" else "/"
    if not (system or Path(usual)).joinpath(driver).exists():
        return False
    if torch is None:
        spec = find_spec("torch")
        folders = spec.submodule_search_locations if spec else None
        if not folders:
            return False
        torch = Path(folders[0])
    return not any(torch.joinpath("lib").glob("*torch_cuda*"))
