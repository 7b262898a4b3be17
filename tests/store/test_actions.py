# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user does is shown at once, waits, and can be taken back."""

import pytest

from tests.store.mailbox import Mailbox, mail
from tuimail.model.action import (
    ActionState,
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    RenameFolder,
    SetFlags,
    Subscribe,
)
from tuimail.model.errors import InputWrong
from tuimail.model.flags import ANSWERED, FLAGGED, SEEN
from tuimail.model.ids import FolderId, MessageId


def test_a_flag_is_shown_at_once_and_waits(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    done = box.store.actions.perform([SetFlags((message,), add=frozenset({SEEN}))], "Read")
    assert box.flags(message) == {SEEN}
    assert box.counts("INBOX") == (1, 0)
    assert box.row(message).waiting
    assert done.folders == {box.folder("INBOX")}
    assert done.accounts == {box.account}
    assert not done.tree
    assert [(waiting.text, waiting.state) for waiting in box.store.actions.waiting(box.account)] == [
        ("Read", ActionState.WAITING)
    ]


def test_what_was_carried_is_shown_as_before(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    box.carry()
    assert (box.ids("INBOX"), box.ids("Archive")) == ([], [message])
    assert not box.row(message).waiting
    assert box.store.actions.count() == 0


def test_undo_of_what_waits_leaves_nothing_to_carry(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    gesture = box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    back = box.store.actions.undo()
    assert (box.ids("INBOX"), box.ids("Archive")) == ([message], [])
    assert back.text == gesture.text
    assert back.folders == {box.folder("INBOX"), box.folder("Archive")}
    assert box.store.actions.count() == 0


def test_undo_of_what_was_carried_is_carried_too(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    box.carry()
    box.store.actions.undo()
    assert box.ids("INBOX") == [message]
    assert [waiting.action for waiting in box.store.actions.waiting(box.account)] == [Move((message,), box.folder("INBOX"))]
    box.carry()
    assert box.ids("INBOX") == [message]


def test_undo_of_what_is_being_carried_follows_it(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    (waiting,) = box.store.actions.waiting(box.account)
    assert box.store.actions.start(waiting.id)
    box.store.actions.undo()
    assert box.ids("INBOX") == [message]
    assert [one.action for one in box.store.actions.waiting(box.account)] == [
        Move((message,), box.folder("Archive")),
        Move((message,), box.folder("INBOX")),
    ]


def test_what_was_taken_back_is_not_started(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    (waiting,) = box.store.actions.waiting(box.account)
    box.store.actions.undo()
    assert not box.store.actions.start(waiting.id)
    assert not box.store.actions.exists(waiting.id)


def test_undo_goes_back_step_by_step(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    actions = box.store.actions
    actions.perform([SetFlags((message,), add=frozenset({SEEN}))], "Read")
    actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    actions.perform([Move((message,), box.folder("Trash"))], "Deleted")
    assert [actions.undo().text for _ in range(2)] == ["Deleted", "Archived"]
    assert (box.ids("INBOX"), box.flags(message)) == ([message], {SEEN})
    assert actions.undo().text == "Read"
    assert box.flags(message) == set()
    with pytest.raises(InputWrong, match="nothing to undo"):
        actions.undo()


def test_a_gesture_that_is_named_is_taken_back_out_of_turn(box: Mailbox) -> None:
    first, second = box.deliver("INBOX", mail(1), mail(2))
    gesture = box.store.actions.perform([Move((first,), box.folder("Archive"))], "Archived").undo
    box.store.actions.perform([Move((second,), box.folder("Trash"))], "Deleted")
    box.store.actions.undo(gesture)
    assert (box.ids("INBOX"), box.ids("Trash")) == ([first], [second])
    with pytest.raises(InputWrong):
        box.store.actions.undo(gesture)


def test_undo_changes_only_what_was_changed(box: Mailbox) -> None:
    starred, plain = box.deliver("INBOX", mail(1, flags={FLAGGED}), mail(2))
    box.store.actions.perform([SetFlags((starred, plain), add=frozenset({FLAGGED, SEEN}))], "Starred")
    box.carry()
    box.store.actions.undo()
    box.carry()
    assert (box.flags(starred), box.flags(plain)) == ({FLAGGED}, set())


def test_a_half_carried_gesture_is_taken_back_whole(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, flags={ANSWERED}))
    box.store.actions.perform(
        [
            SetFlags((message,), add=frozenset({FLAGGED})),
            SetFlags((message,), remove=frozenset({ANSWERED})),
            Move((message,), box.folder("Archive")),
        ],
        "Three at once",
    )
    first, *_ = box.store.actions.waiting(box.account)
    box.store.actions.start(first.id)
    box.store.arrivals.stored([message], frozenset({FLAGGED}), frozenset())
    box.store.actions.finish(first.id)
    box.store.actions.undo()
    assert (box.ids("INBOX"), box.flags(message)) == ([message], {ANSWERED})
    assert [waiting.action for waiting in box.store.actions.waiting(box.account)] == [
        SetFlags((message,), remove=frozenset({FLAGGED}))
    ]
    box.carry()
    assert box.flags(message) == {ANSWERED}


def test_the_steps_of_a_gesture_are_taken_back_in_reverse_order(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform(
        [Move((message,), box.folder("Archive")), Move((message,), box.folder("Trash"))], "There and away"
    )
    box.carry()
    box.store.actions.undo()
    box.carry()
    assert box.ids("INBOX") == [message]


def test_a_gesture_over_two_accounts_is_split_and_taken_back_at_once(box: Mailbox) -> None:
    other = Mailbox.make(box.store.folder, "home", store=box.store)
    (here,) = box.deliver("INBOX", mail(1))
    (there,) = other.deliver("INBOX", mail(1))
    done = box.store.actions.perform([SetFlags((here, there), add=frozenset({SEEN}))], "Read")
    assert done.accounts == {box.account, other.account}
    assert [waiting.action for waiting in box.store.actions.waiting(box.account)] == [SetFlags((here,), frozenset({SEEN}))]
    assert [waiting.action for waiting in box.store.actions.waiting(other.account)] == [SetFlags((there,), frozenset({SEEN}))]
    box.store.actions.undo()
    assert (box.flags(here), box.flags(there)) == (set(), set())


def test_one_account_refuses_and_the_other_share_can_still_be_taken_back(box: Mailbox) -> None:
    other = Mailbox.make(box.store.folder, "home", store=box.store)
    (here,) = box.deliver("INBOX", mail(1))
    (there,) = other.deliver("INBOX", mail(1))
    box.store.actions.perform([SetFlags((here, there), add=frozenset({SEEN}))], "Read")
    box.store.actions.fail(box.store.actions.waiting(box.account)[0].id)
    other.carry()
    assert (box.flags(here), box.flags(there)) == (set(), {SEEN})
    assert box.store.actions.undo().accounts == {other.account}
    other.carry()
    assert box.flags(there) == set()
    assert box.store.actions.count(box.account) == 0


def test_a_refused_action_brings_the_row_back(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    (waiting,) = box.store.actions.waiting(box.account)
    box.store.actions.start(waiting.id)
    failed = box.store.actions.fail(waiting.id)
    assert failed.folders == {box.folder("INBOX"), box.folder("Archive")}
    assert (box.ids("INBOX"), box.ids("Archive")) == ([message], [])
    with pytest.raises(InputWrong):
        box.store.actions.undo()


def test_an_action_that_is_gone_ends_without_harm(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    (waiting,) = box.store.actions.waiting(box.account)
    box.store.actions.undo()
    assert box.store.actions.finish(waiting.id).folders == frozenset()


def test_deleting_for_good_hides_at_once_and_cannot_be_taken_back(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    assert box.store.actions.perform([Expunge((message,))], "Deleted for good").undo is None
    assert (box.ids("INBOX"), box.counts("INBOX")) == ([], (0, 0))
    with pytest.raises(InputWrong):
        box.store.actions.undo()
    box.carry()
    assert box.store.messages.row(message) is None


def test_deletion_without_uidplus_leaves_the_message_hidden(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Expunge((message,))], "Deleted for good")
    box.store.arrivals.expunged([message], removed=False)
    box.store.actions.finish(box.store.actions.waiting(box.account)[0].id)
    assert box.ids("INBOX") == []
    assert box.store.messages.row(message) is not None


def test_copies_are_shown_before_the_server_made_them(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, flags={FLAGGED}))
    box.store.actions.perform([Copy((message,), box.folder("Archive"))], "Copied")
    (copy,) = box.ids("Archive")
    assert box.row(MessageId(copy)).envelope == box.row(message).envelope
    assert box.row(MessageId(copy)).flags == {FLAGGED}
    assert (box.ids("INBOX"), box.row(message).waiting) == ([message], True)
    assert box.counts("Archive") == (1, 1)
    box.carry()
    assert box.ids("Archive") == [copy]
    assert box.row(MessageId(copy)).uid is not None


def test_undo_of_a_copy_removes_it(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Copy((message,), box.folder("Archive"))], "Copied")
    (copy,) = box.ids("Archive")
    box.store.actions.undo()
    assert (box.ids("Archive"), box.store.messages.row(MessageId(copy))) == ([], None)
    box.store.actions.perform([Copy((message,), box.folder("Archive"))], "Copied")
    box.carry()
    box.store.actions.undo()
    box.carry()
    assert (box.ids("INBOX"), box.ids("Archive")) == ([message], [])


def test_a_copy_can_be_moved_on_before_it_was_made(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Copy((message,), box.folder("Archive"))], "Copied")
    (copy,) = box.ids("Archive")
    box.store.actions.perform([Move((MessageId(copy),), box.folder("Lists"))], "Moved")
    assert (box.ids("Archive"), box.ids("Lists")) == ([], [copy])
    box.carry()
    assert (box.ids("INBOX"), box.ids("Archive"), box.ids("Lists")) == ([message], [], [copy])


def test_messages_that_are_gone_are_left_out(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    gone = MessageId(4711)
    box.store.actions.perform([Copy((gone, message), box.folder("Archive")), Move((gone,), box.folder("Trash"))], "Copied")
    (waiting,) = box.store.actions.waiting(box.account)
    assert isinstance(waiting.action, Copy)
    assert waiting.action.messages == (message,)
    assert list(waiting.action.copies) == box.ids("Archive")


def test_moving_to_another_account_is_refused_and_changes_nothing(box: Mailbox) -> None:
    other = Mailbox.make(box.store.folder, "home", store=box.store)
    (message,) = box.deliver("INBOX", mail(1))
    with pytest.raises(InputWrong, match="another account"):
        box.store.actions.perform([SetFlags((message,), frozenset({SEEN})), Move((message,), other.folder("Archive"))], "Moved")
    assert (box.ids("INBOX"), box.flags(message), box.store.actions.count()) == ([message], set(), 0)


def test_an_undo_that_can_do_nothing_gives_way_to_the_one_before(box: Mailbox) -> None:
    kept, lost = box.deliver("INBOX", mail(1), mail(2))
    box.store.actions.perform([SetFlags((kept,), frozenset({SEEN}))], "Read")
    box.store.actions.perform([SetFlags((lost,), frozenset({SEEN}))], "Read as well")
    box.carry()
    box.store.arrivals.settle({}, [lost])
    assert box.store.actions.undo().text == "Read"


def test_what_is_not_a_gesture_is_not_taken_back(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([SetFlags((message,), frozenset({SEEN}))], "Read", undoable=False)
    with pytest.raises(InputWrong):
        box.store.actions.undo()
    assert box.flags(message) == {SEEN}


def test_a_change_that_changes_nothing_leaves_no_gesture(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, flags={SEEN}))
    assert box.store.actions.perform([SetFlags((message,), frozenset({SEEN}))], "Read").undo is None


def test_the_latest_hundred_gestures_can_be_taken_back(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    for number in range(101):
        box.store.actions.perform([SetFlags((message,), frozenset({f"k{number}"}))], f"{number}")
    assert [box.store.actions.undo().text for _ in range(100)] == [f"{number}" for number in range(100, 0, -1)]
    with pytest.raises(InputWrong):
        box.store.actions.undo()


def test_an_append_waits_and_shows_nothing(box: Mailbox) -> None:
    (older,) = box.deliver("INBOX", mail(1))
    action = Append(box.folder("Archive"), "blob", "<a@b>", replaces=(older,))
    assert box.store.actions.perform([action], "Kept").undo is None
    assert [waiting.action for waiting in box.store.actions.waiting(box.account)] == [action]
    assert (box.ids("Archive"), box.ids("INBOX")) == ([], [older])


def test_folders_are_created_renamed_and_removed_at_once(box: Mailbox) -> None:
    folder = box.store.folders.add_waiting(box.account, "/")
    assert box.store.folders.get(folder) is None
    assert box.store.actions.perform([CreateFolder(folder, "New")], "Created").tree
    assert box.shown("New").waiting
    box.store.actions.perform([RenameFolder(folder, "New", "Newer")], "Renamed")
    box.store.actions.perform([Subscribe(box.folder("Lists"), subscribed=False)], "Unsubscribed")
    assert (box.shown("Newer").id, box.shown("Lists").subscribed) == (folder, False)
    assert [box.store.actions.undo().text for _ in range(3)] == ["Unsubscribed", "Renamed", "Created"]
    assert box.tree() == sorted(["INBOX", "Archive", "Trash", "Lists", "Lists/python"])
    assert box.shown("Lists").subscribed
    assert box.store.actions.count() == 0


def test_carried_folder_actions_are_reversed_on_the_server(box: Mailbox) -> None:
    folder = box.store.folders.add_waiting(box.account, "/")
    box.store.actions.perform([CreateFolder(folder, "New")], "Created")
    box.store.actions.perform([RenameFolder(box.folder("Lists"), "Lists", "Groups")], "Renamed")
    box.carry()
    assert {"New", "Groups", "Groups/python"} < set(box.tree())
    box.store.actions.undo()
    box.store.actions.undo()
    assert [waiting.action for waiting in box.store.actions.waiting(box.account)] == [
        RenameFolder(box.folder("Lists"), "Groups", "Lists"),
        DeleteFolder(folder, only_empty=True),
    ]
    box.carry()
    assert box.tree() == sorted(["INBOX", "Archive", "Trash", "Lists", "Lists/python"])


def test_a_folder_made_for_a_move_is_taken_back_with_it(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    folder = box.store.folders.add_waiting(box.account, "/")
    box.store.actions.perform([CreateFolder(folder, "New"), Move((message,), folder)], "Moved")
    assert box.ids("New") == [message]
    box.store.actions.undo()
    assert box.ids("INBOX") == [message]
    assert "New" not in box.tree()


def test_a_message_is_never_shown_nowhere_when_its_new_folder_was_refused(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    folder = box.store.folders.add_waiting(box.account, "/")
    box.store.actions.perform([CreateFolder(folder, "New"), Move((message,), folder)], "Moved")
    creation, _ = box.store.actions.waiting(box.account)
    refused = box.store.actions.fail(creation.id)
    assert (box.ids("INBOX"), box.counts("INBOX")) == ([message], (1, 1))
    assert refused.folders >= {box.folder("INBOX")}
    assert refused.tree


def test_an_action_for_no_folder_does_nothing(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    done = box.store.actions.perform([Move((message,), FolderId(4711))], "Moved")
    assert (done.undo, done.accounts, box.ids("INBOX")) == (None, frozenset(), [message])


@pytest.mark.parametrize("count", [1, 5000])
def test_any_number_of_messages_is_one_action(box: Mailbox, count: int) -> None:
    messages = box.fill("INBOX", count)
    box.store.actions.perform([Move(messages, box.folder("Archive"))], "Archived")
    assert (len(box.ids("Archive")), box.counts("Archive")) == (count, (count, count // 2))
    assert box.store.actions.count(box.account) == 1
    box.store.actions.undo()
    assert len(box.ids("INBOX")) == count
