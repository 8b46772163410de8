"""What names a repository of the Hugging Face Hub and a file in it."""

import os
import re
from typing import Final

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.safetensors_format import INDEX_ENDING

HUB: Final = "hf:"
"""What a source begins with that is not on this computer."""

# A part of a checkpoint; a name of all of it, where that has one of its own, and how it ends.
_PART = re.compile(r"(?:(?:pytorch_)?model(?:\.\w+)?|(.+))-\d{5}-of-\d{5}(\.\w+)")
_CACHED = "models--"  # a folder of the cache of huggingface_hub: models--OWNER--REPO
_REPO = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}/[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}")
_INDEX = re.compile(rf".+\.safetensors{INDEX_ENDING}")
_WEB_PAGE = re.compile(
    r"(?:https?://)?(?:www\.)?huggingface\.co/([^/]+/[^/:?#]+)(?:/(?:blob|resolve)/[^/]+/([^?#]+))?.*"
)


def is_hub_repo(value: object) -> bool:
    """Tell whether ``value`` is of the form ``OWNER/REPO``."""
    return isinstance(value, str) and _REPO.fullmatch(value) is not None


def is_hub_file(value: object) -> bool:
    """Tell whether ``value`` is a plain path within a repository."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= 500
        and value.isprintable()
        and not set(value) & set("\\:?#")
        and all(part not in ("", ".", "..") for part in value.split("/"))
    )


def is_index(file: str) -> bool:
    """Tell whether a file of a repository lists the shards of a checkpoint."""
    return _INDEX.fullmatch(file) is not None


def parse_address(address: str) -> tuple[str, str | None]:
    """Return repository and file (or None) of ``OWNER/REPO[:FILE]``.

    Raises:
        TokenSimError: It is not of that form, or the file can't be fetched in part.
    """
    name, colon, file = address.partition(":")
    if not is_hub_repo(name) or (colon and not is_hub_file(file)):
        raise TokenSimError(f"“{address[:200]}” is not of the form OWNER/REPO or OWNER/REPO:FILE.")
    if colon and not (file.endswith(".safetensors") or is_index(file)):
        raise TokenSimError(
            f"{file} is not a safetensors file, and only those are fetched in part. "
            "Download it and open it."
        )
    return name, file if colon else None


def refuse_web_page(source: str) -> None:
    """Tell the form of a hub address to those who have that of its web page.

    Raises:
        TokenSimError: It is that of a web page.
    """
    page = _WEB_PAGE.fullmatch(source)
    if page is not None and not os.path.exists(source):
        address = HUB + ":".join(part for part in page.groups() if part)
        raise TokenSimError(f"{source} is a web page. Type {address} to fetch its token vectors.")


def source_name(source: str) -> str:
    """Where a table is from, in short: the name of the file or of the folder, or the repository."""
    if source.startswith(HUB):
        return source.removeprefix(HUB).partition(":")[0]
    return place_of(source)[-1]


def place_of(source: str) -> list[str]:
    """The folders that lead to a file or repository, and its name.

    Of a checkpoint in parts that of the whole, or of its folder alone where the parts are called
    ``model-00001-of-00002.safetensors``.
    """
    parting = r"[/\\:]+" if source.startswith(HUB) else r":?[/\\]+"
    *folders, name = re.split(parting, source.removeprefix(HUB))
    part = _PART.fullmatch(name)
    if part is None:
        return [*folders, name]
    if part[1]:
        return [*folders, part[1] + part[2]]
    if folders[-2:-1] == ["snapshots"] and (repository := hub_repo(source)):
        return [*folders[:-3], repository]  # and not the hash of its commit
    return folders or [name]


def hub_repo(source: str) -> str:
    """The repository of a table that was fetched, or opened in the hub's own cache; else ""."""
    if source.startswith(HUB):
        return source_name(source)
    for folder in re.split(r"[/\\]", source):
        if folder.startswith(_CACHED):
            return folder.removeprefix(_CACHED).replace("--", "/", 1)
    return ""
