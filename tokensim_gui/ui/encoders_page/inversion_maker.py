"""Making an embedding: each line is a query and gives a vector."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontMetrics, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.choice_button import ChoiceButton

_FORMS = {"a1111": "A1111/Forge", "comfyui": "ComfyUI", "diffusers": "diffusers"}
_TEXT = (
    "Each line is a query and gives one vector, of the encoder in front. A line that names an "
    "embedding alone, emb:name, gives all of its vectors; emb:name[2] gives one."
)
_LINES = 4


class InversionMaker(QFrame):
    """Lines, for whom, and how long; hidden before `ask`.

    Signals:
        queryWanted: The query of the Search page is to become a line.
        trayWanted: The tokens of the tray are to become lines.
        opened: Whether it is shown now.
        makeRequested: The lines, for which program, and whether to scale them.
    """

    queryWanted = Signal()
    trayWanted = Signal()
    opened = Signal(bool)
    makeRequested = Signal(list, str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self._form = "a1111"
        title, text = QLabel("Make an embedding"), QLabel(_TEXT)
        title.setProperty("look", "title")
        text.setProperty("look", "dim")
        text.setWordWrap(True)
        text.setMinimumWidth(40)
        self.lines = QPlainTextEdit()
        self.lines.setAccessibleName("Queries, one a line")
        self.lines.setPlaceholderText("(cute + girl) / 2")
        self.lines.setTabChangesFocus(True)
        self.lines.setFixedHeight(_LINES * QFontMetrics(self.font()).lineSpacing() + 20)
        query, tray = QPushButton("Take the query"), QPushButton("Take the tray")
        self.scale = QCheckBox("As long as tokens usually are")
        self.scale.setToolTip("Vectors much longer than a token's drown the rest of a prompt")
        self.form = ChoiceButton("For", _FORMS, before="For ")
        self.form.set_current(self._form)
        self.save = QPushButton("Save…")
        self.save.setProperty("look", "primary")
        self.save.setEnabled(False)
        close = QPushButton("Close")
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, widgets in ((first, (query, tray, self.scale)), (second, (self.form,))):
            row.setSpacing(theme.SPACE_S)
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
        second.addWidget(self.save)
        second.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_M)
        layout.setSpacing(theme.SPACE_S)
        for part in (title, text, self.lines):
            layout.addWidget(part)
        layout.addLayout(first)
        layout.addLayout(second)
        query.clicked.connect(self.queryWanted)
        tray.clicked.connect(self.trayWanted)
        self.form.chosen.connect(self._on_form_chosen)
        self.lines.textChanged.connect(self._on_text_changed)
        self.save.clicked.connect(self._on_save_clicked)
        close.clicked.connect(self.hide)
        self.hide()

    def ask(self) -> None:
        """Show the panel, ready for the first line."""
        self.show()
        self.lines.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Tell."""
        super().showEvent(event)
        self.opened.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell."""
        super().hideEvent(event)
        self.opened.emit(False)

    def add_lines(self, lines: list[str]) -> None:
        """Put more lines behind those there."""
        kept = [line for line in self.lines.toPlainText().splitlines() if line.strip()]
        self.lines.setPlainText("\n".join([*kept, *lines]))

    @Slot(str)
    def _on_form_chosen(self, form: str) -> None:
        self._form = form

    @Slot()
    def _on_text_changed(self) -> None:
        self.save.setEnabled(bool(self.lines.toPlainText().strip()))

    @Slot()
    def _on_save_clicked(self) -> None:
        lines = [line.strip() for line in self.lines.toPlainText().splitlines()]
        self.makeRequested.emit(
            [line for line in lines if line], self._form, self.scale.isChecked()
        )
