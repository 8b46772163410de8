"""The buttons over the map: which map, what its colours and axes mean, and what is done with it."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.map_icons import map_icon
from tokensim_gui.ui.charts.token_colours import COLOUR_BY
from tokensim_gui.ui.widgets.choice_button import ChoiceButton
from tokensim_gui.ui.widgets.parts_bar import PartsBar

_ICON = 16
_AXES = {"none": "Like beside like", "words": "Two words…"}
_MODES = {"close": "Close up", "whole": "Whole map"}
_BUTTONS = {
    "results": ("Zoom to results", "Zoom to the nearest results (0; once more: the whole map)"),
    "lasso": ("Select by a lasso", "Draw a shape round tokens to select them (Shift+drag)"),
    "fit": ("Show the whole map", "Show the whole map (0)"),
    "enlarge": ("Enlarge the map", "Enlarge the map over the page (Esc returns)"),
    "save": ("Save the map", "Save the map as PNG or SVG"),
}
_ON_OFF = ("lasso", "enlarge")


class MapHead(QWidget):
    """Tells what is wanted; what is so is told to it.

    Signals:
        wholeChosen: Whether the whole map is wanted, or the close-up.
        colourChosen: A key of `COLOUR_BY`.
        axesChosen: Whether two words are to be the axes.
        pressed: ``results``, ``fit`` or ``save``.
        toggled: ``lasso`` or ``enlarge``, and whether it is on.
    """

    wholeChosen = Signal(bool)
    colourChosen = Signal(str)
    axesChosen = Signal(bool)
    pressed = Signal(str)
    toggled = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._by, self._by_words = "nothing", False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._modes = PartsBar(_MODES)
        self._modes.chosen.connect(self._on_mode_chosen)
        row.addWidget(self._modes)
        row.addSpacing(theme.SPACE_XS)
        self._buttons: dict[str, QToolButton] = {}
        for name, (said, tip) in _BUTTONS.items():
            button = self._buttons[name] = QToolButton()
            button.setProperty("look", "flat words" if name == "results" else "flat")
            button.setAccessibleName(said)
            button.setToolTip(tip)
            if name in _ON_OFF:
                button.setCheckable(True)
                button.toggled.connect(self._on_button_toggled)
            else:
                button.clicked.connect(self._on_button_clicked)
        self._buttons["results"].setText("Results")
        row.addWidget(self._buttons["results"])
        row.addStretch(1)
        self._colour = ChoiceButton("Colour by", COLOUR_BY, "flat words", "Colour by: ")
        self._colour.chosen.connect(self.colourChosen)
        row.addWidget(self._colour)
        self._axes = ChoiceButton("Axes", _AXES, "flat words")
        self._axes.chosen.connect(self._on_axes_chosen)
        row.addWidget(self._axes)
        for name in list(_BUTTONS)[1:]:
            row.addWidget(self._buttons[name])
        self.fit_text()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lay the map's own ground: what is painted below it then does not have it painted."""
        QPainter(self).fillRect(event.rect(), theme.colours().colour("base"))

    @property
    def is_whole(self) -> bool:
        """Whether the whole map is chosen."""
        return self._modes.current() == "whole"

    def set_whole(self, whole: bool) -> None:
        """Show which map is shown, without a signal."""
        self._modes.set_current("whole" if whole else "close")

    def set_on(self, name: str, on: bool) -> None:
        """Switch ``lasso`` or ``enlarge``."""
        self._buttons[name].setChecked(on)

    def set_colour(self, by: str) -> None:
        """Show what the colours mean."""
        self._by = by
        self.use_width(self.width())

    def show_state(self, *, drawn: bool, by_words: bool) -> None:
        """Show what can be done: whether there is a map, and what its axes are."""
        for button in self._buttons.values():
            button.setEnabled(drawn)
        self._colour.setVisible(self.is_whole)
        self._axes.setVisible(self.is_whole)
        self._axes.set_current("words" if by_words else "none")
        self._by_words = by_words

    def offer_results(self, lit: bool) -> None:
        """Offer the way to the results, where some are lit."""
        self._buttons["results"].setVisible(lit)
        self.use_width(self.width())

    def use_width(self, width: int) -> None:
        """Use as many words as there is room for."""
        styles, results = Qt.ToolButtonStyle, self._buttons["results"]
        for style, brief in (
            (styles.ToolButtonTextBesideIcon, False),
            (styles.ToolButtonTextBesideIcon, True),
            (styles.ToolButtonIconOnly, True),
        ):
            results.setToolButtonStyle(style)
            self._name_choices(brief=brief)
            if self.sizeHint().width() <= width:
                return

    def _name_choices(self, *, brief: bool) -> None:
        """Say what is chosen; where there is no room for that, what can be."""
        self._colour.set_current(self._by)
        self._axes.setText("Axes: two words" if self._by_words else "Axes: none")
        if brief:
            self._colour.setText("Colour")
            self._axes.setText("Axes")

    def fit_text(self) -> None:
        """Let the buttons grow and shrink with the text, and follow the theme."""
        side, icon = theme.px(theme.FIELD_HEIGHT), theme.px(_ICON)
        for name, button in self._buttons.items():
            if name == "results":
                button.setFixedHeight(side)
            else:
                button.setFixedSize(side, side)
            button.setIconSize(QSize(icon, icon))
            role = "accent" if name == "results" else "text2"
            button.setIcon(map_icon(name, theme.colours().colour(role)))

    @Slot(str)
    def _on_mode_chosen(self, mode: str) -> None:
        self.wholeChosen.emit(mode == "whole")

    @Slot(str)
    def _on_axes_chosen(self, axes: str) -> None:
        self.axesChosen.emit(axes == "words")

    def _name(self) -> str:
        return next(name for name, button in self._buttons.items() if button is self.sender())

    @Slot()
    def _on_button_clicked(self) -> None:
        self.pressed.emit(self._name())

    @Slot(bool)
    def _on_button_toggled(self, on: bool) -> None:
        self.toggled.emit(self._name(), on)
