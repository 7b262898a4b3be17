# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder tree: what LIST told, with waiting actions over it."""

import pytest

from tests.store.mailbox import NAMES, Mailbox, listed, mail
from tuimail.model.action import CreateFolder, DeleteFolder, Move, RenameFolder, SetFlags
from tuimail.model.flags import SEEN
from tuimail.model.folder import FolderRole
from tuimail.store.folders import Cursor


def test_a_listing_is_shown(box: Mailbox) -> None:
    assert box.tree() == sorted(NAMES)
    assert not box.list_folders(*NAMES)
    assert box.list_folders(*NAMES, "New")
    assert "New" in box.tree()
    assert box.store.folders.by_name(box.account, "inbox") == box.shown("INBOX")


def test_a_folder_that_went_takes_its_messages_along(box: Mailbox) -> None:
    (message,) = box.deliver("Lists", mail(1))
    folder = box.folder("Lists")
    box.list_folders("INBOX", "Archive", "Trash")
    assert box.tree() == ["Archive", "INBOX", "Trash"]
    assert box.store.folders.server_folder(folder) is None
    assert box.store.messages.row(message) is None


def test_what_waits_outlives_the_folder_it_was_in(box: Mailbox) -> None:
    moved, starred = box.deliver("Lists", mail(1), mail(2))
    box.store.actions.perform([Move((moved,), box.folder("Archive"))], "Archived")
    box.store.actions.perform([SetFlags((starred,), frozenset({SEEN}))], "Read")
    box.list_folders("INBOX", "Archive", "Trash")
    assert (box.ids("Archive"), box.counts("Archive")) == ([moved], (1, 1))
    assert [row.id for row in box.store.arrivals.in_limbo(box.account)] == [moved, starred]
    assert box.store.messages.thread(starred) == ()


def test_a_folder_that_went_gives_back_what_was_to_be_moved_there(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Move((message,), box.folder("Lists"))], "Moved")
    box.list_folders("INBOX", "Archive", "Trash")
    assert (box.ids("INBOX"), box.counts("INBOX")) == ([message], (1, 1))


def test_a_renamed_folder_keeps_its_id_and_messages(box: Mailbox) -> None:
    (message,) = box.deliver("Lists", mail(1))
    old, below = box.folder("Lists"), box.folder("Lists/python")
    names = ("INBOX", "Archive", "Trash", "Groups", "Groups/python")
    changed = box.store.folders.apply_listing(
        box.account, [listed(name) for name in names], {old: "Groups", below: "Groups/python"}, []
    )
    assert changed
    assert (box.folder("Groups"), box.folder("Groups/python"), box.ids("Groups")) == (old, below, [message])
    assert box.tree() == sorted(names)


def test_two_folders_can_swap_their_names(box: Mailbox) -> None:
    archive, trash = box.folder("Archive"), box.folder("Trash")
    box.store.folders.apply_listing(box.account, [listed(name) for name in NAMES], {archive: "Trash", trash: "Archive"}, [])
    assert (box.folder("Trash"), box.folder("Archive")) == (archive, trash)


@pytest.mark.parametrize("delimiter", ["/", "."])
def test_a_waiting_rename_takes_the_folders_below_along(box: Mailbox, delimiter: str) -> None:
    below = f"Lists{delimiter}python"
    box.list_folders("INBOX", "Lists", below, "Listserv", delimiter=delimiter)
    box.store.actions.perform([RenameFolder(box.folder("Lists"), "Lists", "Groups")], "Renamed")
    assert box.tree() == ["Groups", f"Groups{delimiter}python", "INBOX", "Listserv"]
    assert box.shown(f"Groups{delimiter}python").waiting
    assert not box.list_folders("INBOX", "Lists", below, "Listserv", delimiter=delimiter)
    assert box.tree() == ["Groups", f"Groups{delimiter}python", "INBOX", "Listserv"]
    box.carry()
    assert set(box.store.folders.on_server(box.account)) == {"Groups", f"Groups{delimiter}python", "INBOX", "Listserv"}
    assert not box.shown("Groups").waiting


def test_a_waiting_deletion_hides_the_folder_and_its_unread_mail(box: Mailbox) -> None:
    (message,) = box.deliver("Lists/python", mail(1))
    assert list(box.store.messages.unread()) == [message]
    box.store.actions.perform([DeleteFolder(box.folder("Lists/python"))], "Deleted")
    assert "Lists/python" not in box.tree()
    assert list(box.store.messages.unread()) == []
    box.carry()
    assert box.store.messages.row(message) is None


