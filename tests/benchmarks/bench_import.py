"""How long it takes to open a token table out of a checkpoint of 1 GB, beside other ways.

A plain copy of the table's bytes is the bound; loading the whole file is what users do today.
The file is in the system's cache for all alike.
"""

import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from report import Median, row
from safetensors.torch import load_file, save_file

from tokensim_gui.core.checkpoints import Candidate, candidates, read_vectors

KEY = "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight"
ROUNDS = 7
MAX_RATIO = 1.5


def rows() -> list[dict[str, object]]:
    """Measure both formats; times are medians in milliseconds."""
    state = {
        "model.diffusion_model.input_blocks.0.0.weight": torch.zeros(450_000_000, dtype=torch.half),
        KEY: torch.randn(49408, 768).half(),
    }
    result = []
    with tempfile.TemporaryDirectory() as folder:
        safetensors, pickled = Path(folder) / "sd.safetensors", Path(folder) / "sd.ckpt"
        save_file(state, safetensors)
        torch.save({"state_dict": state}, pickled)
        del state
        # It only maps the file: without the copy nothing would be read.
        result += _compare(
            safetensors,
            "safetensors.torch.load_file, copied",
            lambda path: load_file(path)[KEY].clone(),
        )
        result += _compare(
            pickled, "torch.load", lambda path: torch.load(path, weights_only=True)["state_dict"]
        )
    return result


def _compare(path: Path, peer: str, load: Callable[[Path], object]) -> list[dict[str, object]]:
    (found,) = candidates(path)
    ways: dict[str, Callable[[Path], object]] = {
        "ours": _open,
        "plain copy of the table": lambda _: _copy(found),
        peer: load,
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, run in ways.items():
            gc.collect()
            start = time.perf_counter()
            kept = run(path)
            times[way].append(1000 * (time.perf_counter() - start))
            del kept
    ours, copy, whole = (Median(times[way]) for way in ways)
    name = f"open CLIP-L out of a {path.suffix} of 1 GB"
    return [
        row(name, ours, "plain copy of the table", copy, MAX_RATIO),
        row(name, ours, peer, whole, None),
    ]


def _open(path: Path) -> list[bytes]:
    (found,) = candidates(path)
    return list(read_vectors(found))


def _copy(found: Candidate) -> bytes:
    with found.path.open("rb", buffering=0) as file:
        file.seek(found.offset)
        return file.read(found.nbytes)
