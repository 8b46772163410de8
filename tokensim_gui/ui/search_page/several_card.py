"""What is said of several selected tokens: how alike they are, and what is near them all."""

import math
from collections.abc import Collection

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tokensim_gui.core.values import Together
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.search_page.words_block import WordsBlock
from tokensim_gui.ui.tokens.glyphs import face
from tokensim_gui.ui.tokens.token_lines import TokenLine, TokenLines, near_lines

_NAMED = 12
_NEAR = 5


class _Meter(QWidget):
    """A bar from 0 to 1 with a tick where random pairs are."""

    def __init__(self) -> None:
        super().__init__()
        self._share = self._tick = math.nan

    def set_values(self, share: float, tick: float) -> None:
        self._share, self._tick = share, tick
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, c, width = QPainter(self), theme.colours(), self.width()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for share, role in ((1.0, "score_track"), (self._share, "score_bar")):
            if not math.isnan(share):
                painter.setBrush(c.colour(role))
                end = min(1.0, max(0.0, share)) * width
                painter.drawRoundedRect(QRectF(0, 5, end, 6), 3, 3)
        if not math.isnan(self._tick):
            x = min(1.0, max(0.0, self._tick)) * (width - 2)
            painter.fillRect(QRectF(x, 1, 2, 14), c.colour("text2"))


class SeveralCard(QWidget):
    """Panel about several tokens.

    Signals:
        trayToggled: [Add … to tray] or [Remove … from tray] was pressed.
        meanRequested: [Search their mean] was pressed.
        compareRequested: [Compare] was pressed.
    """

    trayToggled = Signal()
    meanRequested = Signal()
    compareRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._vocabulary: Vocabulary | None = None
        self._tokens: tuple[int, ...] = ()
        self._tray: frozenset[int] = frozenset()
        self._title, self._names, self._sentence = QLabel(), QLabel(), QLabel()
        self._title.setProperty("look", "heading")
        for label in (self._names, self._sentence):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._names.setProperty("look", "dim")
        self._meter = _Meter()
        self._add = QPushButton()
        self.setFocusProxy(self._add)
        mean, compare = QPushButton("Search their mean"), QPushButton("Compare")
        buttons = QGridLayout()
        buttons.setSpacing(theme.SPACE_S)
        buttons.addWidget(self._add, 0, 0, 1, 2)
        buttons.addWidget(mean, 1, 0)
        buttons.addWidget(compare, 1, 1)
        for button, tip, signal in (
            (self._add, "", self.trayToggled),
            (mean, "Search what lies between them", self.meanRequested),
            (compare, "Search their mean in several encoders", self.compareRequested),
        ):
            button.setToolTip(tip)
            button.clicked.connect(signal)
        self.near, self.odd = TokenLines("Near all of them"), TokenLines("Least like the rest")
        self._odd_title = self._head("Least like the rest")
        self.words = WordsBlock("Their mean", "What lies between these tokens")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, theme.SPACE_M, theme.SPACE_L, theme.SPACE_M)
        column.setSpacing(theme.SPACE_S)
        for item in (self._title, self._names, self._sentence, self._meter):
            column.addWidget(item)
        column.addLayout(buttons)
        column.addSpacing(theme.SPACE_S)
        column.addWidget(self._head("Near all of them"))
        column.addWidget(self.near)
        column.addSpacing(theme.SPACE_S)
        column.addWidget(self._odd_title)
        column.addWidget(self.odd)
        column.addSpacing(theme.SPACE_S)
        column.addWidget(self.words)
        column.addStretch(1)

    @staticmethod
    def _head(words: str) -> QLabel:
        label = QLabel(words)
        label.setProperty("look", "block")
        label.setIndent(0)
        return label

    def set_tokens(self, vocabulary: Vocabulary, tokens: tuple[int, ...]) -> None:
        """Name the tokens; the rest comes with `set_together`, and stays for the same tokens."""
        if (vocabulary, tokens) == (self._vocabulary, self._tokens):
            return
        self._vocabulary, self._tokens = vocabulary, tokens
        self._title.setText(f"{len(tokens)} tokens")
        self._show_tray()
        names = [face(vocabulary, token, self.font()).whole for token in tokens[:_NAMED]]
        more = f" and {len(tokens) - _NAMED} more" if len(tokens) > _NAMED else ""
        self._names.setText(" · ".join(names) + more)
        self._sentence.setText("\n")
        self._meter.set_values(math.nan, math.nan)
        self.near.set_lines((), _NEAR)
        self.odd.set_lines((), 1)
        self._odd_title.setVisible(len(tokens) > 2)

    def set_tray(self, ids: Collection[int]) -> None:
        """Say which tokens are in the tray, so that the button adds or removes."""
        self._tray = frozenset(ids)
        self._show_tray()

    def _show_tray(self) -> None:
        count = len(self._tokens)
        inside = self._tray.issuperset(self._tokens)
        self._add.setText(f"Remove {count} from tray" if inside else f"Add {count} to tray")
        what = "Take them out of" if inside else "Put them into"
        self._add.setToolTip(f"{what} the tray (Space)")

    def set_together(self, together: Together) -> None:
        """Say how they go together."""
        if self._vocabulary is None:
            return
        if math.isnan(together.alike):
            self._sentence.setText("Fewer than two of them have a vector.")
        else:
            self._sentence.setText(
                f"They resemble each other by {together.alike:.2%}; random pairs do by "
                f"{together.random:.2%}.".replace("-", "−")
            )
        self._meter.set_values(together.alike, together.random)
        self.near.set_lines(near_lines(self._vocabulary, together.near, self.font()), _NEAR)
        if together.odd is not None:
            name = face(self._vocabulary, together.odd, self.font()).whole
            words = f"{together.odd_alike:.2%}".replace("-", "−")
            self.odd.set_lines([TokenLine(together.odd, name, words)], 1)
