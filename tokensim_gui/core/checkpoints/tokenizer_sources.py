"""Where a tokenizer for a token table is: bundled, in the checkpoint, or beside it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from tokensim_gui.core.checkpoints import gguf_file
from tokensim_gui.core.checkpoints.checkpoint_layouts import TokenTable
from tokensim_gui.core.checkpoints.entries import TensorEntry

Form: TypeAlias = Literal["bundled", "json", "vocab", "sentencepiece", "tekken", "gguf"]

TENSORS: dict[str, Form] = {
    "tokenizer_json": "json",
    "spiece_model": "sentencepiece",
    "tekken_model": "tekken",
}
_FILES: dict[str, Form] = {
    "tokenizer.json": "json",
    "vocab.json": "vocab",
    "spiece.model": "sentencepiece",
    "tokenizer.model": "sentencepiece",
    "sentencepiece.bpe.model": "sentencepiece",
    "tekken.json": "tekken",
}


@dataclass(frozen=True, slots=True)
class TokenizerSource:
    """A tokenizer that belongs to a token table.

    Attributes:
        form: ``bundled``: CLIP's, which ships with TokenSim; ``json``: a tokenizer.json;
            ``vocab``: a vocab.json, with merges.txt beside it; ``sentencepiece``: a ModelProto;
            ``tekken``: a tekken.json; ``gguf``: the header of a GGUF file.
        path: The file; empty for ``bundled``.
        place: Offset and size in bytes within that file; None for the whole file.
        name: What users call the file, where that is not its own name.
    """

    form: Form
    path: Path = Path()
    place: tuple[int, int] | None = None
    name: str = ""

    @property
    def title(self) -> str:
        """What begins a sentence about it."""
        if self.form == "bundled":
            return "The tokenizer of CLIP"
        if self.form == "gguf" or self.place is not None:
            return f"The tokenizer in {self.name or self.path.name}"
        return self.name or f"{self.path.parent.name}/{self.path.name}"


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
    if gguf_file.has_tokenizer(path):
        inside = TokenizerSource("gguf", path)
    return (*([inside] if inside else []), *_beside(path))


def listed(table: TokenTable, entries: Sequence[TensorEntry]) -> TokenizerSource | None:
    """Return the tokenizer that is bundled, or stored as a tensor, without reading any file.

    Args:
        table: The token table.
        entries: All tensors of its checkpoint.
    """
    if table.encoder.family == "clip":
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


def _beside(path: Path) -> list[TokenizerSource]:
    """Return the first tokenizer of each place where one for a checkpoint may lie."""
    folder = path.parent
    numbered = folder.name.replace("text_encoder", "tokenizer")
    # The last are beside a single file with several encoders: FLUX.1, SD 3, HiDream-I1.
    places = [folder, folder / "tokenizer", folder.parent / numbered]
    places += [folder / f"tokenizer_{number}" for number in (2, 3, 4)]
    found = []
    for place in dict.fromkeys(places):
        for name, form in _FILES.items():
            if os.path.isfile(place / name):  # False also in a folder that is locked
                found.append(TokenizerSource(form, place / name))
                break
    return found
