"""“Instead of “hair””: what lies near the selected token of the prompt, to be put in its place."""

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QTableView, QVBoxLayout, QWidget

from tokensim_gui.core.values import Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.token_table import TokenTable

_WIDTHS = (120, 140)
_LOW = 200
_NOTHING = "Click a token to see what could stand in its place."


class InsteadPane(QWidget):
    """A token table in which Enter replaces."""

    replaceRequested = Signal(int)
    escapePressed = Signal()

    def __init__(self, vocabulary: Vocabulary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel()
        self._title.setProperty("look", "title")
        self._title.setMinimumWidth(40)
        self._hint = QLabel("Enter or double click puts it in.")
        self._hint.setProperty("look", "caption")
        self._hint.setMinimumWidth(40)
        self._table = TokenTable(vocabulary)
        self.gestures = self._table.gestures
        self._table.set_columns(["token", "score"])
        view = self._table.focusProxy()
        assert isinstance(view, QTableView)
        self._header = view.horizontalHeader()
        for column, width in enumerate(_WIDTHS):  # less than on the Search page
            self._header.resizeSection(column, width)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self._title)
        layout.addWidget(self._hint)
        layout.addWidget(self._table, 1)
        self.setFocusProxy(self._table)
        self.gestures.lookedUp.connect(self.replaceRequested)
        self._table.escapePressed.connect(self.escapePressed)
        self.show_nothing()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room it is for tokens: no hint and no header."""
        super().resizeEvent(event)
        self._header.setVisible(event.size().height() >= _LOW)
        self._show_hint()

    def _show_hint(self) -> None:
        self._hint.setVisible(bool(self._table.shown_ids()) and self.height() >= _LOW)

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Change what the ids mean."""
        self._table.set_vocabulary(vocabulary, None)

    def set_token(self, name: str) -> None:
        """Say whose place it is."""
        self._title.setText(f"Instead of “{name}”")

    def show_results(self, results: Results) -> None:
        """Show the neighbours of the token."""
        self._table.set_results(results)
        self._table.set_message("" if len(results.ids) else "Nothing usable lies near this token.")
        self._show_hint()

    def show_problem(self, sentence: str) -> None:
        """Say why there are no neighbours."""
        self._clear(sentence)

    def show_nothing(self) -> None:
        """No token is selected."""
        self._title.setText("Instead of …")
        self._clear(_NOTHING)

    def focus_first_row(self) -> None:
        """Go to the list by keyboard."""
        self._table.focus_first_row()

    def shown_ids(self) -> list[int]:
        """The tokens in the list."""
        return self._table.shown_ids()

    def _clear(self, sentence: str) -> None:
        self._table.set_ids(np.empty(0, np.int32))
        self._table.set_message(sentence)
        self._show_hint()
