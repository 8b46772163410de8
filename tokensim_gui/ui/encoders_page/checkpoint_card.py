"""One checkpoint on this computer: its file, and the encoders that were found in it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.core.hub.address import HUB, source_name
from tokensim_gui.core.library.library import is_built_in
from tokensim_gui.state.encoder_names import megabytes
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.plain_tip import plain_tip


class CheckpointCard(QFrame):
    """A heading that names the file, above a row for each of its encoders."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self._name = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        self._name.setProperty("look", "title")
        self._facts = QLabel()
        self._facts.setProperty("look", "caption")
        head = QHBoxLayout()
        head.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, 0)
        head.setSpacing(theme.SPACE_S)
        head.addWidget(self._name, 1)
        head.addWidget(self._facts)
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(1, 0, 1, theme.SPACE_XS)
        self._rows.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addLayout(self._rows)

    def show_tables(self, tables: Sequence[TableInfo], rows: Sequence[QWidget]) -> None:
        """Show the tables of one source, with the row of each; none are damaged."""
        for place, row in enumerate(rows):
            if self._rows.indexOf(row) != place:
                self._rows.insertWidget(place, row)
                row.show()  # now, and not one turn of the event loop later
        source = tables[0].source if tables else ""
        if not tables:
            self._say("Damaged", "")
        elif is_built_in(tables[0].slug):
            self._say("Built in", megabytes(tables[0].bytes))
            self._name.setToolTip(plain_tip(source))
        else:
            # The same vectors under two names are stored once.
            stored = sum({info.sha256: info.bytes for info in tables}.values())
            where = "from the hub" if source.startswith(HUB) else ""
            facts = [where, megabytes(stored) if stored else "", tables[0].created[:10]]
            self._say(source_name(source), " · ".join(filter(None, facts)))
            revision = tables[0].revision
            self._name.setToolTip(
                plain_tip(f"{source}\nRevision {revision}" if revision else source)
            )

    def _say(self, name: str, facts: str) -> None:
        self._name.setText(name)
        self._facts.setText(facts)
        self.setAccessibleName(name)
