"""Tokenizers where they can't stop the window: a large one in a process of its own.

To load a tokenizer.json holds the interpreter's lock in one call, for one of 262,000 pieces 1.5 s,
in which nothing is painted and no key is taken.
"""

import json
import logging
from collections import deque
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from tokensim_gui.core.errors import FileError, NotReady, TokenSimError
from tokensim_gui.core.vocabulary.splitting import LoadedTokenizer, Split, Splitter
from tokensim_gui.jobs.child_process import own_command

if TYPE_CHECKING:
    import subprocess
    from concurrent.futures import Future

_log = logging.getLogger(__name__)

_KEPT = 2
_QUICK_BYTES = 4_000_000  # CLIP's, T5's and WordPiece's take 0.05 to 0.1 s
_TRIES = 3


class Tokenizers:
    """Opens tokenizers; those asked for last are kept, beside those that a vocabulary holds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._live: WeakValueDictionary[tuple[object, ...], LoadedTokenizer | TokenizerProcess] = (
            WeakValueDictionary()
        )
        self._last: deque[Splitter] = deque(maxlen=_KEPT)
        self._is_closed = False

    def open(self, path: Path) -> Splitter:
        """What cuts texts by a tokenizer.json; safe from any thread.

        Raises:
            FileError: The file can't be read as one.
            TokenSimError: No process can be had.
        """
        try:
            stat = path.stat()
        except OSError as error:
            raise FileError(f"{path} can't be read: {error.strerror}.") from error
        key = (path, stat.st_size, stat.st_mtime_ns)
        with self._lock:
            if self._is_closed:
                raise TokenSimError("TokenSim is ending.")
            splitter = self._live.get(key)
            if splitter is None:
                quick = stat.st_size <= _QUICK_BYTES
                splitter = LoadedTokenizer(path) if quick else TokenizerProcess(path)
                self._live[key] = splitter
            with suppress(ValueError):
                self._last.remove(splitter)
            self._last.append(splitter)
        return splitter

    def close(self) -> None:
        """End all processes; whoever waits for one hears of it."""
        with self._lock:
            self._is_closed = True
            for splitter in self._live.values():
                if isinstance(splitter, TokenizerProcess):
                    splitter.close()


class TokenizerProcess:
    """Cuts texts in a process that loads the tokenizer; safe from any thread.

    One that ends is started again. It ends with the last reference to this object, by `close`, or
    with this process, whatever ends that.

    Raises:
        TokenSimError: No process can be had.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()  # of a question and its answer; nobody waits in it for the loading
        self._is_closed = False
        self._ends = 0  # since the last answer
        self._begin()

    @property
    def is_ready(self) -> bool:
        """Whether `split` answers at once."""
        return self._first.done()

    def split(self, text: str, /) -> list[Split]:
        """The tokens of ``text``, no special tokens added.

        Raises:
            NotReady: The tokenizer is still being loaded.
            TokenSimError: It can't be read, or can't split this text, or no process can be had.
        """
        with self._lock:
            if not self.is_ready:
                raise NotReady
            said = self._first.result()
            if said == {}:
                said = self._ask(text)
            if said is None:
                self._begin_again()
                raise NotReady
            self._ends = 0
        if isinstance(said, dict):
            raise TokenSimError(said["error"])
        assert isinstance(said, list)
        return [Split(*token) for token in said]

    def close(self) -> None:
        """End the process; nothing is cut from now on."""
        self._is_closed = True
        self._process.kill()

    def __del__(self) -> None:
        if hasattr(self, "_process"):
            self._process.kill()

    def _begin(self) -> None:
        import subprocess  # both are slow to load, and few encoders need them
        from concurrent.futures import Future

        program, arguments = own_command(["split", str(self._path)])
        try:
            self._process = subprocess.Popen(
                [program, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise TokenSimError("TokenSim could not start a second process of its own.") from error
        self._first: Future[object] = Future()
        watched = (self._process, self._first, self._lock)
        watch = Thread(target=_watch, args=watched, daemon=True)
        watch.start()

    def _begin_again(self) -> None:
        self._ends += 1
        _log.error("The process that cuts texts by %s ended.", self._path)
        if self._is_closed or self._ends % _TRIES == 0:
            raise TokenSimError(
                "The process that cuts texts into tokens ended again and again. "
                "The log (Help menu) may say why."
            )
        self._begin()

    def _ask(self, text: str) -> object:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(text).encode() + b"\n")
            self._process.stdin.flush()
            return _next_line(self._process)
        except (OSError, ValueError):  # its end, and a pipe that was closed after it
            return None


def _watch(process: "subprocess.Popen[bytes]", first: "Future[object]", lock: Lock) -> None:
    """Take the first line, which says that the tokenizer is there or why not; await the end."""
    try:
        first.set_result(_next_line(process))
    except (OSError, ValueError):  # the pipe was closed under it
        first.set_result(None)
    process.wait()
    # Its last answer may still be on its way through a pipe that this closes.
    with lock, suppress(OSError), process:
        pass


def _next_line(process: "subprocess.Popen[bytes]") -> object:
    """The next value that a process prints; None at its end."""
    assert process.stdout is not None
    while line := process.stdout.readline():
        with suppress(ValueError):  # a library that prints
            said: object = json.loads(line)
            return said
    return None
