"""The two words that a map may have for axes."""

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.text_field import TextField

_REST_MS = 250
_FIELD_WIDTH = 150


class AxesFields(QWidget):
    """Two fields; says what they hold once typing rests."""

    axesChosen = Signal(str, str)  # across, upwards

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._on_rest_timeout)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_XS)
        self._fields: list[TextField] = []
        for sign, said in (("→", "Axis across: a word"), ("↑", "Axis upwards: a word")):
            label = QLabel(sign)
            field = TextField()
            field.setAccessibleName(said)
            field.setPlaceholderText("a word or a sum")
            field.setMaximumWidth(_FIELD_WIDTH)
            field.setMinimumWidth(60)
            label.setBuddy(field)
            field.textEdited.connect(self._rest.start)
            field.returnPressed.connect(self._on_rest_timeout)
            row.addWidget(label)
            row.addWidget(field)
            self._fields.append(field)
        row.addStretch(1)

    def texts(self) -> tuple[str, str]:
        """What the fields hold: across, upwards."""
        across, up = (field.text().strip() for field in self._fields)
        return across, up

    def set_texts(self, across: str, up: str) -> None:
        """Fill the fields without a signal, and go to the first that is empty."""
        for field, text in zip(self._fields, (across, up), strict=True):
            field.setText(text)
        empty = [field for field in self._fields if not field.text()]
        (empty or self._fields)[0].setFocus()

    @Slot()
    def _on_rest_timeout(self) -> None:
        self._rest.stop()
        self.axesChosen.emit(*self.texts())
