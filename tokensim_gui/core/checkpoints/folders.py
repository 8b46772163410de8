"""Which files of a folder make up checkpoints: diffusers, transformers, or just files."""

import json
import os
import re
from pathlib import Path, PureWindowsPath

from tokensim_gui.core.checkpoints import checkpoint_layouts, other_formats
from tokensim_gui.core.checkpoints.entries import NoTable, stamp_of, unreadable
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.safetensors_format import INDEX_ENDING

SUFFIXES = (".safetensors", ".gguf", ".ckpt", ".pt", ".pth", ".bin", ".npy")

SHARD = re.compile(r"(.+)-(\d{5})-of-(\d{5})(\.\w+)")
"""Name of one of several files that make up a checkpoint: stem, number, how many, suffix."""

_MAX_SHARDS = 1_000
_INDEX = re.compile(rf".+{INDEX_ENDING}")
_MAX_INDEX_BYTES = 50_000_000
_MAX_FILES = 500


def checkpoints(folder: Path) -> list[Path]:
    """Return the checkpoints of a folder: whole files, and indexes of shards.

    Looked at are its text encoder folders, as diffusers writes them; if they hold none, the
    folder itself, or else all its folders; and the newest snapshot of a Hugging Face cache
    folder. The whole models that lie beside text encoder folders have the same encoders, or none.

    Raises:
        FileError: The folder can't be read, or no folder in it that holds anything can.
    """
    if os.path.isdir(folder / "snapshots"):
        snapshots = _folders(folder / "snapshots")
        folder = max(snapshots, key=lambda path: path.lstat().st_mtime_ns, default=folder)
    below = _folders(folder)
    encoders = [path for path in below if path.name.startswith("text_encoder")]
    return _directly_in_each(encoders) or _directly_in(folder) or _directly_in_each(below)


def foreign(folder: Path) -> list[Path]:
    """Return the files of a folder, and of the folders in it, in formats of other programs."""
    found = [path for place in (folder, *_folders(folder)) for path in _listed_if_open(place)]
    return [
        path
        for path in found
        if path.suffix.lower() in other_formats.ENDINGS or other_formats.by_name(path)
    ]


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
    names = [file for key, file in files.items() if checkpoint_layouts.is_table_name(key)]
    # A shard lies beside its index: a name that leads elsewhere is not followed.
    if not all(isinstance(name, str) and PureWindowsPath(name).name == name for name in names):
        raise FileError(f"{index.name} names files outside its folder.")
    if not names:
        raise NoTable(f"{index.name} names no token table among {len(files)} tensors.")
    found = [index.parent / name for name in sorted(set(names))]
    for file in found:
        if not os.path.lexists(file):
            raise FileError(
                f"{file.name} is missing, the part with the token vectors. Put it beside "
                f"{index.name}."
            )
    return found


def parts(path: Path) -> list[Path]:
    """Return the files that make up a checkpoint with this one, in order; those that are there."""
    match = SHARD.fullmatch(path.name)
    if match is None:
        return [path]
    stem, _, total, suffix = match.groups()
    files = [
        path.with_name(f"{stem}-{number:05}-of-{total}{suffix}")
        for number in range(1, min(int(total), _MAX_SHARDS) + 1)
    ]
    return [file for file in files if os.path.isfile(file)] or [path]


def missing_first_part(path: Path) -> str:
    """Return the name of the first file of a checkpoint in several, if it is not there; else ""."""
    match = SHARD.fullmatch(path.name)
    first = path.with_name(f"{match[1]}-00001-of-{match[3]}{match[4]}") if match else path
    return "" if os.path.isfile(first) else first.name


def is_index(path: Path) -> bool:
    """Tell whether the file is an index of shards, by its name."""
    return bool(_INDEX.fullmatch(path.name))


def _directly_in_each(folders: list[Path]) -> list[Path]:
    """Return the checkpoints of some folders; those that can't be read matter if none can."""
    found: list[Path] = []
    errors: list[FileError] = []
    for folder in folders:
        try:
            found += _directly_in(folder)
        except FileError as error:
            errors.append(error)
    if errors and not found:
        raise errors[0]
    return found


# Here `os.path` asks what is a file or folder: unlike `Path`, it takes what is locked for neither.
def _directly_in(folder: Path) -> list[Path]:
    files = [path for path in _listed(folder) if os.path.isfile(path)]
    # The same weights are often there twice, and pickles are the older form.
    if any(path.suffix == ".safetensors" for path in files):
        files = [path for path in files if not path.name.startswith("pytorch_model")]
    indexes = [path for path in files if is_index(path)]
    whole = [path for path in files if path.suffix.lower() in SUFFIXES]
    indexed = {Path(path.name.partition(".index")[0]).suffix for path in indexes}
    return indexes + [
        path
        for path in whole
        if not SHARD.fullmatch(path.name)
        or (path.suffix not in indexed and parts(path)[0] == path)  # one stands for all of them
    ]


def _folders(folder: Path) -> list[Path]:
    return [path for path in _listed(folder) if os.path.isdir(path)]


def _listed_if_open(folder: Path) -> list[Path]:
    try:
        return _listed(folder)
    except FileError:
        return []


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())[:_MAX_FILES]
    except OSError as error:
        raise unreadable(folder, error) from error
