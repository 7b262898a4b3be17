# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server on the loopback interface that serves a few documents, by HTTP or HTTPS."""

import contextlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.servers.launch import LOOPBACK, Certificate


@dataclass(frozen=True, slots=True)
class Page:
    """What a path answers."""

    body: bytes = b""
    status: int = 200
    location: str = ""


@dataclass
class WebServer:
    """A running server."""

    port: int
    secure: bool
    pages: dict[str, Page] = field(default_factory=dict)
    """By path, with its query; what is not there is a 404."""
    asked: list[str] = field(default_factory=list)
    """The paths that were asked for, in order."""

    def url(self, path: str) -> str:
        """The address of a page."""
        return f"http{'s' * self.secure}://{LOOPBACK}:{self.port}{path}"


@contextlib.contextmanager
def running(certificate: Certificate | None = None) -> Iterator[WebServer]:
    """Serve until the context is left; over TLS with a certificate."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(self.path)
            page = server.pages.get(self.path, Page(status=404))
            self.send_response(page.status)
            self.send_header("Content-Length", str(len(page.body)))
            if page.location:
                self.send_header("Location", page.location)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(page.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that refuse the certificate are what some tests are about."""

    listening = Quiet((LOOPBACK, 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
        listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
    server = WebServer(listening.server_port, certificate is not None)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
