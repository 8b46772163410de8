"""The tray: tokens collected for the prompt, and the text that comes of them."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from tokensim_gui.core.prompt.copying import COPY_STYLES, CopyStyle
from tokensim_gui.core.prompt.interfaces import TITLES, Interface
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.tray_tokens import Places
from tokensim_gui.ui import theme
from tokensim_gui.ui.search_page.tray_chip import TrayChip
from tokensim_gui.ui.search_page.tray_strip import TrayStrip, line_height
from tokensim_gui.ui.tokens.glyphs import face
from tokensim_gui.ui.tokens.token_drag import TOKEN_IDS, dragged_ids
from tokensim_gui.ui.tokens.token_gestures import TokenGestures
from tokensim_gui.ui.widgets.choice_button import ChoiceButton
from tokensim_gui.ui.widgets.drops import DropHint, accept_copy
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.plain_tip import plain_tip

_MOST_LINES = 3


class Tray(QFrame):
    """Chips that grow to three lines above the exact text. What it holds comes from outside.

    Signals:
        tokenActivated: A chip was clicked.
        tokensDropped: Ids were dropped in front of the chip with that index.
        moveRequested: The token at one index is to be at the other afterwards.
        removeRequested: The token at an index, which is none of this encoder, is to go.
        copyRequested: [Copy] was pressed.
        promptRequested: [Add to Prompt] was pressed.
        copyStyleChanged: One of `COPY_STYLES` was chosen.
        interfaceChanged: One of `TITLES` was chosen: for whom the text is written.
    """

    tokenActivated = Signal(int)
    tokensDropped = Signal(list, int)
    moveRequested = Signal(int, int)
    removeRequested = Signal(int)
    copyRequested = Signal()
    promptRequested = Signal()
    copyStyleChanged = Signal(str)
    interfaceChanged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)
        self.setProperty("look", "strip")
        self.setAccessibleName("Tray")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._vocabulary: Vocabulary | None = None
        self._places: Places = ()
        self._narrow = False
        self._drop_hint = DropHint(self)
        self.setAcceptDrops(True)  # all of it: the chips alone are a small target
        self._build()
        self.set_copy_style("comma")
        self.set_interface("a1111")
        self.set_tokens((), "")

    def _build(self) -> None:
        self._title = QLabel("Tray")
        self._title.setProperty("look", "title")
        self._strip = TrayStrip(self.gestures)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._strip)
        self._text = ElidedLabel()
        self._text.setProperty("look", "dim")
        self._text.setAccessibleDescription("What Copy gives")
        self._more = QPushButton()
        self._more.setProperty("look", "flat words")
        self._more.setCheckable(True)
        self._more.setToolTip("Show all tokens, and the text that Copy gives")
        self.interface = ChoiceButton("I &write for", TITLES, "quiet", "For ")
        self.interface.setToolTip("The program whose syntax is escaped in everything that you copy")
        self.style_button = ChoiceButton("Copy &tray as", COPY_STYLES, "quiet")
        self.style_button.setToolTip("How the tokens are written")
        self._prompt = QPushButton("Add to Prompt")
        self._prompt.setToolTip("Write them behind the prompt of the Prompt page")
        self._copy = QPushButton("Copy")
        self._copy.setProperty("look", "primary")
        self._count = QLabel()
        self._count.setProperty("look", "dim")
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.TEXT_LEFT, theme.SPACE_S + 2, theme.SPACE_L, theme.SPACE_S)
        grid.setHorizontalSpacing(theme.SPACE_S)
        grid.setVerticalSpacing(theme.SPACE_XS)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self._title, 0, 0, top)
        grid.addWidget(self._scroll, 0, 1, top)
        for column, widget in enumerate(
            (self._more, self.interface, self.style_button, self._prompt, self._copy), 2
        ):
            grid.addWidget(widget, 0, column, top)
        grid.addWidget(self._text, 2, 1)
        grid.setColumnStretch(1, 1)
        self._grid = grid
        self._strip.arranged.connect(self._fit_lines)
        self._more.clicked.connect(self._set_opened)
        self._strip.tokensDropped.connect(self.tokensDropped)
        self._strip.chipMoved.connect(self._on_strip_chip_moved)
        self._copy.clicked.connect(self.copyRequested)
        self._prompt.clicked.connect(self.promptRequested)
        self.style_button.chosen.connect(self.copyStyleChanged)
        self.interface.chosen.connect(self.interfaceChanged)
        self.set_narrow(False)

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Take the vocabulary of the tokens that `set_tokens` brings; empties the tray."""
        self._vocabulary = vocabulary
        self.set_tokens((), "")
        self.set_count("")

    def set_tokens(self, places: Places, text: str) -> None:
        """Show these tokens, grey where the vocabulary has none of that text.

        Args:
            places: In order.
            text: What [Copy] gives.
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
        self._text.setText(" ".join(text.split("\n")))
        for told in (self._text, self._copy):  # the button too: a low tray has no text
            told.setToolTip(plain_tip(text))
        for button in (self._prompt, self._copy):
            button.setEnabled(any(token_id is not None for _, token_id in places))

    def set_count(self, words: str) -> None:
        """Say what the text is as tokens of a prompt: ``5 of 75 tokens``."""
        self._count.setText(words)

    def set_narrow(self, narrow: bool) -> None:
        """Stay at one line, where there is little room."""
        self._narrow = narrow
        for widget in (self._title, self.interface, self._prompt):
            widget.setVisible(not narrow)
        left = theme.SPACE_L if narrow else theme.TEXT_LEFT
        self._grid.setContentsMargins(left, theme.SPACE_S + 2, theme.SPACE_L, theme.SPACE_S)
        right = Qt.AlignmentFlag.AlignRight
        if narrow:
            self._grid.addWidget(self._count, 0, 3, Qt.AlignmentFlag.AlignVCenter)
        else:
            self._grid.addWidget(self._count, 2, 3, 1, 4, right)
        self._set_opened(False)

    def changeEvent(self, event: QEvent) -> None:
        """Grow with the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._strip.arrange()

    def set_copy_style(self, style: CopyStyle) -> None:
        """Say how [Copy] writes the tokens."""
        self.style_button.set_current(style)

    def set_interface(self, interface: Interface) -> None:
        """Say for whom the text is written."""
        self.interface.set_current(interface)

    def set_previews(self, styles: Mapping[str, str], interfaces: Mapping[str, str]) -> None:
        """Show in the menus what each choice would give."""
        self.style_button.set_previews(styles)
        self.interface.set_previews(interfaces)

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

    @Slot()
    def _fit_lines(self) -> None:
        """Show as many lines as there is room for, and say how many tokens are below them."""
        below = self._strip.chips_below(1) if self._narrow else 0
        if self._narrow and not below and self._more.isChecked():
            self._set_opened(False)
            return
        one_line = self._narrow and not self._more.isChecked()
        self._more.setVisible(below > 0)
        self._more.setText(f"+{below}" if one_line else "Fewer")
        self._more.setAccessibleName(f"{below} more tokens" if one_line else "Fewer tokens")
        off, needed = (
            Qt.ScrollBarPolicy.ScrollBarAlwaysOff,
            Qt.ScrollBarPolicy.ScrollBarAsNeeded,
        )
        self._scroll.setVerticalScrollBarPolicy(off if one_line else needed)
        self._title.setFixedHeight(line_height())
        lines = min(self._strip.lines, 1 if one_line else _MOST_LINES)
        self._scroll.setFixedHeight(lines * line_height())

    @Slot(bool)
    def _set_opened(self, opened: bool) -> None:
        """Give a narrow tray rows of their own for all its tokens and the text, or take them."""
        self._more.setChecked(opened)
        self._text.setVisible(opened or not self._narrow)
        row, columns = (1, 6) if opened else (0, 1)
        self._grid.addWidget(self._scroll, row, 1, 1, columns, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self._text, 2, 1, 1, columns)
        self._fit_lines()

    @Slot(int, int)
    def _on_strip_chip_moved(self, origin: int, target: int) -> None:
        self.moveRequested.emit(origin, target)
        self._focus(target)

    @Slot()
    def _on_chip_activated(self) -> None:
        token_id = self._places[self._index_of_sender()][1]
        if token_id is not None:
            self.tokenActivated.emit(token_id)

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
