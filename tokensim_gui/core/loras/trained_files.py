"""The LoRAs and textual inversions of this computer: where programs keep them, and what is in them.

A list of them is kept in one file, so that a second look reads only what is new or changed.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from tokensim_gui.core.checkpoints.scan import ModelFolder, roots
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.atomic import write_atomically
from tokensim_gui.core.files.regular_file import read_regular
from tokensim_gui.core.job import Job
from tokensim_gui.core.loras.inversion_file import read_inversions
from tokensim_gui.core.loras.lora_card import read_lora
from tokensim_gui.core.paths import data_dir, displayed

What: TypeAlias = Literal["LoRA", "embedding"]

_SUFFIXES = frozenset((".safetensors", ".pt", ".bin", ".ckpt", ".pth"))
_MAX_DEPTH, _MAX_ENTRIES = 8, 200_000
_MAX_INVERSION_BYTES = 64 * 2**20
_MAX_PICTURE_BYTES = 16 * 2**20
_MAX_LIST_BYTES = 512 * 2**20
_LISTED_TAGS, _LISTED_TRIGGERS = 60, 20


@dataclass(frozen=True, slots=True)
class TrainedFile:
    """A LoRA or a textual inversion, as a list shows it.

    Attributes:
        path: Where it lies.
        what: What it is.
        name: Without its suffix: what A1111 and ComfyUI call it by.
        title: What its trainer called it.
        base: The image model, or "" where that is not known.
        kind: LoRA, LoHa …; of an inversion its vectors, such as ``2 × 768``.
        triggers: Its words, the surest first.
        tags: The commonest tags that it was trained on.
        inversions: Names of the textual inversions in it.
        size: In bytes.
        mtime_ns: When it was changed.
    """

    path: str
    what: What
    name: str
    title: str
    base: str
    kind: str
    triggers: tuple[str, ...]
    tags: tuple[str, ...]
    inversions: tuple[str, ...]
    size: int
    mtime_ns: int


def trained_folders() -> list[ModelFolder]:
    """Return the folders for LoRAs and embeddings that exist; nothing in them is looked at.

    They are where the programs put them by default, or where their own environment variables
    say: ``COMFYUI_PATH``, ``SD_WEBUI_PATH``, ``INVOKEAI_ROOT``, ``SD_DATADIR``.
    """
    home = Path.home()
    webui = ("stable-diffusion-webui", "stable-diffusion-webui-forge")
    programs: dict[str, tuple[list[Path], tuple[str, ...]]] = {
        "ComfyUI": (
            roots("COMFYUI_PATH", home / "ComfyUI", home / "Documents" / "ComfyUI"),
            ("models/loras", "models/embeddings"),
        ),
        "A1111, Forge": (
            roots("SD_WEBUI_PATH", *(home / name for name in webui)),
            ("models/Lora", "models/LyCORIS", "embeddings"),
        ),
        "InvokeAI": (roots("INVOKEAI_ROOT", home / "invokeai"), ("models", "autoimport")),
        "SD.Next": (
            roots("SD_DATADIR", home / "automatic", home / "sdnext"),
            ("models/Lora", "models/embeddings"),
        ),
    }
    return [
        ModelFolder(program, root / inner)
        for program, (places, inside) in programs.items()
        for root in places
        for inner in inside
        if os.path.isdir(root / inner)
    ]


def identify(path: Path) -> TrainedFile | None:
    """Return what a file is, or None where it is neither a LoRA nor a textual inversion.

    Of a LoRA only the header is read.

    Raises:
        FileError: It can't be read or is damaged.
    """
    if os.path.isdir(path):
        return None
    try:
        info = path.stat()
    except OSError as error:
        raise FileError(f"{path.name} can't be read: {error.strerror or error}.") from error
    if path.suffix.lower() in _SUFFIXES:
        with suppress(FileError):
            card = read_lora(path)
            return TrainedFile(
                str(path),
                "LoRA",
                displayed(path.stem),
                card.name,
                card.base,
                card.kind,
                tuple(one.text for one in card.triggers[:_LISTED_TRIGGERS]),
                tuple(tag for tag, _ in card.tags[:_LISTED_TAGS]),
                card.inversions,
                info.st_size,
                info.st_mtime_ns,
            )
    if info.st_size > _MAX_INVERSION_BYTES:
        return None
    try:
        first = read_inversions(path)[0]
    except FileError:
        return None
    kind = " + ".join(f"{len(part.vectors)} × {part.vectors.shape[1]}" for part in first.parts)
    return TrainedFile(
        str(path),
        "embedding",
        displayed(path.stem),
        first.name,
        ", ".join(first.fits),
        kind,
        (first.token,) if first.token else (),
        (),
        (first.name,),
        info.st_size,
        info.st_mtime_ns,
    )


def look_through(
    folders: Iterable[Path], known: Sequence[TrainedFile], job: Job | None = None
) -> list[TrainedFile]:
    """Return the LoRAs and inversions below some folders, and those known elsewhere.

    Files that are as they were are not read again; those that are gone are left out. Links are
    followed, nothing is given twice, and no loop is entered.

    Args:
        folders: Where to look.
        known: What was found before.
        job: Progress, as the number of files so far out of 0, which is unknown; cancellation.

    Raises:
        JobCancelled: The job was cancelled.
    """
    job = job or Job()
    before = {one.path: one for one in known}
    found: dict[str, TrainedFile] = {}
    for number, entry in enumerate(_files(list(folders), job)):
        job.progress(number, 0, f"Looking at {entry.name}")
        old = before.get(entry.path)
        try:
            info = entry.stat()
            if old is None or (old.size, old.mtime_ns) != (info.st_size, info.st_mtime_ns):
                old = identify(Path(entry.path))
        except (OSError, FileError):
            continue
        if old is not None:
            found[entry.path] = old
    for path, one in before.items():
        if path not in found and os.path.isfile(path):
            found[path] = one
    return list(sorted_files(found.values()))


def _files(folders: list[Path], job: Job) -> Iterator["os.DirEntry[str]"]:
    seen: set[tuple[int, int]] = set()
    waiting = [(str(path), 0) for path in reversed(folders)]
    count = 0
    while waiting:
        folder, depth = waiting.pop()
        job.check()
        try:
            info = os.stat(folder)
            if (info.st_dev, info.st_ino) in seen:
                continue
            seen.add((info.st_dev, info.st_ino))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            count += 1
            if count > _MAX_ENTRIES:
                return
            with suppress(OSError):
                if entry.is_dir():
                    if depth < _MAX_DEPTH and not entry.name.startswith("."):
                        waiting.append((entry.path, depth + 1))
                elif _may_be_trained(entry, folder) and entry.is_file():
                    info = entry.stat()
                    if (info.st_dev, info.st_ino) not in seen:
                        seen.add((info.st_dev, info.st_ino))
                        yield entry


def _may_be_trained(entry: "os.DirEntry[str]", folder: str) -> bool:
    suffix = os.path.splitext(entry.name)[1].lower()
    if suffix in _SUFFIXES:
        return True
    # Any picture may be one of A1111's embeddings; elsewhere they are previews.
    pictured = suffix == ".png" and "embedding" in folder.lower()
    return pictured and entry.stat().st_size <= _MAX_PICTURE_BYTES


# The list ---------------------------------------------------------------------------------------


def list_path() -> Path:
    """Where the list is kept."""
    return data_dir() / "trained_files.json"


def stored_list() -> tuple[TrainedFile, ...]:
    """Return the list as it was kept; empty where there is none, or it can't be read."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        content = json.loads(read_regular(list_path(), _MAX_LIST_BYTES))
        return tuple(listed(one) for one in content)
    return ()


def store_list(files: Sequence[TrainedFile]) -> None:
    """Keep the list.

    Raises:
        FileError: It can't be written.
    """
    content = json.dumps([asdict(one) for one in files], ensure_ascii=True)
    write_atomically(list_path(), content.encode())


def sorted_files(files: Iterable[TrainedFile]) -> tuple[TrainedFile, ...]:
    """Return files in the order of their names."""
    return tuple(sorted(files, key=lambda one: (one.name.casefold(), one.path)))


def listed(one: dict[str, Any]) -> TrainedFile:
    """Return a file as its JSON object says.

    Raises:
        ValueError, KeyError, TypeError: That is none.
    """
    texts = ("path", "what", "name", "title", "base", "kind")
    lists = ("triggers", "tags", "inversions")
    numbers = ("size", "mtime_ns")
    if not (
        all(isinstance(one[name], str) for name in texts)
        and all(isinstance(one[name], list) for name in lists)
        and all(type(one[name]) is int for name in numbers)
    ):
        raise ValueError
    return TrainedFile(**{**one, **{name: tuple(map(str, one[name])) for name in lists}})
