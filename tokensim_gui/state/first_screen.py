"""What the window shows before torch is there: the last table, query and answer."""

import logging
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tokensim_gui.core import paths
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.core.search.saved_results import load_results, save_results
from tokensim_gui.core.values import Query, Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.jobs.tokenizers import Tokenizers
from tokensim_gui.state.settings import Settings

_log = logging.getLogger(__name__)


def first_table(
    library: TableLibrary, tokenizers: Tokenizers, slug: str
) -> tuple[TableInfo, Vocabulary]:
    """The table asked for ("" for the library's default) if it can be shown at once.

    Else the starter.
    """
    slug = slug or library.default
    with suppress(TokenSimError):
        folder = library.folder(slug)
        known = Vocabulary.load_stored(folder, tokenizers.open)  # deriving one takes seconds
        if known is not None:
            return library.info(slug), known
    folder = library.folder(STARTER)
    return library.info(STARTER), Vocabulary.load(folder, open_splitter=tokenizers.open)


def first_query(settings: Settings) -> Query:
    """The query and the options of the last time."""
    return Query(
        settings.last_query,
        settings.order,
        settings.metric,
        settings.inputs,
        settings.count,
        settings.map_count,
        leave_out_own=settings.leave_out_own,
        leave_out_forms=settings.leave_out_forms,
    )


def stored_answer(query: Query, slug: str, rows: int) -> Results | None:
    """The answer to a query where the last session or TokenSim itself left one."""
    shipped = paths.resource("tables").glob("*/first_result.npz")
    for path in (_last_path(), paths.resource("first_result.npz"), *shipped):
        stored = load_results(path, rows)
        if stored is not None:
            # More points on the map than asked for do no harm.
            asked = replace(query, map_count=stored.query.map_count)
            if (stored.query, stored.slug) == (asked, slug):
                return stored
    return None


def keep_answer(results: Results, rows: int) -> None:
    """Leave an answer for the next start; it is not worth a message where that fails."""
    try:
        save_results(_last_path(), results, rows)
    except TokenSimError as error:
        _log.warning("%s", error)


def _last_path() -> Path:
    return paths.cache_dir() / "last_results.npz"
