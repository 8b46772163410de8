"""Small tables and checkpoints to import, and what the library holds of them."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tokensim_gui.core.files.table import Table, save_table
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

ROWS, DIM = 1000, 64
KEY = "model.embed_tokens.weight"


def vectors(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((ROWS, DIM)).astype(np.float16)


def checkpoint(path: Path, seed: int = 0, keys: tuple[str, ...] = (KEY,)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {key: vectors(seed + number) for number, key in enumerate(keys)}
    save_file({**tensors, "other": np.zeros(100_000, np.float32)}, path)
    return path


def tokenizer_json() -> bytes:
    """Return a byte-level tokenizer of 256 + 2 pieces, written by the library itself."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: number for number, piece in enumerate([*alphabet, "ca", "cat"])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [("c", "a"), ("ca", "t")]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer.to_str().encode()


def add(library: TableLibrary, name: str, replaces: str | None = None, seed: int = 0) -> str:
    with library.adding(name, replaces) as new:
        fill(new.folder, name, seed)
    return new.slug


def fill(folder: Path, name: str, seed: int = 0) -> None:
    vectors = np.random.default_rng(seed).standard_normal((20, 4)).astype("<f4")
    save_table(
        folder, name, "clip", "F32", 20, 4, [vectors.tobytes()], source=f"{folder.name}.file"
    )


def imported(library: TableLibrary) -> list[str]:
    return [info.slug for info in library.tables() if info.slug != "starter"]


def folders(library: TableLibrary) -> list[Path]:
    return sorted((library.root / "tables").glob("*"))


def assert_holds(library: TableLibrary, slug: str, expected: np.ndarray) -> None:
    table = Table.load(library.folder(slug))
    assert table.data.tobytes() == expected.tobytes()
    assert Vocabulary.load(library.folder(slug)).rows == len(expected)
    library.verify(slug)
