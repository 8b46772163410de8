"""Bytes of a remote file: a few into memory, many into a part file that can be resumed."""

import email.utils
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Protocol, TypeVar

from tokensim_gui.core.errors import NetworkError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.hub.http_client import Answer, Client, Interrupted
from tokensim_gui.core.hub.part_file import PartFile
from tokensim_gui.core.job import Job

_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on a host: its address with the commit in it, a name for messages, size in bytes.

    Its ETag is that of the answer that told the size; "" without a strong one.
    """

    url: str
    name: str
    size: int
    etag: str = field(default="", compare=False)


class _Sink(Protocol):
    """Where bytes go; ``etag`` tells of which content they are."""

    @property
    def done(self) -> int: ...
    @property
    def etag(self) -> str: ...
    def write(self, chunk: bytes) -> None: ...
    def restart(self, etag: str) -> None: ...


class _Memory:
    """A sink for few bytes."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.etag = ""

    @property
    def done(self) -> int:
        return len(self.content)

    def write(self, chunk: bytes) -> None:
        self.content += chunk

    def restart(self, etag: str) -> None:
        self.content.clear()
        self.etag = etag


class _Changed(Interrupted):
    """The remote file is not the one of which some bytes are here."""


def read_whole(client: Client, url: str, name: str, limit: int, job: Job) -> bytes:
    """Return a small file of at most ``limit`` bytes; ``name`` is what messages call it.

    Raises:
        NetworkError: It can't be had, or is larger.
        JobCancelled: The job was cancelled.
    """

    def attempt() -> bytes:
        with _asked(client, url, name, job, {}) as answer:
            if answer.status != 200:
                raise _refusal(client, answer, name)
            length = _length(client, answer, name)
            content = bytearray()
            if (length or 0) <= limit:
                for chunk in answer.chunks:
                    content += chunk
                    if len(content) > limit:
                        break
            if max(len(content), length or 0) > limit:
                raise NetworkError(f"{name} is larger than the {limit:,} bytes that it may have.")
            if length not in (None, len(content)):
                raise _cut(client, name)
            return bytes(content)

    return _persist(client, job, attempt)


def read_start(client: Client, url: str, name: str, count: int, job: Job) -> tuple[bytes, Remote]:
    """Return the first ``count`` bytes of a file (all, if it has fewer), and what it is.

    Raises:
        NetworkError: They can't be had.
        JobCancelled: The job was cancelled.
    """

    def attempt() -> tuple[bytes, Remote]:
        with _asked(client, url, name, job, {"Range": f"bytes=0-{count - 1}"}) as answer:
            if answer.status != 206:
                raise _refusal(client, answer, name)
            start, end, size = _content_range(client, answer, name)
            if start != 0 or end != min(count, size) - 1:
                raise _nonsense(client, name)
            memory = _Memory()
            _receive(client, answer, name, end + 1, memory)
            return bytes(memory.content), Remote(url, name, size, _etag(answer.headers))

    return _persist(client, job, attempt)


def read_bytes(client: Client, remote: Remote, start: int, end: int, job: Job) -> bytes:
    """Return bytes ``start`` to ``end`` (exclusive).

    Raises:
        NetworkError: They can't be had.
        JobCancelled: The job was cancelled.
    """
    memory = _Memory()
    _fill(client, remote, start, end, memory, job)
    return bytes(memory.content)


def download(
    client: Client, remote: Remote, start: int, end: int, part: Path, job: Job, text: str
) -> str:
    """Bring bytes ``start`` to ``end`` (exclusive) into the file ``part``, or what of them lacks.

    What an earlier, interrupted download left is checked and continued. What comes is kept when
    the download fails or is cancelled, but not on a full disk.

    Args:
        client: Asks the host.
        remote: The file.
        start: First byte.
        end: One past the last byte.
        part: The file to fill; beside it a ``.json`` says what of it is sound.
        job: Progress in bytes, and cancellation.
        text: What progress says.

    Returns:
        The SHA-256 of these bytes, in hexadecimal.

    Raises:
        NetworkError: They can't be had.
        FileError: They can't be written, or another process is at it.
        JobCancelled: The job was cancelled.
    """
    identity: dict[str, str | int]
    identity = {"url": remote.url, "size": remote.size, "start": start, "end": end}
    try:
        with (
            atomic.exclusive_lock(part.with_suffix(".lock"), patience_s=0),
            PartFile(part, identity) as sink,
        ):
            atomic.check_space(part.parent, end - start - sink.done)
            _fill(client, remote, start, end, sink, job, text)
            return sink.finish()
    except OSError as error:
        if atomic.is_full(error):
            part.unlink(missing_ok=True)
        raise atomic.write_failure(part.parent, error, end - start) from error


