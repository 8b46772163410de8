"""The encoders on this computer: opening checkpoints, and what the library may be asked for."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.child_task import ChildTask
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.library import TableLibrary
from tokensim_gui.core.table import TableInfo
from tokensim_gui.notice import Notice, Offer
from tokensim_gui.settings import Settings

_RECENT = 10


class Encoders(QObject):
    """Imports one source at a time, in a process of its own; further ones wait."""

    changed = Signal()
    imported = Signal(str)  # slug of the first table of an import
    progressed = Signal(int, int, str)
    busyChanged = Signal(bool)
    noticed = Signal(object)  # Notice

    def __init__(
        self, library: TableLibrary, settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.library, self._settings = library, settings
        self._task: ChildTask | None = None
        self._source = ""
        self._waiting: list[str] = []

    @property
    def busy(self) -> bool:
        """Whether an import runs."""
        return self._task is not None

    def open_path(self, path: Path) -> None:
        """Import the token tables of a checkpoint or folder."""
        source = str(path.absolute())
        recent = [source, *(other for other in self._settings.recent_files if other != source)]
        self._settings.set("recent_files", recent[:_RECENT])
        self.open_source(source)

    def open_source(self, source: str) -> None:
        """Import from a path or from ``hf:OWNER/REPO[:FILE]``."""
        self._waiting.append(source)
        self._next()

    def cancel(self) -> None:
        """End the running import and forget those that wait; the library stays as it was."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    def rename(self, slug: str, name: str) -> None:
        """Give a table another name."""
        self._try(lambda: self.library.rename(slug, name))

    def remove(self, slug: str) -> None:
        """Take a table away; the notice offers to bring it back."""
        name = self.library.info(slug).name
        if self._try(lambda: self.library.remove(slug)):
            undo = Offer("Undo", "undo_remove", slug)
            self.noticed.emit(Notice(f"Removed “{name}” from this computer.", (undo,)))

    def restore(self, slug: str) -> None:
        """Bring a removed table back."""
        self._try(lambda: self.library.restore(slug))

    def _try(self, change: Callable[[], object]) -> bool:
        try:
            change()
        except TokenSimError as error:
            self.noticed.emit(Notice(str(error)))
            return False
        self.changed.emit()
        return True

    def _next(self) -> None:
        if self._task is not None or not self._waiting:
            return
        self._source = self._waiting.pop(0)
        self._task = task = ChildTask(["import", self._source], self)
        task.progressed.connect(self.progressed)
        task.finished.connect(self._on_task_finished)
        task.failed.connect(self._on_task_failed)
        task.cancelled.connect(self._on_task_cancelled)
        self.busyChanged.emit(True)
        self.noticed.emit(Notice(f"Reading {self._name()}…"))
        task.start()

    def _name(self) -> str:
        return self._source if self._source.startswith("hf:") else Path(self._source).name

    def _over(self) -> None:
        assert self._task is not None
        self._task.deleteLater()
        self._task = None
        self.busyChanged.emit(False)
        self._next()

    @Slot(object)
    def _on_task_finished(self, tables: Sequence[dict[str, Any]]) -> None:
        self.changed.emit()
        self.imported.emit(tables[0]["slug"])
        self.noticed.emit(found_notice(self._name(), tables))
        self._over()

    @Slot(str)
    def _on_task_failed(self, sentence: str) -> None:
        self.noticed.emit(Notice(sentence))
        self._over()

    @Slot()
    def _on_task_cancelled(self) -> None:
        self.noticed.emit(Notice(f"Stopped reading {self._name()}; nothing was changed."))
        self._over()


def found_notice(name: str, tables: Sequence[dict[str, Any]]) -> Notice:
    """What was found in a file, the first of it shown, the second offered."""

    def sized(table: dict[str, Any]) -> str:
        return f"{table['name']} ({megabytes(table['bytes'])})"

    first, *others = tables
    if not others:
        return Notice(f"{sized(first)} out of {name}. Showing it.")
    listed = ", ".join(map(sized, tables[:-1])) + f" and {sized(tables[-1])}"
    return Notice(
        f"{len(tables)} text encoders in {name}: {listed}. Showing {first['name']}.",
        (Offer(f"Show {others[0]['name']}", "open", others[0]["slug"]),),
    )


def megabytes(size: int) -> str:
    """A size as the window says it."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"


def tables_json(tables: Sequence[TableInfo]) -> list[dict[str, Any]]:
    """Tables as ``tokensim tables --json`` and imports print them."""
    keys = ("slug", "name", "rows", "dim", "dtype", "source", "bytes")
    return [{key: getattr(info, key) for key in keys} for info in tables]
