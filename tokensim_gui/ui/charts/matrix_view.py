"""How alike prompts are, each with each: a number in every cell, on a colour for its size."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from tokensim_gui.state.prompt_encoder import Compared
from tokensim_gui.ui import theme

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_CELL = 72


def letter(number: int) -> str:
    """The name of a prompt: A, B … Z, AA, AB …."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


class _Model(QAbstractTableModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._compared: Compared | None = None
        self._low = 0.0

    def set_compared(self, compared: Compared) -> None:
        self.beginResetModel()
        self._compared = compared
        self._low = float(compared.whole.min())
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() or self._compared is None else len(self._compared.prompts)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return self.rowCount(parent)

    def data(
        self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | QColor | Qt.AlignmentFlag | None:
        compared = self._compared
        if compared is None or not index.isValid():
            return None
        row, column = index.row(), index.column()
        score = float(compared.whole[row, column])
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{score * 100:.1f}%"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            tokens = float(compared.tokens[row, column])
            return (
                f"{letter(row)}: {compared.prompts[row]}\n"
                f"{letter(column)}: {compared.prompts[column]}\n"
                f"Whole prompts {score:.2%}, token by token {tokens:.2%}"
            )
        if role in (Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.ForegroundRole):
            share = (score - self._low) / (1 - self._low) if self._low < 1 else 1.0
            ground, words = theme.cividis(share)
            return ground if role == Qt.ItemDataRole.BackgroundRole else words
        return None

    def headerData(
        self, section: int, _orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if self._compared is None or section >= len(self._compared.prompts):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return letter(section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._compared.prompts[section]
        return None


class MatrixView(QTableView):
    """A square of cells under letters; the letters are those of the prompts beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model(self)
        self.setModel(self._model)
        self.setAccessibleName("Likeness of each prompt to each")
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        for header, size in (
            (self.horizontalHeader(), _CELL),
            (self.verticalHeader(), theme.row_height() + theme.SPACE_XS),
        ):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(size)
            header.setHighlightSections(False)
            header.setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)

    def set_compared(self, compared: Compared) -> None:
        """Show a comparison; colours run from its smallest number to 100%."""
        self._model.set_compared(compared)
