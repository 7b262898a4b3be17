# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server tells of messages, and what happens to wishes meanwhile."""

from itertools import count

import pytest

from tests.store.mailbox import Mailbox, mail, message_id
from tuimail.backends.port import FlagUpdate
from tuimail.model.action import Append, Copy, Expunge, Move, SetFlags
from tuimail.model.draft import Draft
from tuimail.model.flags import DELETED, FLAGGED, SEEN
from tuimail.model.ids import DraftId, MessageId
from tuimail.model.uidset import UidSet


def test_new_messages_are_shown_and_counted(box: Mailbox) -> None:
    batch = [mail(1, flags={SEEN}), mail(2), mail(3, flags={DELETED})]
    inserted = box.store.arrivals.insert(box.account, box.folder("INBOX"), batch, 1)
    assert (len(inserted.fresh), inserted.unseen) == (3, 2)
    assert box.ids("INBOX") == list(inserted.fresh[:2])
    assert box.counts("INBOX") == (2, 1)
    assert box.store.arrivals.uids(box.folder("INBOX")) == UidSet.of([1, 2, 3])


def test_what_is_known_is_completed_not_doubled(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    assert box.deliver("INBOX", mail(1, flags={SEEN}), mail(2, "other")) != (message,)
    assert box.counts("INBOX") == (2, 1)
    assert box.flags(message) == {SEEN}


def test_a_server_that_tells_a_message_twice_in_a_batch_does_no_harm(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1), mail(1, flags={SEEN}))
    assert (box.ids("INBOX"), box.flags(message)) == ([message], {SEEN})


def test_looking_for_what_still_waits_for_its_uid_does_not_read_the_folder(box: Mailbox) -> None:
    def steps() -> int:
        """How many instructions SQLite took."""
        taken = count()
        connection = box.store.arrivals._database._connection
        connection.set_progress_handler(lambda: next(taken) < 0, 1)
        box.store.arrivals.miss(box.folder("INBOX"), 2)
        connection.set_progress_handler(None)
        return next(taken)

    box.deliver("INBOX", *(mail(number, str(number)) for number in range(1, 4)))
    few = steps()
    box.deliver("INBOX", *(mail(number, str(number)) for number in range(4, 200)))
    assert steps() == few


def test_flags_from_the_server_lie_under_waiting_ones(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([SetFlags((message,), frozenset({FLAGGED}), frozenset({SEEN}))], "Starred, unread")
    unknown = box.store.arrivals.set_flags(
        box.folder("INBOX"), [FlagUpdate(1, frozenset({SEEN, "$Later"})), FlagUpdate(9, frozenset())]
    )
    assert box.flags(message) == {FLAGGED, "$Later"}
    assert unknown == UidSet.of([9])
    box.store.actions.undo()
    assert box.flags(message) == {SEEN, "$Later"}


def test_only_flags_that_differ_are_news(box: Mailbox) -> None:
    box.deliver("INBOX", mail(1, flags={SEEN, FLAGGED}), mail(2))
    updates = [FlagUpdate(1, frozenset({FLAGGED, SEEN})), FlagUpdate(2, frozenset({SEEN})), FlagUpdate(3, frozenset())]
    assert box.store.arrivals.differing(box.folder("INBOX"), updates) == updates[1:]


def test_what_vanished_is_kept_until_every_folder_was_pulled(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, "note"))
    assert box.store.arrivals.vanish(box.folder("INBOX"), UidSet.of([1, 2]), 2) == 1
    assert (box.ids("INBOX"), box.counts("INBOX")) == ([], (0, 0))
    (limbo,) = box.store.arrivals.in_limbo(box.account)
    assert (limbo.id, limbo.message_id, limbo.pull) == (message, message_id("note"), 2)
    assert box.store.arrivals.settle({}, [message]) == []
    assert box.store.messages.row(message) is None
    assert box.store.arrivals.in_limbo(box.account) == []


def test_a_message_moved_by_another_program_keeps_its_id_text_and_wishes(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, "note"))
    box.store.bodies.put(message, "1", b"text")
    box.store.actions.perform([SetFlags((message,), frozenset({FLAGGED}))], "Starred")
    box.store.arrivals.vanish(box.folder("INBOX"), UidSet.of([1]), 2)
    (born,) = box.deliver("Archive", mail(5, "note", flags={SEEN}), pull=2)
    assert [row.id for row in box.store.arrivals.born_since(box.account, 2, [message_id("note")])] == [born]
    box.store.arrivals.settle({message: born}, [])
    assert (box.ids("Archive"), box.flags(message)) == ([message], {SEEN, FLAGGED})
    assert box.row(message).uid == 5
    assert box.store.bodies.get(message, "1") == b"text"
    assert box.store.messages.row(born) is None
    assert box.counts("Archive") == (1, 0)


def test_a_wish_to_move_wins_over_where_another_program_moved_it(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, "note"))
    box.store.actions.perform([Move((message,), box.folder("Trash"))], "Deleted")
    box.store.arrivals.vanish(box.folder("INBOX"), UidSet.of([1]), 2)
    assert box.ids("Trash") == [message]
    (born,) = box.deliver("Archive", mail(5, "note"), pull=2)
    box.store.arrivals.settle({message: born}, [])
    assert (box.ids("Trash"), box.ids("Archive")) == ([message], [])


