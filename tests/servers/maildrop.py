# SPDX-License-Identifier: GPL-3.0-or-later
"""``make_maildrop`` gives INBOXes on the embedded POP3 server and on a real Dovecot's, in turn."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers.dovecot import DovecotServer
from tuimail.backends.pop3.drop import Pop3Drop
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Security, ServerAddress

_USERS = 30
"""Of an embedded server; so many can be made in one test."""


@dataclass
class Maildrop(ABC):
    """One INBOX, filled and looked at by other means than POP3."""

    secret: str
    log: list[tuple[str, str]] = field(default_factory=list)
    """What its drops said (``C``) and heard (``S``)."""

    @abstractmethod
    def address(self, security: Security = Security.NONE) -> ServerAddress:
        """How to reach it."""

    @abstractmethod
    def deliver(self, raw: bytes) -> None:
        """New mail."""

    @abstractmethod
    def left(self) -> list[bytes]:
        """What is there."""

    def drop(self, address: ServerAddress | None = None, secret: str | None = None, *, read_seconds: float = 60.0) -> Pop3Drop:
        """A connection that is not connected yet."""

        async def source() -> str:
            return self.secret if secret is None else secret

        return Pop3Drop(address or self.address(), source, log=self._note, read_seconds=read_seconds)

    @property
    def said(self) -> list[str]:
        """What the drops said."""
        return [line for direction, line in self.log if direction == "C"]

    def _note(self, direction: str, line: bytes) -> None:
        self.log.append((direction, line.decode("utf-8", "replace")))


class EmbeddedMaildrop(Maildrop):
    """On the embedded server."""

    def __init__(self, servers: DemoServers, ca_file: Path, number: int = 0) -> None:
        self.servers = servers
        self._ca_file = ca_file
        self._user, password, _ = servers.addresses.users[number]
        super().__init__(password)

    def address(self, security: Security = Security.NONE) -> ServerAddress:
        at = self.servers.addresses
        port = at.pop3s_port if security is Security.TLS else at.pop3_port
        return ServerAddress(at.host, port, security, self._user, ca_file=str(self._ca_file))

    def deliver(self, raw: bytes) -> None:
        self.servers.deliver(raw, user=self._user)

    def left(self) -> list[bytes]:
        return [shot.raw for shot in self.servers.snapshot(self._user)["INBOX"]]


class DovecotMaildrop(Maildrop):
    """A fresh user of a real Dovecot."""

    def __init__(self, dovecot: DovecotServer) -> None:
        self._dovecot = dovecot
        self._user = dovecot.new_user()
        super().__init__(dovecot.password)

    def address(self, security: Security = Security.NONE) -> ServerAddress:
        return self._dovecot.maildrop(self._user, security)

    def deliver(self, raw: bytes) -> None:
        with self._dovecot.client(self._user) as client:
            assert client.append("INBOX", "", "", raw)[0] == "OK"

    def left(self) -> list[bytes]:
        with self._dovecot.client(self._user) as client:
            client.select("INBOX", readonly=True)
            answer = client.fetch("1:*", "(BODY.PEEK[])")[1] if client.search(None, "ALL")[1][0] else []
            return [part[1] for part in answer if isinstance(part, tuple)]


MaildropMaker = Callable[[], Maildrop]


@pytest.fixture
def embedded_maildrop(tmp_path: Path) -> Iterator[EmbeddedMaildrop]:
    """One with faults (`EmbeddedMaildrop.servers`)."""
    with DemoServers(messages=0, tls=True) as servers:
        certificate = tmp_path / "pop3.pem"
        certificate.write_text(servers.addresses.certificate)
        yield EmbeddedMaildrop(servers, certificate)


@pytest.fixture(params=["embedded", pytest.param("dovecot", marks=pytest.mark.dovecot)])
def make_maildrop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MaildropMaker]:
    """Makes empty ones."""
    if request.param == "dovecot":
        dovecot: DovecotServer = request.getfixturevalue("dovecot")
        yield lambda: DovecotMaildrop(dovecot)
        return
    with DemoServers(messages=0, tls=True, users=_USERS) as servers:
        certificate = tmp_path / "pop3.pem"
        certificate.write_text(servers.addresses.certificate)
        numbers = iter(range(_USERS))
        yield lambda: EmbeddedMaildrop(servers, certificate, next(numbers))


@pytest.fixture
def maildrop(make_maildrop: MaildropMaker) -> Maildrop:
    """An empty one."""
    return make_maildrop()
