"""Which files of a folder make up checkpoints: diffusers, transformers, or just files."""

import json
from pathlib import Path, PureWindowsPath

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.importers import layouts
from tokensim_gui.core.importers.entries import stamp_of, unreadable

SUFFIXES = (".safetensors", ".gguf", ".ckpt", ".pt", ".pth", ".bin")
_INDEX = ".index.json"
_MAX_INDEX_BYTES = 50_000_000
_MAX_FILES = 500


def checkpoints(folder: Path) -> list[Path]:
    """Return the checkpoints of a folder: whole files, and indexes of shards.

    Looked at are the folder itself; if it holds none, its text encoder folders, as diffusers
    writes them, or else all its folders; and the newest snapshot of a Hugging Face cache folder.

    Raises:
        FileError: The folder can't be read.
    """
    if (folder / "snapshots").is_dir():
        snapshots = _folders(folder / "snapshots")
        folder = max(snapshots, key=lambda path: path.lstat().st_mtime_ns, default=folder)
    found = _directly_in(folder)
    if not found:
        below = _folders(folder)
        encoders = [path for path in below if path.name.startswith("text_encoder")]
        for path in encoders or below:
            found += _directly_in(path)
    return found


def shards(index: Path) -> list[Path]:
    """Return the shards that hold token tables, after an index that transformers wrote.

    Raises:
        FileError: The index can't be read or is not well-formed, or names no token table.
    """
    try:
        if stamp_of(index).size > _MAX_INDEX_BYTES:
            raise FileError(f"{index.name} is too large for an index of shards.")
        content = json.loads(index.read_bytes())
    except OSError as error:
        raise unreadable(index, error) from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{index.name} is not JSON. Download it again.") from error
    files = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(files, dict):
        raise FileError(f"{index.name} is not an index of shards.")
    names = [file for key, file in files.items() if layouts.is_table_name(key)]
    # A shard lies beside its index: a name that leads elsewhere is not followed.
    if not all(isinstance(name, str) and PureWindowsPath(name).name == name for name in names):
        raise FileError(f"{index.name} names files outside its folder.")
    if not names:
        raise FileError(f"{index.name} names no token table among {len(files)} tensors.")
    return [index.parent / name for name in sorted(set(names))]


def is_index(path: Path) -> bool:
    """Tell whether the file is an index of shards, by its name."""
    return path.name.endswith(_INDEX)


def _directly_in(folder: Path) -> list[Path]:
    files = [path for path in _listed(folder) if path.is_file()]
    # The same weights are often there twice, and pickles are the older form.
    if any(path.suffix == ".safetensors" for path in files):
        files = [path for path in files if not path.name.startswith("pytorch_model")]
    indexes = [path for path in files if is_index(path)]
    whole = [path for path in files if path.suffix.lower() in SUFFIXES]
    return indexes + [path for path in whole if not (indexes and "-of-" in path.name)]


def _folders(folder: Path) -> list[Path]:
    return [path for path in _listed(folder) if path.is_dir()]


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())[:_MAX_FILES]
    except OSError as error:
        raise unreadable(folder, error) from error
