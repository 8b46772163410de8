"""The notes on a prompt as a list, each with what shows or mends it."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.prompt.prompt_notes import PromptNote
from tokensim_gui.ui import theme

_MOST = 40
_FIXES = {"spaces": "Replace _ by spaces"}
_INFLUENCE = (
    "Which words carry the picture? To tell, a whole text encoder is needed, not only its vectors."
)
_NONE = "Nothing to say about this prompt."
_EMPTY = (
    "What might be mended will stand here: words cut into pieces, words that stand twice, signs "
    "that this program reads otherwise."
)
_LINK_PADDING = 5  # of the style sheet, with the border
_LEFT, _LOW = 20, 320


class _Row(QWidget):
    """One note; rows are kept and filled anew, as notes come with every key."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.note = PromptNote("")
        self._number = QLabel()
        self._number.setProperty("look", "disc")
        self._number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setMinimumWidth(40)
        self.fix = QPushButton()
        self.show_place = QPushButton("Show")
        self._words.setIndent(_LINK_PADDING)
        self._buttons = buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_XS)
        for button in (self.fix, self.show_place):
            button.setProperty("look", "link")
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        buttons.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._words)
        column.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self._number, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(column, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below each other where they don't fit beside."""
        super().resizeEvent(event)
        wide = sum(button.sizeHint().width() for button in (self.fix, self.show_place))
        beside = self._number.width() + wide + 2 * theme.SPACE_XS <= event.size().width()
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._buttons.setDirection(direction)

    def fill(self, number: int, note: PromptNote) -> None:
        """Show a note."""
        self.note = note
        self._number.setText(str(number))
        self._words.setText(note.words)
        self.fix.setText(_FIXES.get(note.fix, ""))
        self.fix.setVisible(bool(note.fix))
        self.show_place.setVisible(note.start < note.end)
        self.show_place.setAccessibleName(f"Show: {note.words}")


class NotesPane(QFrame):
    """What there is to say about the prompt, beside it."""

    placeActivated = Signal(int, int)
    spacesRequested = Signal()
    influenceRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "side")
        self._title = QLabel("Notes")
        self._title.setProperty("look", "subject")
        self._problem = QLabel()
        self._problem.setProperty("look", "error")
        self._problem.setWordWrap(True)
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.hide()
        self._none = QLabel()
        self._none.setProperty("look", "dim")
        self._none.setWordWrap(True)
        self._rows: list[_Row] = []
        inside = QWidget()
        inside.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, theme.SPACE_S)
        self._list.setSpacing(theme.SPACE_M)
        self._list.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        said = QVBoxLayout()
        said.setContentsMargins(_LEFT, theme.SPACE_M, theme.SPACE_L, 0)
        said.setSpacing(theme.SPACE_M)
        said.addWidget(self._title)
        said.addWidget(self._problem)
        said.addWidget(self._none)
        said.addWidget(scroll, 1)
        self._influence = self._invitation()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(said, 1)
        layout.addWidget(self._influence)

    def _invitation(self) -> QFrame:
        """What else can be known about the prompt, at the foot."""
        invitation = QFrame()
        hair = QFrame()
        hair.setProperty("look", "hair")
        hair.setFixedHeight(1)
        title = QLabel("Influence")
        title.setProperty("look", "block")
        words = QLabel(_INFLUENCE)
        words.setProperty("look", "dim")
        words.setWordWrap(True)
        for label in (title, words):
            label.setIndent(_LINK_PADDING)
        measure = QPushButton("Measure influence…")
        measure.setProperty("look", "link")
        measure.clicked.connect(self.influenceRequested)
        inside = QVBoxLayout()
        inside.setContentsMargins(_LEFT - _LINK_PADDING, 0, theme.SPACE_L, theme.SPACE_M)
        inside.setSpacing(theme.SPACE_XS)
        for part in (title, words):
            inside.addWidget(part)
        inside.addWidget(measure, 0, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(invitation)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hair)
        column.addLayout(inside)
        return invitation

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room it is for the notes."""
        super().resizeEvent(event)
        self._influence.setVisible(event.size().height() >= _LOW)

    def minimumSizeHint(self) -> QSize:
        """Never in the way of the prompt."""
        return QSize(0, 0)

    def set_notes(self, notes: Sequence[PromptNote], *, of_nothing: bool = False) -> None:
        """Show the notes on a prompt that was read, or what they will be while it is empty."""
        self._none.setText(_EMPTY if of_nothing else _NONE)
        self._problem.hide()
        shown = notes[:_MOST]
        while len(self._rows) < len(shown):
            row = _Row(self)
            row.fix.clicked.connect(self._on_fix_clicked)
            row.show_place.clicked.connect(self._on_show_clicked)
            self._list.insertWidget(len(self._rows), row)
            self._rows.append(row)
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(shown))
            if number < len(shown):
                row.fill(number + 1, shown[number])
        more = len(notes) - len(shown)
        self._title.setToolTip(f"{more} more are not listed" if more else "")
        self._none.setVisible(not notes)

    def set_problem(self, sentence: str) -> None:
        """Say why the prompt has not been read; "" where it has."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        if sentence:
            self.set_notes(())
            self._none.hide()
            self._problem.show()

    def text(self) -> str:
        """All that is said."""
        rows = [row.note.words for row in self._rows if not row.isHidden()]
        return "\n".join([self._problem.text(), *rows]).strip()

    def first_button(self) -> QPushButton | None:
        """Where the keyboard comes in; None if no note has a button."""
        buttons = (button for row in self._rows for button in (row.fix, row.show_place))
        return next((button for button in buttons if button.isVisible()), None)

    @Slot()
    def _on_fix_clicked(self) -> None:
        self.spacesRequested.emit()

    @Slot()
    def _on_show_clicked(self) -> None:
        note = self._row().note
        self.placeActivated.emit(note.start, note.end)

    def _row(self) -> _Row:
        row = self.sender().parent()
        assert isinstance(row, _Row)
        return row
