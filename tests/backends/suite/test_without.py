# SPDX-License-Identifier: GPL-3.0-or-later
"""A morning's work on servers that lack one capability, or nearly all: the same in the end, and nothing is said that they do
not understand."""

import pytest

from tests.backends.suite.mails import PLAIN, mail
from tests.backends.suite.server import Server, ServerMaker
from tests.backends.words import words
from tuimail.backends.port import KnownState
from tuimail.model.folder import FolderRole
from tuimail.model.uidset import UidSet

_NEVER_SAID = {
    "CONDSTORE": ("CONDSTORE", "MODSEQ", "CHANGEDSINCE", "QRESYNC"),
    "QRESYNC": ("QRESYNC",),
    "UIDPLUS": ("UID EXPUNGE",),
    "MOVE": ("UID MOVE",),
    "IDLE": ("IDLE", "DONE"),
    "NOTIFY": ("NOTIFY",),
    "SPECIAL-USE": ("SPECIAL-USE",),
    "CREATE-SPECIAL-USE": ("(USE (",),
    "LIST-STATUS": ("STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ))",),
    "LIST-EXTENDED": ("SUBSCRIBED",),
    "COMPRESS=DEFLATE": ("COMPRESS",),
    "UNSELECT": ("UNSELECT",),
    "NAMESPACE": ("NAMESPACE",),
    "ID": ("ID (",),
    "ENABLE": ("ENABLE", "QRESYNC", "UTF8"),
    "ESEARCH": ("RETURN (ALL)",),
    "SASL-IR": ("AUTHENTICATE PLAIN ***",),
    "UTF8=ACCEPT": ("UTF8",),
    "OBJECTID": ("MAILBOXID",),
    "LITERAL+": ("+}",),
}
"""What is absent → words that must not be in any line."""
_IMPLIED = {"CONDSTORE": ("QRESYNC",), "ENABLE": ("QRESYNC", "UTF8=ACCEPT"), "LIST-EXTENDED": ("LIST-STATUS",)}
_ALL = tuple(_NEVER_SAID)
_NONE: frozenset[str] = frozenset()


def _name_of(without: tuple[str, ...]) -> str:
    return "all but the base" if without == _ALL else without[0] if without else "nothing"


@pytest.mark.parametrize("without", [(), *((name, *_IMPLIED.get(name, ())) for name in _NEVER_SAID), _ALL], ids=_name_of)
async def test_a_morning(make_server: ServerMaker, without: tuple[str, ...]) -> None:
    server = make_server(*without)
    other = server.other()
    other.deliver_all(map(mail, range(1, 9)))
    other.add_flags(8, "\\Deleted")
    backend = await server.backend()

    assert {"INBOX", "Archive", "Sent", "Trash"} <= {folder.name for folder in await backend.folders()}
    status = await backend.status("INBOX")
    assert (status.messages, status.unseen) == (8, 8)

    selected = await backend.select("INBOX")
    assert selected.exists == 8
    newest = [message async for batch in backend.newest(3) for message in batch]
    assert [message.envelope.subject for message in newest] == ["Mail 8", "Mail 7", "Mail 6"]
    headers = [message async for batch in backend.headers(UidSet.parse("1:5")) for message in batch]
    assert [message.uid for message in headers] == [5, 4, 3, 2, 1]
    assert await backend.section(2, "1") == b"hello 2\r\n"
    assert await backend.sections([(3, "1"), (4, "1")]) == {(3, "1"): b"hello 3\r\n", (4, "1"): b"hello 4\r\n"}

    await backend.store(UidSet.of([2]), frozenset({"\\Seen", "trip"}), _NONE)
    await backend.copy(UidSet.of([3]), "Archive")
    moved = await backend.move(UidSet.parse("4:5"), "Archive")
    removed = await backend.expunge(UidSet.of([6]))
    assert removed == ("UIDPLUS" not in without)
    assert moved.left_behind == ("MOVE" in without and "UIDPLUS" in without)
    await backend.append("Sent", PLAIN, frozenset({"\\Seen"}), None)
    found = await backend.find_message_id("<mail7@example.org>")
    assert list(found) == [7]
    assert list(await backend.search(words("hello 2"))) == [2]

    other.deliver(mail(10))
    assert (await backend.idle(600)).look_again or (await backend.idle(600)).look_again
    await _check_resync(server, without, selected.uidvalidity)

    await backend.create("Work/Köln", None)
    await backend.create("Stars", FolderRole.FLAGGED)
    await backend.rename("Work/Köln", "Work/Bonn")
    await backend.subscribe("Work/Bonn", True)
    await backend.select("Work/Bonn", read_only=True)
    await backend.unselect()
    await backend.delete("Work/Bonn")
    await backend.close()

    _check_what_is_left(server)
    said = [line for direction, line in server.log if direction == "C"]
    for name in without:
        assert not [line for line in said if any(word in line for word in _NEVER_SAID[name])]
    assert "EXPUNGE" not in said


async def _check_resync(server: Server, without: tuple[str, ...], uidvalidity: int) -> None:
    """A second connection is told what happened since a state of before."""
    backend = await server.backend()
    resynced = await backend.select("INBOX", KnownState(uidvalidity, 1))
    assert resynced.resynced == ("QRESYNC" not in without)
    if resynced.resynced:
        assert UidSet.parse("4:5") - resynced.vanished == UidSet()
        assert {2, 9} <= {update.uid for update in resynced.changed}
    await backend.close()


def _check_what_is_left(server: Server) -> None:
    other = server.other()
    kept = {uid: stored.flags for uid, stored in other.messages().items()}
    gone = {uid for uid in (4, 5, 6) if uid not in kept or "\\Deleted" in kept[uid]}
    assert gone == {4, 5, 6}
    assert {uid: flags for uid, flags in kept.items() if uid not in gone} == {
        1: set(), 2: {"\\Seen", "trip"}, 3: set(), 7: set(), 8: {"\\Deleted"}, 9: set(),
    }  # fmt: skip
    assert other.raws("Archive") == [mail(3), mail(4), mail(5)]
    assert other.raws("Sent") == [PLAIN]
    assert "Stars" in other.folders()
    assert "Work/Bonn" not in other.folders()
