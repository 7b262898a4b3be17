# SPDX-License-Identifier: GPL-3.0-or-later
"""Address lists: received in any state, typed by a person, and made fit for the wire (RFC 5322 §3.4, RFC 5890)."""

import re

from tuimail.mime.address_scan import Mailbox, scan
from tuimail.mime.words import decode_words, unfold
from tuimail.model.address import Address
from tuimail.model.errors import InputWrong
from tuimail.model.text import safe_line

MAX_EMAIL = 320
MAX_ADDRESSES = 10_000
"""Of a received field; what follows is dropped."""
_LOCAL = re.compile(r'[^\s()<>\[\]:;@\\,"\x00-\x20\x7f-\xa0]+|"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')
_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*"
)
_LITERAL = re.compile(r"\[[A-Za-z0-9:.-]{2,64}\]")
_ADVICE = "Write it like ada@example.org."


def parse_addresses(value: str | bytes) -> tuple[Address, ...]:
    """The addresses of a received field, in order, names decoded, all safe to show. Never raises; linear time.

    Semicolons separate as commas do, groups are flattened, ``Doe, Ada <a@b>`` without quotes is one person. What has no ``@``
    stays as it is; nothing is ever read as an address out of quotes or encoded words.
    """
    found, _ = scan(unfold(value))
    return tuple(
        Address(_name(mailbox), safe_line(mailbox.spec))
        for mailbox in _comma_names_joined(found[:MAX_ADDRESSES])
        if mailbox.spec or mailbox.phrase
    )


def parse_typed(value: str) -> tuple[Address, ...]:
    """The addresses a user typed, separated by commas or semicolons; empty input gives none.

    Raises InputWrong naming the first one that cannot be an address.
    """
    if any(ord(character) < 32 and character != "\t" for character in value):
        raise InputWrong("An address field holds a line break or control character.", "Put all addresses on one line.")
    found, complete = scan(value)
    if not complete:
        raise InputWrong(f"A quote, bracket or parenthesis is not closed in: {safe_line(value, limit=100)}", _ADVICE)
    addresses = []
    for mailbox in found:
        if not mailbox.spec:
            raise InputWrong(f"“{safe_line(mailbox.phrase, limit=100)}” is not an e-mail address.", _ADVICE)
        ascii_address(mailbox.spec, smtputf8=True)
        addresses.append(Address(_name(mailbox), safe_line(mailbox.spec)))
    return tuple(addresses)


def ascii_address(email: str, *, smtputf8: bool = False) -> str:
    """The address as it goes out: an internationalised domain as A-labels (RFC 5891).

    Raises InputWrong for what is no address, and for a local part beyond ASCII unless ``smtputf8`` (RFC 6531) is set.
    """
    local, at, domain = email.rpartition("@")
    shown = safe_line(email, limit=100)
    if not at or len(email) > MAX_EMAIL or not _LOCAL.fullmatch(local):
        raise InputWrong(f"“{shown}” is not an e-mail address.", _ADVICE)
    if not local.isascii() and not smtputf8:
        raise InputWrong(
            f"“{shown}” has letters beyond ASCII before the @, which the server does not take.", "Ask for another address."
        )
    if not domain.isascii():
        domain = _a_labels(domain, shown)
    if not (_DOMAIN.fullmatch(domain) or _LITERAL.fullmatch(domain)):
        raise InputWrong(f"“{shown}” has no usable domain after the @.", _ADVICE)
    return f"{local}@{domain}"


def _a_labels(domain: str, shown: str) -> str:
    import idna  # 10 ms to import, and seldom needed

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise InputWrong(f"“{shown}” has no usable domain after the @.", _ADVICE) from error


def _name(mailbox: Mailbox) -> str:
    """The display name, or the comment that stands in for it; empty when it only repeats the address."""
    name = decode_words(mailbox.phrase or mailbox.comment)
    if len(name) > 2 and name[0] == name[-1] == "'":
        name = safe_line(name[1:-1])
    return "" if name.lower() == mailbox.spec.lower() else name


def _comma_names_joined(found: list[Mailbox]) -> list[Mailbox]:
    """``Doe, Ada <a@b>`` gives a bare word and an address with a name: those are one person whose name lacks its quotes."""
    joined: list[Mailbox] = []
    for mailbox in found:
        before = joined[-1] if joined else None
        if before and before.bare and before.before_comma and mailbox.angle and mailbox.phrase:
            joined[-1] = Mailbox(f"{before.phrase}, {mailbox.phrase}", mailbox.spec, mailbox.comment, angle=True)
        else:
            joined.append(mailbox)
    return [
        Mailbox("", mailbox.phrase)
        if mailbox.bare and _LOCAL.fullmatch(mailbox.phrase) and "=?" not in mailbox.phrase
        else mailbox
        for mailbox in joined
    ]