def test_what_named_the_new_row_names_the_old_one(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, "note"))
    box.store.arrivals.vanish(box.folder("INBOX"), UidSet.of([1]), 2)
    (born,) = box.deliver("Archive", mail(5, "note"), pull=2)
    store = box.store
    draft = store.drafts.new(Draft(DraftId(0), box.account, source=born, stored=born))
    store.actions.perform([SetFlags((born,), frozenset({SEEN}))], "Read")
    store.actions.perform([Move((born,), box.folder("Lists"))], "Moved")
    store.actions.perform([Copy((born,), box.folder("Trash"))], "Copied")
    store.actions.perform([Append(box.folder("Lists"), "blob", "<x@y>", replaces=(born,))], "Kept")
    (copy,) = box.ids("Trash")
    store.arrivals.settle({message: born}, [])
    assert [waiting.action for waiting in store.actions.waiting(box.account)] == [
        SetFlags((message,), frozenset({SEEN})),
        Move((message,), box.folder("Lists")),
        Copy((message,), box.folder("Trash"), (MessageId(copy),)),
        Append(box.folder("Lists"), "blob", "<x@y>", replaces=(message,)),
    ]
    assert (box.ids("Lists"), box.flags(message)) == ([message], {SEEN})
    kept = store.drafts.get(draft.id)
    assert kept is not None
    assert (kept.source, kept.stored) == (message, message)
    assert [store.actions.undo().text for _ in range(3)] == ["Copied", "Moved", "Read"]
    assert (box.ids("Archive"), box.flags(message)) == ([message], set())


def test_undo_of_what_was_carried_follows_a_row_that_took_over(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, "note"))
    box.store.arrivals.vanish(box.folder("INBOX"), UidSet.of([1]), 2)
    (born,) = box.deliver("Archive", mail(5, "note"), pull=2)
    box.store.actions.perform([Move((born,), box.folder("Trash"))], "Deleted")
    box.carry()
    box.store.arrivals.settle({message: born}, [])
    box.store.actions.undo()
    assert box.ids("Archive") == [message]


def test_actions_that_lost_every_message_are_told(box: Mailbox) -> None:
    first, second = box.deliver("INBOX", mail(1), mail(2))
    box.store.actions.perform([SetFlags((first, second), frozenset({SEEN}))], "Read")
    box.store.actions.perform([Move((first,), box.folder("Archive"))], "Archived")
    box.store.arrivals.vanish(box.folder("INBOX"), UidSet.of([1]), 2)
    read, archived = box.store.actions.waiting(box.account)
    assert box.store.arrivals.settle({}, [first]) == [archived.id]
    box.store.actions.fail(archived.id)
    assert [waiting.id for waiting in box.store.actions.waiting(box.account)] == [read.id]
    assert box.flags(second) == {SEEN}


def test_a_move_without_copyuid_is_completed_by_the_next_pull(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, "note"))
    box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    (waiting,) = box.store.actions.waiting(box.account)
    box.store.arrivals.placed(message, box.folder("Archive"), None)
    box.store.actions.finish(waiting.id)
    assert (box.ids("Archive"), box.row(message).uid) == ([message], None)
    assert box.deliver("Archive", mail(8, "note", flags={SEEN})) == ()
    assert (box.ids("Archive"), box.row(message).uid, box.flags(message)) == ([message], 8, {SEEN})


def test_of_several_awaited_copies_each_gets_a_uid_of_its_own(box: Mailbox) -> None:
    for name in ("note", "-"):
        rows = [
            box.deliver("INBOX", mail(uid, name, subject="Same", date=5))[0] for uid in (len(name) * 10, len(name) * 10 + 1)
        ]
        for row in rows:
            box.store.arrivals.placed(row, box.folder("Trash"), None)
    batch = [mail(uid, name, subject="Same", date=5) for uid, name in enumerate(("note", "-", "note", "-", "-"), 1)]
    assert len(box.deliver("Trash", *batch)) == 1
    assert box.counts("Trash") == (5, 5)
    assert {row.uid for row in box.store.messages.rows(box.ids("Trash")) if row} == {1, 2, 3, 4, 5}


def test_a_message_without_id_is_awaited_by_size_time_and_subject(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, "-", subject="One", date=5))
    box.store.arrivals.placed(message, box.folder("Trash"), None)
    assert len(box.deliver("Trash", mail(1, "-", subject="Two", date=5))) == 1
    assert box.deliver("Trash", mail(2, "-", subject="One", date=5)) == ()
    assert box.row(message).uid == 2


def test_the_pull_was_faster_than_the_answer_to_the_move(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, "note"))
    box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    (double,) = box.deliver("Archive", mail(3, "note"))
    box.store.actions.perform([SetFlags((double,), frozenset({SEEN}))], "Read")
    changed = box.store.arrivals.placed(message, box.folder("Archive"), 3)
    assert changed >= {box.folder("Archive")}
    box.store.actions.finish(box.store.actions.waiting(box.account)[0].id)
    assert (box.ids("Archive"), box.flags(message), box.counts("Archive")) == ([message], {SEEN}, (1, 0))


def test_new_uidvalidity_keeps_rows_to_be_matched_again(box: Mailbox) -> None:
    first, second = box.deliver("INBOX", mail(1, "one"), mail(2, "two"))
    box.store.actions.perform([Expunge((second,))], "Deleted for good")
    box.store.arrivals.forget_uids(box.folder("INBOX"), 2)
    assert box.ids("INBOX") == []
    assert [row.id for row in box.store.arrivals.in_limbo(box.account)] == [first, second]
    born = box.deliver("INBOX", mail(101, "one"), mail(102, "two"), pull=2)
    box.store.arrivals.settle(dict(zip((first, second), born, strict=True)), [])
    assert box.ids("INBOX") == [first]
    assert box.store.messages.places([first, second])[second].uid == 102


@pytest.mark.parametrize("sent", [True, False])
def test_people_come_from_sent_and_received_mail(box: Mailbox, sent: bool) -> None:
    box.store.arrivals.insert(box.account, box.folder("INBOX"), [mail(1)], 1, sent=sent)
    assert len(box.store.contacts.complete("ada")) == (0 if sent else 1)
