# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders by keys: create, rename, delete, subscribe, and the ways to them."""

from pathlib import Path

import pytest

from tests.ui.harness import Desk, desk
from tuimail.model.folder import FolderRole


async def to_folder(here: Desk, name: str) -> None:
    """Put the tree's cursor on a folder."""
    tree = here.app.mailbox.folders
    if here.app.screen.focused is not tree:
        await here.press("t" if here.app.size.width < 100 else "shift+tab")
    await here.until(lambda: here.app.screen.focused is tree)
    index = next(at for at, entry in enumerate(tree.entries) if entry.folder is not None and entry.folder.name == name)
    tree.move_to(index)
    await here.pilot.pause()


async def in_tree(here: Desk, name: str) -> None:
    await here.until(
        lambda: any(entry.folder and entry.folder.name == name for entry in here.app.mailbox.folders.entries), name
    )


async def retype(here: Desk, text: str) -> None:
    """Replace what stands in the prompt, and answer."""
    await here.press("end", "ctrl+u")
    await here.type(text)
    await here.press("enter")


@pytest.mark.parametrize("name", ["Réunions", "Projekte/Zürich"])
async def test_create_and_undo(tmp_path: Path, name: str) -> None:
    async with desk(tmp_path) as here:
        await to_folder(here, "INBOX")
        await here.press("plus")
        await retype(here, name)
        await in_tree(here, name)
        await here.settled()
        assert name in here.servers.snapshot()
        await here.press("z")
        await here.settled()
        assert name not in here.servers.snapshot()
        assert here.folder(name) is None


