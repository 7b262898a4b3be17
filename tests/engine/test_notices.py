# SPDX-License-Identifier: GPL-3.0-or-later
"""Who listens hears everything, and the screen also what was told before it was there."""

from tuimail.engine.notices import Notices
from tuimail.model.ids import AccountId, FolderId
from tuimail.model.notice import FolderChanged, FoldersChanged, Notice


def test_what_is_kept_is_told_once_and_in_order() -> None:
    notices = Notices()
    early, late, third = list[Notice](), list[Notice](), list[Notice]()
    notices.subscribe(early.append)
    notices.keep()
    notices.publish(FolderChanged(FolderId(1)))
    notices.publish(FoldersChanged(AccountId(1)))
    notices.subscribe(late.append, from_the_start=True)
    notices.publish(FolderChanged(FolderId(2)))
    notices.subscribe(third.append, from_the_start=True)
    assert early == late == [FolderChanged(FolderId(1)), FoldersChanged(AccountId(1)), FolderChanged(FolderId(2))]
    assert third == []
