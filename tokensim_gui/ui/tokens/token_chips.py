"""The line under the bar: the terms of the query with their weights, hint or error, what to try."""

from itertools import groupby

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QWidget

from tokensim_gui.core.errors import QueryError, TokenSimError
from tokensim_gui.core.query.term_weights import weighted_terms
from tokensim_gui.core.values import Metric, OwnToken, Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.notice import Notice
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens import glyphs
from tokensim_gui.ui.tokens.query_chip import HEIGHT, ChipTerm, QueryChip
from tokensim_gui.ui.tokens.token_gestures import TokenGestures
from tokensim_gui.ui.widgets.edge_fade import EdgeFade
from tokensim_gui.ui.widgets.plain_tip import plain_tip

TRIES = ("girl", "sunset - sun", "😅", "#42067")
_MOST = 40  # terms ever shown, and pieces of one
_LEAST = 120  # pixels: less room than this is not worth a chip beside a notice
_MOST_LINES, _LAST_WORD = 2, 60  # of a message; pixels that a broken line may leave free
_LENGTH_COUNTS: tuple[Metric, ...] = ("dot", "euclidean")


def _show(item: QWidget, visible: bool) -> None:
    # Setting what is set already costs as much as a change.
    if item.isHidden() == visible:
        item.setVisible(visible)


class _Strip(QScrollArea):
    """The chips in one line that is scrolled by the wheel, and by the keyboard going along it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.row = QWidget()
        self.setWidget(self.row)
        EdgeFade(self, "window")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll to the side, whichever way the wheel turns."""
        turned = event.angleDelta()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (turned.x() or turned.y()))
        event.accept()


