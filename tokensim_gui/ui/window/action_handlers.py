"""What each action of the menus does."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMessageBox, QWidget

from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files.atomic import write_atomically
from tokensim_gui.state.notice import Offer
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui.search_page.search_page import SearchPage
from tokensim_gui.ui.window.about import about_html, diagnostics
from tokensim_gui.ui.window.actions import Action
from tokensim_gui.ui.window.appearance import Appearance
from tokensim_gui.ui.window.editing import edit_focused
from tokensim_gui.ui.window.help_window import HelpWindow
from tokensim_gui.ui.window.menus import Menus
from tokensim_gui.ui.window.tray_requests import TrayRequests
from tokensim_gui.ui.window.vector_export import export_vectors
from tokensim_gui.ui.window.web_links import open_outside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokensim_gui.state.session import Session
    from tokensim_gui.ui.window.pickers import Pickers

_CHECKPOINTS = "Model files (*.safetensors *.gguf *.ckpt *.pt *.pth *.bin);;All files (*)"

_SAVED = "Saved queries and trays (*.json)"

_OF_SEARCH = frozenset(
    {
        Action.COPY,
        Action.COPY_PICTURE,
        Action.SAVE_MAP,
        Action.EXPORT_TABLE,
        Action.EXPORT_VECTORS,
        Action.FOCUS_BAR,
        Action.FOCUS_FILTER,
        Action.NEXT_PANE,
        Action.LOOK_UP,
        Action.SHOW_NEIGHBOURS,
        Action.SHOW_VOCABULARY,
        Action.SHOW_AMONG_IDS,
        Action.BACK,
        Action.FORWARD,
        Action.RANDOM_WORD,
        Action.FIT_MAP,
        Action.WHOLE_MAP,
    }
)

_ABOUT_A_TOKEN = frozenset({Action.COPY, Action.LOOK_UP, Action.SHOW_AMONG_IDS})


def first_of(step: Callable[[], bool], other: Callable[[], object]) -> Callable[[], None]:
    """A step, and where there is nothing for it to do the other one."""

    def take() -> None:
        if not step():
            other()

    return take


class ActionHandlers(QObject):
    """Carries out actions; `run` is their one entrance."""

    pageRequested = Signal(str)

    def __init__(
        self,
        window: QMainWindow,
        page: SearchPage,
        menus: Menus,
        tray: TrayRequests,
        appearance: Appearance,
        session: "Session",
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._window, self._page, self._menus = window, page, menus
        self._session, self._settings = session, settings
        self._help: HelpWindow | None = None
        self._about: QMessageBox | None = None
        self._made_pickers: Pickers | None = None
        page.map.saveRequested.connect(self._save_map)
        page.shelf.actionRequested.connect(self.run)
        w = session
        self._handlers: dict[Action, Callable[[], object]] = {
            Action.OPEN_FILE: self._open_file,
            Action.OPEN_FOLDER: self._open_folder,
            Action.FIND_CHECKPOINTS: self._find_checkpoints,
            Action.FETCH_ENCODER: self._fetch_encoder,
            Action.SAVE_MAP: self._save_map,
            Action.EXPORT_TABLE: self._export_table,
            Action.EXPORT_VECTORS: self._export_vectors,
            Action.QUIT: window.close,
            Action.UNDO: first_of(w.addition.undo, lambda: w.search.step_tray(True)),
            Action.REDO: first_of(w.addition.redo, lambda: w.search.step_tray(False)),
            Action.CUT: self._say_no_field,
            Action.PASTE: self._say_no_field,
            Action.SELECT_ALL: page.table.select_all,
            Action.COPY: self._copy,
            Action.COPY_PICTURE: self._copy_picture,
            Action.TOGGLE_TRAY_TOKEN: lambda: w.search.change_tray(
                lambda tray: tray.toggle(self.selected())
            ),
            Action.COPY_TRAY: tray.copy,
            Action.TRAY_TO_PROMPT: tray.add_to_prompt,
            Action.CLEAR_TRAY: lambda: w.search.change_tray(
                lambda tray: tray.remove(w.search.tray)
            ),
            Action.PALETTE: lambda: self._pickers.show_palette(),
            Action.RANDOM_WORD: w.ask_random,
            Action.HISTORY: lambda: self._pickers.show_history(page.shelf.history),
            Action.SAVED: lambda: self._pickers.show_saved(page.shelf.saved),
            Action.SAVE_QUERY: lambda: self._pickers.save_query(page.shelf.saved),
            Action.SAVE_TRAY: lambda: self._pickers.save_tray(page.shelf.saved),
            Action.EXPORT_SAVED: self._export_saved,
            Action.IMPORT_SAVED: self._import_saved,
            Action.FOCUS_BAR: page.bar.focus,
            Action.FOCUS_FILTER: page.filter_bar.focus_text,
            Action.NEXT_PANE: page.focus_next_pane,
            Action.LOOK_UP: self._look_up,
            Action.SHOW_NEIGHBOURS: lambda: w.search.set_view("neighbours"),
            Action.SHOW_VOCABULARY: lambda: w.search.set_view("vocabulary"),
            Action.SHOW_AMONG_IDS: self._show_among_ids,
            Action.BACK: lambda: w.search.go("back"),
            Action.FORWARD: lambda: w.search.go("forward"),
            Action.PAGE_SEARCH: lambda: self.pageRequested.emit("search"),
            Action.PAGE_PROMPT: lambda: self.pageRequested.emit("prompt"),
            Action.PAGE_COMPARE: lambda: self.pageRequested.emit("compare"),
            Action.PAGE_ENCODERS: lambda: self.pageRequested.emit("encoders"),
            Action.MAP: lambda: self._toggle_pane(Action.MAP, "map"),
            Action.CARD: lambda: self._toggle_pane(Action.CARD, "card"),
            Action.TRAY: lambda: self._toggle_pane(Action.TRAY, "tray"),
            Action.FIT_MAP: page.map.fit,
            Action.WHOLE_MAP: page.panes.show_whole_map,
            Action.TEXT_LARGER: lambda: appearance.step_text_size(1),
            Action.TEXT_SMALLER: lambda: appearance.step_text_size(-1),
            Action.TEXT_NORMAL: lambda: appearance.set_text_size(100),
            Action.FULL_SCREEN: self._full_screen,
            Action.KEEP_ON_TOP: self._keep_on_top,
            Action.SETTINGS: appearance.show_settings,
            Action.HELP: lambda: self.show_help(""),
            Action.HELP_STARTER: lambda: self.show_help("Starter vectors"),
            Action.CHECK_UPDATES: w.updates.check_now,
            Action.UPDATES_AT_START: self._updates_at_start,
            Action.OPEN_LOGS: self._open_logs,
            Action.COPY_DIAGNOSTICS: self._copy_diagnostics,
            Action.ABOUT: self._show_about,
        }
        # What these do while another page is in front.
        self._page_handlers: dict[QWidget, Mapping[Action, Callable[[], object]]] = {}

    def take_over(self, page: QWidget, handlers: "Mapping[Action, Callable[[], object]]") -> None:
        """Let a page carry out some actions itself while it is in front."""
        self._page_handlers[page] = handlers

    @Slot(object)
    def run(self, action: Action) -> None:
        """Carry out an action; what goes wrong is one sentence in the messages."""
        if edit_focused(action):
            return
        handlers: Mapping[Action, Callable[[], object]] = self._handlers
        for page, own in self._page_handlers.items():
            if page.isVisible() and action in own:
                handlers = own
        if handlers is self._handlers and action in _OF_SEARCH:
            token = self._session.search.selection
            self.pageRequested.emit("search")  # or it would change what nobody sees
            # The one selected where it was asked for; one that is selected here is left alone, or
            # the next answer would not select its best.
            if action in _ABOUT_A_TOKEN and token != self._session.search.selection:
                self._session.search.select(token)
        try:
            handlers[action]()
        except TokenSimError as error:
            self._session.say(str(error))

    @Slot(object)
    def carry_out(self, offer: Offer) -> None:
        """Do what a notice offered on a button."""
        session = self._session
        if offer.command == "copy":
            session.clipboard.copy_text(offer.payload)
        elif offer.command == "open":
            session.tables.show(offer.payload)
        elif offer.command == "page":
            self.pageRequested.emit(offer.payload)
        elif offer.command == "saved":
            session.saved.restore(offer.payload)
        elif offer.command == "export":
            session.exports.cancel()
        elif offer.command == "encoders":
            changes = session.encoders.changes
            (changes.undo if offer.payload == "undo" else changes.redo)()
        elif offer.command == "tray":
            session.search.step_tray(offer.payload == "undo")
        elif offer.command == "addition":
            added = session.addition
            if not (added.take_out if offer.payload == "undo" else added.put_back)():
                session.say("The prompt was changed since: undo it there, step by step.")
        elif offer.command == "browse":
            if not open_outside(QUrl(offer.payload)):
                session.say(f"No browser could be started. The page is {offer.payload}")
        else:
            session.hint.leave(offer.payload)
            if offer.command == "prompt":
                session.open_in_prompt(offer.payload)

    def show_help(self, title: str) -> None:
        """Open the help at a heading."""
        if self._help is None:
            self._help = HelpWindow(self._window)
        self._help.show_section(title)

    def selected(self) -> list[int]:
        """Tokens that an action is about: the rows selected, else the one token."""
        chosen = self._page.table.selected_ids()
        if not chosen and self._session.search.selection is not None:
            return [self._session.search.selection]
        return chosen

    @property
    def _pickers(self) -> "Pickers":
        if self._made_pickers is None:
            from tokensim_gui.ui.window.pickers import Pickers  # not needed to start

            self._made_pickers = Pickers(self._window, self._menus, self._session)
        return self._made_pickers

    def _look_up(self) -> None:
        for token in self.selected()[:1]:
            self._session.search.look_up(token)

    def _open_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, "Open checkpoint", "", _CHECKPOINTS)
        if name:
            self._session.encoders.open_path(Path(name))

    def _open_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self._window, "Open model folder")
        if name:
            self._session.encoders.open_path(Path(name))

    def _find_checkpoints(self) -> None:
        self.pageRequested.emit("encoders")
        self._session.encoders.find()

    @Slot()
    def _fetch_encoder(self) -> None:
        self.pageRequested.emit("encoders")
        self._session.encoders.show_offers()

    @Slot()
    def _save_map(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save map", "map.png", "Pictures (*.png *.svg)"
        )
        if name:
            self._page.map.save(Path(name))
            self._session.say(f"Saved the map to {name}.")

    def _export_table(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Export table", "tokens.csv", "Tables (*.csv *.tsv *.json)"
        )
        if name:
            ids = self._page.table.shown_ids()
            text = self._session.search.exported(ids, Path(name).suffix)
            write_atomically(Path(name), text.encode())
            self._session.say(f"Wrote {len(ids):,} tokens to {name}.")

    def _export_saved(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Export saved queries", "tokensim-saved.json", _SAVED
        )
        if name:
            self._session.saved.write_file(Path(name))

    def _import_saved(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, "Import saved queries", "", _SAVED)
        if name:
            self._session.saved.take_file(Path(name))

    def _export_vectors(self) -> None:
        tables, ids = self._session.tables, self._page.table.shown_ids()
        shown = None if len(ids) == tables.vocabulary.rows else ids
        export_vectors(self._window, self._session, tables.info.slug, shown)

    def export_comparison(self) -> None:
        """Ask for a file and write what the Compare page shows."""
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Export comparison", "comparison.csv", "Tables (*.csv)"
        )
        if name:
            if Path(name).suffix.lower() not in ("", ".csv"):
                raise FileError("A comparison is written as CSV: choose a name that ends in .csv.")
            text = self._session.comparison.exported()
            write_atomically(Path(name), text.encode())
            self._session.say(f"Wrote {max(0, text.count(chr(10)) - 1):,} rows to {name}.")

    def _copy(self) -> None:
        self._session.clipboard.copy(self.selected())

    def _copy_picture(self) -> None:
        QGuiApplication.clipboard().setImage(self._page.picture())
        self._session.say("Copied query, list and map as a picture.")

    def _show_among_ids(self) -> None:
        if self._session.search.selection is None:
            self._page.filter_bar.focus_id()
        else:
            self._page.show_among_ids(self._session.search.selection)

    def _toggle_pane(self, action: Action, name: str) -> None:
        self._page.panes.show_pane(name, self._menus.actions[action].isChecked())

    def _say_no_field(self) -> None:
        self._session.say("Click into a field first: that is where text is cut and pasted.")

    def _full_screen(self) -> None:
        if self._menus.actions[Action.FULL_SCREEN].isChecked():
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def _keep_on_top(self) -> None:
        wanted = self._menus.actions[Action.KEEP_ON_TOP].isChecked()
        self._window.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, wanted)
        self._window.show()  # a changed flag hides the window
        self._settings.set("keep_on_top", wanted)

    def _updates_at_start(self) -> None:
        wanted = self._menus.actions[Action.UPDATES_AT_START].isChecked()
        self._settings.set("check_updates", wanted)
        self._session.say(
            "Once a day, when it starts, TokenSim asks its page for the newest version. It sends "
            "no more than its own."
            if wanted
            else "TokenSim no longer asks for newer versions."
        )

    def _open_logs(self) -> None:
        self._open_folder_outside(paths.log_dir(), "The logs are in")

    def _open_folder_outside(self, folder: Path, words: str) -> None:
        if not open_outside(QUrl.fromLocalFile(str(folder))):
            self._session.say(f"{words} {folder}.")

    def _copy_diagnostics(self) -> None:
        QGuiApplication.clipboard().setText(diagnostics(self._session))
        self._session.say("Copied versions, encoder and system, without any query or path.")

    def _show_about(self) -> None:
        if self._about is None:
            self._about = QMessageBox(self._window)
            self._about.setWindowTitle("About TokenSim")
            self._about.setTextFormat(Qt.TextFormat.RichText)
            self._about.setText(about_html())
            self._about.setModal(False)
            texts = self._about.addButton("Licence texts", QMessageBox.ButtonRole.HelpRole)
            texts.clicked.connect(self._on_licences_clicked)
            self._about.addButton(QMessageBox.StandardButton.Close)
        self._about.show()

    @Slot()
    def _on_licences_clicked(self) -> None:
        self._open_folder_outside(paths.resource("licences"), "The licence texts are in")
