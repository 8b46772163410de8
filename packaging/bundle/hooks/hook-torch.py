"""Collect torch without what `trimming` lists; takes the place of PyInstaller's own hook."""

import re
from pathlib import Path

from _pyinstaller_hooks_contrib.utils.nvidia_cuda import infer_hiddenimports_from_requirements
from build_bundle import needed
from PyInstaller.utils.hooks import (
    PY_DYLIB_PATTERNS,
    collect_dynamic_libs,
    collect_submodules,
    get_package_paths,
)
from trimming import MODULES, READS_ITS_SOURCE

_ROOT = Path(get_package_paths("torch")[1])
_READS = re.compile(READS_ITS_SOURCE, re.MULTILINE)


def _wanted(name: str) -> bool:
    return not any(name == left_out or name.startswith(f"{left_out}.") for left_out in MODULES)


def _reads_its_source(name: str) -> bool:
    # Not packages: what is said of one holds for all below it.
    file = _ROOT.parent.joinpath(*name.split(".")).with_suffix(".py")
    return file.exists() and _READS.search(file.read_text("utf-8")) is not None


hiddenimports = collect_submodules("torch", filter=_wanted, on_error="ignore")
hiddenimports += collect_submodules("torchgen")  # imported by torch when it starts
binaries = collect_dynamic_libs("torch", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"])
# A CUDA build finds these at run time, in packages of their own.
hiddenimports += infer_hiddenimports_from_requirements(sorted(needed(["torch"])))
# Torch does not start without this program, which shares tensors between processes.
binaries += [(str(file), "torch/bin") for file in (_ROOT / "bin").glob("torch_shm_manager*")]
module_collection_mode = {"torch": "pyz"} | {
    name: "pyz+py" for name in hiddenimports if _reads_its_source(name)
}
# Torch looks for its libraries beside the one that is loaded: no links to them elsewhere.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
warn_on_missing_hiddenimports = False
