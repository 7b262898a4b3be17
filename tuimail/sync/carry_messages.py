# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries what is done to messages: flags, moves, copies, deletions. What is done already is not done again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Set
from dataclasses import dataclass

from tuimail.backends.port import Copied, Selected
from tuimail.model.action import Copy, Expunge, Move, SetFlags
from tuimail.model.errors import ServerRefused
from tuimail.model.flags import ANSWERED, DELETED, FLAGGED, FORWARDED, JUNK, MDN_SENT, NOT_JUNK, SEEN, Flags
from tuimail.model.ids import FolderId, MessageId
from tuimail.model.uidset import UidSet
from tuimail.store.folders import ServerFolder
from tuimail.sync.carriage import Blocked, Carriage, places
from tuimail.sync.copied import can_be_true
from tuimail.sync.delta import batches, in_pieces
from tuimail.sync.plan import pair

_COMMAND = 1000
"""Messages of one COPY or MOVE, so that its answer is recorded before the next."""
_OWN_KEYWORDS: Flags = frozenset({FORWARDED, JUNK, NOT_JUNK, MDN_SENT})
"""Set by tuimail itself besides what the user asked for: a server that keeps none costs no error."""
_SET_BY_READING: Flags = frozenset({SEEN, ANSWERED})
"""Set as one reads and answers, likewise."""
DOUBTFUL = "The connection was lost meanwhile, and it is in doubt whether the message was copied."
DOUBTFUL_ADVICE = "Look for the copy, then repeat it if there is none."
SOURCE_GONE = "The message to be copied was deleted by another program."


async def set_flags(carriage: Carriage, action: SetFlags) -> None:
    """UID STORE, folder by folder; then FETCH, for STORE itself says nothing of messages that are not there any more.

    Raises ServerRefused at the end when a folder keeps no such flags or labels; the others are set.
    """
    found = places(carriage.store, action.messages)
    gone: set[MessageId] = set()
    unkept: set[str] = set()
    for folder, members in found.by_folder.items():
        selected = await carriage.open(folder)
        keeps = _kept(selected, action.add | action.remove)
        add, remove = action.add & keeps, action.remove & keeps
        unkept |= action.add - keeps - _OWN_KEYWORDS - _SET_BY_READING | action.remove & {FLAGGED} - keeps
        if add or remove:
            carriage.begin()
            await carriage.backend.store(UidSet.of(members), add, remove)
            there = await _look(carriage, folder, UidSet.of(members))
            gone |= _gone(carriage, folder, members, there)
    _check_unplaced(carriage, found.unplaced | gone, found.awaited_in)
    if unkept:
        labels = sorted(flag for flag in unkept if not flag.startswith("\\"))
        if labels:
            words = ", ".join(labels)
            raise ServerRefused(f"The server keeps no labels of one's own in this folder: {words}.", "Use another folder.")
        words = ", ".join(sorted(flag[1:].lower() for flag in unkept))
        raise ServerRefused(f"You may not change this in the folder: {words}.", "Copy the message to a folder of your own.")


def _kept(selected: Selected, flags: Flags) -> Flags:
    """Those of the flags that can be changed for good (RFC 9051 §7.1, PERMANENTFLAGS and READ-ONLY)."""
    if selected.read_only:
        return frozenset()
    return flags if selected.any_keyword else flags & selected.permanent_flags


async def expunge(carriage: Carriage, action: Expunge) -> None:
    r"""``\Deleted`` and UID EXPUNGE; without UIDPLUS the messages keep ``\Deleted`` and are hidden."""
    found = places(carriage.store, action.messages)
    gone: set[MessageId] = set()
    for folder, members in found.by_folder.items():
        await carriage.open(folder)
        there = await _look(carriage, folder, UidSet.of(members))
        gone |= _gone(carriage, folder, members, there)
        if there:
            carriage.begin()
            removed = await carriage.backend.expunge(there)
            for part in batches([members[uid] for uid in there]):
                carriage.store.arrivals.expunged(part, removed=removed)
                await asyncio.sleep(0)
    _check_unplaced(carriage, found.unplaced | gone, found.awaited_in)


