"""Searches a table: reads a query, ranks the tokens, and lays the best of them out."""

import math
import time
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from tokensim_gui.core.errors import QueryError, TokenSimError
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job
from tokensim_gui.core.loras.inversion_shelf import InversionShelf
from tokensim_gui.core.query.hints import apostrophe_hint, arithmetic_hint
from tokensim_gui.core.query.parser import parse
from tokensim_gui.core.query.terms import Embedded, Parsed
from tokensim_gui.core.search.exact_ranking import Search
from tokensim_gui.core.search.explaining import FIELD, pursue
from tokensim_gui.core.search.pca import Layout, one_thread, pca
from tokensim_gui.core.search.ranking import Ruler
from tokensim_gui.core.search.row_scan import Scan, open_scan
from tokensim_gui.core.search.space import BLOCK_ITEMS, Space
from tokensim_gui.core.values import (
    AS_WORDS,
    BoolArray,
    Explanation,
    FloatArray,
    Hint,
    IntArray,
    OwnToken,
    Query,
    Results,
    TokenFilter,
    frozen_array,
)
from tokensim_gui.core.vocabulary import filters
from tokensim_gui.core.vocabulary.filters import word_forms
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

_KEPT_FILTERS = 8
_QUERY = -1
"""The query's id in a layout."""


@dataclass(slots=True, eq=False)
class _Opened:
    """A table in use, and what was computed for it."""

    table: Table
    vocabulary: Vocabulary
    stored: Space
    scan: Scan
    centred: Space | None = None
    masks: dict[TokenFilter, BoolArray] = field(default_factory=dict)
    layout: Layout | None = None

    def space(self, query: Query, job: Job) -> Space:
        if query.metric != "centred":
            return self.stored
        if self.centred is None:
            self.centred = Space.centred(self.table, job)
        return self.centred

    def mask(self, token_filter: TokenFilter) -> BoolArray:
        if token_filter not in self.masks:
            mask = filters.mask(self.vocabulary, token_filter)
            if len(self.masks) == _KEPT_FILTERS:
                del self.masks[next(iter(self.masks))]
            self.masks[token_filter] = mask
        return self.masks[token_filter]


