# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries what is done to folders, and messages that are put into one."""

import asyncio
import contextlib

from tuimail.model.action import Append, CreateFolder, DeleteFolder, Expunge, RenameFolder, Subscribe
from tuimail.model.errors import MailMalformed, ServerRefused, TryLater
from tuimail.model.folder import FolderRole
from tuimail.model.overlay import new_name
from tuimail.model.uidset import UidSet
from tuimail.store.folders import ServerFolder
from tuimail.sync.carriage import GONE, Carriage
from tuimail.sync.carry_messages import expunge
from tuimail.sync.postponed import NotTaken, full

KEPT = "It is kept here and offered again later."
FILES_SENT = "files-sent"
"""Learned fact: who puts a copy of sent mail into the Sent folder, ``server`` or ``client``."""


def trash_refuses(top: str) -> str:
    """Learned fact: the server moves no folder below Trash that stands under this name: it may be another user's."""
    return f"trash-refuses {top}"


async def create_folder(carriage: Carriage, action: CreateFolder) -> None:
    """CREATE, with the levels above where the server does not make them, and SUBSCRIBE."""
    store, backend = carriage.store, carriage.backend
    shown = store.folders.get(action.folder)
    if shown is None:
        return
    carriage.begin()
    try:
        await backend.create(action.name, shown.role)
    except ServerRefused:
        above = _levels_above(action.name, shown.delimiter)
        if not above:
            raise
        for name in above:
            await backend.create(name)
        await backend.create(action.name, shown.role)
    if action.subscribe:
        with contextlib.suppress(ServerRefused):
            await backend.subscribe(action.name, subscribed=True)
    store.folders.set_server_name(action.folder, action.name, subscribed=action.subscribe)


async def rename_folder(carriage: Carriage, action: RenameFolder) -> None:
    """RENAME; subscriptions go along, which servers leave behind (RFC 9051 §6.3.6).

    Where the server does not move the folder below Trash, that is learned: it can be deleted for good.
    """
    store, backend, account = carriage.store, carriage.backend, carriage.waiting.account
    found = store.folders.server_folder(action.folder)
    known = store.folders.on_server(account)
    if found is None:
        if action.new in known and action.old not in known:
            return
        raise ServerRefused(GONE, code="NONEXISTENT")
    if found.name == action.new:
        return
    carriage.begin()
    try:
        await backend.rename(found.name, action.new)
    except ServerRefused as error:
        trash = store.folders.by_role(account, FolderRole.TRASH)
        below_trash = trash is not None and trash.delimiter and action.new.startswith(trash.name + trash.delimiter)
        if not below_trash or error.code not in ("", "CANNOT"):
            raise
        store.accounts.learn(account, trash_refuses(found.name.partition(found.delimiter or "/")[0]), "yes")
        raise ServerRefused(error.message, "To delete it for good, delete it again.", code=error.code) from error
    store.folders.set_server_name(action.folder, action.new)
    for name, folder in known.items():
        renamed = new_name(name, found.delimiter, found.name, action.new)
        if folder.subscribed and renamed is not None and renamed != name:
            with contextlib.suppress(ServerRefused):
                await backend.subscribe(renamed, subscribed=True)
                await backend.subscribe(name, subscribed=False)


async def delete_folder(carriage: Carriage, action: DeleteFolder) -> None:
    """DELETE, and UNSUBSCRIBE so that no dead name stays in the list."""
    found = carriage.store.folders.server_folder(action.folder)
    if found is not None:
        if action.only_empty and (await carriage.backend.select(found.name, read_only=True)).exists:
            raise ServerRefused("There are messages in the folder by now, so it stays.", "Delete it again, if they may go.")
        carriage.begin()
        await carriage.backend.delete(found.name)
        with contextlib.suppress(ServerRefused):
            await carriage.backend.subscribe(found.name, subscribed=False)
    carriage.store.folders.remove(action.folder)


