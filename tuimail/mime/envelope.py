# SPDX-License-Identifier: GPL-3.0-or-later
"""From header fields to what a list shows."""

from tuimail.mime.addresses import parse_addresses
from tuimail.mime.headers import Headers, decode_words, message_ids, parse_date
from tuimail.model.address import Address
from tuimail.model.message import Envelope, sent_for


def envelope_of(headers: Headers) -> Envelope:
    """The envelope as a server would give it (RFC 9051 §2.3.5), and the References beside it. Never raises.

    Without a From field the Sender field stands in.
    """
    ids = message_ids(headers.get("Message-ID"))
    answered = message_ids(headers.get("In-Reply-To"))
    sender = _addresses(headers, "Sender")
    from_ = _addresses(headers, "From") or sender
    return Envelope(
        subject=decode_words(headers.get("Subject")),
        date=parse_date(headers.get("Date")),
        from_=from_,
        reply_to=_addresses(headers, "Reply-To"),
        to=_addresses(headers, "To"),
        cc=_addresses(headers, "Cc"),
        bcc=_addresses(headers, "Bcc"),
        message_id=ids[0] if ids else "",
        in_reply_to=answered[0] if answered else "",
        references=message_ids(headers.get("References")),
        sender=sent_for(from_, sender),
    )


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    """All fields of that name: a few programs write one per recipient."""
    return tuple(address for value in headers.all(name) for address in parse_addresses(value))
