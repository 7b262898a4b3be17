# SPDX-License-Identifier: GPL-3.0-or-later
"""``make_server`` and ``server`` give the embedded server and a real Dovecot in turn, and where TUIMAIL_SERVERS names their
systems, Cyrus, Courier and imap4d; ``make_demo`` and ``demo`` the embedded one alone."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Literal

import pytest

from tests.backends.suite.commands import missing
from tests.backends.suite.differences import difference
from tests.backends.suite.server import Demo, Dovecot, InSystem, Server, ServerMaker
from tests.servers.chroot import systems
from tests.servers.dovecot import DovecotServer, DovecotVariant
from tests.servers.systems import ALWAYS_OFFERED, SYSTEM_KINDS, ServerOfSystem, SystemKind
from tuimail.demo.faults import Faults
from tuimail.demo.servers import DemoServers

Kind = Literal["embedded", "dovecot"] | SystemKind
DemoMaker = Callable[..., Demo]
"""Makes an embedded server; takes the options of `DemoServers`."""


_SYSTEMS = [pytest.param(name, marks=pytest.mark.systems) for name in SYSTEM_KINDS] if systems() else []


@pytest.fixture(params=["embedded", pytest.param("dovecot", marks=pytest.mark.dovecot), *_SYSTEMS])
def kind(request: pytest.FixtureRequest) -> Kind:
    """The kind of server. What is known to be different with it is expected to fail, and reported with its reason."""
    name: Kind = request.param
    known = difference(name, request.node.name)
    if known:
        request.applymarker(pytest.mark.xfail(reason=f"{name} {known.reason}", strict=True, run=not known.endless))
    return name


@pytest.fixture
async def made(request: pytest.FixtureRequest) -> AsyncIterator[list[Server]]:
    """The mailboxes of a test. In the end they are closed, and what was said is looked at: the test is held to the commands
    that it is marked with (which are for servers that offer everything), nothing marks mail as read by the way, and no
    password is in the log."""
    servers: list[Server] = []
    yield servers
    for server in servers:
        await server.close()
    said = [line for server in servers for direction, line in server.log if direction == "C"]
    if servers and not any(isinstance(server, InSystem) for server in servers):
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
        if kind != "dovecot":
            always = ALWAYS_OFFERED[kind].intersection(without)
            if always:
                pytest.xfail(f"{kind}: cannot be told to hide {', '.join(sorted(always))}")
            of_system: ServerOfSystem = request.getfixturevalue("server_of_system")
            if kind == "imap4d":  # what may be hidden there it has not
                made.append(found := InSystem(of_system(kind, ()), writes_late=True))
                return found
            made.append(found := InSystem(of_system(kind, without), below_inbox=kind == "courier"))
            return found
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
