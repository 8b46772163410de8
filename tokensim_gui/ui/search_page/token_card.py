"""The token card: how the selected token is typed, what is near it, and its facts."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.prompt.copying import typed_text
from tokensim_gui.core.values import KINDS, FloatArray, Near
from tokensim_gui.core.vocabulary.relatives import relatives
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.finders import FINDERS, Finding
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.length_histogram import LengthHistogram
from tokensim_gui.ui.search_page import token_words
from tokensim_gui.ui.search_page.other_encoders_block import OtherEncodersBlock, Reading
from tokensim_gui.ui.search_page.words_block import WordsBlock
from tokensim_gui.ui.tokens.glyphs import face
from tokensim_gui.ui.tokens.token_lines import TokenLine, TokenLines, near_lines

_LEFT = 20
_NARROW = 320  # pixels: less, and the heading has no room beside the buttons
_NEAR, _MOST_RELATED = 5, 6
_MOST_TITLED = 16  # characters


class TokenCard(QFrame):
    """Panel about one token.

    Signals:
        copyRequested: [Copy] was pressed.
        trayToggled: [Add] or [Remove] was pressed.
        moreToggled: The section More was opened or folded.
    """

    copyRequested = Signal(int)
    trayToggled = Signal(int)
    moreToggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "side")
        self.setAccessibleName("Token")
        self._vocabulary: Vocabulary | None = None
        self._lengths: FloatArray | None = None
        self._lengths_taken = False
        self._table_name = ""
        self._token_id: int | None = None
        self._is_starter = False
        self._tray: frozenset[int] = frozenset()
        self._heading = ""
        self._build()
        self._show_token()

    def _build(self) -> None:
        self._before, self._text, self._after = (
            _label("heading"),
            _label("heading"),
            _label("heading"),
        )
        for mark in (self._before, self._after):
            mark.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._text.setMinimumWidth(1)
        self._copy = QPushButton("Copy")
        keys = QKeySequence(QKeySequence.StandardKey.Copy).toString(
            QKeySequence.SequenceFormat.NativeText
        )
        self._copy.setToolTip(f"Copy as it must be typed ({keys})")
        self._add = QPushButton("Remove")
        self._add.setMinimumWidth(self._add.sizeHint().width())
        name, buttons = QHBoxLayout(), QHBoxLayout()
        for part in (self._before, self._text, self._after):
            name.addWidget(part)
        name.addStretch(1)
        name.setSpacing(0)
        top = Qt.AlignmentFlag.AlignTop  # headings of other scripts are taller
        buttons.addWidget(self._copy, 0, top)
        buttons.addWidget(self._add, 0, top)
        buttons.addStretch(0)
        buttons.setSpacing(theme.SPACE_S)
        self._head = QWidget()
        self._head_row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._head)
        self._head_row.addLayout(name, 1)
        self._head_row.addLayout(buttons)
        self._head_row.setSpacing(theme.SPACE_XS)
        self._head_row.setContentsMargins(0, 0, theme.SPACE_XS, 0)

        self._absence = _label("dim")
        self._absence.setText("Not in this list.")
        self._absence.hide()
        self._typed = _label("")
        self._typed.setWordWrap(True)
        self._explanation = _label("dim")
        self._explanation.setWordWrap(True)
        self._finding: Finding | None = None
        self._reason = _label("")
        self._reason.setWordWrap(True)
        self._rows: dict[str, tuple[QLabel, QLabel]] = {}
        self.near, self.related = TokenLines("Near it"), TokenLines("Also")
        self._related_title = self._block("Also")
        self._elsewhere_title = self._block("In other encoders")
        self.elsewhere = OtherEncodersBlock()
        self.words = WordsBlock("This token", "The selected token, without its own word")
        self._more = QToolButton()
        self._more.setProperty("look", "fold")
        self._more.setCheckable(True)
        self._more.setToolTip("Id, piece, commonness, kind, bytes and length of the vector")
        details = self._grid(
            "ID", "Piece", "Commonness", "Kind", "Bytes", "Characters", "Vector length"
        )
        self._histogram = LengthHistogram()
        details.addWidget(self._histogram, details.rowCount(), 1, Qt.AlignmentFlag.AlignLeft)
        self._details = QWidget()
        self._details.setLayout(details)

        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, theme.SPACE_S, 0)
        body.setSpacing(theme.SPACE_S)
        body.addWidget(self._absence)
        body.addWidget(self._typed)
        body.addWidget(self._explanation)
        body.addWidget(self._reason)
        for title, below in (
            (self._block("Near it"), self.near),
            (self._related_title, self.related),
            (self._elsewhere_title, self.elsewhere),
        ):
            body.addWidget(title)
            body.addWidget(below)
        body.addSpacing(theme.SPACE_S)
        body.addWidget(self.words)
        body.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        body.addWidget(self._details)
        body.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._body)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(_LEFT, theme.SPACE_M, theme.SPACE_M, theme.SPACE_M)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._head)
        layout.addWidget(self._scroll, 1)

        self._copy.clicked.connect(self._on_copy_clicked)
        self._add.clicked.connect(self._on_add_clicked)
        self._more.toggled.connect(self._on_more_toggled)
        self.set_more(False)

    @staticmethod
    def _block(words: str) -> QLabel:
        """The head of a block."""
        label = _label("block")
        label.setIndent(0)
        label.setText(words)
        return label

    def set_near(self, near: Near) -> None:
        """Take what is near the token that is shown; nothing for another one."""
        if self._vocabulary is not None and near.token == self._token_id:
            self.near.set_lines(near_lines(self._vocabulary, near, self.font()), _NEAR)

    @Slot(str, list)
    def set_elsewhere(self, text: str, readings: Sequence[Reading]) -> None:
        """Say what a text is in other encoders: that of the token, or what was typed."""
        vocabulary, token_id = self._vocabulary, self._token_id
        shown = None if vocabulary is None or token_id is None else vocabulary.text(token_id)
        cut = text if len(text) <= _MOST_TITLED else f"{text[: _MOST_TITLED - 1]}…"
        whose = "In other encoders" if text == shown else f"“{cut}” in other encoders"
        self._elsewhere_title.setText(whose)
        self.elsewhere.set_readings(readings)

    def _grid(self, *names: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.SPACE_L)
        grid.setVerticalSpacing(theme.SPACE_XS)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(names):
            title, value = _label("dim"), _label("piece" if name in ("Piece", "Bytes") else "")
            title.setText(name)
            title.setMinimumWidth(title.fontMetrics().horizontalAdvance("Vector length"))
            value.setWordWrap(True)
            value.setAccessibleName(name)
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(title, row, 0, top)
            grid.addWidget(value, row, 1, top)
            self._rows[name] = (title, value)
        return grid

    def set_table(
        self,
        vocabulary: Vocabulary,
        norms: FloatArray | None,
        table_name: str,
        is_starter: bool = False,
    ) -> None:
        """Take another table; no token is shown then.

        Args:
            vocabulary: The tokens.
            norms: float64 [rows], the lengths of the vectors, 0 where there is none; None while
                they are not known.
            table_name: How the window names the encoder.
            is_starter: Whether they are the starter's, which knows emoji by their names.
        """
        self._is_starter = is_starter
        self._vocabulary, self._lengths, self._table_name = vocabulary, norms, table_name
        self._lengths_taken = False
        self._token_id = None
        self._show_token()

    def set_token(self, token_id: int | None) -> None:
        """Show a token, or none; for the one that is shown already, what is known of it stays."""
        if token_id != self._token_id:
            self._token_id = token_id
            self._show_token()

    def set_finding(self, finding: Finding | None) -> None:
        """Say of a token among unusual ones what makes it one."""
        self._finding = finding
        self._show_reason()

    def set_in_sight(self, in_sight: bool) -> None:
        """Say so where the token is neither in the list nor one of the query's own."""
        self._absence.setVisible(not in_sight)

    def set_tray(self, ids: Collection[int]) -> None:
        """Say which tokens are in the tray, so that the button adds or removes."""
        self._tray = frozenset(ids)
        self._show_tray()

    def set_more(self, is_open: bool) -> None:
        """Open or fold the section More."""
        self._more.setChecked(is_open)
        self._on_more_toggled(is_open)

    def _show_token(self) -> None:
        vocabulary, token_id = self._vocabulary, self._token_id
        known = vocabulary is not None and token_id is not None
        self.near.set_lines((), _NEAR)
        self._head.setVisible(known)
        self._scroll.setVisible(known)
        if vocabulary is None or token_id is None:
            return
        shown = face(vocabulary, token_id, theme.sized(0))
        self._heading = shown.text
        self._set(self._before, shown.before)
        self._set(self._after, shown.after)
        role = QPalette.ColorRole.PlaceholderText if shown.dim else QPalette.ColorRole.WindowText
        self._text.setForegroundRole(role)
        self._text.setToolTip("")
        self._fit_heading()
        self._copy.setEnabled(typed_text(vocabulary, token_id) is not None)
        self._show_tray()
        self._typed.setText(token_words.typed_sentence(vocabulary, token_id))
        self._set(
            self._explanation, token_words.explanation(vocabulary, token_id, self._is_starter)
        )
        self._show_reason()
        self._show_related(vocabulary, token_id)
        has_text = bool(vocabulary.text(token_id))
        self._elsewhere_title.setVisible(has_text)
        self._elsewhere_title.setText("In other encoders")
        self.elsewhere.setVisible(has_text)
        self.elsewhere.wait()
        self._name_fold()
        self._show_details()
        self._lay_out()
        self._scroll.verticalScrollBar().setValue(0)

    def _lay_out(self) -> None:
        """Find places now: later the card would be painted twice, at first in the old places."""
        for part in (self._head, self.elsewhere, self._body, self._scroll.viewport()):
            QCoreApplication.sendPostedEvents(part, QEvent.Type.LayoutRequest)
        # Laid out while it is painted, the text that is selectable asks for another frame.
        self._text.heightForWidth(self._text.width())

    def _show_reason(self) -> None:
        finding, token_id = self._finding, self._token_id
        reason = "" if finding is None or token_id is None else finding.reasons.get(token_id, "")
        title = "" if finding is None else FINDERS[finding.finder][0]
        self._set(self._reason, f"{title}: {reason}." if reason else "")

    def _show_related(self, vocabulary: Vocabulary, token_id: int) -> None:
        found = relatives(vocabulary, token_id)[:_MOST_RELATED]
        lines = [
            TokenLine(
                one.token,
                face(vocabulary, one.token, self.font()).whole,
                f"#{one.token}",
                token_words.relation_words(vocabulary, one),
            )
            for one in found
        ]
        self.related.set_lines(lines)
        self._related_title.setVisible(bool(lines))

    def _show_details(self) -> None:
        vocabulary, token_id = self._vocabulary, self._token_id
        if vocabulary is None or token_id is None or not self._more.isChecked():
            return
        self._set_row("ID", str(token_id))
        self._set_row("Piece", vocabulary.piece(token_id))
        self._set_row("Commonness", token_words.commonness_words(vocabulary, token_id))
        self._set_row("Kind", token_words.kind_words(vocabulary, token_id))
        self._set_row("Bytes", token_words.bytes_words(vocabulary, token_id))
        self._set_row("Characters", token_words.code_point_lines(vocabulary, token_id))
        self._set_row("Vector length", self._length_words(vocabulary, token_id))

    def _length_words(self, vocabulary: Vocabulary, token_id: int) -> str:
        self._histogram.hide()
        if self._lengths is None:
            return ""
        if not self._lengths_taken:
            self._histogram.set_lengths(self._lengths)
            self._lengths_taken = True
        length = float(self._lengths[token_id])
        if length == 0:
            if KINDS[vocabulary.kinds[token_id]] == "bytes":
                return (
                    f"#{token_id} is half a character, so {self._table_name} has no vector for it."
                )
            return f"{self._table_name} has no vector for #{token_id}."
        shorter = self._histogram.set_length(length)
        if self._histogram.alike:
            return f"{length:.2f}, about the same for all tokens"
        self._histogram.show()
        return f"{length:.2f}, longer than {shorter:.0%} of tokens"

    def _show_tray(self) -> None:
        inside = self._token_id in self._tray
        self._add.setText("Remove" if inside else "Add")
        self._add.setToolTip("Take it out of the tray" if inside else "Put it into the tray")

    def _set_row(self, name: str, words: str) -> None:
        title, value = self._rows[name]
        title.setVisible(bool(words))
        self._set(value, words)

    def _set(self, label: QLabel, words: str) -> None:
        label.setVisible(bool(words))
        label.setText(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the heading where the card is narrow, and elide that anew."""
        super().resizeEvent(event)
        way, narrow = QBoxLayout.Direction, event.size().width() < _NARROW
        self._head_row.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        self._fit_heading()

    def _fit_heading(self) -> None:
        margins = _LEFT + theme.SPACE_L
        buttons = self._copy.sizeHint().width() + self._add.minimumWidth() + 2 * theme.SPACE_S
        marks = sum(mark.sizeHint().width() for mark in (self._before, self._after) if mark.text())
        if self._head_row.direction() == QBoxLayout.Direction.TopToBottom:
            buttons = 0
        room = max(self.width() - margins - buttons - marks, 1)
        self._text.ensurePolished()
        metrics = self._text.fontMetrics()
        elided = metrics.elidedText(self._heading, Qt.TextElideMode.ElideRight, room)
        self._text.setText(elided)
        self._text.setAccessibleName(self._heading)

    def _name_fold(self) -> None:
        mark = "▾" if self._more.isChecked() else "▸"
        self._more.setText(f"{mark}  Facts   #{self._token_id}")

    @Slot()
    def _on_copy_clicked(self) -> None:
        if self._token_id is not None:
            self.copyRequested.emit(self._token_id)

    @Slot()
    def _on_add_clicked(self) -> None:
        if self._token_id is not None:
            self.trayToggled.emit(self._token_id)

    @Slot(bool)
    def _on_more_toggled(self, is_open: bool) -> None:
        self._name_fold()
        self._details.setVisible(is_open)
        self._show_details()
        self.moreToggled.emit(is_open)


def _label(look: str) -> QLabel:
    """A label of plain text that the mouse can select; pieces such as <b> are no markup."""
    label = QLabel()
    label.setProperty("look", look)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    return label
