"""Keeps the tray of the window and the state together."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from tokensim_gui.core.prompt.copying import COPY_STYLES, copied_text
from tokensim_gui.core.prompt.interfaces import INTERFACES
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui.search_page.tray import Tray

if TYPE_CHECKING:
    from tokensim_gui.state.session import Session
    from tokensim_gui.state.settings import Settings

_CHUNK = 75  # tokens that CLIP takes at once, beside its start and end
_PREVIEWED = 6  # tokens
_LONGEST = 44  # characters of a preview


class TrayRequests(QObject):
    """What is asked of the tray goes to the state, and what comes of it back.

    Signals:
        promptRequested: A text is to be written behind the prompt.
    """

    promptRequested = Signal(str)

    def __init__(self, tray: Tray, session: "Session", settings: "Settings") -> None:
        super().__init__(tray)
        self._tray, self._session, self._settings = tray, session, settings
        tray.set_copy_style(settings.copy_style)
        tray.set_interface(settings.write_for)
        tray.tokenActivated.connect(session.search.select)
        tray.gestures.lookedUp.connect(session.search.look_up)
        tray.tokensDropped.connect(self._on_tokens_dropped)
        tray.moveRequested.connect(self._on_move_requested)
        tray.removeRequested.connect(self._on_remove_requested)
        tray.copyRequested.connect(self.copy)
        tray.promptRequested.connect(self.add_to_prompt)
        tray.copyStyleChanged.connect(self._on_copy_style_changed)
        tray.interfaceChanged.connect(self._on_interface_changed)
        for button in (tray.style_button, tray.interface):
            button.menu().aboutToShow.connect(self._on_menu_about_to_show)
        session.tables.vocabularyChanged.connect(self._on_vocabulary_changed)
        session.tables.frontChanged.connect(self._show)
        session.search.trayChanged.connect(self._show)
        session.tray_count.changed.connect(self._on_tray_count_changed)
        session.prompt.interfaceChanged.connect(self._on_prompt_interface_changed)

    @Slot()
    def copy(self) -> None:
        """Copy all of it as it is shown."""
        self._session.clipboard.copy(self._session.search.tray, self._settings.copy_style)

    @Slot()
    def add_to_prompt(self) -> None:
        """Write it behind the prompt."""
        ids = self._session.search.tray
        if text := self._session.clipboard.text_for(ids):
            self.promptRequested.emit(text)
        else:
            self._session.say("There is nothing in the tray that can be typed.")

    @Slot()
    def _show(self) -> None:
        search, clipboard = self._session.search, self._session.clipboard
        ids, places = search.tray, search.tray_places
        if self._session.tables.front is None or not ids:
            self._tray.set_tokens(places, "")
            self._tray.set_count("")
            return
        self._tray.set_tokens(places, clipboard.text_for(ids, self._settings.copy_style))
        self._session.tray_count.ask(clipboard.text_for(ids))

    @Slot(int)
    def _on_tray_count_changed(self, cost: int) -> None:
        clip = self._session.tables.vocabulary.family == "clip"
        count = f"{cost} of {_CHUNK} tokens" if clip else f"{cost} tokens"
        self._tray.set_count(count if self._session.search.tray else "")

    @Slot(list, int)
    def _on_tokens_dropped(self, ids: list[int], position: int) -> None:
        self._session.search.change_tray(lambda tray: tray.insert(ids, position))

    @Slot(int, int)
    def _on_move_requested(self, source: int, target: int) -> None:
        self._session.search.change_tray(lambda tray: tray.move(source, target))

    @Slot(int)
    def _on_remove_requested(self, position: int) -> None:
        self._session.search.change_tray(lambda tray: tray.remove_at(position))

    @Slot(str)
    def _on_copy_style_changed(self, style: str) -> None:
        self._settings.set("copy_style", style)
        self._show()

    @Slot(str)
    def _on_interface_changed(self, interface: str) -> None:
        self._settings.set("write_for", interface)
        self._session.prompt.read()
        self._show()

    @Slot(str)
    def _on_prompt_interface_changed(self, interface: str) -> None:
        self._tray.set_interface(self._settings.write_for)
        self._show()

    @Slot(object)
    def _on_vocabulary_changed(self, vocabulary: Vocabulary) -> None:
        # Its tokens follow: the tray finds them anew once the table is in front.
        self._tray.set_vocabulary(vocabulary)

    @Slot()
    def _on_menu_about_to_show(self) -> None:
        tray, vocabulary = self._session.search.tray, self._session.tables.vocabulary
        ids, more = tray[:_PREVIEWED], "…" if len(tray) > _PREVIEWED else ""
        style, interface = self._settings.copy_style, self._settings.write_for

        def preview(text: str) -> str:
            line = " ⏎ ".join(text.split("\n"))
            return f"{line}{more}" if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"

        self._tray.set_previews(
            {key: preview(copied_text(vocabulary, ids, key, interface)) for key in COPY_STYLES},
            {key: preview(copied_text(vocabulary, ids, style, key)) for key in INTERFACES},
        )