class Engine:
    """Searches one table at a time; used by one thread only."""

    def __init__(
        self,
        device: str | None = None,
        threads: int | None = None,
        shelf: InversionShelf | None = None,
    ) -> None:
        """Choose where to compute.

        Args:
            device: A torch device; by default a CUDA device if there is one, else the CPU.
            threads: How many threads torch may use for what this thread asks of it; by default
                as many as it likes.
            shelf: The textual inversions that a query may name.
        """
        self._shelf = shelf or InversionShelf(())
        if threads is not None:
            torch.set_num_threads(threads)
        self._device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        # Half-precision sums would void the error bounds.
        torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
        torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
        self._opened: _Opened | None = None
        self._without_vectors = ""

    def open(self, table: Table, vocabulary: Vocabulary, job: Job | None = None) -> None:
        """Search ``table`` from now on; on failure the last one stays.

        Raises:
            TokenSimError: Table and vocabulary differ in length.
            JobCancelled: The job was cancelled.
        """
        self._without_vectors = "" if table.info.has_vectors else table.info.name
        if self._without_vectors:
            self._opened = None
            return
        if vocabulary.rows != table.info.rows:
            raise TokenSimError(
                f"{table.info.name} has {table.info.rows} vectors for {vocabulary.rows} tokens. "
                "Remove this encoder and add it again."
            )
        space = Space.stored(table)
        scan = open_scan(space, self._device, job or Job())
        self._opened = _Opened(table, vocabulary, space, scan)

    def search(self, query: Query, job: Job | None = None) -> Results:
        """Return the exact best tokens for ``query`` under the order that `ranking` defines.

        Raises:
            QueryError: The query can't be read, or means no vector.
            TokenSimError: No table is open, the filter can't be read, or distances are asked
                for by *unrelated*.
            JobCancelled: The job was cancelled.
        """
        started = time.perf_counter()
        search = self._prepare(query, job or Job())
        opened = self._current()
        own = _own_ids(search.parsed)
        scored = own[search.space.present[own]]
        own_scores = search.scores(scored) * search.ruler.scale
        candidates = search.space.present.copy()
        self._leave_out(candidates, query, own)
        allowed = candidates & opened.mask(query.filter)
        ids, scores, average = search.rank(allowed)
        others = ids[(ids[:, None] != own).all(axis=1)]
        map_ids, further = np.split(others, [query.map_count])
        layout = self._layout(search, map_ids, scored, further)
        for array in (ids, scores, map_ids, layout.coords, scored, layout.beyond):
            frozen_array(array)
        score_of = dict(zip(scored.tolist(), own_scores.tolist(), strict=True))
        return Results(
            query=query,
            slug=opened.table.info.slug,
            ids=ids,
            scores=scores,
            passing=int(np.count_nonzero(allowed)),
            unfiltered=int(np.count_nonzero(candidates)),
            average=average,
            own=_own_tokens(search.parsed, score_of),
            map_ids=map_ids,
            coords=layout.coords,
            map_own=scored,
            explained=layout.explained,
            faithfulness=layout.faithfulness,
            hint=_hint(search, opened.vocabulary),
            problem=search.parsed.strict_error,
            elapsed_ms=1e3 * (time.perf_counter() - started),
            device=self._device_name(),
            beyond=layout.beyond,
        )

    def vector(self, query: Query, job: Job | None = None) -> FloatArray:
        """Return the vector that ``query`` means, float64 [dim], for *centred* off the mean.

        Raises:
            QueryError: The query can't be read, or means no vector.
            TokenSimError: No table is open.
        """
        return self._prepare(query, job or Job()).vector

    def nearest(
        self, vector: FloatArray, count: int, job: Job | None = None
    ) -> tuple[IntArray, FloatArray]:
        """Return the tokens usable as words with the largest cosine to a vector, and that.

        None for a vector of length 0; all tokens count where the tokenizer is not known.

        Raises:
            TokenSimError: No table is open.
            JobCancelled: The job was cancelled.
        """
        opened, size = self._current(), float(np.linalg.norm(vector))
        if not size:
            return np.empty(0, np.int32), np.empty(0)
        space, ruler = opened.stored, Ruler("cosine", size, opened.stored.longest)
        search = Search(
            Query("", count=count),
            Parsed(()),
            space,
            opened.scan,
            vector,
            vector / size,
            ruler,
            job or Job(),
        )
        usable = space.present & opened.mask(TokenFilter(typeable=AS_WORDS))
        ids, scores, _ = search.rank(usable if usable.any() else space.present.copy())
        return ids, scores

    @property
    def table(self) -> Table:
        """The table that is open.

        Raises:
            TokenSimError: There is none.
        """
        return self._current().table

    def explain(
        self, query: Query, words: int, vector: FloatArray | None = None, job: Job | None = None
    ) -> Explanation:
        """Find at most ``words`` tokens that pass the filter and make a vector.

        They are taken among its nearest, `FIELD` or, of few dimensions, more.

        Args:
            query: Means the vector; its filter, what it leaves out, and *centred* are heeded.
            words: From 1 to `MOST_WORDS`.
            vector: float64 [dim], another one in its place: of an inversion, of a moved token.
            job: Cancellation.

        Raises:
            QueryError: The query can't be read, or means no vector.
            TokenSimError: No table is open, or the filter can't be read.
            JobCancelled: The job was cancelled.
        """
        search = self._prepare(query, job or Job())
        allowed = search.space.present.copy()
        self._leave_out(allowed, query, _own_ids(search.parsed))
        allowed &= self._current().mask(query.filter)
        space, metric = search.space, query.metric if query.metric == "centred" else "cosine"
        if vector is not None:
            search = replace(search, vector=vector, unit=vector / np.linalg.norm(vector))
        ruler = Ruler(metric, float(np.linalg.norm(search.vector)), space.longest)
        field = max(FIELD, BLOCK_ITEMS // len(search.vector))
        asked = replace(query, metric=metric, order="nearest", count=field)
        ids, _, _ = replace(search, query=asked, ruler=ruler).rank(allowed)
        return pursue(search.vector, ids, space.vectors(ids), words)

    def score_ids(self, query: Query, ids: IntArray, job: Job | None = None) -> FloatArray:
        """Return the exact scores of ``ids`` to ``query``, float64 [n]; NaN without a vector.

        Raises:
            QueryError: The query can't be read, or means no vector.
            TokenSimError: No table is open.
        """
        search = self._prepare(query, job or Job())
        scores = np.full(len(ids), np.nan)
        present = search.space.present[ids]
        scores[present] = search.scores(ids[present]) * search.ruler.scale
        return scores

    def _current(self) -> _Opened:
        if self._without_vectors:
            raise TokenSimError(
                f"“{self._without_vectors}” is a vocabulary without vectors: its tokens can be "
                "browsed, filtered and copied, and have no neighbours. Open its encoder for these."
            )
        if self._opened is None:
            raise TokenSimError("No encoder is open: choose one first.")
        return self._opened

    def _device_name(self) -> str:
        if self._current().scan.in_blocks:
            return "CPU, converted block by block"
        return "CPU" if self._device.type == "cpu" else torch.cuda.get_device_name(self._device)

    def _prepare(self, query: Query, job: Job) -> Search:
        opened = self._current()
        if query.metric == "euclidean" and query.order == "unrelated":
            raise TokenSimError("A distance has no “unrelated”: choose another measure or order.")
        parsed = parse(query.text, opened.vocabulary)
        if parsed.strict_error is not None and (query.strict or not parsed.terms):
            raise parsed.strict_error
        space = opened.space(query, job)
        embedded = {e.id: self.embedding(e) for term in parsed.terms for e in term.embedded}
        vector = space.query_vector(query.text, parsed, query.inputs, opened.vocabulary, embedded)
        size = float(np.linalg.norm(vector))
        ruler = Ruler(query.metric, size, space.longest)
        return Search(query, parsed, space, opened.scan, vector, vector / size, ruler, job)

    def embedding(self, one: Embedded) -> FloatArray:
        """Return the vectors that a query names, float64 [n, dim].

        Raises:
            QueryError: There are none of that name or place, or they don't fit the table.
            TokenSimError: No table is open.
        """
        info = self._current().table.info
        try:
            return self._shelf.vectors(one.name, one.place, info.dim, info.name)
        except TokenSimError as error:
            raise QueryError(str(error), one.start, one.end) from error

    def _leave_out(self, candidates: BoolArray, query: Query, own: IntArray) -> None:
        vocabulary = self._current().vocabulary
        if query.leave_out_own:
            for text in set(vocabulary.same_text[own].tolist()):
                candidates[vocabulary.same_text == text] = False
        if query.leave_out_forms:
            for text in {vocabulary.text(int(token)) for token in own} - {None, ""}:
                for form in word_forms(str(text)):
                    candidates[list(vocabulary.ids_of_text(form))] = False

    def _layout(
        self, search: Search, map_ids: IntArray, own: IntArray, further: IntArray
    ) -> Layout:
        opened, space = self._current(), search.space
        ids = np.concatenate([map_ids, own, [_QUERY]]).astype(np.int32)
        if not search.query.map_count:
            return Layout(ids, np.zeros((len(ids), 2), np.float32), 1.0, math.nan)
        with one_thread():
            units = space.units(np.concatenate([further, map_ids, own]))
            points = torch.vstack([units[len(further) :], torch.from_numpy(search.unit).float()])
            layout = pca(points, ids, opened.layout, units[: len(further)])
        if len(map_ids):  # a search without neighbours leaves the last map to be followed
            opened.layout = layout
        return layout


def _hint(search: Search, vocabulary: Vocabulary) -> Hint | None:
    """Return what to know about a query: what is open, what was left out, what else it may be."""
    parsed = search.parsed
    if parsed.unfinished:
        return Hint(parsed.unfinished)
    if meant := arithmetic_hint(search.query.text, parsed.terms):
        return meant  # before what is said of signs that no token has whole
    if vocabulary.family == "clip" and (meant := apostrophe_hint(search.query.text)):
        return meant
    sentence = parsed.unknown or search.space.left_out(parsed, vocabulary)
    return Hint(sentence) if sentence else None


def _own_ids(parsed: Parsed) -> IntArray:
    """Return the distinct tokens of a query in the order typed."""
    ids = dict.fromkeys(i for term in parsed.terms for i in term.ids if i >= 0)
    return np.array(list(ids), np.int32)


def _own_tokens(parsed: Parsed, score_of: dict[int, float]) -> tuple[OwnToken, ...]:
    """Return the tokens of a query in the order typed; those without a score count for nothing."""
    own: list[OwnToken] = []
    for index, term in enumerate(parsed.terms):
        names = {one.id: one.words for one in term.embedded}
        share = term.coefficient / sum(token in score_of or token < 0 for token in term.ids)
        for token in term.ids:
            if token < 0:
                own.append(OwnToken(-1, None, share, index, names[token]))
            else:
                score = score_of.get(token)
                own.append(OwnToken(token, score, 0.0 if score is None else share, index))
    return tuple(own)
