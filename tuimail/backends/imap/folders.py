# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST, STATUS, and what changes folders (RFC 9051 §6.3; RFC 5258, RFC 5819, RFC 6154, RFC 8474)."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import fields, replace
from typing import TypeVar

from tuimail.backends.imap.flights import Flight
from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire import listing
from tuimail.backends.imap.wire.arguments import Command, command, string
from tuimail.backends.imap.wire.names import decode_name, encode_name
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.backends.imap.wire.tokens import Malformed
from tuimail.backends.port import FolderListing, FolderStatus
from tuimail.model.errors import InputWrong, ServerBroken, ServerRefused
from tuimail.model.folder import FolderRole
from tuimail.model.text import safe_line

_MAX_NAME = 1000
_WIDE = 0xFFFF
_IN_PATTERNS = bytes.maketrans(b"{}()[]?+^$|", b"%" * 11)
"""What a server may take for syntax in the pattern of LIST: Cyrus 3.6.1 ends the connection over ``{5}``."""
_SLICE = 256
"""Folders that are read before the event loop gets its turn."""
T = TypeVar("T")
Taken = dict[str, int]
"""Names that are shown, and the number of the last one that looks the same."""


async def folders(session: Session) -> list[FolderListing]:
    """All folders of the personal namespaces, and every other one that is subscribed, with STATUS where one turn brings it."""
    listed, subscribed, statuses, roles = await _ask(session)
    session.listed = frozenset(listed)
    found: dict[str, FolderListing] = {}
    raw_names: dict[str, bytes] = {}
    taken = Taken()
    async for entry in _in_turns(listed.values()):
        if not entry.raw or not entry.exists or (_is_others(session, entry.raw) and entry.raw not in subscribed):
            continue
        name = _unused(_shown(session, entry.raw), taken)
        raw_names[name] = entry.raw
        found[name] = FolderListing(
            name=name,
            delimiter=entry.delimiter,
            role=FolderRole.INBOX if name == "INBOX" else entry.role or roles.get(entry.raw),
            subscribed=entry.raw in subscribed,
            selectable=entry.selectable,
            status=statuses.get(_key(entry.raw)),
        )
    session.raw_names = raw_names
    return list(found.values())


async def renamed(session: Session) -> bool:
    """Plain LIST costs the server next to nothing: it opens no mailbox."""
    answer = await session.dialogue.run(
        command(b"LIST", b'""', b'"*"'), "List the folders", accept=lambda item: item.kind == "LIST"
    )
    judged, session.judged = session.judged, (frozenset(item.unit for item in answer.untagged), session.listed)
    if session.judged == judged:
        return False
    return session.listed != {entry.raw for item in answer.untagged if (entry := _listed(item)) is not None}


async def _ask(
    session: Session,
) -> tuple[dict[bytes, listing.Listed], set[bytes], dict[bytes, FolderStatus], dict[bytes, FolderRole | None]]:
    """By raw name: what LIST says, what is subscribed, what STATUS says, and roles from XLIST. The first time NAMESPACE is
    asked beside it."""
    capabilities = session.capabilities
    spaces = await _start_namespaces(session) if session.namespaces is None else None
    rev2 = "IMAP4REV2" in capabilities
    extended = "LIST-EXTENDED" in capabilities or rev2
    options = [b"SUBSCRIBED"] if extended else []
    if "SPECIAL-USE" in capabilities or rev2:
        options.append(b"SPECIAL-USE")
    if "LIST-STATUS" in capabilities or rev2:
        options.append(b"STATUS (%s)" % b" ".join(_status_items(session)))
    if not extended and "LIST-STATUS" not in capabilities:
        options = []  # RETURN itself is an extension; servers with SPECIAL-USE alone tell the attributes unasked
    line = command(b"LIST", b'""', b'"*"', *([b"RETURN (%s)" % b" ".join(options)] if options else []))
    asked = [await session.dialogue.start(line, accept=lambda item: item.kind in ("LIST", "STATUS"))]
    if not extended:
        asked.append(await session.dialogue.start(command(b"LSUB", b'""', b'"*"'), accept=lambda item: item.kind == "LSUB"))
    uses = await _start_uses(session)
    if spaces is not None:
        told = await _told(session, spaces)
        session.namespaces = listing.namespaces(told[0].unit) if told else listing.Namespaces()
    items = [item for flight in asked for item in (await session.dialogue.finish(flight, "List the folders")).untagged]
    entries = [
        (item.kind, entry) async for item in _in_turns(items) if item.kind != "STATUS" and (entry := _listed(item)) is not None
    ]
    listed: dict[bytes, listing.Listed] = {}
    twice: set[bytes] = set()
    for entry in (entry for kind, entry in entries if kind != "LSUB"):
        if listed.setdefault(entry.raw, entry) is not entry:
            twice.add(entry.raw)
    subscribed = {entry.raw for kind, entry in entries if kind == "LSUB" or "\\subscribed" in entry.attributes}
    statuses = await _statuses(items)
    unknown = {raw for raw, entry in listed.items() if entry.selectable and _key(raw) not in statuses}
    session.elsewhere.doubt(frozenset(twice | unknown))
    named = [entry for item in (await _told(session, uses) if uses else []) if (entry := _listed(item)) is not None]
    return listed, subscribed, statuses, {entry.raw: entry.role for entry in named}


