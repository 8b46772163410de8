"""Rows of plain words for the smaller tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.plain_tip import plain_tip

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        text: What it says.
        dim: Whether it matters less.
        bad: Whether it is what went wrong.
        tip: The longer words, "" for the same.
    """

    text: str
    dim: bool = False
    bad: bool = False
    tip: str = ""


class PlainModel(QAbstractTableModel):
    """Rows of cells; numbers stand at the right."""

    def __init__(
        self, headers: Sequence[str], right: Sequence[int], parent: QObject | None = None
    ) -> None:
        """Take the headers, and which columns are numbers."""
        super().__init__(parent)
        self._headers, self._right = tuple(headers), frozenset(right)
        self._rows: tuple[tuple[Cell, ...], ...] = ()

    def set_rows(self, rows: Sequence[tuple[Cell, ...]]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Rows shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Columns."""
        return 0 if parent.isValid() else len(self._headers)

    def data(
        self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | QColor | Qt.AlignmentFlag | None:
        """Words, colour and side of a cell."""
        if not index.isValid():
            return None
        cell = self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(cell.tip or cell.text)
        if role == Qt.ItemDataRole.ForegroundRole and (cell.dim or cell.bad):
            return theme.colours().colour("error" if cell.bad else "text2")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(index.column())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | Qt.AlignmentFlag | None:
        """Column names."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(section)
        return None

    def _side(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column in self._right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
