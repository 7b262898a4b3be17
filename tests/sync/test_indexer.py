# SPDX-License-Identifier: GPL-3.0-or-later
"""The indexer works while there is anything to do, beside whoever writes, and ends when it is told to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.mailbox import Mailbox, mail
from tuimail.model.query import parse_query
from tuimail.sync.indexer import Indexer


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Mailbox]:
    made = Mailbox.make(tmp_path / "store")
    yield made
    made.store.close()


def found(box: Mailbox, typed: str) -> list[int]:
    folders = [folder.id for folder in box.store.folders.all()]
    return [number for batch in box.store.search.find(parse_query(typed), folders) for number in batch]


async def test_what_was_here_before_and_what_comes_is_indexed(box: Mailbox) -> None:
    before = box.fill("INBOX", 250)
    indexer = Indexer(box.store)
    indexer.start()
    await indexer.done()
    assert found(box, "about") == list(before[::-1])
    (new,) = box.deliver("Lists", mail(1, subject="harbour"))
    box.store.bodies.put(new, "1", b"blue pens", "text/plain")
    indexer.wake()
    await indexer.done()
    assert found(box, "harbour pens") == [new]
    await indexer.stop()


async def test_what_arrives_while_it_works_is_not_forgotten(box: Mailbox) -> None:
    indexer = Indexer(box.store)
    indexer.start()
    for turn in range(5):
        box.fill("INBOX", 60, first=100 * turn + 1)
        indexer.wake()
    await indexer.done()
    assert box.store.search.pending() == 0
    assert len(found(box, "about")) == 300
    await indexer.stop()


async def test_nothing_is_done_before_it_is_started_and_after_it_was_stopped(box: Mailbox) -> None:
    box.fill("INBOX", 10)
    indexer = Indexer(box.store)
    indexer.wake()
    await indexer.done()
    assert box.store.search.pending() == 10
    indexer.start()
    await indexer.stop()
    left = box.store.search.pending()
    box.fill("INBOX", 10, first=100)
    indexer.wake()
    await indexer.done()
    assert box.store.search.pending() == left + 10
