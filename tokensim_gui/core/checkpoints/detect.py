"""Find the token tables of a checkpoint, whatever its format, without reading any tensor."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISDIR

from tokensim_gui.core.checkpoints import (
    checkpoint_layouts,
    folders,
    gguf_file,
    pickle_file,
    safetensors_file,
    tokenizer_sources,
)
from tokensim_gui.core.checkpoints.entries import (
    NoTable,
    Stamp,
    TensorEntry,
    check_unchanged,
    stamp_of,
    unreadable,
)
from tokensim_gui.core.checkpoints.tokenizer_sources import TokenizerSource
from tokensim_gui.core.errors import FileError

_GENERIC_FILE = re.compile(r"(?:(?:diffusion_)?(?:pytorch_)?model|weights|consolidated)(?:[.-].*)?")
_GENERIC_FOLDER = re.compile(r"text_encoder(?:_\d)?|models?|main|[0-9a-f]{40}|snapshots")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token table that can be read out of a checkpoint.

    Attributes:
        name: What users call the encoder, or a name after its key or file; unlike the other
            names of the same checkpoint.
        family: Tokenizer family, as `Vocabulary.family`; a guess where the shape is not known.
        rows: Number of vectors.
        dim: Numbers per vector.
        dtype: One of `table.DTYPES`: of what `read_vectors` gives. Scaled fp8 and quantised
            tables are read as F32, all others as they are stored.
        stored: The dtype in the file.
        nbytes: Size as stored.
        key: Name of the tensor in the checkpoint.
        path: The file that holds it.
        offset: First byte in that file.
        scale: One factor for the table or one a row, float32; None without.
        stamp: The file as it was when it was looked at.
        tokenizers: Where a tokenizer for it may be, the likeliest first.
        models: Image models that use this encoder.
    """

    name: str
    family: str
    rows: int
    dim: int
    dtype: str
    stored: str
    nbytes: int
    key: str
    path: Path
    offset: int
    scale: TensorEntry | None
    stamp: Stamp
    tokenizers: tuple[TokenizerSource, ...]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in a checkpoint file or folder.

    Attributes:
        candidates: Its token tables, the best known encoders first.
        damaged: Sentences about files of a folder that should hold one, but can't be used.
    """

    candidates: list[Candidate]
    damaged: tuple[str, ...]


def candidates(path: Path) -> list[Candidate]:
    """Return the token tables of a checkpoint file or folder, the best known encoders first.

    The format is decided by content, not by the name.

    Raises:
        FileError: It can't be read, is damaged, or holds no token table; the sentence says what
            it holds instead and the way out.
    """
    return survey(path).candidates


def survey(path: Path) -> Survey:
    """Return the token tables as `candidates` does, and what is damaged beside them.

    Raises:
        FileError: As for `candidates`.
    """
    try:
        is_folder = S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    found: list[Candidate] = []
    errors: list[FileError] = []
    damaged: list[str] = []
    for checkpoint in folders.checkpoints(path) if is_folder else [path]:
        try:
            found += _of_checkpoint(checkpoint)
        except NoTable as error:
            errors.append(error)
        except FileError as error:
            errors.insert(len(damaged), error)  # before those that say less
            # Files of several folders are often called model.
            folder = f"{checkpoint.parent.name}/" if checkpoint.parent != path else ""
            damaged.append(f"{folder}{error}")
    if not found:
        if errors:
            raise errors[0]
        raise FileError(f"{path.name} holds no checkpoint. Choose a file or a model folder.")
    known = [encoder.name for encoder in checkpoint_layouts.ENCODERS.values()]
    found.sort(key=lambda one: known.index(one.name) if one.name in known else len(known))
    return Survey(_distinct(found, path), tuple(damaged))


def _of_checkpoint(checkpoint: Path) -> list[Candidate]:
    files = folders.shards(checkpoint) if folders.is_index(checkpoint) else [checkpoint]
    stamps = {file: stamp_of(file) for file in files}
    entries = [entry for file in files for entry in _entries(file)]
    for file, stamp in stamps.items():
        check_unchanged(file, stamp_of(file), stamp)
    tables = checkpoint_layouts.token_tables(entries)
    if not tables:
        kind = FileError if checkpoint_layouts.unusable(entries) else NoTable
        raise kind(f"{checkpoint.name} {checkpoint_layouts.why_none(entries)}")
    return [
        Candidate(
            name=table.encoder.name or _title(table.entry.path),
            family=table.encoder.family,
            rows=table.entry.shape[0],
            dim=table.entry.shape[1],
            dtype=(
                "F32"
                if table.scale is not None or table.entry.dtype in checkpoint_layouts.GGUF_BLOCKS
                else table.entry.dtype
            ),
            stored=table.entry.dtype,
            nbytes=table.entry.nbytes,
            key=table.entry.name,
            path=table.entry.path,
            offset=table.entry.offset,
            scale=table.scale,
            stamp=stamps[table.entry.path],
            tokenizers=tokenizer_sources.find(table, entries),
            models=table.encoder.models,
        )
        for table in tables
    ]


def _entries(path: Path) -> list[TensorEntry]:
    """List the tensors of one file of any format."""
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as error:
        raise unreadable(path, error) from error
    if start.startswith(b"GGUF"):
        return gguf_file.entries(path)
    # Before pickles, since a header of 128 bytes begins as they do.
    if start[8:9] == b"{":
        return safetensors_file.entries(path)
    if start.startswith(pickle_file.STARTS):
        return pickle_file.entries(path)
    if what := _what_else(start):
        raise FileError(f"{path.name} {what}")
    if path.suffix.lower() == ".safetensors":  # the reader says what is wrong with its header
        return safetensors_file.entries(path)
    raise NoTable(
        f"{path.name} is not a checkpoint: TokenSim reads safetensors, PyTorch and GGUF files."
    )


def _what_else(start: bytes) -> str:
    """Say what a file of this start is, if that is a thing which downloads often bring."""
    if not start:
        return "is empty. Download it again."
    if start.startswith(b"version https://git-lfs"):
        return "only points to the real file (Git LFS). Download the file itself."
    if start.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "is a web page, not a checkpoint. Download it again."
    if start.startswith((b"\x1f\x8b", b"7z", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")):
        return "is an archive. Unpack it, and open the checkpoint inside."
    return ""


def _title(path: Path) -> str:
    """Name an encoder after its file, or after its folder where the file is called model."""
    if not _GENERIC_FILE.fullmatch(path.stem):
        return path.stem
    for folder in path.parents:
        if folder.name.startswith("models--"):
            return folder.name.removeprefix("models--").replace("--", "/", 1)
        if folder.name and not _GENERIC_FOLDER.fullmatch(folder.name):
            return folder.name
    return path.stem


def _distinct(found: list[Candidate], root: Path) -> list[Candidate]:
    """Tell candidates of one name apart by what differs: their files, or else their keys."""
    names = Counter(one.name for one in found)
    files = Counter((one.name, one.path) for one in found)
    result = []
    for one in found:
        if names[one.name] == 1:
            result.append(one)
            continue
        place = one.path.relative_to(root).as_posix() if one.path != root else one.path.name
        if files[one.name, one.path] > 1:
            place = one.key
        result.append(replace(one, name=f"{one.name} ({place})"))
    return result
