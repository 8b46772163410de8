"""“Instead of “hair””: what lies near the selected token, as a row of words to put in its place."""

import re
from collections.abc import Sequence
from unicodedata import category, normalize

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.prompt.prompt_reading import Reading
from tokensim_gui.core.prompt.prompt_tokens import PromptToken
from tokensim_gui.core.values import Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.glyphs import face
from tokensim_gui.ui.tokens.token_gestures import TokenGestures, claims
from tokensim_gui.ui.widgets.edge_fade import EdgeFade
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.plain_tip import plain_tip

_MOST = 60
_SPACING = 3  # on either side of a word
_ID = Qt.ItemDataRole.UserRole
_WORD, _SCORE = _ID + 1, _ID + 2
# Of Latin and Greek letters in NFD; and what says whether ❤ is drawn as an emoji.
_ACCENTS = re.compile("(?<=[A-Za-zÀ-\u024f\u0370-\u03ff])[\u0300-\u036f]+|[\ufe0e\ufe0f]")
_SIGNS = ("Sm", "Sc", "Sk")  # of Unicode's categories: + and ^, but no emoji
_NOTHING = "Click a token to see what could stand in its place."


def _whose_place(reading: Reading, token: PromptToken) -> tuple[str, str]:
    """Whose place is taken with a token's, and why nothing could take it, "" where words could."""
    text = reading.text[token.start : token.end]
    if all(category(sign)[0] == "P" or category(sign) in _SIGNS for sign in text):
        return text, "No word is like a sign."
    if token.odd:
        pieces = [one for one in reading.prompt.tokens if one.odd and one.word == token.word]
        whole = reading.text[pieces[0].start : pieces[-1].end]
        return (
            whole,
            f"It is {len(pieces)} tokens, and what lies near a piece is not like the word.",
        )
    return reading.vocabulary.display(token.id), ""


def _bare(word: str) -> str:
    """A word without its accents: à is no other word than a, but が is another letter than か."""
    return _ACCENTS.sub("", normalize("NFD", word))


