# SPDX-License-Identifier: GPL-3.0-or-later
"""Archive, delete, move, copy, star, label: the verbs of every day."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from tuimail.engine.actions import Actions, Done
from tuimail.engine.bulk import MANY
from tuimail.engine.lists import MessageList
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import MessageId
from tuimail.ui import dialogs
from tuimail.ui.verbs.group import Commands, Verbs

Act = Callable[[Actions, tuple[MessageId, ...]], Done]
Doing = Awaitable[None] | None
"""What takes time is awaited."""


class Organise(Verbs):
    """What is done to messages."""

    def archive(self) -> Doing:
        """Move to the archive."""
        return self._take_away(Actions.archive)

    def archive_thread(self) -> Doing:
        """Move whole conversations to the archive, as far as they lie in this folder."""
        messages = dict.fromkeys(
            other
            for message in self.mailbox.chosen()
            for other in self.engine.pages.thread(message)
            if (row := self.engine.pages.row(other)) is not None and row.folder == self._folder_of(message)
        )
        return self._take_away(Actions.archive, tuple(messages))

    async def delete(self) -> None:
        """Move to Trash; in Trash (and where there is none) delete for good, after asking."""
        messages = self.mailbox.chosen()
        if not messages:
            return
        folder = self.engine.pages.folder(self._folder_of(messages[0]) or 0)  # type: ignore[arg-type]
        if folder is None or folder.role is not FolderRole.TRASH:
            await self._done(self._take_away(Actions.trash, messages))
            return
        count = f"{len(messages):,} messages" if len(messages) > 1 else "this message"
        if await self.mailbox.ask(dialogs.Confirm(f"Delete {count} for good? There is no undo.", yes="Delete for good")):
            await self._done(self._take_away(Actions.delete_forever, messages))

    def junk(self) -> Doing:
        """Move to Junk; from there back to the inbox."""
        return self._take_away(Actions.junk)

    async def move(self) -> None:
        """Move to a folder to be chosen."""
        messages = self.mailbox.chosen()
        folder = await self._choose_folder(messages, "Move to")
        if folder is not None:
            await self._done(self._take_away(lambda actions, chosen: actions.move(chosen, folder.id), messages))

    async def copy_to(self) -> None:
        """Copy to a folder to be chosen."""
        messages = self.mailbox.chosen()
        folder = await self._choose_folder(messages, "Copy to")
        if folder is not None:
            self.mailbox.tell(self.engine.actions.copy(messages, folder.id))

    def star(self) -> Doing:
        """Star, or take the star off."""
        return self._mark(FLAGGED, Actions.toggle_star)

    def toggle_read(self) -> Doing:
        """Read or unread."""
        return self._mark(SEEN, Actions.toggle_read)

    async def label(self) -> None:
        """Add and remove keywords: ``work -later``."""
        messages = self.mailbox.chosen()
        if not messages:
            return
        row = self.engine.pages.row(messages[0])
        held = sorted(flag for flag in (row.flags if row else ()) if not flag.startswith(("\\", "$")))
        about = f"Now: {' '.join(held)}" if held else "Words to add; a - before a word takes it off"
        typed = await self.mailbox.ask(dialogs.Prompt("Labels", help=about))
        words = (typed or "").split()
        if words:
            add = frozenset(word.removeprefix("+") for word in words if not word.startswith("-"))
            remove = frozenset(word[1:] for word in words if word.startswith("-") and len(word) > 1)
            self.mailbox.tell(self.engine.actions.set_flags(messages, add, remove))

    def undo(self) -> Doing:
        """Take back what was done last."""
        if self.engine.bulk.is_busy:
            return self._undo_in_turn()
        return self.mailbox.take_back()

    async def _undo_in_turn(self) -> None:
        await self.engine.bulk.settled()
        await self._done(self.mailbox.take_back())

    def _take_away(self, act: Act, messages: tuple[MessageId, ...] | None = None) -> Doing:
        messages = self.mailbox.chosen() if messages is None else messages
        if len(messages) > MANY:
            return self._take_many_away(act, messages)
        if messages:
            done = act(self.engine.actions, messages)
            self.mailbox.advance(messages)
            self.mailbox.tell(done)
        return None

    async def _take_many_away(self, act: Act, messages: tuple[MessageId, ...]) -> None:
        """Off the screen at once; they come back where it was refused."""
        self.mailbox.advance(messages)
        source = self.mailbox.list.source
        shown = source.hide(messages) if isinstance(source, MessageList) else None
        self.mailbox.list.rows_changed()
        try:
            done = await self.engine.bulk.do(lambda actions: act(actions, messages))
        finally:
            if shown is not None:
                shown()
            self.mailbox.refresh_list()
        self.mailbox.tell(done)

    def _mark(self, flag: str, toggle: Act) -> Doing:
        messages = self.mailbox.chosen()
        if len(messages) > MANY:
            return self._mark_many(flag, toggle, messages)
        if messages:
            self.mailbox.tell(toggle(self.engine.actions, messages))
        return None

    async def _mark_many(self, flag: str, toggle: Act, messages: tuple[MessageId, ...]) -> None:
        """Drawn with the flag, or without it, before that is written."""
        flags = frozenset({flag})
        lacking = await self.engine.bulk.any_without(flag, messages)
        source = self.mailbox.list.source
        written = None
        if isinstance(source, MessageList):
            written = source.expect(set(messages), flags if lacking else frozenset(), frozenset() if lacking else flags)
        self.mailbox.list.rows_changed()
        try:
            done = await self.engine.bulk.do(lambda actions: toggle(actions, messages))
        finally:
            if written is not None:
                written()
            self.mailbox.list.rows_changed()
        self.mailbox.tell(done)

    async def _done(self, doing: Doing) -> None:
        if doing is not None:
            await doing

    async def _choose_folder(self, messages: tuple[MessageId, ...], title: str) -> Folder | None:
        row = self.engine.pages.row(messages[0]) if messages else None
        if row is None:
            return None
        folders = [folder for folder in self.engine.pages.folders(row.account) if folder.selectable]
        if name := self.account_names().get(row.account):
            title = f"{title} folder of {name}"
        chosen = await self.mailbox.ask(dialogs.ChooseFolder(folders, title))
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
