# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts, the outbox, and the files and texts that are kept for them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.mailbox import Mailbox, mail
from tuimail.model.address import Address
from tuimail.model.draft import Draft, DraftAttachment, DraftKind, OutboxItem, OutboxState, RefusedRecipient
from tuimail.model.errors import FileProblem
from tuimail.model.ids import DraftId, MessageId, OutboxId
from tuimail.store.bodies import LARGEST
from tuimail.store.store import Store


def item(box: Mailbox, state: OutboxState = OutboxState.QUEUED, due: int = 100) -> OutboxItem:
    """A message to be sent, kept in the store."""
    return box.store.outbox.add(
        OutboxItem(OutboxId(0), box.account, DraftId(1), state, "blob", "<a@b>", "me@b", ("you@b", "she@b"), "Hi", 10, due)
    )


def test_a_draft_comes_back_as_it_was_written(box: Mailbox) -> None:
    written = Draft(
        DraftId(0), box.account, DraftKind.REPLY, "me", "you", "cc", "bcc", "reply", "Süß", "Text\n\tmore 🐍",
        (DraftAttachment("blob", "näme.txt", "text/plain", 3),), MessageId(5), "<a@b>", ("<a@b>", "<c@d>"), MessageId(6), True,
    )  # fmt: skip
    kept = box.store.drafts.new(written)
    assert box.reopen().store.drafts.get(kept.id) == kept
    assert replace(kept, id=written.id, saved=0) == written
    saved = box.store.drafts.save(replace(kept, body="Other"))
    assert box.store.drafts.get(kept.id) == saved
    box.store.drafts.remove(kept.id)
    assert box.store.drafts.get(kept.id) is None


def test_only_open_drafts_are_listed(box: Mailbox) -> None:
    first, second = (box.store.drafts.new(Draft(DraftId(0), box.account, subject=name)) for name in ("one", "two"))
    assert [draft.id for draft in box.store.drafts.all()] == [second.id, first.id]
    box.store.drafts.set_state(first.id, "discarded")
    assert [draft.id for draft in box.store.drafts.all()] == [second.id]
    box.store.drafts.set_state(first.id, "open")
    assert len(box.store.drafts.all()) == 2


def test_only_what_is_due_is_sent(box: Mailbox) -> None:
    held, queued = item(box, OutboxState.HELD, due=100), item(box, due=200)
    for state in (OutboxState.SENDING, OutboxState.HANDED_OVER, OutboxState.UNKNOWN, OutboxState.REFUSED, OutboxState.SENT):
        item(box, state, due=0)
    assert box.store.outbox.next_due(box.account) == 100
    assert [one.id for one in box.store.outbox.due(box.account, 100)] == [held.id]
    assert [one.id for one in box.store.outbox.due(box.account, 200)] == [held.id, queued.id]
    assert box.store.outbox.take(queued.id, 199) is None
    assert len(box.store.outbox.all()) == 6


def test_an_item_is_taken_once_whoever_asks(box: Mailbox) -> None:
    kept = item(box)
    other = box.store.another()
    claimed = other.outbox.take(kept.id, 100)
    assert claimed == replace(kept, state=OutboxState.SENDING, attempts=1)
    assert box.store.outbox.take(kept.id, 100) is None
    assert box.store.outbox.take_back(kept.id) is None
    assert other.outbox.get(kept.id) == claimed
    other.close()


def test_what_was_taken_back_is_not_sent(box: Mailbox) -> None:
    kept = item(box, OutboxState.HELD)
    assert box.store.outbox.take_back(kept.id) == kept
    assert box.store.outbox.take(kept.id, 1000) is None
    assert box.store.outbox.take_back(kept.id) is None


@pytest.mark.parametrize("state", [OutboxState.SENDING, OutboxState.HANDED_OVER, OutboxState.SENT])
def test_what_is_on_its_way_cannot_be_taken_back(box: Mailbox, state: OutboxState) -> None:
    kept = item(box, state)
    assert box.store.outbox.take_back(kept.id) is None
    assert box.store.outbox.get(kept.id) == kept


def test_after_a_crash_only_what_was_not_handed_over_is_sent_again(box: Mailbox) -> None:
    before = [item(box, state) for state in OutboxState]
    assert [one.id for one in box.reopen().store.outbox.recover()] == [
        one.id for one in before if one.state is OutboxState.HANDED_OVER
    ]
    expected = {OutboxState.HANDED_OVER: OutboxState.UNKNOWN, OutboxState.SENDING: OutboxState.QUEUED}
    for one in before:
        assert box.store.outbox.get(one.id) == replace(one, state=expected.get(one.state, one.state))
    assert box.store.outbox.recover() == ()


def test_refusals_are_kept_word_by_word(box: Mailbox) -> None:
    refused = replace(
        item(box), state=OutboxState.REFUSED, refused=(RefusedRecipient("you@b", 550, "No such user"),), error="Refused"
    )
    box.store.outbox.save(refused)
    assert box.reopen().store.outbox.get(refused.id) == refused


def test_blobs_are_kept_for_the_user_alone(box: Mailbox) -> None:
    name = box.store.blobs.write(b"\r\n\x00")
    assert box.store.blobs.read(name) == b"\r\n\x00"
    assert box.store.blobs.path(name).stat().st_mode & 0o777 == 0o600
    assert box.store.blobs.path(name).parent.stat().st_mode & 0o777 == 0o700
    box.store.blobs.remove(name)
    box.store.blobs.remove(name)
    with pytest.raises(FileProblem):
        box.store.blobs.read(name)