class TokenChips(QWidget):
    """A line of fixed height, so that no message ever moves what is below it.

    Signals:
        tokenActivated: A token was clicked.
        textOffered: A query to be searched instead.
        offerTaken: A notice's `Offer` was taken.
        weightChanged: A term, its new weight, and whether that goes on from the last change.
        wordWanted: Another word is to be added.
    """

    tokenActivated = Signal(int)
    textOffered = Signal(str)
    offerTaken = Signal(object)  # Offer
    weightChanged = Signal(int, float, bool)
    wordWanted = Signal()

    def __init__(
        self, vocabulary: Vocabulary, parent: QWidget | None = None, *, weighted: bool = False
    ) -> None:
        """Make an empty line.

        Args:
            vocabulary: What the ids mean.
            parent: Qt's owner.
            weighted: Whether the weights can be changed, and words added.
        """
        super().__init__(parent)
        self.gestures = TokenGestures(self)
        self._weighted = weighted
        self._vocabulary = vocabulary
        self._results: Results | None = None
        self._error: TokenSimError | None = None
        self._notice = Notice("")
        self._words = ""
        self._tries_wanted = False
        self._shown = 0  # chips
        self._strip = _Strip(self)
        self._message = self._label("dim", "")
        self._chips: list[QueryChip] = []
        self._chip(0)  # before the buttons, and so before them for Tab
        self._add = QPushButton("+ word", self._strip.row)
        self._add.setProperty("look", "flat words")
        self._add.setToolTip("Add a word to the query")
        self._add.clicked.connect(self.wordWanted)
        self._links = [self._link() for _ in range(2)]
        self._try_title = self._label("dim", "Try")
        self._tries = [self._try(text) for text in TRIES]
        self._fit()

    # What is shown ----------------------------------------------------------------------

    def set_results(self, vocabulary: Vocabulary, results: Results | None) -> None:
        """Show the terms of an answered query, or nothing."""
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
        if wanted != self._tries_wanted:
            self._tries_wanted = wanted
            self._arrange()

    # Inside -----------------------------------------------------------------------------

    def _fit(self) -> None:
        self.setFixedHeight(theme.px(HEIGHT))

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
            chip = QueryChip(self.gestures, self._strip.row)
            chip.clicked.connect(self.tokenActivated)
            chip.weightChanged.connect(self._on_chip_weight_changed)
            chip.stepped.connect(self._on_chip_stepped)
            chip.installEventFilter(self)
            if self._chips:
                QWidget.setTabOrder(self._chips[-1], chip)
            self._chips.append(chip)
        return self._chips[number]

    def _terms(self) -> list[ChipTerm]:
        results = self._results
        if results is None or self._error is not None:
            return []
        written = weighted_terms(results.query.text)
        groups = [(n, list(own)) for n, own in groupby(results.own, key=lambda own: own.term)]
        slides = self._weighted and (len(groups) > 1 or results.query.metric in _LENGTH_COUNTS)
        return [
            self._term(own, written[n].coefficient if n < len(written) else 1.0, slides)
            for n, own in groups[:_MOST]
        ]

    def _term(self, own: list[OwnToken], weight: float, slides: bool) -> ChipTerm:
        names = [self._name(token, alone=len(own) == 1) for token in own[:_MOST]]
        lines = [
            f"{name}  embedding"
            if token.name
            else f"{name}  #{token.id}, {self._score_words(token)}"
            for name, token in zip(names, own, strict=False)
        ]
        lines.append("Click to select, double click to look it up")
        if slides:
            lines.append("Slider: drag, Ctrl for fine steps, double click for 1")
        pieces = tuple((token.id, name) for token, name in zip(own, names, strict=False))
        return ChipTerm(pieces, weight, slides, "\n".join(lines))

    def _name(self, token: OwnToken, *, alone: bool) -> str:
        """How a token is drawn; beside others it needs no mark of the side on which it joins."""
        if token.name:
            return token.name
        face = glyphs.face(self._vocabulary, token.id, self.font())
        return face.whole if alone else face.text

    def _score_words(self, token: OwnToken) -> str:
        assert self._results is not None
        if token.score is None:
            return "no vector"
        if self._results.query.metric in ("cosine", "centred"):
            return f"{token.score:.2%} like the query".replace("-", "−")
        return f"{token.score:.3f}".replace("-", "−")

    def _fill(self) -> None:
        """Write the words; `_arrange` then finds places."""
        terms = self._terms()
        for number, term in enumerate(terms):
            self._chip(number).show_term(term)
        self._shown = len(terms)
        message, look = "", "dim"
        if self._error is not None:
            message, look = str(self._error), "error"
        elif self._notice.text:
            message = self._notice.text
        elif self._results is not None and self._results.hint is not None:
            message = self._results.hint.text
        if self._message.property("look") != look:
            side = theme.SPACE_S if look == "error" else 0  # which has a ground
            self._message.setContentsMargins(side, 0, side, 0)
            self._message.setProperty("look", look)
            self._message.style().polish(self._message)
        self._words = message
        if not message:
            self._message.setText("")
        self._message.setToolTip(plain_tip(message))
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
        """Place the strip from the left, the message behind it, and what to try at the right."""
        width, middle = self.width(), self.height() // 2
        wanted = self._fill_strip()
        right = width
        tries = self._tries_wanted and not self._words
        if tries:
            row = [self._try_title, *self._tries]
            needed = sum(item.sizeHint().width() + theme.SPACE_XS for item in row)
            tries = wanted + needed + theme.SPACE_XL <= width
            if tries:
                right = x = width - needed
                for item in row:
                    x += self._place(item, x, middle) + theme.SPACE_XS
        for item in (self._try_title, *self._tries):
            _show(item, tries)
        limit = right - self._message_room(width)
        chips = bool(wanted) and (limit >= _LEAST or not self._offered())
        _show(self._strip, chips)
        x = 0
        if chips:
            x = min(wanted, max(limit, _LEAST))
            self._strip.setGeometry(0, 0, x, self.height())
        if self._words:
            self._place_message(x + (theme.SPACE_M if chips else 0), width, middle)
        _show(self._message, bool(self._words))
        for link in self._links:
            _show(link, bool(link.text()))

    def _fill_strip(self) -> int:
        """Put the chips side by side; how wide they are together."""
        x = 0
        for number, chip in enumerate(self._chips):
            if number < self._shown:
                size = chip.sizeHint()
                chip.setGeometry(x, 0, size.width(), self.height())
                x += size.width() + theme.SPACE_S
            _show(chip, number < self._shown)
        adds = self._weighted and self._shown > 0
        _show(self._add, adds)
        if adds:
            size = self._add.sizeHint()
            self._add.setGeometry(x, (self.height() - size.height()) // 2, *size.toTuple())
            x += size.width()
        self._strip.row.resize(x, self.height())
        return x

    def _message_room(self, width: int) -> int:
        """What the message takes beside the chips; a hint gives way, buttons do not."""
        if not self._words:
            return 0
        if not self._offered():
            return min(320, width // 2)
        return self._message_width() + self._links_width() + theme.SPACE_XL

    def _message_width(self) -> int:
        self._message.ensurePolished()
        sides = 2 * self._message.contentsMargins().left() + 2
        return self._message.fontMetrics().horizontalAdvance(self._words) + sides

    def _links_width(self) -> int:
        shown = [link.sizeHint().width() for link in self._links if link.text()]
        return sum(shown) + theme.SPACE_S * len(shown)

    def _lines_in(self, room: int) -> int:
        metrics, wrapped = self._message.fontMetrics(), Qt.TextFlag.TextWordWrap
        inside = QRect(0, 0, room - 2 * theme.SPACE_S, 1000)
        return metrics.boundingRect(inside, wrapped, self._words).height() // metrics.lineSpacing()

    def _place(self, item: QWidget, x: int, middle: int) -> int:
        size = item.sizeHint()
        item.setGeometry(x, middle - size.height() // 2, size.width(), size.height())
        return size.width()

    def _place_message(self, x: int, width: int, middle: int) -> None:
        room = max(0, min(self._message_width(), width - x - self._links_width()))
        is_long = self._message_width() > room  # then in two lines, for which the height suffices
        metrics, words = self._message.fontMetrics(), self._words
        if is_long and self._lines_in(room) > _MOST_LINES:
            most = _MOST_LINES * room - theme.px(_LAST_WORD)
            words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0, most))
        self._message.setWordWrap(is_long)
        self._message.setText(words)
        self._message.setAccessibleName(self._words)
        height = min(self.height(), metrics.lineSpacing() * (2 if is_long else 1) + 4)
        self._message.setGeometry(x, middle - height // 2, room, height)
        end = x + room
        for link in self._links:
            if link.text():
                end += theme.SPACE_S
                end += self._place(link, end, middle)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find places anew."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()
            QTimer.singleShot(0, self._arrange)  # the labels get the font after this
            self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Bring the chip that gets the keyboard into view."""
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QueryChip):
            self._strip.ensureWidgetVisible(watched, theme.SPACE_XL, 0)
        return super().eventFilter(watched, event)

    @Slot(float, bool)
    def _on_chip_weight_changed(self, weight: float, goes_on: bool) -> None:
        number = next(n for n, chip in enumerate(self._chips) if chip is self.sender())
        self.weightChanged.emit(number, weight, goes_on)

    @Slot(int)
    def _on_chip_stepped(self, step: int) -> None:
        number = next(n for n, chip in enumerate(self._chips) if chip is self.sender()) + step
        if 0 <= number < self._shown:
            self._chips[number].setFocus(Qt.FocusReason.OtherFocusReason)

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
