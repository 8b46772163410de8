"""Collect transformers with the models that `trimming` names; instead of PyInstaller's hook."""

from pathlib import Path

from PyInstaller.utils.hooks import collect_submodules, copy_metadata, get_package_paths
from trimming import MODELS, MODULES

_ROOT = Path(get_package_paths("transformers")[1])
_LEFT_OUT = [*MODULES, "transformers.models"]


def _wanted(name: str) -> bool:
    return not any(name == left_out or name.startswith(f"{left_out}.") for left_out in _LEFT_OUT)


hiddenimports = collect_submodules("transformers", filter=_wanted, on_error="ignore")
for model in MODELS:
    if (_ROOT / "models" / model).is_dir():
        hiddenimports += collect_submodules(f"transformers.models.{model}", on_error="ignore")
excludedimports = [
    f"transformers.models.{folder.name}"
    for folder in (_ROOT / "models").iterdir()
    if folder.is_dir() and folder.name not in MODELS
]
# When it is imported it asks which versions of these are installed.
datas = copy_metadata("transformers", recursive=True) + copy_metadata("torch")
# Its lazy modules read their own sources to know which names they have.
module_collection_mode = "pyz+py"
