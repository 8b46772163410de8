"""The rows of the token table: ids in an order, and what each column says of them."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from tokensim_gui.core.values import KINDS, FloatArray, IntArray, Metric, Results
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS, Vocabulary
from tokensim_gui.ui.widgets.plain_tip import plain_tip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in the settings, its header, and how it is laid out."""

    key: str
    header: str
    width: int
    right: bool = False
    mono: bool = False
    dim: bool = True


COLUMNS = (
    Column("token", "Token", 150, dim=False),
    Column("score", "Similarity", 148, dim=False),
    Column("id", "ID", 62, right=True),
    Column("piece", "Piece", 150, mono=True),
    Column("typed", "Typed", 130),
    Column("kind", "Kind", 88),
    Column("commonness", "Commonness", 110, right=True),
    Column("norm", "Vector length", 110, right=True),
    Column("script", "Script", 90),
    Column("reason", "Why", 170),
)
CHOOSABLE = COLUMNS[1:-1]
"""Columns that the user shows and hides; reasons are shown where there are any."""
KEYS = tuple(column.key for column in COLUMNS)
TYPED_WORDS = (
    "● as is",
    "◒ without blanks",
    "◔ at the start",
    "◐ inside a word",
    "○ cannot be typed",
)
SCORE_WORDS: dict[Metric, str] = {
    "cosine": "Similarity",
    "centred": "Similarity",
    "dot": "Dot product",
    "euclidean": "Distance",
}

