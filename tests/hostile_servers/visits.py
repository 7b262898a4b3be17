# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in which tuimail comes to a server, each as the user sets it off, and all that it tells then."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tuimail.accounts.prompts import always
from tuimail.accounts.secrets import SecretStore
from tuimail.backends.measure.connection import Connection
from tuimail.backends.measure.sessions import fetch_by_imap, fetch_by_pop3, send_by_smtp
from tuimail.backends.probe.examine import examine
from tuimail.engine.dispatch import Prepared, send_directly
from tuimail.model.account import Account, ServerAddress
from tuimail.model.errors import TuimailError
from tuimail.model.notice import ActionFailed, ConnectionChanged, Notice
from tuimail.servers import Servers
from tuimail.start import open_engine

SECRET = "correct-horse-Battery7"
LETTER = b"From: ada@example.org\r\nSubject: the-words-of-a-letter\r\n\r\nx\r\n"
_LIMIT = 120.0
"""Seconds; who hangs fails."""


@dataclass
class Visit:
    """One, and what came of it."""

    account: Account
    folder: Path
    """For the store."""
    secret: str = SECRET
    errors: list[TuimailError] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """All texts that may come to the screen."""
    folders: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    """Of the INBOX in the store."""
    asked: int = 0
    """How often the secret was asked for."""

    @property
    def server(self) -> ServerAddress:
        """The one that is visited."""
        found = self.account.imap or self.account.pop3 or self.account.smtp
        assert found is not None
        return found

    @property
    def kind(self) -> str:
        """``imap``, ``pop3`` or ``smtp``."""
        return "imap" if self.account.imap else "pop3" if self.account.pop3 else "smtp"

    @property
    def shown(self) -> str:
        """All that was told."""
        return "\n".join([*self.told, *map(str, self.errors)])

    def servers(self) -> Servers:
        """Connections, with the secret at hand."""

        async def give(account: Account, server: ServerAddress) -> str:
            self.asked += 1
            return await always(self.secret)(account, server)

        return Servers(SecretStore(give))

    async def run(self, way: str) -> None:
        """Go there in one of the `WAYS`."""
        async with asyncio.timeout(_LIMIT):
            try:
                await WAYS[way](self)
            except TuimailError as error:
                self.errors.append(error)


async def _sync(visit: Visit) -> None:
    """As ``tuimail sync``, or the open program."""
    engine = open_engine(visit.folder, (visit.account,), visit.servers())

    def hear(notice: Notice) -> None:
        if isinstance(notice, ConnectionChanged | ActionFailed):
            visit.told.append(str(notice.error or ""))

    engine.notices.subscribe(hear)
    try:
        (account,) = engine.accounts
        synced = await engine.carrying.synced(account)
        visit.errors += [synced.error] if synced.error is not None else []
        folders = engine.pages.folders(account.id)
        visit.folders = tuple(sorted(folder.name for folder in folders))
        inbox = next((folder for folder in folders if folder.name == "INBOX"), None)
        if inbox is not None and not visit.errors:
            inbox = await engine.carrying.folder(account, "INBOX", None)
            listed = engine.pages.messages(inbox.id)
            visit.subjects = tuple(sorted(row.envelope.subject for row in listed.window(0, len(listed)) if row))
    finally:
        await engine.stop()
        engine.close()


async def _check(visit: Visit) -> None:
    """As ``tuimail account check``."""
    await visit.servers().check(visit.account, visit.kind, None)


async def _probe(visit: Visit) -> None:
    """As the account wizard does with servers that it found."""
    await visit.servers().probe(visit.kind, visit.server)


async def _examine(visit: Visit) -> None:
    """As ``tuimail doctor`` before it signs in."""
    async for found in examine(visit.kind, visit.server, patience=20):
        if found.step != "greeting":  # it quotes what was said
            visit.told.append(found.detail)


async def _send(visit: Visit) -> None:
    sender = visit.servers().sender(visit.account)
    outcome = await send_directly(sender, Prepared("<m@x>", "ada@example.org", ("bob@example.org",), "x", LETTER))
    visit.told.append(outcome.outcome.detail)
    if outcome.outcome.exit_status:
        visit.errors.append(TuimailError(outcome.outcome.detail))


async def _measure(visit: Visit) -> None:
    """As ``tuimail measure``."""

    def exchange() -> None:
        with Connection(visit.server) as connection:
            if visit.kind == "smtp":
                send_by_smtp(connection, "ada@example.org", "bob@example.org", LETTER, visit.secret)
            else:
                (fetch_by_imap if visit.kind == "imap" else fetch_by_pop3)(connection, b"<m@x>", visit.secret)

    await asyncio.to_thread(exchange)


WAYS: Mapping[str, Callable[[Visit], Awaitable[None]]] = {
    "sync": _sync,
    "check": _check,
    "probe": _probe,
    "examine": _examine,
    "send": _send,
    "measure": _measure,
}
