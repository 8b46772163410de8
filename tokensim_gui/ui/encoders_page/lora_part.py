"""The LoRAs and embeddings on this computer: a list to search in, and what one of them says."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.atomic import write_atomically
from tokensim_gui.core.report.token_report import delimited
from tokensim_gui.state.file_checks import Look
from tokensim_gui.state.loras import FileCard, MovedShown
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.clearable_field import ClearableField
from tokensim_gui.ui.widgets.message_overlay import MessageLabel, overlaid
from tokensim_gui.ui.widgets.plain_model import Cell, PlainModel
from tokensim_gui.ui.widgets.plain_table import PlainTable
from tokensim_gui.ui.widgets.qt_quirks import first_stop, select_row, signals_blocked

if TYPE_CHECKING:
    from tokensim_gui.core.loras.trained_files import TrainedFile
    from tokensim_gui.state.session import Session
    from tokensim_gui.ui.encoders_page.finder import Finder
    from tokensim_gui.ui.encoders_page.inversion_maker import InversionMaker
    from tokensim_gui.ui.encoders_page.lora_details import LoraDetails

_NARROW, _ALL_COLUMNS, _LOW = 760, 1100, 460
_FILES = "LoRAs and embeddings (*.safetensors *.pt *.bin *.png *.ckpt);;All files (*)"
_SAVED = "Embeddings (*.safetensors *.pt)"
_NONE = (
    "No LoRA or embedding is listed yet. Drop one on the window, open a file, or look for them on "
    "this computer."
)
_NO_MATCH = "None has this in its name, words, tags or base. Take a letter away."


class LoraPart(QWidget):
    """List at the left, the one selected at the right; below each other where it is narrow.

    Two embeddings selected are compared.
    """

    promptRequested = Signal(str)

    def __init__(
        self,
        session: "Session",
        finder: "Finder",
        maker: "InversionMaker",
        details: "LoraDetails",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._loras = session, session.loras
        self.finder, self.maker, self.details = finder, maker, details
        self.head = QWidget(self)  # the page puts it beside the switch of its parts
        self._open = QPushButton("Open file…")
        self._find = QPushButton("Find on this computer…")
        self._make = QPushButton("Make an embedding…")
        self.field = ClearableField()
        self.field.setPlaceholderText("Search by word, tag, name or base")
        self.field.setAccessibleName("Search the LoRAs and embeddings")
        self._count = QLabel()
        self._count.setProperty("look", "caption")
        self._model = PlainModel(("Name", "Words", "Base", "Kind"), (), self)
        self.table = PlainTable(self._model, "LoRAs and embeddings", 1)
        self.table.set_widths({0: 170, 2: 90, 3: 90})
        self._message = MessageLabel()
        self._rows: list[tuple[TrainedFile, str, tuple[Cell, ...]]] = []
        self._shown: list[TrainedFile] = []
        self._spare = QWidget()
        self._spare.hide()
        self._lay_out()
        self._connect()
        self._on_files_changed(self._loras.files)
        if self._loras.selected is not None:
            self._loras.select(self._loras.selected)

    def _lay_out(self) -> None:
        head = QHBoxLayout(self.head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(theme.SPACE_S)
        head.addWidget(self._open)
        head.addWidget(self._find)
        head.addWidget(self._make)
        head.addStretch(1)
        asked = QVBoxLayout()
        asked.setContentsMargins(theme.SPACE_L, 0, theme.SPACE_L, 0)
        asked.addWidget(self.finder)
        asked.addWidget(self.maker)
        left = QWidget()
        left.setProperty("look", "sheet")
        column = QVBoxLayout(left)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_S, 0, 0)
        column.setSpacing(theme.SPACE_S)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, theme.SPACE_S, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self.field, 1)
        row.addWidget(self._count)
        column.addLayout(row)
        column.addWidget(overlaid(self.table, self._message), 1)
        self.halves = QSplitter(Qt.Orientation.Horizontal)
        self.halves.setProperty("look", "sheets")
        self.halves.setHandleWidth(1)
        self.halves.setChildrenCollapsible(False)
        self.halves.addWidget(left)
        self.halves.addWidget(self.details)
        self.halves.setSizes([560, 520])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(asked)
        layout.addWidget(self.halves, 1)
        layout.addWidget(self._spare, 1)

    def _connect(self) -> None:
        loras = self._loras
        self._open.clicked.connect(self._on_open_clicked)
        self._find.clicked.connect(self._on_find_clicked)
        self._make.clicked.connect(self.maker.ask)
        self.maker.opened.connect(self._make_room)
        self.maker.queryWanted.connect(self._on_query_wanted)
        self.maker.trayWanted.connect(self._on_tray_wanted)
        self.maker.makeRequested.connect(self._on_make_requested)
        loras.made.connect(self.maker.hide)
        self.finder.lookRequested.connect(loras.look)
        self.finder.stopRequested.connect(loras.stop_looking)
        self.field.textChanged.connect(self._on_field_changed)
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.details.wordsCopied.connect(self._on_words_copied)
        self.details.wordsUsed.connect(self._on_words_used)
        self.details.callCopied.connect(self._session.clipboard.copy_text)
        self.details.callUsed.connect(self.promptRequested)
        self.details.exportRequested.connect(self._on_export_requested)
        self.details.searchRequested.connect(self._on_search_requested)
        self.details.movedRequested.connect(loras.find_moved)
        self.details.stopRequested.connect(loras.stop_moving)
        loras.movedChanged.connect(self._on_moved_changed)
        loras.filesChanged.connect(self._on_files_changed)
        loras.cardChanged.connect(self._on_card_changed)
        loras.lookChanged.connect(self._on_look_changed)
        self._session.prompt.interfaceChanged.connect(self._on_interface_changed)

    def focus_next_pane(self) -> None:
        """F6: from the list to the card, to the buttons, and round again."""
        focused = self.focusWidget()
        stop: QWidget | None = self.field
        if focused is not None and self.details.isAncestorOf(focused):
            stop = self._open
        elif focused in (self.field, self.table):
            stop = first_stop(self.details) or self._open
        if stop is not None:
            stop.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the halves where there is room."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if wanted != self.halves.orientation():
            self.halves.setOrientation(wanted)
            self.halves.setSizes([400, 600] if narrow else [560, 520])
        self.table.setColumnHidden(3, not narrow and self.width() < _ALL_COLUMNS)
        self.table.scrollTo(self.table.currentIndex())
        self._make_room()

    @Slot()
    def _make_room(self) -> None:
        """Leave the whole of a low part to what is being made."""
        self.halves.setVisible(self.maker.isHidden() or self.height() >= _LOW)
        self._spare.setVisible(self.halves.isHidden())

    # From the widgets ---------------------------------------------------------------------------

    @Slot()
    def _on_open_clicked(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Open LoRAs and embeddings", "", _FILES)
        for name in names:
            self._session.encoders.open_path(Path(name))

    @Slot()
    def _on_find_clicked(self) -> None:
        from tokensim_gui.core.loras.trained_files import trained_folders

        self.finder.ask(trained_folders())

    @Slot()
    def _on_query_wanted(self) -> None:
        query = self._session.search.query.text.strip()
        self.maker.add_lines([query] if query else [])

    @Slot()
    def _on_tray_wanted(self) -> None:
        search = self._session.search
        self.maker.add_lines(search.names(search.tray))

    @Slot(list, str, bool)
    def _on_make_requested(self, lines: list[str], form: str, usual_length: bool) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Save embedding", "my embedding.safetensors", _SAVED
        )
        if name:
            self._loras.make(Path(name), lines, form, usual_length)

    @Slot(str)
    def _on_field_changed(self, text: str) -> None:
        wanted = text.casefold().split()
        shown = [row for row in self._rows if all(word in row[1] for word in wanted)]
        self._shown = [file for file, _, _ in shown]
        with signals_blocked(self.table.selectionModel()):
            self._model.set_rows([cells for _, _, cells in shown])
        self._mark_selected()
        many = len(self._rows)
        counted = f"{len(shown):,} of {many:,}" if wanted else f"{many:,} listed"
        self._count.setText(counted if many else "")
        self.details.setVisible(bool(many))
        self._message.setText("" if shown else _NO_MATCH if self._rows else _NONE)

    @Slot()
    def _on_selection_changed(self) -> None:
        rows = self._selected_rows()
        if rows:
            current = self.table.currentIndex().row()
            shown = current if current in rows else rows[0]
            others = [row for row in rows if row != shown]
            beside = self._shown[others[0]] if len(others) == 1 else None
            self._loras.select(self._shown[shown], beside)

    def _selected_rows(self) -> list[int]:
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    @Slot(list)
    def _on_words_copied(self, words: list[str]) -> None:
        self._session.clipboard.copy_text(self._written(words))

    @Slot(list)
    def _on_words_used(self, words: list[str]) -> None:
        self.promptRequested.emit(self._written(words))

    def _written(self, words: list[str]) -> str:
        from tokensim_gui.core.prompt.conversion import escape  # 20 ms to import

        return ", ".join(escape(word, self._session.settings.write_for) for word in words)

    @Slot(str)
    def _on_search_requested(self, query: str) -> None:
        self._session.pageRequested.emit("search")
        self._session.search.set_text(query)
        self._session.search.submit()

    @Slot(object)
    def _on_export_requested(self, card: FileCard) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Export tags", f"{card.file.name} tags.csv", "Tables (*.csv *.tsv)"
        )
        if not name or card.lora is None:
            return
        rows = [{"tag": tag, "count": count} for tag, count in card.lora.tags]
        separator = "\t" if name.lower().endswith(".tsv") else ","
        try:
            write_atomically(Path(name), delimited(rows, separator).encode())
        except TokenSimError as error:
            self._session.say(str(error))
        else:
            self._session.say(f"Wrote {len(rows):,} tags to {name}.")

    # From the state -----------------------------------------------------------------------------

    @Slot(object)
    def _on_files_changed(self, files: "tuple[TrainedFile, ...]") -> None:
        self._rows = [(file, _haystack(file), _cells(file)) for file in files]
        self._on_field_changed(self.field.text())

    def _mark_selected(self) -> None:
        """Select the row of the file that is shown, if it is in the list."""
        selected = self._loras.selected
        with signals_blocked(self.table.selectionModel()):
            shown = [self._shown[row] for row in self._selected_rows()]
            if selected in self._shown and selected not in shown:
                select_row(self.table, self._shown.index(selected))
        self.table.scrollTo(self.table.currentIndex())
        self.table.viewport().update()

    @Slot(object)
    def _on_card_changed(self, card: FileCard | str | None) -> None:
        if card is None:
            self.details.clear()
        elif isinstance(card, str):
            self.details.show_problem(card)
        else:
            self.details.show_card(card, self._session.settings.write_for, self._loras.whole)
        self._mark_selected()

    @Slot(object)
    def _on_moved_changed(self, moved: MovedShown) -> None:
        if self.details.moved is not None:
            self.details.moved.show_moved(moved)

    @Slot(str)
    def _on_interface_changed(self, _interface: str) -> None:
        self._loras.select(self._loras.selected)

    @Slot(object)
    def _on_look_changed(self, look: Look) -> None:
        self._find.setEnabled(not look.running)
        if look.running:
            self.finder.show_look(look)
        else:
            self.finder.hide()


def _haystack(file: "TrainedFile") -> str:
    """All that a search looks in."""
    return "\n".join(
        (file.name, file.title, file.base, file.kind, file.what, *file.triggers, *file.tags)
    ).casefold()


def _cells(file: "TrainedFile") -> tuple[Cell, ...]:
    words = ", ".join(file.triggers)
    kind = Cell(file.kind, dim=True)
    if file.what == "embedding":
        kind = Cell("Embedding", dim=True, tip=f"Embedding, {file.kind}")
    return (
        Cell(file.name, tip=file.title),
        Cell(words) if words else Cell("none written", dim=True),
        Cell(file.base or "—", dim=True),
        kind,
    )
