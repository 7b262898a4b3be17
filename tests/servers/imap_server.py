# SPDX-License-Identifier: GPL-3.0-or-later
"""What the IMAP servers in systems of their own have in common."""

import imaplib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers import launch
from tests.servers.chroot import System
from tuimail.model.account import AuthMethod, Security, ServerAddress

_USERS = 400


@dataclass(frozen=True, slots=True)
class ImapServer:
    """A running server with users ``user1`` to ``user400``, who have one password and an INBOX each."""

    port: int
    """Cleartext, and STARTTLS where the server has it."""
    tls_port: int
    """Implicit TLS; 0 where it is not set up."""
    ca_file: Path
    """The certificate to trust."""
    system: System
    password: str = "secret-word"
    host: str = launch.LOOPBACK
    _users: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_user(self) -> str:
        """A name that no test had yet."""
        number = next(self._users)
        if number > _USERS:
            pytest.fail(f"More than {_USERS} users are wanted of one server: let `.ci/chroots` make more.", pytrace=False)
        return f"user{number}"

    def address(self, user: str, security: Security = Security.NONE) -> ServerAddress:
        """How to reach that user's mailbox."""
        port = self.tls_port if security is Security.TLS else self.port
        return ServerAddress(self.host, port, security, user, AuthMethod.PASSWORD, ca_file=str(self.ca_file))

    def client(self, user: str) -> imaplib.IMAP4:
        """Another client, independent of tuimail, signed in."""
        connection = imaplib.IMAP4(self.host, self.port)
        connection.login(user, self.password)
        return connection