def test_a_waiting_folder_is_the_one_that_list_tells(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    folder = box.store.folders.add_waiting(box.account, "/")
    box.store.actions.perform([CreateFolder(folder, "New"), Move((message,), folder)], "Moved")
    box.list_folders(*NAMES, "New")
    assert (box.folder("New"), box.ids("New"), box.tree().count("New")) == (folder, [message], 1)
    box.carry()
    assert (box.folder("New"), box.ids("New"), box.shown("New").waiting) == (folder, [message], False)


def test_a_waiting_folder_renamed_meanwhile_is_still_the_one_that_list_tells(box: Mailbox) -> None:
    folder = box.store.folders.add_waiting(box.account, "/")
    box.store.actions.perform([CreateFolder(folder, "New")], "Created")
    box.store.actions.perform([RenameFolder(folder, "New", "Newer")], "Renamed")
    box.list_folders(*NAMES, "New")
    assert (box.folder("Newer"), "New" in box.tree()) == (folder, False)


def test_a_folder_that_another_program_made_first_stays_when_the_wish_is_taken_back(box: Mailbox) -> None:
    folder = box.store.folders.add_waiting(box.account, "/")
    box.store.actions.perform([CreateFolder(folder, "New")], "Created")
    box.list_folders(*NAMES, "New")
    box.store.actions.undo()
    assert (box.folder("New"), box.store.actions.count()) == (folder, 0)


def test_a_created_folder_takes_over_a_row_that_got_its_name_meanwhile(box: Mailbox) -> None:
    (held,) = box.deliver("Lists", mail(1))
    (moved,) = box.deliver("INBOX", mail(1))
    folder = box.store.folders.add_waiting(box.account, "/")
    box.store.actions.perform([CreateFolder(folder, "New")], "Created")
    box.store.actions.perform([Move((moved,), box.folder("Lists"))], "Moved")
    names = ("INBOX", "Archive", "Trash", "New", "Lists/python")
    box.store.folders.apply_listing(box.account, [listed(name) for name in names], {box.folder("Lists"): "New"}, [])
    creation, _ = box.store.actions.waiting(box.account)
    box.store.folders.set_server_name(folder, "New")
    box.store.actions.finish(creation.id)
    assert (box.folder("New"), box.tree().count("New")) == (folder, 1)
    assert sorted(box.ids("New")) == [held, moved]
    assert box.counts("New") == (2, 2)
    assert [waiting.action for waiting in box.store.actions.waiting(box.account)] == [Move((moved,), folder)]


def test_roles_cursors_and_what_has_no_row_yet(box: Mailbox) -> None:
    folders, folder = box.store.folders, box.folder("Archive")
    folders.set_role(folder, FolderRole.ARCHIVE)
    assert folders.by_role(box.account, FolderRole.ARCHIVE) == box.shown("Archive")
    cursor = Cursor(uidvalidity=3, uidnext=100, highestmodseq=2**62, filled_from=50)
    folders.set_cursor(folder, cursor)
    held = folders.server_folder(folder)
    assert held is not None
    assert held.cursor == cursor
    box.fill("Archive", 3)
    folders.set_unlisted(folder, 40, 7)
    assert (box.counts("Archive"), folders.server_counts(folder)) == ((43, 8), (3, 1))
    folders.set_unlisted(folder, -1, -1)
    assert box.counts("Archive") == (3, 1)


def test_server_names_move_along_below(box: Mailbox) -> None:
    box.store.folders.set_server_name(box.folder("Lists"), "Groups", subscribed=False)
    assert {"Groups", "Groups/python"} < set(box.store.folders.on_server(box.account))
    assert not box.store.folders.on_server(box.account)["Groups"].subscribed


def test_undo_brings_a_deleted_empty_folder_back(box: Mailbox) -> None:
    folder = box.folder("Lists")
    performed = box.store.actions.perform([DeleteFolder(folder)], "Deleted Lists")
    (waiting,) = box.store.actions.waiting(box.account)
    box.store.actions.start(waiting.id)
    box.store.folders.remove(folder)
    box.store.actions.finish(waiting.id)
    assert "Lists" not in box.tree()

    box.store.actions.undo(performed.undo)

    back = box.shown("Lists")
    assert (back.id, back.delimiter, back.waiting) == (folder, "/", True)


def test_older_messages_come_in_the_order_in_which_they_are_wanted(box: Mailbox) -> None:
    box.list_folders("INBOX", "Archive", "A", "B", "C", "D")
    folders, opened = box.store.folders, box.folder("C")
    folders.set_role(box.folder("INBOX"), FolderRole.INBOX)
    folders.set_role(box.folder("Archive"), FolderRole.ARCHIVE)
    for name in box.tree():
        folders.set_cursor(box.folder(name), Cursor(uidvalidity=1, uidnext=9, filled_from=5))
    folders.filled(box.folder("A"), 1, 1)
    came = []
    while (found := folders.next_unfilled(box.account, box.folder("D"), [opened], [box.folder("B")])) is not None:
        came.append(found.name)
        folders.filled(found.id, 1, 1)
    assert came == ["D", "INBOX", "Archive", "C"]
    found = folders.next_unfilled(box.account, None, [], [])
    assert found is not None
    assert found.name == "B"
