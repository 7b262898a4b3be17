# SPDX-License-Identifier: GPL-3.0-or-later
"""A day in the life of one mailbox on each IMAP server: in the end the user is shown what an independent client finds there.

``plain`` is the embedded server with no extension at all, folders without levels, and other UIDs in the evening.
"""

import imaplib
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.backends.suite.other_client import OtherClient
from tests.faults.home import Home, Site, letter_of
from tests.faults.oracle import Oracle, Seen, message_id
from tests.servers.chroot import systems
from tests.servers.dovecot import DovecotServer
from tests.servers.imap_server import ImapServer
from tests.servers.proxy import Proxy, Way
from tests.servers.systems import SYSTEM_KINDS, ServerOfSystem
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Security, ServerAddress
from tuimail.model.flags import ANSWERED, DELETED, FLAGGED, SEEN, Flags
from tuimail.model.ids import MessageId

_NONE: Flags = frozenset()
_EXTENSIONS = (
    "UIDPLUS", "MOVE", "CONDSTORE", "QRESYNC", "SPECIAL-USE", "CREATE-SPECIAL-USE", "IDLE", "CHILDREN", "LIST-STATUS",
    "LIST-EXTENDED", "ESEARCH", "NOTIFY", "OBJECTID", "COMPRESS=DEFLATE", "ENABLE", "UTF8=ACCEPT", "ID", "NAMESPACE",
    "UNSELECT", "LITERAL+", "MULTIAPPEND", "SASL-IR",
)  # fmt: skip
_SYSTEMS = [pytest.param(name, marks=pytest.mark.systems) for name in SYSTEM_KINDS] if systems() else []


@dataclass(frozen=True, slots=True)
class Make:
    """What a make of server can do, as far as the end of the day shows it."""

    place: Callable[[str], str] = str
    """A folder's name on this server."""
    keywords: Flags = frozenset({"trip"})
    """What becomes of the keyword that the user sets."""
    expunges: bool = True
    """Whether single messages can be removed for good; else they stay, marked as deleted, and are not shown."""
    copies_flags: bool = True
    """Whether COPY takes the flags along, as it should (RFC 9051 §6.4.7)."""


MAKES = {
    "embedded": Make(),
    "plain": Make(expunges=False),
    "dovecot": Make(),
    "cyrus": Make(),
    "courier": Make(place=lambda name: name if name == "INBOX" else f"INBOX.{name}"),
    "imap4d": Make(keywords=_NONE, expunges=False, copies_flags=False),
}


@dataclass(frozen=True, slots=True)
class Day:
    """A mailbox with eight messages, the program at it, and another client."""

    make: Make
    home: Home
    other: OtherClient
    oracle: Oracle
    sink: DemoServers
    """Takes the mail that is sent."""
    renumbers: bool = False
    """Whether the server gives INBOX other UIDs in the evening."""

    def letter(self, number: int) -> MessageId:
        """The message with this number."""
        return self.home.message(f"<{number}@example.org>")

    def uid(self, number: int) -> int:
        """Where INBOX has it."""
        wanted = f"<{number}@example.org>"
        (uid,) = [uid for uid, stored in self.other.messages().items() if message_id(stored.raw) == wanted]
        return uid


@pytest.fixture(params=["embedded", "plain", pytest.param("dovecot", marks=pytest.mark.dovecot), *_SYSTEMS])
async def day(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Day]:
    async with AsyncExitStack() as stack:
        sink = stack.enter_context(DemoServers(0))
        at = sink.addresses
        if request.param == "plain":
            sink.faults.without = frozenset(_EXTENSIONS)
            proxy = await stack.enter_async_context(Proxy(at.host, at.imap_port))
            proxy.replace(Way.DOWN, rb'^(\* (?:LIST|LSUB) \([^)]*\)) "/" ', rb"\1 NIL ")
            imap, password = ServerAddress(at.host, proxy.port, Security.NONE, at.user), at.password
        elif request.param == "embedded":
            imap, password = ServerAddress(at.host, at.imap_port, Security.NONE, at.user), at.password
        else:
            server: DovecotServer | ImapServer
            if request.param == "dovecot":
                server = request.getfixturevalue("dovecot")
            else:
                of_system: ServerOfSystem = request.getfixturevalue("server_of_system")
                server = of_system(request.param, ())
            imap, password = server.address(server.new_user()), server.password
        connection = imaplib.IMAP4(imap.host, at.imap_port if request.param == "plain" else imap.port)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.login(imap.username, password)
        other = OtherClient(connection)
        stack.callback(other.leave)
        other.deliver_all(letter_of(number) for number in range(1, 9))
        smtp = ServerAddress(at.host, at.smtp_port, Security.NONE, at.user, password_command=("printf", at.password))
        home = Home(tmp_path / "store", Site(imap, password, smtp))
        yield Day(MAKES[request.param], home, other, Oracle(other), sink, request.param == "plain")


