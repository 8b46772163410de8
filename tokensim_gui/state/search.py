"""The state of the Search page.

One path from change to screen: a request changes the state here, and one signal goes out.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.query.completion import Completion, completion
from tokensim_gui.core.query.reference import reference
from tokensim_gui.core.report import token_report
from tokensim_gui.core.values import IntArray, Query, Results, TokenFilter
from tokensim_gui.core.vocabulary import filters
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.first_screen import first_query, keep_answer, stored_answer
from tokensim_gui.state.history import History, Selection, merged_visits
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.open_tables import OpenTable, OpenTables
from tokensim_gui.state.settings import Settings
from tokensim_gui.state.tray_tokens import Places, Tray, TrayToken

View = Literal["neighbours", "vocabulary"]
REST_MS = 700  # an unfinished query turns red after this long without a key
HISTORY_MS = 1500  # and is worth an entry in the history after this
_NAMED = 3
TRIES_UNTIL = 5  # queries of the user's own; what to try is offered until then


class SearchState(QObject):
    """Owns query, results, selection, history and tray; emits what the page shows."""

    queryChanged = Signal(Query)
    resultsChanged = Signal(object)  # Results
    idsChanged = Signal(object)  # IntArray: rows of the vocabulary view
    viewChanged = Signal(str)
    problemChanged = Signal(object)  # TokenSimError | None
    selectionChanged = Signal(object)  # int | None
    historyChanged = Signal(bool, bool)
    trayChanged = Signal(object)  # Places
    noticed = Signal(Notice)

    def __init__(
        self,
        settings: Settings,
        tables: OpenTables,
        worker: Worker,
        parent: QObject | None = None,
    ) -> None:
        """Take the settings, the tables (the one in front is searched) and who searches."""
        super().__init__(parent)
        self._settings, self._tables, self._worker = settings, tables, worker
        self.view: View = "neighbours"
        self.query = first_query(settings)
        self.results: Results | None = None
        self.selected = Selection()
        """The token selected, and whether the user selected it or the answer."""
        self._vocabulary = tables.vocabulary  # of the answers, the selection and the tray
        self._tray = Tray(settings.tray, tables.vocabulary)
        self._history = History([text for _, text in settings.history])
        self._problem: TokenSimError | None = None
        self._failed: Query | None = None
        self.found: IntArray | None = None
        """What the vocabulary view shows in place of all tokens, from the next `set_view` on."""
        self._is_typed = False  # the query, by the user
        self._completed: tuple[tuple[str, object], Completion | None] | None = None
        self._rest = self._timer(REST_MS, self._on_rest_timeout)
        self._settle = self._timer(HISTORY_MS, self._on_settle_timeout)
        self._tray_rest = self._timer(REST_MS, self._on_tray_settled)
        tables.frontChanged.connect(self._on_front_changed)

    # Starting and ending ----------------------------------------------------------------

    def show_first(self, query: str | None = None) -> None:
        """Send out the first screen, drawn from a file, before torch is there.

        Args:
            query: What was asked for on the command line, if anything.
        """
        if query is not None:
            self.query = replace(self.query, text=query)
        stored = stored_answer(self.query, self._tables.info.slug, self._tables.vocabulary.rows)
        self.queryChanged.emit(self.query)
        self.trayChanged.emit(self._tray.places)
        self._history.visit(self.query.text)
        if stored is not None:
            self._show(stored)
        elif not self.query.text.strip() or self._vocabulary.family == "none":
            self.set_view("vocabulary")  # where tokens have no names, no words can be asked for

    def close(self) -> None:
        """Remember what the next start shows."""
        self._settings.set("last_query", self.query.text)
        self._on_tray_settled()
        if self.results is not None and self.results.query == self.query:
            keep_answer(self.results, self._tables.vocabulary.rows)

    @property
    def is_current(self) -> bool:
        """Whether what is shown answers the query as it stands, from an open table."""
        if self._tables.front is None:
            return False
        if not self.query.text.strip() or self._failed == self.query:
            return True
        return self.results is not None and self.results.query == self.query

    # Queries ----------------------------------------------------------------------------

    def set_text(self, text: str) -> None:
        """Search for a text; the newest wins. An empty one leads to the vocabulary."""
        if text == self.query.text:
            return
        self.query = replace(self.query, text=text)
        self._problem = None
        self._settle.start()
        if not text.strip():
            self._rest.stop()
            self.queryChanged.emit(self.query)
            self.problemChanged.emit(None)
            self.set_view("vocabulary")
            return
        self._rest.start()
        self._search()  # first: it goes on while the widgets follow
        self.queryChanged.emit(self.query)
        self.set_view("neighbours")

    def set_typed(self, text: str) -> None:
        """Search for what the user types; five such queries are counted, and then no more."""
        self._is_typed = True
        self.set_text(text)

    def completion(self, text: str) -> Completion | None:
        """How the last word of a text might go on; asked several times for each key."""
        asked = text, self._tables.vocabulary
        if self._completed is None or self._completed[0] != asked:
            self._completed = asked, completion(*asked)
        return self._completed[1]

    def submit(self) -> None:
        """Enter: what is wrong with the query is said now, and it enters the history."""
        self._on_rest_timeout()
        self._on_settle_timeout()

    def set_option(self, name: str, value: object) -> None:
        """Change an option of the query, and remember it: order, metric, inputs, count."""
        changes: dict[str, Any] = {name: value}
        if name == "metric" and value == "euclidean" and self.query.order == "unrelated":
            changes["order"] = "nearest"
        for key, changed in changes.items():
            self._settings.set(key, changed)
        self.query = replace(self.query, **changes)
        self.queryChanged.emit(self.query)
        self._refresh()

    def set_filter(self, token_filter: TokenFilter) -> None:
        """Change which tokens may appear."""
        if token_filter != self.query.filter:
            self.query = replace(self.query, filter=token_filter)
            self._refresh()

    def query_filter_at_start(self, token_filter: TokenFilter) -> None:
        """Take the remembered filter before anything was asked."""
        self.query = replace(self.query, filter=token_filter)

    def set_map_count(self, count: int) -> None:
        """Change how many tokens the map shows."""
        if count != self.query.map_count:
            self.query = replace(self.query, map_count=count)
            self._search()

    def set_view(self, view: View) -> None:
        """Show neighbours or the vocabulary."""
        changed, self.view = view != self.view, view
        if changed:
            self.viewChanged.emit(view)
        if view == "vocabulary":
            self._show_vocabulary()
        elif changed and self.results is not None:
            self.resultsChanged.emit(self.results)

    def look_up(self, token: int) -> None:
        """Make a token the query; `back` returns."""
        self.ask(reference(self._tables.vocabulary, token))

    def ask(self, text: str) -> None:
        """Make a text the query, with a place of its own in the history."""
        self._on_settle_timeout()
        self.set_text(text)
        self._on_settle_timeout()

    def append(self, token: int, sign: str) -> None:
        """Add a token to the query or take it off."""
        text = self.query.text.rstrip()
        name = reference(self._tables.vocabulary, token)
        self.set_text(f"{text} {sign} {name}" if text or sign == "-" else name)

    def names(self, tokens: Sequence[int]) -> list[str]:
        """Tokens as the query language writes them."""
        return [reference(self._tables.vocabulary, token) for token in tokens]

    def go(self, step: Literal["back", "forward"]) -> None:
        """Walk through the history."""
        self._on_settle_timeout()
        text = self._history.back() if step == "back" else self._history.forward()
        if text is not None:
            self.set_text(text)
            self._settle.stop()
            self._emit_history()

    # Selection and tray -------------------------------------------------------------------

    @property
    def selection(self) -> int | None:
        """The token selected."""
        return self.selected.token

    def select(self, token: int | None) -> None:
        """Select a token everywhere, as the user's choice that new results do not change."""
        self._change_selection(lambda selection: selection.choose(token))

    def set_search_shown(self, shown: bool) -> None:
        """Say whether the Search page is in front; it comes back with the token it had."""
        self._change_selection(Selection.come_back if shown else Selection.go_away)

    def _change_selection(self, change: Callable[[Selection], Selection]) -> None:
        before, self.selected = self.selected, change(self.selected)
        after = self.selected
        if (after.token, after.is_chosen) != (before.token, before.is_chosen):
            self.selectionChanged.emit(after.token)

    @property
    def tray(self) -> tuple[int, ...]:
        """Ids of the tokens in the tray that the vocabulary in front has."""
        return self._tray.ids

    @property
    def tray_places(self) -> Places:
        """All tokens of the tray, with the ids that they have in the vocabulary in front."""
        return self._tray.places

    def change_tray(self, change: Callable[[Tray], None]) -> None:
        """Change the tray and show what came of it."""
        before = self._tray.tokens
        change(self._tray)
        self._tray_rest.start()
        self.trayChanged.emit(self._tray.places)
        if over := self._tray.left_out:
            held = len(self._tray.tokens)
            were = "was" if over == 1 else "were"
            words = f"The tray is full: it holds {held:,} tokens, and {over:,} {were} left out."
            changed = self._tray.tokens != before  # else Undo would take back another change
            self.noticed.emit(Notice(words, (Offer("Undo", "tray", "undo"),) * changed))

    def step_tray(self, is_undo: bool) -> None:
        """Take the last change of the tray back, or make it again, and say what that did."""
        if not (self._tray.can_undo if is_undo else self._tray.can_redo):
            words = f"There is nothing to {'undo' if is_undo else 'redo'} in the tray."
            self.noticed.emit(Notice(words))
            return
        before = len(self._tray.tokens)
        self.change_tray(Tray.undo if is_undo else Tray.redo)
        more = len(self._tray.tokens) - before
        tokens = f"{abs(more)} token{'s' if abs(more) != 1 else ''}"
        words = f"{tokens} {'put into' if more > 0 else 'taken out of'} the tray again."
        other = Offer("Redo", "tray", "redo") if is_undo else Offer("Undo", "tray", "undo")
        self.noticed.emit(Notice(words if more else "The tray has its order again.", (other,)))

    def exported(self, ids: Sequence[int], suffix: str) -> str:
        """The tokens shown as a file's text: CSV, TSV or JSON by ``suffix``."""
        scores: dict[int, float] = {}
        if self.view == "neighbours" and self.results is not None:
            scores = dict(zip(self.results.ids.tolist(), self.results.scores.tolist(), strict=True))
        norms = self._tables.front.table.norms if self._tables.front is not None else None
        return token_report.exported(self._tables.vocabulary, ids, scores, norms, suffix)

    # Inside -----------------------------------------------------------------------------

    def _timer(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _refresh(self) -> None:
        if self.view == "vocabulary":
            self._show_vocabulary()
        self._search()

    def _search(self) -> None:
        front = self._tables.front
        if front is not None and self.query.text.strip():
            self._worker.submit(
                "search",
                front.engine.search,
                self.query,
                done=self._on_found,
                failed=partial(self._on_search_failed, self.query),
            )

    def _show_vocabulary(self) -> None:
        try:
            mask = filters.mask(self._tables.vocabulary, self.query.filter)
        except TokenSimError as error:
            self.problemChanged.emit(error)
            return
        order: IntArray = self._tables.vocabulary.order if self.found is None else self.found
        self.idsChanged.emit(order[mask[order]])

    def _show(self, results: Results) -> None:
        self.results = results
        self.problemChanged.emit(None)
        self._say_after_rest(results.problem)
        if self.view == "neighbours":
            self.resultsChanged.emit(results)
        if self.view == "neighbours" and len(results.ids):
            own = [token.id for token in results.own]
            if not self.selected.is_chosen or self.selection not in {*results.ids.tolist(), *own}:
                # Who types one word asks about that word first, and then what is near it.
                first = own[0] if len(own) == 1 and own[0] >= 0 else int(results.ids[0])
                self._change_selection(lambda selection: selection.follow(first))

    def _say_after_rest(self, problem: TokenSimError | None) -> None:
        """Say what is wrong once typing has rested: half a query is no mistake."""
        self._problem = problem
        if not self._rest.isActive():
            self._on_rest_timeout()

    def _say_what_is_absent(self) -> None:
        """Say which tokens of the tray wait for the encoder that has them."""
        absent = self._tray.absent
        if absent:
            names = ", ".join(f"“{token.text}”" for token in absent[:_NAMED])
            more = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
            are, them = ("is no token", "it") if len(absent) == 1 else ("are no tokens", "them")
            words = f"{names}{more} {are} of {self._tables.info.name}; the tray keeps {them}."
            self.noticed.emit(Notice(words))

    def _emit_history(self) -> None:
        self.historyChanged.emit(self._history.can_go_back, self._history.can_go_forward)

    @Slot()
    def _on_rest_timeout(self) -> None:
        self._rest.stop()
        if self._problem is not None:
            self.problemChanged.emit(self._problem)

    @Slot()
    def _on_tray_settled(self) -> None:
        """Remember the tray; not at each of its changes, since a disk may be slow."""
        self._tray_rest.stop()
        self._settings.set("tray", self._tray.log)

    @Slot()
    def _on_settle_timeout(self) -> None:
        self._settle.stop()
        if self.query.text.strip():
            if self._is_typed and self.query.text != self._history.current:
                typed = min(self._settings.queries_typed + 1, TRIES_UNTIL)
                self._settings.set("queries_typed", typed)
            self._is_typed = False
            self._history.visit(self.query.text)
            self._settings.set("last_query", self.query.text)
            visit = (time.time(), self.query.text)
            self._settings.set("history", merged_visits(self._settings.history, (visit,)))
            self._emit_history()

    def _on_found(self, results: Results) -> None:
        if results.slug == self._tables.info.slug:
            self._show(results)

    def _on_search_failed(self, query: Query, error: TokenSimError) -> None:
        if query == self.query:
            self._failed = query
            self._say_after_rest(error)

    @Slot(object)
    def _on_front_changed(self, table: OpenTable) -> None:
        """Ask the table that is open now the same."""
        if table.vocabulary is not self._vocabulary:
            selected = self.selection
            before = None if selected is None else TrayToken.of(self._vocabulary, selected)
            self._vocabulary, self.results, self.found = table.vocabulary, None, None
            self._tray.use(table.vocabulary)
            self.trayChanged.emit(self._tray.places)
            self._say_what_is_absent()
            after = None if before is None else before.find(table.vocabulary)
            self._change_selection(lambda selection: selection.move_to(after))
            if table.vocabulary.family == "none":
                self.set_view("vocabulary")
        self._refresh()