def _fill(
    client: Client, remote: Remote, start: int, end: int, sink: _Sink, job: Job, text: str = ""
) -> None:
    total, name = end - start, remote.name
    if not 0 <= start < end <= remote.size:
        raise NetworkError(f"{name} has no bytes {start} to {end}.")

    if _differ(sink.etag, remote.etag):  # what is here is of another content
        sink.restart("")

    def report(done: int) -> None:
        job.progress(done, total, text)

    def attempt() -> None:
        report(sink.done)
        if sink.done == total:
            return
        headers = {"Range": f"bytes={start + sink.done}-{end - 1}"}
        if sink.done and sink.etag:
            headers["If-Range"] = sink.etag
        with _asked(client, remote.url, name, job, headers) as answer:
            if answer.status == 416 or (answer.status == 200 and "If-Range" in headers):
                raise _Changed(f"{name} changed on {client.host}. Try again later.")
            if answer.status != 206:
                raise _refusal(client, answer, name)
            first, last, size = _content_range(client, answer, name)
            etag = _etag(answer.headers)
            if size != remote.size or (sink.done and etag != sink.etag):
                raise _Changed(f"{name} changed on {client.host}. Try again later.")
            if _differ(etag, remote.etag):  # where things lie in it was read before
                raise NetworkError(f"{name} changed on {client.host}. Try again.")
            if (first, last) != (start + sink.done, end - 1):
                raise _nonsense(client, name)
            if not sink.done:
                sink.restart(etag)
            _receive(client, answer, name, total, sink, report)

    def attempt_or_restart() -> None:
        try:
            attempt()
        except _Changed:
            sink.restart("")
            raise

    _persist(client, job, attempt_or_restart, lambda: sink.done)


def _receive(
    client: Client,
    answer: Answer,
    name: str,
    total: int,
    sink: _Sink,
    report: Callable[[int], None] = lambda _: None,
) -> None:
    """Write the body until ``total`` bytes are there, and see that no more come."""
    if _length(client, answer, name) not in (None, total - sink.done):
        raise _nonsense(client, name)
    for chunk in answer.chunks:
        if len(chunk) > total - sink.done:
            raise _nonsense(client, name)
        sink.write(chunk)
        report(sink.done)
    if sink.done < total:
        raise _cut(client, name)


def _persist(
    client: Client, job: Job, attempt: Callable[[], _T], done: Callable[[], int] = lambda: 0
) -> _T:
    """Repeat an attempt that was interrupted, while it gets on or patience lasts."""
    patience = client.patience
    vain, changes, before = 0, 0, done()
    while True:
        try:
            return attempt()
        except Interrupted as error:
            changes += isinstance(error, _Changed)
            vain = 0 if done() > before else vain + 1
            before = done()
            if max(vain, changes) >= patience.tries:
                raise
            if error.wait_s > patience.longest_wait_s:
                raise NetworkError(
                    f"{client.host} asks to wait {error.wait_s:.0f} seconds. Try again later."
                ) from error
            client.pause(max(error.wait_s, patience.pause_s * 2**vain), job)


@contextmanager
def _asked(
    client: Client, url: str, name: str, job: Job, headers: Mapping[str, str]
) -> Iterator[Answer]:
    with client.get(url, job, headers) as answer:
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise NetworkError(f"{client.host} sends {name} compressed, which was not asked for.")
        yield answer


def _refusal(client: Client, answer: Answer, name: str) -> NetworkError:
    """Return what to raise for an answer that does not bring what was asked for."""
    status, host = answer.status, client.host
    if status in (401, 403) and not answer.redirected:
        return NetworkError(
            f"{host} does not let you read {name}. Accept its licence on the website and set "
            "HF_TOKEN, or log in with “hf auth login”."
        )
    if status in (404, 410) and not answer.redirected:
        return NetworkError(f"{host} has no {name}.")
    # Behind a redirect is a signed link, which expires: the next attempt gets a new one.
    if answer.redirected and status in (401, 403, 404, 410):
        return Interrupted(f"{host} gives links to {name} that do not work. Try again later.")
    if status in (408, 429) or status >= 500:
        what = "is asked too often" if status == 429 else f"has trouble (HTTP {status})"
        return Interrupted(f"{host} {what}. Try again later.", _retry_after(answer.headers))
    if status == 200:
        return NetworkError(f"{host} can't send parts of {name}. Download the file and open it.")
    return NetworkError(f"{host} answers HTTP {status} when asked for {name}.")


def _nonsense(client: Client, name: str) -> NetworkError:
    return NetworkError(f"{client.host} sends other bytes of {name} than were asked for.")


def _cut(client: Client, name: str) -> Interrupted:
    return Interrupted(f"{client.host} broke off while sending {name}. Try again later.")


def _content_range(client: Client, answer: Answer, name: str) -> tuple[int, int, int]:
    """Return first byte, last byte and size of the whole file."""
    match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if match is None:
        raise _nonsense(client, name)
    first, last, size = map(int, match.groups())
    return first, last, size


def _length(client: Client, answer: Answer, name: str) -> int | None:
    length = answer.headers.get("Content-Length")
    if length is None:
        return None
    if not re.fullmatch(r"\d{1,15}", length):
        raise _nonsense(client, name)
    return int(length)


def _etag(headers: Message) -> str:
    """Return the tag if it is a strong one: a weak one does not promise the same bytes."""
    etag: str = headers.get("ETag", "")
    return etag if re.fullmatch(r'"[!#-~]{1,200}"', etag) else ""


def _differ(etag: str, other: str) -> bool:
    return bool(etag and other) and etag != other


def _retry_after(headers: Message) -> float:
    """Return what Retry-After asks for, in seconds; 0 without (RFC 9110, section 10.2.3)."""
    value = headers.get("Retry-After", "")
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0
