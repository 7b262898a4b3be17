# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries what is done to messages: flags, moves, copies, deletions. What is done already is not done again."""

import asyncio
from collections.abc import Mapping

from tuimail.backends.port import Copied
from tuimail.model.action import Copy, Expunge, Move, SetFlags
from tuimail.model.errors import ServerRefused
from tuimail.model.flags import FORWARDED, JUNK, MDN_SENT, NOT_JUNK, Flags
from tuimail.model.ids import FolderId, MessageId
from tuimail.model.uidset import UidSet
from tuimail.store.arrivals import Unplaced
from tuimail.store.folders import ServerFolder
from tuimail.sync.carriage import Blocked, Carriage, places
from tuimail.sync.delta import batches, in_pieces
from tuimail.sync.plan import pair

_COMMAND = 1000
"""Messages of one COPY or MOVE, so that its answer is recorded before the next."""
_OWN_KEYWORDS: Flags = frozenset({FORWARDED, JUNK, NOT_JUNK, MDN_SENT})
"""Set by tuimail itself besides what the user asked for: a server that keeps none costs no error."""
SOURCE_GONE = "The message to be copied was deleted by another program."


async def set_flags(carriage: Carriage, action: SetFlags) -> None:
    """UID STORE, folder by folder."""
    found = places(carriage.store, action.messages)
    for folder, members in found.by_folder.items():
        selected = await carriage.open(folder)
        keeps = action.add | action.remove if selected.any_keyword else selected.permanent_flags
        add, remove = action.add & keeps, action.remove & keeps
        if missing := {flag for flag in action.add - keeps - _OWN_KEYWORDS if not flag.startswith("\\")}:
            words = ", ".join(sorted(missing))
            raise ServerRefused(f"The server keeps no labels of one's own in this folder: {words}.", "Use another folder.")
        if add or remove:
            carriage.begin()
            await carriage.backend.store(UidSet.of(members), add, remove)
        for part in batches(list(members.values())):
            carriage.store.arrivals.stored(part, add, remove)
            await asyncio.sleep(0)
    _check_unplaced(carriage, found.unplaced, found.awaited_in)


async def expunge(carriage: Carriage, action: Expunge) -> None:
    r"""``\Deleted`` and UID EXPUNGE; without UIDPLUS the messages keep ``\Deleted`` and are hidden."""
    found = places(carriage.store, action.messages)
    for folder, members in found.by_folder.items():
        await carriage.open(folder)
        carriage.begin()
        removed = await carriage.backend.expunge(UidSet.of(members))
        for part in batches(list(members.values())):
            carriage.store.arrivals.expunged(part, removed=removed)
            await asyncio.sleep(0)
    _check_unplaced(carriage, found.unplaced, found.awaited_in)


async def move(carriage: Carriage, action: Move) -> None:
    """UID MOVE, or what stands in for it."""
    target = carriage.target(action.folder)
    if carriage.uncertain and not carriage.backend.capabilities.move:
        await _second_half(carriage, action, target)
    found = places(carriage.store, action.messages, done_in=target.id)
    missed: set[MessageId] = set()
    for folder, members in found.by_folder.items():
        await carriage.open(folder)
        for part in in_pieces(UidSet.of(members), _COMMAND):
            copied = await carriage.into(target, lambda part=part: carriage.backend.move(part, target.name))  # type: ignore[misc]
            missed |= await _place(carriage, target, {uid: members[uid] for uid in part}, copied)
            if copied.left_behind:
                carriage.touched.add(folder)
        if missed:
            carriage.touched.add(folder)
    _check_unplaced(carriage, found.unplaced | missed, found.awaited_in)


