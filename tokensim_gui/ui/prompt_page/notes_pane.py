"""The notes on a prompt as a list, each with what shows or mends it."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
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


class _Row(QWidget):
    """One note; rows are kept and filled anew, as notes come with every key."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.note = PromptNote("")
        self._number = QLabel()
        self._number.setProperty("look", "caption")
        self._number.setFixedWidth(2 * theme.SPACE_M)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setMinimumWidth(40)
        self.fix = QPushButton()
        self.show_place = QPushButton("Show")
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(theme.SPACE_XS)
        for button in (self.fix, self.show_place):
            button.setProperty("look", "link")
            buttons.addWidget(button)
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

    def fill(self, number: int, note: PromptNote) -> None:
        """Show a note."""
        self.note = note
        self._number.setText(str(number))
        self._words.setText(note.words)
        self.fix.setText(_FIXES.get(note.fix, ""))
        self.fix.setVisible(bool(note.fix))
        self.show_place.setVisible(note.start < note.end)
        self.show_place.setAccessibleName(f"Show: {note.words}")


class NotesPane(QWidget):
    """What there is to say about the prompt, beside it."""

    placeActivated = Signal(int, int)
    spacesRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel("Notes")
        self._title.setProperty("look", "title")
        self._problem = QLabel()
        self._problem.setProperty("look", "error")
        self._problem.setWordWrap(True)
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.hide()
        self._none = QLabel("Nothing to say about this prompt.")
        self._none.setProperty("look", "dim")
        self._none.setWordWrap(True)
        self._rows: list[_Row] = []
        inside = QWidget()
        inside.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(theme.SPACE_S)
        self._list.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._title)
        layout.addWidget(self._problem)
        layout.addWidget(self._none)
        layout.addWidget(scroll, 1)

    def minimumSizeHint(self) -> QSize:
        """Never in the way of the prompt."""
        return QSize(0, 0)

    def set_notes(self, notes: Sequence[PromptNote]) -> None:
        """Show the notes on a prompt that was read."""
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
        self._title.setText(f"Notes · {len(notes)}" if notes else "Notes")
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
