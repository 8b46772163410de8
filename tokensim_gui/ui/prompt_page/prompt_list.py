"""Prompts that were made: tick those that you like."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.glyphs import has_glyphs, unicode_name
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.message_overlay import MessageLabel, overlaid
from tokensim_gui.ui.widgets.plain_tip import plain_tip

_EMPTY = "Put a slot such as #word# where the prompts shall differ, then make prompts."
_HINT = "Space keeps a prompt, Enter puts it into the editor."


class _List(QListWidget):
    keyed = Signal(QKeyEvent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
        self.keyed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)


class _Delegate(QStyledItemDelegate):
    """Writes the names, in grey, of characters that no font has, and never a box."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        runs = _runs(str(index.data()), option.font)
        if not any(is_name for _, is_name in runs):
            super().paint(painter, option, index)
            return
        item = QStyleOptionViewItem(option)
        self.initStyleOption(item, index)
        style = item.widget.style()
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin) + 1
        room = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, item, item.widget)
        room.adjust(margin, 0, -margin, 0)
        item.text = ""
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, item, painter, item.widget)
        painter.setFont(item.font)
        for words, is_name in runs:
            painter.setPen(theme.colours().colour("text2" if is_name else "text"))
            cut = item.fontMetrics.elidedText(words, item.textElideMode, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, cut)
            room.setLeft(room.left() + item.fontMetrics.horizontalAdvance(cut))
            if cut != words:
                return


def _runs(text: str, font: QFont) -> list[tuple[str, bool]]:
    """The text in parts, and which of them are names for characters without a glyph."""
    if has_glyphs(text, font):
        return [(text, False)]
    runs = []
    for lacking, group in groupby(text, lambda c: c.isprintable() and not has_glyphs(c, font)):
        part = "".join(group)
        runs.append((unicode_name(part), True) if lacking else (part, False))
    return runs


class PromptList(QWidget):
    """Rows with a tick; new ones come below those that are kept."""

    promptChosen = Signal(str)
    copyRequested = Signal(str)
    exportRequested = Signal(list)
    compareRequested = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = _List()
        self._list.setAccessibleName("Prompts made")
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.setUniformItemSizes(True)
        self._list.setProperty("look", "plain")
        self._list.setItemDelegate(_Delegate(self._list))
        self._message = MessageLabel()
        self._words = ElidedLabel()
        self._words.setProperty("look", "caption")
        self._compare = QPushButton("Compare")
        self._compare.setToolTip("By their text encodings, under Compare prompts")
        self._copy = QPushButton("Copy")
        self._export = QPushButton("Export…")
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE_S)
        foot.addWidget(self._words, 1)
        for button in (self._compare, self._copy, self._export):
            foot.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(overlaid(self._list, self._message), 1)
        layout.addLayout(foot)
        self.setFocusProxy(self._list)
        self._list.itemDoubleClicked.connect(self._on_item_double_clicked)
        self._list.itemChanged.connect(self._on_item_changed)
        self._list.keyed.connect(self._on_list_keyed)
        self._copy.clicked.connect(self._on_copy_clicked)
        self._export.clicked.connect(self._on_export_clicked)
        self._compare.clicked.connect(self._on_compare_clicked)
        self._say()

    def add(self, prompts: Sequence[str]) -> None:
        """Show new prompts below the kept ones."""
        kept = self.kept()
        self._list.clear()
        for prompt in dict.fromkeys((*kept, *prompts)):
            item = QListWidgetItem(prompt)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            ticked = prompt in kept
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            item.setToolTip(plain_tip(prompt))
            item.setSizeHint(QSize(0, theme.row_height()))
            self._list.addItem(item)
        self._say()

    def prompts(self) -> list[str]:
        """Every prompt shown."""
        return [item.text() for item in self._items()]

    def kept(self) -> list[str]:
        """Prompts that are ticked."""
        return [item.text() for item in self._items() if item.checkState() == Qt.CheckState.Checked]

    def meant(self) -> list[str]:
        """What a button is about: the ticked prompts, else all."""
        return self.kept() or self.prompts()

    def _items(self) -> list[QListWidgetItem]:
        return [self._list.item(row) for row in range(self._list.count())]

    def _say(self) -> None:
        kept, count = len(self.kept()), self._list.count()
        self._words.setText(f"{kept} of {count} kept. {_HINT}" if count else "")
        self._message.setText("" if count else _EMPTY)
        which = "kept" if kept else "all"
        self._copy.setText(f"Copy {which}")
        self._export.setText(f"Export {which}…")
        for button in (self._copy, self._export, self._compare):
            button.setEnabled(count > 0)

    @Slot(QListWidgetItem)
    def _on_item_double_clicked(self, item: QListWidgetItem) -> None:
        self.promptChosen.emit(item.text())

    @Slot()
    def _on_item_changed(self) -> None:
        self._say()

    @Slot(QKeyEvent)
    def _on_list_keyed(self, event: QKeyEvent) -> None:
        chosen = self._list.selectedItems()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and chosen:
            self.promptChosen.emit(chosen[0].text())
        elif event.key() == Qt.Key.Key_Space and chosen:
            every = all(item.checkState() == Qt.CheckState.Checked for item in chosen)
            for item in chosen:
                item.setCheckState(Qt.CheckState.Unchecked if every else Qt.CheckState.Checked)
        elif event.matches(QKeySequence.StandardKey.Copy) and chosen:
            self.copyRequested.emit("\n".join(item.text() for item in chosen))
        else:
            return
        event.accept()

    @Slot()
    def _on_copy_clicked(self) -> None:
        self.copyRequested.emit("\n".join(self.meant()))

    @Slot()
    def _on_export_clicked(self) -> None:
        self.exportRequested.emit(self.meant())

    @Slot()
    def _on_compare_clicked(self) -> None:
        self.compareRequested.emit(self.meant())
