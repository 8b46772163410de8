"""Two checkpoints: which, how many tokens moved, and the list of those."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.values import IntArray, TokenFilter
from tokensim_gui.core.vocabulary import filters
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.checkpoint_pair import Checkpoints
from tokensim_gui.ui import theme
from tokensim_gui.ui.compare_page.encoder_chooser import EncoderChooser
from tokensim_gui.ui.compare_page.moved_delegate import MovedDelegate
from tokensim_gui.ui.compare_page.moved_model import MOVED_COLUMNS, SORTABLE, MovedModel
from tokensim_gui.ui.compare_page.token_list import TokenList
from tokensim_gui.ui.widgets.clearable_field import ClearableField
from tokensim_gui.ui.widgets.message_overlay import message_label, overlaid


class MovedView(QWidget):
    """Shows a pair of `Checkpoints`; asks for the neighbours of the rows in view."""

    def __init__(
        self, checkpoints: Checkpoints, vocabulary: Vocabulary, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._checkpoints = checkpoints
        self.before, self.after = EncoderChooser("Base"), EncoderChooser("Fine-tune")
        self.model = MovedModel(vocabulary, None, self)
        self.list = TokenList(self.model)
        self.gestures = self.list.gestures
        self.list.setAccessibleName("Tokens that moved")
        self.list.set_painter(MovedDelegate(self.model, self.list))
        header = self.list.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._compact: bool | None = None
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._swap = QPushButton("Swap")
        self._swap.setToolTip("Take the fine-tune for the base")
        self.filter = ClearableField()
        self.filter.setPlaceholderText("Only tokens containing…")
        self.filter.setAccessibleName("Filter")
        self.filter.setToolTip("Part of a token, /regular expression/ or ids: #100..#120")
        self.filter.setMinimumWidth(96)
        self.filter.setMaximumWidth(260)
        self._count = QLabel()
        self._count.setProperty("look", "dim")
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setMinimumWidth(40)
        self._message = message_label()
        pair = QHBoxLayout()
        pair.setSpacing(theme.SPACE_S)
        for words, chooser in (("From", self.before), ("to", self.after)):
            label = QLabel(words)
            label.setProperty("look", "dim")
            pair.addWidget(label)
            pair.addWidget(chooser, 1)
        pair.addWidget(self._swap)
        line = QHBoxLayout()
        line.setSpacing(theme.SPACE_S)
        line.addWidget(self.filter, 1)
        line.addWidget(self._count, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(pair)
        column.addLayout(line)
        column.addWidget(overlaid(self.list, self._message), 1)

    def _connect(self) -> None:
        checkpoints = self._checkpoints
        self.before.chosen.connect(checkpoints.set_before)
        self.after.chosen.connect(checkpoints.set_after)
        self._swap.clicked.connect(checkpoints.swap)
        self.filter.textChanged.connect(self._show_rows)
        self.filter.returnPressed.connect(self.list.focus_first_row)
        self.list.escapePressed.connect(self.focus_field)
        self.list.horizontalHeader().sortIndicatorChanged.connect(self._on_header_sort_changed)
        self.list.rowsShown.connect(self._ask_nearest)
        checkpoints.changed.connect(self._on_changed)
        checkpoints.progressed.connect(self._message.setText)
        checkpoints.nearestChanged.connect(self._on_nearest_changed)

    # What the page asks for -----------------------------------------------------------------

    def vocabulary(self) -> Vocabulary:
        """Where the ids belong."""
        return self.model.vocabulary

    def selected_ids(self) -> list[int]:
        """Tokens selected."""
        return self.list.selected_ids()

    def focus_field(self) -> None:
        """Put the cursor into the filter."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def panes(self) -> list[TokenList]:
        """The one list."""
        return [self.list]

    def slug(self) -> str:
        """The encoder in which a token is looked up: the fine-tune."""
        return "" if self._checkpoints.after is None else self._checkpoints.after.slug

    def count(self) -> str:
        """How many tokens moved, as said."""
        return self._count.text()

    def message(self) -> str:
        """The sentence over the list."""
        return self._message.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give up the bars where there is no room for all columns."""
        super().resizeEvent(event)
        compact = event.size().width() < sum(column.width for column in MOVED_COLUMNS)
        if compact != self._compact:
            self._compact = compact
            for number, column in enumerate(MOVED_COLUMNS):
                width = column.compact if compact else column.width
                self.list.horizontalHeader().resizeSection(number, width)

    # From the state ---------------------------------------------------------------------------

    @Slot()
    def _on_changed(self) -> None:
        checkpoints = self._checkpoints
        before, after = checkpoints.before, checkpoints.after
        if before is None or after is None:
            self.model.clear()
            return
        bases = checkpoints.labels(checkpoints.bases())
        self.before.show_choice(before.slug, bases, before.source)
        partners = checkpoints.labels([before, *checkpoints.partners(before)])
        self.after.show_choice(after.slug, partners, after.source)
        self._show_rows()

    @Slot()
    def _show_rows(self) -> None:
        """Show the tokens that moved and pass the filter, and say how many they are."""
        checkpoints = self._checkpoints
        moved, vocabulary = checkpoints.moved, checkpoints.vocabulary
        if moved is None or vocabulary is None or checkpoints.lengths is None:
            self.model.clear()
            self._count.clear()
            self._message.setText(str(checkpoints.problem or "Comparing…"))
            return
        ids, problem = self._filtered(moved.order, vocabulary)
        self.model.nearest = checkpoints.nearest
        self.model.show_moved(vocabulary, ids, moved.turned[ids], checkpoints.lengths)
        count, total = len(moved.order), vocabulary.rows
        said = f"{count:,} of {total:,} moved beyond the rounding of {checkpoints.coarser}"
        said += f". {checkpoints.quantised}" if checkpoints.quantised else ""
        self._count.setText(said if len(ids) == count else f"{len(ids):,} shown · {said}")
        self._count.setToolTip(self._count.text())
        if not count and checkpoints.before is not None:
            self._count.clear()
            problem = (
                f"Not one of {total:,} token vectors moved: this fine-tune left "
                f"{checkpoints.before.name}’s tokens alone."
            )
        elif not len(ids):
            problem = problem or "No token that moved passes this filter."
        self._message.setText(problem)
        self._ask_nearest()

    def _filtered(self, order: IntArray, vocabulary: Vocabulary) -> tuple[IntArray, str]:
        try:
            mask = filters.mask(vocabulary, TokenFilter(self.filter.text().strip()))
        except TokenSimError as error:
            return order[:0], str(error)
        return order[mask[order]], ""

    @Slot()
    def _on_nearest_changed(self) -> None:
        self.model.nearest = self._checkpoints.nearest
        self.list.viewport().update()

    @Slot()
    def _ask_nearest(self) -> None:
        if self.isVisible():
            self._checkpoints.want_nearest(self.list.visible_ids())

    @Slot(int, Qt.SortOrder)
    def _on_header_sort_changed(self, column: int, order: Qt.SortOrder) -> None:
        if column >= 0 and MOVED_COLUMNS[column].key not in SORTABLE:
            self.list.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            return
        current = self.list.currentIndex()
        token = int(self.model.ids[current.row()]) if current.isValid() else -1
        self.model.sort(column, order)
        row = self.model.row_of(token)
        self.list.show_row(row if row >= 0 else None)
        if row < 0:
            self.list.scrollToTop()
        self._ask_nearest()
