# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders that are open for writing only as long as something is written, for `quirks.writes_when_left`.

Such a server changes the file when the folder is left, from what it read when the folder was opened: what others wrote in
between is lost. So the time between the two is kept short, and in all other time the folder is open to read only.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tuimail.backends.imap import select
from tuimail.backends.imap.session import Session
from tuimail.backends.port import KnownState, Selected
from tuimail.model.errors import ServerRefused

T = TypeVar("T")


async def opened(session: Session, folder: str, known: KnownState | None, *, fresh: bool) -> Selected:
    """What SELECT tells of a folder. Where the server writes late, EXAMINE follows."""
    if session.could_write and session.could_write[0] is session.mailbox and not fresh and known is None:
        mailbox, selected = session.could_write
        if mailbox.name == folder:
            return selected
    selected = await select.select(session, folder, known, read_only=False, fresh=fresh)
    if session.writes_late:
        await _close(session, folder, selected)
    return selected


async def written(session: Session, change: Callable[[Session], Awaitable[T]]) -> T:
    """Change something in the selected folder. Raises ServerRefused with code CLOSED where it was numbered anew meanwhile."""
    if not session.writes_late:
        return await change(session)
    before = session.current()
    now = await select.select(session, before.name, None, read_only=False)
    try:
        if now.uidvalidity != before.state.uidvalidity:
            raise ServerRefused("The server renumbered this folder.", "Try it again.", code="CLOSED")
        return await change(session)
    finally:
        await _close(session, before.name, now)


async def _close(session: Session, folder: str, selected: Selected) -> None:
    await select.select(session, folder, None, read_only=True)
    session.could_write = session.current(), selected
