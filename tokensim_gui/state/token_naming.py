"""Giving the tokens of a table that came without a tokenizer their names."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.core.hub.address import HUB
from tokensim_gui.core.job import NOT_BEGUN, Progress
from tokensim_gui.core.library.catalogue import CatalogueTokenizer, catalogue
from tokensim_gui.jobs.child_process import ChildTask
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.open_tables import OpenTable, OpenTables


@dataclass(frozen=True, slots=True)
class Nameless:
    """The table in front, whose tokens have ids and no names.

    Attributes:
        slug: Which.
        name: What it is called.
        tokenizer: What the catalogue names for its shape, or None.
    """

    slug: str
    name: str
    tokenizer: CatalogueTokenizer | None


class TokenNaming(QObject):
    """Knows whether the table in front has names, and gets them in a process of its own.

    Attributes:
        nameless: The table in front if it has none.
        progress: How far the process is; None while there is none.
    """

    changed = Signal()
    named = Signal(str)  # slug
    noticed = Signal(object)  # Notice

    def __init__(self, tables: OpenTables, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.nameless: Nameless | None = None
        self.progress: Progress | None = None
        self._slug = ""
        self._task: ChildTask | None = None
        tables.frontChanged.connect(self._on_front_changed)

    def fetch(self) -> None:
        """Get the tokenizer that the catalogue names."""
        if self.nameless is not None and self.nameless.tokenizer is not None:
            self._start(["name", self.nameless.slug, HUB + self.nameless.tokenizer.address])

    def choose(self, path: Path) -> None:
        """Take the names of a tokenizer's file."""
        if self.nameless is not None:
            self._start(["name", self.nameless.slug, str(path.absolute())])

    def cancel(self) -> None:
        """End what runs; the table stays as it was."""
        if self._task is not None:
            self._task.cancel()

    def close(self) -> None:
        """End what runs and wait for that."""
        if self._task is not None:
            self._task.close()

    def _start(self, arguments: list[str]) -> None:
        if self._task is not None:
            return
        self._slug = arguments[1]
        self._task = task = ChildTask(arguments, self)
        task.progressed.connect(self._on_task_progressed)
        task.finished.connect(self._on_task_finished)
        task.failed.connect(self._on_task_failed)
        task.cancelled.connect(self._on_task_cancelled)
        self._on_task_progressed(NOT_BEGUN)
        task.start()

    def _over(self) -> None:
        assert self._task is not None
        self._task.deleteLater()
        self._task, self.progress = None, None
        self.changed.emit()

    @Slot(object)
    def _on_task_progressed(self, progress: Progress) -> None:
        self.progress = progress
        self.changed.emit()

    @Slot(object)
    def _on_task_finished(self, made: dict[str, Any]) -> None:
        self._over()
        first, *others = made["tables"]
        also = "".join(f" So have those of “{table['name']}”." for table in others)
        words = f"The tokens of “{first['name']}” have their names.{also} {first['notice']}"
        self.noticed.emit(Notice(words.strip()))
        self.named.emit(self._slug)

    @Slot(str)
    def _on_task_failed(self, sentence: str) -> None:
        self._over()
        self.noticed.emit(Notice(sentence))

    @Slot()
    def _on_task_cancelled(self) -> None:
        self._over()
        self.noticed.emit(Notice("Stopped; the tokens are as they were."))

    @Slot(object)
    def _on_front_changed(self, table: OpenTable) -> None:
        info = table.info
        known = {(entry.rows, entry.dim): entry.tokenizer for entry in catalogue()}
        tokenizer = known.get((info.rows, info.dim))
        has_none = table.vocabulary.family == "none"
        self.nameless = Nameless(info.slug, info.name, tokenizer) if has_none else None
        self.changed.emit()
