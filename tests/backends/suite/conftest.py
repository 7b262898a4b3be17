# SPDX-License-Identifier: GPL-3.0-or-later
"""``make_server`` and ``server`` give the embedded server and a real Dovecot in turn; ``make_demo`` and ``demo`` the
embedded one alone."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Literal

import pytest

from tests.backends.suite.commands import missing
from tests.backends.suite.server import Demo, Dovecot, Server, ServerMaker
from tests.servers.dovecot import DovecotServer, DovecotVariant
from tuimail.demo.faults import Faults
from tuimail.demo.servers import DemoServers

Kind = Literal["embedded", "dovecot"]
DemoMaker = Callable[..., Demo]
"""Makes an embedded server; takes the options of `DemoServers`."""


@pytest.fixture(params=["embedded", pytest.param("dovecot", marks=pytest.mark.dovecot)])
def kind(request: pytest.FixtureRequest) -> Kind:
    """The kind of server."""
    name: Kind = request.param
    return name


@pytest.fixture
async def made(request: pytest.FixtureRequest) -> AsyncIterator[list[Server]]:
    """The mailboxes of a test. In the end they are closed, and what was said is looked at: the test is held to the commands
    that it is marked with, nothing marks mail as read by the way, and no password is in the log."""
    servers: list[Server] = []
    yield servers
    for server in servers:
        await server.close()
    said = [line for server in servers for direction, line in server.log if direction == "C"]
    assert not missing(request.function, said), f"not sent: {missing(request.function, said)}"
    assert not [line for line in said if "BODY[" in line]
    assert not [line for server in servers for _, line in server.log if server.secret in line]


@pytest.fixture
def make_demo(made: list[Server], tmp_path: Path) -> DemoMaker:
    """Makes mailboxes on embedded servers."""

    def make(*without: str, tls: bool = False, delimiter: str = "/", prefix: str = "") -> Demo:
        faults = Faults(without=frozenset(without))
        servers = DemoServers(messages=0, faults=faults, tls=tls, delimiter=delimiter, prefix=prefix)
        certificate = tmp_path / "demo.pem"
        certificate.write_text(servers.start().certificate)
        made.append(server := Demo(servers, str(certificate) if tls else ""))
        return server

    return make


@pytest.fixture
def make_server(request: pytest.FixtureRequest, kind: Kind, made: list[Server], make_demo: DemoMaker) -> ServerMaker:
    """Makes mailboxes on either kind of server."""

    def make(*without: str) -> Server:
        if kind == "embedded":
            return make_demo(*without)
        whole: DovecotServer = request.getfixturevalue("dovecot")
        variant: DovecotVariant = request.getfixturevalue("dovecot_variant")
        made.append(server := Dovecot(variant(without) if without else whole))
        return server

    return make


@pytest.fixture
def server(make_server: ServerMaker) -> Server:
    """An empty mailbox."""
    return make_server()


@pytest.fixture
def tls_server(kind: Kind, make_server: ServerMaker, make_demo: DemoMaker) -> Server:
    """An empty mailbox on a server with TLS."""
    return make_demo(tls=True) if kind == "embedded" else make_server()


@pytest.fixture
def demo(make_demo: DemoMaker) -> Demo:
    """An empty mailbox on the embedded server, for what only its switches can do."""
    return make_demo()
