"""The encoders on this computer: opening checkpoints, one after the other."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.hub.address import HUB
from tokensim_gui.core.job import NOT_BEGUN, Progress
from tokensim_gui.core.library import fetched
from tokensim_gui.core.library.catalogue import CatalogueEntry, catalogue
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.paths import displayed
from tokensim_gui.jobs.child_process import ChildTask
from tokensim_gui.state.encoder_names import found_notice
from tokensim_gui.state.file_checks import FileChecks
from tokensim_gui.state.library_changes import LibraryChanges
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.settings import Settings

_RECENT = 10
_MOST_TOLD = 8
_SHOW = Offer("Show", "page", "encoders")


@dataclass(frozen=True, slots=True)
class Running:
    """An import that runs.

    Attributes:
        source: A path, or ``hf:OWNER/REPO[:FILE]``.
        name: What users call it.
        progress: What it does now and how far it is.
        waiting: Sources of imports that follow.
    """

    source: str
    name: str
    progress: Progress = NOT_BEGUN
    waiting: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What happens now and how far it is."""
        text, done = self.progress.text, self.progress.share
        if not text:
            return f"Reading {self.name}…"
        share = "" if done is None else f" {done:.0%}"
        what = text if self.name in text else f"{self.name}: {text[0].lower()}{text[1:]}"
        return f"{what}…{share}"

    @property
    def notice(self) -> Notice:
        """The same for the status line, with the way to bar and Cancel."""
        return Notice(self.sentence, (_SHOW,))


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong.

    Attributes:
        sentence: What it is; of several files the first line says how many, and each has one below.
        source: With which to try again; "" if that is of no use.
        others: What else to try again, where several were opened at once.
    """

    sentence: str
    source: str = ""
    others: tuple[str, ...] = ()

    @classmethod
    def of(cls, problems: "Sequence[Problem]") -> "Problem":
        """Several as one: all are told, of very many the first."""
        if len(problems) == 1:
            return problems[0]
        more = len(problems) - _MOST_TOLD
        lines = [f"{len(problems)} could not be opened.", *(one.sentence for one in problems)]
        told = lines[: 1 + _MOST_TOLD] + [f"And {more} more."] * (more > 0)
        source, *others = [one.source for one in problems if one.source] or [""]
        return cls("\n".join(told), source, tuple(others))

    @property
    def headline(self) -> str:
        """What a status line may show: its first line, which of several files says how many."""
        return self.sentence.partition("\n")[0]


class Encoders(QObject):
    """Imports one source at a time, in a process of its own; further ones wait."""

    changed = Signal()
    imported = Signal(str)  # slug of the first table of an import
    trainedFound = Signal(object)  # a LoRA or an embedding instead, as the import describes it
    runningChanged = Signal(object)  # Running | None
    problemChanged = Signal(object)  # Problem | None
    findAsked = Signal()
    offersAsked = Signal()
    noticed = Signal(object)  # Notice

    def __init__(
        self,
        library: TableLibrary,
        settings: Settings,
        tables: OpenTables,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.library, self._settings = library, settings
        self.files = FileChecks(library, self)
        self.changes = LibraryChanges(library, tables, self)
        self.can_compare = False
        """Whether there is a page that compares encoders."""
        self.running: Running | None = None
        self.problem: Problem | None = None
        self._task: ChildTask | None = None
        self._waiting: list[str] = []
        self._failed: list[Problem] = []  # of what was opened together
        self._catalogue: list[CatalogueEntry] | None = None
        self.changes.changed.connect(self.changed)
        self.changes.noticed.connect(self.noticed)
        self.changes.failed.connect(self._on_change_failed)
        self.files.checked.connect(self._on_files_checked)
        self.files.checkFailed.connect(self._on_files_check_failed)
        application = QCoreApplication.instance()
        if application is not None:  # Ctrl+C ends the program without closing the window
            application.aboutToQuit.connect(self.close)

    def catalogue(self) -> list[CatalogueEntry]:
        """What can be fetched; empty, with a problem told, if the list can't be read."""
        if self._catalogue is None:
            try:
                self._catalogue = catalogue()
            except TokenSimError as error:
                self._catalogue = []
                self._set_problem(Problem(str(error)))
        return self._catalogue

    def here(self) -> dict[CatalogueEntry, str]:
        """What of the catalogue is on this computer, with the slug of its table."""
        return fetched.here(self.catalogue(), self.library.tables(), self.library.root)

    # Imports --------------------------------------------------------------------------------

    def open_path(self, path: Path) -> None:
        """Import the token tables of a checkpoint or folder."""
        self.open_paths([path])

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Import the token tables of checkpoints or folders."""
        sources = [str(path.absolute()) for path in paths if "\0" not in str(path)]
        bad = [
            Problem(f"{displayed(path.name)} can't be the name of a file.")
            for path in paths
            if "\0" in str(path)  # the end of an argument: another file would be opened
        ]
        for source in sources[-_RECENT:]:  # one by one, as other windows add theirs
            recent = dict.fromkeys([source, *self._settings.recent_files])
            with suppress(ValueError):  # it may be none in the encoding of the system's names
                self._settings.set("recent_files", list(recent)[:_RECENT])
        self._open(sources, bad)

    def open_source(self, source: str) -> None:
        """Import from a path or from ``hf:OWNER/REPO[:FILE]``, once those before it are done."""
        self.open_sources([source])

    def open_sources(self, sources: Sequence[str]) -> None:
        """Import from paths or ``hf:OWNER/REPO[:FILE]``, one after the other."""
        self._open(sources, [])

    def try_again(self) -> None:
        """Import once more what could not be."""
        if self.problem is not None:
            self.open_sources([self.problem.source, *self.problem.others])

    def cancel(self) -> None:
        """End the running import and forget those that wait; the library stays as it was."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    def interrupted(self) -> dict[str, int]:
        """Repositories of downloads that can be continued, with the bytes that came so far."""
        found: dict[str, int] = {}
        for note in self.library.downloads.glob("*.json"):
            with suppress(OSError, ValueError, KeyError, TypeError):
                content = json.loads(note.read_bytes()[:100_000])
                address = re.search(r"/([^/]+/[^/]+)/resolve/", content["url"])
                if address and type(content["done"]) is int and content["done"] > 0:
                    found[address[1]] = content["done"]
        return found

    @Slot()
    def close(self) -> None:
        """End the running import and whatever else runs, and delete what was removed."""
        self._waiting.clear()
        if self._task is not None:
            self._task.close()
        self.files.close()
        with suppress(TokenSimError, OSError):
            self.library.empty_trash()

    def find(self) -> None:
        """Ask on the Encoders page whether to look for checkpoints on this computer."""
        self.findAsked.emit()

    def show_offers(self) -> None:
        """Show on the Encoders page what can be fetched."""
        self.offersAsked.emit()

    # Inside -----------------------------------------------------------------------------------

    def _open(self, sources: Sequence[str], bad: Sequence[Problem]) -> None:
        """Let sources wait for their import, and tell what was opened with them and can't be."""
        if not sources and not bad:
            return
        self._waiting = list(dict.fromkeys([*self._waiting, *sources]))
        # What failed before is told until it is tried again, or something else begins.
        kept = [] if self._task is None else self._failed
        self._failed = [*(one for one in kept if one.source not in sources), *bad]
        self._set_problem(Problem.of(self._failed) if self._failed else None)
        if bad:
            self._say_failed()
        if self._task is None:
            self._next()
        else:
            assert self.running is not None
            self._set_running(replace(self.running, waiting=tuple(self._waiting)))

    def _next(self) -> None:
        if self._task is not None or not self._waiting:
            return
        source = self._waiting.pop(0)
        self._task = task = ChildTask(["import", source], self)
        task.progressed.connect(self._on_task_progressed)
        task.finished.connect(self._on_task_finished)
        task.failed.connect(self._on_task_failed)
        task.cancelled.connect(self._on_task_cancelled)
        running = Running(source, self._name(source), waiting=tuple(self._waiting))
        self._set_running(running)
        self.noticed.emit(running.notice)
        task.start()

    def _set_running(self, running: Running | None) -> None:
        self.running = running
        self.runningChanged.emit(running)

    def _set_problem(self, problem: Problem | None) -> None:
        self.problem = problem
        self.problemChanged.emit(problem)

    def _name(self, source: str) -> str:
        if not source.startswith(HUB):
            return displayed(Path(source).name or source)
        address = source.removeprefix(HUB)
        names = [entry.name for entry in self.catalogue() if entry.address == address]
        return names[0] if names else address.partition(":")[0]

    def _over(self) -> Running:
        assert self._task is not None and self.running is not None
        over = self.running
        self._task.deleteLater()
        self._task = None
        self._set_running(None)
        return over

    def _fail(self, problem: Problem) -> None:
        self._set_problem(problem)
        self.noticed.emit(Notice(problem.sentence))

    def _say_failed(self) -> None:
        headline = Problem.of(self._failed).headline
        self.noticed.emit(Notice(headline, (_SHOW,) if len(self._failed) > 1 else ()))

    @Slot(object)
    def _on_task_progressed(self, progress: Progress) -> None:
        if self.running is not None:
            self._set_running(replace(self.running, progress=progress))

    @Slot(object)
    def _on_task_finished(self, made: dict[str, Any]) -> None:
        over = self._over()
        if "trained" in made:
            self.noticed.emit(Notice(""))
            self.trainedFound.emit(made["trained"])
            self._next()
            return
        tables = made["tables"]
        self.changed.emit()
        self.imported.emit(tables[0]["slug"])
        found = found_notice(over.name, tables, self.can_compare)
        if self._failed and not self._waiting:  # told before, and overtaken by this
            others = f"{found.text} {Problem.of(self._failed).headline}"
            found = Notice(others, (*found.offers[:1], _SHOW))
        self.noticed.emit(found)
        self._next()

    @Slot(str)
    def _on_task_failed(self, sentence: str) -> None:
        over = self._over()
        self.changed.emit()  # tables finished before that stay
        self._failed.append(Problem(sentence, over.source))
        self._set_problem(Problem.of(self._failed))
        self._say_failed()
        self._next()

    @Slot()
    def _on_task_cancelled(self) -> None:
        over = self._over()
        self.changed.emit()
        what = "what came is kept" if over.source.startswith(HUB) else "nothing was changed"
        self.noticed.emit(Notice(f"Stopped reading {over.name}; {what}."))
        self._next()

    @Slot(object)
    def _on_change_failed(self, error: TokenSimError) -> None:
        self._fail(Problem(str(error)))

    @Slot(str)
    def _on_files_checked(self, slug: str) -> None:
        name = self.changes.name_of(slug)
        self.noticed.emit(Notice(f"“{name}” is on the disk exactly as it was imported."))

    @Slot(str, object)
    def _on_files_check_failed(self, slug: str, error: TokenSimError) -> None:
        source = ""
        with suppress(TokenSimError):
            source = self.library.info(slug).source
        self._fail(Problem(str(error), source))
