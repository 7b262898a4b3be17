# SPDX-License-Identifier: GPL-3.0-or-later
"""Which folders were renamed, which are gone."""

from tuimail.backends.port import FolderListing, FolderStatus
from tuimail.model.folder import FolderRole
from tuimail.model.ids import FolderId
from tuimail.store.folders import Cursor, ServerFolder
from tuimail.sync.listing import compare


def known(number: int, name: str, mailbox_id: str = "", uidvalidity: int | None = 7, uidnext: int = 20) -> ServerFolder:
    return ServerFolder(FolderId(number), name, "/", True, True, None, mailbox_id, Cursor(uidvalidity, uidnext, None, 1))


def listed(name: str, mailbox_id: str = "", uidvalidity: int = 7, uidnext: int = 20) -> FolderListing:
    return FolderListing(name, "/", status=FolderStatus(1, 0, uidnext, uidvalidity, None, mailbox_id))


def by_name(*folders: ServerFolder) -> dict[str, ServerFolder]:
    return {folder.name: folder for folder in folders}


INBOX = listed("INBOX", uidvalidity=1)


def test_renames_are_told_by_mailbox_id() -> None:
    found = compare([INBOX, listed("New", "M1", uidvalidity=99)], by_name(known(1, "Old", "M1")))
    assert (dict(found.renamed), found.gone) == ({1: "New"}, ())


def test_two_folders_may_change_names() -> None:
    found = compare([INBOX, listed("A", "M2"), listed("B", "M1")], by_name(known(1, "A", "M1"), known(2, "B", "M2")))
    assert (dict(found.renamed), found.gone) == ({1: "B", 2: "A"}, ())


def test_no_folder_takes_the_name_of_one_that_keeps_it() -> None:
    """An answer that was given in the middle of a renaming may have named one folder twice."""
    both = by_name(known(1, "Old", "M1"), known(2, "New", "M1"))
    found = compare([INBOX, listed("New", "M1")], both)
    assert (dict(found.renamed), found.gone) == ({}, (1,))
    found = compare([INBOX, listed("Newer", "M1")], both)
    assert (list(found.renamed.values()), len(found.gone)) == (["Newer"], 1)
    found = compare([INBOX, listed("New", "M1")], by_name(known(1, "Old", "M1"), known(2, "New")))
    assert (dict(found.renamed), found.gone) == ({}, (1,))


def test_without_ids_an_unmistakable_cursor_tells() -> None:
    found = compare([INBOX, listed("New", uidnext=22)], by_name(known(1, "Old")))
    assert dict(found.renamed) == {1: "New"}


def test_what_could_be_two_is_none() -> None:
    found = compare([INBOX, listed("New"), listed("Newer")], by_name(known(1, "Old")))
    assert (dict(found.renamed), found.gone) == ({}, (1,))
    found = compare([INBOX, listed("New", uidnext=30)], by_name(known(1, "Old"), known(2, "Older", uidnext=21)))
    assert (dict(found.renamed), set(found.gone)) == ({}, {1, 2})


def test_an_empty_folder_says_nothing() -> None:
    found = compare([INBOX, listed("New", uidnext=1)], by_name(known(1, "Old", uidnext=1)))
    assert found.gone == (1,)


def test_a_rename_of_ours_without_answer() -> None:
    found = compare([INBOX, FolderListing("New", "/")], by_name(known(1, "Old", uidvalidity=None)), {"Old": "New"})
    assert dict(found.renamed) == {1: "New"}
    found = compare([INBOX, FolderListing("Old", "/")], by_name(known(1, "Old")), {"Old": "New"})
    assert (dict(found.renamed), found.gone) == ({}, ())


def test_a_name_taken_by_another_folder_does_not_inherit_its_id() -> None:
    found = compare([INBOX, listed("New", "M1"), FolderListing("Old", "/")], by_name(known(1, "Old", "M1")))
    assert dict(found.renamed) == {1: "New"}
    assert {item.name: item.mailbox_id for item in found.listed}["Old"] == ""


def test_inbox_is_always_there() -> None:
    found = compare([listed("Work")], by_name(known(1, "INBOX")))
    assert found.gone == ()
    assert {item.name: item.role for item in found.listed}["INBOX"] is FolderRole.INBOX