_FLAGS = (
    Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


def score_text(score: float, metric: Metric) -> str:
    """A score as the window shows it: only similarities are percentages."""
    if metric in ("cosine", "centred"):
        return f"{score * 100:.2f}%".replace("-", "−")
    return f"{score:.3f}".replace("-", "−")


class TokenModel(QAbstractTableModel):
    """Neighbours of a query with their scores, or the vocabulary in browse order.

    The display order is one numpy array of ids: sorting 49,408 rows takes milliseconds, where a
    proxy model takes seconds.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        norms: FloatArray | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.vocabulary = vocabulary
        self.norms = norms
        self.ids: IntArray = np.empty(0, np.int32)
        self.scores: FloatArray | None = None
        self.metric: Metric = "cosine"
        self.average = 0.0
        self.best = 1.0
        self.passing = 0
        self.reasons: dict[int, str] = {}
        self._unsorted: tuple[IntArray, FloatArray | None] = (self.ids, None)
        self._sort: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)
        self._text_ranks: IntArray | None = None

    # What the rows are ------------------------------------------------------------------

    def set_vocabulary(self, vocabulary: Vocabulary, norms: FloatArray | None) -> None:
        """Change the vocabulary; the table is empty until rows are given."""
        self.beginResetModel()
        if vocabulary is not self.vocabulary:
            self._text_ranks = None
            self._unsorted = (np.empty(0, np.int32), None)
            self.ids, self.scores = self._unsorted
        self.vocabulary, self.norms = vocabulary, norms
        self.endResetModel()

    def set_results(self, results: Results) -> None:
        """Show neighbours, best first unless a column is sorted; the view says what is selected."""
        renamed = results.query.metric != self.metric
        self.metric, self.average, self.passing = (
            results.query.metric,
            results.average,
            results.passing,
        )
        self.best = float(results.scores[0]) if len(results.scores) else 1.0
        if len(results.ids) == len(self.ids) > 0:  # after a reset the header is painted as well
            self._unsorted = (results.ids, results.scores)
            self._apply_sort()
            # None but the view's anchor of Shift+click would still mean rows of the answer before.
            held = self.persistentIndexList()
            self.changePersistentIndexList(held, [QModelIndex()] * len(held))
            last = self.index(len(self.ids) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        else:
            self._set_rows(results.ids, results.scores)
        if renamed:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 1, 1)

    def set_ids(self, ids: IntArray) -> None:
        """Show these tokens without scores."""
        self.passing = len(ids)
        self._set_rows(ids, None)

    def _set_rows(self, ids: IntArray, scores: FloatArray | None) -> None:
        self.beginResetModel()
        self._unsorted = (ids, scores)
        self._apply_sort()
        self.endResetModel()

    def row_of(self, token_id: int) -> int:
        """Row of a token, -1 where it is not shown."""
        rows = np.flatnonzero(self.ids == token_id)
        return int(rows[0]) if rows.size else -1

    def share(self, row: int) -> float:
        """Length of a row's score bar, 0 to 1: how far it is from the average to the best."""
        if self.scores is None or self.best == self.average:
            return 0.0
        share = (float(self.scores[row]) - self.average) / (self.best - self.average)
        return min(1.0, max(0.0, share))

    # Sorting ----------------------------------------------------------------------------

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 brings back rank or browse order. Equal rows keep that order."""
        self.layoutAboutToBeChanged.emit()
        self._sort = (column, order)
        self._apply_sort()
        self.layoutChanged.emit()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def titled(self, section: int, words: str, right: bool) -> str:
        """The title of a column, with an arrow on its inner side if the rows are sorted by it."""
        sorted_by, order = self._sort
        if section != sorted_by:
            return words
        arrow = "▴" if order == Qt.SortOrder.AscendingOrder else "▾"
        return f"{arrow} {words}" if right else f"{words} {arrow}"

    def _apply_sort(self) -> None:
        self.ids, self.scores = self._unsorted
        column, order = self._sort
        if column < 0 or not len(self.ids):
            return
        keys = self._sort_keys(KEYS[column])
        if keys is None:
            return
        if order == Qt.SortOrder.DescendingOrder:
            keys = -keys
        rows = np.argsort(keys, kind="stable")
        self.ids = self.ids[rows]
        if self.scores is not None:
            self.scores = self.scores[rows]

    def _sort_keys(self, key: str) -> FloatArray | None:
        vocabulary, ids = self.vocabulary, self.ids
        if key == "score":
            return self.scores
        if key == "norm":
            return None if self.norms is None else self.norms[ids]
        if key == "id":
            return ids.astype(np.float64)
        if key == "commonness":
            ranks = [vocabulary.commonness(int(token)) for token in ids[:1]]
            # Ranks grow with the id wherever there are any, so the id is the key.
            return ids.astype(np.float64) if ranks[0] is not None else None
        if key == "reason":
            texts = [self.reasons.get(int(token), "") for token in ids]
            places = {text: rank for rank, text in enumerate(sorted(set(texts)))}
            return np.array([places[text] for text in texts], np.float64)
        if key in ("token", "piece"):
            return self._ranks_of_text()[ids].astype(np.float64)
        codes = {
            "typed": vocabulary.typeable,
            "kind": vocabulary.kinds,
            "script": vocabulary.scripts,
        }[key]
        return codes[ids].astype(np.float64)

    def _ranks_of_text(self) -> IntArray:
        if self._text_ranks is None:
            vocabulary = self.vocabulary
            texts = [vocabulary.display(token).casefold() for token in range(vocabulary.rows)]
            order = sorted(range(vocabulary.rows), key=texts.__getitem__)
            ranks = np.empty(vocabulary.rows, np.int32)
            ranks[order] = np.arange(vocabulary.rows, dtype=np.int32)
            self._text_ranks = ranks
        return self._text_ranks

    # What a cell says -------------------------------------------------------------------

    def text(self, row: int, column: int) -> str:
        """The words of a cell; "" where there is nothing to say."""
        token, key = int(self.ids[row]), KEYS[column]
        vocabulary = self.vocabulary
        if key == "token":
            return vocabulary.display(token)
        if key == "score":
            return "" if self.scores is None else score_text(float(self.scores[row]), self.metric)
        if key == "id":
            return str(token)
        if key == "piece":
            return vocabulary.piece(token)
        if key == "typed":
            return TYPED_WORDS[int(vocabulary.typeable[token])]
        if key == "kind":
            return KINDS[int(vocabulary.kinds[token])]
        if key == "script":
            return SCRIPTS[int(vocabulary.scripts[token])]
        if key == "reason":
            return self.reasons.get(token, "")
        if key == "norm":
            return "" if self.norms is None else f"{float(self.norms[token]):.3f}"
        common = vocabulary.commonness(token)
        return "" if common is None else f"{common[0]:,}"

    def tooltip(self, row: int, column: int) -> str:
        """The longer words of a cell."""
        key = KEYS[column]
        if key == "score" and self.scores is not None:
            score, rank = (
                float(self.scores[row]),
                int(np.flatnonzero(self._unsorted[0] == self.ids[row])[0]),
            )
            name = "Cosine" if self.metric in ("cosine", "centred") else SCORE_WORDS[self.metric]
            average = score_text(self.average, self.metric)
            return (
                f"{name} {score:.4f}. Rank {rank + 1} of {self.passing:,}. "
                f"The average token scores {average}."
            )
        if key == "typed":
            host = self.vocabulary.host(int(self.ids[row]))
            return f"as in “{host}”" if host else ""
        return self.text(row, column)

    # Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Rows shown."""
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """All columns, hidden ones too."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Words for screen readers, tooltips and tests; the delegate does not come by here."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.tooltip(index.row(), index.column()))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | Qt.AlignmentFlag | Qt.SortOrder | None:
        """Column names; the score's follows the measure."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            words = SCORE_WORDS[self.metric] if column.key == "score" else column.header
            return self.titled(section, words, column.right)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.InitialSortOrderRole and column.key == "score":
            best_is_high = self.metric != "euclidean"
            return Qt.SortOrder.DescendingOrder if best_is_high else Qt.SortOrder.AscendingOrder
        if role == Qt.ItemDataRole.ToolTipRole and column.key == "score":
            if self.metric == "euclidean":
                return "Distance between the vectors: small is near"
            return "How alike the vectors are; the bar runs from the average token to the best"
        return None

    def flags(self, _index: _Index) -> Qt.ItemFlag:
        """Rows can be selected and dragged out."""
        return _FLAGS
