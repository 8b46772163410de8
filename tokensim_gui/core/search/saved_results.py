"""Results on disk, so that the first screen is drawn before any search has run."""

import io
import json
import zipfile
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from tokensim_gui.core.files import atomic
from tokensim_gui.core.values import OwnToken, Query, Results, TokenFilter, frozen_array

_MAX_BYTES = 1_000_000
_ARRAYS = ("ids", "scores", "map_ids", "coords", "map_own")
_VALUES = ("slug", "passing", "unfiltered", "average", "explained", "faithfulness", "device")


def save_results(path: Path, results: Results, rows: int) -> None:
    """Write results of a table with ``rows`` rows, atomically.

    Raises:
        FileError: The file can't be written.
    """
    values = {name: getattr(results, name) for name in _VALUES}
    said = {
        "rows": rows,
        "query": asdict(results.query),
        "own": [(own.id, own.score, own.coefficient, own.term) for own in results.own],
        **values,
    }
    buffer = io.BytesIO()
    arrays = {name: getattr(results, name) for name in _ARRAYS}
    np.savez(buffer, said=np.frombuffer(json.dumps(said).encode(), np.uint8), **arrays)
    atomic.write_atomically(path, buffer.getvalue())


def load_results(path: Path, rows: int) -> Results | None:
    """Read what `save_results` wrote; None for anything that is missing, damaged or of old.

    Args:
        path: The file.
        rows: Rows of the table; results of a table with other rows are not used.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        with np.load(path, allow_pickle=False) as file:
            said = json.loads(file["said"].tobytes())
            arrays: dict[str, Any] = {name: frozen_array(file[name]) for name in _ARRAYS}
        query: dict[str, Any] = dict(said["query"])
        wanted: dict[str, Any] = dict(query.pop("filter"))
        if said["rows"] != rows or set(query) | {"filter"} != {f.name for f in fields(Query)}:
            return None
        lists: dict[str, Any] = {
            key: tuple(wanted[key]) for key in ("kinds", "typeable", "scripts")
        }
        token_filter = TokenFilter(wanted["text"], **lists)
        results = Results(
            query=Query(**query, filter=token_filter),
            own=tuple(OwnToken(*own) for own in said["own"]),
            hint=None,
            problem=None,
            elapsed_ms=0.0,
            **{name: said[name] for name in _VALUES},
            **arrays,
        )
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError):
        return None
    return results if _fits(results, rows) else None


def _fits(results: Results, rows: int) -> bool:
    """Whether shapes and ids are such that no view can stumble over them."""
    shown = len(results.map_ids) + len(results.map_own) + 1
    ids = np.concatenate([results.ids, results.map_ids, results.map_own, [0]])
    own = [token.id for token in results.own]
    return (
        results.ids.dtype == results.map_ids.dtype == np.int32
        and results.scores.dtype == np.float64
        and results.ids.ndim == results.scores.ndim == 1
        and len(results.ids) == len(results.scores)
        and results.coords.shape == (shown, 2)
        and bool(np.isfinite(results.coords).all())
        and bool(np.isfinite(results.scores).all())
        and 0 <= ids.min() <= ids.max() < rows
        and all(0 <= token < rows for token in own)
    )
