# SPDX-License-Identifier: GPL-3.0-or-later
"""Another client changes the mailbox while the program is away and wishes wait: they meet their messages, or end."""

from dataclasses import replace

from tests.faults.conftest import Office, OfficeMaker
from tests.faults.home import letter_of
from tests.faults.oracle import Seen
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.ids import MessageId

NO_RESYNC = ("QRESYNC", "CONDSTORE")


def mail(number: int) -> str:
    """The Message-ID of `letter_of`."""
    return f"<{number}@example.org>"


def uid_of(office: Office, number: int, folder: str = "INBOX") -> int:
    """Where the server has a message."""
    (uid,) = [uid for uid, stored in office.other.messages(folder).items() if mail(number).encode() in stored.raw]
    return uid


def flags_of(office: Office, number: int, folder: str = "INBOX") -> frozenset[str]:
    return office.other.flags(uid_of(office, number, folder), folder)


async def away(office: Office) -> None:
    """The program is open, and does not reach the server."""
    await office.home.end()
    office.home.begin()


async def back(office: Office) -> None:
    """It reaches the server again; two looks at everything tell what is gone for good."""
    await office.home.start()
    await office.home.at_peace()
    await office.home.at_peace()


async def test_01_uidvalidity_changes_between_sessions(make_office: OfficeMaker) -> None:
    office = await make_office(0)
    office.other.create("Projects")
    office.other.create("Done")
    office.other.deliver_all(map(letter_of, (1, 2, 3)), "Projects")
    await office.home.settled()
    office.home.engine.pages.watch(office.home.named("Projects").id)
    await office.home.settled()
    starred, deleted, moved = (office.home.message(mail(number)) for number in (1, 2, 3))

    await away(office)
    actions = office.home.engine.actions
    actions.set_flags([starred], add=frozenset({FLAGGED}))
    actions.delete_forever([deleted])
    actions.move([moved], office.home.named("Done").id)
    # The same name, numbered anew: the UIDs of 1, 2 and 3 are those of 3, 4 and 1 now.
    office.other.delete("Projects")
    office.other.create("Projects")
    office.other.deliver_all(map(letter_of, (3, 4, 1)), "Projects")
    assert [uid_of(office, number, "Projects") for number in (3, 4, 1)] == [1, 2, 3]
    office.oracle.remember()

    await back(office)
    assert flags_of(office, 1, "Projects") == {FLAGGED}
    assert office.oracle.went() == [Seen("Projects", mail(1), frozenset()), Seen("Projects", mail(3), frozenset())]
    assert office.oracle.came() == [Seen("Done", mail(3), frozenset()), Seen("Projects", mail(1), frozenset({FLAGGED}))]
    assert office.home.failed == [], "what was to be deleted is gone"
    assert office.agrees()


async def test_01_of_two_alike_none_is_touched(make_office: OfficeMaker) -> None:
    office = await make_office(0)
    office.other.create("Projects")
    office.other.deliver_all(map(letter_of, (1, 2, 1)), "Projects")
    await office.home.settled()
    office.home.engine.pages.watch(office.home.named("Projects").id)
    await office.home.settled()
    await away(office)
    one, _ = office.home.store.messages.by_message_id(office.home.account.id, mail(1))
    office.home.engine.actions.delete_forever([one])
    office.other.delete("Projects")
    office.other.create("Projects")
    office.other.deliver_all(map(letter_of, (2, 1, 1)), "Projects")
    office.oracle.remember()
    await back(office)
    assert (office.oracle.went(), office.oracle.came()) == ([], [])
    assert len(office.home.failed) == 1
    assert "cannot be told" in office.home.failed[0]
    assert office.agrees()


async def test_04_expunged_and_moved_while_offline(make_office: OfficeMaker) -> None:
    office = await make_office(5)
    office.other.create("Elsewhere")
    await office.home.settled()
    gone, moved, both = (office.home.message(mail(number)) for number in (1, 2, 3))
    await away(office)
    actions = office.home.engine.actions
    actions.set_flags([gone], add=frozenset({FLAGGED}))
    actions.set_flags([moved], add=frozenset({FLAGGED}))
    actions.trash([both])
    other = office.other
    other.deliver(letter_of(2), "Elsewhere", arrived=other.messages()[uid_of(office, 2)].arrived)
    other.expunge(uid_of(office, 1), uid_of(office, 2))
    office.oracle.remember()
    await back(office)
    assert office.oracle.went() == [Seen("Elsewhere", mail(2), frozenset()), Seen("INBOX", mail(3), frozenset())]
    assert office.oracle.came() == [Seen("Elsewhere", mail(2), frozenset({FLAGGED})), Seen("Trash", mail(3), frozenset())]
    assert len(office.home.failed) == 1
    assert "deleted by another program" in office.home.failed[0]
    assert office.agrees()
    assert office.home.message(mail(2)) == moved


