# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists stay true whatever happens to their folder, and long ones are read in parts."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.mailbox import Mailbox, mail
from tuimail.engine import folder_list, lists
from tuimail.engine.conversations import ThreadedList
from tuimail.engine.folder_list import FolderList
from tuimail.engine.lists import MessageList
from tuimail.model.action import Move, SetFlags
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow
from tuimail.model.uidset import UidSet


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    made = Mailbox.make(tmp_path / "store")
    yield made
    made.store.close()


def make_short(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lists, "LONG", 8)
    patch.setattr(folder_list, "LONG", 8)
    patch.setattr(folder_list, "FIRST", 5)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lists of more than eight messages count as long, five lines of which are there at once."""
    make_short(monkeypatch)


def keys(source: MessageList) -> list[int]:
    return [source.key_at(index) for index in range(len(source))]


def make(box: Mailbox, kind: str) -> FolderList:
    inbox = box.folder("INBOX")
    return ThreadedList(box.store, inbox) if kind == "threads" else FolderList(box.store, inbox, kind)


def wanted(box: Mailbox, kind: str) -> list[int]:
    sort = "-date" if kind == "threads" else kind
    return list(box.store.messages.order(box.folder("INBOX"), sort, heads=kind == "threads"))


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("kind", ["-date", "date", "threads"])
async def test_a_long_list_opens_with_its_first_lines(box: Mailbox, kind: str) -> None:
    box.fill("INBOX", 20)
    source = make(box, kind)
    assert keys(source) == wanted(box, kind)[:5]
    assert (source.is_complete, source.is_stale) == (False, True)
    await source.refresh_in_thread()
    assert keys(source) == wanted(box, kind)
    assert (source.is_complete, source.is_stale) == (True, False)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("kind", ["-date", "threads"])
async def test_what_is_told_while_a_list_is_read_is_read_once(box: Mailbox, kind: str) -> None:
    box.fill("INBOX", 20)
    source = make(box, kind)
    reading = asyncio.create_task(source.refresh_in_thread())
    await asyncio.sleep(0)
    source.refresh()
    await reading
    assert keys(source) == wanted(box, kind)
    assert not source.is_stale, "nothing changed"
    reading = asyncio.create_task(source.refresh_in_thread())
    await asyncio.sleep(0)
    box.deliver("INBOX", mail(30, "new"))
    source.refresh()
    await reading
    assert keys(source) == wanted(box, kind) or source.is_stale


@pytest.mark.usefixtures("short")
async def test_a_long_list_that_must_be_sorted_comes_from_a_thread(box: Mailbox) -> None:
    box.deliver("INBOX", *(mail(uid, size=uid * 7 % 20) for uid in range(1, 20)))
    source = make(box, "-size")
    assert not keys(source)
    await source.refresh_in_thread()
    assert keys(source) == wanted(box, "-size")


@pytest.mark.usefixtures("short")
async def test_flags_and_new_mail_need_no_reading_of_the_whole(box: Mailbox) -> None:
    first, *_ = box.fill("INBOX", 20)
    source = make(box, "-date")
    await source.refresh_in_thread()
    box.store.actions.perform([SetFlags((first,), frozenset({FLAGGED}))], "Starred")
    source.refresh()
    assert not source.is_stale
    row = source.window(19, 20)[0]
    assert row is not None
    assert row.starred
    fresh = box.deliver("INBOX", mail(30, "new"), mail(31, "newer"))
    source.refresh()
    assert keys(source)[:2] == [fresh[1], fresh[0]]
    assert not source.is_stale
    assert keys(source) == wanted(box, "-date")


@pytest.mark.usefixtures("short")
async def test_what_is_taken_away_goes_at_once_and_stays_away(box: Mailbox) -> None:
    rows = box.fill("INBOX", 20)
    source = make(box, "-date")
    await source.refresh_in_thread()
    box.store.actions.perform([Move((rows[3],), box.folder("Archive"))], "Archived")
    source.remove([rows[3]])
    source.refresh()
    assert rows[3] not in keys(source)
    assert not source.is_stale, "this was all that changed"
    source.remove([rows[5]])
    await source.refresh_in_thread()
    assert rows[5] in keys(source), "it was never moved"
    reading = asyncio.create_task(source.refresh_in_thread())
    await asyncio.sleep(0)
    source.remove([rows[6]])
    await reading
    assert rows[6] not in keys(source)


@pytest.mark.usefixtures("short")
async def test_what_another_program_moved_leaves_the_screen_at_once(box: Mailbox) -> None:
    rows = box.fill("INBOX", 40)
    source = make(box, "-date")
    await source.refresh_in_thread()
    source.window(20, 30)
    gone = source.key_at(25)
    box.store.actions.perform([Move((gone,), box.folder("Archive"))], "Archived")
    source.refresh()
    assert gone not in keys(source)
    assert len(source) == len(rows) - 1


@pytest.mark.usefixtures("short")
async def test_a_reply_brings_its_conversation_to_the_top(box: Mailbox) -> None:
    rows = box.fill("INBOX", 20)
    source = ThreadedList(box.store, box.folder("INBOX"))
    await source.refresh_in_thread()
    (reply,) = box.deliver("INBOX", mail(50, "reply", replies=("INBOX-2",)))
    source.refresh()
    assert not source.is_stale
    assert source.key_at(0) == reply
    assert rows[1] not in keys(source)
    mark = source.thread_at(0)
    assert (mark.depth, mark.count, mark.unread, mark.folded) == (0, 2, 1, True)
    box.store.actions.perform([Move((reply,), box.folder("Archive"))], "Archived")
    source.remove([reply])
    source.refresh()
    assert not source.is_stale
    assert keys(source) == wanted(box, "threads")
    assert rows[1] in keys(source)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("count", [6, 20])
async def test_unfolded_conversations_show_every_message(box: Mailbox, count: int) -> None:
    rows = box.fill("INBOX", count)
    middle, last = box.deliver("INBOX", mail(100, "x", replies=("INBOX-3",)), mail(101, "y", replies=("INBOX-3", "x")))
    source = ThreadedList(box.store, box.folder("INBOX"))
    await source.refresh_in_thread()
    line = source.index_of(last)
    assert line == 0
    assert source.set_folded(line, folded=False)
    assert keys(source)[:4] == [last, middle, rows[2], rows[-1]]
    assert [source.thread_at(at).depth for at in range(4)] == [0, 1, 1, 0]
    assert not source.thread_at(0).folded
    assert [source.index_of(key) for key in keys(source)] == list(range(count + 2))
    (newest,) = box.deliver("INBOX", mail(102, "z", replies=("INBOX-3",)))
    source.refresh()
    assert keys(source)[:4] == [newest, last, middle, rows[2]]
    assert source.set_folded(source.first_of(2), folded=True)
    assert keys(source)[:2] == [newest, rows[-1]]
    assert not source.set_folded(1, folded=False), "it is alone"


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("count", [6, 20])
async def test_what_is_being_taken_away_comes_back_where_it_was_refused(box: Mailbox, count: int) -> None:
    rows = box.fill("INBOX", count)
    source = make(box, "-date")
    await source.refresh_in_thread()
    known = source.hide(rows[1:4])
    assert keys(source) == [*rows[:3:-1], rows[0]]
    box.deliver("INBOX", mail(90))
    source.refresh()
    await source.refresh_in_thread()
    assert len(source) == count - 2, "still hidden"
    known()
    await source.refresh_in_thread()
    assert keys(source) == wanted(box, "-date")


async def test_flags_are_shown_before_they_are_written(box: Mailbox) -> None:
    box.fill("INBOX", 5)
    source = make(box, "-date")
    unread = {row.id for row in source.window(0, 5) if row is not None and row.unread}
    assert unread
    before = source.generation
    written = source.expect(unread, frozenset({SEEN}), frozenset())
    assert source.generation > before
    assert not any(row.unread for row in source.window(0, 5) if row is not None)
    written()
    assert {row.id for row in source.window(0, 5) if row is not None and row.unread} == unread


Step = tuple[str, int, int]


async def follow(box: Mailbox, kind: str, steps: list[Step]) -> None:
    """Let a list follow what happens; it is true after each step, if not at once then after a reading."""
    uid, inbox = 100, box.folder("INBOX")
    source = make(box, kind)
    for step, place, count in steps:
        listed = box.ids("INBOX")
        some = [MessageId(key) for key in listed[place % len(listed) :][:count]] if listed else []
        match step:
            case "arrive":
                batch = range(uid, uid + count)
                box.deliver("INBOX", *(mail(one, replies=(f"m{one - place - 1}",), date=one * 3 - place) for one in batch))
                uid += count
            case "arrive late":
                box.deliver("INBOX", mail(uid, replies=(f"m{place}",), date=place))
                uid += 1
            case "move" if some:
                box.store.actions.perform([Move(tuple(some), box.folder("Archive"))], "Archived")
                source.remove(some)
            case "vanish" if some:
                uids = [place.uid for place in box.store.messages.places(some).values() if place.uid is not None]
                box.store.arrivals.vanish(inbox, UidSet.of(uids), 2)
            case "undo" if some:
                box.store.actions.perform([SetFlags(tuple(some), frozenset({SEEN}))], "Read")
                box.store.actions.undo()
            case "flag" if some:
                box.store.actions.perform([SetFlags(tuple(some), frozenset({FLAGGED}))], "Starred")
            case "unfold" if isinstance(source, ThreadedList) and len(source):
                source.set_folded(place % len(source), folded=count > 3)
        source.refresh()
        if source.is_stale:
            assert len(source) <= len(listed) + uid
            await source.refresh_in_thread()
        assert not source.is_stale
        lines = keys(source)
        assert list(source.all_keys()) == lines
        assert [source.index_of(key) for key in lines] == list(range(len(lines)))
        shown = source.window(0, len(lines))
        assert shown == box.store.messages.rows(lines, short=True)
        heads = [key for at, key in enumerate(lines) if not (isinstance(source, ThreadedList) and source.thread_at(at).depth)]
        assert heads == wanted(box, kind)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(["-date", "date", "threads", "threads", "size"]),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["arrive", "arrive", "arrive late", "move", "vanish", "undo", "flag", "unfold"]),
            st.integers(0, 40),
            st.integers(1, 6),
        ),
        max_size=12,
    ),
)
def test_a_list_follows_its_folder(kind: str, steps: list[Step]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        make_short(patch)
        box = Mailbox.make(Path(folder))
        try:
            box.fill("INBOX", 12)
            asyncio.run(follow(box, kind, steps))
        finally:
            box.store.close()


def test_after_a_change_only_rows_that_changed_are_read_again(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    box.fill("INBOX", 20)
    source = ThreadedList(box.store, box.folder("INBOX"))
    source.window(0, 20)
    assert [source.thread_at(index).count for index in range(20)] == [1] * 20
    read: list[int] = []
    rows = box.store.messages.rows

    def noting(ids: Sequence[int], *, short: bool = False) -> list[MessageRow | None]:
        read.extend(ids)
        return rows(ids, short=short)

    monkeypatch.setattr(box.store.messages, "rows", noting)
    box.store.actions.perform([SetFlags((source.key_at(3),), frozenset({FLAGGED}))], "Starred")
    source.refresh()
    source.window(0, 20)
    assert read == [source.key_at(3)]
