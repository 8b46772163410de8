"""A field over a list, laid over the window: type, and take one of what is found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFontMetricsF,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QListView,
    QMainWindow,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.message_overlay import MessageLabel, overlaid
from tokensim_gui.ui.widgets.plain_tip import plain_tip
from tokensim_gui.ui.widgets.qt_quirks import signals_blocked
from tokensim_gui.ui.widgets.text_field import TextField

_WIDTH, _TOP, _MOST_ROWS = 560, 56, 12
_TEXT = 11  # from the list's edge: where the field's text begins
_CROSS = 28  # wide, at the right end of what can be removed
_CHECK = "  ✓"

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to take.

    Attributes:
        words: What it is called.
        take: What is done with it.
        group: What kind of thing it is; stands at the right.
        about: A sentence on what it does, which is found too.
        keys: The shortcut that does the same.
        checked: Whether it holds already.
        also: Other words by which it is found.
        rename: Asks for another name, where it can have one.
        remove: Takes it out of the list, where that can be done.
    """

    words: str
    take: Callable[[], object]
    group: str = ""
    about: str = ""
    keys: str = ""
    checked: bool = False
    also: str = ""
    rename: Callable[[], object] | None = None
    remove: Callable[[], object] | None = None


Source = Callable[[str], Sequence[Entry]]
"""What is found for a text, the best first."""


