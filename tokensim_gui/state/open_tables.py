"""Tables that are open beside the one of the Search page, at most four."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.table import Table, TableInfo
from tokensim_gui.core.job import Job
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.search.engine_opening import engine_for
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.encoders import labels

if TYPE_CHECKING:
    from tokensim_gui.core.search.engine import Engine

MOST = 4
_KIND = "compare-open "


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table that can be searched, with all that belongs to it."""

    info: TableInfo
    vocabulary: Vocabulary
    table: Table
    engine: "Engine"


def open_table(info: TableInfo, folder: Path, vocabulary: Vocabulary | None, job: Job) -> OpenTable:
    """Load a table and make its engine; runs on the worker thread.

    Args:
        info: What the library knows of it.
        folder: Where it lies.
        vocabulary: Its vocabulary, if that was loaded before.
        job: Cancels between the steps.

    Raises:
        FileError: The table can't be read.
    """
    job.check()
    table = replace(Table.load(folder), info=info)
    job.check()
    if vocabulary is None:
        vocabulary = Vocabulary.load(folder)
    with suppress(Exception):
        vocabulary.encode("a")  # loads the tokenizer here and not at the first key press
    return OpenTable(info, vocabulary, table, engine_for(table, vocabulary, job))


class ExtraTables(QObject):
    """Opens tables of the library on the worker, and forgets those not asked for any more."""

    opened = Signal(str)  # slug
    failed = Signal(str, object)  # slug, TokenSimError
    listChanged = Signal()

    def __init__(
        self,
        library: TableLibrary,
        worker: Worker,
        current: Callable[[], OpenTable | None],
        parent: QObject | None = None,
    ) -> None:
        """Take the library, the worker, and a way to the table that the Search page has open."""
        super().__init__(parent)
        self._library, self._worker, self._current = library, worker, current
        self.infos: dict[str, TableInfo] = {}
        """The tables on this computer by slug, the starter first, then in the order of import."""
        self.labels: dict[str, str] = {}
        """By slug what tells each of them from those of the same name."""
        self._extra: dict[str, OpenTable] = {}  # the one asked for last comes last
        self._opening: set[str] = set()
        self._wanted: tuple[str, ...] = ()
        worker.finished.connect(self._on_worker_finished)
        worker.failed.connect(self._on_worker_failed)
        worker.cancelled.connect(self._on_worker_cancelled)

    @Slot()
    def refresh(self) -> None:
        """Look which tables there are now; drop what was removed or imported anew."""
        infos = {info.slug: info for info in self._library.tables()}
        if infos != self.infos:
            self.infos, self.labels = infos, labels(infos.values())
            kept = self._extra.items()
            self._extra = {slug: table for slug, table in kept if self._is_live(table)}
            self.listChanged.emit()

    @property
    def current(self) -> str:
        """Slug of the table of the Search page, "" while none is open."""
        table = self._current()
        return "" if table is None else table.info.slug

    def get(self, slug: str) -> OpenTable | None:
        """The open table of a slug, if it is open."""
        current = self._current()
        if current is not None and current.info.slug == slug and self._is_live(current):
            self._extra.pop(slug, None)
            return current
        return self._extra.get(slug)

    def want(self, slugs: Sequence[str]) -> None:
        """Open those of these tables that are not open; `opened` or `failed` tells of each."""
        self._wanted = tuple(slugs)
        for slug in slugs:
            if self.get(slug) is None and slug not in self._opening:
                self._open(slug)
            elif slug in self._extra:
                self._extra[slug] = self._extra.pop(slug)

    def drop(self) -> None:
        """Give back the memory."""
        self._wanted = ()
        self._extra.clear()

    def _open(self, slug: str) -> None:
        try:
            info, folder = self._library.info(slug), self._library.folder(slug)
        except TokenSimError as error:
            self.failed.emit(slug, error)
            return
        self._opening.add(slug)
        self._worker.submit(_KIND + slug, open_table, info, folder, None)

    def _is_live(self, table: OpenTable) -> bool:
        info = self.infos.get(table.info.slug)
        made = (table.info.created, table.info.sha256)
        return info is not None and (info.created, info.sha256) == made

    @Slot(str, int, object)
    def _on_worker_finished(self, kind: str, _ticket: int, value: object) -> None:
        slug = kind.removeprefix(_KIND)
        if slug == kind or not isinstance(value, OpenTable):
            return
        self._opening.discard(slug)
        if slug not in self._wanted or slug not in self.infos:
            return
        if not self._is_live(value):  # imported anew while it was opened
            self._open(slug)
            return
        self._extra[slug] = value
        spare = [other for other in self._extra if other not in self._wanted]
        for other in spare[: max(0, len(self._extra) - MOST)]:
            del self._extra[other]
        self.opened.emit(slug)

    @Slot(str, int, object)
    def _on_worker_failed(self, kind: str, _ticket: int, error: object) -> None:
        slug = kind.removeprefix(_KIND)
        if slug != kind:
            self._opening.discard(slug)
            if isinstance(error, TokenSimError):
                self.failed.emit(slug, error)

    @Slot(str, int)
    def _on_worker_cancelled(self, kind: str, _ticket: int) -> None:
        self._opening.discard(kind.removeprefix(_KIND))
