# SPDX-License-Identifier: GPL-3.0-or-later
"""Searching what is here: where, page by page, and a later search before an earlier one."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.mailbox import Mailbox, mail
from tuimail.engine.accounts import Accounts
from tuimail.engine.finder import Finder, FoundList
from tuimail.model.action import Move
from tuimail.model.errors import InputWrong
from tuimail.model.folder import FolderRole
from tuimail.model.ids import FolderId, MessageId
from tuimail.store.bodies import Cacheable
from tuimail.store.database import Connection
from tuimail.sync.indexer import index_slice


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    made = Mailbox.make(tmp_path / "store")
    made.store.folders.set_role(made.folder("Trash"), FolderRole.TRASH)
    yield made
    made.store.close()


@pytest.fixture
def finder(box: Mailbox) -> Iterator[Finder]:
    made = Finder(box.store, Accounts())
    yield made
    made.close()


async def found(finder: Finder, text: str, folder: FolderId | None) -> FoundList:
    listed = await finder.search(text, folder)
    assert listed is not None
    await finder.rest(listed)
    return listed


def ids(listed: FoundList) -> list[MessageId]:
    return [listed.key_at(index) for index in range(len(listed))]


async def test_where_is_searched(box: Mailbox, finder: Finder) -> None:
    (inbox,) = box.deliver("INBOX", mail(1, subject="harbour"))
    (python,) = box.deliver("Lists/python", mail(2, subject="harbour"))
    (trash,) = box.deliver("Trash", mail(3, subject="harbour"))
    where = box.folder("INBOX")
    assert ids(await found(finder, "harbour", where)) == [inbox]
    assert ids(await found(finder, "harbour in:all", where)) == [python, inbox]
    assert ids(await found(finder, "harbour", None)) == [python, inbox]
    assert ids(await found(finder, "harbour in:PYTHON", where)) == [python]
    assert ids(await found(finder, "in:lists/python harbour", where)) == [python]
    assert ids(await found(finder, "in:trash harbour", where)) == [trash]
    with pytest.raises(InputWrong, match="Archive"):
        await finder.search("in:Archiv harbour", where)


async def test_a_second_account_has_folders_of_its_own(box: Mailbox, finder: Finder) -> None:
    other = Mailbox.make(box.store.folder, "home", store=box.store)
    (here,) = box.deliver("INBOX", mail(1))
    (there,) = other.deliver("INBOX", mail(2))
    assert ids(await found(finder, "about in:inbox", box.folder("Lists"))) == [here]
    assert ids(await found(finder, "about in:inbox", other.folder("Lists"))) == [there]
    assert ids(await found(finder, "about in:all", box.folder("Lists"))) == [there, here]


async def test_what_arrived_just_now_is_found(box: Mailbox, finder: Finder) -> None:
    for uid in range(1, 4):
        (message,) = box.deliver("INBOX", mail(uid, subject=f"word{uid}"))
        assert ids(await found(finder, f"word{uid}", None)) == [message]


async def test_the_first_page_comes_before_the_rest(box: Mailbox, finder: Finder) -> None:
    rows = box.fill("INBOX", 450)
    while index_slice(box.store):
        pass
    listed = await finder.search("about", None)
    assert listed is not None
    assert ids(listed) == list(rows[:-201:-1])
    assert await finder.rest(listed)
    assert ids(listed) == list(rows[::-1])
    assert ids(listed) == list(rows[::-1])


async def test_a_word_that_is_typed_stands_for_all_that_begin_so(box: Mailbox, finder: Finder) -> None:
    rows = box.deliver("INBOX", *(mail(uid, subject="mapping" if uid % 4 else "map") for uid in range(1, 401)))
    rows += box.deliver("INBOX", *(mail(uid, subject="map") for uid in range(401, 551)))
    while index_slice(box.store):
        pass
    listed = await finder.search("map", None)
    assert listed is not None
    assert len(listed) == 200
    await finder.rest(listed)
    assert ids(listed) == list(rows[::-1])


async def test_a_later_search_comes_first(box: Mailbox, finder: Finder) -> None:
    box.fill("INBOX", 300)
    (message,) = box.deliver("INBOX", mail(1000, subject="harbour"))
    while index_slice(box.store):
        pass
    searches = [asyncio.create_task(finder.search(text, None)) for text in ("a", "ab", "abo", "abou", "harbour")]
    *given_up, last = await asyncio.gather(*searches)
    assert last is not None
    assert ids(last) == [message]
    assert None in given_up
    stale = next((listed for listed in given_up if listed is not None), None)
    assert stale is None or not await finder.rest(stale)


async def test_what_nobody_asks_for_any_more_is_let_go(box: Mailbox, finder: Finder) -> None:
    box.fill("INBOX", 800)
    assert await finder.search("is:unread", None) is not None
    box.fill("INBOX", 1, first=801)
    with Connection(box.store.folder / "cache.sqlite", busy_ms=0) as beside:
        async with asyncio.timeout(60):
            # As long as some reader needs what is in the log.
            while beside.number("PRAGMA wal_checkpoint(TRUNCATE)"):  # noqa: ASYNC110  nothing tells
                await asyncio.sleep(0.01)


async def test_a_search_that_was_given_up_does_not_end_the_next(box: Mailbox, finder: Finder) -> None:
    box.fill("INBOX", 800)
    listed = await finder.search("is:unread", None)
    assert listed is not None
    rest = asyncio.create_task(finder.rest(listed))
    await asyncio.sleep(0)
    rest.cancel()
    (kept,) = await asyncio.gather(rest, return_exceptions=True)  # its traceback has all that it was about
    for _ in range(3):
        assert len(await found(finder, "is:unread", None)) == 400
    assert isinstance(kept, asyncio.CancelledError)


async def test_what_is_shown_follows_what_the_user_does(box: Mailbox, finder: Finder) -> None:
    first, second = box.deliver("INBOX", mail(1, subject="harbour"), mail(2, subject="harbour"))
    listed = await found(finder, "harbour", box.folder("INBOX"))
    box.store.actions.perform([Move((first,), box.folder("Archive"))], "Archived")
    listed.refresh()
    assert ids(listed) == [second]
    listed.add([first])
    listed.refresh()
    assert ids(listed) == [second]


async def test_says_how_many_texts_are_here(box: Mailbox, finder: Finder) -> None:
    first, second, _ = box.fill("INBOX", 3)
    box.store.bodies.put_texts({first: [Cacheable("1", b"pens", "text/plain")], second: []})
    listed = await found(finder, "pens", None)
    assert ids(listed) == [first]
    assert listed.here is not None
    assert (listed.here.messages, listed.here.texts, listed.here.unindexed) == (3, 2, 0)
