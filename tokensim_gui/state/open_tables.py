"""The tables that are open: the one in front, and up to four beside it for comparisons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.table import Table, TableInfo
from tokensim_gui.core.job import Job
from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.core.loras.inversion_shelf import InversionShelf
from tokensim_gui.core.search.engine_opening import engine_for
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.jobs.tokenizers import Tokenizers
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.encoder_names import labels
from tokensim_gui.state.first_screen import first_table
from tokensim_gui.state.settings import Settings

if TYPE_CHECKING:
    from tokensim_gui.core.search.engine import Engine

MOST = 4


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table that can be searched, with all that belongs to it."""

    info: TableInfo
    vocabulary: Vocabulary
    table: Table
    engine: "Engine"


def open_table(
    info: TableInfo,
    folder: Path,
    vocabularies: WeakValueDictionary[Path, Vocabulary],
    tokenizers: Tokenizers,
    shelf: InversionShelf,
    job: Job,
) -> OpenTable:
    """Load a table and make its engine; runs on the worker thread.

    Args:
        info: What the library knows of it.
        folder: Where it lies.
        vocabularies: Those still in use, by folder; a folder's content never changes.
        tokenizers: Open its tokenizer; a large one is loaded beside all else.
        shelf: The embeddings that queries may name.
        job: Cancels between the steps.

    Raises:
        FileError: The table can't be read.
    """
    job.check()
    table = replace(Table.load(folder), info=info)
    job.check()
    vocabulary = vocabularies.get(folder)
    if vocabulary is None:
        vocabulary = Vocabulary.load(folder, job, tokenizers.open)
        vocabularies[folder] = vocabulary
    vocabulary.prepare()  # here and not at the first key press
    return OpenTable(info, vocabulary, table, engine_for(table, vocabulary, shelf, job))


class OpenTables(QObject):
    """Opens tables of the library on the worker, and forgets those not asked for any more."""

    vocabularyChanged = Signal(object)  # Vocabulary in front, before its table is open
    frontChanged = Signal(object)  # OpenTable
    openingChanged = Signal(str)  # name of the table that is to take the place of another, or ""
    failed = Signal(object)  # TokenSimError: the table asked for does not come to the front
    listChanged = Signal()
    besideOpened = Signal(str)  # slug
    besideFailed = Signal(str, object)  # slug, TokenSimError

    def __init__(
        self,
        library: TableLibrary,
        settings: Settings,
        worker: Worker,
        slug: str | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Begin with the vocabulary of the table named, or of the last time, or the starter's."""
        super().__init__(parent)
        self._library, self._settings, self._worker = library, settings, worker
        self._tokenizers = Tokenizers()
        self.shelf = InversionShelf()
        """The embeddings that queries may name."""
        self.info, self.vocabulary = first_table(library, self._tokenizers, slug or settings.table)
        # One of each, or every page left on another encoder would hold megabytes of its own.
        self._vocabularies = WeakValueDictionary({library.folder(self.info.slug): self.vocabulary})
        self.front: OpenTable | None = None
        """The table in front; None until the first one is open."""
        self.infos: dict[str, TableInfo] = {}
        """The tables on this computer by slug, the starter first, then in the order of import."""
        self.labels: dict[str, str] = {}
        """By slug what tells each of them from those of the same name."""
        self._next = self.info.slug
        self._beside: dict[str, OpenTable] = {}  # the one asked for last comes last
        self._opening: set[str] = set()
        self._wanted: tuple[str, ...] = ()

    # The table in front -----------------------------------------------------------------------

    def show(self, slug: str) -> None:
        """Bring a table of the library to the front; the one there stays until it is ready."""
        self._next = slug
        if info := self._open("open", slug, self._on_front_opened, self._on_front_failed):
            self.openingChanged.emit("" if self.front is None else info.name)

    def close(self) -> None:
        """End the processes that cut texts; a search that needs one ends with them."""
        self._tokenizers.close()

    def _on_front_opened(self, table: OpenTable) -> None:
        if table.info.slug != self._next:  # another one was asked for meanwhile
            return
        self.info, self.front = table.info, table
        self._settings.set("table", self.info.slug)
        if table.vocabulary is not self.vocabulary:
            self.vocabulary = table.vocabulary
            self.vocabularyChanged.emit(self.vocabulary)
        self.openingChanged.emit("")
        self.frontChanged.emit(table)

    def _on_front_failed(self, slug: str, error: TokenSimError) -> None:
        """Keep the table that is open; at a start, when there is none, take the starter."""
        if slug != self._next:  # another one was asked for meanwhile
            return
        self.openingChanged.emit("")
        if self.front is None and self._next != STARTER:
            self.show(STARTER)
        self.failed.emit(error)

    @property
    def current(self) -> str:
        """Slug of the table in front, "" while none is open."""
        return "" if self.front is None else self.front.info.slug

    # Tables beside it -------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Look which tables there are now; drop what was removed or imported anew."""
        infos = {info.slug: info for info in self._library.tables()}
        if infos != self.infos:
            self.infos, self.labels = infos, labels(infos.values())
            kept = self._beside.items()
            self._beside = {slug: table for slug, table in kept if self._is_live(table)}
            self.listChanged.emit()

    def get(self, slug: str) -> OpenTable | None:
        """The open table of a slug, if it is open."""
        front = self.front
        if front is not None and front.info.slug == slug and self._is_live(front):
            self._beside.pop(slug, None)
            return front
        return self._beside.get(slug)

    def want(self, slugs: Sequence[str]) -> None:
        """Open those of these that are not open; `besideOpened` or `besideFailed` tells of each."""
        self._wanted = tuple(slugs)
        for slug in slugs:
            if self.get(slug) is None and slug not in self._opening:
                self._open_beside(slug)
            elif slug in self._beside:
                self._beside[slug] = self._beside.pop(slug)

    @Slot()
    def drop(self) -> None:
        """Give back the memory."""
        self._wanted = ()
        self._beside.clear()

    def _open_beside(self, slug: str) -> None:
        kind = f"open beside {slug}"
        if self._open(kind, slug, self._on_beside_opened, self._on_beside_failed):
            self._opening.add(slug)

    def _open(
        self,
        kind: str,
        slug: str,
        done: Callable[[OpenTable], None],
        failed: Callable[[str, TokenSimError], None],
    ) -> TableInfo | None:
        """Open a table on the worker; None, and ``failed`` was called, where there is none."""
        try:
            info, folder = self._library.info(slug), self._library.folder(slug)
        except TokenSimError as error:
            failed(slug, error)
            return None
        kept = (self._vocabularies, self._tokenizers, self.shelf)
        self._worker.submit(
            kind, open_table, info, folder, *kept, done=done, failed=partial(failed, slug)
        )
        return info

    def _is_live(self, table: OpenTable) -> bool:
        info = self.infos.get(table.info.slug)
        made = (table.info.created, table.info.sha256)
        return info is not None and (info.created, info.sha256) == made

    def _on_beside_opened(self, table: OpenTable) -> None:
        slug = table.info.slug
        self._opening.discard(slug)
        if slug not in self._wanted or slug not in self.infos:
            return
        if not self._is_live(table):  # imported anew while it was opened
            self._open_beside(slug)
            return
        self._beside[slug] = table
        spare = [other for other in self._beside if other not in self._wanted]
        for other in spare[: max(0, len(self._beside) - MOST)]:
            del self._beside[other]
        self.besideOpened.emit(slug)

    def _on_beside_failed(self, slug: str, error: TokenSimError) -> None:
        self._opening.discard(slug)
        self.besideFailed.emit(slug, error)
