"""Find checkpoints in the model folders of other programs, on request only."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tokensim_gui.core.checkpoints import Candidate, candidates
from tokensim_gui.core.checkpoints.folders import SUFFIXES
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.job import Job

_MAX_DEPTH = 8
_MAX_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder in which a program keeps models."""

    program: str
    path: Path


def scan_folders() -> list[ModelFolder]:
    """Return the model folders that exist on this computer; nothing in them is looked at.

    They are where the programs put them by default, or where their own environment variables
    say: ``COMFYUI_PATH``, ``SD_WEBUI_PATH``, ``INVOKEAI_ROOT``, and ``HF_HUB_CACHE`` or
    ``HF_HOME`` for the cache of Hugging Face.
    """
    home = Path.home()
    programs = {
        "ComfyUI": [
            folder / "models"
            for folder in roots("COMFYUI_PATH", home / "ComfyUI", home / "Documents" / "ComfyUI")
        ],
        "A1111, Forge": [
            folder / "models" / kind
            for folder in roots(
                "SD_WEBUI_PATH",
                home / "stable-diffusion-webui",
                home / "stable-diffusion-webui-forge",
            )
            for kind in ("Stable-diffusion", "text_encoder")
        ],
        "InvokeAI": [folder / "models" for folder in roots("INVOKEAI_ROOT", home / "invokeai")],
        "Hugging Face": [_hugging_face_cache(home)],
    }
    return [
        ModelFolder(program, path)
        for program, paths in programs.items()
        for path in paths
        if os.path.isdir(path)
    ]


def scan(folders: Iterable[Path], job: Job | None = None) -> Iterator[tuple[Path, list[Candidate]]]:
    """Give the checkpoints below ``folders`` that hold token tables, with what they hold.

    A folder that makes up one checkpoint (diffusers, transformers, the cache of Hugging Face) is
    given as a whole. Files without a token table, damaged ones, and what can't be read are
    passed over. Links are followed; nothing is given twice, and no loop is entered.

    Args:
        folders: Where to look.
        job: Progress, as the number of files and folders so far out of 0, which is unknown;
            and cancellation.

    Raises:
        JobCancelled: The job was cancelled.
    """
    job = job or Job()
    seen: set[tuple[int, int]] = set()
    waiting = [(path, 0) for path in reversed(list(folders))]
    while waiting and len(seen) < _MAX_ENTRIES:
        path, depth = waiting.pop()
        job.progress(len(seen), 0, f"Looking at {path.name}")
        try:
            info = path.stat()
            if (info.st_dev, info.st_ino) in seen:
                continue
            seen.add((info.st_dev, info.st_ino))
            below = sorted(path.iterdir(), reverse=True) if path.is_dir() else None
        except OSError:
            continue
        if below is not None and not _is_checkpoint({one.name for one in below}):
            if depth < _MAX_DEPTH:
                waiting += [
                    (one, depth + 1)
                    for one in below
                    if one.suffix.lower() in SUFFIXES or _may_hold_models(one)
                ]
            continue
        try:
            found = candidates(path)
        except FileError:
            continue
        yield path, found


def roots(variable: str, *defaults: Path) -> list[Path]:
    """Return where a program lies: where its environment variable says, or by default."""
    value = os.environ.get(variable)
    return [Path(value).expanduser()] if value else list(defaults)


def _hugging_face_cache(home: Path) -> Path:
    # As huggingface_hub has it; importing that costs more than these lines.
    if cache := os.environ.get("HF_HUB_CACHE"):
        return Path(cache).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    return Path(os.environ.get("HF_HOME") or Path(base) / "huggingface").expanduser() / "hub"


def _is_checkpoint(names: set[str]) -> bool:
    """Tell whether a folder of these names is one model, by what diffusers and others write."""
    return bool(
        "model_index.json" in names
        or {"snapshots", "refs"} <= names
        or ("config.json" in names and any(Path(name).suffix in SUFFIXES for name in names))
    )


def _may_hold_models(path: Path) -> bool:
    # Hugging Face keeps data sets and web pages beside models, and everything twice below blobs.
    hidden = path.name.startswith((".", "datasets--", "spaces--"))
    return not hidden and os.path.isdir(path)
