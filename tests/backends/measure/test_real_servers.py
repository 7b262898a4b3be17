# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes lie within their bounds with servers that are not ours: how they hand replies to TCP is theirs to choose."""

import pytest

from tests.servers.dovecot import DovecotServer
from tests.servers.postfix import PostfixServer
from tuimail.backends.measure.connection import Connection
from tuimail.backends.measure.measuring import run_of
from tuimail.backends.measure.sample import make_message
from tuimail.backends.measure.sessions import fetch_by_imap, fetch_by_pop3, send_by_smtp
from tuimail.model.account import Security
from tuimail.model.measurement import Protocol, Run

SIZES = (1_000, 500_000)


@pytest.mark.dovecot
@pytest.mark.parametrize("security", Security)
def test_dovecot(dovecot: DovecotServer, security: Security) -> None:
    user = dovecot.new_user()
    for size in SIZES:
        mark, message = make_message(size, "ada@example.org", "bob@example.org", 0)
        client = dovecot.client(user)
        client.append("INBOX", None, None, message)
        client.logout()
        imap, pop3 = dovecot.address(user, security), dovecot.maildrop(user, security)
        with Connection(imap) as connection:
            assert fetch_by_imap(connection, mark, dovecot.password) == message
            _holds(run_of(Protocol.IMAP, size, imap, connection.finish()))
        with Connection(pop3) as connection:
            assert fetch_by_pop3(connection, mark, dovecot.password) == message
            _holds(run_of(Protocol.POP3, size, pop3, connection.finish()))
        with Connection(imap) as connection:
            fetch_by_imap(connection, mark, dovecot.password, remove=True)
        with Connection(imap) as connection:
            assert fetch_by_imap(connection, mark, dovecot.password) is None


@pytest.mark.postfix
@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
def test_postfix(postfix: PostfixServer, security: Security) -> None:
    server = postfix.address(security)
    for size in SIZES:
        _, message = make_message(size, "ada@example.org", "bob@example.org", 0)
        with Connection(server) as connection:
            send_by_smtp(connection, "ada@example.org", "bob@example.org", message, "")
            _holds(run_of(Protocol.SMTP, size, server, connection.finish()))


def _holds(run: Run) -> None:
    assert run.within
    assert run.bounds.data_low <= run.data_up + run.data_down <= run.bounds.data_high
