"""Where Qt's own ways need a helping hand: focus, signals, selections, UTF-16."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QItemSelectionModel, QObject, Qt
from PySide6.QtWidgets import QTableView, QWidget


def first_stop(part: QWidget) -> QWidget | None:
    """Where Tab stops first in a part of the window: what stands for it, itself, or a child."""
    proxy = part.focusProxy()
    for widget in (*([proxy] if proxy is not None else []), part, *part.findChildren(QWidget)):
        stops = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if stops and widget.isEnabled() and widget.isVisibleTo(part.window()):
            return widget
    return None


def focus_inside(part: QWidget) -> bool:
    """Give a part the keyboard at its first stop; False if nothing there takes it."""
    return _focus(first_stop(part))


def enter(part: QWidget) -> None:
    """Give a part the keyboard: where it was in there, else its first stop."""
    _focus(part.focusWidget() or first_stop(part))


def _focus(stop: QWidget | None) -> bool:
    if stop is not None:
        stop.setFocus(Qt.FocusReason.ShortcutFocusReason)
    return stop is not None


@contextmanager
def signals_blocked(*objects: QObject) -> Iterator[None]:
    """Write to widgets without the signals that a user's write would send; restores what was."""
    before = [item.blockSignals(True) for item in objects]
    try:
        yield
    finally:
        for item, blocked in zip(objects, before, strict=True):
            item.blockSignals(blocked)


def select_row(view: QTableView, row: int) -> None:
    """Make a row the current one and the only one selected.

    ``QTableView.selectRow`` asks which keys are held, and would toggle the row under Ctrl: most of
    what selects one begins with a shortcut.
    """
    flag = QItemSelectionModel.SelectionFlag
    index = view.model().index(row, 0)
    view.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)


def code_point_index(text: str, utf16_index: int) -> int:
    """Index into a Python string for an index that Qt counts in UTF-16 units."""
    units = 0
    for number, character in enumerate(text):
        if units >= utf16_index:
            return number
        units += 2 if ord(character) > 0xFFFF else 1
    return len(text)


def utf16_index(text: str, code_points: int) -> int:
    """Index in UTF-16 units, as Qt counts, for an index into a Python string."""
    return len(text[:code_points].encode("utf-16-le", "surrogatepass")) // 2
