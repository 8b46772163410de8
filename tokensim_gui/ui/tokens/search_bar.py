"""The search bar: the query, its order and its options."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QMimeData, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from tokensim_gui.core.query.completion import Completion
from tokensim_gui.core.query.inserting import with_tokens
from tokensim_gui.core.query.term_weights import weighted_terms, with_weight
from tokensim_gui.core.values import Inputs, Metric, Order, Query, TokenFilter
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.query_field import QueryField
from tokensim_gui.ui.tokens.token_drag import dragged_ids
from tokensim_gui.ui.widgets.drops import DropHint
from tokensim_gui.ui.widgets.menu_button import MenuButton
from tokensim_gui.ui.widgets.qt_quirks import signals_blocked

ORDER_WORDS: dict[Order, tuple[str, str]] = {
    "nearest": ("Nearest", "The tokens most like the query"),
    "opposite": (
        "Opposite",
        "The vector that points away. It is seldom the opposite in meaning.",
    ),
    "unrelated": ("Unrelated", "Tokens at a right angle: neither alike nor opposite"),
}
METRIC_WORDS: dict[Metric, tuple[str, str]] = {
    "cosine": ("Angle", "Cosine similarity"),
    "centred": (
        "Angle from the average token",
        "Cosine similarity after the mean vector is taken off every token",
    ),
    "dot": ("Dot product", "Inner product: longer vectors score higher"),
    "euclidean": ("Distance", "Euclidean distance: small is near"),
}
COUNTS = (50, 100, 200, 500, 1000)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


class SearchBar(QWidget):
    """Emits what the user types and chooses; never waits for an answer."""

    textEdited = Signal(str)
    submitted = Signal(str)
    orderChanged = Signal(str)
    optionChanged = Signal(str, object)
    downPressed = Signal()

    def __init__(
        self,
        names_of: Callable[[Sequence[int]], list[str]] | None = None,
        complete: Callable[[str], Completion | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Make an empty bar.

        Args:
            names_of: How tokens that are dropped are written in the query; as the text that every
                program gets, if it is not given.
            complete: How the last word of a query might go on; nothing is offered without it.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._names_of = names_of
        # A child before the menus are: they would close Qt's focus chain into a ring without it.
        self._field = QueryField(complete, self)
        self._drop_hint = DropHint(self)
        self._options: Query | None = None
        self._order_button = self._menu_button("Nearest", "Order of the tokens")
        self._order_menu = QMenu("&Order", self)
        self._order_menu.setToolTipsVisible(True)
        self._order_group = QActionGroup(self)
        for order, (words, tip) in ORDER_WORDS.items():
            self._order_group.addAction(self._choice(self._order_menu, words, tip, order))
        self._order_button.setMenu(self._order_menu)
        self._order_button.reserve([f"{words}" for words, _ in ORDER_WORDS.values()])
        self._options_button = self._menu_button("Options", "What is measured and what is shown")
        options = self._options_menu()
        self._options_button.setMenu(options)
        self.menus = {"order": self._order_menu, "options": options}
        self._options_button.reserve(["Options •"])

        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XS, 0, theme.SPACE_S, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self._field, 1)
        layout.addWidget(self._order_button)
        layout.addWidget(self._options_button)
        self.setFocusProxy(self._field)
        self._fit()
        self._field.focusChanged.connect(self.update)
        self._field.textChanged.connect(self._on_field_text_changed)
        self._field.enterPressed.connect(self._on_field_enter_pressed)
        self._field.downPressed.connect(self.downPressed)
        self._field.dropHovered.connect(self._on_field_drop_hovered)
        self._field.tokensDropped.connect(self._on_field_tokens_dropped)
        self._order_group.triggered.connect(self._on_order_triggered)
        self._metric_group.triggered.connect(self._on_metric_triggered)
        self._count_group.triggered.connect(self._on_count_triggered)

    # What is shown ----------------------------------------------------------------------

    def set_query(self, query: Query, *, select: bool = False) -> None:
        """Show a query and its options, without signals."""
        with signals_blocked(self._field):
            if self._field.text() != query.text:
                self._field.setText(query.text)
        self._field.refresh_ghost()
        self._field.update()
        if select:
            self._field.selectAll()
        options = replace(query, text="", filter=TokenFilter())
        if options == self._options:
            return
        self._options = options
        words, tip = ORDER_WORDS[query.order]
        self._order_button.setText(f"{words}")
        self._order_button.setAccessibleName(f"Order: {words}")
        self._order_button.setToolTip(tip)
        for action in self._order_group.actions():
            action.setChecked(action.data() == query.order)
            if action.data() == "unrelated":
                action.setEnabled(query.metric != "euclidean")
        for action in self._metric_group.actions():
            action.setChecked(action.data() == query.metric)
        for action in self._count_group.actions():
            action.setChecked(action.data() == query.count)
        self._rows.setTitle(f"Rows: {query.count}")
        self._unit.setChecked(query.inputs == "unit")
        self._own.setChecked(query.leave_out_own)
        self._forms.setChecked(query.leave_out_forms)
        default = Query(query.text)
        changed = (
            (query.metric, query.inputs, query.count)
            != (default.metric, default.inputs, default.count)
            or not query.leave_out_own
            or query.leave_out_forms
        )
        self._options_button.setText("Options •" if changed else "Options")
        self._options_button.setAccessibleName("Options, changed" if changed else "Options")

    def set_problem(self, span: tuple[int, int] | None) -> None:
        """Mark the characters of the query that are at fault."""
        had_problem = self._field.has_problem
        self._field.underline(span)
        if self._field.has_problem != had_problem:
            self.update()

    def text(self) -> str:
        """What the field holds."""
        return self._field.text()

    def focus(self) -> None:
        """Put the cursor in the field with everything selected."""
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def focus_end(self) -> None:
        """Put the cursor behind what is in the field, to type on."""
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._field.end(False)

    def begin_word(self) -> None:
        """Put the cursor where another word is added to the query."""
        text = self._field.text().rstrip()
        if text and not text.endswith(("+", "-", "*", "/", "(")):
            text += " + "
        if text != self._field.text():
            self._field.replace(text)
        self.focus_end()

    def type_over(self, letters: str) -> None:
        """Begin a query with letters that were typed elsewhere."""
        self.focus()
        self._field.insert(letters)

    def write(self, text: str, *, goes_on: bool = False) -> None:
        """Change the text, as one step that the field's undo takes back.

        Args:
            text: The query.
            goes_on: Whether it takes the place of the last step, as while a slider is dragged.
        """
        if text != self._field.text():
            self._field.replace(text, goes_on=goes_on)

    @Slot(int, float, bool)
    def set_weight(self, term: int, weight: float, goes_on: bool) -> None:
        """Weigh a term of the text, if it still has that one."""
        text = self._field.text()
        if term < len(weighted_terms(text)):
            self.write(with_weight(text, term, weight), goes_on=goes_on)

    # Inside -----------------------------------------------------------------------------

    def _fit(self) -> None:
        height = theme.px(theme.BAR_HEIGHT)
        self.setFixedHeight(height)
        self._field.setFixedHeight(height - 4)
        for button in (self._order_button, self._options_button):
            button.setFixedHeight(theme.px(theme.FIELD_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground that field and buttons share."""
        c, focused = theme.colours(), self._field.hasFocus()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2 if focused else 1
        role = "error" if self._field.has_problem else "accent" if focused else "border"
        painter.setPen(QPen(c.colour(role), width))
        painter.setBrush(c.colour("field"))
        inset = width / 2
        edge = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(edge, theme.BAR_RADIUS, theme.BAR_RADIUS)
        x, middle = self._order_button.x() - theme.SPACE_XS, self.height() / 2
        painter.fillRect(QRectF(x, middle - 10, 1, 20), c.colour("border"))

    def _menu_button(self, words: str, tip: str) -> MenuButton:
        button = MenuButton()
        button.setText(words)
        button.setToolTip(tip)
        button.setAccessibleName(words)
        button.setAccessibleDescription(tip)
        button.setProperty("look", "flat words")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    @staticmethod
    def _choice(menu: QMenu, words: str, tip: str, data: object = None) -> QAction:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setToolTip(tip)
        action.setData(data)
        return action

    @staticmethod
    def _caption(menu: QMenu, words: str) -> None:
        # Not addSection: with a style sheet its words are not drawn.
        menu.addSeparator()
        menu.addAction(words).setEnabled(False)

    def _options_menu(self) -> QMenu:
        menu = QMenu("O&ptions", self)
        menu.setToolTipsVisible(True)
        self._caption(menu, "Measure")
        self._metric_group = QActionGroup(self)
        for metric, (words, tip) in METRIC_WORDS.items():
            self._metric_group.addAction(self._choice(menu, words, tip, metric))
        self._caption(menu, "Mix")
        self._unit = self._choice(
            menu,
            "Give every token the same length before adding",
            "So that no token of a mix counts more because its vector is longer",
        )
        self._caption(menu, "Show")
        self._own = self._choice(
            menu, "Leave out the query’s own tokens", "The chips show them with their score"
        )
        self._forms = self._choice(
            menu, "Leave out word forms", "girls and girly, when the query is girl"
        )
        self._rows = rows = menu.addMenu("Rows")
        self._count_group = QActionGroup(self)
        for count in COUNTS:
            self._count_group.addAction(self._choice(rows, str(count), "", count))
        self._unit.triggered.connect(self._on_unit_triggered)
        self._own.triggered.connect(self._on_own_triggered)
        self._forms.triggered.connect(self._on_forms_triggered)
        return menu

    @Slot(str)
    def _on_field_text_changed(self, text: str) -> None:
        if _CONTROL.search(text):
            # Pasted along unseen, and no prompt holds them: what is shown is what is searched.
            self._field.setText(_CONTROL.sub("", text))
        else:
            self.textEdited.emit(text)

    @Slot(bool)
    def _on_field_drop_hovered(self, hovered: bool) -> None:
        if hovered:
            self._drop_hint.show_words("")
        else:
            self._drop_hint.hide()

    @Slot(QMimeData, int)
    def _on_field_tokens_dropped(self, data: QMimeData, position: int) -> None:
        names = [data.text()] if self._names_of is None else self._names_of(dragged_ids(data))
        self._field.replace(with_tokens(self._field.text(), position, names))
        self.focus_end()

    @Slot()
    def _on_field_enter_pressed(self) -> None:
        self.submitted.emit(self._field.text())

    @Slot(QAction)
    def _on_order_triggered(self, action: QAction) -> None:
        self.orderChanged.emit(action.data())

    @Slot(QAction)
    def _on_metric_triggered(self, action: QAction) -> None:
        self.optionChanged.emit("metric", action.data())

    @Slot(QAction)
    def _on_count_triggered(self, action: QAction) -> None:
        self.optionChanged.emit("count", action.data())

    @Slot(bool)
    def _on_unit_triggered(self, checked: bool) -> None:
        inputs: Inputs = "unit" if checked else "raw"
        self.optionChanged.emit("inputs", inputs)

    @Slot(bool)
    def _on_own_triggered(self, checked: bool) -> None:
        self.optionChanged.emit("leave_out_own", checked)

    @Slot(bool)
    def _on_forms_triggered(self, checked: bool) -> None:
        self.optionChanged.emit("leave_out_forms", checked)

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme and font."""
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        if event.type() == QEvent.Type.PaletteChange:
            self._field.update()
            self.update()
        super().changeEvent(event)
