"""Encoders whose token tables can be fetched, as data in ``resources/catalogue.json``."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.number_formats import ITEM_BYTES
from tokensim_gui.core.hub.address import is_hub_file, is_hub_repo

_MAX_BYTES = 1_000_000
_KEYS = {
    "name", "models", "repo", "file", "key", "rows", "dim", "dtype", "whole_bytes", "licence",
    "tokenizer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CatalogueTokenizer:
    """A tokenizer on the hub.

    Attributes:
        repo: ``OWNER/REPO``.
        file: The file in it.
        megabytes: About its size; 0 where that is not known.
    """

    repo: str
    file: str
    megabytes: int = 0

    @property
    def address(self) -> str:
        """What ``tokensim name`` takes after ``hf:``."""
        return f"{self.repo}:{self.file}"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A token table on the hub.

    Attributes:
        name: What users call the encoder.
        models: Image models that use it.
        repo: ``OWNER/REPO``.
        file: The safetensors file in it, or an index of shards.
        key: Name of the tensor.
        rows: Number of vectors.
        dim: Numbers per vector.
        dtype: As stored.
        whole_bytes: What a download of the whole encoder takes, as the hub rounds it.
        licence: Of the weights.
        tokenizer: Its tokenizer; None for CLIP's, which is bundled.
        bytes: Size of the table alone, which is what is fetched.
    """

    name: str
    models: tuple[str, ...]
    repo: str
    file: str
    key: str
    rows: int
    dim: int
    dtype: str
    whole_bytes: int
    licence: str
    tokenizer: CatalogueTokenizer | None
    bytes: int

    @property
    def address(self) -> str:
        """What ``tokensim import`` takes after ``hf:``."""
        return f"{self.repo}:{self.file}"


def catalogue(path: Path | None = None) -> list[CatalogueEntry]:
    """Read the catalogue (default: the one that ships with TokenSim).

    Raises:
        FileError: It can't be read, or is not well-formed.
    """
    path = path or paths.resource("catalogue.json")
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError
        content = json.loads(path.read_bytes())
        if not isinstance(content, list):
            raise ValueError
        return [_entry(one) for one in content]
    except OSError as error:
        raise FileError(f"{path.name} can't be read: {error.strerror or error}.") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise FileError(f"{path.name} is damaged. Install TokenSim again.") from error


def _entry(one: Any) -> CatalogueEntry:  # noqa: ANN401  (what JSON holds)
    if not isinstance(one, dict) or one.keys() != _KEYS:
        raise ValueError
    texts = [one["name"], one["key"], one["licence"]]
    if not isinstance(one["models"], list) or not all(map(_is_text, texts + one["models"])):
        raise ValueError
    numbers = [one["rows"], one["dim"], one["whole_bytes"]]
    if not all(type(number) is int and 0 < number < 2**40 for number in numbers):
        raise ValueError
    if not is_hub_repo(one["repo"]) or not is_hub_file(one["file"]):
        raise ValueError
    if not isinstance(one["dtype"], str) or one["dtype"] not in ITEM_BYTES:
        raise ValueError
    fields = {**one, "models": tuple(one["models"]), "tokenizer": _tokenizer(one["tokenizer"])}
    nbytes = one["rows"] * one["dim"] * ITEM_BYTES[one["dtype"]]
    return CatalogueEntry(**fields, bytes=nbytes)


def _tokenizer(value: object) -> CatalogueTokenizer | None:
    if value == "clip":
        return None
    if not isinstance(value, dict):
        raise ValueError
    one = CatalogueTokenizer(**value)
    is_address = is_hub_repo(one.repo) and is_hub_file(one.file)
    if not is_address or type(one.megabytes) is not int or not 0 <= one.megabytes < 1000:
        raise ValueError
    return one


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()
