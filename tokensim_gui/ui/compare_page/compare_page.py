"""The Compare page: two ways to compare, and what stands there while there is nothing to."""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.query.reference import reference
from tokensim_gui.core.values import Query
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.clipboard import Clipboard
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme
from tokensim_gui.ui.compare_page.invitation import Invitation
from tokensim_gui.ui.compare_page.side_by_side import SideBySide
from tokensim_gui.ui.tokens.query_chip import HEIGHT as CHIP_HEIGHT
from tokensim_gui.ui.tokens.token_drag import drag
from tokensim_gui.ui.widgets.parts_bar import part_button
from tokensim_gui.ui.widgets.qt_quirks import enter
from tokensim_gui.ui.window.actions import Action

if TYPE_CHECKING:
    from tokensim_gui.state.session import Session
    from tokensim_gui.ui.compare_page.moved_view import MovedView

_WAYS = {
    Action.OPEN_FILE.name: "Open checkpoint…",
    Action.FIND_CHECKPOINTS.name: "Find on this computer…",
    Action.FETCH_ENCODER.name: "Fetch an encoder…",
}
_MODES = {
    "encoders": ("One query, several encoders", "Several encoders"),
    "checkpoints": ("Two checkpoints", "Two checkpoints"),
}
"""What the two ways are called where there is room, and where there is little."""
_ROOM_FOR_WORDS = 760
_RIGHT = theme.SPACE_L - theme.SPACE_XS
_ONE_TABLE = (
    "There is one encoder here, and comparing takes two.",
    "Open a checkpoint. Then the same query stands side by side in each of its encoders, and "
    "a fine-tune beside its base shows which words it learned.",
)
_NO_PAIR = (
    "No two encoders here share a vocabulary.",
    "Open two checkpoints of one model, a fine-tune and its base. Their tokens are then ranked "
    "by how far they moved.",
)


