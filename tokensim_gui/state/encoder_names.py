"""What encoders are called: their labels, sizes, and what was found in a file."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.core.hub.address import place_of, source_name
from tokensim_gui.core.library.catalogue import catalogue
from tokensim_gui.core.library.library import is_built_in
from tokensim_gui.state.notice import Notice, Offer

_MODELS_IN_LABEL, _MODELS_BUILT_IN = 3, 4


def found_notice(name: str, tables: Sequence[dict[str, Any]], can_compare: bool) -> Notice:
    """What was found in a file, the first of it shown, the second offered."""

    def sized(table: dict[str, Any]) -> str:
        size = megabytes(table["bytes"]) if table["bytes"] else "a vocabulary without vectors"
        return f"{table['name']} ({size})"

    first, *others = tables
    lacks = "".join(f" {table['notice']}" for table in tables if table["notice"])
    if not others:
        return Notice(f"{sized(first)} out of {name}. Showing it.{lacks}")
    listed = ", ".join(map(sized, tables[:-1])) + f" and {sized(tables[-1])}"
    offers = [Offer(f"Show {others[0]['name']}", "open", others[0]["slug"])]
    if can_compare:
        offers.append(Offer("Compare", "page", "compare"))
    return Notice(
        f"{len(tables)} text encoders in {name}: {listed}. Showing {first['name']}.{lacks}",
        tuple(offers),
    )


def megabytes(size: int) -> str:
    """A size as the window says it."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"


def models_of(info: TableInfo) -> tuple[str, ...]:
    """Image models whose encoder this is; none for the starter and others.

    A shape tells CLIP and T5. Relatives of a language model share it: there the table must be known
    to be that encoder, or bear its name, as tables of earlier versions do.
    """
    name, models = _by_shape().get((info.rows, info.dim), ("", ()))
    is_told = info.family in ("clip", "unigram") or name == info.encoder
    return models if is_told or info.name.startswith(name) else ()


@cache
def _by_shape() -> dict[tuple[int, int], tuple[str, tuple[str, ...]]]:
    # Out of the catalogue: the importers know more shapes, but take long to import at the start.
    with suppress(TokenSimError):
        return {(entry.rows, entry.dim): (entry.name, entry.models) for entry in catalogue()}
    return {}


def labels(tables: Iterable[TableInfo]) -> dict[str, str]:
    """What the chooser calls each table, by slug: its name, then the models it serves.

    Tables of one name are told apart by the file they are from, or by so much of its path as
    differs: both folders of a model may hold a ``model.safetensors``.
    """
    tables = list(tables)
    times = Counter(info.name for info in tables)
    found = {info.slug: info.name for info in tables}
    for info in tables:
        after = ", ".join(models_of(info)[:_MODELS_IN_LABEL])
        if times[info.name] > 1:
            others = [other.source for other in tables if other.name == info.name and other != info]
            after = _distinct_source(info.source, others) or info.slug
        if is_built_in(info.slug) and after:
            after = f"{', '.join(models_of(info)[:_MODELS_BUILT_IN])} · built in"
        if after:
            found[info.slug] = f"{info.name} · {after}"
    return found


def _distinct_source(source: str, others: Sequence[str]) -> str:
    """The name of a source, or as much of its path as no other has; "" if another has it all."""
    if source_name(source) not in map(source_name, others):
        return source_name(source)
    parts = place_of(source)
    for count in range(2, len(parts) + 1):
        tail = parts[-count:]
        if all(place_of(other)[-count:] != tail for other in others):
            return "/".join(tail)
    return ""
