# SPDX-License-Identifier: GPL-3.0-or-later
"""One empty mailbox on a server, for the backend under test and for another client beside it."""

import asyncio
import imaplib
import re
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.backends.suite.other_client import OtherClient
from tests.backends.suite.placed import BelowInbox, here, there
from tests.servers.dovecot import DovecotServer
from tests.servers.imap_server import ImapServer
from tuimail.backends.early import EarlyLines
from tuimail.backends.imap.backend import ImapBackend
from tuimail.demo.servers import DemoServers
from tuimail.model.account import AuthMethod, Security, ServerAddress

_TAG = re.compile(r"^[A-P]{4}\d+ ")
"""Tests name commands without their tags."""

_PLACED = re.compile(r'"(INBOX\.[^"]*)"')


@dataclass
class Server(ABC):
    """A mailbox with the folders INBOX, Archive, Drafts, Junk, Sent and Trash. Subclasses know the kind of server."""

    user: str
    secret: str
    below_inbox: bool = False
    """Whether all folders live below INBOX; the tests name them as elsewhere."""
    writes_late: bool = False
    """Whether nobody may keep a folder open for long, because the server writes what it read when somebody leaves it."""
    said: list[str] = field(default_factory=list)
    """What the backends said, as their protocol log has it without the tags; `forget` empties it."""
    log: list[tuple[str, str]] = field(default_factory=list)
    """The whole protocol log, of both sides."""
    _expected: list[tuple[str, str, asyncio.Future[str]]] = field(default_factory=list)
    _backends: list[ImapBackend] = field(default_factory=list)
    _others: list[OtherClient] = field(default_factory=list)

    @abstractmethod
    def address(self, security: Security = Security.NONE, auth: AuthMethod = AuthMethod.PASSWORD) -> ServerAddress:
        """How to reach the mailbox."""

    def new_backend(
        self,
        address: ServerAddress | None = None,
        secret: str | None = None,
        *,
        read_seconds: float = 60.0,
        early: EarlyLines | None = None,
    ) -> ImapBackend:
        """A backend that is not connected yet; it is closed when the test is over."""

        async def source() -> str:
            return self.secret if secret is None else secret

        kind = BelowInbox if self.below_inbox else ImapBackend
        backend = kind(address or self.address(), source, log=self._note, read_seconds=read_seconds, early=early)
        self._backends.append(backend)
        return backend

    async def backend(self, address: ServerAddress | None = None) -> ImapBackend:
        """A backend that is signed in."""
        backend = self.new_backend(address)
        await backend.connect()
        return backend

    async def opened(self, folder: str = "INBOX") -> ImapBackend:
        """A backend with a selected folder. What it said up to here is forgotten."""
        backend = await self.backend()
        await backend.select(folder)
        self.forget()
        return backend

    def other(self) -> OtherClient:
        """Another client, signed in."""
        address = self.address()
        connection = imaplib.IMAP4(address.host, address.port, timeout=120)
        # imaplib sends a literal and the line's end apart, and would wait for the first to be acknowledged.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.login(self.user, self.secret)
        place = (there, here) if self.below_inbox else (str, str)
        client = OtherClient(connection, *place, brief=self.writes_late)
        self._others.append(client)
        return client

    def expect(self, direction: str, start: str) -> asyncio.Future[str]:
        """The next line of the log that begins so: ``"C"`` for what a backend says, ``"S"`` for the server."""
        line: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._expected.append((direction, start, line))
        return line

    def forget(self) -> None:
        """Begin to listen anew."""
        self.said.clear()

    async def close(self) -> None:
        """End all connections."""
        for client in self._others:
            client.leave()
        for backend in self._backends:
            await backend.close()

    def _note(self, direction: str, line: bytes) -> None:
        text = line.decode("utf-8", "surrogateescape")
        if direction == "C":
            text = _TAG.sub("", text)
        if self.below_inbox:
            text = _PLACED.sub(lambda found: f'"{here(found[1])}"', text)
        self.log.append((direction, text))
        if direction == "C":
            self.said.append(text)
        for expected in [each for each in self._expected if each[0] == direction and text.startswith(each[1])]:
            self._expected.remove(expected)
            expected[2].set_result(text)


class Demo(Server):
    """The embedded server."""

    def __init__(self, servers: DemoServers, ca_file: str = "") -> None:
        self.servers = servers
        self._ca_file = ca_file
        super().__init__(servers.addresses.user, servers.addresses.password)

    def address(self, security: Security = Security.NONE, auth: AuthMethod = AuthMethod.PASSWORD) -> ServerAddress:
        addresses = self.servers.addresses
        port = addresses.imaps_port if security is Security.TLS else addresses.imap_port
        return ServerAddress(addresses.host, port, security, self.user, auth, ca_file=self._ca_file)

    async def close(self) -> None:
        await super().close()
        self.servers.stop()


class Dovecot(Server):
    """A fresh user of a real Dovecot."""

    def __init__(self, dovecot: DovecotServer) -> None:
        self._dovecot = dovecot
        super().__init__(dovecot.new_user(), dovecot.password)

    def address(self, security: Security = Security.NONE, auth: AuthMethod = AuthMethod.PASSWORD) -> ServerAddress:
        assert auth is AuthMethod.PASSWORD, "this Dovecot takes no tokens"
        return self._dovecot.address(self.user, security)


class InSystem(Server):
    """A user, new to the test, of a server in a system of its own."""

    def __init__(self, server: ImapServer, *, below_inbox: bool = False, writes_late: bool = False) -> None:
        self._server = server
        super().__init__(server.new_user(), server.password, below_inbox, writes_late)

    def address(self, security: Security = Security.NONE, auth: AuthMethod = AuthMethod.PASSWORD) -> ServerAddress:
        assert auth is AuthMethod.PASSWORD, "these servers take no tokens"
        return self._server.address(self.user, security)


ServerMaker = Callable[..., Server]
"""``make_server("IDLE", "MOVE")``: a mailbox on a server that does not offer these capabilities."""
