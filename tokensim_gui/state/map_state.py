"""What the map shows beside the answer to the query: the whole vocabulary, a token's own near."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.landscape_file import Landscape, load_landscape
from tokensim_gui.core.job import NOT_BEGUN, Job, Progress
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.values import FloatArray, Metric, Query, Results
from tokensim_gui.core.vocabulary.regions import Regions, regions
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.jobs.child_process import ChildTask
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.open_tables import OpenTable, OpenTables
from tokensim_gui.state.search import SearchState

_REST_MS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """All tokens by their scores to two queries.

    Attributes:
        texts: The query of the axis across, and that of the axis upwards.
        metric: What the scores are.
        scores: float64 [rows, 2], exact; NaN without a vector.
    """

    texts: tuple[str, str]
    metric: Metric
    scores: FloatArray


class MapState(QObject):
    """The landscape of the table in front, and the one that is being made."""

    landscapeChanged = Signal(object, object)  # Landscape, None where there is none; its Regions
    makingChanged = Signal(object)  # Progress of the one that is made for this table; None: of none
    likenessChanged = Signal(object)  # FloatArray [rows], NaN without a vector
    axesChanged = Signal(object)  # Axes
    axesFailed = Signal(str)  # a sentence
    regionRequested = Signal(str)  # the name of one of `regions`
    aroundChanged = Signal(object)  # Results: the neighbours of a token
    noticed = Signal(Notice)

    def __init__(
        self,
        library: TableLibrary,
        tables: OpenTables,
        search: SearchState,
        worker: Worker,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._library, self._tables, self._worker = library, tables, worker
        self._search = search
        self._regions: tuple[str, ...] = ()
        self._wanted = self._wants_likeness = False
        self._axes: tuple[str, str] | None = None
        self._measured = (search.query.metric, search.query.inputs)
        self._task: ChildTask | None = None
        self._making = ""  # the slug of the table whose landscape is being made
        tables.vocabularyChanged.connect(self._on_table_changed)
        tables.frontChanged.connect(self._on_table_changed)
        tables.frontChanged.connect(self._ask_axes)
        search.resultsChanged.connect(self._on_results_changed)
        search.queryChanged.connect(self._on_query_changed)
        # Scoring every token takes as long as ten searches: it waits until typing rests.
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._on_rest_timeout)

    def look_around(self, token: int) -> None:
        """Find the neighbours of a token, whatever the query is."""
        front = self._tables.front
        if front is not None:
            query = replace(self._search.query, text=f"#{token}", order="nearest")
            self._worker.submit(
                "around", front.engine.search, query, done=self._on_around_found,
                failed=self._on_nothing_around,
            )  # fmt: skip

    def want_likeness(self, wanted: bool) -> None:
        """Keep the scores of all tokens to the query at hand, or no longer."""
        self._wants_likeness = wanted
        self._on_results_changed()

    def want_axes(self, texts: tuple[str, str] | None) -> None:
        """Keep the scores of all tokens to two queries, or no longer."""
        self._axes = texts
        self._ask_axes()

    def want_landscape(self) -> None:
        """The whole map is looked at: read the one of the table in front, now and hereafter."""
        self._wanted = True
        self._on_table_changed()

    def want_regions(self) -> None:
        """Their names are asked for: read the landscape, unless that was done."""
        if not self._wanted:
            self.want_landscape()

    @property
    def regions(self) -> tuple[str, ...]:
        """The names of the regions of the landscape of the table in front, once it is read."""
        return self._regions

    def go_to(self, region: str) -> None:
        """Show a region on the whole map."""
        self.regionRequested.emit(region)

    def make_landscape(self) -> None:
        """Make the one of the table in front, in a process of its own; one at a time."""
        if self._task is not None:
            return
        self._making = self._tables.info.slug
        self._task = ChildTask(["layout", "--table", self._making], self)
        self._task.progressed.connect(self._on_task_progressed)
        self._task.finished.connect(self._on_task_finished)
        self._task.failed.connect(self._on_task_failed)
        self._task.cancelled.connect(self._on_task_ended)
        self._task.start()
        self._on_task_progressed(NOT_BEGUN)

    def cancel_landscape(self) -> None:
        """Stop making one."""
        if self._task is not None:
            self._task.cancel()

    def close(self) -> None:
        """End what runs; safe to call twice."""
        if self._task is not None:
            self._task.close()
            self._task = None

    def _on_table_changed(self, _value: object = None) -> None:
        if not self._wanted:
            return
        info, self._regions = self._tables.info, ()
        try:
            folder = self._library.folder(info.slug)
        except TokenSimError:
            self.landscapeChanged.emit(None, {})
            return
        self._worker.submit(
            "landscape", _load, info.slug, folder, self._tables.vocabulary, done=self._on_loaded
        )
        busy = self._task is not None and self._making == info.slug
        self.makingChanged.emit(NOT_BEGUN if busy else None)

    def _on_results_changed(self, _results: object = None) -> None:
        if self._wants_likeness:
            self._rest.start()

    def _on_rest_timeout(self) -> None:
        front, query = self._tables.front, self._search.query
        if front is not None and query.text.strip():
            every = np.arange(front.info.rows, dtype=np.int32)
            self._worker.submit(
                "likeness", front.engine.score_ids, query, every, done=self._on_likeness_found
            )

    def _on_query_changed(self, query: Query) -> None:
        """The axes are measured as the query is, whatever its words are."""
        if (query.metric, query.inputs) != self._measured:
            self._measured = (query.metric, query.inputs)
            self._ask_axes()

    def _ask_axes(self, _value: object = None) -> None:
        front = self._tables.front
        if self._axes is not None and front is not None:
            self._worker.submit(
                "axes", _axes, front, self._search.query, self._axes,
                done=self._on_axes_found, failed=self._on_axes_failed,
            )  # fmt: skip

    def _on_axes_found(self, axes: Axes) -> None:
        if axes.texts == self._axes and len(axes.scores) == self._tables.vocabulary.rows:
            self.axesChanged.emit(axes)

    def _on_axes_failed(self, error: TokenSimError) -> None:
        self.axesFailed.emit(str(error))

    def _on_likeness_found(self, scores: FloatArray) -> None:
        if len(scores) == self._tables.vocabulary.rows:  # another table may be in front by now
            self.likenessChanged.emit(scores)

    def _on_around_found(self, results: Results) -> None:
        if results.slug == self._tables.info.slug:
            self.aroundChanged.emit(results)

    def _on_nothing_around(self, _error: TokenSimError) -> None:
        """A token without a vector has no neighbours: the map keeps what it shows."""

    def _on_loaded(self, loaded: tuple[str, Landscape | None, Regions]) -> None:
        slug, landscape, found = loaded
        if slug == self._tables.info.slug:
            self._regions = tuple(found)
            self.landscapeChanged.emit(landscape, found)

    def _on_task_progressed(self, progress: Progress) -> None:
        if self._making == self._tables.info.slug:
            self.makingChanged.emit(progress)

    def _on_task_finished(self, _result: object) -> None:
        self._on_task_ended()
        self._on_table_changed()

    def _on_task_failed(self, sentence: str) -> None:
        self._on_task_ended()
        self.noticed.emit(Notice(sentence))

    def _on_task_ended(self) -> None:
        self._task = None
        self.makingChanged.emit(None)


def _load(
    slug: str, folder: Path, vocabulary: Vocabulary, job: Job
) -> tuple[str, Landscape | None, Regions]:
    job.check()
    landscape = load_landscape(folder, vocabulary.rows)
    found: Regions = {} if landscape is None else regions(vocabulary, landscape.coords)
    return slug, landscape, found


def _axes(front: OpenTable, query: Query, texts: tuple[str, str], job: Job) -> Axes:
    """Score every token to two queries, measured as ``query`` is; runs on the worker thread.

    Raises:
        QueryError: One of them can't be read, or means no vector.
    """
    every = np.arange(front.info.rows, dtype=np.int32)
    columns = [front.engine.score_ids(replace(query, text=text), every, job) for text in texts]
    scores = np.stack(columns, axis=1)
    scores.flags.writeable = False
    return Axes(texts, query.metric, scores)
