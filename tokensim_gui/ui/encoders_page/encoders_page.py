"""The Encoders page: puts its widgets together and connects them to the state."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.hub.address import HUB
from tokensim_gui.state.encoders import Problem, Running
from tokensim_gui.state.file_checks import Check, Look
from tokensim_gui.state.notice import Notice
from tokensim_gui.ui import theme
from tokensim_gui.ui.encoders_page.encoders_foot import EncodersFoot
from tokensim_gui.ui.encoders_page.fetch_list import FetchList
from tokensim_gui.ui.encoders_page.finder import Finder
from tokensim_gui.ui.encoders_page.import_progress import ImportProgress
from tokensim_gui.ui.encoders_page.inversion_maker import InversionMaker
from tokensim_gui.ui.encoders_page.lora_details import LoraDetails
from tokensim_gui.ui.encoders_page.lora_part import LoraPart
from tokensim_gui.ui.encoders_page.problem_strip import ProblemStrip
from tokensim_gui.ui.encoders_page.table_list import TableList
from tokensim_gui.ui.widgets.parts_bar import PartsBar
from tokensim_gui.ui.widgets.qt_quirks import first_stop
from tokensim_gui.ui.widgets.stacking_row import StackingRow
from tokensim_gui.ui.window.actions import Action
from tokensim_gui.ui.window.vector_export import export_vectors
from tokensim_gui.ui.window.web_links import open_outside

if TYPE_CHECKING:
    from tokensim_gui.state.session import Session

_FETCH_TIP = (
    "They are read out of a file many times their size. "
    "Nothing is asked of the network before you click."
)
_PARTS = {"encoders": "Encoders", "loras": "LoRAs and embeddings"}
_BUTTONS = {
    Action.OPEN_FILE: "Open checkpoint…",
    Action.OPEN_FOLDER: "Open model folder…",
    Action.FIND_CHECKPOINTS: "Find on this computer…",
}


class EncodersPage(QWidget):
    """What is on this computer, what could be opened and written out, and what can be fetched."""

    actionRequested = Signal(object)  # Action
    promptRequested = Signal(str)  # what to add to the prompt

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._encoders = session, session.encoders
        self._is_built = False

    def _build(self) -> None:
        """Make the widgets: at the first look, since the first window should not wait for them."""
        self._is_built = True
        self.problem = ProblemStrip()
        self.progress = ImportProgress()
        self.finder = Finder("models", "ComfyUI, A1111, Forge, InvokeAI or Hugging Face")
        self.tables = TableList()
        self.fetch = FetchList(self._encoders.catalogue())
        self.parts = PartsBar(_PARTS)
        self.loras = LoraPart(
            self._session,
            Finder("LoRAs and embeddings", "ComfyUI, A1111, Forge, InvokeAI or SD.Next"),
            InversionMaker(),
            LoraDetails(),
        )
        self.foot = EncodersFoot(self._encoders.library.root)
        self._stack = QStackedWidget()
        self._scroll = QScrollArea()
        self._buttons: list[QPushButton] = []
        self._lay_out()
        self._connect()
        self._on_running_changed(self._encoders.running)
        self._on_problem_changed(self._encoders.problem)
        # Now, and not one turn of the event loop later: a step may follow.
        for widget in (self.parts, self._stack, *self._buttons, self._scroll):
            widget.show()
        if self._session.loras.selected is not None:
            self._on_loras_asked()

    def _lay_out(self) -> None:
        buttons = QWidget()
        head = QHBoxLayout(buttons)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(theme.SPACE_S)
        for action, words in _BUTTONS.items():
            button = QPushButton(words)
            button.setProperty("action", action.name)
            button.clicked.connect(self._on_button_clicked)
            head.addWidget(button)
            self._buttons.append(button)
        head.addStretch(1)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_L, theme.SPACE_L)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.finder)
        for title, tip, panel in (
            ("On this computer", "", self.tables),
            ("Fetch token vectors", _FETCH_TIP, self.fetch),
        ):
            line = QHBoxLayout()
            line.setContentsMargins(theme.SPACE_M, theme.SPACE_S, 0, 0)
            line.setSpacing(theme.SPACE_S)
            label = QLabel(title)
            label.setProperty("look", "title")
            line.addWidget(label)
            explained = QLabel(tip)
            explained.setProperty("look", "caption")
            explained.setWordWrap(True)
            explained.setMinimumWidth(40)
            line.addWidget(explained, 1)
            column.addLayout(line)
            column.addWidget(panel)
        column.addStretch(1)
        self._scroll.setWidget(content)
        self._scroll.setWidgetResizable(True)
        self._scroll.setProperty("look", "sheet")
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        encoders = QWidget()
        sheet = QVBoxLayout(encoders)
        sheet.setContentsMargins(0, 0, 0, 0)
        sheet.setSpacing(0)
        sheet.addWidget(self._scroll, 1)
        sheet.addWidget(self.foot)
        self._stack.addWidget(encoders)
        self._stack.addWidget(self.loras)
        self._heads = QStackedWidget()
        self._heads.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._heads.addWidget(buttons)
        self._heads.addWidget(self.loras.head)
        above = QVBoxLayout()
        above.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_L, theme.SPACE_S)
        above.setSpacing(theme.SPACE_S)
        above.addWidget(StackingRow(self.parts, self._heads))
        above.addWidget(self.problem)
        above.addWidget(self.progress)
        edge = QFrame()
        edge.setProperty("look", "line")
        edge.setFixedHeight(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(above)
        layout.addWidget(edge)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        encoders = self._encoders
        self.problem.tryAgainRequested.connect(self._on_try_again_requested)
        self.progress.cancelRequested.connect(encoders.cancel)
        self.finder.lookRequested.connect(encoders.files.look)
        self.finder.stopRequested.connect(encoders.files.stop_looking)
        self.finder.openRequested.connect(encoders.open_path)
        self.parts.chosen.connect(self.show_part)
        self.loras.promptRequested.connect(self.promptRequested)
        self._session.loras.showAsked.connect(self._on_loras_asked)
        self.foot.folderRequested.connect(self._on_foot_folder_requested)
        self.tables.asked.connect(self._on_tables_asked)
        self.tables.renamed.connect(encoders.changes.rename)
        self.fetch.fetchRequested.connect(self._on_fetch_requested)
        encoders.changed.connect(self.refresh)
        encoders.runningChanged.connect(self._on_running_changed)
        encoders.problemChanged.connect(self._on_problem_changed)
        encoders.findAsked.connect(self._on_find_asked)
        encoders.offersAsked.connect(self._on_offers_asked)
        encoders.files.goneFound.connect(self.tables.show_gone)
        encoders.files.checkChanged.connect(self._on_check_changed)
        encoders.files.lookChanged.connect(self._on_look_changed)
        self._session.tables.frontChanged.connect(self._on_table_opened)

    @Slot(str)
    def show_part(self, key: str) -> None:
        """Bring the encoders or the LoRAs to the front."""
        self.parts.set_current(key)
        for pages in (self._stack, self._heads):
            pages.setCurrentIndex([*_PARTS].index(key))

    @Slot()
    def refresh(self) -> None:
        """Show what the library holds now."""
        library = self._encoders.library
        tables = library.tables()
        self.tables.set_tables(tables, library.unreadable())
        self._encoders.files.find_gone(tables)
        self.foot.show_tables(tables)
        self.tables.set_current(self._session.tables.info.slug)
        self.fetch.set_here(self._encoders.here(), self._encoders.interrupted())

    def showEvent(self, event: QShowEvent) -> None:
        """Show what other windows and the command line have changed meanwhile."""
        super().showEvent(event)
        if not self._is_built:
            self._build()
            QTimer.singleShot(0, self._begin)
        self.refresh()

    @Slot()
    def _begin(self) -> None:
        """Begin with what opens an encoder: Qt gives the keyboard to the menu of a row.

        It stays where a step that led here has put it meanwhile.
        """
        focused = self.focusWidget()
        if focused is not None and focused.hasFocus() and self.tables.isAncestorOf(focused):
            self._buttons[0].setFocus()

    def focus_next_pane(self) -> None:
        """F6: from the buttons to what is here, to what can be fetched, and round again."""
        if self.parts.current() == "loras":
            self.loras.focus_next_pane()
            return
        focused = self.focusWidget()
        stop: QWidget | None = self._buttons[0]
        if focused in self._buttons:
            stop = first_stop(self.tables)
        elif focused is not None and self.tables.isAncestorOf(focused):
            stop = first_stop(self.fetch)
        if stop is not None:
            stop.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._scroll.ensureWidgetVisible(stop)

    # From the widgets ---------------------------------------------------------------------

    @Slot()
    def _on_button_clicked(self) -> None:
        self.actionRequested.emit(Action[self.sender().property("action")])

    @Slot(str)
    def _on_fetch_requested(self, address: str) -> None:
        self._encoders.open_source(HUB + address)

    @Slot(str, str)
    def _on_tables_asked(self, what: str, slug: str) -> None:
        encoders = self._encoders
        if what == "use":
            self._session.tables.show(slug)
        elif what == "verify":
            encoders.files.check(slug)
        elif what == "remove":
            encoders.changes.remove(slug)
        else:
            try:
                if what == "again":
                    encoders.open_source(encoders.library.info(slug).source)
                elif what == "prompts":
                    info = encoders.library.info(slug)
                    self._session.pageRequested.emit("prompt")
                    self._session.encoder.show(Path(info.source), info.whole)
                elif what == "export":
                    export_vectors(self, self._session, slug)
                elif what == "folder":
                    self._show_folder(encoders.library.folder(slug))
            except TokenSimError as error:
                encoders.noticed.emit(Notice(str(error)))

    def _show_folder(self, folder: Path) -> None:
        if not open_outside(QUrl.fromLocalFile(str(folder))):
            self._session.say(f"It is in {folder}.")

    @Slot()
    def _on_foot_folder_requested(self) -> None:
        self._show_folder(self._encoders.library.root)

    @Slot()
    def _on_try_again_requested(self) -> None:
        self._encoders.try_again()

    # From the state -----------------------------------------------------------------------

    @Slot(object)
    def _on_running_changed(self, running: Running | None) -> None:
        self.progress.show_running(running)
        self.fetch.set_running(running)
        self.finder.set_running(running)

    @Slot(object)
    def _on_problem_changed(self, problem: Problem | None) -> None:
        self.problem.show_problem(
            problem.sentence if problem else "", bool(problem and problem.source)
        )

    @Slot()
    def _on_find_asked(self) -> None:
        from tokensim_gui.core.checkpoints.scan import (
            scan_folders,  # the importers take long to import
        )

        self.show_part("encoders")
        self.finder.ask(scan_folders())
        self._scroll.verticalScrollBar().setValue(0)

    @Slot()
    def _on_offers_asked(self) -> None:
        self.show_part("encoders")
        if (stop := first_stop(self.fetch)) is not None:
            stop.setFocus(Qt.FocusReason.ShortcutFocusReason)
        content = self._scroll.widget()
        assert content is not None
        QCoreApplication.sendPostedEvents(content, QEvent.Type.LayoutRequest)
        top = self.fetch.mapTo(content, QPoint()).y() - theme.px(theme.FIELD_HEIGHT)
        self._scroll.verticalScrollBar().setValue(top - theme.SPACE_S)

    @Slot()
    def _on_loras_asked(self) -> None:
        self.show_part("loras")
        self.loras.table.setFocus()

    @Slot(object)
    def _on_check_changed(self, check: Check | None) -> None:
        self.tables.set_check(check)

    @Slot(object)
    def _on_look_changed(self, look: Look) -> None:
        self.finder.show_look(look)

    @Slot(object)
    def _on_table_opened(self, _opened: object) -> None:
        self.tables.set_current(self._session.tables.info.slug)
