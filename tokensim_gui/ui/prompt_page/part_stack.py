"""The parts of the Prompt page, of which one is shown."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget


class PartStack(QStackedWidget):
    """Needs the room that the part in front needs, whatever those behind it would."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.currentChanged.connect(self._let_go_of_hidden_parts)

    def add_part(self, part: QWidget) -> None:
        """Add a part behind the others."""
        self.addWidget(part)
        self._let_go_of_hidden_parts()

    @Slot()
    def _let_go_of_hidden_parts(self) -> None:
        for at in range(self.count()):
            front = at == self.currentIndex()
            policy = QSizePolicy.Policy.Preferred if front else QSizePolicy.Policy.Ignored
            if (part := self.widget(at)) is not None:
                part.setSizePolicy(policy, policy)
