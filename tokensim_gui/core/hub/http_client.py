"""HTTP for one host that may not be trusted: bounded, cancellable, and the token stays with it."""

import http.client
import queue
import re
import socket
import ssl
import threading
import time
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from typing import NamedTuple

from tokensim_gui import __version__
from tokensim_gui.core.errors import NetworkError
from tokensim_gui.core.job import Job

_TICK_S = 0.1
_CHUNK = 2**18
_QUEUED_CHUNKS = 16
_MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a host.

    Attributes:
        stall_s: Longest wait for the next byte.
        tries: Attempts in a row that bring no new byte.
        pause_s: Wait before the second attempt; it doubles with each one.
        longest_wait_s: Longest wait that a host may ask for.
    """

    stall_s: float = 30.0
    tries: int = 4
    pause_s: float = 0.5
    longest_wait_s: float = 120.0


class Interrupted(NetworkError):
    """An attempt failed in a way that another one may mend.

    Attributes:
        wait_s: How long the host asks to wait; 0 where it does not.
    """

    def __init__(self, sentence: str, wait_s: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait_s = wait_s


class Answer(NamedTuple):
    """The head of an answer, where it came from, and its body as it comes in."""

    url: str
    status: int
    headers: Message
    redirected: bool
    chunks: Iterator[bytes]


class Client:
    """Asks one endpoint; follows its redirects elsewhere without taking the token there."""

    def __init__(self, endpoint: str, token: str | None, patience: Patience) -> None:
        """Prepare for ``endpoint``, such as ``https://huggingface.co``."""
        self.endpoint = endpoint.rstrip("/")
        self.patience = patience
        self.host = urllib.parse.urlsplit(self.endpoint).netloc
        # http.client refuses line breaks in a header with an error that quotes it: keep a broken
        # token out of messages and logs.
        self._token = token if token and re.fullmatch(r"[!-~]+", token) else None
        _origin(self.endpoint)

    @contextmanager
    def get(self, url: str, job: Job, headers: Mapping[str, str]) -> Iterator[Answer]:
        """Ask for ``url`` once.

        Raises:
            Interrupted: No answer in time, or the connection broke.
            NetworkError: No address, no trust, or redirects that are not followed.
            JobCancelled: The job was cancelled, at most 0.1 s ago.
        """
        for hop in range(_MAX_REDIRECTS + 1):
            exchange = _Exchange(url, {**self._headers(url), **headers}, self.patience.stall_s)
            try:
                status, answered = exchange.head(job)
                target = answered.get("Location")
                if status in _REDIRECTS and target:
                    url = self._redirect(url, target)
                    continue
                yield Answer(url, status, answered, hop > 0, exchange.chunks(job))
                return
            finally:
                exchange.close()
        raise NetworkError(f"{self.host} redirects in circles. Try again later.")

    def pause(self, seconds: float, job: Job) -> None:
        """Wait; end at once when the job is cancelled.

        Raises:
            JobCancelled: The job was cancelled.
        """
        end = time.monotonic() + seconds
        job.check()
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _TICK_S))
            job.check()

    def _headers(self, url: str) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity", "User-Agent": f"tokensim/{__version__}"}
        if self._token and _origin(url) == _origin(self.endpoint):
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    def _redirect(self, url: str, target: str) -> str:
        try:
            new = urllib.parse.urljoin(url, target)
        except ValueError:
            raise NetworkError(f"{self.host} redirects to what is not a web address.") from None
        if _origin(url)[0] == "https" and _origin(new)[0] != "https":
            raise NetworkError(f"{self.host} redirects to an unsafe address. It is not followed.")
        return new


