# SPDX-License-Identifier: GPL-3.0-or-later
"""A real place behind the attacker: embedded servers with TLS and some mail, and a visitor who trusts their certificate."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hostile_servers.between import HOST, SPEECHES, Attack, Between
from tests.hostile_servers.visits import Visit
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Account, Security, ServerAddress
from tuimail.model.address import Address


@dataclass(frozen=True, slots=True)
class Place:
    """The servers, and the file of their certificate."""

    servers: DemoServers
    ca_file: str

    def port(self, kind: str) -> int:
        """Where STARTTLS is to be had."""
        at = self.servers.addresses
        return {"imap": at.imap_port, "smtp": at.smtp_port, "pop3": at.pop3_port}[kind]

    def account(self, kind: str, port: int) -> Account:
        """An account with one server, which is reached by STARTTLS."""
        at = self.servers.addresses
        server = ServerAddress(HOST, port, Security.STARTTLS, at.user, ca_file=self.ca_file)
        return Account("work", Address("Ada", at.email), **{kind: server})  # type: ignore[arg-type]


@pytest.fixture(scope="module", autouse=True)
def _no_authorities() -> Iterator[None]:
    """Of the system's: reading them takes longer than all the rest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", os.devnull)
        patch.setenv("SSL_CERT_DIR", os.devnull)
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    file = tmp_path_factory.mktemp("place") / "ca.pem"
    with DemoServers(3, tls=True) as servers:
        file.write_text(servers.addresses.certificate)
        yield Place(servers, str(file))


Attacked = Callable[[str, Attack], AbstractAsyncContextManager[tuple[Between, Visit]]]


@pytest.fixture
def attacked(place: Place, tmp_path: Path) -> Attacked:
    """Somebody on the way to a server of a kind, and who goes there."""

    @asynccontextmanager
    async def begin(kind: str, attack: Attack) -> AsyncIterator[tuple[Between, Visit]]:
        place.servers.clear_log()
        async with Between(SPEECHES[kind], attack, place.port(kind)).running() as between:
            account = place.account(kind, between.port)
            yield between, Visit(account, tmp_path / "store", place.servers.addresses.password)

    return begin


Undisturbed = Callable[[str, str], Awaitable[Visit]]


@pytest.fixture(scope="module")
def undisturbed(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """What a visit with nobody on the way brings: kind and way → visit."""
    known: dict[tuple[str, str], Visit] = {}

    async def visit(kind: str, way: str) -> Visit:
        if (kind, way) not in known:
            made = Visit(
                place.account(kind, place.port(kind)), tmp_path_factory.mktemp("store"), place.servers.addresses.password
            )
            await made.run(way)
            assert not made.errors
            assert way != "sync" or made.subjects
            known[kind, way] = made
        return known[kind, way]

    return visit
