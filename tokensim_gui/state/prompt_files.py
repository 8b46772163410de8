"""Files that hold prompts: pictures and captions, read on the worker, as a disk may be slow."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.prompt.prompt_reading import read_caption, read_picture_prompts
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.notice import Notice

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.picture_prompts import PicturePrompts


class PromptFiles(QObject):
    """Reads one file at a time, the newest that was asked for."""

    pictureRead = Signal(object, object)  # Path, PicturePrompts
    captionRead = Signal(str)
    noticed = Signal(object)  # Notice

    def __init__(
        self, texts: Mapping[str, str], worker: Worker, parent: QObject | None = None
    ) -> None:
        """Take the prompts by side, only to be looked at."""
        super().__init__(parent)
        self._texts, self._worker = texts, worker

    def read_picture(self, path: Path) -> None:
        """Read the prompts in the metadata of a picture."""
        self._read(path, read_picture_prompts, self._on_picture_read)

    def read_caption(self, path: Path) -> None:
        """Read a text file."""
        self._read(path, read_caption, self._on_caption_read)

    def _read(self, path: Path, func: Callable[..., object], done: Callable[..., None]) -> None:
        asked = partial(done, path, dict(self._texts))
        self._worker.cancel("prompt file")
        self._worker.submit("prompt file", func, path, done=asked, failed=self._on_failed)

    def _fits(self, path: Path, before: dict[str, str]) -> bool:
        """Whether the prompts are still those that the file was to take the place of."""
        if before == self._texts:
            return True
        self.noticed.emit(Notice(f"“{path.name}” was not taken: the prompt changed meanwhile."))
        return False

    def _on_picture_read(self, path: Path, before: dict[str, str], found: "PicturePrompts") -> None:
        if self._fits(path, before):
            self.pictureRead.emit(path, found)

    def _on_caption_read(self, path: Path, before: dict[str, str], text: str) -> None:
        if self._fits(path, before):
            self.captionRead.emit(text)

    def _on_failed(self, error: TokenSimError) -> None:
        self.noticed.emit(Notice(str(error)))
