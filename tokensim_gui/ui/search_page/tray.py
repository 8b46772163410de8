"""The tray: tokens collected for the prompt, in the order in which they are copied."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QWidget,
)

from tokensim_gui.core.prompt.copying import COPY_STYLES, CopyStyle
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.tray_tokens import Places
from tokensim_gui.ui import theme
from tokensim_gui.ui.search_page.tray_chip import TrayChip
from tokensim_gui.ui.search_page.tray_strip import LINE_HEIGHT, TrayStrip
from tokensim_gui.ui.tokens.glyphs import face
from tokensim_gui.ui.tokens.token_drag import TOKEN_IDS, dragged_ids
from tokensim_gui.ui.tokens.token_gestures import TokenGestures
from tokensim_gui.ui.widgets.drops import DropHint, accept_copy
from tokensim_gui.ui.widgets.menu_button import MenuButton

_MOST_LINES = 3


class Tray(QFrame):
    """Panel of one line that grows to three. What it holds comes from outside.

    Signals:
        tokenActivated: A chip was clicked.
        tokensDropped: Ids were dropped in front of the chip with that index.
        moveRequested: The token at one index is to be at the other afterwards.
        removeRequested: The token at an index, which is none of this encoder, is to go.
        copyRequested: [Copy all] was pressed.
        copyStyleChanged: One of `COPY_STYLES` was chosen.
    """

    tokenActivated = Signal(int)
    tokensDropped = Signal(list, int)
    moveRequested = Signal(int, int)
    removeRequested = Signal(int)
    copyRequested = Signal()
    copyStyleChanged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)
        self.setProperty("look", "panel")
        self.setAccessibleName("Tray")
        self._vocabulary: Vocabulary | None = None
        self._places: Places = ()
        self._lines, self._most_lines = 1, _MOST_LINES
        self._drop_hint = DropHint(self)
        self.setAcceptDrops(True)  # all of it: the chips alone are a small target
        self._build()
        self.set_copy_style("comma")
        self.set_tokens((), None)

    def _build(self) -> None:
        title = QLabel("Tray")
        title.setProperty("look", "title")
        self._strip = TrayStrip(self.gestures)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._strip)
        self._count = QLabel()
        self._count.setProperty("look", "dim")
        self._style = MenuButton()
        self._style.setToolTip("How [Copy all] writes the tokens")
        self._style.setAccessibleName("Copy style")
        self._style.setMenu(self._style_menu())
        self._copy = QPushButton("Copy all")
        self._copy.setProperty("look", "primary")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, 3, theme.SPACE_XS, 3)
        row.setSpacing(theme.SPACE_S)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(title, 0, top)
        row.addWidget(self._scroll, 1, top)
        row.addWidget(self._count, 0, top)
        row.addWidget(self._style, 0, top)
        row.addWidget(self._copy, 0, top)
        for label in (title, self._count):
            label.setFixedHeight(LINE_HEIGHT)
        self._strip.linesChanged.connect(self._on_strip_lines_changed)
        self._strip.tokensDropped.connect(self.tokensDropped)
        self._strip.chipMoved.connect(self._on_strip_chip_moved)
        self._copy.clicked.connect(self.copyRequested)
        self._on_strip_lines_changed(1)

    def _style_menu(self) -> QMenu:
        menu = QMenu(self)
        self._styles = QActionGroup(menu)
        for style, name in COPY_STYLES.items():
            action = QAction(name, menu, checkable=True)
            action.setData(style)
            self._styles.addAction(action)
            menu.addAction(action)
        self._styles.triggered.connect(self._on_style_triggered)
        return menu

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Take the vocabulary of the tokens that `set_tokens` brings; empties the tray."""
        self._vocabulary = vocabulary
        self.set_tokens((), None)

    def set_tokens(self, places: Places, typed_cost: int | None) -> None:
        """Show these tokens, grey where the vocabulary has none of that text.

        Args:
            places: In order.
            typed_cost: How many tokens of a prompt the tray takes as a comma list, if known.
        """
        self._places = places
        focused = next((chip for chip in self._strip.chips if chip.hasFocus()), None)
        for chip in self._strip.set_count(len(places)):
            chip.activated.connect(self._on_chip_activated)
            chip.removeAsked.connect(self._on_chip_remove_asked)
            chip.stepAsked.connect(self._on_chip_step_asked)
        for chip, (token, token_id) in zip(self._strip.chips, places, strict=True):
            name = token.text
            if token_id is not None and self._vocabulary is not None:
                name = face(self._vocabulary, token_id, chip.font()).whole
            chip.show_token(token_id, name)
        self._strip.arrange()
        if focused is not None and focused not in self._strip.chips and places:
            self._focus(len(places) - 1)
        for widget in (self._count, self._style, self._copy):
            widget.setVisible(bool(places))
        self._count.setText("1 token" if len(places) == 1 else f"{len(places)} tokens")
        cost = "" if typed_cost is None else f"{typed_cost} tokens of a prompt, commas included"
        self._count.setToolTip(cost)

    def set_low(self, low: bool) -> None:
        """Stay at one line, where the window is low and the table needs the room."""
        self._most_lines = 1 if low else _MOST_LINES
        self._on_strip_lines_changed(self._lines)

    def set_copy_style(self, style: CopyStyle) -> None:
        """Say how [Copy all] writes the tokens."""
        for action in self._styles.actions():
            if action.data() == style:
                action.setChecked(True)
        self._style.setText(f"{COPY_STYLES[style]} ▾")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept tokens."""
        if event.mimeData().hasFormat(TOKEN_IDS) and accept_copy(event):
            self._drop_hint.show_words("")

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where the tokens would go."""
        self._strip.drag_over(self._strip.mapFrom(self, event.position().toPoint()))
        accept_copy(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget the place."""
        self._drop_hint.hide()
        self._strip.drag_over(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Put the tokens between the chips."""
        self._drop_hint.hide()
        at = self._strip.mapFrom(self, event.position().toPoint())
        if accept_copy(event):
            self._strip.drop(at, event.source(), dragged_ids(event.mimeData()))

    def _focus(self, index: int) -> None:
        chip = self._strip.chips[index]
        chip.setFocus(Qt.FocusReason.OtherFocusReason)
        self._scroll.ensureWidgetVisible(chip, 0, 0)

    def _index_of_sender(self) -> int:
        chip = self.sender()
        assert isinstance(chip, TrayChip)
        return self._strip.chips.index(chip)

    @Slot(int)
    def _on_strip_lines_changed(self, lines: int) -> None:
        self._lines = lines
        height = min(lines, self._most_lines) * LINE_HEIGHT
        self._scroll.setFixedHeight(height)
        self.setFixedHeight(theme.TRAY_HEIGHT - LINE_HEIGHT + height)

    @Slot(int, int)
    def _on_strip_chip_moved(self, origin: int, target: int) -> None:
        self.moveRequested.emit(origin, target)
        self._focus(target)

    @Slot(QAction)
    def _on_style_triggered(self, action: QAction) -> None:
        self.set_copy_style(action.data())
        self.copyStyleChanged.emit(action.data())

    @Slot()
    def _on_chip_activated(self) -> None:
        _, token = self._places[self._index_of_sender()]
        if token is not None:
            self.tokenActivated.emit(token)

    @Slot()
    def _on_chip_remove_asked(self) -> None:
        self.removeRequested.emit(self._index_of_sender())

    @Slot(int, bool)
    def _on_chip_step_asked(self, step: int, moves: bool) -> None:
        index = self._index_of_sender()
        target = index + step
        if not 0 <= target < len(self._places):
            return
        if moves:
            self.moveRequested.emit(index, target)
        self._focus(target)