class _Model(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def show(self, entries: Sequence[Entry]) -> None:
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = "on" if entry.checked else ""
            return ", ".join(filter(None, (entry.words, state, entry.group, entry.keys)))
        if role == Qt.ItemDataRole.ToolTipRole:
            keys = "F2 renames it, Delete removes it." if entry.rename is not None else ""
            return plain_tip("\n".join(filter(None, (entry.words, entry.about, keys))))
        return None


class _Row(QStyledItemDelegate):
    """Words at the left; at the right what they are, and keys as a key looks."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, theme.row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, _Model)
        entry, c = model.entries[index.row()], theme.colours()
        state, box = option.state, QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for flag, role in (
            (QStyle.StateFlag.State_Selected, "selection"),
            (QStyle.StateFlag.State_MouseOver, "track"),
        ):
            if state & flag:
                painter.setBrush(c.colour(role))
                painter.drawRoundedRect(box, theme.SPACE_XS, theme.SPACE_XS)
                break
        room = box.adjusted(_TEXT, 0, -_TEXT, 0)
        if entry.remove is not None:
            room.setRight(box.right() - theme.px(_CROSS))
            cross = QRectF(room.right(), box.top(), theme.px(_CROSS), box.height())
            painter.setPen(c.colour("text2"))
            painter.setFont(theme.sized(1))
            painter.drawText(cross, Qt.AlignmentFlag.AlignCenter, "×")
        if entry.keys:
            room.setRight(self._draw_keys(painter, entry.keys, room) - theme.SPACE_S)
        middle = Qt.AlignmentFlag.AlignVCenter
        small = theme.sized(-1)
        painter.setFont(small)
        painter.setPen(c.colour("text2"))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, entry.group)
        room.setRight(
            room.right() - QFontMetricsF(small).horizontalAdvance(entry.group) - theme.SPACE_M
        )
        font = theme.sized(0)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        check = metrics.horizontalAdvance(_CHECK) if entry.checked else 0.0
        words = metrics.elidedText(
            entry.words, Qt.TextElideMode.ElideRight, max(0.0, room.width() - check)
        )
        painter.setPen(c.colour("text"))
        painter.drawText(room, middle, words)
        if entry.checked:
            painter.setPen(c.colour("accent"))
            painter.drawText(
                room.adjusted(metrics.horizontalAdvance(words), 0, 0, 0), middle, _CHECK
            )
        painter.restore()

    @staticmethod
    def _draw_keys(painter: QPainter, keys: str, room: QRectF) -> float:
        """Draw a key cap at the right end; returns its left edge."""
        font, c = theme.sized(-1), theme.colours()
        size = QFontMetricsF(font).size(0, keys)
        cap = QRectF(0, 0, size.width() + 2 * theme.SPACE_XS + 2, size.height() + 2)
        cap.moveCenter(room.center())
        cap.moveRight(room.right())
        painter.setBrush(c.colour("track"))
        painter.setPen(c.colour("border"))
        painter.drawRoundedRect(cap, theme.SPACE_XS, theme.SPACE_XS)
        painter.setFont(font)
        painter.setPen(c.colour("text2"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, keys)
        return cap.left()


class _List(QListView):
    """Tells where a row was clicked."""

    rowClicked = Signal(int, bool)  # row, whether at its right end

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        at = event.position().toPoint()
        index = self.indexAt(at)
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.rowClicked.emit(
                index.row(), at.x() > self.visualRect(index).right() - theme.px(_CROSS)
            )


class PickList(QFrame):
    """Takes the keyboard while it is open, and gives it back; blocks nothing.

    It closes by Enter, Esc, a click on a row, or when the keyboard goes elsewhere in the window.
    """

    def __init__(self, window: QMainWindow) -> None:
        """Take the window over which it lies."""
        super().__init__(window)
        self._window = window
        self._source: Source = lambda _typed: ()
        self._before: QWidget | None = None
        self._anchor: QWidget | None = None
        self._nothing = ""
        self.setProperty("look", "card")
        self._field = TextField()
        self._model = _Model(self)
        self._list = _List()
        self._list.setModel(self._model)
        self._list.setItemDelegate(_Row(self._list))
        self._list.setProperty("look", "plain")
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.setMouseTracking(True)
        self._list.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._message = MessageLabel()
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.SPACE_S,) * 4)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self._field)
        column.addWidget(overlaid(self._list, self._message), 1)
        self.hide()
        self._field.textChanged.connect(self._on_field_text_changed)
        self._list.rowClicked.connect(self._on_list_row_clicked)
        self._list.customContextMenuRequested.connect(self._on_list_menu_asked)
        self._list.selectionModel().currentChanged.connect(self._on_current_changed)
        _app().focusChanged.connect(self._on_focus_changed)

    def open(
        self,
        name: str,
        hint: str,
        source: Source,
        *,
        anchor: QWidget | None = None,
        text: str = "",
        nothing: str = "",
    ) -> None:
        """Show what a source offers.

        Args:
            name: What is chosen here, for screen readers.
            hint: What the empty field says.
            source: Finds entries for what is typed.
            anchor: The button below which it opens; without one it is at the window's top.
            text: What the field holds at first, all selected.
            nothing: What is said where there is nothing though nothing was typed.
        """
        if not self.isVisible():
            self._before = self._window.focusWidget()
        self._source, self._anchor, self._nothing = source, anchor, nothing
        self.setAccessibleName(name)
        self._field.setAccessibleName(name)
        self._list.setAccessibleName(name)
        self._field.setPlaceholderText(hint)
        with signals_blocked(self._field):
            self._field.setText(text)
            self._field.selectAll()
        self._go_to(0)
        self.refresh()
        self.show()
        self.raise_()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_and_return(self) -> None:
        """Close, and give the keyboard back to what had it."""
        before, self._before = self._before, None
        if before is not None and shiboken6.isValid(before):
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """Look at what happens around, while it is open."""
        super().showEvent(event)
        _app().installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        """Look away."""
        super().hideEvent(event)
        _app().removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of the field; keep the place; close at a click beside it."""
        kind = event.type()
        if watched is self._field and kind == QEvent.Type.KeyPress:
            return isinstance(event, QKeyEvent) and self._takes_key(event)
        if watched is self._window and kind == QEvent.Type.Resize:
            self._place()
        elif kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            beside = watched.window() is self._window and not self.isAncestorOf(watched)
            if beside and watched is not self._anchor:  # which closes it by being clicked
                self.close_and_return()
        return False

    def _takes_key(self, event: QKeyEvent) -> bool:
        key, row = event.key(), self._list.currentIndex().row()
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _MOST_ROWS - 1,
            Qt.Key.Key_PageUp: 1 - _MOST_ROWS,
        }
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(row)
        elif key == Qt.Key.Key_F2:
            self._rename(row)
        elif key == Qt.Key.Key_Delete and self._is_at_end():
            self._remove(row)
        elif key == Qt.Key.Key_Escape:
            self.close_and_return()
        elif key in steps:
            self._go_to(min(max(row + steps[Qt.Key(key)], 0), len(self._model.entries) - 1))
        elif key not in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):  # they lead to what lies below
            return False
        return True

    def _is_at_end(self) -> bool:
        """Whether Delete has nothing to delete in the field."""
        at_end = self._field.cursorPosition() == len(self._field.text())
        return at_end and not self._field.hasSelectedText()

    @Slot()
    def refresh(self) -> None:
        """Find anew: what there is has changed, or what is typed."""
        typed, row = self._field.text().strip(), self._list.currentIndex().row()
        self._model.show(self._source(typed))
        missing = f"Nothing here is called “{typed}”." if typed else self._nothing
        self._message.setText("" if self._model.entries else missing)
        self._go_to(min(max(row, 0), len(self._model.entries) - 1))
        self._place()

    def _go_to(self, row: int) -> None:
        self._list.setCurrentIndex(self._model.index(row, 0))

    def _place(self) -> None:
        room = self._window.rect()
        width = min(_WIDTH, room.width() - 2 * theme.SPACE_L)
        left, top = (room.width() - width) // 2, theme.px(_TOP)
        if self._anchor is not None and self._anchor.isVisible():
            corner = self._anchor.mapTo(self._window, self._anchor.rect().bottomRight())
            left = max(theme.SPACE_L, corner.x() + 1 - width)
            top = corner.y() + theme.SPACE_XS
        rows = min(len(self._model.entries) or 2, _MOST_ROWS)
        height = self._field.sizeHint().height() + 3 * theme.SPACE_S + rows * theme.row_height() + 2
        self.setGeometry(left, top, width, min(height, room.height() - top - theme.SPACE_L))

    def _take(self, row: int) -> None:
        if 0 <= row < len(self._model.entries):
            entry = self._model.entries[row]
            self.close_and_return()  # first: what is taken may be about what has the keyboard
            entry.take()

    def _remove(self, row: int) -> None:
        remove = self._model.entries[row].remove if row >= 0 else None
        if remove is not None:
            remove()
            self.refresh()

    def _rename(self, row: int) -> None:
        rename = self._model.entries[row].rename if row >= 0 else None
        if rename is not None:
            rename()

    @Slot()
    def _on_field_text_changed(self) -> None:
        self._go_to(0)
        self.refresh()

    @Slot(int, bool)
    def _on_list_row_clicked(self, row: int, at_cross: bool) -> None:
        if at_cross and self._model.entries[row].remove is not None:
            self._remove(row)
        else:
            self._take(row)

    @Slot(QPoint)
    def _on_list_menu_asked(self, at: QPoint) -> None:
        """Offer by the right mouse button what keys do too."""
        index = self._list.indexAt(at)
        if not index.isValid():
            return
        row, entry = index.row(), self._model.entries[index.row()]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, can, do in (
            ("Use\tEnter", True, self._take),
            ("Rename…\tF2", entry.rename is not None, self._rename),
            ("Remove\tDelete", entry.remove is not None, self._remove),
        ):
            if can:
                menu.addAction(words).triggered.connect(lambda _checked, do=do: do(row))
        menu.popup(self._list.viewport().mapToGlobal(at))

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid() and self.isVisible():
            words = str(current.data(Qt.ItemDataRole.AccessibleTextRole))
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._field, words))

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        outside = now is not None and now.window() is self._window and not self.isAncestorOf(now)
        if outside and self.isVisible():
            self._before = None
            self.hide()


def _app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
