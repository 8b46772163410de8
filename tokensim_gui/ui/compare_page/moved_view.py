"""Two checkpoints: which, how many tokens moved, the list of those and a map with arrows."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.values import IntArray, MovedPlaces, TokenFilter
from tokensim_gui.core.vocabulary import filters
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.checkpoint_pair import Checkpoints
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.loading import charts_are_loaded
from tokensim_gui.ui.charts.map_canvas import MapCanvas
from tokensim_gui.ui.charts.moved_scene import MovedScene
from tokensim_gui.ui.compare_page.encoder_chooser import EncoderChooser
from tokensim_gui.ui.compare_page.moved_delegate import MovedDelegate
from tokensim_gui.ui.compare_page.moved_model import MOVED_COLUMNS, SORTABLE, MovedModel
from tokensim_gui.ui.compare_page.token_list import TokenList
from tokensim_gui.ui.tokens.token_gestures import TokenGestures
from tokensim_gui.ui.widgets.clearable_field import ClearableField
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.message_overlay import MessageLabel, overlaid

_SCROLL_BAR = 12
_MAP_WIDTH, _MAP_WIDEST = 320, 520  # room for the map: without so much none; before the bars


class MovedView(QWidget):
    """Shows a pair of `Checkpoints`; asks for the neighbours of the rows in view.

    `header`, which encoders are compared, belongs to the page.
    """

    def __init__(
        self, checkpoints: Checkpoints, vocabulary: Vocabulary, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._checkpoints = checkpoints
        self.head = QWidget()
        self.before, self.after = EncoderChooser("Base"), EncoderChooser("Fine-tune")
        self.model = MovedModel(vocabulary, None, self)
        self.list = TokenList(self.model)
        self.map = MapCanvas()
        self.gestures = TokenGestures(self)
        self.list.setAccessibleName("Tokens that moved")
        self.list.set_painter(MovedDelegate(self.model))
        header = self.list.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._compact: bool | None = None
        self._drawn: MovedPlaces | None = None
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
        self._count = ElidedLabel()
        self._count.setProperty("look", "dim")
        self._message = MessageLabel()
        pair = QHBoxLayout(self.head)
        pair.setContentsMargins(theme.SPACE_M, 0, 0, 0)
        pair.setSpacing(theme.SPACE_S)
        for words, chooser in (("From", self.before), ("to", self.after)):
            label = QLabel(words)
            label.setProperty("look", "dim")
            pair.addWidget(label)
            pair.addWidget(chooser)
        pair.addWidget(self._swap)
        pair.addStretch(1)
        line = QFrame()
        line.setProperty("look", "line")
        line.setFixedWidth(1)
        self._right = QWidget(self)
        right = QHBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(line)
        right.addWidget(self.map, 1)
        self._left = overlaid(self.list, self._message, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_L, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left)
        row.addWidget(self._right, 1)

    def header(self) -> Sequence[QWidget]:
        """What stands at the top of the page."""
        return (self.head,)

    def top_row(self) -> Sequence[tuple[QWidget, int]]:
        """What stands over the list, each with its share of the room that is left."""
        return ((self.filter, 1), (self._count, 2))

    def _connect(self) -> None:
        checkpoints = self._checkpoints
        self.before.chosen.connect(checkpoints.set_before)
        self.after.chosen.connect(checkpoints.set_after)
        self._swap.clicked.connect(checkpoints.swap)
        self.filter.textChanged.connect(self._show_rows)
        self.filter.returnPressed.connect(self.list.focus_first_row)
        self.list.escapePressed.connect(self.focus_field)
        self.list.tokenActivated.connect(self._on_list_token_activated)
        self.map.tokenActivated.connect(self._on_map_token_activated)
        for view in (self.list, self.map):
            view.gestures.lookedUp.connect(self.gestures.lookedUp)
            view.gestures.forward_to(self.gestures)
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
        """The one list; Tab leads on to the map."""
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
        """Give the list what it needs, and the map the rest where that is enough to see it."""
        super().resizeEvent(event)
        whole = event.size().width() - theme.SPACE_L
        least, most = (
            sum(theme.px(getattr(column, kind)) for column in MOVED_COLUMNS) + _SCROLL_BAR
            for kind in ("compact", "width")
        )
        beside = whole - least >= _MAP_WIDTH
        width = max(least, min(most, whole - _MAP_WIDEST)) if beside else whole
        self._right.setVisible(beside)
        self._left.setFixedWidth(width)
        compact = width < most
        if compact != self._compact:
            self._compact = compact
            for number, column in enumerate(MOVED_COLUMNS):
                section = theme.px(column.compact if compact else column.width)
                self.list.horizontalHeader().resizeSection(number, section)

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
        self._show_places()

    def _show_places(self) -> None:
        """Draw the arrows, unless they are drawn."""
        places, vocabulary = self._checkpoints.places, self._checkpoints.vocabulary
        if charts_are_loaded():
            self.map.use_chart()
        if places is self._drawn and places is not None:
            return
        self._drawn = places
        scene = None
        if places is not None and vocabulary is not None:
            scene = MovedScene(places, vocabulary)
        self.map.show_scene(scene)

    @Slot(int)
    def _on_list_token_activated(self, token: int) -> None:
        self.map.set_selected([token])

    @Slot(int)
    def _on_map_token_activated(self, token: int) -> None:
        """Select it in the list, or on the map alone where it did not move or is filtered out."""
        row = self.model.row_of(token)
        self.list.show_row(row if row >= 0 else None)
        self.map.set_selected([token])

    @Slot()
    def _show_rows(self) -> None:
        """Show the tokens that moved and pass the filter, and say how many they are."""
        checkpoints = self._checkpoints
        moved, vocabulary = checkpoints.moved, checkpoints.vocabulary
        if moved is None or vocabulary is None or checkpoints.lengths is None:
            self.model.clear()
            self._count.setText("")
            self._message.setText(str(checkpoints.problem or "Comparing…"))
            return
        ids, problem = self._filtered(moved.order, vocabulary)
        self.model.nearest = checkpoints.nearest
        self.model.show_moved(vocabulary, ids, moved.turned[ids], checkpoints.lengths)
        count, total = len(moved.order), vocabulary.rows
        said = f"{count:,} of {total:,} moved beyond the rounding of {checkpoints.coarser}"
        said += f". {checkpoints.quantised}" if checkpoints.quantised else ""
        self._count.setText(said if len(ids) == count else f"{len(ids):,} shown · {said}")
        if not count and checkpoints.before is not None:
            self._count.setText("")
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