async def test_a_name_that_is_taken_is_named(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await to_folder(here, "INBOX")
        await here.press("plus")
        await retype(here, "Lists/python")
        await here.sees("There is a folder “Lists/python” already.")
        assert here.app.screen is not here.app.mailbox


async def test_rename_with_all_below_and_undo(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.create_folder("Projekte/Köln/Dom")
        await here.press("dollar_sign")
        await in_tree(here, "Projekte/Köln/Dom")
        await to_folder(here, "Projekte/Köln")
        await here.press("R")
        await retype(here, "Projekte/Bonn")
        await in_tree(here, "Projekte/Bonn/Dom")
        await here.settled()
        assert {"Projekte/Bonn", "Projekte/Bonn/Dom"} <= here.servers.snapshot().keys()
        await here.press("z")
        await here.settled()
        assert {"Projekte/Köln", "Projekte/Köln/Dom"} <= here.servers.snapshot().keys()


async def test_delete_an_empty_folder_after_asking(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.create_folder("Empty")
        await here.press("dollar_sign")
        await in_tree(here, "Empty")
        await to_folder(here, "Empty")
        await here.press("D")
        await here.sees("Delete the empty folder Empty?")
        await here.press("n")
        assert here.folder("Empty") is not None
        await here.press("D", "y")
        await here.settled()
        assert "Empty" not in here.servers.snapshot()


async def test_a_folder_with_mail_goes_below_trash_and_comes_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        held = here.ids_on_server("Lists/python")
        assert held
        await to_folder(here, "Lists/python")
        await here.press("D")
        await here.sees("to the trash?")
        await here.press("y")
        await here.settled()
        assert here.ids_on_server("Trash/python") == held
        await here.press("z")
        await here.settled()
        assert here.ids_on_server("Lists/python") == held


async def test_where_trash_takes_no_folders_the_name_is_typed(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await to_folder(here, "Lists/python")
        await here.press("D", "y")
        await here.settled()
        await to_folder(here, "Trash/python")
        await here.press("D")
        await here.sees("no undo", "Type python")
        await here.type("pyth")
        await here.press("enter")
        await here.sees("That is not the same.")
        await here.type("on")
        await here.press("enter")
        await here.settled()
        assert "Trash/python" not in here.servers.snapshot()


async def test_a_folder_that_trash_refuses_is_deleted_for_good_the_next_time(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.faults.refuse["RENAME"] = "NO [CANNOT] Not across storages"
        await to_folder(here, "Lists/python")
        await here.press("D", "y")
        await here.said("delete it again")
        await here.settled()
        assert here.ids_on_server("Lists/python")
        await to_folder(here, "Projekte/Köln")
        await here.press("D")
        await here.sees("to the trash?")
        await here.press("n")
        await to_folder(here, "Lists/python")
        await here.press("D")
        await here.sees("no undo", "Type python")
        await here.type("python")
        await here.press("enter")
        await here.settled()
        assert "Lists/python" not in here.servers.snapshot()


async def test_folders_with_a_role_stay(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await to_folder(here, "Drafts")
        await here.press("D")
        await here.said("stays")


async def test_subscribe_unsubscribe_and_undo(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        before = here.folder("Lists/python")
        assert before is not None
        assert before.subscribed
        await to_folder(here, "Lists/python")
        await here.press("S")
        await here.settled()
        assert not (here.folder("Lists/python") or before).subscribed
        assert any("UNSUBSCRIBE" in line for line in here.servers.log)
        await here.press("z")
        await here.settled()
        assert (here.folder("Lists/python") or before).subscribed


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("i", FolderRole.INBOX),
        ("s", FolderRole.SENT),
        ("d", FolderRole.DRAFTS),
        ("a", FolderRole.ARCHIVE),
        ("t", FolderRole.TRASH),
        ("j", FolderRole.JUNK),
    ],
)
async def test_go_keys(tmp_path: Path, key: str, role: FolderRole) -> None:
    async with desk(tmp_path, messages=20) as here:
        await here.press("g")
        await here.sees("Junk", "Outbox")
        await here.press(key)
        account = here.engine.accounts.default
        assert account is not None
        wanted = here.engine.pages.with_role(account.id, role)
        assert wanted is not None
        assert here.place == wanted.name


async def test_who_goes_to_a_folder_is_in_its_list(tmp_path: Path) -> None:
    async with desk(tmp_path, messages=20) as here:
        await to_folder(here, "INBOX")
        await here.press("g", "s")
        await here.until(lambda: here.place == "Sent" and here.app.screen.focused is here.app.mailbox.list)


async def test_go_to_all_unread_and_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("g", "u")
        await here.sees("All unread")
        rows = [here.engine.pages.row(key) for key in here.listed]
        assert rows
        assert all(row is not None and row.unread for row in rows)
        await here.press("g", "i")
        assert here.place == "INBOX"


async def test_next_and_previous_folder(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("J")
        await here.until(lambda: here.place == "Drafts")
        await here.press("K")
        await here.until(lambda: here.place == "INBOX")


async def test_go_to_a_folder_from_the_palette(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("colon")
        await here.type("Go to folder")
        await here.sees("Choose a folder by typing")
        await here.press("enter")
        await here.sees("Type to filter")
        await here.type("köln")
        await here.press("enter")
        await here.until(lambda: here.place == "Projekte/Köln")


async def test_the_tree_shows_and_hides(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        tree = here.app.mailbox.folders
        assert tree.display
        width = here.app.mailbox.list.size.width
        await here.press("t")
        assert not tree.display
        assert here.app.mailbox.list.size.width > width
        await here.press("t")
        assert tree.display


async def test_on_a_narrow_screen_the_tree_takes_the_place_of_the_list(tmp_path: Path) -> None:
    async with desk(tmp_path, size=(80, 24)) as here:
        assert not here.app.mailbox.folders.display
        await here.press("t")
        await here.sees("Projekte")
        assert here.app.mailbox.folders.has_focus
        await here.press("escape")
        assert here.app.mailbox.list.has_focus
        await to_folder(here, "Sent")
        await here.press("enter")
        await here.until(lambda: here.place == "Sent")
        assert here.app.mailbox.list.has_focus
        assert not here.app.mailbox.folders.display


async def test_another_clients_changes_appear(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        raw = b"From: Ada <ada@example.org>\r\nSubject: Hot from the press\r\nMessage-ID: <hot@example.org>\r\n\r\nNew.\r\n"
        cursor = here.row.id
        here.servers.deliver(raw)
        await here.sees("Hot from the press")
        assert here.row.id == cursor
        row = await here.to_message(lambda row: "Hot" in row.envelope.subject)
        uid = next(shot.uid for shot in here.on_server("INBOX") if shot.message_id == "<hot@example.org>")
        here.servers.set_flags("INBOX", uid, frozenset({"\\Flagged"}))
        await here.until(lambda: here.engine.pages.row(row.id).starred)  # type: ignore[union-attr]
        here.servers.expunge("INBOX", uid)
        await here.until(lambda: row.id not in here.listed)


async def test_the_trees_cursor_stays_when_mail_arrives(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await to_folder(here, "Projekte/Köln")
        here.servers.deliver(b"From: a@example.org\r\nSubject: Knock knock\r\n\r\nx\r\n")
        await here.sees("Knock knock")
        folder = here.app.mailbox.folders.cursor_folder
        assert folder is not None
        assert folder.name == "Projekte/Köln"


async def test_the_cursor_goes_to_a_new_folder_also_where_its_parent_is_folded(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await to_folder(here, "Projekte")
        await here.press("left", "plus")
        await here.sees("New folder")
        await here.type("Lyon")
        await here.press("enter")

        def on_it() -> bool:
            folder = here.app.mailbox.folders.cursor_folder
            return folder is not None and folder.name == "Projekte/Lyon"

        await here.until(on_it, "the cursor on the new folder")
        assert "Lyon" in here.screen


async def test_what_cannot_be_done_to_a_folder_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await to_folder(here, "INBOX")
        await here.press("R")
        await here.said("INBOX cannot be renamed.")
        assert here.app.screen is here.app.mailbox
