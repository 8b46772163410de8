"""HTTP for one host that may not be trusted: bounded, cancellable, and the token stays with it."""

import http.client
import io
import re
import socket
import ssl
import time
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING, NamedTuple, cast

from tokensim_gui import __version__
from tokensim_gui.core.errors import NetworkError
from tokensim_gui.core.job import Job

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_TICK_S = 0.1
_CHUNK = 2**18
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
            JobCancelled: The job was cancelled, at most 0.1 s ago once there is a connection.
        """
        for hop in range(_MAX_REDIRECTS + 1):
            connection, target, more = _connect(url, self.patience.stall_s)
            host = urllib.parse.urlsplit(url).netloc
            with closing(connection):
                with _told_of(host):
                    connection.request("GET", target, headers=self._headers(url, headers, more))
                    response = _response(connection, job, self.patience.stall_s)
                location = response.headers.get("Location")
                if response.status not in _REDIRECTS or not location:
                    chunks = _chunks(response, host)
                    yield Answer(url, response.status, response.headers, hop > 0, chunks)
                    return
            url = self._redirect(url, location)
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

    def _headers(self, url: str, *more: Mapping[str, str]) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity", "User-Agent": f"tokensim/{__version__}"}
        if self._token and _origin(url) == _origin(self.endpoint):
            headers["Authorization"] = f"Bearer {self._token}"
        for one in more:
            headers.update(one)
        return headers

    def _redirect(self, url: str, target: str) -> str:
        try:
            new = urllib.parse.urljoin(url, target)
        except ValueError:
            raise NetworkError(f"{self.host} redirects to what is not a web address.") from None
        if _origin(url)[0] == "https" and _origin(new)[0] != "https":
            raise NetworkError(f"{self.host} redirects to an unsafe address. It is not followed.")
        return new


class _Incoming(io.RawIOBase):
    """What a socket receives, waited for in ticks: so that a cancelled job ends at once.

    Stands in for the socket itself where `http.client.HTTPResponse` makes a file of it.
    """

    def __init__(self, source: socket.socket, job: Job, stall_s: float) -> None:
        self._source, self._job, self._stall_s = source, job, stall_s
        source.settimeout(min(_TICK_S, stall_s))

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        deadline = time.monotonic() + self._stall_s
        while True:
            self._job.check()
            try:
                return self._source.recv_into(buffer)
            except TimeoutError:
                if time.monotonic() >= deadline:
                    raise


def _response(
    connection: http.client.HTTPConnection, job: Job, stall_s: float
) -> http.client.HTTPResponse:
    incoming = cast("socket.socket", _Incoming(connection.sock, job, stall_s))
    response = http.client.HTTPResponse(incoming, method="GET")
    response.begin()
    return response


def _chunks(response: http.client.HTTPResponse, host: str) -> Iterator[bytes]:
    while True:
        with _told_of(host):
            chunk = response.read1(_CHUNK)
        if not chunk:
            return
        yield chunk


@contextmanager
def _told_of(host: str) -> Iterator[None]:
    """Turn what goes wrong with a host into a sentence."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _failure(host, error) from error


def _failure(host: str, error: Exception) -> NetworkError:
    if isinstance(error, socket.gaierror):
        return NetworkError(f"{host} can't be found. Is this computer online?")
    if isinstance(error, TimeoutError):
        return Interrupted(f"{host} stopped answering. Try again later.")
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