def test_a_blob_is_never_looked_for_outside_its_folder(box: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    box.store.blobs.write(b"any")
    with pytest.raises(FileProblem):
        box.store.blobs.read("../../secret")


def test_texts_are_dropped_by_when_they_were_read(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = box.fill("INBOX", 3)
    clock = ticking(monkeypatch)
    for row in rows:
        clock()
        box.store.bodies.put(row, "1", b"x" * 100)
    clock()
    box.store.bodies.touch(rows[0])
    assert box.store.bodies.trim(300) == 0
    assert box.store.bodies.trim(250) == 1
    assert [box.store.bodies.get(row, "1") is None for row in rows] == [False, True, False]
    assert box.store.bodies.trim(0) == 2


def ticking(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A clock that goes on by one second when it is told to."""
    now = [1_700_000_000]
    monkeypatch.setattr("time.time", lambda: now[0])
    return lambda: now.__setitem__(0, now[0] + 1)


def test_any_number_of_texts_is_trimmed(box: Mailbox) -> None:
    for row in box.fill("INBOX", 1200):
        box.store.bodies.put(row, "1", b"xx")
    assert box.store.bodies.trim(2) == 1199


def test_texts_go_with_their_message_and_are_not_kept_without_one(box: Mailbox) -> None:
    (row,) = box.deliver("INBOX", mail(1))
    box.store.bodies.put(row, "1", b"text")
    box.store.bodies.put(row, "2", b"x" * (LARGEST + 1))
    assert (box.store.bodies.get(row, "1"), box.store.bodies.get(row, "2")) == (b"text", None)
    box.store.arrivals.settle({}, [row])
    assert box.store.bodies.get(row, "1") is None
    box.store.bodies.put(row, "1", b"too late")
    assert box.store.bodies.get(row, "1") is None


def test_people_written_to_come_first(box: Mailbox) -> None:
    def someone(name: str) -> Address:
        return Address(name.title(), f"{name}@example.org")

    received = [mail(uid, sender=someone(name)) for uid, name in enumerate(("anna", "anton", "anton", "berta anders"), 1)]
    box.deliver("INBOX", *received)
    sent = [mail(1, "sent", to=(someone("anja"), Address("", "no address")))]
    box.store.arrivals.insert(box.account, box.folder("Archive"), sent, 1, sent=True)
    found = [address.name for address in box.store.contacts.complete("AN")]
    assert found == ["Anja", "Anton", "Berta Anders", "Anna"]
    assert [address.name for address in box.store.contacts.complete("an", limit=1)] == ["Anja"]
    assert box.store.contacts.complete("n") == box.store.contacts.complete(" ") == box.store.contacts.complete("%") == ()


@pytest.mark.parametrize("typed", ["x" * 1_000_000, "%" * 40_000, "a, " * 50_000, "\0"])
def test_nobody_is_called_what_nobody_can_be_called(box: Mailbox, typed: str) -> None:
    assert box.store.contacts.complete(typed) == ()


def test_the_latest_name_of_a_person_is_used(box: Mailbox) -> None:
    names = {5: "Newest", 3: "Older", 9: ""}
    for uid, (date, name) in enumerate(names.items(), 1):
        box.deliver("INBOX", mail(uid, sender=Address(name, "Ada@example.org"), date=date))
    assert box.store.contacts.complete("ada@") == (Address("Newest", "ada@example.org"),)


def test_accounts_keep_their_numbers_and_what_was_learned(box: Mailbox) -> None:
    accounts = box.store.accounts
    accounts.learn(box.account, "files-sent", "server")
    other = accounts.ensure("home")
    assert (accounts.ensure("work"), accounts.all()) == (box.account, {"work": box.account, "home": other})
    assert (accounts.learned(box.account, "files-sent"), accounts.learned(other, "files-sent")) == ("server", "")


def test_a_removed_account_leaves_drafts_and_outbox(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    draft, sent = box.store.drafts.new(Draft(DraftId(0), box.account)), item(box)
    box.store.accounts.forget(box.account)
    assert (box.tree(), box.store.messages.row(message)) == ([], None)
    assert [one.id for one in box.store.drafts.all()] == [draft.id]
    assert [one.id for one in box.store.outbox.all()] == [sent.id]
    assert box.store.accounts.ensure("work") == box.account


def test_another_connection_sees_what_was_committed(box: Mailbox) -> None:
    other: Store = box.store.another()
    seen = other.data_version()
    assert other.data_version() == seen
    box.fill("INBOX", 1)
    cached = other.data_version()
    assert cached != seen
    box.store.drafts.new(Draft(DraftId(0), box.account))
    assert other.data_version() != cached
    assert len(other.messages.order(box.folder("INBOX"))) == 1
    assert box.store.next_pull() < other.next_pull() < box.store.next_pull()
    other.close()


def test_a_transaction_is_all_or_nothing(box: Mailbox) -> None:
    def fail_half_way() -> None:
        with box.store.transaction():
            box.fill("INBOX", 3)
            item(box)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert (box.ids("INBOX"), box.counts("INBOX"), box.store.outbox.all()) == ([], (0, 0), ())
