"""Two checkpoints with one vocabulary: which tokens moved, and what they are near to now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.core.errors import QueryError, TokenSimError
from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.core.job import Job, Progress
from tokensim_gui.core.library.library import STARTER
from tokensim_gui.core.report import token_report
from tokensim_gui.core.search.moved_tokens import Moved, moved
from tokensim_gui.core.values import AS_WORDS, FloatArray, MovedPlaces, Query, TokenFilter
from tokensim_gui.core.vocabulary import filters, shared_words
from tokensim_gui.core.vocabulary.pieces import can_be
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.open_tables import OpenTable, OpenTables

Near = tuple[int | None, int | None]
_MOVED, _NEAREST = "moved", "compare-nearest"
_BY_ROUNDING = ("F32", "F16", "I8", "BF16", "F8_E4M3", "F8_E5M2")
_CHUNK = 6  # tokens whose nearest are looked for in one go: 12 searches
_USABLE_ALONE = TokenFilter(kinds=("word", "part"), typeable=AS_WORDS)


class Checkpoints(QObject):
    """A base and a fine-tune of it, and how far each token is from where it was."""

    changed = Signal()
    progressed = Signal(str)
    nearestChanged = Signal()

    def __init__(self, tables: OpenTables, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tables, self._worker = tables, worker
        self.before: TableInfo | None = None
        self.after: TableInfo | None = None
        self.vocabulary: Vocabulary | None = None
        self.moved: Moved | None = None
        self.lengths: tuple[FloatArray, FloatArray] | None = None
        """Length of every vector in the base and in the fine-tune."""
        self.places: MovedPlaces | None = None
        """Where those that moved farthest lay and lie; None until compared, or where none did."""
        self.problem: TokenSimError | None = None
        self.nearest: dict[int, Near] = {}
        """By token, its nearest in the base and in the fine-tune, where that was looked for."""
        self._chosen = False
        self._comparing = self._looking = False
        self._wanted: tuple[int, ...] = ()
        tables.besideOpened.connect(self._on_table_opened)
        tables.besideFailed.connect(self._on_table_failed)

    # What can be compared ---------------------------------------------------------------------

    def partners(self, info: TableInfo) -> list[TableInfo]:
        """Other tables of one vocabulary and size with this one; the starter is no checkpoint."""
        return [
            other
            for other in self._tables.infos.values()
            if (other.rows, other.dim) == (info.rows, info.dim)
            and (can_be(other.family, info.family) or can_be(info.family, other.family))
            and other.slug not in (info.slug, STARTER)
        ]

    def bases(self) -> list[TableInfo]:
        """Tables that have a partner."""
        infos = self._tables.infos.values()
        return [info for info in infos if info.slug != STARTER and self.partners(info)]

    def labels(self, infos: Iterable[TableInfo]) -> dict[str, str]:
        """What to call these tables, by slug, so that none is taken for another."""
        return {info.slug: self._tables.labels[info.slug] for info in infos}

    def set_before(self, slug: str) -> None:
        """Choose the base; the fine-tune stays if both have one vocabulary."""
        before = self._tables.infos[slug]
        after = self.after
        if after is not None and after.slug == slug:
            after = self.before
        partners = self.partners(before)
        self._choose(before, after if after in partners else partners[-1])

    def set_after(self, slug: str) -> None:
        """Choose the fine-tune; the base, if it is chosen, trades places."""
        after = self._tables.infos[slug]
        before = self.after if self.before is not None and self.before.slug == slug else self.before
        assert before is not None
        self._choose(before, after)

    def swap(self) -> None:
        """Take the fine-tune for the base."""
        if self.before is not None and self.after is not None:
            self._choose(self.after, self.before)

    def _choose(self, before: TableInfo, after: TableInfo) -> None:
        self._chosen = True
        self._set_pair(before, after)
        self.ask()

    @property
    def coarser(self) -> str:
        """The format of the pair that rounds more, "" without a pair."""
        pair = [info.dtype for info in (self.before, self.after) if info is not None]
        return max(pair, key=_BY_ROUNDING.index, default="")

    @property
    def quantised(self) -> str:
        """What of the pair was rounded in a way that its table no longer tells, as a sentence."""
        pair = [info for info in (self.before, self.after) if info is not None]
        if len(pair) < 2 or pair[0].stored == pair[1].stored:
            return ""
        labels = self.labels(pair)
        named = [
            f"{labels[info.slug]} was {info.stored} in its file" for info in pair if info.stored
        ]
        return f"{' and '.join(named)}: what moved may be that rounding."

    # Asking -----------------------------------------------------------------------------------

    def ask(self) -> None:
        """Compare the pair, unless that is done."""
        self._refresh_pair()
        if self.moved is None and self.problem is None:
            tables = self._open_pair()
            if tables is not None and not self._comparing:
                self._comparing = True
                self._worker.submit(
                    _MOVED,
                    _compare,
                    *tables,
                    tuple(self._tables.labels[table.info.slug] for table in tables),
                    done=self._on_compared,
                    failed=self._on_compare_failed,
                    progressed=self._on_compare_progressed,
                )
        self.changed.emit()

    def rest(self) -> None:
        """Leave the worker to others until `ask` is called again."""
        self._worker.cancel(_MOVED)
        self._worker.cancel(_NEAREST)
        self._comparing = self._looking = False
        self._wanted = ()

    def want_nearest(self, tokens: Sequence[int]) -> None:
        """Look for what these tokens are nearest to, a few at a time; the newest call counts."""
        self._wanted = tuple(tokens)
        self._look_on()

    def exported(self) -> str:
        """The tokens that moved as CSV; their nearest as far as they were looked for."""
        if self.moved is None or self.vocabulary is None or self.lengths is None:
            return ""
        rows = []
        for token in self.moved.order.tolist():
            near = self.nearest.get(token, (None, None))
            names = ["" if one is None else self.vocabulary.display(one) for one in near]
            rows.append(
                {
                    **token_report.token_row(self.vocabulary, token),
                    "moved": float(self.moved.turned[token]),
                    "length_before": float(self.lengths[0][token]),
                    "length_after": float(self.lengths[1][token]),
                    "nearest_before": names[0],
                    "nearest_after": names[1],
                }
            )
        return token_report.delimited(rows, ",")

    # Inside -----------------------------------------------------------------------------------

    def _refresh_pair(self) -> None:
        """Follow the library; without a choice, take the oldest and the newest of a kind."""
        infos = self._tables.infos
        before = infos.get(self.before.slug) if self.before else None
        after = infos.get(self.after.slug) if self.after else None
        valid = before is not None and after in self.partners(before)
        if not self._chosen or not valid:
            bases = self.bases()
            current = infos.get(self._tables.current)
            first = current if current in bases else next(iter(bases), None)
            kin = [] if first is None else [first, *self.partners(first)]
            kin.sort(key=list(infos.values()).index)
            before, after = (kin[0], kin[-1]) if kin else (None, None)
        self._set_pair(before, after)

    def _set_pair(self, before: TableInfo | None, after: TableInfo | None) -> None:
        same = _content(before) == _content(self.before) and _content(after) == _content(self.after)
        self.before, self.after = before, after
        if same:
            return
        self.rest()
        self.vocabulary = self.moved = self.lengths = self.places = self.problem = None
        self.nearest = {}

    def _open_pair(self) -> tuple[OpenTable, OpenTable] | None:
        """Both tables, or None while they are being opened."""
        if self.before is None or self.after is None:
            return None
        self._tables.want((self.before.slug, self.after.slug))
        before, after = self._tables.get(self.before.slug), self._tables.get(self.after.slug)
        return None if before is None or after is None else (before, after)

    def _look_on(self) -> None:
        unknown = [token for token in self._wanted if token not in self.nearest]
        if not unknown or self._looking or self.moved is None:
            return
        tables = self._open_pair()
        if tables is not None:
            self._looking = True
            self._worker.submit(
                _NEAREST,
                _nearest,
                *tables,
                unknown[:_CHUNK],
                done=self._on_nearest_found,
                failed=self._on_nearest_failed,
            )

    @Slot(str)
    def _on_table_opened(self, slug: str) -> None:
        pair = [info.slug for info in (self.before, self.after) if info is not None]
        if slug not in pair or any(self._tables.get(one) is None for one in pair):
            return
        if self.moved is None:
            self.ask()
        else:
            self._look_on()

    @Slot(str, object)
    def _on_table_failed(self, slug: str, error: TokenSimError) -> None:
        if slug in [info.slug for info in (self.before, self.after) if info is not None]:
            self.problem = error
            self.changed.emit()

    def _on_compared(self, pair: "_Compared") -> None:
        self._comparing = False
        self.vocabulary, self.moved, self.lengths = pair.vocabulary, pair.moved, pair.lengths
        self.places = pair.places
        self.changed.emit()

    def _on_compare_failed(self, error: TokenSimError) -> None:
        self._comparing = False
        self.problem = error
        self.changed.emit()

    def _on_compare_progressed(self, progress: Progress) -> None:
        if progress.text and progress.share is not None:
            self.progressed.emit(f"{progress.text}… {progress.share:.0%}")

    def _on_nearest_found(self, found: dict[int, Near]) -> None:
        self._looking = False
        self.nearest |= found
        self.nearestChanged.emit()
        self._look_on()

    def _on_nearest_failed(self, _error: TokenSimError) -> None:
        """Leave the cells empty; a further wish tries again."""
        self._looking = False


@dataclass(frozen=True, slots=True)
class _Compared:
    moved: Moved
    vocabulary: Vocabulary
    lengths: tuple[FloatArray, FloatArray]
    places: MovedPlaces | None


def _content(info: TableInfo | None) -> tuple[str, str, str] | None:
    """What tells a table from any other, and from what is imported in its place."""
    return None if info is None else (info.slug, info.created, info.sha256)


def _compare(before: OpenTable, after: OpenTable, names: tuple[str, str], job: Job) -> _Compared:
    """Compare two open tables, which errors call by ``names``; runs on the worker thread.

    Raises:
        TokenSimError: They don't share a vocabulary.
        JobCancelled: The job was cancelled.
    """
    shared_words.check_one_vocabulary(before.vocabulary, after.vocabulary, names)
    result = moved(before.table, after.table, job)
    usable = filters.mask(before.vocabulary, _USABLE_ALONE)
    from tokensim_gui.core.search.moved_places import moved_places  # loads torch

    places = moved_places(before.table, after.table, result.order, usable, job)
    return _Compared(result, before.vocabulary, (before.table.norms, after.table.norms), places)


def _nearest(
    before: OpenTable, after: OpenTable, tokens: Sequence[int], job: Job
) -> dict[int, Near]:
    """The nearest of each token in both tables; runs on the worker thread."""
    return {token: (_top(before, token, job), _top(after, token, job)) for token in tokens}


def _top(table: OpenTable, token: int, job: Job) -> int | None:
    """The nearest of a token that can be typed; None where it has no vector."""
    query = Query(f"#{token}", count=1, map_count=0, leave_out_own=True, filter=_USABLE_ALONE)
    try:
        ids = table.engine.search(query, job).ids
    except QueryError:
        return None
    return int(ids[0]) if len(ids) else None
