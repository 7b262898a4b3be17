# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/protocol-commands.md: every command has a test that makes the client send it."""

import importlib
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.backends.suite.commands import promised
from tests.backends.suite.mails import PLAIN, mail
from tests.backends.suite.server import Demo, Server
from tuimail.model.uidset import UidSet

_DOCUMENT = Path(__file__).parents[3] / "docs" / "protocol-commands.md"
_ROW = re.compile(
    r"\| (?P<command>[^|`]+) \| (?:`(?P<line>[^`]+)` )?\| (?P<when>[^|]+) \| `(?P<file>\w+)\.py::(?P<test>\w+)` \|"
)
COMMANDS = frozenset({
    "TLS", "STARTTLS", "LOGIN", "AUTHENTICATE PLAIN", "AUTHENTICATE SCRAM-SHA-256", "AUTHENTICATE XOAUTH2",
    "AUTHENTICATE OAUTHBEARER", "CAPABILITY", "ENABLE", "ID", "NAMESPACE", "LIST with SPECIAL-USE, STATUS and SUBSCRIBED",
    "STATUS", "LSUB", "SUBSCRIBE", "UNSUBSCRIBE", "SELECT", "EXAMINE", "CREATE", "DELETE", "RENAME", "NOOP", "IDLE", "NOTIFY",
    "FETCH of headers", "FETCH by part", "FETCH by byte range", "STORE", "COPY", "MOVE", "EXPUNGE", "UID EXPUNGE", "APPEND",
    "MULTIAPPEND", "LITERAL+", "SEARCH", "ESEARCH", "UNSELECT", "CLOSE", "LOGOUT", "CONDSTORE", "QRESYNC", "COMPRESS",
})  # fmt: skip


class Row(NamedTuple):
    command: str
    line: str
    file: str
    test: str


def _rows() -> list[Row]:
    lines = [line for line in _DOCUMENT.read_text().splitlines() if line.startswith("| ")][1:]
    found = [_ROW.fullmatch(line) for line in lines]
    assert None not in found, [line for line, match in zip(lines, found, strict=True) if match is None]
    return [Row(match["command"], match["line"] or "", match["file"], match["test"]) for match in found if match]


def test_every_command_is_told_of() -> None:
    assert {row.command for row in _rows()} == COMMANDS


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row.command)
def test_every_command_has_a_test_that_sends_it(row: Row) -> None:
    test = getattr(importlib.import_module(f"tests.backends.suite.{row.file}"), row.test, None)
    assert test is not None, f"{row.file}.py has no {row.test}"
    assert not row.line or row.line in promised(test)


async def test_nothing_superfluous_is_said(demo: Demo) -> None:
    """What the server received in a short session, line by line."""
    other = demo.other()
    other.deliver_all(map(mail, range(1, 4)))
    demo.servers.clear_log()
    backend = await demo.backend()
    await backend.folders()
    await backend.select("INBOX")
    async for _ in backend.newest(50):
        pass
    await backend.section(3, "1")
    await backend.store(UidSet.of([3]), frozenset({"\\Seen"}), frozenset())
    await backend.select("INBOX")
    await backend.move(UidSet.of([2]), "Archive")
    await backend.append("Sent", PLAIN, frozenset({"\\Seen"}), None)
    await backend.select("Archive")
    await backend.unselect()
    await backend.close()
    assert [line.partition(" ")[2] for line in demo.servers.log] == [
        "AUTHENTICATE PLAIN ***",
        'ID ("name" "tuimail")',
        "ENABLE QRESYNC UTF8=ACCEPT",
        "COMPRESS DEFLATE",
        "NAMESPACE",
        'LIST "" "*" RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ MAILBOXID))',
        'SELECT "INBOX"',
        "FETCH 1:3 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (REFERENCES)] MODSEQ)",
        "UID FETCH 3 (UID BODY.PEEK[1]<0.262144>)",
        "UID STORE 3 +FLAGS.SILENT (\\Seen)",
        "NOOP",
        'UID MOVE 2 "Archive"',
        f'APPEND "Sent" (\\Seen) {{{len(PLAIN)}}}',
        'SELECT "Archive"',
        "UNSELECT",
        "LOGOUT",
    ]


async def test_no_mail_and_no_secret_is_in_the_log(server: Server) -> None:
    server.other().deliver(mail(1, body="confidential words"))
    backend = await server.opened()
    await backend.section(1, "")
    await backend.append("Sent", mail(2, body="confidential words"), frozenset(), None)
    async for _ in backend.headers(UidSet.of([1])):
        pass
    shown = "\n".join(line for _, line in server.log)
    assert "confidential" not in shown
    assert "Mail 1" not in shown
    assert server.secret not in shown
