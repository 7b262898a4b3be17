# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures: the servers that live in systems of their own, and aiosmtpd, each started once a session."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Literal

import pytest

from tests.servers import courier, cyrus, imap4d, python_smtp, smtp_system
from tests.servers.imap_server import ImapServer
from tests.servers.python_smtp import PythonSmtp
from tests.servers.smtp_system import SystemSmtp

SystemKind = Literal["cyrus", "courier", "imap4d"]
SYSTEM_KINDS: tuple[SystemKind, ...] = ("cyrus", "courier", "imap4d")
ALWAYS_OFFERED: dict[SystemKind, frozenset[str]] = {
    "cyrus": frozenset({"SASL-IR", "COMPRESS=DEFLATE"}),
    "courier": frozenset({"ENABLE", "UTF8=ACCEPT"}),
    "imap4d": frozenset({"NAMESPACE", "ID", "IDLE", "LITERAL+", "UNSELECT"}),
}
"""What a server's configuration cannot take away."""
_RUNNING: dict[SystemKind, Callable[[Iterable[str]], AbstractContextManager[ImapServer]]] = {
    "cyrus": cyrus.running,
    "courier": courier.running,
    "imap4d": imap4d.running,
}
ServerOfSystem = Callable[[SystemKind, Iterable[str]], ImapServer]
"""Gives a server of this kind that does not offer these capabilities, started once a session for each set of them."""


@pytest.fixture(scope="session")
def server_of_system() -> Iterator[ServerOfSystem]:
    """Starts servers as they are asked for."""
    running: dict[tuple[SystemKind, frozenset[str]], ImapServer] = {}
    with ExitStack() as stack:

        def started(kind: SystemKind, without: Iterable[str] = ()) -> ImapServer:
            names = frozenset(without)
            if (kind, names) not in running:
                running[kind, names] = stack.enter_context(_RUNNING[kind](names))
            return running[kind, names]

        yield started


@pytest.fixture(scope="session")
def aiosmtpd() -> Iterator[PythonSmtp]:
    """An aiosmtpd that takes mail for everybody."""
    with python_smtp.running() as server:
        yield server


@pytest.fixture(scope="session")
def exim() -> Iterator[SystemSmtp]:
    """An Exim that takes mail for everybody."""
    with smtp_system.exim() as server:
        yield server


@pytest.fixture(scope="session")
def opensmtpd() -> Iterator[SystemSmtp]:
    """An OpenSMTPD that takes mail for everybody."""
    with smtp_system.opensmtpd() as server:
        yield server
