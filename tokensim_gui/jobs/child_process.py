"""A tokensim command as a process of low priority, its progress as signals."""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTimer, Signal, Slot

from tokensim_gui.core.job import Progress
from tokensim_gui.jobs.json_lines import JsonLines

_log = logging.getLogger(__name__)

_KILL_AFTER_MS = 3000
_LOGGED_BYTES = 10_000


def own_command(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """The program and its arguments that run ``tokensim ARGUMENTS``, from a bundle too."""
    if not getattr(sys, "frozen", False):
        return sys.executable, ["-m", "tokensim_gui", *arguments]
    program = Path(sys.executable)
    if sys.platform == "win32":  # the windowed one has no output
        program = program.with_name("tokensim.com")
    return str(program), [*arguments]


class ChildTask(QObject):
    """Runs ``tokensim ARGUMENTS --json-progress``.

    Work that holds the interpreter's lock for long (JSON, tokenizers, downloads) slows a search
    in the same process a hundred times; in a process of its own it does not. The command prints
    one JSON object a line: ``{"progress": [done, total, text]}`` while it works, and last
    ``{"result": …}`` or ``{"error": sentence}``. Exactly one of `finished`, `failed` and
    `cancelled` is emitted.
    """

    progressed = Signal(object)  # Progress
    finished = Signal(object)
    failed = Signal(str)
    cancelled = Signal()

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._result: Any = None
        self._error = ""
        self._is_cancelled = False
        self._is_over = False
        self._output = JsonLines()
        self._process = QProcess(self)
        program, given = own_command([*arguments, "--json-progress"])
        self._process.setProgram(program)
        self._process.setArguments(given)
        self._process.setStandardInputFile(QProcess.nullDevice())
        self._process.readyReadStandardOutput.connect(self._on_process_ready_read)
        self._process.finished.connect(self._on_process_finished)
        self._process.errorOccurred.connect(self._on_process_error)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_KILL_AFTER_MS)
        self._patience.timeout.connect(self._process.kill)

    def start(self) -> None:
        """Start the process."""
        self._process.start()

    def cancel(self) -> None:
        """Ask the process to end; it is killed if it does not. Returns at once."""
        self._is_cancelled = True
        if sys.platform == "win32":
            self._process.kill()  # a process without a window can't be asked there
        else:
            self._process.terminate()
            self._patience.start()

    def close(self) -> None:
        """End the process and wait for its end, where the event loop will not."""
        self.cancel()
        if not self._process.waitForFinished(_KILL_AFTER_MS):
            self._process.kill()
            self._process.waitForFinished(_KILL_AFTER_MS)

    @Slot()
    def _on_process_ready_read(self) -> None:
        for said in self._output.take(bytes(self._process.readAllStandardOutput().data())):
            if not isinstance(said, dict):
                continue
            if "progress" in said:
                self.progressed.emit(Progress(*said["progress"]))
            elif "error" in said:
                self._error = said["error"]
            elif "result" in said:
                self._result = said["result"]

    @Slot()
    def _on_process_finished(self) -> None:
        self._patience.stop()
        self._on_process_ready_read()
        if self._result is None and not self._error and not self._is_cancelled:
            said = bytes(self._process.readAllStandardError().data())[-_LOGGED_BYTES:]
            _log.error("%s ended:\n%s", self._process.arguments(), said.decode(errors="replace"))
        self._end("It ended before it was done. The log (Help menu) may say why.")

    @Slot()
    def _on_process_error(self) -> None:
        if self._process.error() == QProcess.ProcessError.FailedToStart:
            self._end("TokenSim could not start a second process of its own.")

    def _end(self, otherwise: str) -> None:
        if self._is_over:
            return
        self._is_over = True
        if self._is_cancelled:
            self.cancelled.emit()
        elif self._error:
            self.failed.emit(self._error)
        elif self._result is not None:
            self.finished.emit(self._result)
        else:
            self.failed.emit(otherwise)
