"""The inspector: what is known of the selected tokens, one or several, or how to begin."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.search_page.first_steps import FirstSteps
from tokensim_gui.ui.search_page.several_card import SeveralCard
from tokensim_gui.ui.search_page.token_card import TokenCard

if TYPE_CHECKING:
    from tokensim_gui.core.values import Explanation
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
    from tokensim_gui.state.session import Session
    from tokensim_gui.ui.tokens.token_lines import TokenLines

_ROOM_FOR_BOTH = 640  # of a card as it is at first and of how to begin below it


class Inspector(QFrame):
    """Shows one of its cards; `lines` are the lists of tokens in them."""

    textOffered = Signal(str)

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        """Take what finds out about tokens, and says vectors in words."""
        super().__init__(parent)
        self._session = session
        self.setProperty("look", "side")
        self.setAccessibleName("Token")
        self.card, self.several = TokenCard(), SeveralCard()
        self._first_steps, self._blank = FirstSteps(), QWidget()
        self.lines: tuple[TokenLines, ...] = (
            self.card.near,
            self.card.related,
            self.several.near,
            self.several.odd,
            self.card.words.lines,
            self.several.words.lines,
        )

        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(self.several)
        self._several_page = scroll
        self._stack = QStackedWidget()
        self._first_query = session.search.query.text
        for page in (self.card, scroll, self._blank):
            self._stack.addWidget(page)
        self._stack.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self._first_steps)
        self._first_steps.textOffered.connect(self.textOffered)
        self.several.trayToggled.connect(self._on_several_tray_toggled)
        self.several.meanRequested.connect(self._on_several_mean_requested)
        self.several.compareRequested.connect(self._on_several_compare_requested)
        session.search.selectionChanged.connect(self._on_selection_changed)
        session.inspected.nearChanged.connect(self.card.set_near)
        session.inspected.elsewhereChanged.connect(self.card.set_elsewhere)
        session.inspected.othersChanged.connect(self._on_others_changed)
        self.card.elsewhere.moreRequested.connect(self._on_more_encoders_requested)
        session.inspected.togetherChanged.connect(self.several.set_together)
        session.in_words.changed.connect(self._on_words_changed)
        for block in (self.card.words, self.several.words):
            block.toggled.connect(self._on_words_toggled)
            block.subjectChosen.connect(session.in_words.set_subject)
            block.queryRequested.connect(session.in_words.make_query)
            session.in_words.subjectChanged.connect(block.set_subject)
        self._on_words_toggled(session.settings.card_words)
        self.card.set_more(session.settings.card_more)
        self.card.moreToggled.connect(self._on_more_toggled)

    def set_tokens(self, vocabulary: "Vocabulary", tokens: Sequence[int]) -> None:
        """Show these tokens, the current one first; none shows how to begin."""
        if len(tokens) > 1:
            self.several.set_tokens(vocabulary, tuple(tokens))
            self._stack.setCurrentWidget(self._several_page)
        else:
            self.card.set_token(tokens[0] if tokens else None)
            self._stack.setCurrentWidget(self.card)
        self._stack.setVisible(bool(tokens))
        self._show_first_steps()

    def set_blank(self) -> None:
        """Show nothing, where no token was found."""
        self._stack.setCurrentWidget(self._blank)
        self._stack.show()
        self._show_first_steps()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show how to begin below the first card too where there is room."""
        super().resizeEvent(event)
        self._show_first_steps()

    def _show_first_steps(self) -> None:
        search = self._session.search
        nothing_done = (
            self._session.settings.queries_typed == 0
            and search.query.text == self._first_query
            and not search.selected.is_chosen
        )
        is_room = self.height() >= theme.px(_ROOM_FOR_BOTH)
        self._first_steps.setVisible((nothing_done and is_room) or self._stack.isHidden())

    @Slot(object)
    def _on_selection_changed(self, _token: int | None) -> None:
        self._show_first_steps()

    @Slot()
    def _on_several_tray_toggled(self) -> None:
        chosen = self._session.inspected.tokens
        self._session.search.change_tray(lambda tray: tray.toggle(chosen))

    @Slot()
    def _on_several_mean_requested(self) -> None:
        self.textOffered.emit(self._mean())

    @Slot()
    def _on_several_compare_requested(self) -> None:
        self._session.comparison.set_text(self._mean())
        self._session.pageRequested.emit("compare")

    def _mean(self) -> str:
        names = self._session.search.names(self._session.inspected.tokens)
        return f"({' + '.join(names)}) / {len(names)}"

    @Slot(bool)
    def _on_others_changed(self, there_are: bool) -> None:
        self.card.elsewhere.set_alone(not there_are)

    @Slot()
    def _on_more_encoders_requested(self) -> None:
        self._session.pageRequested.emit("encoders")

    @Slot(bool)
    def _on_more_toggled(self, is_open: bool) -> None:
        self._session.settings.set("card_more", is_open)

    @Slot(bool)
    def _on_words_toggled(self, is_open: bool) -> None:
        for block in (self.card.words, self.several.words):
            block.set_open(is_open)
        self._session.settings.set("card_words", is_open)
        self._session.in_words.want(is_open)

    @Slot(object)
    def _on_words_changed(self, said: "Explanation | str | None") -> None:
        for block in (self.card.words, self.several.words):
            if said is None or isinstance(said, str):
                block.set_sentence(said or "")
            else:
                block.set_explanation(self._session.tables.vocabulary, said)
