# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections to the servers of accounts: joins addresses, secrets, and what is remembered of a server."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tuimail.accounts.secrets import SecretStore
from tuimail.backends.early import EarlyLines
from tuimail.backends.log import ProtocolLog
from tuimail.backends.maildrop import MailDrop
from tuimail.backends.port import MailBackend, SecretSource
from tuimail.backends.submission import MailSender
from tuimail.model.account import Account, ServerAddress
from tuimail.model.store_key import StoreKey
from tuimail.sync.fill_process import FillRunner, run_worker
from tuimail.sync.worker import FillOrder

if TYPE_CHECKING:
    from tuimail.backends.imap.memory import ServerMemory


class _FarEnough(Exception):
    """A secret would be sent now."""


class Servers:
    """Makes connections to an account's servers; the protocol modules are imported with the first."""

    def __init__(self, secrets: SecretStore, protocol_log: ProtocolLog | None = None, early: EarlyLines | None = None) -> None:
        """``early``: connections that may be there already."""
        self._secrets = secrets
        self._early = early
        self._log = protocol_log
        self._given: set[tuple[str, ServerAddress]] = set()
        self._memories: dict[ServerAddress, ServerMemory] = {}
        self._noted: dict[ServerAddress, str] = {}
        self._keeping: set[asyncio.Task[None]] = set()

    def backend(self, account: Account, secret: str | None = None) -> MailBackend:
        """A connection to the server that keeps the mail, not connected yet."""
        from tuimail.backends.imap.backend import ImapBackend

        assert account.imap is not None
        memory = self.memory(account.imap)
        source = self._source(account, account.imap, secret)
        if secret is None and self._secrets.has_command(account, account.imap):
            source = _begun(source)
        return ImapBackend(account.imap, source, log=self._log, memory=memory, early=self._early)

    def memory(self, server: ServerAddress) -> "ServerMemory":
        """What is known of a server, shared by all connections to it."""
        from tuimail.backends.imap.memory import ServerMemory

        if server not in self._memories:
            self._memories[server] = ServerMemory()
            self._memories[server].recall(self._noted.get(server, ""))
        return self._memories[server]

    def recall(self, server: ServerAddress, note: str) -> None:
        """What an earlier run noted of a server (`ServerMemory.note`)."""
        self._noted[server] = note

    def sender(self, account: Account, secret: str | None = None) -> MailSender:
        """The submission server of an account."""
        from tuimail.backends.smtp.sender import SmtpSender

        assert account.smtp is not None
        return SmtpSender(account.smtp, self._source(account, account.smtp, secret), log=self._log)

    def maildrop(self, account: Account, secret: str | None = None) -> MailDrop:
        """A connection to a POP3 server, not connected yet."""
        from tuimail.backends.pop3.drop import Pop3Drop

        assert account.pop3 is not None
        return Pop3Drop(account.pop3, self._source(account, account.pop3, secret), log=self._log)

    def fill_runner(self, account: Account, store: Path, key: StoreKey | None) -> FillRunner:
        """Starts a process that reads a huge folder over a connection of its own."""
        assert account.imap is not None
        server, secret = account.imap, self._source(account, account.imap, None)

        async def run(order: FillOrder, report: Callable[[int], None]) -> None:
            from tuimail.worker import FillTask, command

            compresses = self.memory(server).compresses
            task = FillTask(str(store), server, await secret(), order, key.text if key is not None else "", compresses)
            await run_worker(command(), task, report)

        return run

    async def check(self, account: Account, kind: str, secret: str | None) -> None:
        """Connect and sign in to an account's server of a kind (``imap``, ``pop3``, ``smtp``), then leave."""
        if kind == "smtp":
            await self.sender(account, secret).check()
            return
        if kind == "pop3":
            drop = self.maildrop(account, secret)
            try:
                await drop.connect()
                await drop.leave()
            finally:
                await drop.close()
            return
        backend = self.backend(account, secret)
        try:
            await backend.connect()
        finally:
            await backend.close()

    async def probe(self, kind: str, server: ServerAddress) -> None:
        """Connect to a server of a kind (``imap``, ``pop3``, ``smtp``) up to where the secret would be sent, and leave.

        Raises what went wrong: no server, no TLS, a certificate that does not hold, no sign-in that fits.
        """

        async def nothing() -> str:
            raise _FarEnough

        with contextlib.suppress(_FarEnough):
            if kind == "smtp":
                from tuimail.backends.smtp.sender import SmtpSender

                await SmtpSender(server, nothing, log=self._log).check()
                return
            if kind == "pop3":
                from tuimail.backends.pop3.drop import Pop3Drop

                await Pop3Drop(server, nothing, log=self._log).connect()
                return
            from tuimail.backends.imap.backend import ImapBackend

            backend = ImapBackend(server, nothing, log=self._log)
            await backend.connect()
            await backend.close()

    def refused(self, account: Account, server: ServerAddress) -> None:
        """Signing in failed: a secret that was given for it is not offered again."""
        if (account.key, server) in self._given:
            self._given.discard((account.key, server))
            self._secrets.refuse(account, server)

    def taken(self, account: Account, server: ServerAddress) -> None:
        """Signing in worked. Needs a running event loop."""
        keeping = asyncio.create_task(self._secrets.taken(account, server), name="keep a typed password")
        self._keeping.add(keeping)
        keeping.add_done_callback(self._keeping.discard)

    def _source(self, account: Account, server: ServerAddress, secret: str | None) -> SecretSource:
        if secret is None:
            given, refused = (account.key, server), lambda: self.refused(account, server)
            return _Kept(self._secrets, account, server, lambda: self._given.add(given), refused)

        async def typed() -> str:
            return secret

        return typed


class _Kept:
    """The secret of an account, as a `tuimail.backends.port.RenewableSecret`."""

    def __init__(
        self,
        secrets: SecretStore,
        account: Account,
        server: ServerAddress,
        given: Callable[[], None],
        refused: Callable[[], None],
    ) -> None:
        self._secrets, self._account, self._server = secrets, account, server
        self._given, self._refused = given, refused
        self._last = ""

    async def __call__(self) -> str:
        self._last = ""
        self._last = await self._secrets.secret_for(self._account, self._server)
        self._given()
        return self._last

    def refused(self) -> bool:
        """A token that ended before its time is renewed; a password is not offered again."""
        if not self._last:
            return False  # the server was never asked
        if self._secrets.token_refused(self._account, self._server, self._last):
            return True
        if self._server == self._account.smtp:  # of the others the account's state tells
            self._refused()
        return False


def _begun(source: SecretSource) -> SecretSource:
    """The same, but a program that takes its time runs while the connection is made. Needs a running event loop."""
    first: list[asyncio.Task[str]] = [asyncio.ensure_future(source())]
    first[0].add_done_callback(lambda done: done.cancelled() or done.exception())  # a connection that fails asks for none

    async def give() -> str:
        return await (first.pop() if first else source())

    return give
