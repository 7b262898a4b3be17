# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of faults share: mailboxes at real and embedded servers, each behind a proxy, and programs at them."""

import imaplib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.backends.suite.other_client import OtherClient
from tests.faults.home import Home, Site, letter_of
from tests.faults.oracle import Oracle
from tests.servers.dovecot import DovecotServer
from tests.servers.proxy import Proxy
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Security, ServerAddress

COMPRESSION = "COMPRESS=DEFLATE"
"""Hidden, so that the proxy can see the lines."""


@pytest.fixture(scope="session", autouse=True)
def _bytecode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the many processes import is compiled once, which halves the time of each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@dataclass
class Office:
    """A mailbox, the wires to its servers, another client at it, and a program of the user's."""

    imap: Proxy
    smtp: Proxy
    other: OtherClient
    oracle: Oracle
    home: Home
    sink: DemoServers
    """Takes the mail that is sent."""

    def accepted(self, message_id: str) -> int:
        """How many times the submission server took this message."""
        return sum(message_id.encode() in mail.raw for mail in self.sink.sent)

    def agrees(self) -> bool:
        """Whether the user is shown what the server holds."""
        return self.oracle.agrees_with(self.home.store)


OfficeMaker = Callable[..., Awaitable[Office]]


@pytest.fixture
async def make_office(tmp_path: Path, dovecot: DovecotServer) -> AsyncIterator[OfficeMaker]:
    """Makes a mailbox with so many messages in INBOX, and a program that has read it.

    The mailbox is Dovecot's, or the embedded server's, which also takes what is sent.
    """
    async with AsyncExitStack() as stack:

        async def make(
            mails: int = 3, *, without: tuple[str, ...] = (), read_seconds: float = 60.0, embedded: bool = False
        ) -> Office:
            sink = stack.enter_context(DemoServers(0))
            at = sink.addresses
            server = (
                ServerAddress(at.host, at.imap_port, Security.NONE, at.user)
                if embedded
                else dovecot.address(dovecot.new_user())
            )
            password = at.password if embedded else dovecot.password
            imap = await stack.enter_async_context(Proxy(server.host, server.port))
            imap.hide(COMPRESSION, *without)
            smtp = await stack.enter_async_context(Proxy(at.host, at.smtp_port))
            connection = imaplib.IMAP4(server.host, server.port)
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.login(server.username, password)
            other = OtherClient(connection)
            stack.callback(other.leave)
            other.deliver_all(letter_of(number) for number in range(mails))
            site = Site(
                replace(server, port=imap.port),
                password,
                ServerAddress(at.host, smtp.port, Security.NONE, at.user, password_command=("printf", at.password)),
            )
            home = Home(tmp_path / "store", site, read_seconds=read_seconds)
            stack.push_async_callback(home.end)
            await home.start()
            return Office(imap, smtp, other, Oracle(other), home, sink)

        yield make
