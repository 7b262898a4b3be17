# SPDX-License-Identifier: GPL-3.0-or-later
"""Going to folders, and what the folder tree can do."""

from functools import partial
from typing import ClassVar

from tuimail.engine.actions import check_renamable
from tuimail.model.errors import InputWrong
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import AccountId
from tuimail.ui import dialogs
from tuimail.ui.verbs.group import Commands, Verbs


class Going(Verbs):
    """Ways to a folder."""

    def go(self, role: FolderRole) -> None:
        """Open the folder with that role, of the account whose folder is on the screen."""
        folder = self.engine.pages.with_role(self._account(), role)
        if folder is None:
            raise InputWrong(f"This account has no {role} folder.", "g and the palette reach the folders that it has.")
        self.mailbox.show_folder(folder.id)
        self.mailbox.focus_main()

    def go_unread(self) -> None:
        """List all unread mail."""
        self.mailbox.show_unread()
        self.mailbox.focus_main()

    async def go_folder(self) -> None:
        """Choose a folder by a part of its name."""
        folders = [folder for folder in self.engine.pages.folders() if folder.selectable]
        chosen = await self.mailbox.ask(dialogs.ChooseFolder(folders, "Go to", accounts=self.account_names()))
        if chosen is not None:
            self.mailbox.show_folder(chosen)
            self.mailbox.focus_main()

    def next_folder(self) -> None:
        """The folder after the one on the screen, in the tree's order."""
        self.mailbox.folders.select_next()

    def previous_folder(self) -> None:
        """The folder before it."""
        self.mailbox.folders.select_previous()

    def _account(self) -> AccountId:
        folder = self.engine.pages.folder(self.mailbox.folder) if self.mailbox.folder is not None else None
        if folder is not None:
            return folder.account
        default = self.engine.accounts.default
        if default is None:
            raise InputWrong("There is no account.", "Add one with: tuimail account add.")
        return default.id

    PERFORMS: ClassVar[Commands] = {
        "go_inbox": lambda self: self.go(FolderRole.INBOX),
        "go_sent": lambda self: self.go(FolderRole.SENT),
        "go_drafts": lambda self: self.go(FolderRole.DRAFTS),
        "go_archive": lambda self: self.go(FolderRole.ARCHIVE),
        "go_trash": lambda self: self.go(FolderRole.TRASH),
        "go_junk": lambda self: self.go(FolderRole.JUNK),
        "go_unread": go_unread,
        "go_folder": go_folder,
        "next_folder": next_folder,
        "previous_folder": previous_folder,
    }


class Tree(Verbs):
    """What is done to folders."""

    async def new_folder(self) -> None:
        """Create a folder, below the one under the cursor unless its name says otherwise."""
        parent = self._under_cursor()
        account = self.mailbox.folders.cursor_account or self._any_account()
        start = f"{parent.name}{parent.delimiter}" if parent and parent.delimiter and parent.role is None else ""
        wrong = partial(self.engine.actions.wrong_with_name, account)
        prompt = dialogs.Prompt("New folder", value=start, help="Levels are separated by /", check=wrong)
        name = await self.mailbox.ask(prompt)
        if name:
            done = self.engine.actions.create_folder(account, name)
            if done.folder is not None:
                self.mailbox.folders.seek(done.folder)
            self.mailbox.tell(done)

    async def rename_folder(self) -> None:
        """Rename the folder under the cursor."""
        folder = self._needed()
        check_renamable(folder)

        def wrong(name: str) -> str | None:
            return None if name == folder.name else self.engine.actions.wrong_with_name(folder.account, name)

        name = await self.mailbox.ask(dialogs.Prompt(f"Rename {folder.name}", value=folder.name, check=wrong))
        if name and name != folder.name:
            self.mailbox.tell(self.engine.actions.rename_folder(folder.id, name))

    async def delete_folder(self) -> None:
        """Delete the folder under the cursor: below Trash where messages are in it, else at once; asked first."""
        deletion = self.engine.actions.deletion_of(self._needed().id)
        name = deletion.folder.name
        inside = f"{deletion.messages:,} messages" + (f" and {deletion.folders} folders" if deletion.folders else "")
        if deletion.for_good:
            question = f"{name} with {inside} would be deleted for good; there is no undo. Type its name to do so."
            dialog = dialogs.Confirm(question, yes="Delete for good", typed=deletion.folder.leaf)
        elif deletion.below_trash:
            dialog = dialogs.Confirm(f"Move {name} with {inside} to the trash?", yes="Move to trash")
        else:
            dialog = dialogs.Confirm(f"Delete the empty folder {name}?", yes="Delete")
        if await self.mailbox.ask(dialog):
            self.mailbox.tell(self.engine.actions.delete_folder(deletion))

    def subscribe(self) -> None:
        """Subscribe or unsubscribe."""
        self.mailbox.tell(self.engine.actions.subscribe(self._needed().id))

    async def purge(self) -> None:
        """Remove what is marked as deleted on a server that cannot delete single messages; whoever marked it."""
        folder = self.engine.pages.folder(self.mailbox.folder) if self.mailbox.folder is not None else None
        count = self.engine.actions.marked_deleted(folder.id) if folder is not None else 0
        if folder is None or not count:
            raise InputWrong("Nothing is marked as deleted in this folder.")
        question = (
            f"Remove {count:,} messages from {folder.name} that are marked as deleted, whoever marked them? There is no undo."
        )
        if await self.mailbox.ask(dialogs.Confirm(question, yes="Remove for good")):
            self.mailbox.tell(await self.engine.actions.purge(folder.id))

    def _under_cursor(self) -> Folder | None:
        return self.mailbox.folders.cursor_folder

    def _needed(self) -> Folder:
        folder = self._under_cursor()
        if folder is None:
            raise InputWrong("Put the cursor on a folder first.")
        return folder

    def _any_account(self) -> AccountId:
        default = self.engine.accounts.default
        if default is None:
            raise InputWrong("There is no account.", "Add one with: tuimail account add.")
        return default.id

    PERFORMS: ClassVar[Commands] = {
        "new_folder": new_folder,
        "rename_folder": rename_folder,
        "delete_folder": delete_folder,
        "subscribe": subscribe,
        "purge": purge,
    }
