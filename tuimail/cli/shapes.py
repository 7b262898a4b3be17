# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON shapes of docs/command-line.md: keys are never renamed, and stand in that order."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from tuimail.engine.carrying import Outcome, SendOutcome, Synced
from tuimail.engine.engine import Engine
from tuimail.engine.viewing import Viewed
from tuimail.model.address import Address
from tuimail.model.errors import TuimailError
from tuimail.model.flags import SYSTEM_FLAGS, Flags, to_word
from tuimail.model.folder import Folder
from tuimail.model.message import Envelope, MessageRow
from tuimail.model.part import Part

Shape = dict[str, object]


def rfc3339(seconds: int | None) -> str | None:
    """A date in UTC; None stays None, as does a date that no calendar has."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        return None


def addresses(those: Iterable[Address]) -> list[Shape]:
    """``{name, address}`` of each."""
    return [{"name": one.name, "address": one.email} for one in those]


def folder(found: Folder, account: str) -> Shape:
    """One object of ``folders``."""
    return {
        "account": account,
        "name": found.name,
        "role": found.role,
        "delimiter": found.delimiter,
        "subscribed": found.subscribed,
        "selectable": found.selectable,
        "total": found.total,
        "unread": found.unread,
    }


def message(row: MessageRow, engine: Engine) -> Shape:
    """One object of ``list`` and ``search``."""
    within = engine.pages.folder(row.folder)
    return {
        "id": row.id,
        "account": engine.accounts.get(row.account).account.key,
        "folder": within.name if within is not None else "",
        "uid": row.uid,
        "thread": row.thread,
        **_of_envelope(row.envelope),
        "date": rfc3339(row.date),
        "size": row.size,
        **_of_flags(row.flags),
        "has_attachment": row.has_attachment,
        "snippet": row.snippet,
    }


def _of_envelope(envelope: Envelope) -> Shape:
    return {
        "from": addresses(envelope.from_),
        "sender": addresses(envelope.sender),
        "to": addresses(envelope.to),
        "cc": addresses(envelope.cc),
        "subject": envelope.subject,
    }


def _of_flags(flags: Flags) -> Shape:
    return {
        "flags": [to_word(flag).removeprefix("\\").lower() for flag in SYSTEM_FLAGS if flag in flags],
        "labels": sorted(flags - set(SYSTEM_FLAGS)),
    }


def file(viewed: Viewed) -> Shape:
    """The part of ``view`` that ``list`` has as well; what only a mailbox knows is null."""
    return {
        "id": None,
        "account": None,
        "folder": None,
        "uid": None,
        "thread": None,
        **_of_envelope(viewed.envelope),
        "date": rfc3339(viewed.envelope.date),
        "size": viewed.size,
        "flags": [],
        "labels": [],
        "has_attachment": viewed.has_attachment,
        "snippet": viewed.snippet,
    }


def content(headers: Iterable[tuple[str, str]], text: Sequence[str], viewed: Viewed) -> Shape:
    """What ``read`` and ``view`` add."""
    body = viewed.body
    return {
        "headers": [[name, value] for name, value in headers],
        "text": list(text),
        "links": [{"text": link.text, "target": link.target} for link in body.links],
        "attachments": [attachment(part) for part in viewed.attachments],
        "blocked": {"images": body.blocked_images, "trackers": body.trackers},
        "auth": None,
        "warnings": [*viewed.warnings, *(f"{link.text}: {link.warning}" for link in body.links if link.warning)],
    }


def attachment(part: Part) -> Shape:
    """One attachment."""
    return {
        "part": part.section,
        "filename": part.filename,
        "content_type": part.content_type,
        "size": part.decoded_size,
        "inline": part.disposition == "inline",
    }


def outcome(action: str, ids: Sequence[int], came: Outcome) -> Shape:
    """What came of an action."""
    return {"action": action, "ids": list(ids), "status": came.status, "detail": came.detail}


def sent(came: SendOutcome) -> Shape:
    """What came of sending."""
    return {
        **outcome("send", (), came.outcome),
        "message_id": came.message_id,
        "accepted": list(came.accepted),
        "refused": [{"address": one.address, "code": one.code, "text": one.text} for one in came.refused],
    }


def synced(came: Synced) -> Shape:
    """What bringing an account up to date did."""
    return {
        "name": came.name,
        "new": came.new,
        "changed": came.changed,
        "carried": came.carried,
        "waiting": came.waiting,
        "error": error(came.error) if came.error is not None else None,
    }


def error(met: TuimailError) -> Shape:
    """An error, in words."""
    return {"kind": met.kind, "message": met.message, "advice": met.advice}
