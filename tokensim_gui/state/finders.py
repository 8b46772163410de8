"""Tokens that stand out in a table: looked for in a process of their own, kept while it is open."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.core.job import NOT_BEGUN, Progress
from tokensim_gui.jobs.child_process import ChildTask
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.search import SearchState

# Name → words, tooltip, and how `tokensim rare` is asked for it.
FINDERS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "rare": ("Rare and hardly trained", "Tokens that training hardly reached, rarest first", ()),
    "twins": ("Twins", "Tokens whose nearest is nearly themselves", ("--twins",)),
    "strangers": ("Strangers", "Tokens that have no other near them", ("--strangers",)),
    "triggers": (
        "Words for a trigger",
        "Words of three letters that could name something new, least used first",
        ("--triggers", "3"),
    ),
}
_MOST: Final = 3000


@dataclass(frozen=True, slots=True)
class Finding:
    """What one of `FINDERS` found, or is about to find.

    Attributes:
        finder: Its name.
        progress: How far it is; None once it is done.
        reasons: By token, in the order of the list, why it is one of these.
    """

    finder: str
    progress: Progress | None = NOT_BEGUN
    reasons: dict[int, str] = field(default_factory=dict)


class Finders(QObject):
    """Puts what stands out into the vocabulary view, in place of all tokens."""

    changed = Signal(object)  # Finding | None
    noticed = Signal(Notice)

    def __init__(
        self, search: SearchState, tables: OpenTables, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._search, self._tables = search, tables
        self.finding: Finding | None = None
        self._kept: dict[str, Finding] = {}
        self._task: ChildTask | None = None
        tables.frontChanged.connect(self._on_front_changed)

    def find(self, finder: str) -> None:
        """Look for the tokens that one of `FINDERS` names, in the table in front; "" for all."""
        self.end()
        known = self._kept.get(finder)
        if known is not None:
            self._show(known)
        elif finder and self._tables.current:
            arguments = ["rare", "--table", self._tables.current, "-n", str(_MOST)]
            self._task = task = ChildTask([*arguments, *FINDERS[finder][2]], self)
            task.progressed.connect(self._on_task_progressed)
            task.finished.connect(self._on_task_finished)
            task.failed.connect(self._on_task_failed)
            task.start()
            self._search.set_view("vocabulary")
            self._set(Finding(finder))

    @Slot()
    def end(self) -> None:
        """Show all tokens again, and look no further."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self.finding is not None:
            self._set(None)
            self._search.found = None
            if self._search.view == "vocabulary":
                self._search.set_view("vocabulary")

    def close(self) -> None:
        """End what runs; safe to call twice."""
        self._task = None
        for task in self.findChildren(ChildTask):
            task.close()

    def _show(self, finding: Finding) -> None:
        self._set(finding)
        self._search.found = np.array([*finding.reasons], np.int32)
        self._search.set_view("vocabulary")

    def _set(self, finding: Finding | None) -> None:
        self.finding = finding
        self.changed.emit(finding)

    @Slot(object)
    def _on_task_progressed(self, progress: Progress) -> None:
        if self.sender() is self._task and self.finding is not None:
            self._set(Finding(self.finding.finder, progress))

    @Slot(object)
    def _on_task_finished(self, found: dict[str, Any]) -> None:
        if self.sender() is self._task and self.finding is not None:
            self._task = None
            reasons = {token["id"]: token["reason"] for token in found["tokens"]}
            finding = Finding(self.finding.finder, None, reasons)
            self._kept[finding.finder] = finding
            self._show(finding)

    @Slot(str)
    def _on_task_failed(self, sentence: str) -> None:
        if self.sender() is self._task:
            self._task = None
            self.end()
            self.noticed.emit(Notice(sentence))

    @Slot(object)
    def _on_front_changed(self, _table: object) -> None:
        self._kept.clear()
        self.end()
