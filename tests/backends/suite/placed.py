# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests' names of folders on a server that has them elsewhere: ``Work/Maps`` is ``INBOX.Work.Maps`` on Courier."""

from collections.abc import Sequence
from dataclasses import replace

from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.imap.select import leave
from tuimail.backends.port import (
    Appended,
    Copied,
    FolderListing,
    FolderStatus,
    KnownState,
    Opening,
    ProgressSink,
    Selected,
    Upload,
)
from tuimail.model.flags import Flags
from tuimail.model.folder import FolderRole
from tuimail.model.uidset import UidSet

_PREFIX = "INBOX."


def there(name: str) -> str:
    """A test's name, as the server has it."""
    return name if name in ("INBOX", "") else _PREFIX + name.replace("/", ".")


def here(name: str) -> str:
    """A server's name, as the tests have it."""
    return name.removeprefix(_PREFIX).replace(".", "/") if name.startswith(_PREFIX) else name


class BelowInbox(ImapBackend):
    """The backend under test, told other names of folders; everything else is the backend's own."""

    @property
    def selected(self) -> str | None:
        name = super().selected
        return None if name is None else here(name)

    async def connect(self, opening: Opening | None = None) -> None:
        await super().connect(opening and replace(opening, folder=there(opening.folder)))

    async def folders(self) -> list[FolderListing]:
        found = await super().folders()
        return [replace(each, name=here(each.name), delimiter="/") for each in found]

    async def status(self, folder: str) -> FolderStatus:
        return await super().status(there(folder))

    async def select(
        self, folder: str, known: KnownState | None = None, *, read_only: bool = False, fresh: bool = True
    ) -> Selected:
        return await super().select(there(folder), known, read_only=read_only, fresh=fresh)

    async def copy(self, uids: UidSet, folder: str) -> Copied:
        return await super().copy(uids, there(folder))

    async def move(self, uids: UidSet, folder: str) -> Copied:
        return await super().move(uids, there(folder))

    async def append(
        self, folder: str, message: bytes, flags: Flags, date: int | None, progress: ProgressSink | None = None
    ) -> Appended:
        return await super().append(there(folder), message, flags, date, progress)

    async def append_all(self, folder: str, uploads: Sequence[Upload]) -> None:
        await super().append_all(there(folder), uploads)

    async def create(self, folder: str, role: FolderRole | None = None) -> None:
        await super().create(there(folder), role)

    async def rename(self, old: str, new: str) -> None:
        await self._leave(old)
        await super().rename(there(old), there(new))

    async def delete(self, folder: str) -> None:
        await self._leave(folder)
        await super().delete(there(folder))

    async def subscribe(self, folder: str, subscribed: bool) -> None:
        await super().subscribe(there(folder), subscribed)

    async def _leave(self, folder: str) -> None:
        """What the backend does itself, by the name that it selected."""
        if self.selected == folder:
            await leave(self._session)