async def subscribe(carriage: Carriage, action: Subscribe) -> None:
    """SUBSCRIBE or UNSUBSCRIBE."""
    found = carriage.target(action.folder)
    carriage.begin()
    await carriage.backend.subscribe(found.name, action.subscribed)
    carriage.store.folders.set_server_subscribed(action.folder, action.subscribed)


async def append(carriage: Carriage, action: Append) -> None:
    """APPEND, unless it is there already; then what it replaces goes. Raises NotTaken where it is kept for another time."""
    target = _appended_to(carriage, action)
    message = await asyncio.to_thread(carriage.store.blobs.read, action.blob)
    there = carriage.waiting.id in carriage.stored
    if not there and (action.look_first or carriage.uncertain):
        there = await _is_there(carriage, action, target, len(message))
        if not carriage.uncertain and target.role is FolderRole.SENT:
            carriage.store.accounts.learn(carriage.waiting.account, FILES_SENT, "server" if there else "client")
    if not there:
        carriage.check_repeatable()
        async with carriage.truth:
            carriage.begin()
        try:
            await carriage.into(target, lambda: carriage.backend.append(target.name, message, action.flags, action.date, None))
        except (ServerRefused, MailMalformed) as error:
            if isinstance(error, ServerRefused) and error.code == "OVERQUOTA":
                raise NotTaken(full()) from error
            if not action.only_copy:
                raise
            raise NotTaken(
                TryLater(f"The message was sent, but {target.name} does not take it. {error.message}", KEPT)
            ) from error
        carriage.stored.add(carriage.waiting.id)
    carriage.touched.add(target.id)
    if action.replaces:
        await expunge(carriage, Expunge(action.replaces))


def _appended_to(carriage: Carriage, action: Append) -> ServerFolder:
    """The folder; where that of sent mail is gone, the one that is in its place now. Raises what `Carriage.target` raises."""
    try:
        return carriage.target(action.folder)
    except ServerRefused as error:
        if not action.only_copy:
            raise
        folder = carriage.store.folders.by_role(carriage.waiting.account, FolderRole.SENT)
        if folder is None:
            raise NotTaken(TryLater("The message was sent, but the folder for sent mail is gone.", KEPT)) from error
        return carriage.target(folder.id)


async def _is_there(carriage: Carriage, action: Append, target: ServerFolder, size: int) -> bool:
    """By Message-ID; after an attempt without an answer, by what came since, too."""
    if carriage.uncertain and _came(carriage, action, size):
        return True
    if not action.message_id:
        return False
    try:
        await carriage.backend.select(target.name)
    except ServerRefused as error:
        if error.code != "NONEXISTENT":
            raise
        return False
    found = await carriage.backend.find_message_id(action.message_id)
    if carriage.uncertain:  # another message of that name was there before
        rows = carriage.store.messages.at(target.id, found)
        before = {row.id for row in carriage.store.arrivals.alike(rows.values()) if row.born < carriage.waiting.attempt}
        found -= UidSet.of(uid for uid, row in rows.items() if row in before)
    return bool(found)


def _came(carriage: Carriage, action: Append, size: int) -> bool:
    """Whether the message was seen since the first attempt: anywhere, for another program may have moved it on.

    Without a Message-ID only in the folder. The size counts, for mail to oneself arrives under the same Message-ID.
    """
    store, waiting = carriage.store, carriage.waiting
    born = store.arrivals.born_since(waiting.account, waiting.attempt, (action.message_id,))
    at = store.messages.places(row.id for row in born)
    return any(row.size == size and (action.message_id or at[row.id].folder == action.folder) for row in born)


def _levels_above(name: str, delimiter: str) -> list[str]:
    """``a/b/c`` → ``a``, ``a/b``."""
    levels = name.split(delimiter) if delimiter else [name]
    return [delimiter.join(levels[:count]) for count in range(1, len(levels))]
