"""The Search page: puts its widgets together and connects them to the session."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tokensim_gui.core.errors import NoTokenizer, QueryError, TokenSimError
from tokensim_gui.core.library.library import STARTER
from tokensim_gui.core.query.lexer import quoted
from tokensim_gui.core.values import IntArray, Query, Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.search import TRIES_UNTIL
from tokensim_gui.state.settings import Settings
from tokensim_gui.state.tray_tokens import Places
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.map_pane import MapPane
from tokensim_gui.ui.search_page.filter_bar import FilterBar
from tokensim_gui.ui.search_page.inspector import Inspector
from tokensim_gui.ui.search_page.naming_strip import NamingStrip
from tokensim_gui.ui.search_page.panes import Panes
from tokensim_gui.ui.search_page.picture import search_picture
from tokensim_gui.ui.search_page.shelf import Shelf
from tokensim_gui.ui.search_page.tray import Tray
from tokensim_gui.ui.tokens.search_bar import SearchBar
from tokensim_gui.ui.tokens.token_chips import TokenChips
from tokensim_gui.ui.tokens.token_gestures import TokenGestures
from tokensim_gui.ui.tokens.token_table import TokenTable
from tokensim_gui.ui.widgets.qt_quirks import focus_inside

if TYPE_CHECKING:
    from tokensim_gui.state.notice import Offer
    from tokensim_gui.state.open_tables import OpenTable
    from tokensim_gui.state.session import Session

_LATE_MS = 400  # a search that takes longer says so
_REFUSED = "Nothing to draw: see the line under the query."


class SearchPage(QWidget):
    """Bar, chips, table, map and card, all on one state; F6 leads on to the tray of the window."""

    offerTaken = Signal(object)  # Offer

    def __init__(
        self, session: "Session", settings: Settings, tray: Tray, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)
        self._session, self._settings = session, settings
        self._go_to: int | None = None
        self._id_refused = False
        self._offered = frozenset[int]()  # to the tray, in the line for messages
        self._patience = QTimer(self, singleShot=True, interval=_LATE_MS)
        self._patience.timeout.connect(self._on_patience_timeout)
        vocabulary = session.tables.vocabulary
        self.bar = SearchBar(session.search.names, session.search.completion)
        self.chips = TokenChips(vocabulary, weighted=True)
        self.shelf = Shelf()
        self.filter_bar = FilterBar()
        self.table = TokenTable(vocabulary)
        self.map = MapPane(self)
        self.inspector = Inspector(session)
        self.card = self.inspector.card
        self.tray = tray
        self._lay_out()
        self._connect_widgets()
        self._connect_session()
        self.filter_bar.set_level(settings.filter_level)
        self.filter_bar.set_script(settings.script)
        session.search.query_filter_at_start(self.filter_bar.filter())
        self.table.set_columns(settings.columns)
        self._on_history_changed()

    def _lay_out(self) -> None:
        left = QFrame()
        left.setProperty("look", "panel")
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.filter_bar)
        column.addWidget(self.table, 1)
        self.panes = Panes(left, self.map, self.inspector, self.tray, self._settings)
        self.panes.singleChanged.connect(self.filter_bar.set_one_row)
        self.panes.singleChanged.connect(self.shelf.setHidden)
        self.splitter = self.panes.splitter
        under = QHBoxLayout()
        under.setSpacing(theme.SPACE_S)
        under.addWidget(self.chips, 1)
        under.addWidget(self.shelf, 0, Qt.AlignmentFlag.AlignVCenter)
        under.addWidget(self.panes.switch, 0, Qt.AlignmentFlag.AlignVCenter)
        head = QWidget()
        rows = QVBoxLayout(head)
        rows.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, 10)
        rows.setSpacing(theme.SPACE_S)
        rows.addWidget(self.bar)
        rows.addLayout(under)
        line = QFrame()
        line.setProperty("look", "line")
        line.setFixedHeight(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(NamingStrip(self._session.naming))
        layout.addWidget(line)
        layout.addWidget(self.panes, 1)

    def _connect_widgets(self) -> None:
        session = self._session
        self.bar.textEdited.connect(session.search.set_typed)
        self.bar.submitted.connect(self._on_bar_submitted)
        self.bar.orderChanged.connect(partial(session.search.set_option, "order"))
        self.bar.optionChanged.connect(session.search.set_option)
        self.bar.downPressed.connect(self.table.go_to_top)
        self.chips.textOffered.connect(self._on_chips_text_offered)
        self.chips.offerTaken.connect(self._on_chips_offer_taken)
        self.chips.weightChanged.connect(self.bar.set_weight)
        self.chips.wordWanted.connect(self.bar.begin_word)
        self.filter_bar.filterChanged.connect(session.search.set_filter)
        self.filter_bar.viewChanged.connect(session.search.set_view)
        self.filter_bar.downPressed.connect(self.table.go_to_top)
        self.filter_bar.idRequested.connect(self.show_among_ids)
        self.filter_bar.idRefused.connect(self._on_id_refused)
        self.filter_bar.finderChosen.connect(session.finders.find)
        self.filter_bar.formsChanged.connect(partial(session.search.set_option, "leave_out_forms"))
        self.filter_bar.levelChanged.connect(partial(self._settings.set, "filter_level"))
        self.filter_bar.scriptChanged.connect(partial(self._settings.set, "script"))
        self.table.columnsChanged.connect(partial(self._settings.set, "columns"))
        self.table.roomWanted.connect(self.panes.give_list)
        self.table.escapePressed.connect(self.bar.focus)
        self.table.lettersTyped.connect(self.bar.type_over)
        self.card.copyRequested.connect(self._on_token_copy_requested)
        self.card.trayToggled.connect(self._on_token_tray_toggled)
        self.map.tokensSelected.connect(self._on_map_tokens_selected)
        self.map.follow(session.map)
        self.table.selectionChanged.connect(self._on_table_selection_changed)
        self.inspector.textOffered.connect(self._on_chips_text_offered)
        for view in (self.table, self.chips, self.map):
            view.tokenActivated.connect(session.search.select)
            view.gestures.lookedUp.connect(session.search.look_up)
            view.gestures.forward_to(self.gestures)
        for lines in self.inspector.lines:
            lines.tokenActivated.connect(session.search.select)
            lines.gestures.lookedUp.connect(session.search.look_up)
            lines.gestures.forward_to(self.gestures)

    def _connect_session(self) -> None:
        session = self._session
        session.tables.vocabularyChanged.connect(self._on_vocabulary_changed)
        session.tables.frontChanged.connect(self._on_table_opened)
        session.search.queryChanged.connect(self._on_query_changed)
        session.search.historyChanged.connect(self._on_history_changed)
        session.search.resultsChanged.connect(self._on_results_changed)
        session.search.idsChanged.connect(self._on_ids_changed)
        session.search.viewChanged.connect(self._on_view_changed)
        session.search.problemChanged.connect(self._on_problem_changed)
        session.search.selectionChanged.connect(self._on_selection_changed)
        session.search.trayChanged.connect(self._on_tray_changed)
        session.inspected.tokensChanged.connect(self._on_inspected_changed)
        for shows in (self.filter_bar, self.table, self.card):
            session.finders.changed.connect(shows.set_finding)
        session.map.aroundChanged.connect(self._on_around_changed)
        session.map.regionRequested.connect(self.panes.show_region)

    # What the window asks for -------------------------------------------------------------

    def focus_next_pane(self) -> None:
        """F6: from bar to filter, table, map, card and tray, and round again."""
        panes = [self.bar, self.filter_bar, self.table, self.map, self.inspector, self.tray]
        panes = [pane for pane in panes if pane.isVisible()]
        focused = [
            n for n, pane in enumerate(panes) if pane.isAncestorOf(self.window().focusWidget())
        ]
        at = focused[0] + 1 if focused else 0
        for following in (*panes[at:], *panes[:at]):
            if following is self.filter_bar:
                self.filter_bar.focus_text()
                return
            if focus_inside(following):  # an empty tray has nothing to go to
                return

    @Slot(int)
    def show_among_ids(self, token: int) -> None:
        """Show a token in the vocabulary between the ids before and after it."""
        rows = self._session.tables.vocabulary.rows
        if token >= rows:
            self._refuse_id(f"The last id of this encoder is #{rows - 1}.")
            return
        if self._id_refused:
            self._refuse_id("")
        self._go_to = token
        self._session.finders.end()
        self._session.search.select(token)
        self._session.search.set_view("vocabulary")

    def _refuse_id(self, sentence: str) -> None:
        self._id_refused = bool(sentence)
        self._session.say(sentence)

    def picture(self) -> QImage:
        """Query, encoder, list and map in one picture."""
        return search_picture(self._session, self.map.draw_whole)

    # From the widgets ---------------------------------------------------------------------

    @Slot(str)
    def _on_bar_submitted(self, _text: str) -> None:
        self._session.search.submit()

    @Slot(str)
    def _on_chips_text_offered(self, text: str) -> None:
        self.bar.focus_end()
        self._session.search.set_text(text)
        self._session.search.submit()

    @Slot(object)
    def _on_chips_offer_taken(self, offer: "Offer") -> None:
        # First the focus: the button goes, and would leave it to whatever stands next to it.
        self.bar.focus_end()
        self.offerTaken.emit(offer)

    @Slot(str)
    def _on_id_refused(self, text: str) -> None:
        self._refuse_id(f"{quoted(text)} is no id." if text else "")

    @Slot(int)
    def _on_token_copy_requested(self, token: int) -> None:
        self._session.clipboard.copy([token])

    @Slot(int)
    def _on_token_tray_toggled(self, token: int) -> None:
        self._session.search.change_tray(lambda tray: tray.toggle([token]))

    @Slot(list)
    def _on_map_tokens_selected(self, ids: list[int]) -> None:
        if ids:
            self._session.search.select(ids[0])
            self.table.select_ids(ids)
            self._session.inspected.choose(ids)
            self.map.set_selected(ids)
            if all(map(self.table.holds, ids)):
                self._session.say(f"{len(ids)} tokens selected: Space puts them into the tray.")
                self._offered = frozenset(ids)
                self.table.setFocus()
            else:  # out of the whole map: the list's Space would take a part of them
                self._session.say(f"{len(ids)} tokens selected.")
                self.panes.show_pane("card", True)
                focus_inside(self.inspector.several)

    @Slot(list)
    def _on_table_selection_changed(self, _ids: list[int]) -> None:
        self._inspect()

    def _inspect(self) -> None:
        """Show the current token in the inspector, with those selected beside it in the table."""
        current, beside = self._session.search.selection, self.table.selected_ids()
        chosen = [] if current is None else [current]
        if current in beside:
            chosen += [token for token in beside if token != current]
        self._session.inspected.choose(chosen)
        self._ring_selected()

    # From the session -------------------------------------------------------------------

    @Slot(object)
    def _on_vocabulary_changed(self, vocabulary: Vocabulary) -> None:
        self.table.set_vocabulary(vocabulary, None)
        self.map.set_vocabulary(vocabulary, self._session.tables.info.dim)
        info = self._session.tables.info
        self.card.set_table(vocabulary, None, info.name, info.slug == STARTER)
        self.chips.set_results(vocabulary, None)
        self.filter_bar.set_count("", filtered=False)

    @Slot(object)
    def _on_table_opened(self, opened: "OpenTable") -> None:
        table, vocabulary = opened.table, opened.vocabulary
        self.table.set_vocabulary(vocabulary, table.norms)
        self.map.set_vocabulary(vocabulary, table.info.dim, table.norms)
        info = table.info
        self.card.set_table(vocabulary, table.norms, info.name, info.slug == STARTER)
        self._on_inspected_changed(self._session.inspected.tokens)
        self._patience.start()
        if self._session.search.results is not None and self._session.search.view == "neighbours":
            self._on_results_changed(self._session.search.results)
        self._on_selection_changed(self._session.search.selection)

    @Slot(Query)
    def _on_query_changed(self, query: Query) -> None:
        self.bar.set_query(query)
        self.filter_bar.set_forms(query.leave_out_forms)
        self._patience.start()
        if not query.text.strip():
            self.chips.set_results(self._session.tables.vocabulary, None)
            self.map.set_results(None)
            self.map.set_message("")

    @Slot()
    def _on_patience_timeout(self) -> None:
        """Say that the answer is not there yet: the tokenizer may be loading."""
        search = self._session.search
        if search.view == "neighbours" and not search.is_current and self._session.tables.current:
            old = bool(self.table.shown_ids())
            self.table.set_message("" if old else "Searching…")
            self.map.set_message("Searching…")
            self.panes.set_dimmed(old)

    @Slot()
    def _on_history_changed(self) -> None:
        self.chips.set_tries(self._settings.queries_typed < TRIES_UNTIL)

    @Slot(object)
    def _on_results_changed(self, results: Results) -> None:
        self.table.set_results(results)
        self.chips.set_results(self._session.tables.vocabulary, results)
        self.map.set_results(results)
        self._ring_selected()
        self.table.set_selection(self._session.search.selection, scroll=False)
        self._say_where_it_is()
        count, hidden = len(results.ids), results.unfiltered - results.passing
        among = results.passing or results.unfiltered
        self.filter_bar.set_count(f"{count:,} of {among:,}", filtered=hidden > 0)
        self.table.set_message("")
        self.panes.set_dimmed(False)
        if count:
            self._on_inspected_changed(self._session.inspected.tokens)
        else:
            self.inspector.set_blank()
            self.table.set_message(
                "No token passes these filters. "
                f"{min(results.query.count, results.unfiltered):,} nearby ones are hidden."
                if hidden
                else "No other token of this encoder has a vector."
            )

    @Slot(object)
    def _on_around_changed(self, results: Results) -> None:
        """In the vocabulary view the map shows the neighbours of the selected token."""
        if self._session.search.view == "vocabulary":
            self.map.set_results(results)
            self._ring_selected()

    @Slot(object)
    def _on_ids_changed(self, ids: IntArray) -> None:
        self.table.set_ids(ids)
        rows = self._session.tables.vocabulary.rows
        self.filter_bar.set_count(f"{len(ids):,} of {rows:,}", filtered=len(ids) < rows)
        self.table.set_message("" if len(ids) else "No token passes these filters.")
        self.table.set_selection(self._session.search.selection, scroll=False)
        self._go_on(ids)
        self._say_where_it_is()

    def _go_on(self, ids: IntArray) -> None:
        """Finish `show_among_ids` once the rows are there, past a filter that hides the token."""
        token, self._go_to = self._go_to, None
        if token is None:
            return
        if not np.any(ids == token):
            everything = self._session.tables.vocabulary.order
            self.table.set_ids(everything)
            words = f"all {len(everything):,}, past the filter"
            self.filter_bar.set_count(words, filtered=False)
        self.table.sort_by("id")
        self.table.set_selection(token)
        self.table.scroll_to(token, centre=True)
        self.table.setFocus()

    @Slot(str)
    def _on_view_changed(self, view: str) -> None:
        self.filter_bar.set_view("vocabulary" if view == "vocabulary" else "neighbours")
        self.table.begin_view(scored=view == "neighbours")

    @Slot(object)
    def _on_problem_changed(self, error: TokenSimError | None) -> None:
        no_mistake = isinstance(error, NoTokenizer)  # the strip above offers a way out
        if error is not None and not self.table.shown_ids():
            # What is wrong with the query stands under the bar, and there alone.
            self.table.set_message(str(error) if no_mistake else "")
        self.map.set_message("" if error is None else str(error) if no_mistake else _REFUSED)
        if no_mistake:
            error = None
        self.chips.set_error(error)
        self.panes.set_dimmed(error is not None and bool(self.table.shown_ids()))
        self.bar.set_problem((error.start, error.end) if isinstance(error, QueryError) else None)

    @Slot(object)
    def _on_selection_changed(self, token: int | None) -> None:
        self._offered = frozenset()
        self.table.set_selection(token)
        self._say_where_it_is()
        if token is not None and self._session.search.view == "vocabulary":
            self._session.map.look_around(token)
        self._inspect()

    @Slot(object)
    def _on_inspected_changed(self, tokens: tuple[int, ...]) -> None:
        self.inspector.set_tokens(self._session.tables.vocabulary, tokens)

    @Slot(object)
    def _on_tray_changed(self, _places: Places) -> None:
        ids = self._session.search.tray
        self.card.set_tray(ids)
        self.inspector.several.set_tray(ids)
        self.table.set_tray(ids)
        self.map.set_tray(ids)
        if self._offered and self._offered <= set(ids):
            self._offered = frozenset()
            self._session.say("They are in the tray now.")

    def _say_where_it_is(self) -> None:
        """The inspector shows the selection: in the list, of the query, or it says neither."""
        search = self._session.search
        own = [token.id for token in search.results.own] if search.results is not None else []
        token = search.selection
        self.card.set_in_sight(token is None or token in own or self.table.holds(token))

    def _ring_selected(self) -> None:
        """Ring on the map what is selected in the table, the current token first."""
        current = self._session.search.selection
        if current is not None:
            chosen = [token for token in self.table.selected_ids() if token != current]
            self.map.set_selected([current, *chosen])
        else:
            self.map.set_selected([])

    # Room ---------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange for the width that there is."""
        super().resizeEvent(event)
        self.panes.arrange(event.size().width())
