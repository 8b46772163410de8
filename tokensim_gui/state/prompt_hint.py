"""Says on the Search page that what was typed looks like a whole prompt."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tokensim_gui.core.prompt.prompt_reading import prompt_marks
from tokensim_gui.core.values import Query
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.search import SearchState

_REST_MS = 700  # half a query is no prompt: it is looked at once typing has rested


class PromptHint(QObject):
    """Looks at every query; offers to open it on the Prompt page."""

    noticed = Signal(object)  # Notice

    def __init__(self, search: SearchState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._search = search
        self._searched_anyway = ""
        self._spoken_of = ""
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._on_rest_timeout)
        search.queryChanged.connect(self._on_query_changed)

    def leave(self, text: str) -> None:
        """The hint about a text was answered: take it back, and don't give it again."""
        self._take_back()
        self._searched_anyway = text

    def _take_back(self) -> None:
        self._spoken_of = ""
        self.noticed.emit(Notice("", place="bar"))

    @Slot(Query)
    def _on_query_changed(self, query: Query) -> None:
        if self._spoken_of and query.text != self._spoken_of:
            self._take_back()
        self._rest.start()

    @Slot()
    def _on_rest_timeout(self) -> None:
        text = self._search.query.text
        marks = prompt_marks(text)
        if marks and text != self._searched_anyway:
            named = " and ".join(", ".join(marks).rsplit(", ", 1))
            offers = (
                Offer("Open in Prompt", "prompt", text),
                Offer("Search it anyway", "search", text),
            )
            self._spoken_of = text
            self.noticed.emit(Notice(f"This looks like a prompt: {named}.", offers, "bar"))