async def _start_namespaces(session: Session) -> Flight | None:
    if "NAMESPACE" not in session.capabilities and "IMAP4REV2" not in session.capabilities:
        return None
    return await _start_aside(session, command(b"NAMESPACE"), "NAMESPACE")


async def _start_uses(session: Session) -> Flight | None:
    """XLIST, of before SPECIAL-USE, for the roles alone: it takes no RETURN, and calls INBOX by a name that is for people."""
    if "XLIST" not in session.capabilities or "SPECIAL-USE" in session.capabilities:
        return None
    return await _start_aside(session, command(b"XLIST", b'""', b'"*"'), "XLIST")


async def _start_aside(session: Session, line: Command, kind: str) -> Flight:
    flight = await session.dialogue.start(line, accept=lambda item: item.kind == kind)
    flight.aside = True
    return flight


async def _told(session: Session, flight: Flight) -> list[Untagged]:
    """Nothing where it was refused."""
    response = await session.dialogue.hear(flight)
    return flight.taken if response.status == "OK" else []


async def _in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """The same items; between them the event loop gets its turn."""
    for number, item in enumerate(items):
        if number % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
        yield item


def _listed(item: Untagged) -> listing.Listed | None:
    """None for what cannot be read: one bad name costs no other folder."""
    try:
        return listing.listed(item.unit)
    except Malformed:
        return None


async def _statuses(items: Iterable[Untagged]) -> dict[bytes, FolderStatus]:
    found: dict[bytes, FolderStatus] = {}
    async for item in _in_turns(items):
        if item.kind == "STATUS":
            try:
                raw, status = listing.status(item.unit)
            except Malformed:
                continue
            found[_key(raw)] = _newer(found.get(_key(raw)), status)
    return found


def _newer(before: FolderStatus | None, status: FolderStatus) -> FolderStatus:
    """NOTIFY tells, between the answers, only some of the numbers (RFC 5465 §5.1): they stand over those of before."""
    if before is None:
        return status
    told = {each.name: value for each in fields(status) if (value := getattr(status, each.name)) not in (None, "")}
    return replace(before, **told)


def _key(raw: bytes) -> bytes:
    return b"INBOX" if raw.upper() == b"INBOX" else raw


def _status_items(session: Session) -> list[bytes]:
    capabilities = session.capabilities
    items = [b"MESSAGES", b"UNSEEN", b"UIDNEXT", b"UIDVALIDITY"]
    if capabilities.condstore:
        items.append(b"HIGHESTMODSEQ")
    if "OBJECTID" in capabilities:
        items.append(b"MAILBOXID")
    return items


def _is_others(session: Session, raw: bytes) -> bool:
    """Whether a name is in a namespace of other users or a shared one."""
    return session.namespaces is not None and any(prefix and raw.startswith(prefix) for prefix in session.namespaces.others)


