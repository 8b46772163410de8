"""Where a tokenizer for a token table is: bundled, in the checkpoint, or beside it."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from tokensim_gui.core.checkpoints import folders, gguf_file
from tokensim_gui.core.checkpoints.checkpoint_layouts import CLIP_ROWS, TokenTable
from tokensim_gui.core.checkpoints.entries import TensorEntry
from tokensim_gui.core.paths import displayed

Form: TypeAlias = Literal[
    "bundled", "json", "vocab", "sentencepiece", "tiktoken", "tekken", "wordpiece", "gguf"
]

TENSORS: dict[str, Form] = {
    "tokenizer_json": "json",
    "spiece_model": "sentencepiece",
    "tekken_model": "tekken",
}
FILES: dict[str, Form] = {
    "tokenizer.json": "json",
    "vocab.json": "vocab",
    "spiece.model": "sentencepiece",
    "tokenizer.model": "sentencepiece",
    "sentencepiece.bpe.model": "sentencepiece",
    "spm.model": "sentencepiece",
    "tekken.json": "tekken",
    "vocab.txt": "wordpiece",
    "tiktoken.model": "tiktoken",
    "qwen.tiktoken": "tiktoken",
    "hy.tiktoken": "tiktoken",
}
"""Names under which tokenizers are kept, the likeliest first."""

_BY_SUFFIX: dict[str, Form] = {
    ".json": "json",
    ".model": "sentencepiece",
    ".tiktoken": "tiktoken",
}
_MAX_FOLDERS, _MAX_DEPTH = 200, 2
_MAX_UP = 4


@dataclass(frozen=True, slots=True)
class TokenizerSource:
    """A tokenizer that may belong to a token table.

    Attributes:
        form: ``bundled``: CLIP's, which ships with TokenSim; ``json``: a tokenizer.json;
            ``vocab``: a vocab.json, with merges.txt beside it; ``sentencepiece``: a ModelProto;
            ``tiktoken``: pieces by rank; ``tekken``: a tekken.json; ``wordpiece``: a vocab.txt;
            ``gguf``: the header of a GGUF file.
        path: The file; empty for ``bundled``.
        place: Offset and size in bytes within that file; None for the whole file.
        name: What users call the file, where that is not its own name.
        distance: 0 if it is the table's by its name or place in the file, 1 where it lies where
            the tokenizer of the table is kept, 2 if it can only fit by its size.
    """

    form: Form
    path: Path = Path()
    place: tuple[int, int] | None = None
    name: str = ""
    distance: int = 0

    @property
    def title(self) -> str:
        """What begins a sentence about it."""
        if self.form == "bundled":
            return "The tokenizer of CLIP"
        if self.form == "gguf" or self.place is not None:
            return displayed(f"The tokenizer in {self.name or self.path.name}")
        return displayed(self.name or f"{self.path.parent.name}/{self.path.name}")


def find(table: TokenTable, entries: Sequence[TensorEntry]) -> tuple[TokenizerSource, ...]:
    """Return what may be the tokenizer of a token table, the likeliest first.

    Args:
        table: The token table.
        entries: All tensors of its checkpoint.

    Raises:
        FileError: The file can't be read any more.
    """
    path = table.entry.path
    inside = listed(table, entries)
    if inside is not None and inside.form == "bundled":
        return (inside,)
    for part in folders.parts(path):
        if gguf_file.is_gguf(part) and gguf_file.has_tokenizer(part):
            inside = TokenizerSource("gguf", part)
            break
    return (*([inside] if inside else []), *_beside(path))


def listed(table: TokenTable, entries: Sequence[TensorEntry]) -> TokenizerSource | None:
    """Return the tokenizer that is bundled, or stored as a tensor, without reading any file.

    Args:
        table: The token table.
        entries: All tensors of its checkpoint.
    """
    if table.encoder.family == "clip" and table.entry.shape[0] + table.missing == CLIP_ROWS:
        return TokenizerSource("bundled")
    # A checkpoint with several encoders has a tokenizer under the prefix of each.
    name = table.entry.name
    best: tuple[int, TokenizerSource] | None = None
    for entry in entries:
        prefix, _, last = entry.name.rpartition(".")
        form = TENSORS.get(last)
        if form is None or entry.dtype not in ("U8", "I8") or not name.startswith(prefix):
            continue
        if best is None or len(prefix) > best[0]:
            place = (entry.offset, entry.nbytes)
            best = (len(prefix), TokenizerSource(form, entry.path, place))
    return best[1] if best else None


def alone(path: Path) -> TokenizerSource | None:
    """Return the tokenizer that a file is, or that lies in a folder, as its name says."""
    if os.path.isdir(path):
        return next((source for source in _in(path)), None)
    form = FILES.get(path.name) or next(
        (
            form
            for name, form in FILES.items()
            if path.name.lower().endswith((f".{name}", f"_{name}", f"-{name}"))
        ),
        None,
    )
    form = form or _BY_SUFFIX.get(path.suffix.lower())
    if form is None and path.suffix.lower() == ".gguf" and gguf_file.has_tokenizer(path):
        form = "gguf"
    return TokenizerSource(form, path) if form else None


def _beside(path: Path) -> list[TokenizerSource]:
    """Return the tokenizers in each place where one for a checkpoint may lie, the likeliest first.

    Several encoders and their tokenizers often lie in one folder: which fits is for the reader of
    the tokenizers to say.
    """
    folder = path.parent
    stem = path.name.removesuffix(path.suffix)
    own = [f"{stem}{join}{name}" for join in (".", "_", "-") for name in FILES]
    found = [
        source for name in own if os.path.isfile(folder / name) and (source := alone(folder / name))
    ]
    numbered = folder.name.replace("text_encoder", "tokenizer")
    near = [folder, folder / stem, folder / "tokenizer", folder.parent / numbered]
    # The last are beside a single file with several encoders: FLUX.1, SD 3, HiDream-I1.
    near += [folder / f"tokenizer_{number}" for number in (2, 3, 4)]
    far = [*_below(folder), *_of_comfyui(folder)]
    for place in dict.fromkeys([*near, *far]):
        distance = 1 if place in near else 2
        found += [replace(one, distance=distance) for one in _in(place)]
    return found


def _in(folder: Path) -> Iterator[TokenizerSource]:
    for name, form in FILES.items():
        if os.path.isfile(folder / name):  # False also in a folder that is locked
            yield TokenizerSource(form, folder / name)


def inside(folder: Path) -> Path | None:
    """Return a folder in a folder that holds a tokenizer."""
    return next((source.path.parent for one in _below(folder) for source in _in(one)), None)


def _below(folder: Path) -> list[Path]:
    """Return the folders in a folder, and those in them, as Wan keeps ``google/umt5-xxl``."""
    found: list[Path] = []
    level = [folder]
    for _ in range(_MAX_DEPTH):
        below = []
        for one in level:
            try:
                with os.scandir(one) as listed:
                    names = sorted(entry.name for entry in listed if not entry.name.startswith("."))
                below += [one / name for name in names if os.path.isdir(one / name)]
            except OSError:
                continue
            if len(found) + len(below) >= _MAX_FOLDERS:
                return (found + below)[:_MAX_FOLDERS]
        found += below
        level = below
    return found


def _of_comfyui(folder: Path) -> list[Path]:
    """Return the folders of tokenizers that ComfyUI ships, if the folder lies in one."""
    for root in list(folder.parents)[:_MAX_UP]:
        shipped = root / "comfy" / "text_encoders"
        if os.path.isdir(shipped):
            return [one for one in _below(shipped) if one.name.endswith("_tokenizer")]
    return []
