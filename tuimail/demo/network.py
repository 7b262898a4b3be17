# SPDX-License-Identifier: GPL-3.0-or-later
"""The listening sockets of the embedded servers, on 127.0.0.1 only. Lives in the servers' own event loop."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from tuimail.demo.pop3_server import Pop3Session
from tuimail.demo.session import Session
from tuimail.demo.site import Site
from tuimail.demo.wire import Wire

HOST = "127.0.0.1"
_ENDING = 0.2
"""Seconds."""


@dataclass(slots=True)
class Ports:
    """Where the servers listen; 0 before the first start, and where TLS is not wanted."""

    imap: int = 0
    imaps: int = 0
    smtp: int = 0
    smtps: int = 0
    relay: int = 0
    """SMTP that takes mail from everybody, as the server of a domain does."""
    pop3: int = 0
    pop3s: int = 0


class Network:
    """Opens and closes the ports. They stay the same when they are opened again."""

    def __init__(self, site: Site) -> None:
        self.ports = Ports()
        self._site = site
        self._listeners: list[asyncio.Server] = []
        self._sessions: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._mail_transports: set[asyncio.Transport] = set()

    async def open(self) -> None:
        """Listen."""
        ports, tls = self.ports, self._site.tls
        ports.imap = await self._listen(self._imap, ports.imap, None)
        ports.pop3 = await self._listen(self._pop3, ports.pop3, None)
        ports.smtp = await self._listen_smtp(ports.smtp, None)
        ports.relay = await self._listen_smtp(ports.relay, None, sign_in=False)
        if tls is not None:
            ports.imaps = await self._listen(self._imap, ports.imaps, tls)
            ports.pop3s = await self._listen(self._pop3, ports.pop3s, tls)
            ports.smtps = await self._listen_smtp(ports.smtps, tls)

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        await self.disconnect()

    async def disconnect(self) -> None:
        """Cut every connection; new ones are welcome."""
        for transport in tuple(self._mail_transports):
            transport.abort()
        for writer in tuple(self._writers):
            writer.transport.abort()
        while self._sessions:
            # One that is within a TLS handshake does not notice the end by itself.
            _, pending = await asyncio.wait(self._sessions, timeout=_ENDING)
            for session in pending:
                session.cancel()
        await asyncio.sleep(0)

    async def _listen(self, make: Callable[[Wire], Session | Pop3Session], port: int, context: ssl.SSLContext | None) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(asyncio.CancelledError):  # of 'disconnect'; asyncio's streams log it as an error
                await self._serve(make, reader, writer)

        return self._add(await asyncio.start_server(serve, HOST, port, ssl=context))

    def _imap(self, wire: Wire) -> Session:
        return Session(self._site, wire)

    def _pop3(self, wire: Wire) -> Pop3Session:
        return Pop3Session(self._site, wire)

    async def _listen_smtp(self, port: int, context: ssl.SSLContext | None, *, sign_in: bool = True) -> int:
        def make() -> asyncio.Protocol:
            # aiosmtpd takes a while to import, and the ports are to be open at once.
            from tuimail.demo.smtp_server import Submission

            starttls = self._site.tls if context is None and self._site.has("STARTTLS") else None
            return Submission(self._site, self._mail_transports, context=starttls, sign_in=sign_in)

        listener = await asyncio.get_running_loop().create_server(make, HOST, port, ssl=context)
        return self._add(listener)

    def _add(self, listener: asyncio.Server) -> int:
        self._listeners.append(listener)
        port: int = listener.sockets[0].getsockname()[1]
        return port

    async def _serve(
        self, make: Callable[[Wire], Session | Pop3Session], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        self._writers.add(writer)
        try:
            await make(Wire(reader, writer, self._site.faults)).run()
        finally:
            self._sessions.discard(task)
            self._writers.discard(writer)
