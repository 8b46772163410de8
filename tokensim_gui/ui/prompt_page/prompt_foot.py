"""The foot of the Prompt page: how many tokens, for which program, and what to do."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QSpinBox, QWidget

from tokensim_gui.core.prompt.interfaces import ASSUMED, MOST_STEPS, TITLES, Interface
from tokensim_gui.core.prompt.prompt_reading import Reading
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.menu_button import MenuButton
from tokensim_gui.ui.widgets.qt_quirks import signals_blocked

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.prompt_tokens import PromptTokens

_NARROW = 720
_PARTED = "Nothing is cut off: the encoder reads one chunk after the other."


class PromptFoot(QFrame):
    """One line of fixed height, so that no message moves what is above it."""

    interfaceChanged = Signal(str)
    stepsChanged = Signal(int)
    convertRequested = Signal(str)
    tokensUseRequested = Signal()
    copyRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "strip")
        self._is_narrow = self._converts_above = False
        self._title = QLabel("Prompt")
        self._title.setProperty("look", "title")
        self._title.setContentsMargins(0, 0, theme.SPACE_S, 0)
        self._count = QLabel()
        self._count.setProperty("look", "dim")
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setMinimumWidth(60)
        self._for = self._chooser("The program whose syntax the prompt is read in")
        self.steps = QSpinBox()
        self.steps.setRange(1, MOST_STEPS)
        self.steps.setSuffix(" steps")
        self.steps.setAccessibleName("Sampling steps")
        self.steps.setToolTip("Sampling steps, of which [from:to:0.5] takes a fraction")
        self.steps.setAlignment(Qt.AlignmentFlag.AlignCenter)
        room = self.steps.fontMetrics().horizontalAdvance(self.steps.suffix() + "1000")
        self.steps.setFixedWidth(room + theme.SPACE_L)
        self.steps.hide()
        self._convert = self._chooser("Write the prompt for another program")
        self._convert.setText("Convert to")
        self._use = QPushButton("Use tokens in Search")
        self._copy = QPushButton("Copy")
        self._copy.setProperty("look", "primary")
        self._copy.setToolTip("Copy the prompt as it stands")
        programs, self._programs = QMenu(self), QActionGroup(self)
        targets = QMenu(self)
        for key, title in TITLES.items():
            self._programs.addAction(_choice(programs, f"{title}\t{ASSUMED[key]}", key))
            target = targets.addAction(title)
            target.setData(key)
        self._for.setMenu(programs)
        self._convert.setMenu(targets)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.TEXT_LEFT, theme.SPACE_S + 2, theme.SPACE_L, theme.SPACE_S)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._title)
        layout.addWidget(self._count, 1)
        for widget in (self._for, self.steps, self._convert, self._use, self._copy):
            layout.addWidget(widget)
        self._programs.triggered.connect(self._on_program_triggered)
        self.steps.valueChanged.connect(self.stepsChanged)
        targets.triggered.connect(self._on_target_triggered)
        self._use.clicked.connect(self.tokensUseRequested)
        self._copy.clicked.connect(self.copyRequested)

    @staticmethod
    def _chooser(name: str) -> MenuButton:
        button = MenuButton()
        button.setProperty("look", "quiet")
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def set_reading(self, reading: Reading) -> None:
        """Count the tokens of a prompt."""
        parted = _PARTED if len(reading.prompt.chunks) > 1 and not reading.prompt.over else ""
        self._show(count_words(reading), "error" if reading.prompt.over else "dim", parted)
        self.steps.setVisible(bool(reading.prompt.parsed.schedules))
        for button in (self._convert, self._use, self._copy):
            button.setEnabled(bool(reading.text.strip()))

    def set_problem(self, sentence: str) -> None:
        """Say that the prompt has not been read; "" where it has."""
        if sentence:
            self._show(sentence, "error")

    def set_title(self, words: str) -> None:
        """Say which prompt is counted."""
        self._title.setText(words)

    def set_interface(self, interface: Interface) -> None:
        """Show the program, without a signal."""
        self._for.setText(f"For {TITLES[interface]}")
        self._for.setToolTip(f"Read as {TITLES[interface]} does, {ASSUMED[interface]}")
        for action in self._programs.actions():
            action.setChecked(action.data() == interface)

    def set_steps(self, steps: int) -> None:
        """Show the sampling steps, without a signal."""
        with signals_blocked(self.steps):
            self.steps.setValue(steps)

    def minimumSizeHint(self) -> QSize:
        """As narrow as need be; see `set_narrow`."""
        return QSize(0, super().minimumSizeHint().height())

    def set_narrow(self, width: int) -> None:
        """Leave out what the menus offer too where there is little room."""
        self._is_narrow = width < theme.px(_NARROW)
        for widget in (self._title, self._use):
            widget.setHidden(self._is_narrow)
        self._convert.setHidden(self._is_narrow or self._converts_above)

    def set_converts_above(self, converts: bool) -> None:
        """Leave converting to the part above, which shows what comes of it."""
        self._converts_above = converts
        self._convert.setHidden(self._is_narrow or converts)

    def text(self) -> str:
        """What the count says."""
        return self._count.text()

    def _show(self, words: str, look: str, more: str = "") -> None:
        self._count.setText(words)
        self._count.setToolTip(f"{words}. {more}" if more else words)
        if self._count.property("look") != look:
            self._count.setProperty("look", look)
            self._count.style().polish(self._count)

    @Slot(QAction)
    def _on_program_triggered(self, action: QAction) -> None:
        self.interfaceChanged.emit(action.data())

    @Slot(QAction)
    def _on_target_triggered(self, action: QAction) -> None:
        self.convertRequested.emit(action.data())


def _choice(menu: QMenu, words: str, data: str) -> QAction:
    action = menu.addAction(words)
    action.setCheckable(True)
    action.setData(data)
    return action


def count_words(reading: Reading) -> str:
    """How many tokens there are, of how many places or in how many chunks."""
    if reading.prompt.counted:
        return f"about {_counted(reading.prompt)} (by the tokens of {reading.prompt.counted})"
    return _counted(reading.prompt)


def _counted(prompt: "PromptTokens") -> str:
    count, chunks = len(prompt.tokens), len(prompt.chunks)
    if prompt.room is None:
        return f"{count} token{'s' if count != 1 else ''}, none cut off"
    if prompt.over:
        return f"{count} tokens, {prompt.over} over the limit of {prompt.room}"
    if chunks > 1:
        return f"{count} tokens in {chunks} chunks of {prompt.room}"
    return f"{count} of {prompt.room} tokens"