async def move(carriage: Carriage, action: Move) -> None:
    """UID MOVE, or what stands in for it."""
    maybe_copied = carriage.uncertain and not carriage.backend.capabilities.move
    target = _target(carriage, action.folder, action.messages if maybe_copied else ())
    if maybe_copied:
        await _second_half(carriage, action, target)
    found = places(carriage.store, action.messages, done_in=target.id)
    gone: set[MessageId] = set()
    for folder, members in found.by_folder.items():
        gone |= await _transfer(carriage, carriage.backend.move, folder, target, members)
    _check_unplaced(carriage, found.unplaced | gone, found.awaited_in)


async def copy(carriage: Carriage, action: Copy) -> None:
    """UID COPY, after copies that an attempt without an answer made were found again.

    Raises ServerRefused at the end when messages to be copied are gone, or it is in doubt whether they were copied; the
    other copies are made.
    """
    target = _target(carriage, action.folder, action.copies if carriage.uncertain else ())
    rows = dict(zip(action.copies, action.messages, strict=False))
    doubtful = _adopt_copies(carriage, rows, target) if carriage.uncertain else set()
    vanished = {row.id for row in carriage.store.arrivals.in_limbo(carriage.waiting.account)}
    at = carriage.store.messages.places(action.copies)
    wanted = {copy: rows[copy] for copy, place in at.items() if place.folder is None and copy not in vanished | doubtful}
    sources = carriage.store.messages.places(wanted.values())
    lost = [copy for copy, source in wanted.items() if source not in sources]
    found = places(carriage.store, wanted.values())
    by_source = {source: copy for copy, source in wanted.items()}
    gone: set[MessageId] = set()
    for folder, members in found.by_folder.items():
        copies = {uid: by_source[source] for uid, source in members.items()}
        gone |= await _transfer(carriage, carriage.backend.copy, folder, target, copies)
    _check_unplaced(carriage, found.unplaced | gone, found.awaited_in)
    if doubtful:
        raise ServerRefused(DOUBTFUL, DOUBTFUL_ADVICE)
    if lost:
        raise ServerRefused(SOURCE_GONE, code="NONEXISTENT")


def _target(carriage: Carriage, folder: FolderId, maybe_copied: Iterable[MessageId]) -> ServerFolder:
    """The folder to put messages into. Raises Blocked, ServerRefused.

    One that is gone may be there under another name and UIDVALIDITY, with what an attempt without an answer copied into it.
    """
    try:
        return carriage.target(folder)
    except ServerRefused as error:
        if _made(carriage, maybe_copied, folder).doubtful:
            raise ServerRefused(DOUBTFUL, DOUBTFUL_ADVICE) from error
        raise


async def _transfer(
    carriage: Carriage,
    command: Callable[[UidSet, str], Awaitable[Copied]],
    folder: FolderId,
    target: ServerFolder,
    members: Mapping[int, MessageId],
) -> set[MessageId]:
    """COPY or MOVE out of one folder. ``members``: UID → the row that is to be there. Returns those that did not go.

    COPYUID tells what went; a server without it is asked before what there is. What is not named is mostly gone: where it is
    still there, it may have been copied all the same.
    """
    await carriage.open(folder)
    wanted = UidSet.of(members)
    if not carriage.backend.capabilities.uidplus:
        wanted = await _look(carriage, folder, wanted)
    went: set[int] = set()
    for part in in_pieces(wanted, _COMMAND):

        async def transfer(part: UidSet = part) -> Copied:
            return await command(part, target.name)

        copied = await carriage.into(target, transfer)
        went |= await _place(carriage, target, {uid: members[uid] for uid in part}, copied)
        if copied.left_behind:
            carriage.touched.add(folder)
    unnamed = wanted - UidSet.of(went)
    if unnamed and await _look(carriage, folder, unnamed):
        carriage.untold = True
        carriage.touched.add(target.id)
    return _gone(carriage, folder, members, UidSet.of(went))


