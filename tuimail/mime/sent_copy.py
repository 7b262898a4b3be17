# SPDX-License-Identifier: GPL-3.0-or-later
"""The sender's own copy and a draft tell to whom a message goes secretly (RFC 5322 §3.6.3); the message itself does not."""

from collections.abc import Iterable

from tuimail.mime.addresses import ascii_address, parse_addresses
from tuimail.mime.emit import address_list
from tuimail.mime.headers import Headers
from tuimail.model.address import Address
from tuimail.model.errors import InputWrong

_NAMED_IN = ("to", "cc", "bcc")


def with_bcc(message: bytes, recipients: tuple[str, ...]) -> bytes:
    """The message with a Bcc field for the recipients that no field names. A redirected message stays as it is.

    Never raises: the message was sent already.
    """
    headers = Headers.parse(message)
    if headers.get("resent-to"):
        return message
    named = {_written(one.email).lower() for name in _NAMED_IN for value in headers.all(name) for one in parse_addresses(value)}
    secret = [Address("", email) for recipient in recipients if (email := _written(recipient)) and email.lower() not in named]
    return naming_in_bcc(message, secret)


def naming_in_bcc(message: bytes, secret: Iterable[Address]) -> bytes:
    """The message with a Bcc field for these. Raises InputWrong for what is no address."""
    head, blank, body = message.partition(b"\r\n\r\n")
    field = address_list("Bcc", secret, smtputf8=True).encode()
    return b"".join((head, b"\r\n", field.removesuffix(b"\r\n"), blank, body)) if field else message


def _written(email: str) -> str:
    """An address as it stands in a header, however it was typed; empty where it cannot stand there."""
    try:
        return ascii_address(email, smtputf8=True)
    except InputWrong:
        return ""
