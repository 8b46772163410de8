"""The state of “Compare prompts”: a whole text encoder, and what it makes of prompts.

It runs on a thread of its own, so that no search and no key ever waits for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job, Progress
from tokensim_gui.core.values import FloatArray
from tokensim_gui.jobs.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokensim_gui.core.text_encoders.likeness import Influence, Swap, Variation
    from tokensim_gui.core.text_encoders.text_encoder import TextEncoder


@dataclass(frozen=True, slots=True)
class OpenEncoder:
    """A text encoder that can be asked; ``model`` belongs to the thread that made it."""

    path: Path
    name: str
    layers: int
    device: str
    model: "TextEncoder"


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole text encoders of a checkpoint: their names."""

    path: Path
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """How alike some prompts are to an encoder.

    Attributes:
        prompts: What was encoded.
        whole: float64 [n, n], cosines of the pooled vectors.
        tokens: float64 [n, n], the same token by token.
        windows: How many windows each prompt fills.
    """

    prompts: tuple[str, ...]
    whole: FloatArray
    tokens: FloatArray
    windows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Varied:
    """A prompt with its tokens swapped one by one, the most like the original first."""

    prompt: str
    variations: "tuple[Variation, ...]"


class PromptEncoder(QObject):
    """Opens one text encoder at a time and asks it one thing at a time."""

    asked = Signal()  # for its place in the window, from elsewhere
    encoderChanged = Signal(object)  # OpenEncoder | None
    wholeFound = Signal(object)  # Whole: what could be used of the checkpoint that is open
    answered = Signal(object)  # Compared | Influence | Varied
    busyChanged = Signal(object)  # Progress of what runs | None
    problemChanged = Signal(str)
    crashed = Signal(object)  # an Exception that is a bug

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.encoder: OpenEncoder | None = None
        self._worker = Worker(self)
        self._worker.crashed.connect(self.crashed)
        self._running = ""
        self._looked_at = ""

    def look_at(self, source: str) -> None:
        """Find out whether the checkpoint of the open table has a whole text encoder."""
        if source != self._looked_at:
            self._looked_at = source
            path = Path(source)
            self._worker.cancel("whole")
            if source and path.is_absolute():
                self._worker.submit("whole", _look_at, path, done=self._on_looked_at)
            else:  # fetched or built in: what was said of the one before is over
                self.wholeFound.emit(Whole(path, ()))

    def open(self, path: Path, name: str = "") -> None:
        """Open a text encoder of a checkpoint or folder, by default its first."""
        self._run("encoder", "Opening the encoder", _open, path, name)

    def show(self, path: Path, name: str) -> None:
        """Open a text encoder, and ask for the place where prompts are compared."""
        self.asked.emit()
        self.open(path, name)

    def compare(self, prompts: Sequence[str], clip_skip: int) -> None:
        """Compare prompts with each other."""
        if self.encoder is not None:
            args = (self.encoder.model, tuple(prompts), clip_skip)
            self._run("compare", "Encoding prompts", _compare, *args)

    def influence(self, prompt: str, clip_skip: int) -> None:
        """Measure what each token of a prompt does to its encoding."""
        if self.encoder is not None:
            args = (self.encoder.model, prompt, clip_skip)
            self._run("influence", "Leaving out each token", _influence, *args)

    def vary(self, prompt: str, swaps: "Sequence[Swap]", clip_skip: int) -> None:
        """Compare a prompt with those that some swaps make of it."""
        if self.encoder is not None:
            args = (self.encoder.model, prompt, tuple(swaps), clip_skip)
            self._run("vary", "Encoding variations", _vary, *args)

    def cancel(self) -> None:
        """Stop what runs; what is shown stays."""
        if self._running:
            self._worker.cancel(self._running)

    def close(self) -> None:
        """End the thread; safe to call twice."""
        self._worker.close()

    # Inside -----------------------------------------------------------------------------------

    def _run(self, kind: str, words: str, func: "Callable[..., object]", *args: object) -> None:
        self.cancel()
        self._running = kind
        self.problemChanged.emit("")
        self.busyChanged.emit(Progress(text=words))
        self._worker.submit(
            kind,
            func,
            *args,
            done=partial(self._on_done, kind),
            failed=partial(self._on_failed, kind),
            cancelled=partial(self._over, kind),
            progressed=partial(self._on_progressed, kind),
        )

    def _over(self, kind: str) -> None:
        if kind == self._running:
            self._running = ""
            self.busyChanged.emit(None)

    def _on_looked_at(self, whole: Whole) -> None:
        self.wholeFound.emit(whole)

    def _on_done(self, kind: str, value: object) -> None:
        self._over(kind)
        if isinstance(value, OpenEncoder):
            self.encoder = value
            self.encoderChanged.emit(value)
        else:
            self.answered.emit(value)

    def _on_failed(self, kind: str, error: TokenSimError) -> None:
        self._over(kind)
        self.problemChanged.emit(str(error))

    def _on_progressed(self, kind: str, progress: Progress) -> None:
        if kind == self._running:
            self.busyChanged.emit(progress)


def _look_at(path: Path, *, job: Job) -> Whole:
    from tokensim_gui.core.text_encoders.encoder_layouts import candidates_for_encoding

    job.check()
    try:
        return Whole(path, tuple(source.name for source in candidates_for_encoding(path)))
    except TokenSimError:  # moved away, or changed since
        return Whole(path, ())


def _open(path: Path, name: str, *, job: Job) -> OpenEncoder:
    from tokensim_gui.core.text_encoders.encoder_files import open_encoder

    model = open_encoder(path, name, job)
    return OpenEncoder(path, model.name, model.layers, model.device, model)


def _compare(
    model: "TextEncoder", prompts: tuple[str, ...], clip_skip: int, *, job: Job
) -> Compared:
    from tokensim_gui.core.text_encoders.likeness import compare, compare_tokens

    made = model.encode(prompts, clip_skip, job=job)
    return Compared(prompts, compare(made), compare_tokens(made), made.windows)


def _influence(model: "TextEncoder", prompt: str, clip_skip: int, *, job: Job) -> "Influence":
    from tokensim_gui.core.text_encoders.likeness import influence

    return influence(model, prompt, clip_skip, job)


def _vary(
    model: "TextEncoder", prompt: str, swaps: "tuple[Swap, ...]", clip_skip: int, *, job: Job
) -> Varied:
    from tokensim_gui.core.text_encoders.likeness import variations

    return Varied(prompt, variations(model, prompt, swaps, clip_skip, job))