class _Exchange:
    """One request, made by a thread of its own so that its caller can turn away at any time."""

    def __init__(self, url: str, headers: dict[str, str], stall_s: float) -> None:
        self._stall_s = stall_s
        self._host = urllib.parse.urlsplit(url).netloc
        # `_next` is the judge of a stall: this timeout only ends a thread that nobody waits for.
        self._connection, self._target, more = _connect(url, 2 * stall_s)
        self._headers = {**headers, **more}
        self._items: queue.Queue[tuple[int, Message] | bytes | Exception] = queue.Queue(
            _QUEUED_CHUNKS
        )
        self._closed = threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def head(self, job: Job) -> tuple[int, Message]:
        item = self._next(job)
        assert isinstance(item, tuple)
        return item

    def chunks(self, job: Job) -> Iterator[bytes]:
        while chunk := self._next(job):
            assert isinstance(chunk, bytes)
            yield chunk

    def close(self) -> None:
        self._closed.set()
        if self._socket is not None:
            with suppress(OSError):
                # Not SSLSocket.shutdown, which takes the session from under the reading thread.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            self._thread.join()

    def _next(self, job: Job) -> tuple[int, Message] | bytes:
        deadline = time.monotonic() + self._stall_s
        while True:
            job.check()
            try:
                item = self._items.get(timeout=min(_TICK_S, self._stall_s))
            except queue.Empty:
                if time.monotonic() < deadline:
                    continue
                raise Interrupted(f"{self._host} stopped answering. Try again later.") from None
            if isinstance(item, Exception):
                raise _failure(self._host, item) from item
            return item

    def _run(self) -> None:
        try:
            with suppress(_Abandoned):
                self._exchange()
        except (OSError, http.client.HTTPException, ValueError) as error:
            with suppress(_Abandoned):
                self._put(error)
        finally:
            self._connection.close()

    def _exchange(self) -> None:
        self._connection.connect()
        self._socket = self._connection.sock
        if self._closed.is_set():
            return
        self._connection.request("GET", self._target, headers=self._headers)
        with self._connection.getresponse() as response:
            self._put((response.status, response.headers))
            while chunk := response.read1(_CHUNK):
                self._put(chunk)
            self._put(b"")

    def _put(self, item: tuple[int, Message] | bytes | Exception) -> None:
        while not self._closed.is_set():
            with suppress(queue.Full):
                self._items.put(item, timeout=_TICK_S)
                return
        raise _Abandoned


class _Abandoned(Exception):
    """Nobody waits for the answer any more."""


def _failure(host: str, error: Exception) -> NetworkError:
    if isinstance(error, socket.gaierror):
        return NetworkError(f"{host} can't be found. Is this computer online?")
    if isinstance(error, ssl.SSLCertVerificationError):
        return NetworkError(f"{host} can't prove who it is: {error.verify_message}.")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "it broke off"
    return Interrupted(f"The connection to {host} failed: {reason}. Try again later.")


def _origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port.

    Raises:
        NetworkError: It is not an address of the web.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        raise NetworkError(f"“{url[:80]}” is not a web address.") from None
    if not parts.hostname or not url.isascii() or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise NetworkError(f"“{url[:80]}” is not a web address.")
    return parts.scheme, parts.hostname, port


def _connect(url: str, timeout_s: float) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
    """Prepare a connection, through the proxy that the system names.

    Returns:
        The connection, what to ask for, and headers for the proxy.
    """
    scheme, host, port = _origin(url)
    parts = urllib.parse.urlsplit(url)
    target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
    proxy = urllib.request.getproxies().get(scheme)
    if not proxy or urllib.request.proxy_bypass(host):
        return _connection(scheme, host, port, timeout_s), target, {}
    via = urllib.parse.urlsplit(proxy if "//" in proxy else f"http://{proxy}")
    headers = {}
    if via.username is not None:
        login = f"{via.username}:{via.password or ''}"
        encoded = b64encode(urllib.parse.unquote(login).encode()).decode()
        headers["Proxy-Authorization"] = f"Basic {encoded}"
    connection = _connection(scheme, via.hostname or "", via.port or 8080, timeout_s)
    if scheme == "http":
        return connection, url, headers
    connection.set_tunnel(host, port, headers)
    return connection, target, {}


def _connection(scheme: str, host: str, port: int, timeout_s: float) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=timeout_s)
    context = ssl.create_default_context()
    with suppress(ImportError):
        # Bundled Pythons may not find the system's certificates.
        import certifi

        context.load_verify_locations(certifi.where())
    return http.client.HTTPSConnection(host, port, timeout=timeout_s, context=context)
