"""What readers of the notebook behind this program have: their queries and their files."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from tokensim_gui.core import paths

SUM = "(cute + girl) / 2"
QUOTED = "Between quotes, signs are text."
NO_VECTOR = "they have no vector."
QUERIES: tuple[tuple[str, str, str, str], ...] = (
    # The query, what is said of it, what is offered instead, and its first word.
    (SUM, "", "", "cute"),
    ("“cute+girl”/2", QUOTED, SUM, "girl"),
    ('"cute+girl"/2', QUOTED, SUM, "girl"),
    ("cute+girl/2", "“girl/2” is read as a word.", SUM, "cute"),
    ("2 × cat", "“×” is read as text.", "2 * cat", "×"),
    ("king − man + woman", "“−” is read as text.", "king - man + woman", "woman"),
    ("（cute ＋ girl）／2", "“（” is read as text.", "(cute + girl)/2", "cute"),
    ("a 4 × 4 truck", "", "", "4"),
    ("ðŁĺħ", "“ðŁĺħ” is how CLIP writes 😅.", "😅", ""),
    ("🧔🏻‍♂️", NO_VECTOR, "", "🏻‍♂️"),
    ("5” heels", NO_VECTOR, "", "heels"),
)
ROWS, DIM = 1_000, 64


def write_files(folder: Path) -> Iterator[tuple[Path, int, int]]:
    """Write every form of a table of vectors, and the lists of pieces.

    Yields:
        Path, rows and numbers a vector; 0 numbers for what has none.
    """

    def table(seed: int, rows: int = ROWS) -> torch.Tensor:  # equal vectors would be one table
        return torch.randn(rows, DIM, generator=torch.Generator().manual_seed(seed))

    saved: dict[str, object] = {
        "sd15_tensors": table(0, 49_407),
        "parameter": torch.nn.Parameter(table(1)),
        "rows": [row.clone() for row in table(2)],
        "dictionary": {"mine": table(3)},
        "embedding": torch.nn.Embedding.from_pretrained(table(4)),
    }
    for name, content in saved.items():
        torch.save(content, folder / f"{name}.pt")
        yield folder / f"{name}.pt", 49_408 if name == "sd15_tensors" else ROWS, DIM
    np.save(folder / "array.npy", table(5).numpy())
    yield folder / "array.npy", ROWS, DIM
    save_file({"any name": table(6)}, folder / "one.safetensors")
    yield folder / "one.safetensors", ROWS, DIM
    tokenizer = paths.resource("starter/tokenizer.json").read_bytes()
    for name, content in (
        ("tokenizer.json", tokenizer),
        ("vocab.json", json.dumps(json.loads(tokenizer)["model"]["vocab"]).encode()),
    ):
        (folder / name.partition(".")[0]).mkdir()
        path = folder / name.partition(".")[0] / name
        path.write_bytes(content)
        yield path, 49_408, 0
