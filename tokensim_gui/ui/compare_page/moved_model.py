"""The rows of two checkpoints: tokens that moved, how far, and what they are near to."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from tokensim_gui.core.values import FloatArray, IntArray
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui.tokens.token_model import TokenModel


@dataclass(frozen=True, slots=True)
class MovedColumn:
    """One column: its key, its header, and its width with and without much room."""

    key: str
    header: str
    width: int
    compact: int


MOVED_COLUMNS = (
    MovedColumn("token", "Token", 180, 132),
    MovedColumn("moved", "Moved", 236, 84),
    MovedColumn("length", "Length", 110, 80),
    MovedColumn("before", "Nearest before", 170, 112),
    MovedColumn("after", "Nearest after", 170, 96),
)
SORTABLE = ("token", "moved", "length")  # what is nearest becomes known row by row
_TIPS = {
    "moved": "1 − cosine of the vector before and after: 0 is the same direction, 1 a right angle",
    "length": "How much longer or shorter the vector became",
    "before": "The token nearest to it in the first checkpoint",
    "after": "The token nearest to it in the second checkpoint",
}

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


def distance_text(turned: float) -> str:
    """1 − cosine with four digits that say something."""
    return f"{turned:.4f}" if turned >= 0.001 or turned <= 0 else f"{turned:.1e}"


class MovedModel(TokenModel):
    """Tokens ranked by how far they moved; `nearest` fills as it becomes known."""

    lengths: tuple[FloatArray, FloatArray] = (np.empty(0), np.empty(0))
    nearest: Mapping[int, tuple[int | None, int | None]] = {}

    def show_moved(
        self,
        vocabulary: Vocabulary,
        ids: IntArray,
        turned: FloatArray,
        lengths: tuple[FloatArray, FloatArray],
    ) -> None:
        """Show tokens.

        Args:
            vocabulary: Where they belong.
            ids: int32 [n] in the order to show.
            turned: float64 [n], 1 − cosine of each.
            lengths: Vector lengths of all tokens, before and after.
        """
        if vocabulary is not self.vocabulary:
            self.set_vocabulary(vocabulary, None)
        self.lengths = lengths
        self.average, self.best = 0.0, float(turned.max(initial=0.0))
        self.passing = len(ids)
        self._set_rows(ids, turned)

    def clear(self) -> None:
        """Show nothing."""
        self.set_ids(self.ids[:0])

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Five."""
        return 0 if parent.isValid() else len(MOVED_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | Qt.AlignmentFlag | None:
        """Column names, with a sentence for each."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = MOVED_COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.titled(section, column.header, column.key == "length")
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS.get(column.key)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = column.key == "length"
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def text(self, row: int, column: int) -> str:
        """The words of a cell; "…" for a neighbour that is still looked for."""
        token, key = int(self.ids[row]), MOVED_COLUMNS[column].key
        if key == "token":
            return self.vocabulary.display(token)
        if key == "moved":
            return "" if self.scores is None else distance_text(float(self.scores[row]))
        if key == "length":
            return f"{self._length(1, token) - self._length(0, token):+.4f}"
        if token not in self.nearest:
            return "…"
        near = self.near(row, key)
        return "no vector" if near is None else self.vocabulary.display(near)

    def near(self, row: int, key: str) -> int | None:
        """The token nearest ``before`` or ``after``, where there is one and it is known."""
        return self.nearest.get(int(self.ids[row]), (None, None))[key == "after"]

    def tooltip(self, row: int, column: int) -> str:
        """The longer words of a cell."""
        token, key = int(self.ids[row]), MOVED_COLUMNS[column].key
        if key == "length":
            return f"{self._length(0, token):.4f} before, {self._length(1, token):.4f} after"
        if key == "moved" and self.scores is not None:
            angle = np.degrees(np.arccos(np.clip(1 - float(self.scores[row]), -1, 1)))
            return f"Turned by {angle:.2f}°. Rank {self._rank(token)} of {self.passing:,}."
        return f"{self.text(row, column)}, #{token}" if key == "token" else self.text(row, column)

    def changed_neighbour(self, row: int) -> bool:
        """Whether the nearest token is another one than before."""
        return self.near(row, "before") != self.near(row, "after")

    def _rank(self, token: int) -> int:
        return int(np.flatnonzero(self._unsorted[0] == token)[0]) + 1

    def _sort_keys(self, _key: str) -> FloatArray | None:
        key = MOVED_COLUMNS[self._sort[0]].key
        if key == "moved":
            return self.scores
        if key == "length":
            longer: FloatArray = (self.lengths[1] - self.lengths[0])[self.ids]
            return longer
        return super()._sort_keys(key) if key in SORTABLE else None

    def _length(self, which: int, token: int) -> float:
        return float(self.lengths[which][token])
