"""The rows of one encoder in a comparison: its first tokens, and who else has their words."""

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from tokensim_gui.core.values import Results
from tokensim_gui.core.vocabulary.shared_words import word
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui.tokens.token_model import TokenModel, score_text

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class RankModel(TokenModel):
    """Two columns: the token with its rank, and its score."""

    others: Sequence[tuple[str, Mapping[str, int]]] = ()
    in_all: Collection[str] = ()

    def show_answer(
        self,
        vocabulary: Vocabulary,
        results: Results,
        others: Sequence[tuple[str, Mapping[str, int]]],
        in_all: Collection[str] = (),
    ) -> None:
        """Show an answer.

        Args:
            vocabulary: Where its ids belong.
            results: What the encoder answered.
            others: Of every other column its encoder's name, and the rank of each of its words.
            in_all: Words that every column has.
        """
        self.others, self.in_all = others, in_all
        if vocabulary is not self.vocabulary:
            self.set_vocabulary(vocabulary, None)
        self.set_results(results)

    def clear(self) -> None:
        """Show nothing."""
        self.set_ids(self.ids[:0])

    def is_shared(self, row: int) -> bool:
        """Whether another column has this row's word."""
        this = self.word(row)
        return any(this in ranks for _, ranks in self.others)

    def is_in_all(self, row: int) -> bool:
        """Whether every column has it."""
        return self.word(row) in self.in_all

    def word(self, row: int) -> str:
        """By what the row's token is compared."""
        return word(self.vocabulary, int(self.ids[row]))

    def row_of_word(self, wanted: str) -> int | None:
        """The first row with this word."""
        rows = range(len(self.ids))
        return next((row for row in rows if self.word(row) == wanted), None)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """The token with its rank, and its score."""
        return 0 if parent.isValid() else 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | Qt.AlignmentFlag | Qt.SortOrder | None:
        """Titles, to the left."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return super().headerData(section, orientation, role)

    def tooltip(self, row: int, _column: int) -> str:
        """Score, and where the word is elsewhere."""
        this = self.word(row)
        found = [f"{ranks[this]}. in {name}" for name, ranks in self.others if this in ranks]
        score = "" if self.scores is None else score_text(float(self.scores[row]), self.metric)
        also = f"also {', '.join(found)}" if found else "in no other list here"
        return f"{row + 1}. here with {score}, {also}"

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """As the table's; for screen readers rank and marks too."""
        if role == Qt.ItemDataRole.AccessibleTextRole and index.isValid():
            return f"{self.text(index.row(), 0)}: {self.tooltip(index.row(), 0)}"
        return super().data(index, role)
