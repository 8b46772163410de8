"""Prompts made of a template."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.prompt.prompt_reading import make_mutations
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.open_tables import OpenTables

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.interfaces import Interface
    from tokensim_gui.core.prompt.mutations import Mutations


class TemplateFilling(QObject):
    """Fills the slots of templates with tokens of the table in front."""

    changed = Signal(object)  # Mutations | str | None (being made)

    def __init__(self, tables: OpenTables, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tables, self._worker = tables, worker

    def fill(
        self,
        template: str,
        count: int,
        seed: int,
        token_filter: TokenFilter,
        interface: "Interface",
    ) -> None:
        """Make prompts of a template, in the syntax of a program."""
        opened = self._tables.front
        self.changed.emit(None)
        self._worker.cancel("mutate")
        self._worker.submit(
            "mutate",
            make_mutations,
            template,
            self._tables.vocabulary,
            count,
            seed,
            token_filter,
            interface,
            None if opened is None else opened.engine,
            done=self._on_made,
            failed=self._on_failed,
        )

    def _on_made(self, made: "Mutations") -> None:
        self.changed.emit(made)

    def _on_failed(self, error: TokenSimError) -> None:
        self.changed.emit(str(error))