class ComparePage(QWidget):
    """One query in several encoders, or two checkpoints token by token."""

    actionRequested = Signal(object)  # Action

    def __init__(
        self, session: "Session", settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._comparison = session, session.comparison
        self._clipboard = Clipboard(settings, self, self)
        vocabulary = session.tables.vocabulary
        self.several = SideBySide(self._comparison, vocabulary)
        self._made: list[SideBySide | MovedView] = [self.several]
        self.no_other = Invitation(*_ONE_TABLE, _WAYS)
        self.no_pair = Invitation(*_NO_PAIR, _WAYS)
        self._lay_out()
        # Only where they stay: Qt works out the style sheet anew for a widget and all below it
        # whenever that gets another parent, which took longer than all else here.
        self.several.make_columns(2, vocabulary)
        self._connect()

    def _lay_out(self) -> None:
        self._switch = QButtonGroup(self)
        self._modes = switch = QFrame()
        switch.setProperty("look", "switch")
        parts = QHBoxLayout(switch)
        parts.setContentsMargins(2, 2, 2, 2)
        parts.setSpacing(0)
        for mode, (words, _) in _MODES.items():
            part = part_button(words)
            part.setProperty("mode", mode)
            part.setChecked(mode == self._comparison.mode)
            self._switch.addButton(part)
            parts.addWidget(part)
        under = QHBoxLayout()
        under.setSpacing(theme.SPACE_S)
        under.addStrut(theme.px(CHIP_HEIGHT))
        under.addWidget(self.several.chips, 1)
        under.addWidget(switch, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._header = header = QVBoxLayout()
        header.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, 10)
        header.setSpacing(theme.SPACE_S)
        header.addWidget(self.several.bar)
        header.addLayout(under)
        self.add = QPushButton("+ encoder")
        self.add.setAccessibleName("Add encoder")
        self.export = QPushButton("Export…")
        self.export.setToolTip("Write what is shown as CSV")
        for button in (self.add, self.export):
            button.setProperty("look", "flat words")
        self._top = QFrame()
        self._top.setProperty("look", "panel")
        self._top_row = top = QHBoxLayout(self._top)
        top.setSpacing(theme.SPACE_S)
        for widget, share in self.several.top_row():
            top.addWidget(widget, share)
        top.addWidget(self.add)
        top.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(_line("line"))
        layout.addWidget(self._top)
        self._hair = _line("hair")
        layout.addWidget(self._hair)
        self._stack = QStackedWidget(self)
        self._stack.setProperty("look", "sheet")
        for view in (self.several, self.no_other, self.no_pair):
            self._stack.addWidget(view)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        session, comparison = self._session, self._comparison
        self._clipboard.noticed.connect(session.noticed)
        self._switch.buttonClicked.connect(self._on_switch_clicked)
        self.add.clicked.connect(comparison.add)
        self.export.clicked.connect(self._on_export_clicked)
        self._connect_gestures(self.several)
        self.several.optionChanged.connect(session.search.set_option)
        for invitation in (self.no_other, self.no_pair):
            invitation.buttonClicked.connect(self._on_invitation_clicked)
        session.search.queryChanged.connect(self._on_query_changed)
        session.encoders.changed.connect(self._on_encoders_changed)
        comparison.changed.connect(self._arrange)
        comparison.checkpoints.changed.connect(self._arrange)
        comparison.modeChanged.connect(self._arrange)
        comparison.tablesChanged.connect(self._arrange)

    def _connect_gestures(self, view: "SideBySide | MovedView") -> None:
        view.gestures.copyRequested.connect(self._clipboard.copy)
        view.gestures.lookedUp.connect(self._on_looked_up)
        view.gestures.menuRequested.connect(self._on_menu_requested)
        view.gestures.dragRequested.connect(self._on_drag_requested)
        view.gestures.trayToggled.connect(self._on_tray_toggled)

    @cached_property
    def two(self) -> "MovedView":
        """The two checkpoints. Made when first asked for: it takes a fifth of the page's time."""
        from tokensim_gui.ui.compare_page.moved_view import MovedView

        two = MovedView(self._comparison.checkpoints, self._session.tables.vocabulary)
        self._made.append(two)
        self._header.insertWidget(self._header.indexOf(self.several.bar) + 1, two.head)
        for widget, share in two.top_row():
            self._top_row.insertWidget(self._top_row.indexOf(self.add), widget, share)
        self._stack.addWidget(two)
        _put_before(self._switch.buttons()[0], *two.head.findChildren(QAbstractButton))
        _put_before(self.add, two.filter)
        self._connect_gestures(two)
        return two

    # What the window asks for ---------------------------------------------------------------

    def copy(self) -> None:
        """Copy the selected tokens as they must be typed."""
        self._clipboard.copy(self._view.selected_ids())

    def look_up(self) -> None:
        """Look the selected token up on the Search page."""
        for token in self._view.selected_ids()[:1]:
            self._on_looked_up(token)

    def focus_field(self) -> None:
        """Put the cursor into the query, or into the filter of two checkpoints."""
        self._view.focus_field()

    def focus_next_pane(self) -> None:
        """F6: from the field to each list and round again."""
        if not self._view.isVisible():  # with one encoder there is only the invitation
            enter(self)
            return
        lists = self._view.panes()
        at = [number for number, tokens in enumerate(lists) if tokens.hasFocus()]
        following = at[0] + 1 if at else 0
        if following < len(lists):
            lists[following].focus_first_row()
        else:
            self._view.focus_field()

    def showEvent(self, event: QShowEvent) -> None:
        """Take over the Search page's query, and ask."""
        super().showEvent(event)
        self._comparison.show(self._session.search.query)
        self.several.set_options(self._session.search.query)
        self._arrange()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the tables go in a while."""
        super().hideEvent(event)
        self._comparison.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as there is room for."""
        super().resizeEvent(event)
        for part in self._switch.buttons():
            part.setText(_MODES[part.property("mode")][self._is_narrow])
        self._arrange()

    # Inside -----------------------------------------------------------------------------------

    @property
    def _view(self) -> "SideBySide | MovedView":
        return self.several if self._comparison.mode == "encoders" else self.two

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary of the list that has the focus, or had it last."""
        return self._view.vocabulary()

    @property
    def _is_narrow(self) -> bool:
        return self.width() < theme.px(_ROOM_FOR_WORDS)

    @Slot()
    def _arrange(self) -> None:
        """Show what there is to show."""
        comparison = self._comparison
        encoders = comparison.mode == "encoders"
        view: QWidget = self._view
        if len(comparison.tables.infos) < 2:
            view = self.no_other
        elif not encoders and comparison.checkpoints.before is None:
            view = self.no_pair
        self._stack.setCurrentWidget(view)
        left = theme.TEXT_LEFT
        if not encoders:
            self.two.head.setFixedHeight(theme.px(theme.BAR_HEIGHT))  # so that the switch stays
            left = theme.SPACE_L  # a field's edge stands further left than words
        self._top_row.setContentsMargins(left, theme.SPACE_XS, _RIGHT, theme.SPACE_XS)
        for one in self._made:
            for widget in (*one.header(), *(widget for widget, _ in one.top_row())):
                widget.setVisible(view is one)
        for widget in (self._top, self._hair):
            widget.setVisible(view is self._view)
        # Beside it there would be no room to say what is wrong with the query.
        self._modes.setHidden(encoders and self._is_narrow and self.several.fault is not None)
        for part in self._switch.buttons():
            part.setChecked(part.property("mode") == comparison.mode)
        self.add.setVisible(encoders and view is self.several)
        self.add.setEnabled(comparison.can_add)
        self.export.setVisible(view is self._view)
        self.export.setEnabled(comparison.can_export)

    @Slot(QAbstractButton)
    def _on_switch_clicked(self, part: QAbstractButton) -> None:
        self._comparison.set_mode(part.property("mode"))

    @Slot()
    def _on_export_clicked(self) -> None:
        self.actionRequested.emit(Action.EXPORT_TABLE)

    @Slot(str)
    def _on_invitation_clicked(self, key: str) -> None:
        self.actionRequested.emit(Action[key])

    @Slot(int)
    def _on_looked_up(self, token: int) -> None:
        session, slug = self._session, self._view.slug()
        text = reference(self.vocabulary, token)
        if slug != session.tables.info.slug:
            session.tables.show(slug)
        session.search.set_text(text)
        session.search.submit()
        session.pageRequested.emit("search")

    @Slot(QObject, list)
    def _on_drag_requested(self, source: QWidget, ids: list[int]) -> None:
        drag(source, self.vocabulary, ids, self._clipboard.text_for(ids))

    @Slot(int, QPoint)
    def _on_menu_requested(self, _token: int, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Look up on the Search page\tEnter").setData("look_up")
        menu.addAction("Copy\tCtrl+C").setData("copy")
        menu.addAction("Put into the tray, or take out of it\tSpace").setData("tray")
        menu.triggered.connect(self._on_menu_triggered)
        menu.popup(where)

    @Slot(QAction)
    def _on_menu_triggered(self, action: QAction) -> None:
        if action.data() == "copy":
            self.copy()
        elif action.data() == "tray":
            self._on_tray_toggled(self._view.selected_ids())
        else:
            self.look_up()

    @Slot(list)
    def _on_tray_toggled(self, ids: list[int]) -> None:
        vocabulary = self.vocabulary
        self._session.search.change_tray(lambda tray: tray.toggle_of(vocabulary, ids))

    @Slot(object)
    def _on_query_changed(self, query: Query) -> None:
        self._comparison.set_options(query)
        if self.isVisible():
            self.several.set_options(query)

    @Slot()
    def _on_encoders_changed(self) -> None:
        if self.isVisible():
            self._comparison.tables.refresh()


def _put_before(widget: QWidget, *others: QWidget) -> None:
    """Let Tab come to some widgets before it comes to one."""
    before = widget.previousInFocusChain()
    while before is not None and not before.focusPolicy() & Qt.FocusPolicy.TabFocus:
        before = before.previousInFocusChain()  # after what takes no focus Qt puts nothing
    for other in others:
        if before is not None:
            QWidget.setTabOrder(before, other)
        before = other


def _line(look: str) -> QFrame:
    line = QFrame()
    line.setProperty("look", look)
    line.setFixedHeight(1)
    return line
