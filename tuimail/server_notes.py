# SPDX-License-Identifier: GPL-3.0-or-later
"""What the loops tell of servers, kept for the next connection and the next start."""

from tuimail.engine.accounts import Accounts
from tuimail.model.notice import ConnectionChanged, ConnectionState, Notice
from tuimail.servers import Servers
from tuimail.store.store import Store

SERVER = "server"
"""Learned fact: what the IMAP server turned out to be like."""


def note_sign_in(notice: Notice, accounts: Accounts, servers: Servers) -> None:
    """A password that was typed and taken need not be asked for at the next start."""
    if isinstance(notice, ConnectionChanged) and notice.state is ConnectionState.ONLINE:
        account = accounts.get(notice.account).account
        if reading := account.imap or account.pop3:
            servers.taken(account, reading)


def note_refusal(notice: Notice, accounts: Accounts, servers: Servers) -> None:
    """After a refused sign-in the user is asked, whatever was kept."""
    if isinstance(notice, ConnectionChanged) and notice.state is ConnectionState.SIGN_IN_NEEDED:
        account = accounts.get(notice.account).account
        for server in account.servers:
            servers.refused(account, server)


def note_server(notice: Notice, accounts: Accounts, servers: Servers, store: Store) -> None:
    """The next start asks less of a server that is known."""
    if isinstance(notice, ConnectionChanged) and notice.state is ConnectionState.ONLINE:
        account = accounts.get(notice.account).account
        if account.imap is not None:
            noted = servers.memory(account.imap).note()
            if noted != store.accounts.learned(notice.account, SERVER):
                store.accounts.learn(notice.account, SERVER, noted)
