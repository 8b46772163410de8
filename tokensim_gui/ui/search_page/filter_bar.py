"""Above the table: neighbours or vocabulary, which tokens may appear, and how many they are."""

from typing import Literal

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QWidget,
)

from tokensim_gui.core.values import AS_WORDS, TokenFilter
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS
from tokensim_gui.state.finders import FINDERS, Finding
from tokensim_gui.ui import theme
from tokensim_gui.ui.search_page.filtered_strip import FilteredStrip
from tokensim_gui.ui.search_page.finder_strip import FinderStrip
from tokensim_gui.ui.widgets.clearable_field import ClearableField
from tokensim_gui.ui.widgets.menu_button import MenuButton
from tokensim_gui.ui.widgets.parts_bar import part_button
from tokensim_gui.ui.widgets.qt_quirks import signals_blocked
from tokensim_gui.ui.widgets.text_field import TextField

View = Literal["neighbours", "vocabulary"]

# Level in the settings → words, tooltip, and what it lets through.
LEVELS: dict[str, tuple[str, str, TokenFilter]] = {
    "alone": (
        "Usable alone",
        "Words and parts that a prompt can hold by themselves",
        TokenFilter(kinds=("word", "part"), typeable=AS_WORDS),
    ),
    "inside": (
        "+ inside a word",
        "Also parts that appear only inside longer words, or glued to them",
        TokenFilter(kinds=("word", "part"), typeable=(*AS_WORDS, "start", "inside")),
    ),
    "emoji": ("Emoji", "Emoji only", TokenFilter(scripts=("Emoji",))),
    "everything": (
        "Everything",
        "Also bytes, special tokens and rows that are not used",
        TokenFilter(),
    ),
    "word": ("Only words", "Pieces that are a whole word", TokenFilter(kinds=("word",))),
    "part": (
        "Only parts",
        "Pieces that join with what follows or precedes (prefix and suffix tokens)",
        TokenFilter(kinds=("part",)),
    ),
    "bytes": ("Only bytes", "Pieces of characters", TokenFilter(kinds=("bytes",))),
    "special": ("Only special", "Tokens that no text has", TokenFilter(kinds=("special",))),
    "never": (
        "Cannot be typed",
        "Tokens that no prompt can reach",
        TokenFilter(typeable=("never",)),
    ),
}
_WIDE = ("alone", "inside", "everything")  # the other levels leave out more than usual
ANY_SCRIPT = "Any script"
_FIRST_ONLY = LEVELS["word"][0]  # from here on: one kind alone


