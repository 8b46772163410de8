"""The line under the bar: the query's own tokens, a hint, an error, or what to try."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from tokensim_gui.core.errors import QueryError, TokenSimError
from tokensim_gui.core.values import Metric, OwnToken, Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.notice import Notice
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens import glyphs
from tokensim_gui.ui.tokens.query_chip import QueryChip
from tokensim_gui.ui.tokens.token_gestures import TokenGestures

TRIES = ("girl", "sunset - sun", "😅", "#42067")
_MOST = 40  # chips ever shown; wider lines than that do not exist
_LEAST = 160  # pixels: less room than this is not worth a chip beside a notice


def _sign(coefficient: float, *, first: bool) -> str:
    """What stands before a term."""
    if coefficient < 0:
        return "−"
    return "" if first else "+"


def _short_score(score: float, metric: Metric) -> str:
    words = f"{score:.0%}" if metric in ("cosine", "centred") else f"{score:.3f}"
    return words.replace("-", "−")


def _show(item: QWidget, visible: bool) -> None:
    # Setting what is set already costs as much as a change.
    if item.isHidden() == visible:
        item.setVisible(visible)


class TokenChips(QWidget):
    """A line of fixed height, so that no message ever moves what is below it."""

    tokenActivated = Signal(int)
    textOffered = Signal(str)
    offerTaken = Signal(object)  # Offer

    def __init__(self, vocabulary: Vocabulary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)
        self.setFixedHeight(theme.HINT_HEIGHT)
        self._vocabulary = vocabulary
        self._results: Results | None = None
        self._error: TokenSimError | None = None
        self._notice = Notice("")
        self._words = ""
        self._tries_wanted = False
        self._title = self._label("dim", "tokens")
        self._message = self._label("dim", "")
        self._more = self._label("dim", "")
        self._chips: list[QueryChip] = []
        self._signs: list[QLabel] = []
        self._chip(0)  # before the buttons, and so before them for Tab
        self._links = [self._link() for _ in range(2)]
        self._try_title = self._label("dim", "Try")
        self._tries = [self._try(text) for text in TRIES]

    # What is shown ----------------------------------------------------------------------

    def set_results(self, vocabulary: Vocabulary, results: Results | None) -> None:
        """Show the tokens of an answered query, or nothing."""
        self._vocabulary, self._results = vocabulary, results
        self._error = None
        self._fill()

    def set_error(self, error: TokenSimError | None) -> None:
        """Show a sentence instead of the chips; None brings the chips back."""
        if error is not None or self._error is not None:
            self._error = error
            self._fill()

    def set_notice(self, notice: Notice) -> None:
        """Say something about the query beside the chips, with what can be done about it."""
        if notice != self._notice:
            self._notice = notice
            self._fill()

    def set_tries(self, wanted: bool) -> None:
        """Offer a few queries at the right end."""
        self._tries_wanted = wanted
        self._arrange()

    # Inside -----------------------------------------------------------------------------

    def _label(self, look: str, words: str) -> QLabel:
        label = QLabel(words, self)
        label.setProperty("look", look)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.hide()
        return label

    def _try(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("look", "chip")
        button.setAccessibleName(f"Try {text}")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(self._on_try_clicked)
        button.hide()
        return button

    def _link(self) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("look", "link")
        button.clicked.connect(self._on_link_clicked)
        button.hide()
        return button

    def _chip(self, number: int) -> QueryChip:
        while len(self._chips) <= number:
            chip = QueryChip(self.gestures, self)
            chip.clicked.connect(self._on_chip_clicked)
            if self._chips:
                QWidget.setTabOrder(self._chips[-1], chip)
            self._chips.append(chip)
            self._signs.append(self._label("dim", ""))
        return self._chips[number]

    def _fill(self) -> None:
        """Write the words; `_arrange` then finds places."""
        results = self._results
        own = results.own if results is not None and self._error is None else ()
        for number, token in enumerate(own[:_MOST]):
            chip = self._chip(number)
            chip.token = token.id
            name = glyphs.face(self._vocabulary, token.id, chip.font()).whole
            assert results is not None
            score = (
                "no vector"
                if token.score is None
                else _short_score(token.score, results.query.metric)
            )
            chip.setText(f"{name}  {score}".replace("&", "&&"))
            chip.setAccessibleName(f"Token {name}, {score}")
            chip.setToolTip(f"#{token.id} · click to select, double click to look it up")
            first = number == 0
            new_term = first or own[number - 1].term != token.term
            self._signs[number].setText(_sign(token.coefficient, first=first) if new_term else "")
        message, look = "", "dim"
        if self._error is not None:
            message, look = str(self._error), "error"
        elif self._notice.text:
            message = self._notice.text
        elif results is not None and results.hint is not None:
            message = results.hint.text
        if self._message.property("look") != look:
            self._message.setProperty("look", look)
            self._message.style().polish(self._message)
        self._words = message
        if not message:
            self._message.setText("")
        self._message.setToolTip(message)
        for link, words in zip(self._links, (*self._offered(), "", ""), strict=False):
            link.setText(words)
        self._arrange()

    def _offered(self) -> list[str]:
        """The words of the buttons beside the message."""
        if self._error is not None:
            label = self._error.fix_label if isinstance(self._error, QueryError) else ""
            return [label] if label else []
        if self._notice.text:
            return [offer.words for offer in self._notice.offers]
        hint = None if self._results is None else self._results.hint
        return [hint.fix_label] if hint is not None and hint.fix else []

    def _arrange(self) -> None:
        """Place chips from the left, message and tries at the right; say how many found no room."""
        own = self._results.own if self._results is not None and self._error is None else ()
        middle, width = self.height() // 2, self.width()
        right = width
        tries = self._tries_wanted and not self._words
        if tries:
            row = [self._try_title, *self._tries]
            needed = sum(item.sizeHint().width() + theme.SPACE_XS for item in row)
            tries = self._chips_width(own) + needed + theme.SPACE_XL <= width
            if tries:
                right = width - needed
                x = right
                for item in row:
                    x += self._place(item, x, middle) + theme.SPACE_XS
        for item in (self._try_title, *self._tries):
            _show(item, tries)
        limit = right - self._message_room(width)
        if self._offered() and limit < _LEAST:
            own = ()  # what can be done about the query is worth more than its first chip
        x = 0
        if self._words and not own:
            x += self._place_message(0, width, middle)
        self._title.setVisible(bool(own))
        if own:
            x += self._place(self._title, 0, middle) + theme.SPACE_S
        shown = 0
        for number in range(min(len(own), _MOST)):
            sign, chip = self._signs[number], self._chips[number]
            before = sign.sizeHint().width() + theme.SPACE_XS if sign.text() else 0
            if x + before + chip.sizeHint().width() > limit - 48 * (number < len(own) - 1):
                break
            if sign.text():
                x += self._place(sign, x, middle) + theme.SPACE_XS
            x += self._place(chip, x, middle) + theme.SPACE_XS
            shown += 1
        for number, chip in enumerate(self._chips):
            _show(chip, number < shown)
            _show(self._signs[number], number < shown and bool(self._signs[number].text()))
        hidden = own[shown:]
        self._more.setText(f"+{len(hidden)} more" if hidden else "")
        self._more.setToolTip(", ".join(self._vocabulary.display(token.id) for token in hidden))
        self._more.setVisible(bool(hidden))
        if hidden:
            x += self._place(self._more, x, middle) + theme.SPACE_S
        if own and self._words:
            self._place_message(x + theme.SPACE_S, width, middle)
        _show(self._message, bool(self._words))
        for link in self._links:
            _show(link, bool(link.text()))

    def _message_room(self, width: int) -> int:
        """What the message takes beside the chips; a hint gives way, buttons do not."""
        if not self._words:
            return 0
        if not self._offered():
            return min(320, width // 2)
        return self._message_width() + self._links_width() + theme.SPACE_XL

    def _message_width(self) -> int:
        self._message.ensurePolished()
        return self._message.fontMetrics().horizontalAdvance(self._words) + 2

    def _links_width(self) -> int:
        shown = [link.sizeHint().width() for link in self._links if link.text()]
        return sum(shown) + theme.SPACE_S * len(shown)

    def _chips_width(self, own: Sequence[OwnToken]) -> int:
        """Room that the title and all chips would take."""
        width = self._title.sizeHint().width() + theme.SPACE_S
        for number in range(min(len(own), _MOST)):
            for item in (self._signs[number], self._chips[number]):
                if not isinstance(item, QLabel) or item.text():
                    width += item.sizeHint().width() + theme.SPACE_XS
        return width

    def _place(self, item: QWidget, x: int, middle: int) -> int:
        size = item.sizeHint()
        item.setGeometry(x, middle - size.height() // 2, size.width(), size.height())
        return size.width()

    def _place_message(self, x: int, width: int, middle: int) -> int:
        room = max(0, min(self._message_width(), width - x - self._links_width()))
        metrics = self._message.fontMetrics()
        self._message.setText(metrics.elidedText(self._words, Qt.TextElideMode.ElideRight, room))
        self._message.setAccessibleName(self._words)
        height = self._message.sizeHint().height()
        self._message.setGeometry(x, middle - height // 2, room, height)
        end = x + room
        for link in self._links:
            if link.text():
                end += theme.SPACE_S
                end += self._place(link, end, middle)
        return end - x

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find places anew."""
        super().resizeEvent(event)
        self._arrange()

    @Slot()
    def _on_chip_clicked(self) -> None:
        chip = self.sender()
        if isinstance(chip, QueryChip):
            self.tokenActivated.emit(chip.token)

    @Slot()
    def _on_try_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self.textOffered.emit(button.text())

    @Slot()
    def _on_link_clicked(self) -> None:
        number = [link is self.sender() for link in self._links].index(True)
        if self._error is None and not self._notice.text:
            if self._results is not None and self._results.hint is not None:
                self.textOffered.emit(self._results.hint.fix)
        elif self._error is None:
            self.offerTaken.emit(self._notice.offers[number])
        elif isinstance(self._error, QueryError) and self._error.fix is not None:
            self.textOffered.emit(self._error.fix)
