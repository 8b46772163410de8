"""The Prompt page: puts its widgets together and connects them to the state."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSettings, Qt, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QHideEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core import paths
from tokensim_gui.core.prompt.prompt_reading import Reading
from tokensim_gui.core.values import Results
from tokensim_gui.ui import theme
from tokensim_gui.ui.prompt_page.caption_list import CaptionList
from tokensim_gui.ui.prompt_page.chip_canvas import ChipCanvas
from tokensim_gui.ui.prompt_page.compare_part import ComparePart
from tokensim_gui.ui.prompt_page.dropped_files import file_in, words_for
from tokensim_gui.ui.prompt_page.instead_row import InsteadRow
from tokensim_gui.ui.prompt_page.notes_pane import NotesPane
from tokensim_gui.ui.prompt_page.part_links import PartLinks
from tokensim_gui.ui.prompt_page.part_stack import PartStack
from tokensim_gui.ui.prompt_page.prompt_editor import PromptEditor
from tokensim_gui.ui.prompt_page.prompt_foot import PromptFoot
from tokensim_gui.ui.prompt_page.prompt_head import PromptHead
from tokensim_gui.ui.prompt_page.vary_part import VaryPart
from tokensim_gui.ui.prompt_page.weights_part import WeightsPart
from tokensim_gui.ui.tokens.token_gestures import TokenGestures
from tokensim_gui.ui.widgets.drops import DropHint, accept_copy, local_files
from tokensim_gui.ui.widgets.parts_bar import PartsBar

if TYPE_CHECKING:
    from tokensim_gui.state.prompt import Side
    from tokensim_gui.state.session import Session

_ROOMY, _NARROW, _LOW = 1100, 760, 500
_HALVES = (270, 410)
_NOTES, _NOTES_SLIM = 380, 296  # beside the editor, and where there is less room for both
_NAMES = {"prompt": "Prompt", "negative": "Negative prompt"}
_PLACEHOLDERS = {
    "prompt": "Type or paste a prompt, or drop a picture that was made with one",
    "negative": "What is not to be in the picture",
}
_PARTS = {
    "tokens": "&Tokens",
    "weights": "&Weights",
    "vary": "Var&y",
    "compare": "Compare &prompts",
    "notes": "Notes",
}


class PromptPage(QWidget):
    """Editor on top, what is made of the prompt below, the notes beside, a foot of one line."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)
        self._session, self._prompt = session, session.prompt
        self.head = PromptHead()
        self.sides, self.settings = self.head.sides, self.head.settings
        self.editors = {
            side: PromptEditor(words, _PLACEHOLDERS[side]) for side, words in _NAMES.items()
        }
        self.notes = NotesPane()
        self.foot = PromptFoot()
        self.parts = PartsBar(_PARTS)
        self.chips = ChipCanvas()
        self.instead = InsteadRow(session.tables.vocabulary)
        self.weights = WeightsPart()
        self.vary = VaryPart()
        self.compare = ComparePart()
        self.captions = CaptionList()
        self._links = PartLinks(
            session, self.foot, self.weights, self.vary, self.compare, self.captions
        )
        self._is_low = self._is_narrow = self._is_slim = False
        self.setAcceptDrops(True)
        self._drop_hint = DropHint(self)
        self._lay_out()
        self._connect_widgets()
        self._connect_state()
        for side, editor in self.editors.items():
            editor.setPlainText(self._prompt.texts[side])
        store = _store()
        for name, splitter in self._splitters.items():
            if (state := store.value(name)) is not None:
                splitter.restoreState(state)
            splitter.setHandleWidth(1)  # the state has one too
            splitter.splitterMoved.connect(self._on_splitter_moved)

    def _lay_out(self) -> None:
        self._editor_stack = QStackedWidget()
        for editor in self.editors.values():
            self._editor_stack.addWidget(editor)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self.chips)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._part_stack = PartStack()
        for part in (self._scroll, self.weights, self.vary, self.compare, self.captions):
            self._part_stack.add_part(part)
        for inset in (self.weights, self.vary, self.compare, self.captions):
            inset.setContentsMargins(theme.SPACE_L, 0, theme.SPACE_L, theme.SPACE_S)
        lower = QWidget()
        bottom = QVBoxLayout(lower)
        bottom.setContentsMargins(0, theme.SPACE_S, 0, 0)
        bottom.setSpacing(theme.SPACE_S)
        switch = QHBoxLayout()
        switch.setContentsMargins(theme.SPACE_L, 0, theme.SPACE_L, 0)
        switch.addWidget(self.parts, 0, Qt.AlignmentFlag.AlignLeft)
        bottom.addLayout(switch)
        bottom.addWidget(self._part_stack, 1)
        self.halves = QSplitter(Qt.Orientation.Vertical)
        self.halves.addWidget(self._editor_stack)
        self.halves.addWidget(lower)
        self.halves.setSizes(_HALVES)
        self.halves.setStretchFactor(0, 0)  # what comes and goes below moves nothing
        self.halves.setStretchFactor(1, 1)
        desk = QFrame()
        desk.setProperty("look", "panel")
        column = QVBoxLayout(desk)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.halves, 1)
        column.addWidget(self.instead)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(desk)
        self.splitter.addWidget(self.notes)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([1000, _NOTES])
        self.parts.set_part_visible("notes", False)
        self._splitters = {"prompt_notes": self.splitter, "prompt_halves": self.halves}
        for splitter in self._splitters.values():
            splitter.setChildrenCollapsible(False)
            splitter.setProperty("look", "sheets")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.foot)

    def _connect_widgets(self) -> None:
        prompt = self._prompt
        self.sides.chosen.connect(self._on_side_chosen)
        self.parts.chosen.connect(self.show_part)
        self._links.partAsked.connect(self.show_part)
        self.weights.placeActivated.connect(self._on_place_activated)
        for editor in self.editors.values():
            editor.textEdited.connect(self._on_editor_text_edited)
            editor.cursorMoved.connect(self._on_cursor_moved)
            editor.weightNudged.connect(self._on_weight_nudged)
            editor.pasted.connect(prompt.take_block)
            editor.filePasted.connect(self._links.take_file)
        self.notes.placeActivated.connect(self._on_place_activated)
        self.notes.spacesRequested.connect(prompt.spaces_for_underscores)
        self.notes.influenceRequested.connect(self._on_influence_requested)
        self.head.model.chosen.connect(prompt.set_model)
        self.chips.tokenActivated.connect(prompt.select)
        self.chips.currentMoved.connect(self._on_current_moved)
        self.instead.replaceRequested.connect(prompt.replace)
        self.instead.escapePressed.connect(self.chips.setFocus)
        self.chips.gestures.lookedUp.connect(self._on_token_looked_up)
        for view in (self.chips, self.instead):
            view.gestures.forward_to(self.gestures)

    def _connect_state(self) -> None:
        prompt = self._prompt
        prompt.blocks.textsTaken.connect(self._on_texts_taken)
        prompt.blocks.stepAsked.connect(self._on_step_asked)
        prompt.blocks.settingsChanged.connect(self.settings.setText)
        self.settings.setText(prompt.blocks.settings)
        prompt.modelChanged.connect(self.head.model.set_current)
        self.head.model.set_current(prompt.model)
        prompt.replaceAsked.connect(self._on_replace_asked)
        prompt.readingChanged.connect(self._on_reading_changed)
        prompt.problemChanged.connect(self.foot.set_problem)
        prompt.problemChanged.connect(self.notes.set_problem)
        prompt.selectionChanged.connect(self._on_selection_changed)
        prompt.neighboursChanged.connect(self._on_neighbours_changed)

    @property
    def editor(self) -> PromptEditor:
        """The editor in front."""
        return self.editors[self._prompt.side]

    @Slot(str)
    def show_part(self, key: str) -> None:
        """Show Tokens, Weights, Vary, Compare prompts, or captions in the place of the tokens."""
        self.parts.set_current("tokens" if key == "captions" else key)
        shown = {
            "tokens": self._scroll,
            "weights": self.weights,
            "vary": self.vary,
            "compare": self.compare,
            "captions": self.captions,
            "notes": self.notes,
        }[key]
        self._part_stack.setCurrentWidget(shown)
        self.instead.setVisible(key == "tokens")
        self._links.show_part(key)

    def undo(self) -> None:
        """Take the last change of the prompt back, or of the prompts compared from within."""
        if self.compare.isVisible() and self.compare.isAncestorOf(self.focusWidget()):
            self.compare.prompts.undo()
        else:
            self.editor.undo()

    def copy(self) -> None:
        """Copy what is selected in the editor, else the token."""
        if self.window().focusWidget() is self.editor:
            self.editor.copy()
        elif self._session.search.selection is not None:
            self._session.clipboard.copy([self._session.search.selection])

    def look_up(self) -> None:
        """Look the selected token up on the Search page."""
        if self._session.search.selection is not None:
            self._on_token_looked_up(self._session.search.selection)

    def focus_editor(self) -> None:
        """Go to the editor by keyboard."""
        self.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_next_pane(self) -> None:
        """F6: from editor to parts, what they show, the row below, the notes, and round again."""
        part = self._part_stack.currentWidget()
        beside = self.notes if self.notes.first_button() and part is not self.notes else None
        every = (self.editor, self.parts, part, self.instead, beside)
        panes = [pane for pane in every if pane is not None and pane.isVisible()]
        focused = [n for n, pane in enumerate(panes) if pane.isAncestorOf(self.focusWidget())]
        self._focus(panes[(focused[0] + 1) % len(panes) if focused else 0])

    def _focus(self, pane: QWidget) -> None:
        if pane is self.instead:
            self.instead.focus_first_row()
            return
        inner: dict[QWidget, QWidget | None] = {
            self._scroll: self.chips,
            self.notes: self.notes.first_button(),
        }
        (inner.get(pane) or pane).setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Events -----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Read what is here."""
        super().showEvent(event)
        self._links.show_part(self.parts.current())  # another checkpoint may be open by now
        self.foot.set_interface(self._prompt.written_for)  # it may have been chosen elsewhere
        self._prompt.set_shown(True)
        if self.focusWidget() is None:
            self.editor.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is read for a page that is not seen."""
        super().hideEvent(event)
        self._prompt.set_shown(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the notes are a part, and what menus offer is left out."""
        super().resizeEvent(event)
        low = event.size().height() < _LOW
        if low != self._is_low:
            self._is_low = low
            self.halves.setSizes((0, 500) if low else _HALVES)  # 0: as low as it may be
            self.instead.set_low(low)
        self.foot.set_narrow(event.size().width())
        narrow, slim = (event.size().width() < theme.px(least) for least in (_NARROW, _ROOMY))
        if narrow != self._is_narrow:
            self._is_narrow = narrow
            self._place_notes()
        if slim != self._is_slim:
            self._is_slim = slim
            self._share_room()

    def _share_room(self) -> None:
        """Give the notes their width, unless the user has."""
        if _store().value("prompt_notes") is None:
            self.splitter.setSizes([1000, _NOTES_SLIM if self._is_slim else _NOTES])

    def _place_notes(self) -> None:
        """Put the notes beside the editor, or among the parts."""
        self.parts.set_part_visible("notes", self._is_narrow)
        if self._is_narrow:
            self._part_stack.add_part(self.notes)
        else:
            if self.parts.current() == "notes":
                self.show_part("tokens")
            self.splitter.addWidget(self.notes)
            self.notes.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
            self._share_room()
            self.notes.show()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures and captions; models are the window's."""
        path = file_in(event.mimeData())
        if path is None:
            event.ignore()
        elif accept_copy(event):
            self._drop_hint.show_words(words_for(path))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read the first of what was dropped."""
        self._drop_hint.hide()
        path = file_in(event.mimeData())
        if path is not None and accept_copy(event):
            if len(local_files(event.mimeData())) > 1:
                self._session.say(f"Only “{path.name}” is read: one file at a time.")
            self._links.take_file(path)

    @Slot()
    def _on_splitter_moved(self) -> None:
        store = _store()
        for name, splitter in self._splitters.items():
            store.setValue(name, splitter.saveState())

    # From the widgets -------------------------------------------------------------------------

    @Slot(str)
    def _on_side_chosen(self, side: "Side") -> None:
        self._editor_stack.setCurrentWidget(self.editors[side])
        self.foot.set_title(_NAMES[side])
        self._prompt.set_side(side)
        self.editor.setFocus()

    @Slot(str)
    def _on_editor_text_edited(self, text: str) -> None:
        negative = self.sender() is self.editors["negative"]
        self._prompt.set_text(text, "negative" if negative else "prompt")

    @Slot(int, float)
    def _on_weight_nudged(self, at: int, step: float) -> None:
        from tokensim_gui.core.prompt.weight_nudging import nudge_prompt_weight

        text = self.editor.toPlainText()
        changed, at = nudge_prompt_weight(text, at, step, self._prompt.interface)
        if changed != text:
            self.editor.take(changed, at)

    @Slot(int)
    def _on_cursor_moved(self, place: int) -> None:
        """Select the token under the cursor."""
        reading = self._prompt.reading
        if reading is None or reading.text != self._prompt.text:
            return
        for index, token in enumerate(reading.prompt.tokens):
            if token.start <= place <= token.end:
                self._prompt.select(index)
                return

    @Slot(int, int)
    def _on_place_activated(self, start: int, end: int) -> None:
        reading = self._prompt.reading
        tokens = () if reading is None else reading.prompt.tokens
        for index in [n for n, one in enumerate(tokens) if one.start < end and one.end > start][:1]:
            self._prompt.select(index)
        self.editor.mark((start, end))

    @Slot()
    def _on_influence_requested(self) -> None:
        self.compare.show_view("influence")
        self.show_part("compare")

    @Slot(int)
    def _on_token_looked_up(self, token: int) -> None:
        self._session.pageRequested.emit("search")
        self._session.search.look_up(token)

    @Slot(QRect)
    def _on_current_moved(self, place: QRect) -> None:
        self._scroll.ensureVisible(place.center().x(), place.center().y(), 0, place.height())

    # From the state ---------------------------------------------------------------------------

    @Slot(str, str)
    def _on_texts_taken(self, prompt: str, negative: str) -> None:
        self.sides.set_current("prompt")
        self._on_side_chosen("prompt")
        self.editors["prompt"].set_text(prompt)
        self.editors["negative"].set_text(negative)

    @Slot(str, bool)
    def _on_step_asked(self, side: str, is_undo: bool) -> None:
        editor = self.editors[side]
        if is_undo:
            editor.undo()
        else:
            editor.redo()

    @Slot(int, int, str)
    def _on_replace_asked(self, start: int, end: int, text: str) -> None:
        self.editor.replace(start, end, text)

    @Slot(object)
    def _on_reading_changed(self, reading: Reading) -> None:
        self.foot.set_reading(reading)
        self.notes.set_notes(reading.notes, of_nothing=not reading.text.strip())
        self.editor.show_reading(reading)
        self.chips.set_reading(reading)
        literal = reading.prompt.interface == "plain" and self._prompt.written_for != "plain"
        self.weights.set_literal(reading.prompt.notes if literal else ())
        self.instead.set_vocabulary(reading.vocabulary)
        if self.window().focusWidget() is self.editor:  # what is typed is what is meant
            self.editor.tell_cursor()
        self._mark()

    @Slot(object)
    def _on_selection_changed(self, index: int | None) -> None:
        self.chips.set_current(index)
        self._mark()

    @Slot(object)
    def _on_neighbours_changed(self, answer: Results | str | None) -> None:
        token, reading = self._prompt.token(), self._prompt.reading
        if token is None or reading is None or answer is None:
            self.instead.show_nothing()
            return
        self.instead.show_answer(reading, token, answer)

    def _mark(self) -> None:
        token, reading = self._prompt.token(), self._prompt.reading
        current = reading is not None and reading.text == self.editor.toPlainText()
        self.editor.mark((token.start, token.end) if token is not None and current else None)


def _store() -> QSettings:
    return QSettings(str(paths.config_dir() / "window.ini"), QSettings.Format.IniFormat)
