# SPDX-License-Identifier: GPL-3.0-or-later
"""MAIL and RCPT commands for what the server offers (RFC 1870 SIZE, RFC 6152 8BITMIME, RFC 6531 SMTPUTF8). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from tuimail.backends.smtp.data import header_block
from tuimail.mime.addresses import ascii_address
from tuimail.model.errors import ServerRefused


@dataclass(frozen=True, slots=True)
class Commands:
    """What to say before DATA, without line ends."""

    mail: bytes
    recipients: tuple[bytes, ...]
    """In the order of the recipients."""


def commands(sender: str, recipients: tuple[str, ...], message: bytes, extensions: Mapping[str, str]) -> Commands:
    """The commands for one message. ``sender`` may be empty (the null reverse-path of RFC 5321 §4.5.5).

    ``extensions`` are EHLO keywords in lower case with their parameters. Raises InputWrong for what is no address, or cannot
    be reached without SMTPUTF8, and ServerRefused when the message is larger than the server takes.
    """
    utf8_offered = "smtputf8" in extensions
    reverse = ascii_address(sender, smtputf8=utf8_offered) if sender else ""
    forward = [ascii_address(recipient, smtputf8=utf8_offered) for recipient in recipients]
    eight_bit = not message.isascii()
    parameters = []
    if "size" in extensions:
        _check_size(len(message), extensions["size"])
        parameters.append(f" SIZE={len(message)}")
    if eight_bit and "8bitmime" in extensions:
        parameters.append(" BODY=8BITMIME")
    if utf8_offered and not ("".join((reverse, *forward)).isascii() and (not eight_bit or header_block(message).isascii())):
        parameters.append(" SMTPUTF8")
    mail = f"MAIL FROM:<{reverse}>{''.join(parameters)}"
    return Commands(mail.encode(), tuple(f"RCPT TO:<{address}>".encode() for address in forward))


def _check_size(size: int, limit: str) -> None:
    most = int(limit) if limit.isascii() and limit.isdigit() else 0
    if most and size > most:
        raise ServerRefused(
            f"The message has {size / 1e6:.1f} MB, and the server takes at most {most / 1e6:.1f} MB.",
            "Send fewer or smaller attachments.",
            code="552",
        )
