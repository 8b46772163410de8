"""What every interface makes of the prompt's weights, and the prompt written for another one."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.prompt.interfaces import TITLES, WITH_WEIGHTS
from tokensim_gui.core.prompt.parsed_prompt import number
from tokensim_gui.core.prompt.prompt_reading import WeightRow, Weights
from tokensim_gui.ui import theme
from tokensim_gui.ui.prompt_page.weight_line import WeightDelegate
from tokensim_gui.ui.widgets.choice_button import ChoiceButton
from tokensim_gui.ui.widgets.plain_model import Cell, PlainModel
from tokensim_gui.ui.widgets.plain_table import PlainTable

if TYPE_CHECKING:
    from collections.abc import Sequence

_NARROW, _LOW, _LEAST_COLUMN = 760, 300, 60
_SIZES = [760, 560]
_NOT_SENT = "–"


class WeightsPart(QWidget):
    """A word a row and an interface a column; beside it the converter."""

    targetChanged = Signal(str)
    placeActivated = Signal(int, int)
    copyRequested = Signal(str)
    useRequested = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weights: Weights | None = None
        self._is_low = False
        self._literal = QLabel()
        self._literal.setWordWrap(True)
        self._warning = QFrame()
        self._warning.setProperty("look", "notice")
        warning = QHBoxLayout(self._warning)
        warning.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        warning.addWidget(self._literal)
        self._warning.hide()
        headers = ["Word", *(TITLES[key] for key in WITH_WEIGHTS)]
        self._model = PlainModel(headers, range(1, len(headers)), self)
        self.table = PlainTable(self._model, "Weights of every word", 0)
        self._painted = WeightDelegate(self)
        self.table.setItemDelegateForColumn(0, self._painted)
        self._rows: Sequence[WeightRow] = ()
        self._all = QPushButton("Show all")
        self._all.setCheckable(True)
        self.table.set_widths(dict.fromkeys(range(1, len(headers)), _LEAST_COLUMN))
        self._target = ChoiceButton("The program to convert to", TITLES, before="Preview for ")
        self._copy = QPushButton("Copy")
        self._use = QPushButton("Convert")
        self._use.setToolTip("Put it into the editor, as a prompt for that program from now on")
        self.result = QPlainTextEdit()
        self.result.setReadOnly(True)
        self.result.setTabChangesFocus(True)
        self.result.setAccessibleName("The prompt in the other syntax")
        self.result.setMinimumHeight(theme.row_height())
        self._lost = QLabel()
        self._lost.setProperty("look", "dim")
        self._lost.setWordWrap(True)
        self._lost.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()
        self.table.selectionModel().currentRowChanged.connect(self._on_current_row_changed)
        self._target.chosen.connect(self.targetChanged)
        self._all.toggled.connect(self._on_all_toggled)
        self._copy.clicked.connect(self._on_copy_clicked)
        self._use.clicked.connect(self._on_use_clicked)
        self.setFocusProxy(self.table)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE_S)
        head.addWidget(self._all)
        head.addWidget(self._target)
        head.addStretch(1)
        head.addWidget(self._use)
        head.addWidget(self._copy)
        converter = QWidget()
        column = QVBoxLayout(converter)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(head)
        column.addWidget(self.result, 1)
        column.addWidget(self._lost)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(theme.SPACE_M)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.table)
        self._splitter.addWidget(converter)
        self._splitter.setSizes(_SIZES)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._warning)
        layout.addWidget(self._splitter, 1)

    def set_weights(self, weights: Weights) -> None:
        """Show rows and the written prompt."""
        self._weights = weights
        self._show_rows()
        self._target.set_current(weights.target)
        self.result.setPlainText(weights.converted.text)
        lost = weights.converted.lost
        self._lost.setText("\n".join(lost) if lost else "Everything is carried over.")

    def _show_rows(self) -> None:
        """Show the words on which the programs differ, or all."""
        assert self._weights is not None
        every = self._weights.rows
        differing = [row for row in every if _differs(row.weights)]
        self._rows = every if self._all.isChecked() else differing
        read_by = self._weights.source
        column = WITH_WEIGHTS.index(read_by) if read_by in WITH_WEIGHTS else None
        self._painted.weights = [
            None if column is None else row.weights[column] for row in self._rows
        ]
        self._model.set_rows([_cells(row.text, row.weights) for row in self._rows])
        agreed = len(every) - len(differing)
        self._all.setToolTip(f"On {agreed} word{'s' if agreed != 1 else ''} all programs agree.")
        self._all.setVisible(bool(agreed))

    def set_literal(self, sentences: tuple[str, ...]) -> None:
        """Warn that the encoder takes brackets as text; empty where it does not."""
        self._literal.setText(" ".join(sentences))
        self._warning.setVisible(bool(sentences))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One above the other where there is little room."""
        super().resizeEvent(event)
        narrow = event.size().width() < theme.px(_NARROW)
        across = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        self._splitter.setOrientation(across)
        low = narrow and event.size().height() < theme.px(_LOW)
        if low != self._is_low:
            self._is_low = low
            self._splitter.setSizes([_LOW, 0] if low else _SIZES)  # 0: as low as it may be

    @Slot()
    def _on_current_row_changed(self) -> None:
        row = self.table.currentIndex().row()
        if 0 <= row < len(self._rows):
            self.placeActivated.emit(self._rows[row].start, self._rows[row].end)

    @Slot()
    def _on_all_toggled(self) -> None:
        if self._weights is not None:
            self._show_rows()

    @Slot()
    def _on_copy_clicked(self) -> None:
        self.copyRequested.emit(self.result.toPlainText())

    @Slot()
    def _on_use_clicked(self) -> None:
        if self._weights is not None:
            self.useRequested.emit(self._weights.converted.text, self._weights.target)


def _differs(weights: tuple[float | None, ...]) -> bool:
    return len({weight if weight is None else number(weight) for weight in weights}) > 1


def _cells(word: str, weights: tuple[float | None, ...]) -> tuple[Cell, ...]:
    cells = [Cell(word)]
    for weight in weights:
        if weight is None:
            cells.append(Cell(_NOT_SENT, dim=True, tip="Not sent as text"))
        else:
            shown = number(weight)
            cells.append(Cell(shown, dim=shown == "1"))
    return tuple(cells)
