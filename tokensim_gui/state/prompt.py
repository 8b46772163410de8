"""The state of the Prompt page: the prompt, its tokens, weights, and prompts made of it."""

import re
from functools import partial
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.prompt.interfaces import MOST_STEPS, TITLES
from tokensim_gui.core.prompt.models import Model, model_for, places
from tokensim_gui.core.prompt.prompt_reading import (
    Reading,
    Weights,
    read_prompt,
    read_weights,
    swaps_of,
    with_spaces,
)
from tokensim_gui.core.values import AS_WORDS, KINDS, Query, Results, TokenFilter
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.caption_checks import Captions
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.prompt_blocks import PromptBlocks
from tokensim_gui.state.prompt_encoder import PromptEncoder
from tokensim_gui.state.prompt_files import PromptFiles
from tokensim_gui.state.search import SearchState
from tokensim_gui.state.settings import Settings
from tokensim_gui.state.template_filling import TemplateFilling

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.interfaces import Interface
    from tokensim_gui.core.prompt.prompt_tokens import PromptToken
    from tokensim_gui.core.text_encoders.likeness import Swap

Side = Literal["prompt", "negative"]
NEIGHBOURS = 100
IN_EDITOR = "It is in the editor; Ctrl+Z there takes it back."
_KEEP_MS = 700
_STEPS = re.compile(r"\bsteps: (\d{1,9})(?= ·|$)", re.IGNORECASE)
_LITERAL = ("byte-bpe", "sentencepiece", "wordpiece")
"""Families of language models, which interfaces feed brackets as they are typed."""


