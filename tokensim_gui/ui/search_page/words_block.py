"""A vector in words: the few tokens that make it, each with its weight."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.values import Explanation
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.glyphs import face
from tokensim_gui.ui.tokens.token_lines import TokenLine, TokenLines
from tokensim_gui.ui.widgets.parts_bar import part_button


class WordsBlock(QWidget):
    """Folded it is a line; open it asks for words, and shows them.

    Signals:
        toggled: It was opened or folded.
        subjectChosen: Say the tokens in words (``tokens``), or the query (``query``).
        queryRequested: [Make it the query] was pressed.
    """

    toggled = Signal(bool)
    subjectChosen = Signal(str)
    queryRequested = Signal()

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        """Make it folded.

        Args:
            name: What the selection is called on the switch beside “The query”.
            tip: What is said in words then.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._fold = QToolButton()
        self._fold.setProperty("look", "fold")
        self._fold.setCheckable(True)
        self._fold.setToolTip("The few tokens whose weighted sum comes near it")
        self._parts = {"tokens": part_button(name, tip), "query": part_button("The query", "")}
        self._parts["query"].setToolTip("What is in the search bar, as a whole")
        self._group = QButtonGroup(self)
        frame = QFrame()
        frame.setProperty("look", "switch")
        halves = QHBoxLayout(frame)
        halves.setContentsMargins(2, 2, 2, 2)
        halves.setSpacing(0)
        for part in self._parts.values():
            self._group.addButton(part)
            halves.addWidget(part)
        self._parts["tokens"].setChecked(True)
        self.lines = TokenLines("In words")
        self._sentence = QLabel()
        self._sentence.setProperty("look", "dim")
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._make = QPushButton("Make it the query")
        self._make.setToolTip("Search for the sum of these tokens with their weights")
        self._content = QWidget()
        inside = QVBoxLayout(self._content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.SPACE_S)
        inside.addWidget(frame, 0, Qt.AlignmentFlag.AlignLeft)
        inside.addWidget(self.lines)
        inside.addWidget(self._sentence)
        inside.addWidget(self._make, 0, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._content)
        self._fold.toggled.connect(self._on_fold_toggled)
        self._group.buttonClicked.connect(self._on_part_clicked)
        self._make.clicked.connect(self.queryRequested)
        self.set_open(False)
        self.set_sentence("")

    def set_open(self, is_open: bool) -> None:
        """Open or fold it, without a signal."""
        self._fold.blockSignals(True)
        self._fold.setChecked(is_open)
        self._fold.blockSignals(False)
        self._fold.setText(f"{'▾' if is_open else '▸'}  In words")
        self._content.setVisible(is_open)

    def set_subject(self, subject: str) -> None:
        """Show what is said in words."""
        self._parts[subject].setChecked(True)

    def set_explanation(self, vocabulary: Vocabulary, found: Explanation) -> None:
        """Show tokens with weights, and how much of the vector they make."""
        largest = float(found.weights.max())
        self.lines.set_lines(
            [
                TokenLine(
                    token,
                    face(vocabulary, token, self.font()).whole,
                    f"× {weight:.2f}" if largest >= 0.1 else f"× {weight:.2g}",
                    share=weight / largest,
                )
                for token, weight in zip(found.ids.tolist(), found.weights.tolist(), strict=True)
            ]
        )
        self._sentence.setText(found.remark or f"Their sum makes {found.explained:.0%} of it.")
        self._make.show()

    def set_sentence(self, sentence: str) -> None:
        """Say why there are no words, or "" while they are looked for."""
        room = 0 if sentence else len(self.lines.lines)  # what is below stays until it is known
        self.lines.set_lines((), room)
        self._sentence.setText(sentence)
        self._make.hide()

    @Slot(bool)
    def _on_fold_toggled(self, is_open: bool) -> None:
        self.set_open(is_open)
        self.toggled.emit(is_open)

    @Slot()
    def _on_part_clicked(self) -> None:
        chosen = next(key for key, part in self._parts.items() if part.isChecked())
        self.subjectChosen.emit(chosen)
