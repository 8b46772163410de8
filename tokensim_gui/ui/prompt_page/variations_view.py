"""Variations of a prompt: a list, and where there is room for it a scatter beside."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from tokensim_gui.core.text_encoders.likeness import correlation_words
from tokensim_gui.state.prompt_encoder import Varied
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.likeness_scatter import LikenessScatter
from tokensim_gui.ui.widgets.plain_model import Cell, PlainModel
from tokensim_gui.ui.widgets.plain_table import PlainTable
from tokensim_gui.ui.widgets.qt_quirks import select_row

_ROWS = 4  # of the list, its header among them, are seen below a scatter


class VariationsView(QWidget):
    """List and scatter follow each other; Enter in the list means one of the prompts."""

    promptChosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._varied: Varied | None = None
        self.scatter = LikenessScatter()
        self._rows = PlainModel(("Swap", "Tokens", "Encodings"), (1, 2), self)
        self.list = PlainTable(self._rows, "Variations", 0)
        self.list.set_widths({1: 80, 2: 90})
        self._rank = QLabel()
        self._rank.setProperty("look", "caption")
        self._rank.setWordWrap(True)
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setHandleWidth(theme.SPACE_S)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.scatter)
        halves.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addWidget(halves, 1)
        column.addWidget(self._rank)
        self.scatter.dotChosen.connect(self._on_dot_chosen)
        self.list.selectionModel().currentRowChanged.connect(self._on_current_row_changed)
        self.list.rowChosen.connect(self._on_row_chosen)

    def set_varied(self, varied: Varied) -> None:
        """Show other variations."""
        self._varied = varied
        self.scatter.set_variations(varied.variations)
        self._rows.set_rows(
            [
                (
                    Cell(
                        f"{varied.prompt[one.swap.start : one.swap.end]} → {one.swap.text}",
                        tip=one.prompt,
                    ),
                    Cell(f"{one.swap.similarity:.1%}", dim=True),
                    Cell(f"{one.similarity:.1%}"),
                )
                for one in varied.variations
            ]
        )
        self._rank.setText(correlation_words(varied.variations))

    def minimumSizeHint(self) -> QSize:
        """Without the scatter, which gives way."""
        return QSize(self.scatter.minimumWidth(), 2 * theme.row_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the scatter out where it would stand on the list."""
        super().resizeEvent(event)
        least = self.scatter.minimumHeight() + _ROWS * theme.row_height()
        self.scatter.setVisible(event.size().height() >= least)

    @Slot(int)
    def _on_dot_chosen(self, number: int) -> None:
        select_row(self.list, number)

    @Slot()
    def _on_current_row_changed(self) -> None:
        self.scatter.set_current(self.list.currentIndex().row())

    @Slot(int)
    def _on_row_chosen(self, row: int) -> None:
        if self._varied is not None:
            self.promptChosen.emit(self._varied.variations[row].prompt)
