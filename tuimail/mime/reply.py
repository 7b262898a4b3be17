# SPDX-License-Identifier: GPL-3.0-or-later
"""Answering and forwarding: who gets it, from which address, under which subject, with what quoted (RFC 5322 §3.6)."""

import re
import time
from collections.abc import Iterable

from tuimail.mime.dates import DAYS, MONTHS
from tuimail.model.account import Account
from tuimail.model.address import Address, format_addresses
from tuimail.model.message import Envelope

MAX_REFERENCES = 100
MAX_QUOTED_LINES, MAX_QUOTED = 5_000, 100_000
"""Lines and characters of a text that stand in an answer or are passed on within one: nobody writes between more of them."""
MAX_SIGNATURE = 15
"""Lines; what is longer below ``-- `` is text that somebody meant."""
_REPLY = re.compile(
    r"\s*(?:(?:re|aw|sv|vs|antw|odp|ynt|ref|rif|res|回复|答复|回覆|Отв|Ответ)(?:\[\d{1,3}\])?\s?[:：]\s*)++", re.IGNORECASE
)
_FORWARD = re.compile(r"\s*(?:fwd?|wg|vs|tr|rv|enc|doorst|转发|轉寄)\s?[:：]", re.IGNORECASE)
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_LEFT_OUT = "[… The rest is not quoted.]"


def reply_recipients(
    envelope: Envelope, account: Account, *, everyone: bool
) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """To and Cc of an answer. The user's own addresses are left out, and nobody stands there twice.

    An answer to one's own message goes to those it went to.
    """
    own = bool(envelope.from_) and all(_is_own(account, address) for address in envelope.from_)
    if own and envelope.to:
        to = _without(envelope.to, account) or envelope.to
        return _unique(to), _without(envelope.cc, account, but=to) if everyone else ()
    to = _unique(envelope.reply_to) or _unique(envelope.from_)
    return to, _without((*envelope.to, *envelope.cc), account, but=to) if everyone else ()


def identity_for(envelope: Envelope, account: Account) -> Address:
    """The address of the user that the message came to, else the account's own."""
    sent = tuple(address for address in envelope.from_ if _is_own(account, address))
    for address in (*sent, *envelope.to, *envelope.cc, *envelope.bcc):
        if _is_own(account, address):
            return account.identity if address.same_mailbox(account.identity) else Address(account.identity.name, address.email)
    return account.identity


def reply_subject(subject: str) -> str:
    """With one ``Re:``, whatever stood there in whatever language."""
    return f"Re: {_REPLY.sub('', subject, count=1) if _REPLY.match(subject) else subject}".rstrip()


def forward_subject(subject: str) -> str:
    """With ``Fwd:``, unless it is there."""
    return subject if _FORWARD.match(subject) else f"Fwd: {subject}".rstrip()


def references_for(envelope: Envelope) -> tuple[str, ...]:
    """The References of an answer (RFC 5322 §3.6.4): very long chains keep their first and their latest ids."""
    known = envelope.references or ((envelope.in_reply_to,) if envelope.in_reply_to else ())
    chain = tuple(dict.fromkeys((*known, envelope.message_id))) if envelope.message_id else known
    chain = tuple(message_id for message_id in chain if message_id)
    return chain if len(chain) <= MAX_REFERENCES else (chain[0], *chain[1 - MAX_REFERENCES :])


def is_too_long(text: str) -> bool:
    """Whether a text is more than is quoted."""
    return len(text) > MAX_QUOTED or text.count("\n") >= MAX_QUOTED_LINES


def quote_reply(text: str, sender: str, date: int | None) -> str:
    """The text with ``>`` before each line and a line that says who wrote it when (local time); without its signature.

    ``sender`` may be empty: nobody is named.
    """
    marks = [mark.start() for mark in _SIGNATURE.finditer(text)]
    body = text[: marks[-1]] if marks and text.count("\n", marks[-1]) <= MAX_SIGNATURE else text
    too_long = is_too_long(body)
    lines = [line.rstrip() for line in body[:MAX_QUOTED].strip("\n").split("\n", MAX_QUOTED_LINES)[:MAX_QUOTED_LINES]]
    quoted = "\n".join(f">{line}" if line.startswith(">") else f"> {line}" if line else ">" for line in lines)
    when = f"On {_written(date)}, " if date is not None else ""
    who = sender or ("somebody" if when else "Somebody")
    return f"{when}{who} wrote:\n{quoted}\n" + (f"{_LEFT_OUT}\n" if too_long else "")


def forward_text(text: str, envelope: Envelope) -> str:
    """The text below a head that tells where it comes from."""
    head = [
        ("From", format_addresses(envelope.from_)),
        ("Date", _written(envelope.date) if envelope.date is not None else ""),
        ("Subject", envelope.subject),
        ("To", format_addresses(envelope.to)),
        ("Cc", format_addresses(envelope.cc)),
    ]
    lines = [f"{name}: {value}" for name, value in head if value]
    return "\n".join(["---------- Forwarded message ----------", *lines, "", text])


def _written(date: int) -> str:
    """A date in words, the same in every locale."""
    try:
        local = time.localtime(date)
    except (OverflowError, ValueError, OSError):
        return "an unknown date"
    day = f"{DAYS[local.tm_wday]}, {local.tm_mday} {MONTHS[local.tm_mon - 1]} {local.tm_year}"
    return f"{day} at {local.tm_hour:02}:{local.tm_min:02}"


def _is_own(account: Account, address: Address) -> bool:
    """Sub-addresses (RFC 5233, ``ada+lists@example.org``) are the user's too."""
    local, _, domain = address.email.rpartition("@")
    return account.owns(address.email) or ("+" in local and account.owns(f"{local.partition('+')[0]}@{domain}"))


def _unique(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Those that can be written to, each mailbox once."""
    seen: dict[str, Address] = {}
    for address in addresses:
        if "@" in address.email:
            seen.setdefault(address.email.lower(), address)
    return tuple(seen.values())


def _without(addresses: Iterable[Address], account: Account, *, but: Iterable[Address] = ()) -> tuple[Address, ...]:
    known = {address.email.lower() for address in but}
    return _unique(address for address in addresses if address.email.lower() not in known and not _is_own(account, address))
