"""How many tokens of a prompt the tray is."""

from PySide6.QtCore import QObject, Signal

from tokensim_gui.core.job import Job
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.open_tables import OpenTables


class TrayCount(QObject):
    """Counts beside the window, since the tokenizer may be loading."""

    changed = Signal(int)

    def __init__(self, tables: OpenTables, worker: Worker, parent: QObject | None = None) -> None:
        """Take the tables, the one in front counts, and who does the work."""
        super().__init__(parent)
        self._tables, self._worker = tables, worker

    def ask(self, text: str) -> None:
        """Count the tokens of ``text``; `changed` tells, unless the encoder has no tokenizer."""
        vocabulary = self._tables.vocabulary
        self._worker.submit("count tray", _count, vocabulary, text, done=self._on_counted)

    def _on_counted(self, count: int) -> None:
        self.changed.emit(count)


def _count(vocabulary: Vocabulary, text: str, *, job: Job) -> int:
    job.check()
    return len(vocabulary.encode(text))
