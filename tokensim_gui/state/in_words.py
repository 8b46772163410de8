"""A vector in words: what the selected tokens, or the query, are made of."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.search.inspecting import MOST_TOGETHER
from tokensim_gui.core.values import Explanation, Query
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.inspected import Inspected
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.search import SearchState

Subject = Literal["tokens", "query"]
WORDS = 8
REST_MS = 200  # after the last change: longer than from one key to the next


class InWords(QObject):
    """Asks for the few tokens that make a vector, while that is wanted.

    Signals:
        changed: The `Explanation`; the sentence that says why there is none; None while it is
            looked for.
        subjectChanged: What is said in words.
    """

    changed = Signal(object)  # Explanation | str | None
    subjectChanged = Signal(str)

    def __init__(
        self,
        search: SearchState,
        tables: OpenTables,
        inspected: Inspected,
        worker: Worker,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._search, self._tables, self._worker = search, tables, worker
        self._inspected = inspected
        self._is_wanted = False
        self.subject: Subject = "tokens"
        self.found: Explanation | None = None
        self._asked: tuple[str, Query] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._on_rest_timeout)
        for signal in (
            inspected.tokensChanged,
            search.queryChanged,
            search.resultsChanged,
            search.idsChanged,  # of another filter
            tables.frontChanged,
        ):
            signal.connect(self._on_something_changed)

    def want(self, wanted: bool) -> None:
        """Look for words from now on, or no longer."""
        self._is_wanted = wanted
        self._on_something_changed()

    def set_subject(self, subject: Subject) -> None:
        """Say the selected tokens in words, or the query."""
        if subject != self.subject:
            self.subject = subject
            self.subjectChanged.emit(subject)
            self._on_something_changed()

    def make_query(self) -> None:
        """Search for the weighted sum of the words."""
        if self.found is not None:
            self._search.ask(self._sum(self.found))

    def _sum(self, found: Explanation) -> str:
        """The words with their weights as a query."""
        front, weights = self._tables.front, found.weights
        if self._search.query.inputs == "unit" and front is not None:
            weights = weights * front.table.norms[found.ids]
        # Only the direction counts: two places then do in tables of any lengths.
        factors = (weights / weights.max()).round(2)
        names = self._search.names(found.ids.tolist())
        return " + ".join(
            name if factor == 1 else f"{factor:g}*{name}"
            for factor, name in zip(factors.tolist(), names, strict=True)
            if factor
        )

    def _question(self) -> tuple[str, Query] | None:
        """What to ask, and of which table."""
        front, query = self._tables.front, self._search.query
        text = query.text if self.subject == "query" else self._mean(self._inspected.tokens)
        if not self._is_wanted or front is None or not text.strip():
            return None
        asked = replace(
            query, text=text, order="nearest", count=1, leave_out_own=True, leave_out_forms=True
        )
        return front.info.slug, asked

    @staticmethod
    def _mean(tokens: Sequence[int]) -> str:
        names = [f"#{token}" for token in tokens[:MOST_TOGETHER]]
        return f"({' + '.join(names)}) / {len(names)}" if len(names) > 1 else "".join(names)

    def _on_something_changed(self, _value: object = None) -> None:
        question = self._question()
        if question == self._asked:
            return
        self._asked, self.found = question, None
        self._worker.cancel("in words")
        self._rest.stop()
        self.changed.emit(None)
        if question is not None:
            self._rest.start()

    def _on_rest_timeout(self) -> None:
        front, asked = self._tables.front, self._asked
        if front is not None and asked is not None:
            self._worker.submit(
                "in words",
                front.engine.explain,
                asked[1],
                WORDS,
                None,
                done=partial(self._on_found, asked),
                failed=partial(self._on_failed, asked),
            )

    def _on_found(self, asked: tuple[str, Query], found: Explanation) -> None:
        if asked == self._asked:
            self.found = found
            self.changed.emit(
                found if len(found.ids) else "No token that passes the filter is like it."
            )

    def _on_failed(self, asked: tuple[str, Query], error: TokenSimError) -> None:
        if asked == self._asked:
            self.changed.emit(str(error))