async def copy(carriage: Carriage, action: Copy) -> None:
    """UID COPY, after copies that an attempt without an answer made were found again.

    Raises ServerRefused at the end when messages to be copied are gone; the other copies are made.
    """
    target = carriage.target(action.folder)
    rows = dict(zip(action.copies, action.messages, strict=False))
    if carriage.uncertain:
        _adopt_copies(carriage, rows, target)
    vanished = {row.id for row in carriage.store.arrivals.in_limbo(carriage.waiting.account)}
    at = carriage.store.messages.places(action.copies)
    wanted = {copy: rows[copy] for copy, place in at.items() if place.folder is None and copy not in vanished}
    sources = carriage.store.messages.places(wanted.values())
    lost = [copy for copy, source in wanted.items() if source not in sources]
    found = places(carriage.store, wanted.values())
    by_source = {source: copy for copy, source in wanted.items()}
    missed: set[MessageId] = set()
    for folder, members in found.by_folder.items():
        await carriage.open(folder)
        for part in in_pieces(UidSet.of(members), _COMMAND):
            copied = await carriage.into(target, lambda part=part: carriage.backend.copy(part, target.name))  # type: ignore[misc]
            missed |= await _place(carriage, target, {uid: by_source[members[uid]] for uid in part}, copied)
        if missed:
            carriage.touched.add(folder)
    _check_unplaced(carriage, found.unplaced | missed, found.awaited_in)
    if lost:
        raise ServerRefused(SOURCE_GONE, code="NONEXISTENT")


async def _place(carriage: Carriage, target: ServerFolder, members: Mapping[int, MessageId], copied: Copied) -> set[MessageId]:
    """Record where messages went. Returns those that the server did not find any more."""
    sure = copied.uidvalidity is not None and copied.uidvalidity == target.cursor.uidvalidity
    missed: set[MessageId] = set()
    for part in batches(list(members.items())):
        with carriage.store.transaction():
            for uid, message in part:
                if copied.uids and uid not in copied.uids:
                    missed.add(message)
                else:
                    carriage.store.arrivals.placed(message, target.id, copied.uids.get(uid) if sure else None)
        await asyncio.sleep(0)
    if not sure or not copied.uids:
        carriage.touched.add(target.id)
    return missed


def _check_unplaced(carriage: Carriage, unplaced: frozenset[MessageId], awaited_in: frozenset[FolderId]) -> None:
    if unplaced:
        carriage.touched |= awaited_in
        raise Blocked


def _adopt_copies(carriage: Carriage, rows: Mapping[MessageId, MessageId], target: ServerFolder) -> None:
    """After an attempt without an answer: new rows in the target are the copies that it made."""
    at = carriage.store.messages.places(rows)
    unmade = [copy for copy, place in at.items() if place.folder is None]
    wanted = carriage.store.arrivals.alike(unmade)
    for copy, (_, uid) in _born_in(carriage, wanted, target).items():
        carriage.store.arrivals.placed(copy, target.id, uid)


async def _second_half(carriage: Carriage, action: Move, target: ServerFolder) -> None:
    """After an attempt without an answer on a server without MOVE: copied, but not deleted at the old place."""
    found = places(carriage.store, action.messages, done_in=target.id)
    for folder, members in found.by_folder.items():
        wanted = carriage.store.arrivals.alike(members.values())
        born = _born_in(carriage, wanted, target)
        done = {uid: message for uid, message in members.items() if message in born}
        if not done:
            continue
        await carriage.open(folder)
        carriage.begin()
        await carriage.backend.expunge(UidSet.of(done))
        for message in done.values():
            carriage.store.arrivals.placed(message, target.id, born[message][1])
        carriage.touched.add(folder)


def _born_in(carriage: Carriage, wanted: list[Unplaced], target: ServerFolder) -> dict[MessageId, tuple[MessageId, int]]:
    """Message → the row, and its UID, that was born in a folder since the last attempt and is like it."""
    store, waiting = carriage.store, carriage.waiting
    born = store.arrivals.born_since(waiting.account, waiting.attempt, {row.message_id for row in wanted})
    at = store.messages.places(row.id for row in born)
    there = [row for row in born if row.id in at and at[row.id].folder == target.id]
    pairs = pair(wanted, there)
    return {message: (row, uid) for message, row in pairs.items() if (uid := at[row].uid) is not None}