class _ChipDelegate(QStyledItemDelegate):
    """Draws a word that can be put in, and its score, on a chip."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        metrics = QFontMetrics(option.font)
        words = sum(metrics.horizontalAdvance(index.data(role)) for role in (_WORD, _SCORE))
        return QSize(words + 3 * theme.SPACE_S + 4, theme.px(theme.CHIP_HEIGHT))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        c, state = theme.colours(), option.state
        current = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(c.colour("selection" if current else "chip"))
        is_ringed = current and bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(c.colour("accent")) if is_ringed else Qt.PenStyle.NoPen)
        rect: QRect = option.rect
        painter.drawRoundedRect(rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        room = rect.adjusted(theme.SPACE_S + 2, 0, -theme.SPACE_S - 2, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(option.font)
        for role, side, colour in (
            (_WORD, Qt.AlignmentFlag.AlignLeft, "accent"),
            (_SCORE, Qt.AlignmentFlag.AlignRight, "text2"),
        ):
            painter.setPen(c.colour(colour))
            painter.drawText(room, side | middle, index.data(role))
        painter.restore()


class _Words(QListWidget):
    """The words; arrows go along them, Enter puts one in."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)
        self.setItemDelegate(_ChipDelegate(self))
        self.setFlow(QListWidget.Flow.LeftToRight)
        self.setWrapping(False)
        self.setSpacing(_SPACING)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Words to put in the place of the token")
        self.setHorizontalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        EdgeFade(self, "base")

    def sizeHint(self) -> QSize:
        """One line of chips."""
        return QSize(super().sizeHint().width(), theme.px(theme.CHIP_HEIGHT) + 2 * _SPACING)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self.sizeHint().height())

    def _id_at(self, where: QPoint) -> int | None:
        item = self.itemAt(where)
        return None if item is None else int(item.data(_ID))

    def _current(self) -> int | None:
        item = self.currentItem()
        return None if item is None else int(item.data(_ID))

    def event(self, event: QEvent) -> bool:
        """Claim the keys of a token."""
        return True if claims(event) else super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do with a word what can be done with any token; Escape is the pane's."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
        elif not self.gestures.key(event, self._current()):
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select a word; it may be dragged."""
        super().mousePressEvent(event)
        token = self._id_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and token is not None:
            self.gestures.press(event, [token])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let a word be dragged."""
        self.gestures.move(event, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish a click."""
        self.gestures.release()
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Put the word in."""
        self.gestures.double_click(event, self._id_at(event.position().toPoint()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with a token."""
        item, token = self.currentItem(), self._current()
        current = None if token is None else (token, self.visualItemRect(item).center())
        self.gestures.context_menu(event, self, self._id_at, current)


class InsteadRow(QFrame):
    """A title and a row of words, in which Enter or a double click replaces."""

    replaceRequested = Signal(int)
    escapePressed = Signal()

    def __init__(self, vocabulary: Vocabulary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "strip")
        self._vocabulary = vocabulary
        self._title = QLabel()
        self._title.setProperty("look", "title")
        self._hint = ElidedLabel()
        self._hint.setProperty("look", "dim")
        self._words = _Words(self)
        self.gestures = self._words.gestures
        head = QHBoxLayout()
        head.setContentsMargins(_SPACING, 0, theme.SPACE_L, 0)
        head.setSpacing(theme.SPACE_M)
        head.addWidget(self._title)
        head.addWidget(self._hint, 1)
        layout = QVBoxLayout(self)
        left = theme.TEXT_LEFT - _SPACING
        layout.setContentsMargins(left, theme.SPACE_S + 2, 0, theme.SPACE_S)
        layout.setSpacing(theme.SPACE_XS)
        layout.addLayout(head)
        layout.addWidget(self._words)
        self.setFocusProxy(self._words)
        self.gestures.lookedUp.connect(self.replaceRequested)
        self.show_nothing()

    def set_low(self, low: bool) -> None:
        """Where there is little room it is for words: no title."""
        for label in (self._title, self._hint):
            label.setVisible(not low)

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Change what the ids mean."""
        self._vocabulary = vocabulary

    def show_answer(self, reading: Reading, token: PromptToken, answer: Results | str) -> None:
        """Show what could stand in a token's place, or why nothing could."""
        name, why_none = _whose_place(reading, token)
        self._title.setText(f"Instead of “{name}”")
        self._words.setToolTip(plain_tip(self._title.text()))
        if why_none:
            self.show_problem(why_none)
        elif isinstance(answer, Results):
            texts, own = self._vocabulary.text, _bare(name)
            others = [n for n, token in enumerate(answer.ids) if _bare(texts(token) or "") != own]
            self.show_words(answer.ids[others].tolist(), answer.scores[others].tolist())
        else:
            self.show_problem(answer)

    def show_words(self, ids: Sequence[int], scores: Sequence[float]) -> None:
        """Show the neighbours of the token, the likest first."""
        self._words.clear()
        for token, score in zip(ids[:_MOST], scores, strict=False):
            word = face(self._vocabulary, token, self._words.font()).whole
            item = QListWidgetItem(f"{word} {score:.0%}")
            for role, value in ((_ID, token), (_WORD, word), (_SCORE, f"{score:.0%}")):
                item.setData(role, value)
            self._words.addItem(item)
        self._hint.setText(
            "Enter or double click puts it in" if ids else "Nothing usable lies near this token."
        )

    def show_problem(self, sentence: str) -> None:
        """Say why there are no neighbours."""
        self._words.clear()
        self._hint.setText(sentence)

    def show_nothing(self) -> None:
        """No token is selected."""
        self._title.setText("Instead of …")
        self.show_problem(_NOTHING)

    def focus_first_row(self) -> None:
        """Go to the words by keyboard."""
        self._words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self._words.count() and self._words.currentRow() < 0:
            self._words.setCurrentRow(0)

    def shown_ids(self) -> list[int]:
        """The tokens in the row."""
        return [int(self._words.item(at).data(_ID)) for at in range(self._words.count())]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back to the tokens."""
        if event.key() == Qt.Key.Key_Escape:
            self.escapePressed.emit()
        else:
            super().keyPressEvent(event)
