# SPDX-License-Identifier: GPL-3.0-or-later
"""The line between client and server: passes everything on, and counts it."""

import socket
import threading

from tests.bench.proxy import Proxy

GREETING, ANSWER = b"* OK ready\r\n", b"x" * 300_000 + b"\r\na OK\r\n"


def serve(listener: socket.socket) -> None:
    """Greet, answer one line, and go."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(GREETING)
        lines.readline()
        connection.sendall(ANSWER)


def test_everything_passes_and_is_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        with Proxy(*listener.getsockname(), rtt=0.01) as proxy, socket.create_connection(("127.0.0.1", proxy.port)) as client:
            greeting = client.recv(1000)
            client.sendall(b"a FETCH 1 BODY[]\r\n")
            answer = b""
            while data := client.recv(65_536):
                answer += data
            traffic = proxy.until()
        server.join()
    assert (greeting, answer) == (GREETING, ANSWER)
    assert (traffic.down, traffic.up) == (len(GREETING) + len(ANSWER), 18)
    assert (traffic.turns_of, traffic.commands) == ((1,), ("FETCH",))
