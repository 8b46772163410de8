"""The encoders on this computer."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.state.file_checks import Check
from tokensim_gui.ui import theme
from tokensim_gui.ui.encoders_page.checkpoint_card import CheckpointCard
from tokensim_gui.ui.encoders_page.table_row import TableRow

_DAMAGED = "damaged"  # no path: those are absolute
_EMPTY = (
    "Only the starter words are here yet. Open a checkpoint that you have, look for one on this "
    "computer, or fetch just the token vectors below."
)


class TableList(QWidget):
    """A card for each checkpoint, in it a row for each table; rows stay, so that the focus does.

    Signals:
        asked: ``use``, ``rename``, ``prompts`` (compare them), ``verify``, ``again``,
            ``export`` (its vectors), ``folder`` or ``remove``, and the slug.
        renamed: Slug and new name.
    """

    asked = Signal(str, str)
    renamed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Encoders on this computer")
        self._rows: dict[str, TableRow] = {}
        self._cards: dict[str, CheckpointCard] = {}
        self._damaged: set[str] = set()
        self._current = ""
        self._empty = QLabel(_EMPTY)
        self._empty.setProperty("look", "dim")
        self._empty.setWordWrap(True)
        # Not for Tab, but Qt puts later rows in its order only behind what can take the focus.
        self._empty.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._empty.setMinimumWidth(40)
        self._empty.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_M, theme.SPACE_S)
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._empty)

    def set_tables(self, tables: Sequence[TableInfo], damaged: Mapping[str, str]) -> None:
        """Show tables, and by slug what is wrong with those that can't be read."""
        wanted = [*(info.slug for info in tables), *damaged]
        for slug in [*self._rows]:
            if slug not in wanted or (slug in self._damaged) != (slug in damaged):
                row = self._rows.pop(slug)
                _let_go_of_focus(row)
                row.hide()
                row.deleteLater()
        for slug in wanted:
            if slug not in self._rows:
                row = self._rows[slug] = TableRow(slug)
                row.asked.connect(self._on_row_asked)
                row.renamed.connect(self.renamed)
        self._deal(tables, damaged)
        for info in tables:
            self._rows[info.slug].show_info(info)
        for slug, sentence in damaged.items():
            self._rows[slug].show_damage(slug, sentence)
        self._damaged = set(damaged)
        stops = [stop for slug in wanted for stop in self._rows[slug].stops()]
        for before, after in pairwise((self._empty, *stops)):
            self.setTabOrder(before, after)
        self._empty.setVisible(len(wanted) <= 1)
        self.set_current(self._current)

    def _deal(self, tables: Sequence[TableInfo], damaged: Mapping[str, str]) -> None:
        """Put the rows into the cards of their checkpoints, in the order of the first of each."""
        groups: dict[str, list[TableInfo]] = {}
        for info in tables:
            groups.setdefault(info.source, []).append(info)
        slugs = {source: [info.slug for info in group] for source, group in groups.items()}
        if damaged:
            slugs[_DAMAGED] = [*damaged]
        old, self._cards = self._cards, {}
        for place, (source, own) in enumerate(slugs.items()):
            card = old.pop(source) if source in old else CheckpointCard()
            self._cards[source] = card
            if self._layout.indexOf(card) != place:
                self._layout.insertWidget(place, card)
                card.show()
            card.show_tables(groups.get(source, []), [self._rows[slug] for slug in own])
        for card in old.values():
            self._layout.removeWidget(card)
            card.hide()
            card.deleteLater()

    def set_current(self, slug: str) -> None:
        """Mark the table whose tokens are shown."""
        self._current = slug
        for other, row in self._rows.items():
            row.set_current(other == slug)

    @Slot(object)
    def show_gone(self, slugs: Collection[str]) -> None:
        """Take back what is offered of whole encoders whose files are gone."""
        for slug in slugs:
            if slug in self._rows:
                self._rows[slug].show_gone()

    def set_check(self, check: Check | None) -> None:
        """Show how far a check is; None when it is over."""
        for slug, row in self._rows.items():
            if slug not in self._damaged:
                row.set_check(check if check is not None and check.slug == slug else None)

    @Slot(str, str)
    def _on_row_asked(self, what: str, slug: str) -> None:
        if what == "rename":
            self._rows[slug].edit_name()
        else:
            self.asked.emit(what, slug)


def _let_go_of_focus(row: QWidget) -> None:
    """Give the focus to nobody, or Qt would pass it to a button that fetches a gigabyte."""
    focused = row.focusWidget()
    if focused is not None:
        focused.clearFocus()