async def _place(carriage: Carriage, target: ServerFolder, members: Mapping[int, MessageId], copied: Copied) -> set[int]:
    """Record where messages went. Returns the UIDs that went.

    No COPYUID from a server with UIDPLUS means that nothing did; should it be mistaken, the pull that follows finds them.
    """
    sure = can_be_true(carriage.store, target, members, copied)
    told = bool(copied.uids) or carriage.backend.capabilities.uidplus
    went = [(uid, message) for uid, message in members.items() if not told or uid in copied.uids]
    for part in batches(went):
        with carriage.store.transaction():
            for uid, message in part:
                carriage.store.arrivals.placed(message, target.id, copied.uids.get(uid) if sure else None)
        await asyncio.sleep(0)
    if not sure:
        carriage.touched.add(target.id)
    return {uid for uid, _ in went}


async def _look(carriage: Carriage, folder: FolderId, uids: UidSet) -> UidSet:
    """Which of these messages are still there; their flags are noted as they are now."""
    there: list[int] = []
    async for updates in carriage.backend.flags(uids):
        for part in batches(updates):
            carriage.store.arrivals.set_flags(folder, part)
            await asyncio.sleep(0)
        there += [update.uid for update in updates]
    return UidSet.of(there) & uids


def _gone(carriage: Carriage, folder: FolderId, members: Mapping[int, MessageId], there: UidSet) -> set[MessageId]:
    """Messages that another program moved or deleted: a pull finds out which."""
    gone = {message for uid, message in members.items() if uid not in there}
    if gone:
        carriage.touched.add(folder)
    return gone


def _check_unplaced(carriage: Carriage, unplaced: Set[MessageId], awaited_in: frozenset[FolderId]) -> None:
    if unplaced:
        carriage.touched |= awaited_in
        raise Blocked


def _adopt_copies(carriage: Carriage, copies: Iterable[MessageId], target: ServerFolder) -> set[MessageId]:
    """After an attempt without an answer: new rows in the target are the copies that it made. Returns the doubtful ones."""
    at = carriage.store.messages.places(copies)
    unmade = [copy for copy, place in at.items() if place.folder is None]
    made = _made(carriage, unmade, target.id)
    for copy, uid in made.uids.items():
        carriage.store.arrivals.placed(copy, target.id, uid)
    return made.doubtful


async def _second_half(carriage: Carriage, action: Move, target: ServerFolder) -> None:
    """After an attempt without an answer on a server without MOVE: copied, but not deleted at the old place."""
    found = places(carriage.store, action.messages, done_in=target.id)
    for folder, members in found.by_folder.items():
        made = _made(carriage, members.values(), target.id)
        done = {uid: message for uid, message in members.items() if message in made.uids}
        if made.doubtful or made.poorer:
            raise ServerRefused(DOUBTFUL, DOUBTFUL_ADVICE)
        if not done:
            continue
        await carriage.open(folder)
        carriage.begin()
        await carriage.backend.expunge(UidSet.of(done))
        for message in done.values():
            carriage.store.arrivals.placed(message, target.id, made.uids[message])
        carriage.touched.add(folder)


@dataclass(frozen=True, slots=True)
class _Made:
    """What an attempt without an answer seems to have done."""

    uids: dict[MessageId, int]
    """Message → UID of the new row in the target that is like it."""
    doubtful: set[MessageId]
    """There is a new row like it, but in another folder: perhaps our copy, moved on by another program."""
    poorer: set[MessageId]
    """The new row lacks flags that it carries: perhaps another program's copy."""


def _made(carriage: Carriage, messages: Iterable[MessageId], target: FolderId) -> _Made:
    store, waiting = carriage.store, carriage.waiting
    wanted = store.arrivals.alike(messages)
    born = store.arrivals.born_since(waiting.account, waiting.attempt, {row.message_id for row in wanted})
    at = store.messages.places(row.id for row in born)
    there = pair(wanted, [row for row in born if row.id in at and at[row.id].folder == target])
    elsewhere = pair(
        [row for row in wanted if row.id not in there],
        [row for row in born if row.id in at and at[row.id].folder != target],
    )
    flags = {row.id: row.flags - {DELETED} for row in (*wanted, *born)}
    return _Made(
        {message: uid for message, row in there.items() if (uid := at[row].uid) is not None},
        set(elsewhere),
        {message for message, row in there.items() if flags[message] - flags[row]},
    )
