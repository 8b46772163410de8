"""The caption files of a folder, checked against the encoder in front."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import NOT_BEGUN, Progress
from tokensim_gui.core.prompt.prompt_reading import read_captions
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.open_tables import OpenTables

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.captions import CaptionFile


class Captions(QObject):
    """Checks one folder at a time, on a thread of its own: a folder may be large."""

    changed = Signal(object)  # tuple[CaptionFile, ...] | str | None (closed)
    progressed = Signal(object)  # Progress
    crashed = Signal(object)  # an Exception that is a bug

    def __init__(self, tables: OpenTables, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tables = tables
        self._worker = Worker(self)
        self._worker.crashed.connect(self.crashed)
        self._folder: Path | None = None

    def check(self, folder: Path, limit: int | None) -> None:
        """Check the caption files of a folder."""
        self._folder = folder
        self.progressed.emit(NOT_BEGUN)
        self._worker.cancel("captions")
        self._worker.submit(
            "captions",
            read_captions,
            folder,
            self._tables.vocabulary,
            limit,
            done=self._on_read,
            failed=self._on_failed,
            progressed=self._on_progressed,
        )

    def check_again(self, limit: int | None) -> None:
        """The encoder or the limit is another one: what is shown would be of the old one."""
        if self._folder is not None:
            self.check(self._folder, limit)

    def leave(self) -> None:
        """Stop checking, and show the prompt again."""
        self._worker.cancel("captions")
        self._folder = None
        self.changed.emit(None)

    def close(self) -> None:
        """End the thread; safe to call twice."""
        self._worker.close()

    def _on_read(self, captions: "tuple[CaptionFile, ...]") -> None:
        self.changed.emit(captions)

    def _on_failed(self, error: TokenSimError) -> None:
        self.changed.emit(str(error))

    def _on_progressed(self, progress: Progress) -> None:
        self.progressed.emit(progress)
