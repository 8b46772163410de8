"""The state of the Compare page: one query in several encoders."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.core.job import Job
from tokensim_gui.core.library.library import STARTER
from tokensim_gui.core.report import token_report
from tokensim_gui.core.search.moved_tokens import same_vectors
from tokensim_gui.core.values import AS_WORDS, Query, Results, TokenFilter
from tokensim_gui.core.vocabulary import shared_words
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.checkpoint_pair import Checkpoints
from tokensim_gui.state.open_tables import MOST, OpenTable, OpenTables

Mode = Literal["encoders", "checkpoints"]
FIRST = 50
USABLE_ALONE = TokenFilter(kinds=("word", "part"), typeable=AS_WORDS)
_REST_MS = 700  # a query that can't be read is complained about after this long without a key
_LATE_MS = 400  # an answer that has not come after this long takes the older one away
_KEEP_MS = 5 * 60_000  # tables stay open for this long after the page was left
_SEARCH, _SAME = "compare-search ", "compare-same"
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """One encoder and what it answers.

    Attributes:
        info: Which table.
        vocabulary: Its tokens; None while it is opened to answer.
        results: Its last answer, for a moment one to an earlier query; None while it is waited for.
        ranks: Rank from 1 of each word in the answer; empty until it is one to the current query.
        problem: What is wrong, or None.
    """

    info: TableInfo
    vocabulary: Vocabulary | None = None
    results: Results | None = None
    ranks: Mapping[str, int] = field(default_factory=dict)
    problem: TokenSimError | None = None


class Comparison(QObject):
    """Asks two to four encoders the same; owns the pair of checkpoints beside that."""

    changed = Signal()  # columns
    tablesChanged = Signal()  # which encoders there are
    modeChanged = Signal(str)

    def __init__(
        self, tables: OpenTables, worker: Worker, query: Query, parent: QObject | None = None
    ) -> None:
        """Take the open tables, who searches them, and the query of the Search page."""
        super().__init__(parent)
        self._worker = worker
        self.tables = tables
        self.checkpoints = Checkpoints(tables, worker, self)
        self.mode: Mode = "encoders"
        self.query = replace(query, count=FIRST, filter=USABLE_ALONE)
        self.columns: tuple[Column, ...] = ()
        self._slugs: tuple[str, ...] = ()
        self._chosen = False
        self._shown = False
        self._search_text = ""
        self._answers: dict[str, Column] = {}
        self._same: dict[Pair, bool] = {}  # by the contents of two tables
        self._searching: set[str] = set()  # slugs
        self._rest = self._timer(_REST_MS, self._on_rest_timeout)
        self._late = self._timer(_LATE_MS, self._on_late_timeout)
        self._left = self._timer(_KEEP_MS, self.tables.drop)
        tables.besideOpened.connect(self._on_table_opened)
        tables.besideFailed.connect(self._on_table_failed)
        tables.listChanged.connect(self._on_list_changed)

    def _timer(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=milliseconds)
        timer.timeout.connect(slot)
        return timer

    # What the page asks for -----------------------------------------------------------------

    def show(self, query: Query) -> None:
        """The page is in front now; a query that is new on the Search page is taken over."""
        self._left.stop()
        self.tables.refresh()
        if query.text != self._search_text:
            self._search_text = query.text
            self.query = replace(self.query, text=query.text)
        self.set_options(query)
        self._shown = True  # now, and not before all that is asked for is known
        self._fill()
        self._ask()

    def hide(self) -> None:
        """The page was left; its tables are closed in a while."""
        self._shown = False
        self.checkpoints.rest()
        self._left.start()

    def set_mode(self, mode: Mode) -> None:
        """Compare answers of encoders, or two checkpoints."""
        if mode != self.mode:
            self.mode = mode
            self.modeChanged.emit(mode)
            self._ask()

    def set_text(self, text: str) -> None:
        """Ask for a text; the newest wins."""
        if text != self.query.text:
            self.query = replace(self.query, text=text)
            self._rest.start()
            self._ask()

    def set_options(self, query: Query) -> None:
        """Take over how the Search page measures; the filter is the same for all encoders."""
        changed = replace(query, text=self.query.text, count=FIRST, filter=USABLE_ALONE)
        if changed != self.query:
            self.query = changed
            self._ask()

    def submit(self) -> None:
        """Enter: what is wrong with the query is said now."""
        self._on_rest_timeout()

    def set_encoder(self, number: int, slug: str) -> None:
        """Put a table into a column; one that is in another column trades places."""
        slugs = list(self._slugs)
        if slug in slugs:
            slugs[slugs.index(slug)] = slugs[number]
        slugs[number] = slug
        self._choose(slugs)

    def add(self) -> None:
        """Add a column, with the table imported last of those not shown."""
        self._choose([*self._slugs, *self._spare()[:1]][:MOST])

    def remove(self, number: int) -> None:
        """Take a column away; two stay."""
        if len(self._slugs) > 2:
            self._choose([slug for n, slug in enumerate(self._slugs) if n != number])

    @property
    def can_add(self) -> bool:
        """Whether there is room and a table for one more column."""
        return 2 <= len(self._slugs) < MOST and bool(self._spare())

    @property
    def is_current(self) -> bool:
        """Whether every column answers the query as it stands, or says why it does not."""
        return bool(self._slugs) and all(map(self._is_answered, self._slugs))

    @property
    def in_all(self) -> list[str]:
        """The words that every encoder has among its first, the nearest first."""
        return shared_words.in_all([column.ranks for column in self.columns])

    @property
    def same(self) -> list[Pair]:
        """Slugs of two columns whose tables hold the same vectors, as far as that is known."""
        pairs = combinations([column.info for column in self.columns], 2)
        return [(a.slug, b.slug) for a, b in pairs if self._same.get(_contents(a, b))]

    @property
    def can_export(self) -> bool:
        """Whether there is anything to write."""
        if self.mode == "checkpoints":
            return self.checkpoints.moved is not None and len(self.checkpoints.moved.order) > 0
        return any(column.ranks for column in self.columns)

    def exported(self) -> str:
        """What is shown as CSV."""
        if self.mode == "checkpoints":
            return self.checkpoints.exported()
        answers = [
            (self.tables.labels[column.info.slug], column.vocabulary, column.results)
            for column in self.columns
            if column.vocabulary is not None and column.results is not None and column.ranks
        ]
        return token_report.delimited(token_report.side_by_side_rows(answers), ",")

    # Inside -----------------------------------------------------------------------------------

    def _spare(self) -> list[str]:
        """Tables that no column shows: the Search page's, then those imported last."""
        slugs = [slug for slug in reversed(self.tables.infos) if slug not in self._slugs]
        current = self.tables.current
        return sorted(slugs, key=lambda slug: (slug != current, slug == STARTER))

    def _choose(self, slugs: Sequence[str]) -> None:
        self._chosen = True
        self._slugs = tuple(slugs)
        self._ask()

    def _fill(self) -> None:
        """Keep the columns whose tables are there, and have two if there are two tables."""
        kept = self._slugs if self._chosen else ()
        self._slugs = tuple(slug for slug in kept if slug in self.tables.infos)
        while len(self._slugs) < 2 and (spare := self._spare()):
            self._slugs = (*self._slugs, spare[0])
        if len(self._slugs) < 2:
            self._slugs = ()

    def _ask(self) -> None:
        """Search wherever the last answer is not one to the query as it stands."""
        if not self._shown:
            return
        if self.mode == "checkpoints":
            self.checkpoints.ask()
            return
        for slug in self._searching - {*self._slugs}:
            self._stop(slug)
        for slug in self._slugs:
            self._search(slug)
        self.tables.want(self._slugs)  # which may tell at once that one can't be opened
        self._emit()

    def _is_answered(self, slug: str) -> bool:
        column = self._answers.get(slug)
        if column is None or column.problem is not None:
            return column is not None
        if not self.query.text.strip():
            return column.vocabulary is not None
        return column.results is not None and column.results.query == self.query

    def _search(self, slug: str) -> None:
        info, table = self.tables.infos[slug], self.tables.get(slug)
        last = self._answers.get(slug, Column(info))
        if last.info != info:
            same = (last.info.created, last.info.sha256) == (info.created, info.sha256)
            last = replace(last, info=info) if same else Column(info)
        if last.results is None or last.results.query != self.query:
            # An older answer is not kept for as long as it takes to open a table again.
            last = Column(info) if table is None else replace(last, ranks={}, problem=None)
        self._answers[slug] = last
        if table is None:
            self._stop(slug)
        if table is None or last.ranks:
            return
        last = replace(last, vocabulary=table.vocabulary)
        self._stop(slug)
        if self.query.text.strip():
            self._searching.add(slug)
            if not self._late.isActive():  # or who types fast would see the old for ever
                self._late.start()
            self._worker.submit(
                _SEARCH + slug,
                table.engine.search,
                self.query,
                done=self._on_found,
                failed=partial(self._on_search_failed, slug),
            )
        else:
            last = replace(last, results=None)
        self._answers[slug] = last

    def _compare_tables(self) -> None:
        """See, a pair at a time, which tables hold the same; the searches go first."""
        if self._searching:
            return
        opened = [table for slug in self._slugs if (table := self.tables.get(slug))]
        for one, other in combinations(opened, 2):
            shapes = [(table.info.rows, table.info.dim) for table in (one, other)]
            if shapes[0] == shapes[1] and _contents(one.info, other.info) not in self._same:
                self._same[_contents(one.info, other.info)] = False  # until it is known
                self._worker.submit(_SAME, _is_same, one, other, done=self._on_tables_compared)
                return

    def _stop(self, slug: str) -> None:
        """What was asked of a table before is not wanted any more."""
        self._searching.discard(slug)
        self._worker.cancel(_SEARCH + slug)

    def _emit(self) -> None:
        columns = [self._answers[slug] for slug in self._slugs]
        if self._rest.isActive():  # half a query is no mistake
            columns = [replace(column, problem=None) for column in columns]
        self.columns = tuple(columns)
        self.changed.emit()

    @Slot()
    def _on_rest_timeout(self) -> None:
        self._rest.stop()
        if self._slugs:
            self._emit()

    @Slot()
    def _on_late_timeout(self) -> None:
        """An older answer must not pass for one to this query: a tokenizer may be loading."""
        for slug in self._searching:
            self._answers[slug] = replace(self._answers[slug], results=None)
        if self._searching:
            self._emit()

    @Slot(str)
    def _on_table_opened(self, slug: str) -> None:
        if self.mode == "encoders" and slug in self._slugs:
            self._search(slug)
            self._emit()

    @Slot(str, object)
    def _on_table_failed(self, slug: str, error: TokenSimError) -> None:
        if slug in self._slugs and slug in self._answers:
            self._answers[slug] = replace(self._answers[slug], problem=error)
            self._emit()

    @Slot()
    def _on_list_changed(self) -> None:
        if self._shown:
            self._fill()
        self.tablesChanged.emit()
        self._ask()

    def _on_found(self, results: Results) -> None:
        slug = results.slug
        self._searching.discard(slug)
        if not self._searching:
            self._late.stop()
        column = self._answers[slug]
        assert column.vocabulary is not None
        ranks = shared_words.ranks_by_word(column.vocabulary, results.ids)
        self._answers[slug] = replace(column, results=results, ranks=ranks, problem=results.problem)
        self._emit()
        self._compare_tables()

    def _on_tables_compared(self, found: tuple[Pair, bool]) -> None:
        self._same[found[0]] = found[1]
        if found[1]:
            self._emit()
        self._compare_tables()

    def _on_search_failed(self, slug: str, error: TokenSimError) -> None:
        self._searching.discard(slug)
        self._answers[slug] = replace(self._answers[slug], problem=error)
        self._emit()


def _contents(one: TableInfo, other: TableInfo) -> Pair:
    """What tells a pair of tables from any other."""
    return (f"{one.slug} {one.created}", f"{other.slug} {other.created}")


def _is_same(one: OpenTable, other: OpenTable, job: Job) -> tuple[Pair, bool]:
    return _contents(one.info, other.info), same_vectors(one.table, other.table, job)
