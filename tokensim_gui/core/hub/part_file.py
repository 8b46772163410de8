"""A download in progress on disk, which survives the end of its process at any moment."""

import hashlib
import json
import os
from pathlib import Path
from types import TracebackType

from tokensim_gui.core.files import atomic

_CHECKPOINT_BYTES = 16 * 2**20
_CHUNK = 2**20


class PartFile:
    """The bytes that came so far, and beside them a ``.json`` that says how many are sound.

    The note names what is fetched, its ETag, and number and SHA-256 of the bytes that certainly
    are on the disk. Opening compares: what follows them is cut off, and what differs is dropped.
    """

    def __init__(self, path: Path, identity: dict[str, str | int]) -> None:
        """Open ``path``, in a folder that exists, for what ``identity`` tells apart.

        Raises:
            OSError: It can't be written to.
        """
        self._note = path.with_suffix(".json")
        self._identity = identity
        self._digest = hashlib.sha256()
        self.done = 0
        self.etag = ""
        self._noted = 0
        self._file = path.open("a+b")
        try:
            self._resume()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "PartFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        with self._file:
            # After an OSError the disk may be full: the last note holds.
            if kind is None or not issubclass(kind, OSError):
                self._checkpoint()

    def write(self, chunk: bytes) -> None:
        """Append ``chunk``.

        Raises:
            OSError: It can't be written.
        """
        self._file.write(chunk)
        self._digest.update(chunk)
        self.done += len(chunk)
        if self.done - self._noted >= _CHECKPOINT_BYTES:
            self._checkpoint()

    def restart(self, etag: str) -> None:
        """Drop all bytes; those to come are of the content that ``etag`` names.

        Raises:
            OSError: The file can't be changed.
        """
        self._file.truncate(0)
        self._digest = hashlib.sha256()
        self.done = self._noted = 0
        self.etag = etag

    def finish(self) -> str:
        """Put everything on the disk and return the SHA-256 of it, in hexadecimal.

        Raises:
            OSError: It can't be written.
        """
        self._checkpoint()
        return self._digest.hexdigest()

    def _checkpoint(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        note = {**self._identity, "etag": self.etag, "done": self.done}
        note["sha256"] = self._digest.hexdigest()
        atomic.write_atomically(self._note, json.dumps(note).encode())
        self._noted = self.done

    def _resume(self) -> None:
        try:
            note = json.loads(self._note.read_bytes()[:100_000])
            done, etag = note.pop("done"), note.pop("etag")
            sha256 = note.pop("sha256")
            if note != self._identity or type(done) is not int or type(etag) is not str:
                raise ValueError
        except (OSError, ValueError, RecursionError, KeyError, AttributeError, TypeError):
            self.restart("")
            return
        self._file.seek(0)
        left = max(0, done)
        while left and (chunk := self._file.read(min(_CHUNK, left))):
            self._digest.update(chunk)
            left -= len(chunk)
        if left or self._digest.hexdigest() != sha256:
            self.restart("")
            return
        self._file.truncate(done)
        self.done = self._noted = done
        self.etag = etag
