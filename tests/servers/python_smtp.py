# SPDX-License-Identifier: GPL-3.0-or-later
"""aiosmtpd as a submission server that keeps mail for everybody; in this process, in a thread of its own."""

import asyncio
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import launch
from tuimail.model.account import AuthMethod, Security, ServerAddress

_REFUSALS = {"refused@refused.test": "550 5.1.1 No such user", "later@later.test": "451 4.3.0 Try later"}
_SIZE_LIMIT = 10_000_000
"""Less than the others take: it reads line by line in this process."""


@dataclass
class PythonSmtp:
    """A running server. It refuses the addresses that Postfix and Exim refuse here."""

    ca_file: Path
    port: int = 0
    """Cleartext and STARTTLS; takes mail without AUTH."""
    tls_port: int = 0
    host: str = launch.LOOPBACK
    size_limit: int = _SIZE_LIMIT
    _kept: list[tuple[str, bytes]] = field(default_factory=list)
    """For each recipient, in the order in which they came."""

    def address(self, security: Security = Security.NONE) -> ServerAddress:
        """How to send through it."""
        port = self.tls_port if security is Security.TLS else self.port
        return ServerAddress(self.host, port, security, "", AuthMethod.NONE, ca_file=str(self.ca_file))

    def delivered(self, message_id: str, count: int = 1, patience: float = 60.0) -> list[bytes]:
        """The messages that have this Message-ID, one for each recipient, with LF as line ends; waits for ``count`` of them."""
        deadline = time.monotonic() + patience
        wanted = f"message-id: {message_id}".lower().encode()
        while True:
            kept = [(to, text) for to, text in tuple(self._kept) if wanted in text[:10_000].lower()]
            if len(kept) >= count:
                return [f"Delivered-To: {to}\n".encode() + text for to, text in kept]
            if time.monotonic() > deadline:
                pytest.fail(f"aiosmtpd took {len(kept)} of {count}.", pytrace=False)
            time.sleep(0.02)

    def recipients(self, message_id: str) -> list[str]:
        """To whom the message with this Message-ID was delivered, from the envelope."""
        self.delivered(message_id)
        wanted = f"message-id: {message_id}".lower().encode()
        return sorted(to for to, text in tuple(self._kept) if wanted in text[:10_000].lower())

    # What aiosmtpd calls.

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        """Some are refused."""
        if address in _REFUSALS:
            return _REFUSALS[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep it."""
        assert isinstance(envelope.content, bytes)
        text = envelope.content.replace(b"\r\n", b"\n")
        self._kept += [(to, text) for to in envelope.rcpt_tos]
        return "250 2.0.0 Ok"


@contextmanager
def running() -> Iterator[PythonSmtp]:
    """Start it and end it again."""
    with tempfile.TemporaryDirectory(prefix="tm-aiosmtpd-") as folder, _loop() as loop:
        files = launch.make_certificate(Path(folder))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(files.certificate, files.key)
        server = PythonSmtp(files.certificate)

        def speaking(tls: ssl.SSLContext | None) -> Callable[[], SMTP]:
            return lambda: SMTP(
                server, hostname="mail.test", data_size_limit=_SIZE_LIMIT, enable_SMTPUTF8=True, tls_context=tls, loop=loop
            )

        async def listen() -> tuple[asyncio.Server, asyncio.Server]:
            plain = await loop.create_server(speaking(context), server.host, 0)
            secure = await loop.create_server(speaking(None), server.host, 0, ssl=context)
            server.port, server.tls_port = (each.sockets[0].getsockname()[1] for each in (plain, secure))
            return plain, secure

        async def stop() -> None:
            for each in listening:
                each.close()

        listening = asyncio.run_coroutine_threadsafe(listen(), loop).result()
        try:
            yield server
        finally:
            asyncio.run_coroutine_threadsafe(stop(), loop).result()


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in another thread; what is under way in the end is cancelled."""
    ready = threading.Event()
    end = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        ready.set()
        await end.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    ready.wait()
    try:
        yield loops[0]
    finally:
        loops[0].call_soon_threadsafe(end.set)
        thread.join()