class FilterBar(QWidget):
    """Emits the filter and the view that are chosen."""

    filterChanged = Signal(TokenFilter)
    levelChanged = Signal(str)
    scriptChanged = Signal(str)
    formsChanged = Signal(bool)
    viewChanged = Signal(str)
    finderChosen = Signal(str)  # one of FINDERS, or "" for all tokens
    idRequested = Signal(int)
    idRefused = Signal(str)
    downPressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level, self._script = "alone", ""
        self._nothing_passes = False
        self._neighbours = part_button("Neighbours", "Ranked by the query")
        self._vocabulary = part_button("Vocabulary", "Every token, by id")
        switch = QButtonGroup(self)
        switch.addButton(self._neighbours)
        switch.addButton(self._vocabulary)
        self._neighbours.setChecked(True)

        self._count = QLabel()
        self._count.setProperty("look", "caption")
        self._all = QPushButton("Show everything")
        self._all.setProperty("look", "link")
        self._all.setToolTip("Let every token through that has a vector")
        self._all.hide()

        self._text = ClearableField()
        self._text.setPlaceholderText("Filter")
        self._text.setAccessibleName("Filter")
        self._text.setToolTip("Part of a token, /regular expression/ or ids: #100..#120")
        self._text.setMinimumWidth(80)
        level_menu, self._level_group = self._choices(
            "Which &tokens", [(words, tip, key) for key, (words, tip, _) in LEVELS.items()]
        )
        script_menu, self._script_group = self._choices(
            "Which &script", [(name or ANY_SCRIPT, "", name) for name in ("", *SCRIPTS)]
        )
        finder_menu, self._finder_group = self._choices(
            "&Unusual tokens", [(words, tip, key) for key, (words, tip, _) in FINDERS.items()]
        )
        self._finder_group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        self.menus = {"level": level_menu, "script": script_menu, "finders": finder_menu}
        self._button = self._popover_button(level_menu, script_menu, finder_menu)
        self._strip = FinderStrip()
        self._filtered = FilteredStrip()
        self._id = TextField()
        self._id.setPlaceholderText("Go to id")
        self._id.setAccessibleName("Go to id")
        self._id.setFixedWidth(84)
        self._id.hide()

        switch_frame = QFrame()
        switch_frame.setProperty("look", "switch")
        halves = QHBoxLayout(switch_frame)
        halves.setContentsMargins(2, 2, 2, 2)
        halves.setSpacing(0)
        for item in (self._neighbours, self._vocabulary):
            halves.addWidget(item)
        first = QHBoxLayout()
        first.setSpacing(theme.SPACE_XS)
        first.addWidget(switch_frame)
        first.addStretch(1)
        first.addWidget(self._count)
        first.addWidget(self._all)
        self._second = second = QHBoxLayout()
        second.setSpacing(theme.SPACE_S)
        second.addWidget(self._text, 1)
        for field in (self._button, self._id):
            second.addWidget(field)
        self._rows = rows = QGridLayout(self)
        rows.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        rows.setVerticalSpacing(theme.SPACE_S)
        rows.setHorizontalSpacing(theme.SPACE_S)
        rows.addLayout(first, 0, 0)
        rows.addLayout(second, 1, 0)
        rows.addWidget(self._filtered, 2, 0, 1, 2)
        rows.addWidget(self._strip, 3, 0, 1, 2)
        self._in_one_row = False
        self._fit()

        self._text.textChanged.connect(self._on_text_changed)
        self._id.returnPressed.connect(self._on_id_return_pressed)
        self._all.clicked.connect(self.show_everything)
        self._neighbours.clicked.connect(self._on_neighbours_clicked)
        self._vocabulary.clicked.connect(self._on_vocabulary_clicked)
        self._level_group.triggered.connect(self._on_level_triggered)
        self._script_group.triggered.connect(self._on_script_triggered)
        self._range.triggered.connect(self._on_range_triggered)
        self._finder_group.triggered.connect(self._on_finder_triggered)
        self._strip.endRequested.connect(self._on_strip_end_requested)
        self._filtered.endRequested.connect(self._on_filtered_end_requested)
        self._forms.triggered.connect(self.formsChanged)
        self._everything.triggered.connect(self.show_everything)
        self.set_level("alone")
        self.set_script("")

    # What is shown ----------------------------------------------------------------------

    def filter(self) -> TokenFilter:
        """The filter that the fields say."""
        level = LEVELS[self._level][2]
        scripts = (self._script,) if self._script else level.scripts
        return TokenFilter(self._text.text().strip(), level.kinds, level.typeable, scripts)

    def set_level(self, level: str) -> None:
        """Show a level, without a signal."""
        self._level = level if level in LEVELS else "alone"
        self._name_button()
        for action in self._level_group.actions():
            action.setChecked(action.data() == self._level)

    def set_script(self, script: str) -> None:
        """Show a script, "" for any, without a signal."""
        self._script = script if script in SCRIPTS else ""
        self._name_button()
        for action in self._script_group.actions():
            action.setChecked(action.data() == self._script)

    def set_forms(self, left_out: bool) -> None:
        """Show whether word forms are left out, without a signal."""
        self._forms.setChecked(left_out)
        self._name_button()

    def set_finding(self, finding: Finding | None) -> None:
        """Show which unusual tokens are in the list, without a signal; None for all tokens."""
        self._strip.set_finding(finding)
        for action in self._finder_group.actions():
            action.setChecked(finding is not None and action.data() == finding.finder)

    def set_one_row(self, one_row: bool) -> None:
        """Put the filter beside the switch, where there is no height for two rows."""
        if one_row != self._in_one_row:
            self._in_one_row = one_row
            self._rows.removeItem(self._second)
            self._rows.addLayout(self._second, 0 if one_row else 1, 1 if one_row else 0)
            self._rows.setColumnStretch(1, int(one_row))
            self._show_count()

    def set_view(self, view: View) -> None:
        """Show which half of the switch is on, without a signal."""
        vocabulary = view == "vocabulary"
        with signals_blocked(self._neighbours, self._vocabulary):
            self._vocabulary.setChecked(vocabulary)
            self._neighbours.setChecked(not vocabulary)
        self._id.setVisible(vocabulary)
        self._strip.set_view(view)

    def set_count(self, words: str, *, filtered: bool) -> None:
        """Say how many tokens are shown of how many."""
        self._count.setText(words)
        self._nothing_passes = filtered and words.startswith("0 ")
        self._everything.setEnabled(filtered)
        self._show_count()

    def _fit(self) -> None:
        for field in (self._text, self._button, self._id):
            field.setFixedHeight(theme.px(theme.FIELD_HEIGHT))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _show_count(self) -> None:
        # With nothing in the list its way out is worth more than the count.
        self._count.setVisible(not self._nothing_passes and not self._in_one_row)
        self._all.setVisible(self._nothing_passes)

    def focus_text(self) -> None:
        """Go to the filter field by keyboard."""
        self._text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._text.selectAll()

    def focus_id(self) -> None:
        """Go to the id field by keyboard."""
        self._id.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._id.selectAll()

    @Slot()
    def show_everything(self) -> None:
        """Take every filter away."""
        self.set_level("everything")
        self.set_script("")
        self._text.clear()
        self.levelChanged.emit(self._level)
        self.scriptChanged.emit("")
        self.filterChanged.emit(self.filter())

    # Inside -----------------------------------------------------------------------------

    def _choices(
        self, name: str, choices: list[tuple[str, str, str]]
    ) -> tuple[QMenu, QActionGroup]:
        menu, group = QMenu(name, self), QActionGroup(self)
        menu.setToolTipsVisible(True)
        for words, tip, key in choices:
            if words == _FIRST_ONLY:
                menu.addSeparator()
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setToolTip(tip)
            action.setData(key)
            group.addAction(action)
        return menu, group

    def _popover_button(self, levels: QMenu, scripts: QMenu, finders: QMenu) -> MenuButton:
        """One button for all that a filter may ask beside a text."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self._everything = menu.addAction("Take away all filters")
        self._everything.setToolTip(self._all.toolTip())
        menu.addSeparator()
        menu.addActions(levels.actions())
        menu.addSeparator()
        menu.addMenu(scripts)
        menu.addMenu(finders)
        self._range = menu.addAction("Only ids from … to …")
        self._range.setToolTip("Writes a range into the filter, to be changed there")
        self._forms = menu.addAction("Leave out word forms")
        self._forms.setCheckable(True)
        self._forms.setToolTip("girls and girly, when the query is girl")
        button = MenuButton()
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setMenu(menu)
        return button

    def _name_button(self) -> None:
        """Say what passes; a dot says that it is not the default."""
        words, tip, _ = LEVELS[self._level]
        default = (self._level, self._script, self._forms.isChecked()) == ("alone", "", False)
        shown = f"{words}, {self._script}" if self._script else words
        self._button.setText(shown if default else f"{shown} •")
        changed = "" if default else ", changed"
        self._button.setAccessibleName(f"Which tokens: {shown}{changed}")
        forms = " Word forms are left out." if self._forms.isChecked() else ""
        self._button.setToolTip(f"{tip}.{forms}")
        narrow = "" if self._level in _WIDE else words
        no_forms = "no word forms" if self._forms.isChecked() else ""
        self._filtered.show_choices([*filter(None, (narrow, self._script, no_forms))])

    @Slot()
    def _on_range_triggered(self) -> None:
        self._text.setText("#0..#999")
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)
        self._text.setSelection(1, len("0..#999"))

    @Slot()
    def _on_text_changed(self) -> None:
        self.filterChanged.emit(self.filter())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the filter, and leaves it when it is clear."""
        if event.key() == Qt.Key.Key_Escape and self._text.text():
            self._text.clear()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            self.downPressed.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_id_return_pressed(self) -> None:
        digits = self._id.text().strip().removeprefix("#").replace(",", "")
        if digits.isdecimal() and len(digits) < 10:
            self.idRequested.emit(int(digits))
        else:
            self._id.selectAll()
            self.idRefused.emit(self._id.text().strip())

    @Slot()
    def _on_neighbours_clicked(self) -> None:
        self.viewChanged.emit("neighbours")

    @Slot()
    def _on_vocabulary_clicked(self) -> None:
        self.viewChanged.emit("vocabulary")

    @Slot(QAction)
    def _on_finder_triggered(self, action: QAction) -> None:
        self.finderChosen.emit(action.data() if action.isChecked() else "")

    @Slot()
    def _on_strip_end_requested(self) -> None:
        self.finderChosen.emit("")

    @Slot()
    def _on_filtered_end_requested(self) -> None:
        if self._level not in _WIDE:
            self.set_level("alone")
        self.set_script("")
        self.levelChanged.emit(self._level)
        self.scriptChanged.emit("")
        self.filterChanged.emit(self.filter())
        if self._forms.isChecked():
            self._forms.trigger()

    @Slot(QAction)
    def _on_level_triggered(self, action: QAction) -> None:
        self.set_level(action.data())
        self.levelChanged.emit(self._level)
        self.filterChanged.emit(self.filter())

    @Slot(QAction)
    def _on_script_triggered(self, action: QAction) -> None:
        self.set_script(action.data())
        self.scriptChanged.emit(self._script)
        self.filterChanged.emit(self.filter())
