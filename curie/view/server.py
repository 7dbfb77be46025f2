"""Serves one run's page on this machine only: four addresses below a secret path, nothing else, nothing to change."""

import json
import secrets
import socket
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from types import TracebackType
from typing import ClassVar, Self

from curie.errors import CurieError
from curie.view.source import PageSource

HOST = "127.0.0.1"
_LOOK_S = 0.5
"""Seconds between two looks at the journal."""
_STOP_S = 0.05
"""Seconds within which the server notices that it is to stop."""
_MOST_CONNECTIONS = 64
_PING_S = 15.0
"""Seconds after which a silent connection is spoken to, so that a closed one is noticed."""
_SHELL_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_REPORT_POLICY = "frame-ancestors 'self'"
"""The report brings its own policy, stricter than this one."""


class ViewServer:
    """A loopback HTTP server for one run. A context manager; `url` is what a browser opens."""

    def __init__(self, source: PageSource, port: int = 0) -> None:
        """Bind at once.

        Args:
            source: what to show.
            port: of 127.0.0.1; 0 takes a free one.

        Raises:
            OSError: the port is taken or not ours to have.
        """
        self.stopping = threading.Event()
        # Other users of this machine can reach the port; without the token they get nothing.
        self.token = secrets.token_urlsafe(16)
        self.source = source
        handler = type("BoundHandler", (_Handler,), {"view": self})
        self._http = _BoundedServer((HOST, port), handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(_STOP_S,), name="view", daemon=True)

    @property
    def port(self) -> int:
        """The port that was bound."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """Address of the page, token included."""
        return f"http://{HOST}:{self.port}/{self.token}/"

    def __enter__(self) -> Self:
        """Serve in the background."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop and release the port."""
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _BoundedServer(ThreadingHTTPServer):
    """A thread a connection, but only so many: whoever opens more is turned away instead of filling the machine."""

    daemon_threads = True
    request_queue_size = _MOST_CONNECTIONS

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._free = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        super().__init__(address, handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Serve in a thread of its own, or close at once where all are taken."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Give the place back when the connection ends, however it does."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()


class _Handler(BaseHTTPRequestHandler):
    """One request. Only GET and HEAD; only from pages that name this machine; only below the token."""

    view: ClassVar[ViewServer]
    server_version = "curie"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 20

    def do_GET(self) -> None:
        """Answer a request."""
        try:
            self._answer()
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            self.close_connection = True  # the reader has gone, which is its right

    do_HEAD = do_GET  # noqa: N815 -- the name that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name of the base class
        """Say nothing: the terminal belongs to the command."""

    def _answer(self) -> None:
        # A foreign site whose name points to this machine would be let in by the browser; its Host gives it away.
        if self.headers.get("Host") not in {f"{HOST}:{self.view.port}", f"localhost:{self.view.port}"}:
            self._send(HTTPStatus.FORBIDDEN, "text/plain", b"This page is for this machine only.\n")
            return
        head, _, name = self.path.partition("?")[0].lstrip("/").partition("/")
        if not secrets.compare_digest(head.encode(), self.view.token.encode()):
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"Not found.\n")
        elif name == "events":
            self._events()
        elif name == "report":
            self._report()
        elif name in _SHELL:
            kind, file = _SHELL[name]
            self._send(HTTPStatus.OK, kind, _template(file), {"Content-Security-Policy": _SHELL_POLICY})
        else:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"Not found.\n")

    def _report(self) -> None:
        try:
            body = self.view.source.page()
        except CurieError as error:
            text = f"{error.message}\n".encode("utf-8", "replace")
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", text)
            return
        self._send(HTTPStatus.OK, "text/html", body, {"Content-Security-Policy": _REPORT_POLICY})

    def _events(self) -> None:
        """Server-sent events (WHATWG HTML, section 9.2): the status whenever it changes, until either side goes."""
        self.send_response(HTTPStatus.OK)
        self._headers("text/event-stream", {})
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        if self.command == "HEAD":
            return
        told, silent = None, 0.0
        while not self.view.stopping.is_set():
            status = self.view.source.status()
            if status != told:
                data = json.dumps({"version": status.version, "text": status.text})
                self.wfile.write(f"data: {data}\n\n".encode())
                told, silent = status, 0.0
            elif silent >= _PING_S:
                self.wfile.write(b": still here\n\n")
                silent = 0.0
            self.view.stopping.wait(_LOOK_S)
            silent += _LOOK_S

    def _send(self, status: HTTPStatus, kind: str, body: bytes, more: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self._headers(kind, more or {})
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _headers(self, kind: str, more: Mapping[str, str]) -> None:
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        for name, value in more.items():
            self.send_header(name, value)


_SHELL = {
    "": ("text/html", "view.html"),
    "view.js": ("text/javascript", "view.js"),
    "view.css": ("text/css", "view.css"),
}
"""Name below the token -> content type and template."""


def _template(name: str) -> bytes:
    return files("curie").joinpath("templates", name).read_bytes()
