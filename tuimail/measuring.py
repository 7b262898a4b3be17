# SPDX-License-Identifier: GPL-3.0-or-later
"""Between which servers `tuimail measure` measures: the embedded ones, or those of an account."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tuimail.accounts import config
from tuimail.accounts.secrets import SecretStore
from tuimail.backends.log import ProtocolLog
from tuimail.backends.measure.connection import Connection
from tuimail.backends.measure.measuring import Target, measure
from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.errors import InputWrong
from tuimail.model.measurement import Protocol, Run
from tuimail.model.text import safe_line


def runs(
    config_file: Path, name: str, secrets: SecretStore, sizes: Sequence[int], count: int, log: ProtocolLog | None
) -> Iterator[Run]:
    """One run for each message and protocol, as they end; with no account named, on the embedded servers."""
    with _embedded() if not name else nullcontext(_servers_of(_account(config_file, name), secrets)) as target:
        yield from measure(target, sizes, count, log=log)


def _account(config_file: Path, name: str) -> Account:
    for account in config.load(config_file).accounts:
        if name in (account.key, account.identity.email):
            return account
    raise InputWrong(f"There is no account “{safe_line(name)}”.", "tuimail account list shows the names.")


def _servers_of(account: Account, secrets: SecretStore) -> Target:
    if account.smtp is None:
        raise InputWrong(f"The account {account.key} has no server to send by.", "Add smtp to its configuration.")
    known = {Protocol.POP3: account.pop3, Protocol.IMAP: account.imap}
    readers = tuple((protocol, server) for protocol, server in known.items() if server is not None)
    servers = [account.smtp, *(server for _, server in readers)]
    if any(server.auth is AuthMethod.OAUTH2 for server in servers):
        raise InputWrong("Servers that want OAuth2 are not measured.", "Take an account with a password.")

    async def ask() -> dict[ServerAddress, str]:
        return {each: await secrets.secret_for(account, each) for each in servers if each.auth is AuthMethod.PASSWORD}

    email = account.identity.email
    return Target(email, email, account.smtp, readers, asyncio.run(ask()))


@contextmanager
def _embedded() -> Iterator[Target]:
    from tuimail.demo.servers import DemoServers

    with DemoServers(0) as servers:
        at = servers.addresses

        def server(port: int, auth: AuthMethod) -> ServerAddress:
            return ServerAddress(at.host, port, Security.NONE, at.user, auth)

        pop3, imap = server(at.pop3_port, AuthMethod.PASSWORD), server(at.imap_port, AuthMethod.PASSWORD)
        secrets = {pop3: at.password, imap: at.password}
        smtp = server(at.relay_port, AuthMethod.NONE)
        with Connection(smtp) as connection:
            connection.line()  # what the servers do once, with the first connection, is not measured
        yield Target("ada@example.net", at.email, smtp, ((Protocol.POP3, pop3), (Protocol.IMAP, imap)), secrets)
