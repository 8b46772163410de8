"""Which encoders of the hub are on this computer: by where tables are from, or by their content."""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.regular_file import read_regular
from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.core.hub.address import hub_repo
from tokensim_gui.core.library.catalogue import CatalogueEntry
from tokensim_gui.core.library.library import FETCHED, TableLibrary

_MAX_BYTES = 1_000_000


def remember(library: TableLibrary, source: str, key: str, sha256: str) -> None:
    """Keep what was fetched from where: it may be stored as a table of another file.

    A folder that can't be written to forgets it.

    Args:
        library: Whose data folder keeps it.
        source: ``hf:OWNER/REPO:FILE``.
        key: Name of the tensor.
        sha256: Of the vectors.
    """
    with suppress(FileError), library.writing():
        known = {**_known(library.root), f"{hub_repo(source)} {key}": sha256}
        atomic.write_atomically(library.root / FETCHED, json.dumps(known, indent=1).encode())


def here(
    entries: Iterable[CatalogueEntry], tables: Iterable[TableInfo], root: Path
) -> dict[CatalogueEntry, str]:
    """Return those whose vectors are here, each with the slug of its table.

    They are from that repository, or equal to what came from it.
    """
    known = _known(root)
    by_origin, by_content = {}, {}
    for info in tables:
        by_origin[hub_repo(info.source), info.key] = info.slug
        by_content[info.sha256] = info.slug
    found = {}
    for entry in entries:
        content = known.get(f"{entry.repo} {entry.key}", "")
        if slug := by_origin.get((entry.repo, entry.key)) or by_content.get(content):
            found[entry] = slug
    return found


def _known(root: Path) -> dict[str, str]:
    try:
        content = json.loads(read_regular(root / FETCHED, _MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
