"""The LoRAs and embeddings on this computer: the list, the one selected, looking for more."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job, Progress
from tokensim_gui.core.prompt.interfaces import Interface
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.jobs.child_process import ChildTask
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.file_checks import Look
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.open_tables import OpenTable, OpenTables

if TYPE_CHECKING:
    from tokensim_gui.core.loras.inversion_file import Inversion
    from tokensim_gui.core.loras.lora_card import LoraCard
    from tokensim_gui.core.loras.trained_files import TrainedFile
    from tokensim_gui.core.loras.trigger_reading import TriggerReading
    from tokensim_gui.core.loras.vector_reading import PartReading


@dataclass(frozen=True, slots=True)
class FileCard:
    """What is shown of one file.

    Attributes:
        file: As the list has it.
        lora: The whole card of a LoRA; None for an embedding.
        inversions: The embeddings in it, each with what its vectors mean there.
        alike: Name of another embedding, and how like it is, by encoder.
        readings: Each trigger as the encoder in front cuts it.
        vocabulary: Of that encoder, and its name.
    """

    file: "TrainedFile"
    lora: "LoraCard | None"
    inversions: "tuple[tuple[Inversion, tuple[PartReading, ...]], ...]"
    alike: tuple[str, dict[str, float]] | None
    readings: "tuple[TriggerReading, ...]"
    vocabulary: Vocabulary
    encoder: str


@dataclass(frozen=True, slots=True)
class MovedShown:
    """Which words a LoRA moves, or how far the search for them is.

    Attributes:
        progress: While it is looked for.
        problem: Why they are not known, or "".
        told: What was tried.
        words: Each with 1 - cosine and the change of its length, farthest first.
    """

    progress: Progress | None = None
    problem: str = ""
    told: str = ""
    words: tuple[tuple[str, float, float], ...] = ()


class Loras(QObject):
    """Owns the list and the selection; reads files on the worker, folders in a child process."""

    filesChanged = Signal(object)  # tuple[TrainedFile, ...]
    cardChanged = Signal(object)  # FileCard | str (why there is none) | None
    lookChanged = Signal(object)  # Look
    movedChanged = Signal(object)  # MovedShown
    made = Signal()
    showAsked = Signal()  # the part of the page that shows this
    noticed = Signal(object)  # Notice

    def __init__(self, tables: OpenTables, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tables, self._worker = tables, worker
        self._files: tuple[TrainedFile, ...] | None = None
        self._task: ChildTask | None = None
        self._moving: ChildTask | None = None
        self.selected: TrainedFile | None = None
        self._beside: TrainedFile | None = None
        tables.frontChanged.connect(self._on_front_changed)
        application = QCoreApplication.instance()
        if application is not None:  # Ctrl+C ends the program without closing the window
            application.aboutToQuit.connect(self.close)

    @property
    def files(self) -> "tuple[TrainedFile, ...]":
        """What was found so far; kept from one start to the next."""
        if self._files is None:
            from tokensim_gui.core.loras.trained_files import stored_list

            self._files = stored_list()
        return self._files

    # Files ------------------------------------------------------------------------------------

    @Slot(object)
    def take(self, found: dict[str, Any]) -> None:
        """Show what an import found to be a LoRA or an embedding, and list it from now on."""
        from tokensim_gui.core.loras.trained_files import listed

        self._show(listed(found))

    def _show(self, file: "TrainedFile") -> None:
        from tokensim_gui.core.loras.trained_files import sorted_files

        others = [one for one in self.files if one.path != file.path]
        self._set_files(sorted_files((*others, file)))
        self._worker.submit("keep list", _store, self._files, failed=self._on_failed)
        self.select(file)
        self.showAsked.emit()

    def select(self, file: "TrainedFile | None", beside: "TrainedFile | None" = None) -> None:
        """Show the card of a file, of an embedding perhaps with how like it is to another."""
        if file != self.selected:
            self.stop_moving()
        self.selected, self._beside = file, beside
        if file is None:
            self._worker.cancel("card")
            self.cardChanged.emit(None)
            return
        self._worker.submit(
            "card",
            _read_card,
            file,
            beside,
            self._tables.front,
            self._tables.vocabulary,
            self._tables.info.name,
            done=self._on_card_read,
            failed=partial(self._on_card_failed, file),
        )

    def make(self, path: Path, queries: Sequence[str], form: str, usual_length: bool) -> None:
        """Make an embedding of queries, with the encoder in front, and list it."""
        front = self._tables.front
        if front is None:
            self.noticed.emit(Notice("The encoder is still being opened: try again in a moment."))
            return
        self._worker.submit(
            "make embedding",
            _make,
            path,
            tuple(queries),
            form,
            usual_length,
            front,
            done=self._on_made,
            failed=self._on_failed,
        )

    # Moved words ------------------------------------------------------------------------------

    @property
    def whole(self) -> str:
        """Name of the whole text encoder behind the table in front; "" without one."""
        return self._tables.info.whole

    def find_moved(self) -> None:
        """Find the words that the LoRA selected moves, with the encoder in front."""
        info = self._tables.info
        if self.selected is None or self._moving is not None or not info.whole:
            return
        arguments = ["lora", self.selected.path, "--moved", info.source, "--encoder", info.whole]
        self._moving = task = ChildTask([*arguments, "--table", info.slug], self)
        task.progressed.connect(self._on_moving_progressed)
        task.finished.connect(self._on_moving_finished)
        task.failed.connect(self._on_moving_failed)
        task.cancelled.connect(self._on_moving_cancelled)
        self.movedChanged.emit(MovedShown(Progress(text="Opening the encoder")))
        task.start()

    @Slot()
    def stop_moving(self) -> None:
        """End that; nothing is kept of it."""
        if self._moving is not None:
            self._moving.cancel()

    # Looking for more --------------------------------------------------------------------------

    def look(self, folders: Sequence[Path]) -> None:
        """Look for LoRAs and embeddings below some folders."""
        if self._task is None:
            self._task = task = ChildTask(["loras", *map(str, folders)], self)
            task.progressed.connect(self._on_task_progressed)
            task.finished.connect(self._on_task_finished)
            task.failed.connect(self._on_task_failed)
            task.cancelled.connect(self._on_task_cancelled)
            self.lookChanged.emit(Look(running=True))
            task.start()

    def stop_looking(self) -> None:
        """End the look; the list stays as it was."""
        if self._task is not None:
            self._task.cancel()

    @Slot()
    def close(self) -> None:
        """End what runs; safe to call twice."""
        for task in (self._task, self._moving):
            if task is not None:
                task.close()

    # Inside -----------------------------------------------------------------------------------

    def _set_files(self, files: "tuple[TrainedFile, ...]") -> None:
        self._files = files
        self._tables.shelf.put(files)
        self.filesChanged.emit(files)

    def _on_card_read(self, card: FileCard) -> None:
        if card.file == self.selected:
            self.cardChanged.emit(card)

    def _on_card_failed(self, file: "TrainedFile", error: TokenSimError) -> None:
        if file == self.selected:
            self.cardChanged.emit(str(error))

    def _on_made(self, file: "TrainedFile") -> None:
        self._show(file)
        self.made.emit()
        self.noticed.emit(Notice(f"Saved {file.path}: {file.kind} numbers."))

    def _on_failed(self, error: TokenSimError) -> None:
        self.noticed.emit(Notice(str(error)))

    @Slot(object)
    def _on_front_changed(self, _table: object) -> None:
        if self.selected is not None:
            self.select(self.selected, self._beside)

    @Slot(object)
    def _on_task_progressed(self, progress: Progress) -> None:
        self.lookChanged.emit(Look(running=True, seen=progress.done))

    @Slot(object)
    def _on_task_finished(self, made: dict[str, Any]) -> None:
        from tokensim_gui.core.loras.trained_files import stored_list

        self._end()
        self._set_files(stored_list())
        loras, embeddings = made["loras"], made["embeddings"]
        self.noticed.emit(
            Notice(f"{_counted(loras, 'LoRA')} and {_counted(embeddings, 'embedding')} are listed.")
        )

    @Slot(str)
    def _on_task_failed(self, sentence: str) -> None:
        self._end()
        self.noticed.emit(Notice(sentence))

    @Slot()
    def _on_task_cancelled(self) -> None:
        self._end()
        self.noticed.emit(Notice("Stopped looking; the list is as it was."))

    @Slot(object)
    def _on_moving_progressed(self, progress: Progress) -> None:
        self.movedChanged.emit(MovedShown(progress))

    @Slot(object)
    def _on_moving_finished(self, found: dict[str, Any]) -> None:
        words = tuple((one["text"], one["turned"], one["length"]) for one in found["words"])
        told = (
            f"{found['count']:,} words through {found['encoder']} with and without it; "
            f"they turn by {found['mean']:.2%} on average."
        )
        self._end_moving(MovedShown(told=told, words=words))

    @Slot(str)
    def _on_moving_failed(self, sentence: str) -> None:
        self._end_moving(MovedShown(problem=sentence))

    @Slot()
    def _on_moving_cancelled(self) -> None:
        self._end_moving(MovedShown())

    def _end_moving(self, shown: MovedShown) -> None:
        assert self._moving is not None
        self._moving.deleteLater()
        self._moving = None
        self.movedChanged.emit(shown)

    def _end(self) -> None:
        assert self._task is not None
        self._task.deleteLater()
        self._task = None
        self.lookChanged.emit(Look(running=False))


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def _store(files: "Sequence[TrainedFile]", *, job: Job) -> None:
    from tokensim_gui.core.loras.trained_files import store_list

    job.check()
    store_list(files)


def _make(
    path: Path,
    queries: Sequence[str],
    form: str,
    usual_length: bool,
    front: OpenTable,
    *,
    job: Job,
) -> "TrainedFile":
    from tokensim_gui.core.loras.trained_files import identify
    from tokensim_gui.core.search.inversion_making import (
        at_usual_length,
        make_inversion,
        save_inversion,
    )

    made = make_inversion(path.stem, queries, front.engine, job)
    if usual_length:
        made = at_usual_length(made, front.engine)
    save_inversion(made, path, form)
    file = identify(path)
    assert file is not None  # what was just saved
    return file


def _read_card(
    file: "TrainedFile",
    beside: "TrainedFile | None",
    front: OpenTable | None,
    vocabulary: Vocabulary,
    encoder: str,
    *,
    job: Job,
) -> FileCard:
    from tokensim_gui.core.loras.inversion_file import read_inversions
    from tokensim_gui.core.loras.lora_card import read_lora
    from tokensim_gui.core.loras.trigger_reading import read_trigger

    path = Path(file.path)
    lora = read_lora(path) if file.what == "LoRA" else None
    inversions: list[tuple[Inversion, tuple[PartReading, ...]]] = []
    alike: tuple[str, dict[str, float]] | None = None
    if file.inversions:
        from tokensim_gui.core.search.inversion_reading import likeness, read_parts

        engine = front.engine if front is not None and front.info.has_vectors else None
        inversions = [(one, read_parts(one, engine, job)) for one in read_inversions(path)]
        if beside is not None and beside.inversions:
            other = read_inversions(Path(beside.path))[0]
            alike = (beside.name, likeness(inversions[0][0], other))
    job.check()
    triggers = [one.text for one in lora.triggers] if lora is not None else []
    readings = tuple(read_trigger(text, vocabulary) for text in triggers)
    return FileCard(file, lora, tuple(inversions), alike, readings, vocabulary, encoder)


def written(file: "TrainedFile", interface: Interface) -> str:
    """How a prompt of a program calls a LoRA or an embedding; "" where none does.

    ComfyUI loads LoRAs by a node, InvokeAI and diffusers outside of the prompt.
    """
    if file.what == "LoRA":
        return f"<lora:{file.name}:1>" if interface == "a1111" else ""
    token = file.triggers[0] if file.triggers else f"<{file.name}>"
    names = {
        "a1111": file.name,
        "comfyui": f"embedding:{file.name}",
        "compel": f"<{file.name}>",
        "novelai": "",
    }
    return names.get(interface, token)
