# SPDX-License-Identifier: GPL-3.0-or-later
"""A message of an exact size."""

import secrets

from tuimail.mime.compose import date_text
from tuimail.model.errors import InputWrong

SMALLEST = 400
LARGEST = 60 << 20
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LINE = 76


def make_message(size: int, sender: str, recipient: str, now: int) -> tuple[bytes, bytes]:
    """A Message-ID, and a message of ``size`` octets with lines of 76 characters, as base64 has them. Raises InputWrong."""
    if not SMALLEST <= size <= LARGEST:
        raise InputWrong(f"A message of {size:,} octets is not measured.", f"Take a size from {SMALLEST} to {LARGEST:,}.")
    mark = f"<{secrets.token_urlsafe(18)}@measure.tuimail.invalid>"
    head = (
        f"Date: {date_text(now)}\r\nFrom: {sender}\r\nTo: {recipient}\r\nSubject: tuimail measure, {size} octets\r\n"
        f"Message-ID: {mark}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
    ).encode()
    # One line repeated: a message of 60 MB is made at once, and nothing on the way compresses it.
    line = bytes(secrets.choice(_ALPHABET) for _ in range(_LINE)) + b"\r\n"
    full, rest = divmod(size - len(head), len(line))
    if rest == 1:
        full, rest = full - 1, rest + len(line)
    return mark.encode(), head + line * full + (b"\r\n".rjust(rest, b"=") if rest else b"")
