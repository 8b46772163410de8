"""A sentence over a list: what an empty list has to say, without anything moving."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedLayout, QWidget

from tokensim_gui.ui import theme


def message_label() -> QLabel:
    """A centred, dim label that lets the mouse through."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    label.setMargin(theme.SPACE_L)
    label.setProperty("look", "dim")
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return label


def overlaid(view: QWidget, message: QLabel, parent: QWidget | None = None) -> QWidget:
    """A widget that shows ``message`` over ``view``."""
    # The layout gets its widget first: a stacked layout shows what it is given, and a widget
    # without a parent would flash up as a window of its own.
    holder = QWidget(parent)
    layers = QStackedLayout(holder)
    layers.setStackingMode(QStackedLayout.StackingMode.StackAll)
    layers.addWidget(view)
    layers.addWidget(message)
    layers.setCurrentWidget(message)
    return holder
