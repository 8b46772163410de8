"""A sentence over a list: what an empty list has to say, without anything moving."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedLayout, QWidget

from tokensim_gui.ui import theme


class MessageLabel(QLabel):
    """A centred, dim label that lets the mouse through; without words it is not there at all.

    It lies over all of a list, and would be painted with every change of that.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setMargin(theme.SPACE_L)
        self.setProperty("look", "dim")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def setText(self, text: str) -> None:
        """Show a sentence; "" hides the label."""
        super().setText(text)
        if self.parentWidget() is not None:  # it would be a window of its own
            self.setVisible(bool(text))


def overlaid(view: QWidget, message: MessageLabel, parent: QWidget | None = None) -> QWidget:
    """A widget that shows ``message`` over ``view``."""
    # The layout gets its widget first: a stacked layout shows what it is given, and a widget
    # without a parent would flash up as a window of its own.
    holder = QWidget(parent)
    layers = QStackedLayout(holder)
    layers.setStackingMode(QStackedLayout.StackingMode.StackAll)
    layers.addWidget(view)
    layers.addWidget(message)
    layers.setCurrentWidget(message)
    message.setText(message.text())
    return holder
