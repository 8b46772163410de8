"""The tab row and its pages, each made when it is first asked for."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.ui.widgets.qt_quirks import enter


class Pages(QWidget):
    """Shows one page at a time. Making all at the start would double its time."""

    pageShown = Signal(str)

    def __init__(
        self,
        titles: Mapping[str, str],
        factories: Mapping[str, Callable[[], QWidget]],
        corner: QWidget,
        margins: tuple[int, int, int, int],
        parent: QWidget | None = None,
    ) -> None:
        """Make the tabs and the first page.

        Args:
            titles: Key → words on the tab, in order.
            factories: Key → what makes the page.
            corner: What stands at the right end of the tab row.
            margins: Of the tab row, in pixels.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._keys = list(titles)
        self._factories = factories
        self._made: dict[str, QWidget] = {}
        self._tabs = QButtonGroup(self)
        self._stack = QStackedWidget()
        row = QHBoxLayout()
        row.setContentsMargins(*margins)
        row.setSpacing(0)
        for number, title in enumerate(titles.values()):
            tab = QPushButton(title)
            tab.setProperty("look", "tab")
            tab.setCheckable(True)
            self._tabs.addButton(tab, number)
            row.addWidget(tab)
        row.addStretch(1)
        row.addWidget(corner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._stack, 1)
        self._tabs.idClicked.connect(self._on_tab_clicked)
        self.show_page(self._keys[0])

    def page(self, key: str) -> QWidget:
        """The page of a key."""
        if key not in self._made:
            page = self._made[key] = self._factories[key]()
            self._stack.addWidget(page)
        return self._made[key]

    @Slot(str)
    def show_page(self, key: str) -> None:
        """Bring a page to the front, and the keyboard into it."""
        self._show(key)
        page = self.page(key)
        focused = self.window().focusWidget()
        if page.isVisible() and (focused is None or not page.isAncestorOf(focused)):
            enter(page)

    def _show(self, key: str) -> None:
        self._tabs.button(self._keys.index(key)).setChecked(True)
        self._stack.setCurrentWidget(self.page(key))
        self.pageShown.emit(key)

    @Slot(int)
    def _on_tab_clicked(self, number: int) -> None:
        self._show(self._keys[number])
