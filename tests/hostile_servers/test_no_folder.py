# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that signs us in and opens no folder."""

from pathlib import Path

from tests.hostile_servers.between import HOST, SPEECHES, Attack, Between
from tests.hostile_servers.visits import Visit
from tuimail.model.account import Account, Security, ServerAddress
from tuimail.model.address import Address

_REFUSED = b"{tag} NO Not now\r\n"
_SHUT = Attack(
    b"* OK [CAPABILITY IMAP4rev1] ready\r\n",
    {
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n",
        b"LIST": b'* LIST () "/" INBOX\r\n{tag} OK done\r\n',
        **dict.fromkeys((b"SELECT", b"EXAMINE", b"STATUS"), _REFUSED),
    },
)


async def test_whoever_waits_is_told(tmp_path: Path) -> None:
    async with Between(SPEECHES["imap"], _SHUT, 0).running() as between:
        server = ServerAddress(HOST, between.port, Security.NONE, "ada")
        visit = Visit(Account("work", Address("Ada", "ada@example.org"), imap=server), tmp_path)
        await visit.run("sync")
    assert [error.kind for error in visit.errors] == ["TryLater"]
    assert "does not let any folder be opened" in visit.shown
