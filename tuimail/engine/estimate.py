# SPDX-License-Identifier: GPL-3.0-or-later
"""About what it will take to send a draft, by the model that `tuimail measure` measures against; cheap to ask."""

from dataclasses import dataclass

from tuimail.engine.accounts import Accounts
from tuimail.model.account import AuthMethod, ServerAddress
from tuimail.model.draft import Draft, DraftAttachment
from tuimail.model.exchange import smtp
from tuimail.model.volume import ETHERNET, bounds, round_trips

_HEADER = 250
"""Octets of the header but for what was typed: Date, Message-ID and the fields of MIME with their names."""
_PART = 190
"""Octets around an attachment but for its name: boundary, Content-Type, -Disposition, -Transfer-Encoding."""
_SECRET = 20
"""Octets that a password is taken to have."""
_BASE64_LINE, _ENCODED_LINE = 57, 78
"""Octets in a line of base64, and of that line with its CRLF (RFC 2045 §6.8)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What sending takes, about."""

    message: int
    """Octets of the message."""
    volume: int
    """IP octets both ways: the model's lower bound, and an acknowledgement for every second segment (RFC 5681 §4.2)."""
    round_trips: int

    def __str__(self) -> str:
        return f"about {rough(self.volume)} on the wire, {self.round_trips} round trips"


def estimate_for(draft: Draft, accounts: Accounts) -> str:
    """In words, for a draft as it stands. Empty when its account has no server to send by."""
    server = accounts.get(draft.account).account.smtp
    return str(estimate(draft, server)) if server is not None else ""


def estimate(draft: Draft, server: ServerAddress) -> Estimate:
    """What sending a draft by a server takes."""
    message = message_octets(draft)
    recipients = [address for field in (draft.to, draft.cc, draft.bcc) for address in field.split(",") if "@" in address]
    envelope = [len(draft.from_), *(len(address.strip()) for address in recipients)]
    sign_in = 0 if server.auth is AuthMethod.NONE else len(server.username) + _SECRET
    flights = smtp(message, envelope, server.security, sign_in=sign_in)
    found = bounds(flights)
    volume = found.low + found.data_low // 2 * ETHERNET.header
    return Estimate(message, volume, round_trips(flights))


def message_octets(draft: Draft) -> int:
    """About how many octets the message has."""
    typed = (draft.from_, draft.to, draft.cc, draft.reply_to, draft.subject, draft.in_reply_to, *draft.references)
    header = _HEADER + sum(_encoded(text) + 12 for text in typed if text)
    text = _encoded(draft.body) + draft.body.count("\n")
    return header + text * (2 if draft.markdown else 1) + sum(map(_attachment_octets, draft.attachments))


def _encoded(text: str) -> int:
    """Octets of a text that goes as ASCII, as quoted-printable, or, where most of it is not ASCII, as base64."""
    octets = len(text.encode("utf-8", "replace"))
    beyond = octets - len(text) if not text.isascii() else 0
    return octets if not beyond else min(octets + 4 * beyond, base64_octets(octets))


def _attachment_octets(file: DraftAttachment) -> int:
    as_it_is = file.content_type.startswith("message/rfc822")
    return _PART + _encoded(file.filename) + (file.size if as_it_is else base64_octets(file.size))


def base64_octets(octets: int) -> int:
    """Octets of base64 in lines of 76 characters."""
    lines, rest = divmod(octets, _BASE64_LINE)
    return lines * _ENCODED_LINE + (4 * -(-rest // 3) + 2 if rest else 0)


def rough(octets: int) -> str:
    """Two digits are enough: ``7 kB``, ``340 kB``, ``1.2 MB``. Changes with the class of size, not with every key."""
    kilo = max(octets / 1000, 1)
    if kilo < 10:
        return f"{kilo:.0f} kB"
    digits = float(f"{kilo:.2g}")
    return f"{digits:g} kB" if digits < 1000 else f"{digits / 1000:g} MB"
