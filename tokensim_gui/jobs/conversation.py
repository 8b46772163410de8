"""A tokensim command that keeps running and answers questions, one JSON value a line."""

import json
import logging
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, Qt, Signal, Slot

from tokensim_gui.jobs.child_process import own_command
from tokensim_gui.jobs.json_lines import JsonLines

_log = logging.getLogger(__name__)

_END_AFTER_MS = 500


class Conversation(QObject):
    """Asks a process of its own, which is started at the first question.

    One question is under way and one waits; the newest replaces the waiting one. The answer to a
    question that a newer one has followed is not told. If the process ends by itself, the next
    question starts another.

    Attributes:
        answered: The question and its answer, what JSON makes of both.
    """

    answered = Signal(object, object)

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked: list[object] = []  # at most one in each
        self._waiting: list[object] = []
        self._has_answered = self._is_closed = False
        self._output = JsonLines()
        self._process = QProcess(self)
        program, given = own_command(arguments)
        self._process.setProgram(program)
        self._process.setArguments(given)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self._process.readyReadStandardOutput.connect(self._on_process_ready_read)
        self._process.finished.connect(self._on_process_finished)
        # Queued: a process can't be started again while its failure is being told.
        queued = Qt.ConnectionType.QueuedConnection
        self._process.errorOccurred.connect(self._on_process_error, queued)

    def ask(self, question: object) -> None:
        """Ask as soon as the question under way is answered."""
        if not self._is_closed:
            self._waiting = [question]
            self._ask_next()

    def close(self) -> None:
        """End the process, which an end of its input does, and wait for that."""
        self._asked, self._waiting, self._is_closed = [], [], True
        if self._process.state() == QProcess.ProcessState.NotRunning:
            return
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(_END_AFTER_MS):
            self._process.kill()
            self._process.waitForFinished(_END_AFTER_MS)

    def _ask_next(self) -> None:
        if self._asked or not self._waiting:
            return
        self._asked, self._waiting = self._waiting, []
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self._output, self._has_answered = JsonLines(), False
            self._process.start()
        if self._process.state() == QProcess.ProcessState.NotRunning:
            return  # it could not be started, which was told
        self._process.write(json.dumps(self._asked[0]).encode() + b"\n")

    @Slot()
    def _on_process_ready_read(self) -> None:
        for answer in self._output.take(bytes(self._process.readAllStandardOutput().data())):
            asked, self._asked, self._has_answered = self._asked, [], True
            if asked and not self._waiting:
                self.answered.emit(asked[0], answer)
            self._ask_next()

    @Slot()
    def _on_process_error(self) -> None:
        if self._process.error() == QProcess.ProcessError.FailedToStart:
            self._asked = []
            self._ask_next()

    @Slot()
    def _on_process_finished(self) -> None:
        if self._has_answered:  # it was on its way out when it was asked
            self._waiting = self._waiting or self._asked
        elif self._asked:
            _log.error("%s ended before it answered", self._process.arguments())
        self._asked = []
        self._ask_next()
