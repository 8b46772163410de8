"""One query in several encoders: a bar, and a column for each encoder."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.values import Query
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.comparison import FIRST, Column, Comparison
from tokensim_gui.state.open_tables import MOST
from tokensim_gui.ui import theme
from tokensim_gui.ui.compare_page.encoder_chooser import EncoderChooser
from tokensim_gui.ui.compare_page.encoder_column import EncoderColumn
from tokensim_gui.ui.compare_page.rank_delegate import RankDelegate
from tokensim_gui.ui.compare_page.rank_model import RankModel
from tokensim_gui.ui.compare_page.token_list import TokenList
from tokensim_gui.ui.tokens.search_bar import SearchBar
from tokensim_gui.ui.tokens.token_chips import TokenChips
from tokensim_gui.ui.tokens.token_gestures import TokenGestures


class SideBySide(QWidget):
    """Shows the columns of a `Comparison`; selecting a word selects it in all of them."""

    optionChanged = Signal(str, object)

    def __init__(
        self, comparison: Comparison, vocabulary: Vocabulary, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)  # of the list in use
        self._comparison = comparison
        self.bar = SearchBar()
        self.choosers = [EncoderChooser(f"Encoder {number + 1}") for number in range(MOST)]
        self.chips = [TokenChips(vocabulary) for _ in range(MOST)]
        self.models = [RankModel(vocabulary, None, self) for _ in range(MOST)]
        self.lists = [TokenList(model) for model in self.models]
        self.columns: list[EncoderColumn] = []
        self._active = 0
        self._word = ""
        for number, (model, tokens) in enumerate(zip(self.models, self.lists, strict=True)):
            tokens.set_painter(RankDelegate(model, tokens))
            tokens.horizontalHeader().hide()
            chooser, chips = self.choosers[number], self.chips[number]
            self.columns.append(EncoderColumn(number, chooser, chips, tokens))
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._caption = QLabel()
        self._caption.setProperty("look", "dim")
        self._caption.setMinimumWidth(40)
        self._caption.setToolTip(
            f"A mark says which other encoder has the word in its first {FIRST}, and at what rank"
        )
        beside = QWidget()
        row = QHBoxLayout(beside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_M)
        for item in self.columns:
            row.addWidget(item, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(beside)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.bar)
        column.addWidget(self._caption)
        column.addWidget(scroll, 1)

    def _connect(self) -> None:
        comparison = self._comparison
        self.bar.textEdited.connect(comparison.set_text)
        self.bar.submitted.connect(self._on_bar_submitted)
        self.bar.orderChanged.connect(self._on_bar_order_changed)
        self.bar.optionChanged.connect(self.optionChanged)
        self.bar.downPressed.connect(self.lists[0].focus_first_row)
        for chooser, chips, column in zip(self.choosers, self.chips, self.columns, strict=True):
            chooser.chosen.connect(self._on_encoder_chosen)
            chips.gestures.lookedUp.connect(self._on_chip_looked_up)
            chips.gestures.copyRequested.connect(self._on_chip_copy_requested)
            chips.textOffered.connect(self._on_text_offered)
            column.removeRequested.connect(comparison.remove)
        for tokens in self.lists:
            tokens.focused.connect(self._on_list_focused)
            tokens.tokenActivated.connect(self._on_list_token_activated)
            tokens.gestures.lookedUp.connect(self.gestures.lookedUp)
            tokens.gestures.forward_to(self.gestures)
            tokens.escapePressed.connect(self.bar.focus)
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
        """The sentence on what the encoders share."""
        return self._caption.text()

    def slug(self) -> str:
        """The encoder of the list in use."""
        return self._comparison.columns[self._active].info.slug

    # From the state ---------------------------------------------------------------------------

    @Slot()
    def _on_changed(self) -> None:
        columns = self._comparison.columns
        self._active = min(self._active, max(0, len(columns) - 1))
        labels = self._comparison.tables.labels
        for number, column in enumerate(columns):
            slug = column.info.slug
            self.choosers[number].show_choice(slug, labels, column.info.source)
            self.lists[number].setAccessibleName(f"Nearest tokens of {labels[slug]}")
            self.columns[number].set_removable(len(columns) > 2)
            self._show_answer(number, column)
        for number, widget in enumerate(self.columns):
            widget.setVisible(number < len(columns))
        problems = [column.problem for column in columns]
        faults = [problem for problem in problems if isinstance(problem, QueryError)]
        # What one encoder understands is no mistake.
        wrong = bool(faults) and len(faults) == len(columns)
        self.bar.set_problem((faults[0].start, faults[0].end) if wrong else None)
        self._caption.setText(self._sentence())

    def _show_answer(self, number: int, column: Column) -> None:
        chips, model = self.chips[number], self.models[number]
        results, vocabulary = column.results, column.vocabulary
        if column.problem is not None and not column.ranks:
            results = None
        if vocabulary is None or results is None:
            model.clear()
        else:
            others = [
                (other, self._comparison.tables.labels[one.info.slug], one.ranks)
                for other, one in enumerate(self._comparison.columns)
                if other != number
            ]
            model.show_answer(vocabulary, results, others)
        if vocabulary is not None:
            chips.set_results(vocabulary, results)
        if column.problem is not None and results is not None:
            chips.set_error(column.problem)
        self.columns[number].set_message(self._message(column))
        row = model.row_of_word(self._word)
        self.lists[number].show_row(row)
        if row is None:  # the best of the new answer, not what lay where one had scrolled to
            self.lists[number].scrollToTop()

    def _message(self, column: Column) -> str:
        """What stands over an empty list."""
        if column.problem is not None and not column.ranks:
            return str(column.problem)
        if column.vocabulary is None:
            return f"Opening {self._comparison.tables.labels[column.info.slug]}…"
        if not self._comparison.query.text.strip():
            return "Type a query above."
        if column.results is None or len(column.results.ids):
            return ""
        if column.vocabulary.family == "none":
            return "This encoder came without its tokenizer, so its words are not known."
        return "No token of this encoder can be typed as it is."

    def _sentence(self) -> str:
        columns = self._comparison.columns
        if any(not column.ranks for column in columns) or len(columns) < 2:
            return ""
        count = self._comparison.in_all
        words = "1 word is" if count == 1 else f"{count or 'No'} words are"
        every = "both encoders" if len(columns) == 2 else f"all {len(columns)} encoders"
        return f"{words} in the first {FIRST} of {every}."

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
        self._use_chip()
        self.gestures.lookedUp.emit(token)

    @Slot(list)
    def _on_chip_copy_requested(self, ids: list[int]) -> None:
        self._use_chip()
        self.gestures.copyRequested.emit(ids)

    def _use_chip(self) -> None:
        self._active = [one.gestures is self.sender() for one in self.chips].index(True)

    @Slot()
    def _on_list_focused(self) -> None:
        self._active = [one is self.sender() for one in self.lists].index(True)

    @Slot(int)
    def _on_list_token_activated(self, _token: int) -> None:
        sender = self.sender()
        number = [one is sender for one in self.lists].index(True)
        self._active = number
        self._word = self.models[number].word(self.lists[number].currentIndex().row())
        for other, (model, tokens) in enumerate(zip(self.models, self.lists, strict=True)):
            if other != number:
                tokens.show_row(model.row_of_word(self._word))
