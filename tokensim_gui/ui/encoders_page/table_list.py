"""The encoders on this computer."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.state.file_checks import Check
from tokensim_gui.ui import theme
from tokensim_gui.ui.encoders_page.table_row import TableRow

_EMPTY = (
    "Only the starter words are here yet. Open a checkpoint that you have, look for one on this "
    "computer, or fetch just the token vectors below."
)


class TableList(QFrame):
    """A row for each table; rows stay while their table does, so that the focus does too.

    Signals:
        asked: ``use``, ``rename``, ``prompts`` (compare them), ``verify``, ``again``, ``folder``
            or ``remove``, and the slug.
        renamed: Slug and new name.
    """

    asked = Signal(str, str)
    renamed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.setAccessibleName("Encoders on this computer")
        self._rows: dict[str, TableRow] = {}
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
        layout.setContentsMargins(1, theme.SPACE_XS, 1, theme.SPACE_XS)
        layout.setSpacing(0)
        layout.addWidget(self._empty)

    def set_tables(self, tables: Sequence[TableInfo], damaged: Mapping[str, str]) -> None:
        """Show tables, and by slug what is wrong with those that can't be read."""
        wanted = [*(info.slug for info in tables), *damaged]
        for slug in [*self._rows]:
            if slug not in wanted or (slug in self._damaged) != (slug in damaged):
                row = self._rows.pop(slug)
                self._layout.removeWidget(row)
                _let_go_of_focus(row)
                row.hide()
                row.deleteLater()
        for place, slug in enumerate(wanted):
            if slug not in self._rows:
                row = self._rows[slug] = TableRow(slug)
                row.asked.connect(self._on_row_asked)
                row.renamed.connect(self.renamed)
                self._layout.insertWidget(place, row)
                row.show()  # now, and not one turn of the event loop later
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

    def set_current(self, slug: str) -> None:
        """Mark the table whose tokens are shown."""
        self._current = slug
        for other, row in self._rows.items():
            row.set_current(other == slug)

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
