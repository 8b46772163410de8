"""All that one running TokenSim knows: builds the states and joins them."""

import random

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.values import KINDS
from tokensim_gui.core.vocabulary import filters
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.clipboard import Clipboard
from tokensim_gui.state.comparison import Comparison
from tokensim_gui.state.encoders import Encoders
from tokensim_gui.state.finders import Finders
from tokensim_gui.state.in_words import InWords
from tokensim_gui.state.inspected import Inspected
from tokensim_gui.state.loras import Loras
from tokensim_gui.state.map_state import MapState
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.prompt import PromptState
from tokensim_gui.state.prompt_addition import PromptAddition
from tokensim_gui.state.prompt_encoder import PromptEncoder
from tokensim_gui.state.prompt_hint import PromptHint
from tokensim_gui.state.saved import Saved
from tokensim_gui.state.saved_things import SavedThing
from tokensim_gui.state.search import SearchState
from tokensim_gui.state.settings import Settings
from tokensim_gui.state.table_exports import TableExports
from tokensim_gui.state.token_naming import TokenNaming
from tokensim_gui.state.tray_count import TrayCount
from tokensim_gui.state.updates import Updates


class Session(QObject):
    """Owns settings, library, worker and a state for every page; all that widgets are given."""

    noticed = Signal(Notice)
    pageRequested = Signal(str)
    crashed = Signal(object)  # an Exception that is a bug

    def __init__(
        self,
        settings: Settings,
        library: TableLibrary,
        table: str | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Take what outlives a session, and the slug of a table to begin with, if any."""
        super().__init__(parent)
        self.settings, self.library = settings, library
        self._start = table or settings.table or library.default
        self.worker = worker = Worker(self)
        self.tables = OpenTables(library, settings, worker, self._start, self)
        self.search = SearchState(settings, self.tables, worker, self)
        self.saved = Saved(settings, self.search, self)
        self.inspected = Inspected(self.search, self.tables, worker, library, self)
        self.naming = TokenNaming(self.tables, self)
        self.tray_count = TrayCount(self.tables, worker, self)
        self.in_words = InWords(self.search, self.tables, self.inspected, worker, self)
        self.finders = Finders(self.search, self.tables, self)
        self.exports = TableExports(self)
        self.clipboard = Clipboard(settings, self.tables, self)
        self.encoder = PromptEncoder(self)
        self.prompt = PromptState(settings, self.tables, self.search, self.encoder, worker, self)
        self.addition = PromptAddition(self.prompt, self.tables, self)
        self.hint = PromptHint(self.search, self)
        self.comparison = Comparison(self.tables, worker, self.search.query, self)
        self.encoders = Encoders(library, settings, self.tables, self)
        self.loras = Loras(self.tables, worker, self)
        self.map = MapState(library, self.tables, self.search, worker, self)
        self.updates = Updates(settings, self)
        for done in (self.search.trayChanged, self.encoders.changed):
            done.connect(self.addition.forget)
        self.tables.failed.connect(self._on_table_failed)
        self.encoders.imported.connect(self.tables.show)
        self.naming.named.connect(self.encoders.changed)
        self.encoders.changed.connect(self.inspected.look_for_others)
        self.naming.named.connect(self.tables.show)
        self.encoders.trainedFound.connect(self.loras.take)
        self.loras.showAsked.connect(self._on_loras_asked)
        speakers = (
            self.search,
            self.saved,
            self.clipboard,
            self.prompt,
            self.prompt.blocks,
            self.prompt.files,
            self.addition,
            self.hint,
            self.encoders,
            self.naming,
            self.loras,
            self.map,
            self.finders,
            self.exports,
            self.updates,
        )
        for state in speakers:
            state.noticed.connect(self.noticed)
        for source in (
            worker,
            self.prompt.captions,
            self.encoder,
            self.encoders.files,
            self.updates,
        ):
            source.crashed.connect(self.crashed)

    def show_first(self, query: str | None = None) -> None:
        """Send out the first screen; ``query`` is what the command line asked for, if anything."""
        self.tables.vocabularyChanged.emit(self.tables.vocabulary)
        self.search.show_first(query)

    def begin(self) -> None:
        """Open the first table; everything slow begins here, once the window was painted."""
        self.tables.show(self._start)
        self.worker.submit("clean up", self.library.clean_up)
        self.updates.check_at_start()

    def open_in_prompt(self, text: str) -> None:
        """Put a prompt, or the block that A1111 writes under a picture, into the editors."""
        self.pageRequested.emit("prompt")
        if not self.prompt.take_block(text):
            self.prompt.blocks.take(text)

    def ask(self, text: str) -> None:
        """Search for a text on the Search page."""
        self.pageRequested.emit("search")
        self.search.ask(text)

    def ask_random(self) -> None:
        """Search for a word that passes the filter, whichever chance picks."""
        vocabulary = self.tables.vocabulary
        words = vocabulary.kinds == KINDS.index("word")
        passing = np.flatnonzero(filters.mask(vocabulary, self.search.query.filter) & words)
        if len(passing):
            self.search.look_up(int(random.choice(passing)))
        else:
            self.say("No word passes these filters.")

    def use_saved(self, thing: SavedThing) -> None:
        """Ask a saved query, or fill the tray with a saved one; the tray's undo takes that back."""
        if thing.kind == "query":
            self.ask(thing.query)
        else:
            self.pageRequested.emit("search")
            self.search.change_tray(lambda tray: tray.fill(thing.tokens))

    def say(self, sentence: str) -> None:
        """Show a sentence in the window's line for messages."""
        self.noticed.emit(Notice(sentence))

    def close(self) -> None:
        """Remember what the next start shows, and end whatever runs; safe to call twice."""
        self.encoders.close()
        self.naming.close()
        self.loras.close()
        self.prompt.close()
        self.encoder.close()
        self.inspected.close()
        self.map.close()
        self.finders.close()
        self.exports.close()
        self.updates.close()
        self.search.close()
        self.tables.close()
        self.worker.close()

    @Slot()
    def _on_loras_asked(self) -> None:
        self.pageRequested.emit("encoders")

    def _on_table_failed(self, error: TokenSimError) -> None:
        self.say(str(error))
