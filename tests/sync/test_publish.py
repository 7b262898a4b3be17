# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices about folders are held together, others are not."""

import asyncio

from tuimail.model.ids import AccountId, FolderId
from tuimail.model.notice import FolderChanged, FoldersChanged, Notice
from tuimail.sync.publish import Publisher


async def test_a_thousand_changes_are_few_notices_and_the_last_is_told() -> None:
    heard: list[Notice] = []
    publisher = Publisher(heard.append)
    for _ in range(1000):
        publisher(FolderChanged(FolderId(1)))
        await asyncio.sleep(0)
    publisher(FolderChanged(FolderId(2)))
    publisher(FoldersChanged(AccountId(1)))
    assert heard[0] == FolderChanged(FolderId(1))
    assert FolderChanged(FolderId(2)) in heard
    assert FoldersChanged(AccountId(1)) in heard
    publisher.close()
    assert heard[-1] == FolderChanged(FolderId(1))
    assert len(heard) < 10
