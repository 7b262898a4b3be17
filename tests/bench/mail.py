# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail that is measured with: message ``number`` is the same each time and on each server."""

from datetime import UTC, datetime, timedelta

FORMAT = 3
"""To be raised with every change of what is made here: filled mailboxes are kept between runs under this number."""
HIT_WORD = "bathyscaphe"
"""Stands in the body of one message in `HIT_EVERY` and nowhere else."""
HIT_EVERY = 4001
UNREAD_EVERY = 100
_BEGIN = datetime(2025, 11, 1, tzinfo=UTC)
_APART = timedelta(seconds=20)
_PEOPLE = (
    ("Mira Sand", "mira@charts.example"), ("Jonas Berg", "jonas@harbour.example"), ("Ben Okafor", "ben@press.example"),
    ("Aiko Mori", "aiko@paper.example"), ("Leila Haddad", "leila@survey.example"), ("Tomasz Lis", "tomasz@rail.example"),
    ("Grace Hill", "grace@archive.example"),
)  # fmt: skip
_THINGS = ("harbour map", "paper samples", "train times", "meeting notes", "printer", "school atlas", "legend", "tide tables")
_TEXT = (
    "the survey of the northern coast goes on while the weather holds and the boats come back before dark with new soundings "
    "that have to be drawn into the sheet until friday because the printer wants it then and not a day later"
)
_WORDS = _TEXT.split()
ATTACHMENT = 20_000_000
"""Octets of the big attachment, before base64."""


def subject(number: int) -> str:
    """What the list shows of a message; `marker` finds it on a screen."""
    return f"{marker(number)} {_THINGS[number % len(_THINGS)]}"


def marker(number: int) -> str:
    """Stands on a screen exactly where the message does."""
    return f"Message {number}:"


def hello(number: int) -> str:
    """Stands on a screen where the message's text does."""
    return f"hello from letter {number} ~"


def when(number: int) -> datetime:
    """Date and INTERNALDATE."""
    return _BEGIN + number * _APART


def seen(number: int) -> bool:
    """All are read but one in `UNREAD_EVERY`."""
    return number % UNREAD_EVERY != 0


def newest_hit(total: int) -> int:
    """The number of the newest message with `HIT_WORD`; 0 where there is none."""
    return total // HIT_EVERY * HIT_EVERY


def message(number: int) -> bytes:
    """The octets of message ``number``, with CRLF. One in eight has an HTML alternative."""
    kind = "text/plain; charset=utf-8"
    text = _text(number)
    if number % 8 == 3:
        kind = 'multipart/alternative; boundary="b=1"'
        text = _parts([("text/plain; charset=utf-8", "", text), ("text/html; charset=utf-8", "", f"<p>{text}</p>\r\n")])
    return (_head(number, kind) + text).encode()


def with_attachment(number: int) -> bytes:
    """Message ``number`` with a text, and a big attachment beside it."""
    line = "A" * 76 + "\r\n"
    encoded = line * (ATTACHMENT * 4 // 3 // 76)
    disposition = 'Content-Disposition: attachment; filename="sheet.bin"\r\nContent-Transfer-Encoding: base64\r\n'
    parts = [("text/plain; charset=utf-8", "", _text(number)), ("application/octet-stream", disposition, encoded)]
    return (_head(number, 'multipart/mixed; boundary="b=1"') + _parts(parts)).encode()


def _head(number: int, kind: str) -> str:
    name, address = _PEOPLE[number % len(_PEOPLE)]
    return (
        f"From: {name} <{address}>\r\nTo: Robin Vale <robin@bench.example>\r\nSubject: {subject(number)}\r\n"
        f"Date: {when(number):%a, %d %b %Y %H:%M:%S +0000}\r\nMessage-ID: <{number}.letter@bench.example>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n"
    )


def _text(number: int) -> str:
    words = [_WORDS[(number * 7 + at * 5) % len(_WORDS)] for at in range(60)]
    if number and number % HIT_EVERY == 0:
        words[30] = HIT_WORD
    lines = [" ".join(words[at : at + 10]) for at in range(0, 60, 10)]
    return f"{hello(number)}\r\n\r\n" + "\r\n".join(lines) + "\r\n"


def _parts(parts: list[tuple[str, str, str]]) -> str:
    return "".join(f"--b=1\r\nContent-Type: {kind}\r\n{more}\r\n{text}\r\n" for kind, more, text in parts) + "--b=1--\r\n"