def _shown(session: Session, raw: bytes) -> str:
    return safe_line(decode_name(raw, utf8=session.utf8), limit=_MAX_NAME)


def _unused(name: str, taken: Taken) -> str:
    """A name that is shown once: two names may look the same when what cannot be shown is left out."""
    shown = name
    while shown in taken:
        taken[name] += 1
        shown = f"{name} ({taken[name]})"
    taken[shown] = 1
    return shown


async def status(session: Session, folder: str) -> FolderStatus:
    """STATUS of one folder."""
    line = command(b"STATUS", session.folder_argument(folder), b"(%s)" % b" ".join(_status_items(session)))
    what = f"Look at the folder {folder}"
    answer = await session.dialogue.run(line, what, accept=lambda item: item.kind == "STATUS")
    found = await _statuses(answer.untagged)
    if not found:
        raise ServerBroken(f"{what}: the server said OK and nothing else.")
    raw = session.raw_names.get(folder) or encode_name(folder, utf8=session.utf8)
    return found.get(_key(raw)) or list(found.values())[-1]


async def create(session: Session, folder: str, role: FolderRole | None) -> None:
    """CREATE, with its use where the server takes it (RFC 6154 §3). A folder that exists is no error."""
    _check_name(session, folder)
    arguments = [session.folder_argument(folder)]
    if role in listing.SPECIAL_USE and "CREATE-SPECIAL-USE" in session.capabilities:
        arguments.append(b"(USE (%s))" % listing.SPECIAL_USE[role])
    try:
        await session.dialogue.run(command(b"CREATE", *arguments), f"Create the folder {folder}")
    except ServerRefused as error:
        if error.code == "USEATTR":
            return await create(session, folder, None)
        if error.code != "ALREADYEXISTS" and not await _exists(session, folder):
            raise
    return None


async def rename(session: Session, old: str, new: str) -> None:
    """RENAME. Names of the folders below are learnt anew from the next LIST."""
    _check_name(session, new)
    line = command(b"RENAME", session.folder_argument(old), session.folder_argument(new))
    await session.dialogue.run(line, f"Rename the folder {old}")
    session.raw_names.pop(old, None)
    if session.mailbox is not None and session.mailbox.name == old:
        session.mailbox = None


async def delete(session: Session, folder: str) -> None:
    """DELETE of a folder that is not selected; that it is gone is no error."""
    try:
        await session.dialogue.run(command(b"DELETE", session.folder_argument(folder)), f"Delete the folder {folder}")
    except ServerRefused as error:
        if error.code != "NONEXISTENT" and await _exists(session, folder):
            raise
    session.raw_names.pop(folder, None)


async def subscribe(session: Session, folder: str, subscribed: bool) -> None:
    """SUBSCRIBE or UNSUBSCRIBE."""
    word, what = (b"SUBSCRIBE", "Subscribe to") if subscribed else (b"UNSUBSCRIBE", "Unsubscribe from")
    await session.dialogue.run(command(word, session.folder_argument(folder)), f"{what} the folder {folder}")


async def _exists(session: Session, folder: str) -> bool:
    """Ask, after a refusal in words that say nothing sure. Wildcards in the name match themselves, too."""
    wanted = session.raw_names.get(folder)
    pattern = (encode_name(folder, utf8=session.utf8) if wanted is None else wanted).translate(_IN_PATTERNS)
    line = command(b"LIST", b'""', string(pattern, utf8=session.utf8))
    answer = await session.dialogue.run(line, "List the folders", accept=lambda item: item.kind == "LIST")
    entries = [entry for item in answer.untagged if (entry := _listed(item)) is not None and entry.exists]
    return any(entry.raw == wanted or decode_name(entry.raw, utf8=session.utf8) == folder for entry in entries)


def _check_name(session: Session, folder: str) -> None:
    if session.loses_wide_names and max(map(ord, folder), default=0) > _WIDE:
        raise InputWrong("This server loses folders with such a name.", "Use letters only, no emoji.")
    if not folder or safe_line(folder, limit=_MAX_NAME) != folder:
        raise InputWrong("This cannot be the name of a folder.", "Use visible characters only.")
