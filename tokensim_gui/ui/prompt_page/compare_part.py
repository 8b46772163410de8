"""Compare prompts by a text encoder: matrix, list, influence of each token, and variations."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.job import Progress
from tokensim_gui.state.prompt_encoder import Compared, OpenEncoder, Varied, Whole
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.heat_strip import HeatStrip
from tokensim_gui.ui.charts.matrix_view import MatrixView, letter
from tokensim_gui.ui.prompt_page.prompts_table import PromptsTable
from tokensim_gui.ui.prompt_page.variations_view import VariationsView
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.menu_button import MenuButton
from tokensim_gui.ui.widgets.parts_bar import PartsBar
from tokensim_gui.ui.widgets.plain_model import Cell, PlainModel
from tokensim_gui.ui.widgets.plain_table import PlainTable
from tokensim_gui.ui.widgets.plain_tip import plain_tip
from tokensim_gui.ui.widgets.progress_bar import ProgressBar

if TYPE_CHECKING:
    from tokensim_gui.core.text_encoders.likeness import Influence

NEEDED = "To compare whole prompts TokenSim needs a whole text encoder, not just its token vectors."
WHY = (
    "A text encoding is what the encoder puts out for a whole prompt, after all words were mixed. "
    "It is never compared with a token vector: the two lie in different spaces."
)
_VIEWS = {
    "matrix": "Matrix",
    "list": "List",
    "influence": "Influence",
    "variations": "Variations",
}
_BUTTONS = {
    "matrix": "Compare",
    "list": "Compare",
    "influence": "Measure influence",
    "variations": "Try variations",
}
_TYPE = (
    "Type two prompts or more, then compare them. They are sent as they stand here: without "
    "weights, and brackets as text."
)
_HINTS = {
    "matrix": _TYPE,
    "list": _TYPE,
    "influence": "What leaving out each token changes in the encoding of the chosen prompt.",
    "variations": "Words of the chosen prompt are swapped for near ones: are the encodings near?",
}
_OF_ONE = ("influence", "variations")
_SKIPS = (0, 1, 2)


class ComparePart(QWidget):
    """Prompts at the left, what the encoder makes of them at the right."""

    promptAboveRequested = Signal()
    openRequested = Signal()
    useRequested = Signal(object, str)  # Path, name of the encoder
    compareRequested = Signal(list, int)
    influenceRequested = Signal(str, int)
    variationsRequested = Signal(str, int)
    cancelRequested = Signal()
    promptChosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole: Whole | None = None
        self._skip = 0
        self._has_encoder = self._is_busy = False
        self._shown: dict[str, bool] = dict.fromkeys(_VIEWS, False)
        self._needed = QLabel(NEEDED)
        self._why = QLabel(WHY)
        self._why.setProperty("look", "dim")
        for label in (self._needed, self._why):
            label.setWordWrap(True)
        self._use = QPushButton("Use it")
        self._use.hide()
        self._open = QPushButton("Open encoder…")
        self._name = ElidedLabel()
        self._name.setProperty("look", "title")
        self._other = QPushButton("Open encoder…")
        self._skip_button, self._skip_group = self._skip_menu()
        self._progress = ProgressBar("Progress of the encoder")
        self._doing = QLabel()
        self._doing.setProperty("look", "dim")
        self._cancel = QPushButton("Cancel")
        self._problem = QLabel()
        self._problem.setProperty("look", "error")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self.prompts = PromptsTable()
        self._above = QPushButton("Add the prompt above")
        self._above.setProperty("look", "link")
        self.views = PartsBar(_VIEWS)
        self._go = QPushButton("Compare")
        self._hint = QLabel()
        self._hint.setProperty("look", "dim")
        self._hint.setWordWrap(True)
        self.matrix = MatrixView()
        self._pairs = PlainModel(("Pair", "Whole prompts", "Token by token"), (1, 2), self)
        self.list = PlainTable(self._pairs, "Pairs of prompts", 0)
        self.list.set_widths({1: 120, 2: 120})
        self.strip = HeatStrip()
        self._whose = ElidedLabel()
        self._whose.setProperty("look", "caption")
        self.variations = VariationsView()
        self._lay_out()
        self._connect()
        self.show_busy(None)
        self._on_view_chosen("matrix")
        self.setFocusProxy(self.prompts)

    def _skip_menu(self) -> tuple[MenuButton, QActionGroup]:
        button = MenuButton()
        button.setAccessibleName("Clip skip")
        button.setToolTip("How many of the encoder's last layers are left out; A1111 counts from 1")
        button.setText("Skip 0 layers")
        menu, group = QMenu(self), QActionGroup(self)
        for skip in _SKIPS:
            action = menu.addAction(f"Skip {skip} layers: “Clip skip {skip + 1}” in A1111")
            action.setCheckable(True)
            action.setChecked(skip == 0)
            action.setData(skip)
            group.addAction(action)
        button.setMenu(menu)
        return button, group

    def _lay_out(self) -> None:
        self._without = QWidget()
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_S)
        buttons.addWidget(self._use)
        buttons.addWidget(self._open)
        buttons.addStretch(1)
        empty = QVBoxLayout(self._without)
        empty.setContentsMargins(theme.SPACE_M, theme.SPACE_S, 0, 0)
        empty.setSpacing(theme.SPACE_M)
        empty.addWidget(self._needed)
        empty.addLayout(buttons)
        empty.addWidget(self._why)
        empty.addStretch(1)

        head = QHBoxLayout()
        head.setSpacing(theme.SPACE_S)
        head.addWidget(self._name, 1)
        head.addWidget(self._skip_button)
        head.addWidget(self._other)
        head.addWidget(self._go)
        strip = QScrollArea()
        strip.setWidget(self.strip)
        strip.setWidgetResizable(True)
        strip.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        influence = QWidget()
        captioned = QVBoxLayout(influence)
        captioned.setContentsMargins(0, 0, 0, 0)
        captioned.setSpacing(theme.SPACE_XS)
        captioned.addWidget(self._whose)
        captioned.addWidget(strip, 1)
        self._views = QStackedWidget()
        self._hint_page = QWidget()
        hint = QVBoxLayout(self._hint_page)
        hint.setContentsMargins(0, theme.SPACE_S, 0, 0)
        hint.addWidget(self._hint)
        hint.addStretch(1)
        self._pages = dict(
            zip(_VIEWS, (self.matrix, self.list, influence, self.variations), strict=True)
        )
        for page in (self._hint_page, *self._pages.values()):
            self._views.addWidget(page)
        right = QWidget()
        answer = QVBoxLayout(right)
        answer.setContentsMargins(0, 0, 0, 0)
        answer.setSpacing(theme.SPACE_S)
        answer.addWidget(self.views, 0, Qt.AlignmentFlag.AlignLeft)
        answer.addWidget(self._views, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(theme.SPACE_M)
        splitter.setChildrenCollapsible(False)
        left = QWidget()
        asked = QVBoxLayout(left)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(theme.SPACE_XS)
        asked.addWidget(self.prompts, 1)
        asked.addWidget(self._above, 0, Qt.AlignmentFlag.AlignLeft)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setSizes([500, 820])
        self._with = QWidget()
        body = QVBoxLayout(self._with)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(theme.SPACE_S)
        body.addLayout(head)
        body.addWidget(splitter, 1)
        self._busy = QWidget()
        busy = QHBoxLayout(self._busy)
        busy.setContentsMargins(0, 0, 0, 0)
        busy.setSpacing(theme.SPACE_S)
        busy.addWidget(self._doing)
        busy.addWidget(self._progress, 1)
        busy.addWidget(self._cancel)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._without)
        self._stack.addWidget(self._with)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self._problem)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._busy)

    def _connect(self) -> None:
        self._above.clicked.connect(self.promptAboveRequested)
        self._open.clicked.connect(self.openRequested)
        self._other.clicked.connect(self.openRequested)
        self._use.clicked.connect(self._on_use_clicked)
        self._skip_group.triggered.connect(self._on_skip_triggered)
        self._cancel.clicked.connect(self.cancelRequested)
        self.prompts.promptsChanged.connect(self._on_prompts_changed)
        self.prompts.currentCellChanged.connect(self._on_prompt_current_changed)
        self._go.clicked.connect(self._on_go_clicked)
        self.views.chosen.connect(self._on_view_chosen)
        self.variations.promptChosen.connect(self.promptChosen)

    # What is shown ----------------------------------------------------------------------------

    def set_encoder(self, encoder: OpenEncoder | None) -> None:
        """Say which encoder is asked; None where none is open."""
        self._has_encoder = encoder is not None
        if encoder is not None:
            facts = (encoder.name, encoder.path.name, f"{encoder.layers} layers", encoder.device)
            self._name.setText(" · ".join(facts))
            self._name.setToolTip(plain_tip(f"{self._name.text()}\n{encoder.path}"))
            self._shown = dict.fromkeys(_VIEWS, False)
            for action in self._skip_group.actions():
                action.setEnabled(action.data() < encoder.layers)
            self._on_view_chosen(self.views.current())
        self._stack.setCurrentWidget(self._with if self._has_encoder else self._without)

    def set_whole(self, whole: Whole) -> None:
        """Say whether the checkpoint that is open has a whole encoder."""
        self._whole = whole
        self._use.setVisible(bool(whole.names))
        has = " The checkpoint you opened has one." if whole.names else ""
        self._needed.setText(NEEDED + has)

    def show_view(self, view: str) -> None:
        """Bring one of the answers to the front."""
        self.views.set_current(view)
        self._on_view_chosen(view)

    def set_prompts(self, prompts: Sequence[str]) -> None:
        """Put prompts into the list."""
        self.prompts.set_prompts(prompts)

    def show_busy(self, busy: Progress | None) -> None:
        """Say what is being computed and how far it is; None for nothing."""
        self._is_busy = busy is not None
        self._busy.setVisible(self._is_busy)
        if busy is not None:
            self._doing.setText(f"{busy.text}…")
            self._progress.show_share(busy.share)
        self._enable_go()

    def show_problem(self, sentence: str) -> None:
        """Say what went wrong; "" takes it away."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def show_answer(self, answer: "Compared | Influence | Varied") -> None:
        """Show what the encoder made of the prompts, unless they are others by now."""
        if isinstance(answer, Compared):
            if list(answer.prompts) != self.prompts.prompts():
                return
            self.matrix.set_compared(answer)
            pairs = sorted(
                combinations(range(len(answer.prompts)), 2), key=lambda ab: -answer.whole[ab]
            )
            self._pairs.set_rows([_pair(answer, a, b) for a, b in pairs])
            self._shown["matrix"] = self._shown["list"] = True
        elif answer.prompt != self.prompts.chosen():
            return
        elif isinstance(answer, Varied):
            self.variations.set_varied(answer)
            self._shown["variations"] = True
        else:
            self.strip.set_influence(answer)
            self._whose.setText(f"Influence of each token of “{answer.prompt}”")
            self._shown["influence"] = True
        self._on_view_chosen(self.views.current())

    # Inside -----------------------------------------------------------------------------------

    @Slot(str)
    def _on_view_chosen(self, view: str) -> None:
        self._go.setText(_BUTTONS[view])
        self._hint.setText(_HINTS[view])
        self._views.setCurrentWidget(self._pages[view] if self._shown[view] else self._hint_page)
        self._enable_go()

    def _enable_go(self) -> None:
        of_one = self.views.current() in _OF_ONE
        self._go.setEnabled(not self._is_busy and (not of_one or bool(self.prompts.chosen())))

    def _forget(self, views: Iterable[str]) -> None:
        """Take away what was shown of prompts that are others now."""
        self._shown.update(dict.fromkeys(views, False))
        self.show_problem("")
        self._on_view_chosen(self.views.current())

    @Slot()
    def _on_prompts_changed(self) -> None:
        self._forget(_VIEWS)

    @Slot()
    def _on_prompt_current_changed(self) -> None:
        self._forget(_OF_ONE)

    @Slot()
    def _on_go_clicked(self) -> None:
        view = self.views.current()
        if view in ("matrix", "list"):
            self.compareRequested.emit(self.prompts.prompts(), self._skip)
        elif view == "influence":
            self.influenceRequested.emit(self.prompts.chosen(), self._skip)
        else:
            self.variationsRequested.emit(self.prompts.chosen(), self._skip)

    @Slot()
    def _on_use_clicked(self) -> None:
        if self._whole is not None and self._whole.names:
            self.useRequested.emit(self._whole.path, self._whole.names[0])

    @Slot(QAction)
    def _on_skip_triggered(self, action: QAction) -> None:
        self._skip = action.data()
        self._skip_button.setText(f"Skip {self._skip} layer{'s' if self._skip != 1 else ''}")
        self._forget(_VIEWS)


def _pair(answer: Compared, a: int, b: int) -> tuple[Cell, ...]:
    tip = f"{letter(a)}: {answer.prompts[a]}\n{letter(b)}: {answer.prompts[b]}"
    return (
        Cell(f"{letter(a)} – {letter(b)}   {answer.prompts[a]}  |  {answer.prompts[b]}", tip=tip),
        Cell(f"{answer.whole[a, b]:.2%}"),
        Cell(f"{answer.tokens[a, b]:.2%}", dim=True),
    )
