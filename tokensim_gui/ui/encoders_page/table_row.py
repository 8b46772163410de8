"""One encoder on this computer: what it is, and what can be done with it."""

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.core.library.library import is_built_in
from tokensim_gui.state.encoder_names import megabytes, models_of
from tokensim_gui.state.file_checks import Check
from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.plain_tip import plain_tip
from tokensim_gui.ui.widgets.text_field import TextField

_ACTIONS = {
    "prompts": "Compare &prompts with it",
    "rename": "Re&name…",
    "verify": "&Verify",
    "again": "&Import again",
    "export": "E&xport vectors…",
    "folder": "Show &folder",
    "remove": "&Remove",
}
_WHOLE = "whole encoder: can compare prompts"
_OF_BUILT_IN = ("verify", "export")


class TableRow(QFrame):
    """Name and models, facts below, [Use] and a menu at the right.

    Signals:
        asked: What the menu offers, or ``use``: the word and the slug.
        renamed: Slug and new name.
    """

    asked = Signal(str, str)
    renamed = Signal(str, str)

    def __init__(self, slug: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slug = slug
        self._facts_text = self._guess = ""
        self._current = False
        self._name = ElidedLabel()
        self._models = ElidedLabel()
        self._models.setProperty("look", "dim")
        # The name comes first where there is no room for both.
        self._models.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._edit = TextField()
        self._edit.setMaxLength(200)
        self._facts = ElidedLabel()
        self._facts.setProperty("look", "caption")
        self._use = QPushButton("In use")
        self._use.setMinimumWidth(self._use.sizeHint().width())
        self._more = QToolButton()
        self._more.setText("⋯")
        self._more.setProperty("look", "flat")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._menu = QMenu(self)
        for key, words in _ACTIONS.items():
            if not is_built_in(slug) or key in _OF_BUILT_IN:
                self._menu.addAction(words).setData(key)
        self._more.setMenu(self._menu)

        first = QHBoxLayout()
        first.setSpacing(theme.SPACE_S)
        first.addWidget(self._name)
        first.addWidget(self._models, 1)
        told = QWidget()
        lines = QVBoxLayout(told)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(theme.SPACE_XS)
        lines.addLayout(first)
        lines.addWidget(self._facts)
        self._pages = QStackedLayout()  # so that the row keeps its height while it is edited
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(self._pages, 1)
        # Not before: what it is given is shown at once, and would be a window without a parent.
        self._pages.addWidget(told)
        self._pages.addWidget(self._edit)
        layout.addWidget(self._use)
        layout.addWidget(self._more)
        self._use.clicked.connect(self._on_use_clicked)
        self._menu.triggered.connect(self._on_menu_triggered)
        self._edit.returnPressed.connect(self._on_edit_return_pressed)
        self._edit.editingFinished.connect(self._on_edit_finished)

    def show_info(self, info: TableInfo) -> None:
        """Show a table."""
        self._show_name(info.name)
        self._models.setText(", ".join(models_of(info)))
        holds = _WHOLE if info.whole else "token vectors"
        facts = [f"{info.rows:,} × {info.dim:,}", megabytes(info.bytes), holds]
        if not info.dim:
            facts = [f"{info.rows:,} tokens", "a vocabulary without vectors"]
        if info.guess:
            facts.append("names by a guess")
        self._show_action("prompts", bool(info.whole))
        self._show_action("export", info.has_vectors)
        self._guess = info.guess
        self._say_facts(" · ".join(facts))

    def show_gone(self) -> None:
        """Say that the file of the whole encoder is no longer there."""
        self._show_action("prompts", False)
        words = "token vectors; the file of the whole encoder is gone"
        self._say_facts(self._facts_text.replace(_WHOLE, words))

    def show_damage(self, name: str, sentence: str) -> None:
        """Show a table that can't be read: it can only be removed."""
        self._show_name(name)
        self._facts.setProperty("look", "error")
        self._facts.style().unpolish(self._facts)
        self._facts.style().polish(self._facts)
        self._facts.setText(sentence)
        self._use.hide()
        for key in _ACTIONS:
            self._show_action(key, key in ("remove", "folder"))

    def set_current(self, current: bool) -> None:
        """Mark the encoder whose tokens are shown."""
        self._current = current
        self._use.setText("In use" if current else "Use")
        self._use.setEnabled(not current)
        self.update()

    def set_check(self, check: Check | None) -> None:
        """Show how far a check is; None when it is over."""
        if check is None:
            self._facts.setText(self._facts_text)
        else:
            done = check.progress.share
            share = "" if done is None else f" {done:.0%}"
            self._facts.setText(f"Comparing with the checksum of its import…{share}")

    def stops(self) -> tuple[QWidget, ...]:
        """What Tab stops at, in order."""
        return self._edit, self._use, self._more

    def edit_name(self) -> None:
        """Let the name be typed anew: Enter keeps it, Esc does not."""
        self._edit.setText(self._name.text())
        self._show_edit(True)
        self._edit.selectAll()
        self._edit.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the name as it was; F2 and Delete act on the row that has the focus."""
        own = not is_built_in(self._slug)
        if event.key() == Qt.Key.Key_Escape and self._edit.isVisible():
            self._show_edit(False)
            self._more.setFocus()
        elif event.key() == Qt.Key.Key_F2 and own:
            self.asked.emit("rename", self._slug)
        elif event.key() == Qt.Key.Key_Delete and own:
            self.asked.emit("remove", self._slug)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Mark the current row as tables do, clear of the round corners of its card."""
        super().paintEvent(event)
        if self._current:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colours().colour("accent"))
            height = self.height() - 2 * theme.SPACE_S
            mark = QRectF(theme.SPACE_XS, theme.SPACE_S, theme.MARK_WIDTH, height)
            painter.drawRoundedRect(mark, theme.MARK_WIDTH / 2, theme.MARK_WIDTH / 2)

    def _show_action(self, key: str, shown: bool) -> None:
        for action in self._menu.actions():
            if action.data() == key:
                action.setVisible(shown)

    def _say_facts(self, words: str) -> None:
        self._facts_text = words
        self._facts.setText(words)
        self._facts.setToolTip(plain_tip("\n".join(filter(None, (words, self._guess)))))

    def _show_name(self, name: str) -> None:
        self._name.setText(name)
        self.setAccessibleName(name)
        self._use.setAccessibleName(f"Use {name}")
        self._more.setAccessibleName(f"More about {name}")
        self._more.setToolTip(plain_tip(f"More about {name}"))
        self._edit.setAccessibleName(f"New name of {name}")

    def _show_edit(self, shown: bool) -> None:
        self._pages.setCurrentIndex(1 if shown else 0)

    @Slot()
    def _on_use_clicked(self) -> None:
        self.asked.emit("use", self._slug)

    @Slot(QAction)
    def _on_menu_triggered(self, action: QAction) -> None:
        self.asked.emit(action.data(), self._slug)

    @Slot()
    def _on_edit_return_pressed(self) -> None:
        name = self._edit.text().strip()
        self._show_edit(False)
        self._more.setFocus()
        if name and name != self._name.text():
            self.renamed.emit(self._slug, name)

    @Slot()
    def _on_edit_finished(self) -> None:
        if not self._edit.hasFocus():
            self._show_edit(False)
