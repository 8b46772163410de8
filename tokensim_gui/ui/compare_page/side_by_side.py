"""One query in several encoders: a list for each, and lines between the words that they share."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QScrollArea, QVBoxLayout, QWidget

from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.hub.address import source_name
from tokensim_gui.core.library.library import STARTER
from tokensim_gui.core.values import Query
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.comparison import FIRST, Column, Comparison
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.slope_lines import SlopeLine, SlopeLines
from tokensim_gui.ui.compare_page.common_words import CommonWords
from tokensim_gui.ui.compare_page.encoder_chooser import EncoderChooser
from tokensim_gui.ui.compare_page.encoder_column import MINIMUM_WIDTH, EncoderColumn
from tokensim_gui.ui.compare_page.rank_delegate import RankDelegate
from tokensim_gui.ui.compare_page.rank_model import RankModel
from tokensim_gui.ui.compare_page.token_list import TokenList
from tokensim_gui.ui.tokens.search_bar import SearchBar
from tokensim_gui.ui.tokens.token_chips import TokenChips
from tokensim_gui.ui.tokens.token_gestures import TokenGestures
from tokensim_gui.ui.widgets.elided_label import ElidedLabel

_LIST_WIDTH, _LEAST_GAP, _NARROW_GAP = 260, 72, 28  # a list with its bars; the room for lines
_SCORE_WIDTH, _BAR_FROM = 148, 232
_NUMBER_WIDTH, _NUMBER_FROM = 76, 172
_ROOM_FOR_HOW, _ANY = 1100, 16_777_215
_NUMBERS = {2: "both", 3: "all three", 4: "all four"}
_HOW = "Dim words stand in one list only. Compare ranks, not percentages."


class SideBySide(QWidget):
    """Shows the columns of a `Comparison`; selecting a word selects it in all of them.

    `header`, the query and its terms, belongs to the page.
    """

    optionChanged = Signal(str, object)

    def __init__(
        self, comparison: Comparison, vocabulary: Vocabulary, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)  # of the list in use
        self._comparison = comparison
        self.bar = SearchBar()
        self.chips = TokenChips(vocabulary, weighted=True)
        self.choosers: list[EncoderChooser] = []
        self.models: list[RankModel] = []
        self.lists: list[TokenList] = []
        self.columns: list[EncoderColumn] = []
        self.gaps: list[SlopeLines] = []
        self._active = self._explained = 0
        self._word = self._hovered = ""
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.common = CommonWords()
        self._caption = ElidedLabel()
        self._caption.setProperty("look", "dim")
        self._caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        scroll = QScrollArea(self)
        scroll.setProperty("look", "sheet")
        scroll.setWidgetResizable(True)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._beside = QWidget()
        scroll.setWidget(self._beside)
        self._row = QHBoxLayout(self._beside)
        self._row.setContentsMargins(theme.SPACE_XL, theme.SPACE_S, theme.SPACE_M, 0)
        self._row.setSpacing(0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)

    def make_columns(self, count: int, vocabulary: Vocabulary) -> None:
        """Make those that are missing of so many columns; each takes 8 ms.

        Args:
            count: How many are needed; two at least, before anything is shown.
            vocabulary: What the ids mean until there is an answer.
        """
        for number in range(len(self.columns), count):
            if number:
                self.gaps.append(SlopeLines(self._beside))
                self._row.addWidget(self.gaps[-1])
            model = RankModel(vocabulary, None, self)
            tokens = TokenList(model)
            tokens.set_painter(RankDelegate(model))
            tokens.setProperty("look", "ranks")
            tokens.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            tokens.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            chooser = EncoderChooser(f"Encoder {number + 1}")
            column = EncoderColumn(number, chooser, tokens, self._beside)
            self._row.addWidget(column, 1)
            self.choosers.append(chooser)
            self.models.append(model)
            self.lists.append(tokens)
            self.columns.append(column)
            chooser.chosen.connect(self._on_encoder_chosen)
            column.removeRequested.connect(self._comparison.remove)
            tokens.focused.connect(self._on_list_focused)
            tokens.tokenActivated.connect(self._on_list_token_activated)
            tokens.rowsShown.connect(self._draw_lines)
            tokens.rowHovered.connect(self._on_list_row_hovered)
            tokens.gestures.lookedUp.connect(self.gestures.lookedUp)
            tokens.gestures.forward_to(self.gestures)
            tokens.escapePressed.connect(self.bar.focus)
            tokens.lettersTyped.connect(self.bar.type_over)
            if number == 0:
                self.bar.downPressed.connect(tokens.focus_first_row)

    def header(self) -> Sequence[QWidget]:
        """What stands at the top of the page."""
        return (self.bar, self.chips)

    def top_row(self) -> Sequence[tuple[QWidget, int]]:
        """What stands over the lists, each with its share of the room that is left."""
        return ((self.common, 3), (self._caption, 2))

    def _connect(self) -> None:
        comparison = self._comparison
        self.bar.textEdited.connect(comparison.set_text)
        self.bar.submitted.connect(self._on_bar_submitted)
        self.bar.orderChanged.connect(self._on_bar_order_changed)
        self.bar.optionChanged.connect(self.optionChanged)
        self.chips.gestures.lookedUp.connect(self._on_chip_looked_up)
        self.chips.gestures.copyRequested.connect(self._on_chip_copy_requested)
        self.chips.textOffered.connect(self._on_text_offered)
        self.chips.weightChanged.connect(self.bar.set_weight)
        self.chips.wordWanted.connect(self.bar.begin_word)
        self.common.wordChosen.connect(self._select)
        comparison.changed.connect(self._on_changed)

    # What the page asks for -----------------------------------------------------------------

    def set_options(self, query: Query) -> None:
        """Show the query, with how the Search page measures."""
        self.bar.set_query(replace(query, text=self._comparison.query.text))

    def vocabulary(self) -> Vocabulary:
        """Where the ids of the list in use belong."""
        return self.models[self._active].vocabulary

    def selected_ids(self) -> list[int]:
        """Tokens selected in the list in use."""
        return self.lists[self._active].selected_ids()

    def focus_field(self) -> None:
        """Put the cursor into the query."""
        self.bar.focus()

    def panes(self) -> list[TokenList]:
        """The lists shown, from left to right."""
        return self.lists[: len(self._comparison.columns)]

    def caption(self) -> str:
        """How the lists are read, or which of them can't differ."""
        return self._caption.text()

    def slug(self) -> str:
        """The encoder of the list in use."""
        return self._comparison.columns[self._active].info.slug

    # Room -----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room between lists and lines."""
        super().resizeEvent(event)
        self._share_room()
        self._share_top()

    def _share_top(self) -> None:
        """The words go before the sentence, unless that says what one must know."""
        usual = self._caption.text() == _HOW
        self._caption.setMaximumWidth(0 if usual and self.width() < _ROOM_FOR_HOW else _ANY)

    def _share_room(self) -> None:
        """As much for the lines as for the lists, where the lists have what they need."""
        count = max(2, len(self._comparison.columns))
        around = self._row.contentsMargins()
        room = self.width() - around.left() - around.right()
        even = room / (2 * count - 1)
        left = (room - count * theme.px(_LIST_WIDTH)) / (count - 1)
        gap = max(min(even, left), _LEAST_GAP)
        if (room - gap * (count - 1)) / count < MINIMUM_WIDTH:
            gap = _NARROW_GAP
        width = max(MINIMUM_WIDTH, int((room - gap * (count - 1)) / count))
        for between in self.gaps:
            between.setFixedWidth(int(gap))
        for tokens in self.lists:
            header, score = tokens.horizontalHeader(), theme.px(_SCORE_WIDTH)
            if width < theme.px(_BAR_FROM):
                score = theme.px(_NUMBER_WIDTH)
            tokens.setColumnHidden(1, width < theme.px(_NUMBER_FROM))
            header.resizeSection(0, width - score)

    @Slot()
    def _draw_lines(self) -> None:
        """Join the rows of each word that two lists side by side have."""
        columns = self._comparison.columns
        everywhere = self._in_all_of_many()
        lifted = {self._word, self._hovered} - {""}
        for number, (one, other) in enumerate(pairwise(columns)):
            gap = self.gaps[number]
            tops = [self._top(gap, tokens) for tokens in self.lists[number : number + 2]]
            height = min(tokens.viewport().height() for tokens in self.lists[number : number + 2])
            seen = (tops[0], tops[0] + height)
            lines = []
            for word in one.ranks.keys() & other.ranks.keys():
                ends = [
                    top + self._middle(tokens, column.ranks[word] - 1)
                    for top, tokens, column in zip(
                        tops, self.lists[number : number + 2], (one, other), strict=True
                    )
                ]
                if any(seen[0] <= y <= seen[1] for y in ends):
                    role = "lifted" if word in lifted else "all" if word in everywhere else "some"
                    lines.append(SlopeLine(ends[0], ends[1], role))
            gap.show_lines(lines, seen)

    def _in_all_of_many(self) -> set[str]:
        """Words that stand out because all have them; of two lists every line is of both."""
        comparison = self._comparison
        return set(comparison.in_all) if len(comparison.columns) > 2 else set()

    @staticmethod
    def _top(gap: QWidget, tokens: TokenList) -> float:
        """Where the first pixel of a list's rows is, in pixels of the gap beside it."""
        where = tokens.viewport().mapToGlobal(QPoint(0, 0))
        return float(gap.mapFromGlobal(where).y())

    @staticmethod
    def _middle(tokens: TokenList, row: int) -> float:
        return tokens.rowViewportPosition(row) + tokens.rowHeight(row) / 2

    # From the state ---------------------------------------------------------------------------

    @Slot()
    def _on_changed(self) -> None:
        columns = self._comparison.columns
        self.make_columns(len(columns), self.models[0].vocabulary)
        self._active = min(self._active, max(0, len(columns) - 1))
        labels = self._comparison.tables.labels
        for number, column in enumerate(columns):
            slug = column.info.slug
            self.choosers[number].show_choice(slug, labels, column.info.source)
            self.lists[number].setAccessibleName(f"Nearest tokens of {labels[slug]}")
            self.columns[number].set_removable(len(columns) > 2)
            self.columns[number].set_facts(self._facts(column))
            self._show_answer(number, column)
        for number, widget in enumerate(self.columns):
            widget.setVisible(number < len(columns))
        for number, gap in enumerate(self.gaps):
            gap.setVisible(number < len(columns) - 1)
        self._show_query()
        self._show_common()
        self._share_room()
        self._draw_lines()

    def _show_query(self) -> None:
        """Show the query's terms by the first encoder that understands it, or what is wrong."""
        columns, fault = self._comparison.columns, self.fault
        self.bar.set_problem((fault.start, fault.end) if fault else None)
        answered = [n for n, c in enumerate(columns) if c.results is not None and c.vocabulary]
        if answered:
            self._explained = answered[0]
            column = columns[answered[0]]
            assert column.vocabulary is not None
            self.chips.set_results(column.vocabulary, column.results)
        elif columns and columns[0].vocabulary is not None:
            self.chips.set_results(columns[0].vocabulary, None)
        self.chips.set_error(fault)

    @property
    def fault(self) -> QueryError | None:
        """What is wrong with the query; what one encoder understands is no mistake."""
        problems = [column.problem for column in self._comparison.columns]
        faults = [problem for problem in problems if isinstance(problem, QueryError)]
        return faults[0] if faults and len(faults) == len(problems) else None

    def _show_answer(self, number: int, column: Column) -> None:
        model = self.models[number]
        results, vocabulary = column.results, column.vocabulary
        if column.problem is not None and not column.ranks:
            results = None
        if vocabulary is None or results is None:
            model.clear()
        else:
            others = [
                (self._comparison.tables.labels[one.info.slug], one.ranks)
                for other, one in enumerate(self._comparison.columns)
                if other != number
            ]
            model.show_answer(vocabulary, results, others, self._in_all_of_many())
        self.columns[number].set_message(self._message(column))
        row = model.row_of_word(self._word)
        self.lists[number].show_row(row)
        if row is None:  # the best of the new answer, not what lay where one had scrolled to
            self.lists[number].scrollToTop()

    def _message(self, column: Column) -> str:
        """What stands over an empty list."""
        if column.problem is not None and not column.ranks:
            return "" if self.fault else str(column.problem)  # a fault stands under the bar
        if column.vocabulary is None:
            return f"Opening {self._comparison.tables.labels[column.info.slug]}…"
        if not self._comparison.query.text.strip():
            return "Type a query above."
        if column.results is None:
            return "Searching…"
        if len(column.results.ids):
            return ""
        if column.vocabulary.family == "none":
            return "This encoder came without its tokenizer, so its words are not known."
        return "No token of this encoder can be typed as it is."

    def _facts(self, column: Column) -> str:
        """What is known of an encoder, and which words of the query it cuts where others don't."""
        info = column.info
        origin = "built in" if info.slug == STARTER else source_name(info.source)
        split = []
        least = [_pieces(one) for one in self._comparison.columns if one.ranks]
        for term, pieces in _pieces(column).items():
            if len(pieces) > min((len(one[term]) for one in least if term in one), default=1):
                split.append("·".join(pieces))
        cut = f"reads {', '.join(split)}" if split else ""
        return " · ".join(filter(None, (f"{info.rows:,} tokens", cut, origin)))

    def _show_common(self) -> None:
        comparison = self._comparison
        columns = comparison.columns
        if len(columns) < 2 or any(not column.ranks for column in columns):
            self.common.show_words("", [])
            self._caption.setText("")
            return
        words, every = comparison.in_all, _NUMBERS[len(columns)]
        none = f"No word is in the first {FIRST} of {every}."
        self.common.show_words(f"In the first {FIRST} of {every}:" if words else none, words)
        labels = comparison.tables.labels
        same = [f"{labels[a]} and {labels[b]} hold the same vectors." for a, b in comparison.same]
        self._caption.setText(" ".join(same) or _HOW)
        self._share_top()

    # From the widgets -------------------------------------------------------------------------

    @Slot(str)
    def _on_bar_submitted(self, _text: str) -> None:
        self._comparison.submit()

    @Slot(str)
    def _on_bar_order_changed(self, order: str) -> None:
        self.optionChanged.emit("order", order)

    @Slot(str)
    def _on_text_offered(self, text: str) -> None:
        self._comparison.set_text(text)
        self.bar.set_query(self._comparison.query)

    @Slot(str)
    def _on_encoder_chosen(self, slug: str) -> None:
        sender = self.sender()
        self._comparison.set_encoder([one is sender for one in self.choosers].index(True), slug)

    @Slot(int)
    def _on_chip_looked_up(self, token: int) -> None:
        self._active = self._explained
        self.gestures.lookedUp.emit(token)

    @Slot(list)
    def _on_chip_copy_requested(self, ids: list[int]) -> None:
        self._active = self._explained
        self.gestures.copyRequested.emit(ids)

    @Slot()
    def _on_list_focused(self) -> None:
        self._active = [one is self.sender() for one in self.lists].index(True)

    @Slot(int)
    def _on_list_row_hovered(self, row: int) -> None:
        number = [one is self.sender() for one in self.lists].index(True)
        word = self.models[number].word(row) if row >= 0 else ""
        if word != self._hovered:
            self._hovered = word
            self._draw_lines()

    @Slot(int)
    def _on_list_token_activated(self, _token: int) -> None:
        sender = self.sender()
        number = [one is sender for one in self.lists].index(True)
        self._active = number
        self._word = self.models[number].word(self.lists[number].currentIndex().row())
        for other, (model, tokens) in enumerate(zip(self.models, self.lists, strict=True)):
            if other != number:
                tokens.show_row(model.row_of_word(self._word))
        self._draw_lines()

    @Slot(str)
    def _select(self, word: str) -> None:
        """Select a word wherever it stands."""
        self._word = word
        for model, tokens in zip(self.models, self.lists, strict=True):
            tokens.show_row(model.row_of_word(word))
        self._draw_lines()


def _pieces(column: Column) -> dict[int, list[str]]:
    """By term of the query, how this encoder cuts it."""
    results, vocabulary = column.results, column.vocabulary
    if results is None or vocabulary is None:
        return {}
    return {
        term: [own.name or vocabulary.display(own.id).strip("…") for own in group]
        for term, group in groupby(results.own, key=lambda own: own.term)
    }
