"""The row of pages on top, and the pages, each made when it is first asked for."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.qt_quirks import enter
from tokensim_gui.ui.window.messages import Messages

_TAB_MARGIN = 11  # of the style sheet


class _Tab(QPushButton):
    """As wide as in bold, which it is while its page is in front: nothing moves."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.setProperty("look", "tab")
        self.setCheckable(True)

    def sizeHint(self) -> QSize:
        bold = QFontMetrics(theme.sized(0, bold=True)).horizontalAdvance(self.text())
        return QSize(bold + 2 * _TAB_MARGIN + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class Pages(QWidget):
    """Shows one page at a time. Making all at the start would double its time."""

    pageShown = Signal(str)

    def __init__(
        self,
        titles: Mapping[str, str],
        factories: Mapping[str, Callable[[QWidget], QWidget]],
        corner: Sequence[QWidget],
        foot: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        """Make the tabs and the first page.

        Args:
            titles: Key → words on the tab, in order.
            factories: Key → what makes the page, below the widget that it will lie in: the style
                sheet is worked out anew for all of a page that gets another.
            corner: What stands at the right end of the row.
            foot: What stands below the pages.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._keys = list(titles)
        self._factories = factories
        self._foot = foot
        self._made: dict[str, QWidget] = {}
        self._tabs = QButtonGroup(self)
        self._stack = QStackedWidget()
        self.messages = Messages(self._stack)
        row = QHBoxLayout()
        left = theme.TEXT_LEFT - _TAB_MARGIN
        row.setContentsMargins(left, theme.SPACE_XS, theme.SPACE_L - theme.SPACE_XS, 0)
        row.setSpacing(0)
        for number, title in enumerate(titles.values()):
            tab = _Tab(title)
            self._tabs.addButton(tab, number)
            row.addWidget(tab)
        row.addStretch(1)
        for widget in corner:
            row.addSpacing(theme.SPACE_XS)
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._stack, 1)
        column.addWidget(foot)
        self._tabs.idClicked.connect(self._on_tab_clicked)
        self.show_page(self._keys[0])

    def page(self, key: str) -> QWidget:
        """The page of a key."""
        if key not in self._made:
            page = self._made[key] = self._factories[key](self._stack)
            self._stack.addWidget(page)
        return self._made[key]

    def current(self) -> str:
        """Key of the page in front."""
        return self._keys[self._tabs.checkedId()]

    @Slot(str)
    def show_page(self, key: str) -> None:
        """Bring a page to the front, and the keyboard into it."""
        self._show(key)
        page = self.page(key)
        focused = self.window().focusWidget()
        below = focused is not None and self._foot.isVisible() and self._foot.isAncestorOf(focused)
        if page.isVisible() and not below and (focused is None or not page.isAncestorOf(focused)):
            enter(page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the message at the lower edge of the page."""
        super().resizeEvent(event)
        if self.messages.isVisible():
            self.messages.place()

    def _show(self, key: str) -> None:
        self._tabs.button(self._keys.index(key)).setChecked(True)
        self._stack.setCurrentWidget(self.page(key))
        if self.messages.isVisible():
            self.messages.place()
            self.messages.raise_()
        self.pageShown.emit(key)

    @Slot(int)
    def _on_tab_clicked(self, number: int) -> None:
        self._show(self._keys[number])
