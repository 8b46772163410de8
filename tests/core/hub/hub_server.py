"""A hub on the loopback address that behaves as the real one does, or as a hostile one would."""

import gzip
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mmap import mmap

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    host: str


@dataclass
class Hub:
    """What the server holds and how it behaves; ``trouble`` is used up, one per ranged request.

    Every ranged request for a file of the repository is sent on to a signed link on another host,
    which serves the bytes.
    """

    files: dict[str, bytes | mmap] = field(default_factory=dict)
    commit: str = COMMIT
    trouble: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    gated: str = ""
    listing: bytes = b""
    endpoint: str = ""
    link_host: str = ""
    redirect: str = ""
    links: int = 0
    release: threading.Event = field(default_factory=threading.Event)

    def ranges(self) -> list[str]:
        """Return the Range headers that the serving host got, in order."""
        served = [one.headers for one in self.requests if one.path.startswith("/blob/")]
        return [headers["range"] for headers in served if "range" in headers]

    def asked_ranges(self) -> list[tuple[int, int]]:
        """Return first and last byte of every range that the serving host was asked for."""
        pairs = [text.removeprefix("bytes=").split("-") for text in self.ranges()]
        return [(int(first), int(last)) for first, last in pairs]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        hub = self.hub
        headers = {name.lower(): value for name, value in self.headers.items()}
        hub.requests.append(Request(self.path, headers, self.server.server_address[0]))
        if self.path.startswith("/blob/"):
            self._blob(self.path.partition("/blob/")[2].partition("?")[0])
        elif hub.gated and headers.get("authorization") != f"Bearer {hub.gated}":
            self._send(401)
        elif self.path.startswith("/api/models/"):
            siblings = [{"rfilename": name} for name in hub.files]
            listing = json.dumps({"sha": hub.commit, "siblings": siblings}).encode()
            self._send(200, hub.listing or listing)
        else:
            name = re.sub(r"^/[^/]+/[^/]+/resolve/[^/]+/", "", self.path)
            if name not in hub.files:
                self._send(404)
                return
            hub.links += 1
            location = f"{hub.link_host}/blob/{name}?signature={hub.links}"
            self._send(302, b"", {"Location": hub.redirect or location})

    def _send(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _blob(self, name: str) -> None:
        hub, content = self.hub, self.hub.files[name]
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        trouble = hub.trouble.pop(0) if hub.trouble and wanted else ""
        kind, _, argument = trouble.partition(" ")
        if kind == "change":
            content = hub.files[name] = bytes(byte ^ 1 for byte in content)
        etag = f'"{_content_hash(content)}"'
        if kind == "status":
            code, _, retry = argument.partition(" ")
            self._send(int(code), b"no", {"Retry-After": retry} if retry else {})
            return
        if wanted is None or kind == "whole" or self.headers.get("If-Range", etag) != etag:
            self._send(200, content, {"ETag": etag})
            return
        first, last = int(wanted[1]), min(int(wanted[2]), len(content) - 1)
        if kind == "shift":
            first, last = first + int(argument), last + int(argument)
        body = content[first : last + 1]
        stated = f"bytes {first}-{last}/{len(content)}"
        if kind == "lie":  # the right Content-Range over other bytes
            body = body[: -int(argument)]
        self.send_response(206)
        self.send_header("ETag", f"W/{etag}" if kind == "weak" else etag)
        self.send_header("Content-Range", {"range": argument}.get(kind, stated))
        if kind == "gzip":
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        if kind == "endless":
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if kind in ("cut", "stall"):
            self.wfile.write(body[: int(argument)])
            self.wfile.flush()
            if kind == "stall":
                hub.release.wait(20)
            self.close_connection = True
            return
        try:
            self.wfile.write(body)
            while kind == "endless":
                self.wfile.write(bytes(65536))
        except OSError:
            self.close_connection = True


@cache
def _content_hash(content: bytes | mmap) -> str:
    # A file of the true size is told apart by its beginning: hashing all of it takes seconds.
    return hashlib.sha256(content[: 2**24]).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass  # the other side went away, as tests do


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve ``hub`` on 127.0.0.1 and its links on 127.0.0.2."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    servers = [_Server((host, 0), handler) for host in ("127.0.0.1", "127.0.0.2")]
    threads = [threading.Thread(target=s.serve_forever, args=(0.01,)) for s in servers]
    hub.endpoint, hub.link_host = (f"http://{s.server_address[0]}:{s.server_port}" for s in servers)
    for thread in threads:
        thread.start()
    try:
        yield hub
    finally:
        hub.release.set()
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()
