"""The window: composes pages, menus and status line, and connects them to the session."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QIcon,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from tokensim_gui.core import paths
from tokensim_gui.core.hub.address import HUB
from tokensim_gui.core.library.library import STARTER
from tokensim_gui.state.encoder_names import labels, megabytes
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme
from tokensim_gui.ui.search_page.panes import NARROW, WIDE
from tokensim_gui.ui.search_page.search_page import SearchPage
from tokensim_gui.ui.search_page.tray import Tray
from tokensim_gui.ui.widgets.drops import DropHint, accept_copy, local_files
from tokensim_gui.ui.window.action_handlers import ActionHandlers, first_of
from tokensim_gui.ui.window.actions import Action
from tokensim_gui.ui.window.appearance import Appearance
from tokensim_gui.ui.window.encoder_button import EncoderButton
from tokensim_gui.ui.window.menu_opener import MenuOpener
from tokensim_gui.ui.window.menus import Menus
from tokensim_gui.ui.window.pages import Pages
from tokensim_gui.ui.window.shortcut_priority import ShortcutPriority
from tokensim_gui.ui.window.starter_badge import StarterBadge
from tokensim_gui.ui.window.token_requests import TokenRequests
from tokensim_gui.ui.window.tray_requests import TrayRequests
from tokensim_gui.ui.window.window_place import keep_place, restore_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokensim_gui.core.prompt.copying import CopyStyle
    from tokensim_gui.core.values import Query, Results
    from tokensim_gui.state.encoders import Running
    from tokensim_gui.state.session import Session
    from tokensim_gui.state.tray_tokens import Places

PAGES = {"search": "Search", "prompt": "Prompt", "compare": "Compare", "encoders": "Encoders"}
_LOW = 640
_WITH_TRAY = ("search", "compare")
_FETCHED = "CLIP-L"


class MainWindow(QMainWindow):
    """Composes; holds no state of its own but its geometry."""

    firstPainted = Signal()

    def __init__(
        self, session: "Session", settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self._painted = False
        self._progress = ""
        self.setWindowTitle("TokenSim")
        self.setWindowIcon(QIcon(str(paths.resource("icons/tokensim.svg"))))
        self.setAcceptDrops(True)
        self._drop_hint = DropHint(self)
        self.tray = Tray(self)  # without a parent it would flash up as a window
        self.search = SearchPage(session, settings, self.tray)
        self._encoder = EncoderButton()
        shared = {
            "encoders": self._encoder.menu(),
            **self.search.bar.menus,
            **self.search.filter_bar.menus,
            "write_for": self.tray.interface.menu(),
        }
        self.menus = Menus(self, shared, settings)
        ShortcutPriority(self, self.menus.actions.values())
        self._opener = MenuOpener(self, self.menus.all)
        self._badge = StarterBadge()
        self._appearance = Appearance(self, settings)
        self.tray_requests = TrayRequests(self.tray, session, settings)
        self.commands = ActionHandlers(
            self, self.search, self.menus, self.tray_requests, self._appearance, session, settings
        )
        self.requests = TokenRequests(self, self.commands, self.menus.copy_as, session)
        session.encoders.can_compare = "compare" in PAGES
        self._lay_out()
        self._connect()
        for action, shown in (
            (Action.MAP, settings.show_map),
            (Action.CARD, settings.show_card),
            (Action.TRAY, settings.show_tray),
            (Action.KEEP_ON_TOP, settings.keep_on_top),
            (Action.UPDATES_AT_START, settings.check_updates),
        ):
            self.menus.actions[action].setChecked(shown)
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, settings.keep_on_top)
        self._restore_layout()
        self._on_history_changed(False, False)
        self._on_tables_changed()

    def _lay_out(self) -> None:
        actions = self.menus.actions
        self._encoder.set_more(
            [
                actions[name]
                for name in (
                    Action.OPEN_FILE,
                    Action.OPEN_FOLDER,
                    Action.FIND_CHECKPOINTS,
                    Action.FETCH_ENCODER,
                )
            ]
        )
        factories: dict[str, Callable[[QWidget], QWidget]] = {
            "search": lambda _: self.search,
            "prompt": self._make_prompt,
            "compare": self._make_compare,
            "encoders": self._make_encoders,
        }
        self._foot = QWidget()
        below = QVBoxLayout(self._foot)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.tray)
        corner = (self._badge, self._encoder, self._opener.button)
        self.pages = Pages(PAGES, factories, corner, self._foot)
        self.messages = self.pages.messages
        self.setCentralWidget(self.pages)

    def _connect(self) -> None:
        session = self._session
        session.noticed.connect(self._on_noticed)
        session.search.resultsChanged.connect(self._on_results_changed)
        session.search.historyChanged.connect(self._on_history_changed)
        session.search.queryChanged.connect(self._on_query_changed)
        session.search.trayChanged.connect(self._on_tray_changed)
        session.tables.frontChanged.connect(self._on_tables_changed)
        session.tables.openingChanged.connect(self._encoder.set_opening)
        session.encoders.changed.connect(self._on_tables_changed)
        session.encoders.runningChanged.connect(self._on_running_changed)
        self.commands.pageRequested.connect(self.pages.show_page)
        self.pages.pageShown.connect(self._on_page_shown)
        session.pageRequested.connect(self.pages.show_page)
        self.menus.triggered.connect(self.commands.run)
        self.menus.copyAsAsked.connect(self._on_copy_as_asked)
        self.menus.copyAsRequested.connect(self._on_copy_as_requested)
        self.menus.columnsChanged.connect(self._on_columns_changed)
        self.menus.themeChanged.connect(self._appearance.set_theme)
        self.menus.recentChosen.connect(self._on_recent_chosen)
        self._appearance.textSizeChanged.connect(self._on_text_size_changed)
        self._appearance.mapPointsChanged.connect(session.search.set_map_count)
        self._encoder.encoderChosen.connect(session.tables.show)
        self._badge.actionRequested.connect(self.commands.run)
        self._badge.fetchRequested.connect(self._on_fetch_requested)
        self.requests.serve(self.search.gestures)
        self.requests.serve(self.tray.gestures)
        self.tray_requests.promptRequested.connect(self._on_prompt_requested)
        self.search.offerTaken.connect(self.commands.carry_out)
        self.search.panes.changed.connect(self._on_pane_changed)
        self.messages.offerTaken.connect(self.commands.carry_out)

    # Pages ----------------------------------------------------------------------------------

    def _make_prompt(self, parent: QWidget) -> QWidget:
        from tokensim_gui.ui.prompt_page.prompt_page import PromptPage

        page = PromptPage(self._session, parent)
        self.requests.serve(page.gestures)
        self.commands.take_over(
            page,
            {
                Action.UNDO: page.undo,
                Action.COPY: page.copy,
                Action.FOCUS_BAR: page.focus_editor,
                Action.NEXT_PANE: page.focus_next_pane,
                Action.LOOK_UP: page.look_up,
            },
        )
        return page

    def _make_compare(self, parent: QWidget) -> QWidget:
        from tokensim_gui.ui.compare_page.compare_page import ComparePage

        page = ComparePage(self._session, self._settings, parent)
        page.actionRequested.connect(self.commands.run)
        self.commands.take_over(
            page,
            {
                Action.EXPORT_TABLE: self.commands.export_comparison,
                Action.COPY: page.copy,
                Action.FOCUS_BAR: page.focus_field,
                Action.FOCUS_FILTER: page.focus_field,
                Action.NEXT_PANE: page.focus_next_pane,
                Action.LOOK_UP: page.look_up,
            },
        )
        return page

    def _make_encoders(self, parent: QWidget) -> QWidget:
        from tokensim_gui.ui.encoders_page.encoders_page import EncodersPage

        page = EncodersPage(self._session, parent)
        page.actionRequested.connect(self.commands.run)
        page.promptRequested.connect(self._on_prompt_requested)
        added, changes = self._session.addition, self._session.encoders.changes
        self.commands.take_over(
            page,
            {
                Action.UNDO: first_of(added.undo, changes.undo),
                Action.REDO: first_of(added.redo, changes.redo),
                Action.NEXT_PANE: page.focus_next_pane,
            },
        )
        return page

    # Geometry -----------------------------------------------------------------------------

    def _store(self) -> QSettings:
        return QSettings(str(paths.config_dir() / "window.ini"), QSettings.Format.IniFormat)

    def _restore_layout(self) -> None:
        store = self._store()
        restore_place(self, store)
        if (columns := store.value("columns")) is not None:
            self.search.table.restore_header(columns)
            self.search.table.set_columns(self._settings.columns)
        if (state := store.value("sheets")) is not None:
            self.search.splitter.restoreState(state)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout."""
        store = self._store()
        keep_place(self, store)
        store.setValue("columns", self.search.table.header_state())
        if self.search.panes.mode == "wide":  # the others have widths of their own
            store.setValue("sheets", self.search.splitter.saveState())
        store.sync()
        self.hide()  # what runs may take a moment to end
        self._session.close()
        # Help and About would keep the program alive without its window.
        for child in self.findChildren(QWidget):
            if child.isWindow():
                child.close()
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room that there is."""
        super().resizeEvent(event)
        self._use_room()

    def _use_room(self) -> None:
        width, height, wide = self.width(), self.height(), theme.px(WIDE)
        self._encoder.set_wide(width >= wide)
        self._badge.set_wide(width >= theme.px(NARROW))
        self.tray.set_narrow(width < wide or height < theme.px(_LOW))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say once that the window is there."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.firstPainted.emit()

    # Files dropped on the window ------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders, and say what becomes of them."""
        files = local_files(event.mimeData())
        if files and accept_copy(event):
            many = f" {len(files)} checkpoints" if len(files) > 1 else " checkpoint"
            self._drop_hint.show_words(f"Open{many}")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self._drop_hint.hide()
        if accept_copy(event):
            self._session.encoders.open_paths(local_files(event.mimeData()))

    @Slot()
    def _on_text_size_changed(self) -> None:
        """Give larger text its room; not while Qt goes through its widgets, some of which move."""
        self._use_room()
        self.search.panes.arrange(self.search.width())
        self.search.table.fit_text()
        self.search.map.fit_text()

    # From menus and widgets -----------------------------------------------------------------

    @Slot(str)
    def _on_page_shown(self, key: str) -> None:
        self._session.search.set_search_shown(key == "search")
        self._settings.set("page", key)
        self._foot.setVisible(key in _WITH_TRAY)

    @Slot()
    def _on_copy_as_asked(self) -> None:
        table = self.search.table
        middle = self.mapToGlobal(self.rect().center())
        self.menus.copy_as.popup(table.current_place() if table.isVisible() else middle)

    @Slot(str)
    def _on_copy_as_requested(self, style: "CopyStyle") -> None:
        self._session.clipboard.copy(self.commands.selected(), style)

    @Slot(list)
    def _on_columns_changed(self, keys: list[str]) -> None:
        self._settings.set("columns", keys)
        self.search.table.set_columns(keys)

    @Slot(str)
    def _on_recent_chosen(self, path: str) -> None:
        self._session.encoders.open_path(Path(path))

    @Slot(str)
    def _on_prompt_requested(self, text: str) -> None:
        self.pages.page("prompt")  # its editors are what is written into, and undone
        self._session.addition.add(text)

    @Slot()
    def _on_fetch_requested(self) -> None:
        for entry in self._session.encoders.catalogue():
            if entry.name == _FETCHED:
                self.pages.show_page("encoders")
                self._session.encoders.open_source(HUB + entry.address)
                return

    @Slot(str, bool, bool)
    def _on_pane_changed(self, name: str, shown: bool, can_choose: bool) -> None:
        action = self.menus.actions[Action[name.upper()]]
        action.setChecked(shown)
        action.setEnabled(can_choose)

    # From the session -----------------------------------------------------------------------

    @Slot(object)
    def _on_noticed(self, notice: Notice) -> None:
        if notice.place == "bar":
            self.search.chips.set_notice(notice)
        else:
            problem = self._session.encoders.problem
            is_there = problem is not None and problem.headline == notice.text
            # The page itself says it, with what can be done.
            stands = is_there and self.pages.current() == "encoders"
            self.messages.show_notice(Notice("") if stands else notice)
            self._opener.set_message(notice.text)

    @Slot(object)
    def _on_running_changed(self, running: "Running | None") -> None:
        before, self._progress = self._progress, running.sentence if running else ""
        # Only where the import was spoken of last: what was said since stays.
        if running is not None and before and self.messages.text() == before:
            self._on_noticed(running.notice)

    @Slot(object)
    def _on_results_changed(self, results: "Results") -> None:
        time = f"{results.elapsed_ms:.1f} ms · " if results.elapsed_ms else ""
        self._encoder.set_facts(f"{time}{results.device}")
        self._appearance.set_device(results.device)

    @Slot(bool, bool)
    def _on_history_changed(self, back: bool, forward: bool) -> None:
        self.menus.actions[Action.BACK].setEnabled(back)
        self.menus.actions[Action.FORWARD].setEnabled(forward)

    @Slot(object)
    def _on_query_changed(self, query: "Query") -> None:
        self.menus.actions[Action.SAVE_QUERY].setEnabled(bool(query.text.strip()))

    @Slot(object)
    def _on_tray_changed(self, places: "Places") -> None:
        self.menus.actions[Action.SAVE_TRAY].setEnabled(bool(places))

    @Slot()
    def _on_tables_changed(self) -> None:
        current = self._session.tables.info
        found = labels(self._session.encoders.library.tables())
        self._encoder.show_encoders(found, current.slug, current.name)
        self._encoder.set_wide(self.width() >= theme.px(WIDE))
        self._badge.setVisible(current.slug == STARTER)
        if current.slug == STARTER:
            here, words = self._session.encoders.here(), ""
            for entry in self._session.encoders.catalogue():
                if entry.name == _FETCHED:
                    fetch = f"Fetch {_FETCHED}, {megabytes(entry.bytes)}"
                    words = f"Use {_FETCHED}" if entry in here else fetch
            self._badge.set_fetchable(words)
