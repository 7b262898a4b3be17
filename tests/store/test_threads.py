# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversations are the same whatever the order of arrival."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.mailbox import Mailbox, mail
from tuimail.model.action import Copy, Expunge, Move, SetFlags
from tuimail.model.flags import SEEN
from tuimail.model.ids import MessageId

NAMES = "abcdefgh"
Letter = tuple[str, tuple[str, ...]]


def test_replies_join_what_they_answer(box: Mailbox) -> None:
    first, reply, other = box.deliver("INBOX", mail(1, "a"), mail(2, "b", replies=("a",)), mail(3, "c"))
    assert box.store.messages.thread(first) == (first, reply)
    assert box.store.messages.thread(other) == (other,)
    assert list(box.store.messages.conversation(box.folder("INBOX"), box.row(first).thread)) == [reply, first]


def test_a_message_that_arrives_late_ties_two_conversations(box: Mailbox) -> None:
    (one,) = box.deliver("INBOX", mail(1, "a"))
    (two,) = box.deliver("Archive", mail(1, "c", replies=("b",), date=9))
    (late,) = box.deliver("INBOX", mail(2, "b", replies=("a",), date=5))
    assert set(box.store.messages.thread(one)) == {one, two, late}


def test_replies_to_a_message_that_never_came_are_one_conversation(box: Mailbox) -> None:
    first, second = box.deliver("INBOX", mail(1, "b", replies=("lost",)), mail(2, "c", replies=("lost",)))
    assert box.store.messages.thread(first) == (first, second)


def test_messages_without_any_id_stay_alone(box: Mailbox) -> None:
    first, second = box.deliver("INBOX", mail(1, "-"), mail(2, "-"))
    assert box.store.messages.thread(first) == (first,)
    assert box.row(first).thread != box.row(second).thread


def test_accounts_do_not_share_conversations(box: Mailbox) -> None:
    other = Mailbox.make(box.store.folder, "home", store=box.store)
    (here,) = box.deliver("INBOX", mail(1, "a"))
    other.deliver("INBOX", mail(1, "b", replies=("a",)))
    assert box.store.messages.thread(here) == (here,)


def test_a_copy_belongs_to_its_conversation(box: Mailbox) -> None:
    (first,) = box.deliver("INBOX", mail(1, "a"))
    box.store.actions.perform([Copy((first,), box.folder("Archive"))], "Copied")
    assert set(box.store.messages.thread(first)) == {first, *box.ids("Archive")}


def test_the_newest_message_in_a_folder_stands_for_its_conversation(box: Mailbox) -> None:
    inbox, archive = box.folder("INBOX"), box.folder("Archive")
    first, reply, other = box.deliver(
        "INBOX", mail(1, "a", flags={SEEN}), mail(2, "b", replies=("a",)), mail(3, "c", flags={SEEN})
    )
    (elsewhere,) = box.deliver("Archive", mail(9, "d", replies=("a",)))
    messages = box.store.messages
    assert list(messages.order(inbox, heads=True)) == [other, reply]
    assert list(messages.order(archive, heads=True)) == [elsewhere]
    assert messages.conversations(inbox, [box.row(first).thread, box.row(other).thread]) == {
        box.row(first).thread: (2, 1),
        box.row(other).thread: (1, 0),
    }
    box.store.actions.perform([Move((reply,), archive)], "Moved")
    assert list(messages.order(inbox, heads=True)) == [other, first]
    assert list(messages.order(archive, heads=True)) == [elsewhere]
    assert messages.listed(inbox, [first, reply, other, elsewhere]) == {first, other}


def test_a_folder_counts_what_changes_its_list(box: Mailbox) -> None:
    inbox, archive = box.folder("INBOX"), box.folder("Archive")
    messages = box.store.messages

    def counted() -> tuple[int, int]:
        return messages.extent(inbox)[1], messages.extent(archive)[1]

    assert counted() == (0, 0)
    one, two = box.deliver("INBOX", mail(1, "a"), mail(2, "c", replies=("b",)))
    assert counted() == (2, 0)
    box.store.actions.perform([SetFlags((one, two), frozenset({SEEN}))], "Read")
    assert counted() == (2, 0)
    box.store.actions.perform([Move((one,), archive)], "Moved")
    assert counted() == (3, 1)
    box.deliver("Archive", mail(1, "b", replies=("a",)))
    assert counted() == (4, 2), "the second message joined the conversation of the first"
    box.store.actions.perform([Expunge((two,))], "Deleted")
    assert counted() == (5, 2)


@st.composite
def letters(draw: st.DrawFn) -> tuple[list[Letter], list[Letter], int]:
    """Messages that refer to each other in any way, the same in another order, and a batch size."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=2))
    mails = [(name, tuple(draw(st.lists(st.sampled_from(NAMES), max_size=3)))) for name in names]
    return mails, draw(st.permutations(mails)), draw(st.integers(1, len(mails)))


def conversations(path: Path, mails: list[Letter], batch: int) -> set[frozenset[str]]:
    """Which names are together after these messages arrived in this order."""
    box = Mailbox.make(path)
    try:
        subjects: dict[MessageId, str] = {}
        for start in range(0, len(mails), batch):
            some = mails[start : start + batch]
            rows = box.deliver("INBOX", *(mail(start + at, name, replies=to) for at, (name, to) in enumerate(some, 1)))
            subjects |= dict(zip(rows, (name for name, _ in some), strict=True))
        return {frozenset(subjects[member] for member in box.store.messages.thread(row)) for row in subjects}
    finally:
        box.store.close()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(letters())
def test_the_order_of_arrival_does_not_matter(sample: tuple[list[Letter], list[Letter], int]) -> None:
    one_order, another_order, batch = sample
    expected = expected_conversations(one_order)
    with TemporaryDirectory() as folder:
        assert conversations(Path(folder, "one"), one_order, len(one_order)) == expected
        assert conversations(Path(folder, "another"), another_order, batch) == expected


def expected_conversations(mails: list[Letter]) -> set[frozenset[str]]:
    """Messages are together when a chain of shared names leads from one to the other."""
    groups: list[tuple[set[str], set[str]]] = []
    for name, to in mails:
        keys, members = {name, *to}, {name}
        apart = []
        for other_keys, other_members in groups:
            if other_keys & keys:
                keys |= other_keys
                members |= other_members
            else:
                apart.append((other_keys, other_members))
        groups = [*apart, (keys, members)]
    return {frozenset(members) for _, members in groups}
