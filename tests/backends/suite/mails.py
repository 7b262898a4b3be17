# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages for the tests, octet by octet."""

from hashlib import sha256

PLAIN = (
    b"From: Ada <ada@example.org>\r\nTo: bob@example.org\r\nSubject: Plain\r\nMessage-ID: <plain@example.org>\r\n\r\nhello\r\n"
)


def mail(number: int, *, body: str = "hello", extra: str = "") -> bytes:
    """A short message that differs from every other number's."""
    head = f"From: ada@example.org\r\nSubject: Mail {number}\r\nMessage-ID: <mail{number}@example.org>\r\n{extra}"
    return f"{head}\r\n{body} {number}\r\n".encode()


def long_mail(octets: int) -> bytes:
    """A message of that size whose lines all differ, so that a lost or doubled piece shows."""
    head = b"From: ada@example.org\r\nSubject: Long\r\nMessage-ID: <long@example.org>\r\n\r\n"
    lines = (b"%060d\r\n" % number for number in range(octets // 62 + 1))
    return (head + b"".join(lines))[: octets - 2] + b"\r\n"


def told(found: object) -> str:
    """Few words for long octets: pytest takes hours to show where megabytes differ."""
    if not isinstance(found, bytes):
        return repr(found)
    return f"{len(found):,} octets, SHA-256 {sha256(found).hexdigest()}"
