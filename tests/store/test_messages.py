# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading: the order of a folder, rows, flags."""

import pytest

from tests.store.mailbox import Mailbox, mail, message_id
from tuimail.model.address import Address
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.folder import FolderRole
from tuimail.model.ids import MessageId
from tuimail.store import codec
from tuimail.store.messages import SORTS, Place


@pytest.fixture
def inbox(box: Mailbox) -> dict[str, MessageId]:
    """Three messages by the name of who sent them."""
    table = (
        (1, "Zoë", "Re: beta 100%", 300, 20, {SEEN}),
        (2, "adam", "alpha", 100, 30, {FLAGGED}),
        (3, "Mia", "Fwd: Gamma", 200, 10, ()),
    )
    rows = box.deliver(
        "INBOX",
        *(
            mail(uid, sender=Address(name, f"{uid}@example.org"), subject=subject, size=size, date=date, flags=flags)
            for uid, name, subject, size, date, flags in table
        ),
    )
    return dict(zip(("Zoë", "adam", "Mia"), rows, strict=True))


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("date", ["Mia", "Zoë", "adam"]),
        ("from", ["adam", "Mia", "Zoë"]),
        ("subject", ["adam", "Zoë", "Mia"]),
        ("size", ["adam", "Mia", "Zoë"]),
    ],
)
def test_every_order_goes_both_ways(box: Mailbox, inbox: dict[str, MessageId], sort: str, expected: list[str]) -> None:
    ids = [inbox[name] for name in expected]
    assert list(box.store.messages.order(box.folder("INBOX"), sort)) == ids
    assert list(box.store.messages.order(box.folder("INBOX"), f"-{sort}")) == ids[::-1]
    assert list(box.store.messages.order(box.folder("INBOX"), sort, limit=2)) == ids[:2]
    assert sort in SORTS


def test_rows_come_in_the_order_asked_for(box: Mailbox, inbox: dict[str, MessageId]) -> None:
    first, gone, second = box.store.messages.rows([inbox["Mia"], 4711, inbox["Zoë"]])
    assert gone is None
    assert first is not None
    assert second is not None
    assert (first.envelope.from_[0].name, second.envelope.from_[0].name) == ("Mia", "Zoë")


def test_a_row_has_all_that_was_fetched(box: Mailbox) -> None:
    people = (Address("Bo", "bo@example.org"), Address("", "cy@example.org"))
    fetched = mail(7, "b", flags={SEEN, "$Later"}, size=42, to=people, replies=("x", "a"), date=99)
    (message,) = box.deliver("Lists", fetched)
    row = box.row(message)
    assert row.envelope == fetched.envelope
    assert (row.uid, row.size, row.date, row.flags) == (7, 42, 99, fetched.flags)
    assert (row.folder, row.account, row.waiting, row.has_attachment) == (box.folder("Lists"), box.account, False, False)
    assert box.store.messages.bodystructure(message) == fetched.bodystructure
    box.store.messages.set_snippet(message, "Dear all")
    assert box.row(message).snippet == "Dear all"
    assert box.store.messages.places([message, MessageId(4711)]) == {message: Place(box.folder("Lists"), 7)}
    assert box.store.messages.at(box.folder("Lists"), [6, 7]) == {7: message}
    assert box.store.messages.by_message_id(box.account, message_id("b")) == (message,)


def test_a_row_of_a_list_names_few_people(box: Mailbox) -> None:
    people = tuple(Address("", f"reader{number}@example.org") for number in range(5000))
    (message,) = box.deliver("INBOX", mail(1, "long", to=people, replies=tuple(map(str, range(5000)))))
    [short] = box.store.messages.rows([message], short=True)
    whole = box.row(message)
    assert short is not None
    assert whole.envelope.to == people
    assert short.envelope.to == people[: len(short.envelope.to)]
    assert 4 <= len(short.envelope.to) < 20
    assert not short.envelope.references
    assert short.thread == whole.thread


def test_unread_messages_and_what_lacks_a_flag(box: Mailbox, inbox: dict[str, MessageId]) -> None:
    messages = box.store.messages
    assert messages.unread_in(box.folder("INBOX")) == {inbox["adam"], inbox["Mia"]}
    listed = [inbox["Mia"], inbox["Zoë"], inbox["adam"]]
    assert list(messages.without(SEEN, listed)) == [inbox["Mia"], inbox["adam"]]
    assert not list(messages.without(SEEN, [inbox["Zoë"]]))
    assert not list(messages.without(FLAGGED, [inbox["adam"]]))
    assert list(box.store.search.sent_by(listed, "2@EXAMPLE.org")) == [inbox["adam"]]
    assert list(messages.without("Flagged", [inbox["adam"]])), "a part of a flag's name is another flag"


@pytest.mark.parametrize("ids", [[], [7], [1, 22, 333, -4, 5_000_000_000]], ids=["none", "one", "several"])
def test_ids_are_read_in_slices_of_any_length(monkeypatch: pytest.MonkeyPatch, ids: list[int]) -> None:
    for size in range(1, 30):
        monkeypatch.setattr(codec, "_TEXT", size)
        assert list(codec.load_ids(codec.ids_json(ids))) == ids


def test_many_ids_are_looked_at_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "_SLICE", 2)
    assert list(codec.ids_in_slices([1, 2, 3, 4, 5])) == ["[1,2]", "[3,4]", "[5]"]
    assert not list(codec.ids_in_slices([]))


def test_all_unread_leaves_out_junk_and_other_accounts(box: Mailbox, inbox: dict[str, MessageId]) -> None:
    box.deliver("Trash", mail(1, "junk"))
    box.store.folders.set_role(box.folder("Trash"), FolderRole.JUNK)
    other = Mailbox.make(box.store.folder, "home", store=box.store)
    (there,) = other.deliver("INBOX", mail(9))
    assert list(box.store.messages.unread()) == [there, inbox["adam"], inbox["Mia"]]
    assert list(box.store.messages.unread([box.account])) == [inbox["adam"], inbox["Mia"]]
