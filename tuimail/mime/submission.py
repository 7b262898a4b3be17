# SPDX-License-Identifier: GPL-3.0-or-later
"""A message that another program wrote, made fit to be sent (RFC 6409 §8): what is missing is added, nothing else changes."""

import re
from dataclasses import dataclass

from tuimail.mime import emit
from tuimail.mime.addresses import parse_addresses
from tuimail.mime.compose import date_text
from tuimail.mime.headers import Headers, decode_words, is_header_line, message_ids
from tuimail.model.address import Address

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_SECRET = re.compile(rb"(?i:resent-)?(?i:bcc)[ \t]*:")
_SEPARATOR = re.compile(rb"\A>?From [^\r\n]*\r\n")
"""What mbox files put before a message, and some programs hand on (RFC 4155)."""
_BLANK_LINE = re.compile(rb"\r?\n(?=\r?\n)")
_TO, _RESENT = ("To", "Cc", "Bcc"), ("Resent-To", "Resent-Cc", "Resent-Bcc")


@dataclass(frozen=True, slots=True)
class Submitted:
    """A message on its way out."""

    raw: bytes
    """Lines ended by CRLF, without Bcc."""
    message_id: str
    sender: str
    """The address of the From field; empty where it holds none."""
    recipients: tuple[str, ...]
    """All that the header names, Bcc included; as they stand there, with or without a domain."""
    subject: str
    """Safe to show."""


def submitted(raw: bytes, identity: Address, *, message_id: str, date: int) -> Submitted:
    """Read a message as the sendmail program takes it. ``identity`` and ``message_id`` are used where it has none of its own.

    Text without a header is a body. ``date`` in seconds since 1970. Never raises.
    """
    head, body = _split(_SEPARATOR.sub(b"", _BARE.sub(b"\r\n", raw), count=1))
    headers = Headers.parse(head + b"\r\n")
    names = _RESENT if any(name in headers for name in _RESENT) else _TO
    recipients = [
        address.email or address.name for name in names for value in headers.all(name) for address in parse_addresses(value)
    ]
    own = parse_addresses(headers.get("From"))
    known = message_ids(headers.get("Message-ID"))
    added = "".join(
        (
            "" if "From" in headers else emit.address_list("From", (identity,)),
            "" if "Date" in headers else emit.field("Date", [date_text(date)]),
            "" if "Message-ID" in headers else emit.message_ids("Message-ID", (message_id,)),
        )
    )
    return Submitted(
        _without_secret(head) + added.encode("ascii") + b"\r\n" + body,
        (known[0] if known else "") if "Message-ID" in headers else message_id,
        own[0].email if own else "" if "From" in headers else identity.email,
        tuple(dict.fromkeys(filter(None, recipients))),
        decode_words(headers.get("Subject")),
    )


def without_bcc(message: bytes) -> bytes:
    """A message without Bcc and Resent-Bcc: one's own copy of it names those of whom nobody else may know. Never raises."""
    end = _BLANK_LINE.search(message)
    head = 0 if message.startswith((b"\r", b"\n")) else end.end() if end else len(message)
    return _without_secret(message[:head]) + message[head:]


def _split(message: bytes) -> tuple[bytes, bytes]:
    """Header and body. The header ends at the first line that cannot be part of it, blank or not."""
    at = 0
    while at < len(message):
        end = message.find(b"\r\n", at)
        end = len(message) if end < 0 else end
        line = message[at:end]
        if not line:
            return message[:at], message[end + 2 :]
        if not is_header_line(line) or (not at and line[:1] in (b" ", b"\t")):
            return message[:at], message[at:]
        at = end + 2
    return message if message.endswith(b"\r\n") or not message else message + b"\r\n", b""


def _without_secret(head: bytes) -> bytes:
    """The header without Bcc and Resent-Bcc, and their folded lines."""
    kept: list[bytes] = []
    secret = False
    for line in head.splitlines(keepends=True):
        if line[:1] not in (b" ", b"\t"):
            secret = _SECRET.match(line) is not None
        if not secret:
            kept.append(line)
    return b"".join(kept)
