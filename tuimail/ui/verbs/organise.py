# SPDX-License-Identifier: GPL-3.0-or-later
"""Archive, delete, move, copy, star, label: the verbs of every day."""

from collections.abc import Callable
from typing import ClassVar

from tuimail.engine.actions import Done
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import MessageId
from tuimail.ui.dialogs.choose_folder import ChooseFolder
from tuimail.ui.dialogs.confirm import Confirm
from tuimail.ui.dialogs.prompt import Prompt
from tuimail.ui.verbs.group import Commands, Verbs

Act = Callable[[tuple[MessageId, ...]], Done]


class Organise(Verbs):
    """What is done to messages."""

    def archive(self) -> None:
        """Move to the archive."""
        self._take_away(self.engine.actions.archive)

    def archive_thread(self) -> None:
        """Move whole conversations to the archive, as far as they lie in this folder."""
        messages = dict.fromkeys(
            other
            for message in self.mailbox.chosen()
            for other in self.engine.pages.thread(message)
            if (row := self.engine.pages.row(other)) is not None and row.folder == self._folder_of(message)
        )
        self._take_away(self.engine.actions.archive, tuple(messages))

    async def delete(self) -> None:
        """Move to Trash; in Trash (and where there is none) delete for good, after asking."""
        messages = self.mailbox.chosen()
        if not messages:
            return
        folder = self.engine.pages.folder(self._folder_of(messages[0]) or 0)  # type: ignore[arg-type]
        if folder is None or folder.role is not FolderRole.TRASH:
            self._take_away(self.engine.actions.trash, messages)
            return
        count = f"{len(messages):,} messages" if len(messages) > 1 else "this message"
        if await self.mailbox.ask(Confirm(f"Delete {count} for good? There is no undo.", yes="Delete for good")):
            self._take_away(self.engine.actions.delete_forever, messages)

    def junk(self) -> None:
        """Move to Junk; from there back to the inbox."""
        self._take_away(self.engine.actions.junk)

    async def move(self) -> None:
        """Move to a folder to be chosen."""
        messages = self.mailbox.chosen()
        folder = await self._choose_folder(messages, "Move to")
        if folder is not None:
            self._take_away(lambda chosen: self.engine.actions.move(chosen, folder.id), messages)

    async def copy_to(self) -> None:
        """Copy to a folder to be chosen."""
        messages = self.mailbox.chosen()
        folder = await self._choose_folder(messages, "Copy to")
        if folder is not None:
            self.mailbox.tell(self.engine.actions.copy(messages, folder.id))

    def star(self) -> None:
        """Star, or take the star off."""
        self._mark(self.engine.actions.toggle_star)

    def toggle_read(self) -> None:
        """Read or unread."""
        self._mark(self.engine.actions.toggle_read)

    async def label(self) -> None:
        """Add and remove keywords: ``work -later``."""
        messages = self.mailbox.chosen()
        if not messages:
            return
        row = self.engine.pages.row(messages[0])
        held = sorted(flag for flag in (row.flags if row else ()) if not flag.startswith(("\\", "$")))
        about = f"Now: {' '.join(held)}" if held else "Words to add; a - before a word takes it off"
        typed = await self.mailbox.ask(Prompt("Labels", help=about))
        words = (typed or "").split()
        if words:
            add = frozenset(word.removeprefix("+") for word in words if not word.startswith("-"))
            remove = frozenset(word[1:] for word in words if word.startswith("-") and len(word) > 1)
            self.mailbox.tell(self.engine.actions.set_flags(messages, add, remove))

    def undo(self) -> None:
        """Take back what was done last."""
        self.mailbox.take_back()

    def _take_away(self, act: Act, messages: tuple[MessageId, ...] | None = None) -> None:
        messages = self.mailbox.chosen() if messages is None else messages
        if messages:
            done = act(messages)
            self.mailbox.advance(messages)
            self.mailbox.tell(done)

    def _mark(self, act: Act) -> None:
        messages = self.mailbox.chosen()
        if messages:
            self.mailbox.tell(act(messages))

    async def _choose_folder(self, messages: tuple[MessageId, ...], title: str) -> Folder | None:
        row = self.engine.pages.row(messages[0]) if messages else None
        if row is None:
            return None
        folders = [folder for folder in self.engine.pages.folders(row.account) if folder.selectable]
        if name := self.account_names().get(row.account):
            title = f"{title} folder of {name}"
        chosen = await self.mailbox.ask(ChooseFolder(folders, title))
        return next((folder for folder in folders if folder.id == chosen), None)

    def _folder_of(self, message: MessageId) -> int | None:
        row = self.engine.pages.row(message)
        return row.folder if row is not None else None

    PERFORMS: ClassVar[Commands] = {
        "archive": archive,
        "archive_thread": archive_thread,
        "delete": delete,
        "junk": junk,
        "move": move,
        "copy_to": copy_to,
        "star": star,
        "toggle_read": toggle_read,
        "label": label,
        "undo": undo,
    }
