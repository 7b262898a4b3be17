# SPDX-License-Identifier: GPL-3.0-or-later
r"""STORE, COPY, MOVE, EXPUNGE (RFC 9051 §6.4, RFC 4315, RFC 6851).

Nothing is ever removed that was not named: without UIDPLUS a deletion ends at ``\Deleted``.
"""

from tuimail.backends.imap.mailbox import Mailbox
from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire.arguments import command, flag_list
from tuimail.backends.imap.wire.codes import StatusText, copied, parse_status_text
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.backends.port import Copied
from tuimail.model.errors import ServerRefused
from tuimail.model.flags import DELETED, Flags
from tuimail.model.uidset import UidSet

_DELETED: Flags = frozenset({DELETED})


async def store(session: Session, uids: UidSet, add: Flags, remove: Flags) -> None:
    """``+FLAGS.SILENT`` and ``-FLAGS.SILENT``: differences, so that flags set elsewhere stay."""
    mailbox = _writable(session)
    changes = [(sign, flag_list(flags)) for sign, flags in ((b"+", add), (b"-", remove)) if flags]
    lines = [
        command(b"UID STORE", str(part).encode(), sign + b"FLAGS.SILENT", flags)
        for part in uids.chunks()
        for sign, flags in changes
    ]
    flights = [await session.start(mailbox, line) for line in lines]
    for flight in flights:
        await session.dialogue.finish(flight, "Change flags")


async def copy(session: Session, uids: UidSet, folder: str) -> Copied:
    """UID COPY."""
    return await _transfer(session, b"UID COPY", uids, folder, f"Copy to {folder}")


async def move(session: Session, uids: UidSet, folder: str) -> Copied:
    r"""MOVE; else COPY, and only after its OK ``\Deleted`` and UID EXPUNGE."""
    mailbox = _writable(session)
    if session.capabilities.move:
        return await _transfer(session, b"UID MOVE", uids, folder, f"Move to {folder}")
    done = await _transfer(session, b"UID COPY", uids, folder, f"Move to {folder}")
    session.check(mailbox)
    # What a server that names what it copies does not name, it may not have copied.
    went = uids & UidSet.of(done.uids) if session.capabilities.uidplus else uids
    removed = await expunge(session, went)
    return Copied(done.uids, done.uidvalidity, left_behind=not removed)


async def expunge(session: Session, uids: UidSet) -> bool:
    r"""``\Deleted``, then UID EXPUNGE; False where the server cannot expunge by UID."""
    mailbox = session.current()
    await store(session, uids, _DELETED, frozenset())
    if not session.capabilities.uidplus:
        return False
    for part in uids.chunks():
        await session.run(mailbox, command(b"UID EXPUNGE", str(part).encode()), "Delete")
    return True


async def expunge_all_deleted(session: Session) -> None:
    r"""Everything with ``\Deleted``, whoever set it."""
    await session.run(_writable(session), command(b"EXPUNGE"), "Remove what is marked as deleted")


def _writable(session: Session) -> Mailbox:
    """The selected mailbox. Raises ServerRefused when it was opened to read only: Dovecot would say OK and do nothing."""
    mailbox = session.current()
    if mailbox.state.read_only:
        raise ServerRefused("The folder can only be read.", "The server allows no change in it.", code="READ-ONLY")
    return mailbox


async def _transfer(session: Session, verb: bytes, uids: UidSet, folder: str, what: str) -> Copied:
    mailbox = session.current()
    moved: dict[int, int] = {}
    validity: int | None = None
    for part in uids.chunks():
        line = command(verb, str(part).encode(), session.folder_argument(folder))
        try:
            answer = await session.run(mailbox, line, what, _is_copyuid)
        except ServerRefused as error:
            if error.code != "EXPUNGEISSUED":
                raise
            # Another client removed some, and nothing was copied; once the server has told of it, they are passed over.
            await session.run(mailbox, command(b"NOOP"), what)
            answer = await session.run(mailbox, line, what, _is_copyuid)
        # COPYUID stands in an untagged OK for MOVE, in the tagged one for COPY; some servers mix that up.
        for text in (answer.text, *(parse_status_text(item.unit[0]) for item in answer.untagged)):
            if (found := _copied(text)) is not None:
                validity = found[0]
                moved |= found[1]
    return Copied(moved, validity)


def _is_copyuid(item: Untagged) -> bool:
    return item.kind == "OK" and item.unit[0][:9].upper() == b"[COPYUID "


def _copied(text: StatusText) -> tuple[int, dict[int, int]] | None:
    return copied(text.arguments) if text.code == "COPYUID" else None
