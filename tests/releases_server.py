"""A project's page on the loopback address that leads to its newest release."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """Where ``/releases/latest`` leads; what it was asked, header by header."""

    address: str = ""
    target: str = "/releases/tag/v1.0.0"
    status: int = 200
    asked: list[str] = field(default_factory=list)


@contextmanager
def serve() -> Iterator[Page]:
    page = Page()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            page.asked.append(f"{self.path}\n{self.headers}")
            latest = self.path.endswith("/releases/latest")
            self.send_response(302 if latest and page.target else page.status)
            if latest and page.target:
                self.send_header("Location", page.target)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        page.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield page
        finally:
            server.shutdown()
            thread.join()