async def test_a_day(day: Day) -> None:
    home = day.home
    try:
        await home.start()
        await _morning(day)
        await _writing(day)
        await _away_and_back(day)
        _check(day)
    finally:
        await home.end()


async def _morning(day: Day) -> None:
    """List, read, flag, move, copy, delete, undo; folders are made, renamed and deleted."""
    home, place = day.home, day.make.place
    rows = home.store.messages.rows(home.store.messages.order(home.named("INBOX").id))
    assert {row.envelope.subject for row in rows if row} == {f"Mail {number}" for number in range(1, 9)}
    shown = await home.engine.reader.open(day.letter(1), width=80)
    assert "hello 1" in str(shown.body)
    actions = home.engine.actions
    actions.mark_read(day.letter(1))
    actions.set_flags([day.letter(2)], add=frozenset({FLAGGED, "trip"}))
    actions.archive([day.letter(3)])
    for name in ("Work", "Old"):
        actions.create_folder(home.account.id, place(name))
    await home.settled()
    actions.copy([day.letter(4)], home.named(place("Work")).id)
    actions.trash([day.letter(5)])
    actions.delete_forever([day.letter(6)])
    actions.rename_folder(home.named(place("Work")).id, place("Journeys"))
    actions.delete_folder(actions.deletion_of(home.named(place("Old")).id))
    await home.settled()
    actions.archive([day.letter(7)])
    await home.settled()
    actions.undo()
    await home.settled()
    assert [("labels" in told) for told in home.failed] == ([] if day.make.keywords else [True])


async def _writing(day: Day) -> None:
    """A draft that is kept twice, and a letter that is sent."""
    composer = day.home.engine.composer
    draft = composer.new(to="bob@example.net", subject="Plan", body="first")
    await composer.keep_on_server(draft)
    await day.home.settled()
    drafts = day.home.named(day.make.place("Drafts")).id
    (kept,) = day.home.store.messages.order(drafts)
    await composer.keep_on_server(replace(await composer.edit_stored(MessageId(kept)), body="second"))
    await day.home.settled()
    sent = await day.home.send("bob@example.net", subject="Done")
    assert sent.refused == ()
    await day.home.settled()
    assert len(day.sink.sent) == 1


async def _away_and_back(day: Day) -> None:
    """Without a connection both sides change the mailbox; then they meet."""
    home = day.home
    await home.end()
    home.begin()
    home.engine.actions.set_flags([day.letter(8)], add=frozenset({SEEN, FLAGGED}))
    home.engine.actions.move([day.letter(1)], home.named(day.make.place("Journeys")).id)
    day.other.deliver(letter_of(9))
    day.other.add_flags(day.uid(2), ANSWERED)
    day.sink.faults.uidvalidity_bump = day.renumbers
    day.other.uids()  # to read only: at imap4d whoever keeps a folder open to write undoes what others do meanwhile
    await home.start()
    await home.at_peace()
    await home.at_peace()
    assert len(home.failed) == (0 if day.make.keywords else 1)


def _check(day: Day) -> None:
    place = day.make.place
    read = {SEEN} if day.make.copies_flags else _NONE
    letters = {
        1: ("Journeys", read), 2: ("INBOX", {FLAGGED, ANSWERED, *day.make.keywords}), 3: ("Archive", _NONE),
        5: ("Trash", _NONE), 7: ("INBOX", _NONE), 8: ("INBOX", {SEEN, FLAGGED}), 9: ("INBOX", _NONE),
    }  # fmt: skip
    expected = Counter(
        Seen(place(folder), f"<{number}@example.org>", frozenset(flags)) for number, (folder, flags) in letters.items()
    )
    expected.update(Seen(place(folder), "<4@example.org>", _NONE) for folder in ("INBOX", "Journeys"))
    on_server = day.oracle.on_server()
    written = {place("Drafts"), place("Sent")}
    assert Counter({seen: count for seen, count in on_server.items() if seen.folder not in written}) == expected
    assert Counter(seen.folder for seen in on_server.elements() if seen.folder in written) == dict.fromkeys(written, 1)
    assert [raw.rpartition(b"\r\n\r\n")[2].strip() for raw in _live(day, place("Drafts"))] == [b"second"]
    marked = [flags for flags, _, _ in day.other.messages().values() if DELETED in flags]
    assert bool(marked) is not day.make.expunges
    assert place("Old") not in day.other.folders()
    assert day.oracle.agrees_with(day.home.store)


def _live(day: Day, folder: str) -> list[bytes]:
    return [stored.raw for stored in day.other.messages(folder).values() if DELETED not in stored.flags]
