"""The tokens that the inspector shows, and what has to be searched and counted about them."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.core.query.term_weights import weighted_terms
from tokensim_gui.core.search.inspecting import near_one, near_several
from tokensim_gui.core.values import Near, Together
from tokensim_gui.jobs.conversation import Conversation
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.search import SearchState

REST_MS = 80  # after the last change; the list and the map of a key press come first


class Inspected(QObject):
    """Asks what is near the selected tokens, in a job of its own after the list's.

    Signals:
        tokensChanged: Other tokens are selected (tuple of ids, the current one first).
        nearChanged: What is near the one token.
        togetherChanged: How the several go together.
        elsewhereChanged: The text of the token, or the one typed while that is several tokens and
            none was selected by the user, and how the other encoders read it: of each its name,
            its pieces and whether it lacks a token for a part.
        othersChanged: Whether there are other encoders to read it.
    """

    tokensChanged = Signal(object)
    nearChanged = Signal(Near)
    togetherChanged = Signal(Together)
    elsewhereChanged = Signal(str, list)  # list[tuple[str, list[str], bool]]
    othersChanged = Signal(bool)

    def __init__(
        self,
        search: SearchState,
        tables: OpenTables,
        worker: Worker,
        library: TableLibrary,
        parent: QObject | None = None,
    ) -> None:
        """Take whose query says how similarity is measured, the tables, and who searches."""
        super().__init__(parent)
        self._library = library
        self._has_others = False
        self._asked = ""  # how other encoders read it
        self._counting = Conversation(["look-up", "--follow"], self)
        self._counting.answered.connect(self._on_counting_answered)
        self._search, self._tables, self._worker = search, tables, worker
        self.tokens: tuple[int, ...] = ()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._on_rest_timeout)
        self._metric = search.query.metric
        tables.frontChanged.connect(self._on_front_changed)
        search.queryChanged.connect(self._on_query_changed)
        search.resultsChanged.connect(self._on_results_changed)

    def choose(self, tokens: Sequence[int]) -> None:
        """Show these tokens, the current one first; none shows how to begin."""
        if tuple(tokens) != self.tokens:
            self.tokens, self._asked = tuple(tokens), ""
            self.tokensChanged.emit(self.tokens)
        if self.tokens:
            self._rest.start()

    @Slot()
    def _on_rest_timeout(self) -> None:
        front, tokens = self._tables.front, self.tokens
        if front is None or not tokens or max(tokens) >= front.vocabulary.rows:
            return
        if len(tokens) == 1:
            self._asked = self._wanted()
            if self._has_others and self._asked:
                self._counting.ask(self._asked)
            metric = self._search.query.metric
            self._worker.submit(
                "inspect",
                near_one,
                front.engine,
                tokens[0],
                metric,
                done=self._on_near_found,
                failed=self._on_failed,
            )
        else:
            self._worker.submit(
                "inspect",
                near_several,
                front.engine,
                front.table,
                tokens,
                done=self._on_together_found,
                failed=self._on_failed,
            )

    def _wanted(self) -> str:
        """The text that the card of the one token shown tells the cost of."""
        return self._typed() or self._tables.vocabulary.text(self.tokens[0]) or ""

    def _typed(self) -> str:
        """What is typed, where it is one text of several tokens and the user selected none."""
        results = self._search.results
        if results is None or self._search.selected.is_chosen or len(results.own) < 2:
            return ""
        terms = weighted_terms(results.query.text)
        return terms[0].text if len(terms) == 1 else ""

    def close(self) -> None:
        """End the process that counts, if it was started."""
        self._counting.close()

    @Slot(object, object)
    def _on_counting_answered(self, text: str, answer: dict[str, Any]) -> None:
        if text != self._asked:  # another token is shown by now
            return
        current = self._tables.current
        self.elsewhereChanged.emit(
            text,
            [
                (one["name"], one["pieces"], one["lacks"])
                for one in answer["encoders"]
                if one["slug"] not in (STARTER, current) and one["pieces"]
            ],
        )

    @Slot()
    def look_for_others(self) -> None:
        """The library may have changed: see whether there is another encoder, and ask anew."""
        # The starter's tokens are CLIP's, and no image model reads by it.
        mine = STARTER, self._tables.current
        self._has_others = any(info.slug not in mine for info in self._library.tables())
        self.othersChanged.emit(self._has_others)
        self.choose(self.tokens)

    @Slot()
    def _on_front_changed(self) -> None:
        self._worker.cancel("inspect")  # its ids would be of the table before
        self.look_for_others()

    @Slot()
    def _on_query_changed(self) -> None:
        """What a key asks for comes first: in a large table each search takes a while."""
        if self._worker.has("inspect"):
            self._worker.cancel("inspect")
            self._rest.start()

    @Slot()
    def _on_results_changed(self) -> None:
        """Measure anew, if it is done in another way now."""
        if self._search.query.metric != self._metric:
            self._metric = self._search.query.metric
            self.choose(self.tokens)
        elif self._asked and len(self.tokens) == 1 and self._wanted() != self._asked:
            self.choose(self.tokens)

    def _on_near_found(self, near: Near) -> None:
        if self.tokens == (near.token,):
            self.nearChanged.emit(near)

    def _on_together_found(self, together: Together) -> None:
        if set(together.tokens) <= set(self.tokens) and len(self.tokens) > 1:
            self.togetherChanged.emit(together)

    def _on_failed(self, _error: TokenSimError) -> None:
        """What is near stays empty; a bug was told of by the worker."""
