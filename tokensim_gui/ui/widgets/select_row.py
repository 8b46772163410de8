"""Selecting a row from the program, whatever keys the user holds."""

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QTableView


def select_row(view: QTableView, row: int) -> None:
    """Make a row the current one and the only one selected.

    ``QTableView.selectRow`` asks which keys are held, and would toggle the row under Ctrl: most of
    what selects one begins with a shortcut.
    """
    flag = QItemSelectionModel.SelectionFlag
    index = view.model().index(row, 0)
    view.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)
