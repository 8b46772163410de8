"""The rows of one encoder in a comparison: its first tokens, and who else has their words."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from tokensim_gui.core.values import Results
from tokensim_gui.core.vocabulary.shared_words import word
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui.tokens.token_model import TokenModel, score_text

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class RankModel(TokenModel):
    """One column: the rank, the token and its ranks elsewhere, all in one cell."""

    others: Sequence[tuple[int, str, Mapping[str, int]]] = ()

    def show_answer(
        self,
        vocabulary: Vocabulary,
        results: Results,
        others: Sequence[tuple[int, str, Mapping[str, int]]],
    ) -> None:
        """Show an answer.

        Args:
            vocabulary: Where its ids belong.
            results: What the encoder answered.
            others: Of every other column its number, its encoder's name, and the rank of each
                of its words.
        """
        self.others = others
        if vocabulary is not self.vocabulary:
            self.set_vocabulary(vocabulary, None)
        self.set_results(results)

    def clear(self) -> None:
        """Show nothing."""
        self.set_ids(self.ids[:0])

    def elsewhere(self, row: int) -> list[tuple[int, int | None]]:
        """Of every other column its number, and the rank of this row's word there, if any."""
        this = self.word(row)
        return [(number, ranks.get(this)) for number, _, ranks in self.others]

    def word(self, row: int) -> str:
        """By what the row's token is compared."""
        return word(self.vocabulary, int(self.ids[row]))

    def row_of_word(self, wanted: str) -> int | None:
        """The first row with this word."""
        rows = range(len(self.ids))
        return next((row for row in rows if self.word(row) == wanted), None)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """One."""
        return 0 if parent.isValid() else 1

    def headerData(
        self, _section: int, _orientation: Qt.Orientation, _role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | Qt.AlignmentFlag | None:
        """None: the encoder's name stands above."""
        return None

    def text(self, row: int, _column: int) -> str:
        """The token."""
        return self.vocabulary.display(int(self.ids[row]))

    def tooltip(self, row: int, _column: int) -> str:
        """Score, and where the word is elsewhere."""
        ranks = [ranks.get(self.word(row)) for _, _, ranks in self.others]
        found = [
            f"{rank}. in {name}"
            for rank, (_, name, _) in zip(ranks, self.others, strict=True)
            if rank is not None
        ]
        score = "" if self.scores is None else score_text(float(self.scores[row]), self.metric)
        also = f"also {', '.join(found)}" if found else "in no other list here"
        return f"{row + 1}. here with {score}, {also}"

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """As the table's; for screen readers rank and marks too."""
        if role == Qt.ItemDataRole.AccessibleTextRole and index.isValid():
            return f"{self.text(index.row(), 0)}: {self.tooltip(index.row(), 0)}"
        return super().data(index, role)
