# SPDX-License-Identifier: GPL-3.0-or-later
from textual.app import ComposeResult

from tests.ui.widgets.support import PROBES, ThemedApp, screen_lines, screen_text
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import AccountId, FolderId
from tuimail.ui.widgets.folder_tree import FolderTree
from tuimail.ui.widgets.tree_entries import TreeAccount, VirtualFolder, build_entries


def folder(number: int, name: str, role: FolderRole | None = None, unread: int = 0, delimiter: str = "/") -> Folder:
    return Folder(FolderId(number), AccountId(1), name, delimiter, role, unread=unread, total=9)


FOLDERS = (
    folder(1, "Zebra"),
    folder(2, "INBOX", FolderRole.INBOX, 3),
    folder(3, "Trash", FolderRole.TRASH),
    folder(4, "Sent", FolderRole.SENT),
    folder(5, "Lists/python", unread=2),
    folder(6, "Lists/textual", unread=5),
    folder(7, "apple"),
)


def account(*folders: Folder, number: int = 1, name: str = "work") -> TreeAccount:
    return TreeAccount(AccountId(number), name, folders)


class TreeApp(ThemedApp):
    def __init__(self) -> None:
        super().__init__()
        self.tree_pane = FolderTree()
        self.selected: list[tuple[int | None, str | None]] = []

    def compose(self) -> ComposeResult:
        yield self.tree_pane

    def on_folder_tree_selected(self, event: FolderTree.Selected) -> None:
        self.selected.append((event.folder, event.virtual))


def test_roles_come_first_and_names_nest() -> None:
    entries = build_entries((account(*FOLDERS),), (), ())
    assert [(entry.label, entry.depth) for entry in entries] == [
        ("Inbox", 0),
        ("Sent", 0),
        ("Trash", 0),
        ("apple", 0),
        ("Lists", 0),
        ("python", 1),
        ("textual", 1),
        ("Zebra", 0),
    ]


def test_names_without_a_letter_can_be_seen() -> None:
    entries = build_entries((account(folder(1, "a//b"), folder(2, "\u2003")),), (), ())
    assert [entry.label for entry in entries] == ["a", "“”", "b", "“\u2003”"]


def test_a_collapsed_branch_counts_what_it_hides() -> None:
    entries = build_entries((account(*FOLDERS),), (), {("level", "1/Lists")})
    lists = next(entry for entry in entries if entry.label == "Lists")
    assert lists.collapsed
    assert lists.unread == 7
    assert "python" not in [entry.label for entry in entries]


def test_accounts_are_named_when_there_are_several_and_inbox_keeps_its_children() -> None:
    dotted = (folder(10, "INBOX", FolderRole.INBOX, delimiter="."), folder(11, "INBOX.Bills", delimiter="."))
    entries = build_entries((account(*dotted), account(folder(20, "INBOX", FolderRole.INBOX), number=2, name="home")), (), ())
    assert [(entry.label, entry.depth) for entry in entries] == [
        ("work", 0),
        ("Inbox", 1),
        ("Bills", 2),
        ("home", 0),
        ("Inbox", 1),
    ]


def test_a_thousand_levels_are_not_nested_a_thousand_times() -> None:
    names = ["/".join(["level"] * depth) for depth in range(1, 1001)]
    entries = build_entries((account(*(folder(number, name) for number, name in enumerate(names))),), (), ())
    assert sorted(entry.folder.name for entry in entries if entry.folder) == names
    assert [entry.depth for entry in entries] == [min(depth, 99) for depth in range(1000)]
    assert {entry.label for entry in entries[:100]} == {"level"}
    assert entries[100].label == "level/level", "the levels that are left"


def test_a_role_is_found_below_levels_and_takes_what_is_below_it() -> None:
    below = [folder(number, f"INBOX.a.b{rest}", delimiter=".") for number, rest in ((3, ".c.d"), (4, ""), (5, ".e"))]
    roles = folder(1, "INBOX", FolderRole.INBOX, delimiter="."), folder(2, "INBOX.a.b.c", FolderRole.SENT, delimiter=".")
    entries = build_entries((account(*roles, *below),), (), ())
    assert [(entry.label, entry.depth, entry.key) for entry in entries] == [
        ("Inbox", 0, ("folder", 1)),
        ("a", 1, ("level", "1/INBOX/a")),
        ("b", 2, ("folder", 4)),
        ("e", 3, ("folder", 5)),
        ("Sent", 0, ("folder", 2)),
        ("d", 1, ("folder", 3)),
    ]


async def test_opens_folders_and_virtual_ones() -> None:
    app = TreeApp()
    async with app.run_test(size=(30, 20)) as pilot:
        app.tree_pane.show(
            (account(*FOLDERS),), (VirtualFolder("unread", "All unread", 10), VirtualFolder("outbox", "Outbox", 1))
        )
        await pilot.pause()
        lines = screen_lines(app)
        assert "All unread" in lines[0]
        assert lines[0].rstrip().endswith("10")
        app.tree_pane.perform("open")
        app.tree_pane.move_to(2)
        app.tree_pane.perform("open")
        await pilot.pause()
        assert app.selected == [(None, "unread"), (2, None)]
        assert app.tree_pane.perform("next_folder")
        await pilot.pause()
        assert app.selected[-1] == (4, None)


async def test_cursor_stays_on_its_folder_when_folders_come() -> None:
    app = TreeApp()
    async with app.run_test(size=(30, 20)) as pilot:
        app.tree_pane.show((account(*FOLDERS),))
        app.tree_pane.mark_open(FolderId(7))
        app.tree_pane.show((account(*FOLDERS, folder(30, "aardvark")),))
        await pilot.pause()
        assert app.tree_pane.cursor_folder is not None
        assert app.tree_pane.cursor_folder.name == "apple"


async def test_folding_by_key() -> None:
    app = TreeApp()
    async with app.run_test(size=(30, 20)) as pilot:
        app.tree_pane.show((account(*FOLDERS),))
        app.tree_pane.mark_open(FolderId(6))
        app.tree_pane.perform("fold")
        assert app.tree_pane.cursor_entry is not None
        assert app.tree_pane.cursor_entry.label == "Lists"
        app.tree_pane.perform("fold")
        await pilot.pause()
        assert "python" not in screen_text(app)
        app.tree_pane.perform("unfold")
        await pilot.pause()
        assert "python" in screen_text(app)


async def test_markup_in_names_is_only_text() -> None:
    app = TreeApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.tree_pane.show((account(*(folder(number, probe, delimiter="") for number, probe in enumerate(PROBES))),))
        await pilot.pause()
        text = screen_text(app)
        for probe in PROBES:
            assert probe in text
