"""The state of the Prompt page: the prompt, its tokens, weights, and prompts made of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.prompt.interfaces import TITLES
from tokensim_gui.core.prompt.prompt_reading import (
    Reading,
    Weights,
    make_mutations,
    read_captions,
    read_prompt,
    read_weights,
    swaps_of,
    with_spaces,
)
from tokensim_gui.core.values import KINDS, Query, Results, TokenFilter
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.prompt_blocks import PromptTaking
from tokensim_gui.state.prompt_encoder import PromptEncodings
from tokensim_gui.state.prompt_hint import PromptHint

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.interfaces import Interface
    from tokensim_gui.core.prompt.prompt_tokens import Limit, PromptToken
    from tokensim_gui.jobs.worker import Worker
    from tokensim_gui.state.settings import Settings
    from tokensim_gui.state.workspace import Workspace

Side = Literal["prompt", "negative"]
NEIGHBOURS = 100
_LITERAL = ("byte-bpe", "sentencepiece", "wordpiece")
"""Families of language models, which interfaces feed brackets as they are typed."""


class Prompting(QObject):
    """Owns prompt and negative prompt and emits what the Prompt page shows of the one in front."""

    replaceAsked = Signal(int, int, str)  # code points start, end; what to write there
    interfaceChanged = Signal(str)
    readingChanged = Signal(object)  # Reading
    problemChanged = Signal(str)
    weightsChanged = Signal(object)  # Weights
    selectionChanged = Signal(object)  # int | None: index of a token of the reading
    neighboursChanged = Signal(object)  # Results | str (why there are none) | None (none asked)
    mutationsChanged = Signal(object)  # Mutations | str | None (being made)
    captionsChanged = Signal(object)  # tuple[CaptionFile, ...] | str | None (closed)
    captionsProgressed = Signal(int, int)
    noticed = Signal(object)  # Notice

    def __init__(self, workspace: "Workspace", settings: "Settings", worker: "Worker") -> None:
        super().__init__(workspace)
        self._workspace, self._settings, self._worker = workspace, settings, worker
        self.encodings = PromptEncodings(self)
        self.hint = PromptHint(workspace)
        self.texts: dict[str, str] = {
            "prompt": settings.last_prompt,
            "negative": settings.last_negative,
        }
        self.taking = PromptTaking(self.texts, self)
        self.side: Side = "prompt"
        self.limit: Limit = 77
        self.target: Interface = "comfyui"
        self.reading: Reading | None = None
        self.selection: int | None = None
        self._shown = self._wants_weights = False
        self._tickets: dict[str, int] = {}
        # The key is painted first: reading takes the interpreter's lock now and then.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.read)
        self._written: tuple[int, int] | None = None  # place and id of a token put in
        self._converted: dict[str, Interface] = {}  # a prompt before and after, and whose each is
        self._vary = ("", 0)  # prompt and clip skip whose swaps are looked for
        worker.finished.connect(self._on_worker_finished)
        worker.failed.connect(self._on_worker_failed)
        workspace.vocabularyChanged.connect(self._on_vocabulary_changed)
        workspace.tableOpened.connect(self._on_table_opened)
        self.encodings.worker.finished.connect(self._on_worker_finished)
        self.encodings.worker.failed.connect(self._on_worker_failed)
        self.encodings.worker.progressed.connect(self._on_captions_progressed)
        self.taking.noticed.connect(self.noticed)
        self.noticed.connect(workspace.noticed)
        self.encodings.crashed.connect(workspace.crashed)

    # The prompt -------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The prompt in front."""
        return self.texts[self.side]

    @property
    def written_for(self) -> "Interface":
        """In whose syntax the prompt is written."""
        interface: Interface = self._settings.write_for
        return interface

    @property
    def interface(self) -> "Interface":
        """Who reads the prompt: ``plain`` where the encoder takes brackets literally."""
        literal = self._workspace.vocabulary.family in _LITERAL
        return "plain" if literal else self.written_for

    def set_text(self, text: str, side: Side) -> None:
        """Take what was typed; its tokens follow."""
        if text != self.texts[side]:
            if text in self._converted and self.texts[side] in self._converted:
                self._set_written_for(self._converted[text])
            was, self.texts[side] = self.texts[side], text
            self.taking.follow(side, was)
            if side == self.side:
                self._soon.start()

    def set_side(self, side: Side) -> None:
        """Bring prompt or negative prompt to the front."""
        if side != self.side:
            self.side = side
            self.select(None)
            self.read()

    def set_limit(self, limit: "Limit") -> None:
        """Count against 77, 256 or 512 places."""
        self.limit = limit
        self.read()

    @Slot()
    def read(self) -> None:
        """Read the prompt anew, for the interface and the encoder in force, if it is seen."""
        if not self._shown:
            return
        self._submit(
            "prompt", read_prompt, self.text, self._workspace.vocabulary, self.interface, self.limit
        )
        if self._wants_weights:
            self._submit("weights", read_weights, self.text, self.written_for, self.target)

    def set_shown(self, shown: bool) -> None:
        """The page came to the front or went; nothing is read for a page that is not seen."""
        self._shown = shown
        self.read()

    def write(self, text: str) -> None:
        """Put a text into the editor in front; undone there."""
        self.replaceAsked.emit(0, len(self.text), text)

    def write_for(self, text: str, interface: "Interface") -> None:
        """Put a converted prompt into the editor, and read it as its interface does.

        Undone there, it is read as the interface before did.
        """
        self._converted = {self.text: self.written_for}
        self._set_written_for(interface)
        self._converted[text] = interface
        self.write(text)

    def _set_written_for(self, interface: "Interface") -> None:
        if interface != self.written_for:
            self._settings.set("write_for", interface)
            self.interfaceChanged.emit(interface)
            self.noticed.emit(Notice(f"Now written for {TITLES[interface]}."))

    def take(self, prompt: str) -> None:
        """Put a prompt into the editors; undone there."""
        self.taking.take(prompt)

    def take_block(self, block: str) -> bool:
        """Take what A1111 writes under a picture; False if the text is a prompt alone."""
        return self.taking.take_block(block)

    def close(self) -> None:
        """Remember the prompts; end what runs."""
        self._settings.set("last_prompt", self.texts["prompt"])
        self._settings.set("last_negative", self.texts["negative"])
        self.encodings.close()

    # Tokens -----------------------------------------------------------------------------------

    def token(self) -> "PromptToken | None":
        """The token selected."""
        if self.reading is None or self.selection is None:
            return None
        tokens = self.reading.prompt.tokens
        return tokens[self.selection] if self.selection < len(tokens) else None

    def select(self, index: int | None) -> None:
        """Select a token of the prompt; its neighbours follow."""
        if index != self.selection:
            self.selection = index
            self.selectionChanged.emit(index)
            token = self.token()
            if token is not None:
                self._workspace.select(token.id)
            self._ask_neighbours()

    def replace(self, token: int) -> None:
        """Put a token in the place of the selected one."""
        from tokensim_gui.core.prompt.conversion import escape
        from tokensim_gui.core.prompt.copying import typed_text

        place = self.token()
        if place is None or self.reading is None or self.reading.text != self.text:
            return
        text = typed_text(self.reading.vocabulary, token)
        if text is not None:
            self._written = (place.start, token)
            self.replaceAsked.emit(place.start, place.end, escape(text, self.interface))

    def spaces_for_underscores(self) -> None:
        """Write the words that cost fewer tokens with spaces so."""
        if self.reading is None or self.reading.text != self.text:
            return
        self.write(with_spaces(self.reading))

    # Weights ----------------------------------------------------------------------------------

    def want_weights(self, wanted: bool) -> None:
        """Say whether the weights are in front; they are read only then."""
        self._wants_weights = wanted
        if wanted:
            self.read()

    def set_target(self, target: "Interface") -> None:
        """Write the prompt for another interface."""
        self.target = target
        self.read()

    # Encodings --------------------------------------------------------------------------------

    def plain(self, text: str) -> str:
        """What is sent of a prompt, without weights: what an encoder is asked about."""
        from tokensim_gui.core.prompt.conversion import convert

        return convert(text, self.interface, "plain").text.strip()

    def vary(self, prompt: str, clip_skip: int) -> None:
        """Swap words of a prompt for near ones, and compare what comes of it."""
        opened = self._workspace.opened
        if opened is not None:
            self._vary = (prompt, clip_skip)
            self._submit("swaps", swaps_of, prompt, opened.vocabulary, opened.engine)

    # Variations and captions ------------------------------------------------------------------

    def mutate(self, template: str, count: int, seed: int, token_filter: TokenFilter) -> None:
        """Fill the slots of a template."""
        opened = self._workspace.opened
        engine = None if opened is None else opened.engine
        vocabulary = self._workspace.vocabulary
        self.mutationsChanged.emit(None)
        args = (template, vocabulary, count, seed, token_filter, self.interface, engine)
        self._submit("mutate", make_mutations, *args)

    def check_captions(self, folder: Path) -> None:
        """Check the caption files of a folder."""
        worker = self.encodings.worker
        self.captionsProgressed.emit(0, 0)
        args = (folder, self._workspace.vocabulary, self.limit)
        self._tickets["captions"] = worker.submit("captions", read_captions, *args)

    def leave_captions(self) -> None:
        """Stop checking captions, and show the prompt again."""
        self.encodings.worker.cancel("captions")
        self._tickets.pop("captions", None)
        self.captionsChanged.emit(None)

    # Inside -----------------------------------------------------------------------------------

    def _submit(self, kind: str, func: object, *args: object) -> None:
        assert callable(func)
        self._tickets[kind] = self._worker.submit(kind, func, *args)

    def _ask_neighbours(self) -> None:
        token, opened = self.token(), self._workspace.opened
        self._tickets.pop("instead", None)
        if token is None:
            self.neighboursChanged.emit(None)
        elif opened is not None and self.reading is not None:
            vocabulary = self.reading.vocabulary
            if opened.vocabulary is vocabulary:
                is_part = KINDS[vocabulary.kinds[token.id]] == "part"
                wanted = (
                    TokenFilter(kinds=("part",), typeable=("alone", "inside"))
                    if is_part
                    else TokenFilter(kinds=("word",), typeable=("alone",))
                )
                query = Query(
                    f"#{token.id}",
                    count=NEIGHBOURS,
                    map_count=0,
                    leave_out_own=True,
                    filter=wanted,
                    strict=True,
                )
                self._submit("instead", opened.engine.search, query)

    def _take_reading(self, reading: Reading) -> None:
        before, selected, read = self.token(), self.selection, self.reading
        self.reading = reading
        self.problemChanged.emit("")
        self.readingChanged.emit(reading)
        tokens = reading.prompt.tokens
        count = len(tokens)
        same = read is not None and read.text == reading.text
        if before is not None and same and self.selection == selected:
            # Another interface reads other tokens: the word stays selected, not the number.
            behind = (index for index, token in enumerate(tokens) if token.end > before.start)
            self.select(next(behind, count - 1 if count else None))
        if self.selection is not None and self.selection >= count:
            self.select(count - 1 if count else None)
        elif self.selection is not None:
            now = self.token()
            if before is None or now is None or before.id != now.id:
                self._ask_neighbours()
        self._say_what_was_written(reading)

    def _say_what_was_written(self, reading: Reading) -> None:
        """Say so where a token that was put in became another one."""
        if self._written is None:
            return
        (start, wanted), self._written = self._written, None
        vocabulary, tokens = reading.vocabulary, reading.prompt.tokens
        became = [token for token in tokens if token.start == start]
        if any(token.id == wanted for token in became) or not became:
            return
        word = [token.id for token in tokens if token.word == became[0].word]
        shown = "·".join(vocabulary.display(token) for token in word)
        self.noticed.emit(
            Notice(f"In this place “{vocabulary.display(wanted)}” is read as {shown}.")
        )

    @Slot(object)
    def _on_vocabulary_changed(self, vocabulary: object) -> None:
        family = self._workspace.vocabulary.family
        self.limit = 77 if family in ("clip", "none") else 512
        self.select(None)
        self.read()

    @Slot(object)
    def _on_table_opened(self, _opened: object) -> None:
        if self.reading is None or self.reading.vocabulary is not self._workspace.vocabulary:
            self.read()
        self._ask_neighbours()

    @Slot(str, int, object)
    def _on_worker_finished(self, kind: str, ticket: int, value: object) -> None:
        if ticket != self._tickets.get(kind):
            return
        if isinstance(value, Reading):
            self._take_reading(value)
        elif isinstance(value, Weights):
            self.weightsChanged.emit(value)
        elif kind == "instead" and isinstance(value, Results):
            self.neighboursChanged.emit(value if value.problem is None else str(value.problem))
        elif kind == "mutate":
            self.mutationsChanged.emit(value)
        elif kind == "swaps" and isinstance(value, tuple):
            prompt, clip_skip = self._vary
            self.encodings.vary(prompt, value, clip_skip)
        elif kind == "captions":
            self.captionsChanged.emit(value)

    @Slot(str, int, object)
    def _on_worker_failed(self, kind: str, ticket: int, error: object) -> None:
        if ticket != self._tickets.get(kind) or not isinstance(error, TokenSimError):
            return
        if kind == "prompt":
            self.problemChanged.emit(str(error))
        elif kind == "instead":
            self.neighboursChanged.emit(str(error))
        elif kind == "mutate":
            self.mutationsChanged.emit(str(error))
        elif kind == "swaps":
            self.encodings.problemChanged.emit(str(error))
        elif kind == "captions":
            self.captionsChanged.emit(str(error))

    @Slot(str, int, int, str)
    def _on_captions_progressed(self, kind: str, done: int, total: int, _text: str) -> None:
        if kind == "captions" and kind in self._tickets:
            self.captionsProgressed.emit(done, total)
