"""How many tokens a text is in the other encoders on this computer, and which."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel

Reading = tuple[str, Sequence[str], bool]
"""An encoder's name, the pieces of a text there, and whether it has no token for a part of it."""

_NAME = 116  # pixels
_MIDDLE = Qt.TextElideMode.ElideMiddle  # two of one checkpoint begin alike


class OtherEncodersBlock(QWidget):
    """A row an encoder; where there is none, that, and in either case where to get one.

    Signals:
        moreRequested: Further encoders are wanted.
    """

    moreRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[ElidedLabel, QLabel]] = []
        self._sentence = QLabel()
        self._sentence.setProperty("look", "dim")
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._sentence.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.SPACE_M)
        self._grid.setVerticalSpacing(theme.SPACE_S)
        self._grid.setColumnStretch(1, 1)
        more = QPushButton("Get more encoders")
        more.setProperty("look", "link")
        more.setProperty("flush", True)  # its words stand below those above it
        more.setToolTip("Open a checkpoint or fetch an encoder on the page Encoders")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addWidget(self._sentence)
        column.addLayout(self._grid)
        column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        more.clicked.connect(self.moreRequested)
        self._alone = False
        self.wait()

    def set_alone(self, alone: bool) -> None:
        """Say whether there is no other encoder."""
        self._alone = alone
        if alone:
            self.set_readings(())
        else:
            self.wait()

    def wait(self) -> None:
        """Another text is counted: its rows will likely be the same, so they keep their places."""
        if not self._alone:
            self._sentence.setText("Counting…")
        for _, value in self._rows:
            value.setText("…")

    def set_readings(self, readings: Sequence[Reading]) -> None:
        """Show how the encoders read a text."""
        while len(self._rows) < len(readings):
            self._add_row()
        alone, silent = "None is on this computer yet.", "None of them has a tokenizer."
        self._sentence.setText(alone if self._alone else silent)
        self._sentence.setVisible(not readings)
        for number, (name, value) in enumerate(self._rows):
            shown = number < len(readings)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                title, pieces, lacks = readings[number]
                name.setText(title)
                value.setText(_cost(pieces, lacks))
                value.setAccessibleName(f"{title}: {value.text()}")

    def _add_row(self) -> None:
        name, value, row = ElidedLabel(_MIDDLE), QLabel(), len(self._rows)
        name.setProperty("look", "dim")
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setWordWrap(True)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(name, row, 0, top)
        self._grid.addWidget(value, row, 1, top)
        self._rows.append((name, value))
        self._fit()

    def _fit(self) -> None:
        for name, _ in self._rows:
            name.setFixedWidth(theme.px(_NAME))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()


def _cost(pieces: Sequence[str], lacks: bool) -> str:
    words = "·".join(pieces)
    if lacks:
        return f"no token for {'it' if len(pieces) == 1 else 'part of it'}, a prompt sends {words}"
    return "1 token" if len(pieces) == 1 else f"{len(pieces)} tokens, {words}"
