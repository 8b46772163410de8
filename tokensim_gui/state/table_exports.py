"""Vectors for other programs: written by a process of their own, one export at a time."""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.job import NOT_BEGUN, Progress
from tokensim_gui.jobs.child_process import ChildTask
from tokensim_gui.state.notice import Notice, Offer

# Ending → what opens it.
FORMATS = {
    ".safetensors": "safetensors",
    ".pt": "PyTorch",
    ".npy": "NumPy",
    ".txt": "gensim, word2vec",
    ".tsv": "embedding projectors",
}


class TableExports(QObject):
    """Writes a table, or some rows of it; says how far it is and what came of it."""

    noticed = Signal(Notice)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task: ChildTask | None = None
        self._target = Path()
        self._ids_file: Path | None = None
        self._tenths = -1

    def write(
        self, slug: str, target: Path, ids: Sequence[int] | None = None, *, asked: bool = True
    ) -> None:
        """Begin to write vectors into the format that the ending of ``target`` names.

        Args:
            slug: The table.
            target: Where to.
            ids: Which rows, in which order; None for all.
            asked: Whether the user was asked about replacing ``target``, if it is there.

        Raises:
            TokenSimError: Another export is not done, there is no row, or it would replace files
                that nobody was asked about.
        """
        if self._task is not None:
            raise TokenSimError(
                f"{self._target.name} is still being written: wait, or cancel it first."
            )
        if ids is not None and not len(ids):
            raise TokenSimError("No token is shown, so there is nothing to write.")
        self._refuse_to_replace(target, asked)
        arguments = ["export", slug, str(target)]
        if ids is not None:
            arguments += ["--ids", str(self._listed(ids))]
        self._target, self._tenths = target, -1
        self._task = task = ChildTask(arguments, self)
        task.progressed.connect(self._on_task_progressed)
        task.finished.connect(self._on_task_finished)
        task.failed.connect(self._on_task_failed)
        task.cancelled.connect(self._on_task_cancelled)
        task.start()
        self._on_task_progressed(NOT_BEGUN)

    @Slot()
    def cancel(self) -> None:
        """Stop; what was there before stays."""
        if self._task is not None:
            self._task.cancel()

    def close(self) -> None:
        """End what runs; safe to call twice."""
        if self._task is not None:
            self._task.close()
            self._over()

    @staticmethod
    def _refuse_to_replace(target: Path, asked: bool) -> None:
        """Whoever was asked about a file was asked about those that are written beside it too."""
        beside = [target.with_suffix(".tokens.json"), target.with_suffix(".metadata.tsv")]
        there = [
            path for path in (target, *beside[: 1 + (target.suffix == ".tsv")]) if path.exists()
        ]
        if there and not (asked and target.exists()):
            raise FileError(f"{there[0]} is there already: choose another name.")

    def _listed(self, ids: Sequence[int]) -> Path:
        try:
            with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
                file.writelines(f"{token}\n" for token in ids)
        except OSError as error:
            raise FileError(
                f"The list of tokens can't be written: {error.strerror or error}. Free some space."
            ) from error
        self._ids_file = Path(file.name)
        return self._ids_file

    def _over(self) -> None:
        self._task = None
        if self._ids_file is not None:
            with suppress(OSError):
                self._ids_file.unlink()
            self._ids_file = None

    @Slot(object)
    def _on_task_progressed(self, progress: Progress) -> None:
        share = progress.share or 0.0
        if int(10 * share) != self._tenths:
            self._tenths = int(10 * share)
            words = f"Writing {self._target.name}… {share:.0%}"
            self.noticed.emit(Notice(words, (Offer("Cancel", "export", "cancel"),)))

    @Slot(object)
    def _on_task_finished(self, said: dict[str, Any]) -> None:
        self._over()
        beside = [Path(name).name for name in said["files"][1:]]
        words = f"Wrote {said['files'][0]}, and beside it {' and '.join(beside)}."
        self.noticed.emit(Notice(f"{words} {said['remark']}".strip()))

    @Slot(str)
    def _on_task_failed(self, sentence: str) -> None:
        self._over()
        self.noticed.emit(Notice(sentence))

    @Slot()
    def _on_task_cancelled(self) -> None:
        self._over()
        self.noticed.emit(Notice(f"Stopped: {self._target.name} was not written."))