class PromptState(QObject):
    """Owns prompt and negative prompt and emits what the Prompt page shows of the one in front."""

    replaceAsked = Signal(int, int, str)  # code points start, end; what to write there
    interfaceChanged = Signal(str)
    modelChanged = Signal(str)
    stepsChanged = Signal(int)
    readingChanged = Signal(object)  # Reading
    problemChanged = Signal(str)
    weightsChanged = Signal(object)  # Weights
    selectionChanged = Signal(object)  # int | None: index of a token of the reading
    neighboursChanged = Signal(object)  # Results | str (why there are none) | None (none asked)
    noticed = Signal(object)  # Notice

    def __init__(
        self,
        settings: Settings,
        tables: OpenTables,
        search: SearchState,
        encoder: PromptEncoder,
        worker: Worker,
        parent: QObject | None = None,
    ) -> None:
        """Take the table in front (it cuts the prompt), and the states that follow a choice."""
        super().__init__(parent)
        self._settings, self._tables, self._search = settings, tables, search
        self._encoder, self._worker = encoder, worker
        self.captions = Captions(tables, self)
        self.template = TemplateFilling(tables, worker, self)
        self.texts: dict[str, str] = {
            "prompt": settings.last_prompt,
            "negative": settings.last_negative,
        }
        self.blocks = PromptBlocks(self.texts, settings.prompt_settings, self)
        self.files = PromptFiles(self.texts, worker, self)
        self.side: Side = "prompt"
        self.model: Model = "clip"
        self.target: Interface = "comfyui"
        self.reading: Reading | None = None
        self.selection: int | None = None
        self._shown = self._wants_weights = False
        # The key is painted first: reading takes the interpreter's lock now and then.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.read)
        # A disk may be slow, and a program may end without a word.
        self._keep = QTimer(self, singleShot=True, interval=_KEEP_MS)
        self._keep.timeout.connect(self._on_keep_timeout)
        self._written: tuple[int, int] | None = None  # place and id of a token put in
        self._converted: dict[str, Interface] = {}  # a prompt before and after, and whose each is
        self.files.pictureRead.connect(self.blocks.take_picture)
        self.files.captionRead.connect(self._on_caption_read)
        self.blocks.settingsChanged.connect(self._on_settings_changed)
        tables.vocabularyChanged.connect(self._on_vocabulary_changed)
        tables.frontChanged.connect(self._on_front_changed)

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
        literal = self._tables.vocabulary.family in _LITERAL
        return "plain" if literal else self.written_for

    def set_text(self, text: str, side: Side) -> None:
        """Take what was typed; its tokens follow."""
        if text != self.texts[side]:
            if text in self._converted and self.texts[side] in self._converted:
                self.set_written_for(self._converted[text])
            was, self.texts[side] = self.texts[side], text
            self.blocks.follow(side, was)
            self._keep.start()
            if side == self.side:
                self._soon.start()

    def set_side(self, side: Side) -> None:
        """Bring prompt or negative prompt to the front."""
        if side != self.side:
            self.side = side
            self.select(None)
            self.read()

    @property
    def steps(self) -> int:
        """Sampling steps, of which A1111's prompt editing takes fractions."""
        steps: int = self._settings.prompt_steps
        return steps

    def set_steps(self, steps: int) -> None:
        """Resolve prompt editing for another number of steps."""
        if steps != self.steps:
            self._settings.set("prompt_steps", steps)
            self.stepsChanged.emit(steps)
            self.read()

    @property
    def places(self) -> int | None:
        """How many places the prompt has; None where nothing is cut off."""
        return places(self.model, self.written_for)

    def set_model(self, model: Model) -> None:
        """Count against the places of another model."""
        self.model = model
        self.modelChanged.emit(model)
        self.read()
        self.captions.check_again(self.places)

    @Slot()
    def read(self) -> None:
        """Read the prompt anew, for the interface and the encoder in force, if it is seen."""
        if not self._shown:
            return
        self._worker.cancel("prompt")
        self._worker.submit(
            "prompt",
            read_prompt,
            self.text,
            self._tables.vocabulary,
            self.interface,
            self.model,
            self.steps,
            done=self._on_read,
            failed=self._on_read_failed,
        )
        if self._wants_weights:
            self._worker.cancel("weights")
            self._worker.submit(
                "weights",
                read_weights,
                self.text,
                self.written_for,
                self.target,
                self.steps,
                done=self._on_weights_read,
            )

    def set_shown(self, shown: bool) -> None:
        """The page came to the front or went; nothing is read for a page that is not seen."""
        self._shown = shown
        self.read()

    def write(self, text: str) -> None:
        """Put a text into the editor in front; undone there."""
        self.replaceAsked.emit(0, len(self.text), text)

    def write_for(self, text: str, interface: "Interface") -> None:
        """Put a converted prompt into the editor; undone there, it is read as before."""
        self._converted = {self.text: self.written_for}
        self.set_written_for(interface)
        self._converted[text] = interface
        self.write(text)

    def convert_to(self, interface: "Interface") -> None:
        """Write the prompt in front for another program, and say what could not be carried over."""
        from tokensim_gui.core.prompt.conversion import convert

        made = convert(self.text, self.written_for, interface, self.steps)
        self.write_for(made.text, interface)
        if made.lost:
            self.noticed.emit(Notice(" ".join(made.lost)))

    def set_written_for(self, interface: "Interface") -> None:
        """Read the prompt as another program does."""
        if interface != self.written_for:
            self._settings.set("write_for", interface)
            self.interfaceChanged.emit(interface)
            self.noticed.emit(Notice(f"From now on this is a prompt for {TITLES[interface]}."))
            self.read()

    def take_block(self, block: str) -> bool:
        """Take what A1111 writes under a picture; False if the text is a prompt alone."""
        return self.blocks.take_block(block)

    def close(self) -> None:
        """Remember the prompts; end what runs."""
        self._on_keep_timeout()
        self.captions.close()

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
                self._search.select(token.id)
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

        return convert(text, self.interface, "plain", self.steps).text.strip()

    def vary(self, prompt: str, clip_skip: int) -> None:
        """Swap words of a prompt for near ones, and compare what comes of it."""
        opened = self._tables.front
        if opened is not None:
            self._worker.cancel("swaps")
            self._worker.submit(
                "swaps",
                swaps_of,
                prompt,
                opened.vocabulary,
                opened.engine,
                done=partial(self._on_swaps_found, prompt, clip_skip),
                failed=self._on_swaps_failed,
            )

    # Inside -----------------------------------------------------------------------------------

    def _ask_neighbours(self) -> None:
        token, opened = self.token(), self._tables.front
        self._worker.cancel("instead")
        if token is None:
            self.neighboursChanged.emit(None)
        elif opened is not None and self.reading is not None:
            vocabulary = self.reading.vocabulary
            if opened.vocabulary is vocabulary:
                is_part = KINDS[vocabulary.kinds[token.id]] == "part"
                wanted = (
                    TokenFilter(kinds=("part",), typeable=(*AS_WORDS, "start", "inside"))
                    if is_part
                    else TokenFilter(kinds=("word",), typeable=("alone",))
                )
                query = Query(
                    f"#{token.id}",
                    count=NEIGHBOURS,
                    map_count=0,
                    leave_out_own=True,
                    leave_out_forms=True,
                    filter=wanted,
                    strict=True,
                )
                self._worker.submit(
                    "instead",
                    opened.engine.search,
                    query,
                    done=self._on_neighbours_found,
                    failed=self._on_neighbours_failed,
                )

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
        front = self._tables.vocabulary
        self.model = model_for(front.family, front.rows)
        self.modelChanged.emit(self.model)
        self.select(None)
        self.read()
        self.captions.check_again(self.places)

    @Slot(str)
    def _on_caption_read(self, text: str) -> None:
        # A1111 writes its block into a text file too, if it is told to.
        if not self.take_block(text):
            self.write(text.strip())
            self.noticed.emit(Notice(IN_EDITOR))
        self.captions.leave()

    @Slot(str)
    def _on_settings_changed(self, settings: str) -> None:
        """What was taken out of a picture tells its steps."""
        told = _STEPS.search(settings)
        if told and 1 <= int(told[1]) <= MOST_STEPS:
            self.set_steps(int(told[1]))

    @Slot()
    def _on_keep_timeout(self) -> None:
        """Remember the prompts."""
        self._keep.stop()
        self._settings.set("last_prompt", self.texts["prompt"])
        self._settings.set("last_negative", self.texts["negative"])
        self._settings.set("prompt_settings", self.blocks.settings)

    @Slot(object)
    def _on_front_changed(self, _table: object) -> None:
        if self.reading is None or self.reading.vocabulary is not self._tables.vocabulary:
            self.read()
        self._ask_neighbours()

    def _on_read(self, reading: Reading) -> None:
        self._take_reading(reading)

    def _on_read_failed(self, error: TokenSimError) -> None:
        self.problemChanged.emit(str(error))

    def _on_weights_read(self, weights: Weights) -> None:
        self.weightsChanged.emit(weights)

    def _on_neighbours_found(self, found: Results) -> None:
        self.neighboursChanged.emit(found if found.problem is None else str(found.problem))

    def _on_neighbours_failed(self, error: TokenSimError) -> None:
        self.neighboursChanged.emit(str(error))

    def _on_swaps_found(self, prompt: str, clip_skip: int, swaps: "tuple[Swap, ...]") -> None:
        self._encoder.vary(prompt, swaps, clip_skip)

    def _on_swaps_failed(self, error: TokenSimError) -> None:
        self._encoder.problemChanged.emit(str(error))
