"""All that a LoRA or an embedding says of itself."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.paths import displayed
from tokensim_gui.core.query.terms import Embedded
from tokensim_gui.state.encoder_names import megabytes
from tokensim_gui.state.loras import FileCard, written
from tokensim_gui.ui import theme
from tokensim_gui.ui.encoders_page.moved_part import MovedPart
from tokensim_gui.ui.encoders_page.trigger_row import TriggerRow
from tokensim_gui.ui.tokens.glyphs import face
from tokensim_gui.ui.widgets.clearable_field import ClearableField
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.plain_model import Cell, PlainModel
from tokensim_gui.ui.widgets.plain_table import PlainTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokensim_gui.core.loras.inversion_file import Inversion
    from tokensim_gui.core.loras.lora_card import LoraCard
    from tokensim_gui.core.loras.vector_reading import PartReading, VectorReading
    from tokensim_gui.core.prompt.interfaces import Interface

_MOST_TRIGGERS = 30
_SILENT = "The file names no word."
_TABLE_ROWS = 8


class LoraDetails(QScrollArea):
    """Facts, trigger words, what it changes, and its tags; empty before `show_card`."""

    wordsCopied = Signal(list)  # texts that a prompt takes literally
    wordsUsed = Signal(list)
    callCopied = Signal(str)  # syntax, as it is
    callUsed = Signal(str)
    exportRequested = Signal(object)  # FileCard
    searchRequested = Signal(str)  # a query
    movedRequested = Signal()  # which words the LoRA moves
    stopRequested = Signal()  # no longer

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setProperty("look", "sheet")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._card: FileCard | None = None
        self.moved: MovedPart | None = None
        self._tags: list[tuple[str, int]] = []
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        self._column.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_L, theme.SPACE_L)
        self._column.setSpacing(theme.SPACE_XS)
        self.setWidget(self._content)

    def clear(self) -> None:
        """Show nothing."""
        self._card, self.moved = None, None
        while item := self._column.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def show_problem(self, sentence: str) -> None:
        """Say why there is no card."""
        self.clear()
        self._say(sentence, "error")
        self._column.addStretch(1)

    def show_card(self, card: FileCard, interface: "Interface", whole: str) -> None:
        """Show what is known of a file.

        Args:
            card: What is known.
            interface: The program as which its call is written.
            whole: Name of the whole text encoder that is open, or "".
        """
        self.clear()
        self._card = card
        file, lora = card.file, card.lora
        title = ElidedLabel()
        title.setText(lora.name if lora is not None else file.name)
        title.setProperty("look", "title")
        self._put(title)
        place = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        place.setText(displayed(file.path))
        place.setProperty("look", "caption")
        self._put(place)
        self._say(" · ".join(filter(None, _facts(card))))
        if call := written(file, interface):
            self._add_call(call)
        if lora is not None:
            self._add_triggers(card, lora)
            self._head("What it changes")
            for sentence in _changes(lora):
                self._say(sentence)
            if lora.text_encoders:
                self.moved = moved = MovedPart(whole)
                moved.findRequested.connect(self.movedRequested)
                moved.stopRequested.connect(self.stopRequested)
                self._put(moved)
            self._add_tags(lora)
        for inversion, parts in card.inversions:
            self._add_inversion(card, inversion, parts)
        self._column.addStretch(1)
        self.verticalScrollBar().setValue(0)

    # Blocks -------------------------------------------------------------------------------------

    def _put(self, widget: QWidget) -> None:
        self._column.addWidget(widget)
        widget.show()  # now, and not one turn of the event loop later

    def _say(self, words: str, look: str = "") -> None:
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setMinimumWidth(40)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if look:
            label.setProperty("look", look)
        self._put(label)

    def _head(self, words: str) -> None:
        label = QLabel(words)
        label.setProperty("look", "block")
        label.setIndent(0)
        self._put(label)

    def _line(self, *widgets: QWidget) -> None:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, theme.SPACE_XS, 0, 0)
        row.setSpacing(theme.SPACE_S)
        for widget in widgets:
            row.addWidget(widget, 1 if isinstance(widget, ElidedLabel | ClearableField) else 0)
        self._put(line)

    def _add_call(self, call: str) -> None:
        words = ElidedLabel()
        words.setText(call)
        words.setProperty("look", "piece")
        copy, use = QPushButton("Copy"), QPushButton("Add to prompt")
        for button in (copy, use):
            button.setProperty("call", call)
            button.setAccessibleName(f"{button.text()}: {call}")
        copy.clicked.connect(self._on_call_copied)
        use.clicked.connect(self._on_call_used)
        self._line(words, copy, use)

    def _add_triggers(self, card: FileCard, lora: "LoraCard") -> None:
        self._head("Trigger words")
        if not lora.triggers:
            self._say(f"{_SILENT} {_guess(lora)}")
        for trigger, reading in list(zip(lora.triggers, card.readings, strict=True))[
            :_MOST_TRIGGERS
        ]:
            row = TriggerRow(trigger, reading, card)
            row.copied.connect(self.wordsCopied)
            row.used.connect(self.wordsUsed)
            self._put(row)
        if len(lora.triggers) > _MOST_TRIGGERS:
            self._say(f"And {len(lora.triggers) - _MOST_TRIGGERS:,} more.", "caption")

    def _add_tags(self, lora: "LoraCard") -> None:
        if not lora.tags:
            return
        self._head(f"Trained on {len(lora.tags):,} tags")
        self.filter = ClearableField()
        self.filter.setPlaceholderText("Filter the tags")
        self.filter.setAccessibleName("Filter the tags")
        use, copy, export = (
            QPushButton("Add to prompt"),
            QPushButton("Copy"),
            QPushButton("Export…"),
        )
        use.setAccessibleName("Add the tags to the prompt")
        copy.setAccessibleName("Copy the tags")
        for button in (use, copy):
            button.setToolTip("The tags selected; all that are shown if none is")
        export.setToolTip("All tags with their counts")
        self._line(self.filter)
        self._model = PlainModel(("Tag", "Captions"), (1,), self._content)
        self.table = PlainTable(self._model, "Tags", 0)
        self.table.set_widths({1: 90})
        rows = min(len(lora.tags), _TABLE_ROWS) + 1
        self.table.setFixedHeight(rows * theme.row_height() + theme.SPACE_S)
        self._put(self.table)
        spacer = ElidedLabel()
        self._line(use, copy, export, spacer)
        self.filter.textChanged.connect(self._on_filter_changed)
        use.clicked.connect(self._on_tags_used)
        copy.clicked.connect(self._on_tags_copied)
        export.clicked.connect(self._on_export_clicked)
        self.table.rowChosen.connect(self._on_row_chosen)
        self._on_filter_changed("")

    def _add_inversion(
        self, card: FileCard, inversion: "Inversion", parts: "tuple[PartReading, ...]"
    ) -> None:
        from tokensim_gui.core.loras.inversion_file import ENCODER_TITLES as titles

        for part in parts:
            count = "1 vector" if len(part.vectors) == 1 else f"{len(part.vectors)} vectors"
            inside = f"{inversion.name}: " if card.lora is not None else ""
            whose = titles.get(part.encoder, "an unknown encoder")
            self._head(f"{inside}{count} of {part.dim:,} numbers for {whose}")
            if not part.fits:
                self._say(
                    f"They are not of the width of {card.encoder}, so that it tells nothing of "
                    "them. Open an encoder of that width."
                )
                continue
            model = PlainModel(("", "Nearest tokens", "Length", "× a token's"), (2, 3), self)
            model.set_rows(
                [_vector_cells(card, n, v, self.font()) for n, v in enumerate(part.vectors, 1)]
            )
            table = PlainTable(model, f"Vectors of {inversion.name}", 1)
            table.set_widths({0: 48, 2: 80, 3: 96})
            rows = min(len(part.vectors), _TABLE_ROWS) + 1
            table.setFixedHeight(rows * theme.row_height() + theme.SPACE_S)
            table.setProperty("embedding", inversion.name)
            table.setToolTip("Enter or a double click searches with this vector")
            table.rowChosen.connect(self._on_vector_chosen)
            self._put(table)
            search = QPushButton("Search with it")
            search.setProperty("embedding", inversion.name)
            search.setAccessibleName(f"Search with {inversion.name}")
            search.clicked.connect(self._on_search_clicked)
            query = ElidedLabel()
            query.setText(f"In a query: {Embedded.written(inversion.name)}")
            query.setProperty("look", "caption")
            self._line(search, query)
        if card.alike is not None:
            self._say(_likeness(*card.alike))

    def _chosen_tags(self) -> list[str]:
        """The tags selected, else all that are shown."""
        rows = [index.row() for index in self.table.selectionModel().selectedRows()]
        return [self._tags[row][0] for row in sorted(rows) or range(len(self._tags))]

    # From the widgets ---------------------------------------------------------------------------

    @Slot(str)
    def _on_filter_changed(self, text: str) -> None:
        assert self._card is not None and self._card.lora is not None
        wanted = text.casefold().strip()
        self._tags = [one for one in self._card.lora.tags if wanted in one[0].casefold()]
        rows = [(Cell(tag), Cell(f"{count:,}", dim=True)) for tag, count in self._tags]
        self._model.set_rows(rows)

    @Slot()
    def _on_call_copied(self) -> None:
        self.callCopied.emit(self.sender().property("call"))

    @Slot()
    def _on_call_used(self) -> None:
        self.callUsed.emit(self.sender().property("call"))

    @Slot()
    def _on_tags_used(self) -> None:
        self.wordsUsed.emit(self._chosen_tags())

    @Slot(int)
    def _on_row_chosen(self, row: int) -> None:
        self.wordsUsed.emit([self._tags[row][0]])

    @Slot(int)
    def _on_vector_chosen(self, row: int) -> None:
        self.searchRequested.emit(Embedded.written(self.sender().property("embedding"), row + 1))

    @Slot()
    def _on_search_clicked(self) -> None:
        self.searchRequested.emit(Embedded.written(self.sender().property("embedding")))

    @Slot()
    def _on_tags_copied(self) -> None:
        self.wordsCopied.emit(self._chosen_tags())

    @Slot()
    def _on_export_clicked(self) -> None:
        self.exportRequested.emit(self._card)


def _vector_cells(
    card: FileCard, place: int, vector: "VectorReading", font: QFont
) -> tuple[Cell, ...]:
    names = [face(card.vocabulary, token, font).whole for token in vector.ids.tolist()]
    scored = [
        f"{name} {score:.0%}" for name, score in zip(names, vector.scores.tolist(), strict=True)
    ]
    return (
        Cell(f"[{place}]", dim=True),
        Cell(", ".join(names) or "none: its length is 0", tip=", ".join(scored)),
        Cell(f"{vector.norm:.3g}"),
        Cell(f"{vector.times:.1f}"),
    )


def _likeness(other: str, alike: "Mapping[str, float]") -> str:
    if not alike:
        return f"It has no encoder in common with {other}, so that they can't be compared."
    shares = ", ".join(f"{cosine:.0%} ({encoder})" for encoder, cosine in alike.items())
    return f"Like {other}: {shares}, by the cosine of their mean vectors."


def _facts(card: FileCard) -> list[str]:
    file, lora = card.file, card.lora
    if lora is None:
        fits = f"for {file.base}" if file.base else "for no model that is known"
        return [f"Embedding of {file.kind} numbers", fits, megabytes(file.size)]
    return [
        f"{lora.kind} of rank {lora.rank}" if lora.rank else lora.kind,
        f"for {lora.base}" if lora.base else "base model not told",
        f"trained at {lora.resolution.strip('()').replace(', ', ' × ')}" if lora.resolution else "",
        lora.date[:10],
        f"by {lora.trainer}" if lora.trainer else "",
        megabytes(file.size),
    ]


def _changes(lora: "LoraCard") -> list[str]:
    found = []
    for part in lora.text_encoders:
        layers = part.layers
        run = f"{layers[0]} to {layers[-1]}" if len(layers) > 1 else ", ".join(map(str, layers))
        where = f" in layer {run}" if len(layers) == 1 else f" in layers {run}" if layers else ""
        found.append(f"The text encoder {part.name} was trained{where}.")
    if not lora.text_encoders:
        found.append("No text encoder was trained: words reach it as they reach its base model.")
    found.append(
        "The image model is changed." if lora.has_image_part else "The image model is not changed."
    )
    if lora.inversions:
        found.append(f"Embeddings inside: {', '.join(lora.inversions)}.")
    return found


def _guess(lora: "LoraCard") -> str:
    if lora.inversions:
        return "The embeddings inside are its words."
    if lora.text_encoders:
        return "Its text encoder was trained, so some words call it; the tags may tell which."
    return (
        "It changes the image model alone: it acts with any prompt, or on a word nobody wrote in."
    )