async def test_05_flags_are_changed_on_both_sides(make_office: OfficeMaker) -> None:
    office = await make_office(2)
    office.other.add_flags(uid_of(office, 0), "\\Seen")
    await office.home.settled()
    was_read, unread = office.home.message(mail(0)), office.home.message(mail(1))
    await away(office)
    actions = office.home.engine.actions
    actions.set_flags([was_read], remove=frozenset({SEEN}))
    actions.set_flags([unread], add=frozenset({SEEN, "mine"}))
    office.other.add_flags(uid_of(office, 0), "\\Answered", "theirs")
    office.other.add_flags(uid_of(office, 1), "\\Flagged", "theirs")
    await back(office)
    assert flags_of(office, 0) == {"\\Answered", "theirs"}
    assert flags_of(office, 1) == {SEEN, "mine", "\\Flagged", "theirs"}
    assert office.agrees()
    stores = office.home.commands("UID STORE")
    assert stores
    assert all(" +FLAGS" in line or " -FLAGS" in line for line in stores), "never the whole set"


async def test_10_without_uidplus_nothing_of_others_is_expunged(make_office: OfficeMaker) -> None:
    office = await make_office(4, without=("UIDPLUS", *NO_RESYNC))
    office.other.add_flags(uid_of(office, 2), "\\Deleted")
    await office.home.settled()
    office.oracle.remember()
    deleted, moved = office.home.message(mail(0)), office.home.message(mail(1))
    office.home.engine.actions.delete_forever([deleted])
    office.home.engine.actions.move([moved], office.home.named("Archive").id)
    await office.home.at_peace()
    await office.home.end()
    assert not office.home.commands("EXPUNGE", "CLOSE")
    assert {number: "\\Deleted" in flags_of(office, number) for number in (0, 2, 3)} == {0: True, 2: True, 3: False}
    assert uid_of(office, 1, "Archive")


async def test_22_a_draft_is_edited_on_two_devices(make_office: OfficeMaker) -> None:
    office = await make_office(0)

    def written(text: str) -> bytes:
        head = "From: ada@example.org\r\nTo: bob@example.org\r\nSubject: Plan\r\nMessage-ID: <plan@example.org>\r\n"
        return f"{head}\r\n{text}\r\n".encode()

    office.other.deliver(written("first"), "Drafts", ("\\Draft", "\\Seen"), arrived=1_700_000_000)
    await office.home.settled()
    composer = office.home.engine.composer
    draft = await composer.edit_stored(office.home.message("<plan@example.org>"))
    # The other device keeps its text under the same Message-ID, with as many octets.
    (old,) = office.other.uids("Drafts")
    office.other.deliver(written("other"), "Drafts", ("\\Draft", "\\Seen"), arrived=1_700_000_100)
    office.other.expunge(old, folder="Drafts")
    await office.home.at_peace()
    await composer.keep_on_server(replace(draft, body="ours"))
    await office.home.at_peace()
    texts = sorted(raw.rpartition(b"\r\n\r\n")[2].strip() for raw in office.other.raws("Drafts"))
    assert texts == [b"other", b"ours"]
    assert office.agrees()


async def test_23_a_folder_is_renamed_meanwhile(make_office: OfficeMaker) -> None:
    office = await make_office(2)
    office.other.create("Plans")
    office.other.deliver(letter_of(7), "Plans")
    await office.home.settled()
    target = office.home.named("Plans").id
    office.home.engine.pages.watch(target)
    await office.home.settled()
    await away(office)
    office.home.engine.actions.move([office.home.message(mail(0))], target)
    office.home.engine.actions.set_flags([office.home.message(mail(7))], add=frozenset({FLAGGED}))
    office.other.rename("Plans", "Plans of old")
    await back(office)
    assert flags_of(office, 7, "Plans of old") == {FLAGGED}
    assert uid_of(office, 0, "Plans of old")
    assert office.home.failed == []
    assert "Plans" not in office.other.folders()
    assert office.agrees()


async def test_23_a_folder_is_deleted_meanwhile(make_office: OfficeMaker) -> None:
    office = await make_office(2)
    office.other.create("Plans")
    await office.home.settled()
    target = office.home.named("Plans").id
    await away(office)
    moved: MessageId = office.home.message(mail(0))
    office.home.engine.actions.move([moved], target)
    office.other.delete("Plans")
    office.oracle.remember()
    await back(office)
    assert (office.oracle.went(), office.oracle.came()) == ([], [])
    assert len(office.home.failed) == 1
    assert "The folder was deleted by another program" in office.home.failed[0]
    assert office.agrees()
