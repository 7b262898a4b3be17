# SPDX-License-Identifier: GPL-3.0-or-later
"""The mbox format as RFC 4155 describes it, in the mboxrd variant: what is quoted on the way in comes out as it was.

Flags stand in Status and X-Status fields, as mail programs have agreed on.
"""

import re
from collections.abc import Iterable, Iterator
from time import gmtime

from tuimail.mime.dates import DAYS, MONTHS, parse_date
from tuimail.model.flags import ANSWERED, DRAFT, FLAGGED, SEEN, Flags

_QUOTED = re.compile(rb"^(>*From )", re.MULTILINE)
_UNQUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_SEPARATOR = re.compile(rb"From .*\d")
_STATUS = re.compile(rb"^(?:x-)?status:[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)
_VALUE = re.compile(rb"^(x-)?status:[ \t]*([A-Za-z]*)", re.IGNORECASE | re.MULTILINE)
_PLAIN = {ord("R"): SEEN}
_EXTENDED = {ord("A"): ANSWERED, ord("F"): FLAGGED, ord("T"): DRAFT}
"""Letters of Status and of X-Status."""


def mbox_entry(raw: bytes, flags: Flags, sender: str, date: int) -> bytes:
    """One message with its separator before and the empty line behind. ``date`` in seconds since 1970."""
    year, month, day, hour, minute, second, weekday, _, _ = gmtime(date)
    when = f"{DAYS[weekday]} {MONTHS[month - 1]} {day:2} {hour:02}:{minute:02}:{second:02} {year:04}"
    address = "".join(character for character in sender if "!" <= character <= "~") or "MAILER-DAEMON"
    head, body = _split(raw.replace(b"\r\n", b"\n"))
    status = f"Status: {'R' if SEEN in flags else ''}O\n"
    if letters := "".join(chr(letter) for letter, flag in _EXTENDED.items() if flag in flags):
        status += f"X-Status: {letters}\n"
    text = _QUOTED.sub(rb">\1", _STATUS.sub(b"", head) + status.encode() + body)
    return f"From {address} {when}\n".encode() + text + (b"\n" if text.endswith(b"\n") else b"\n\n")


def _split(text: bytes) -> tuple[bytes, bytes]:
    """Header, which ends with a line break, and the empty line with the body, either of which may be missing."""
    if not text or text.startswith(b"\n"):
        return b"", text
    end = text.find(b"\n\n")
    if end >= 0:
        return text[: end + 1], text[end + 1 :]
    return text if text.endswith(b"\n") else text + b"\n", b""


def is_separator(line: bytes) -> bool:
    """Whether a line begins a message of an mbox, at its beginning or behind an empty line."""
    return _SEPARATOR.match(line) is not None


def mbox_messages(lines: Iterable[bytes]) -> Iterator[tuple[bytes, Flags, int | None]]:
    """Each message with its flags and its date in seconds since 1970, None where that cannot be told; one in memory at a time.

    Lines end in LF, or CRLF. What stands before the first separator is left out.
    """
    kept: list[bytes] | None = None
    date: int | None = None
    after_blank = True
    for line in lines:
        if after_blank and is_separator(line):
            if kept is not None:
                yield _finished(kept, date)
            kept, date = [], parse_date(line.decode("ascii", "replace").partition(" ")[2].partition(" ")[2])
        elif kept is not None:
            kept.append(line)
        after_blank = not line.rstrip(b"\r\n")
    if kept is not None:
        yield _finished(kept, date)


def _finished(lines: list[bytes], date: int | None) -> tuple[bytes, Flags, int | None]:
    if lines and not lines[-1].rstrip(b"\r\n"):
        del lines[-1]
    text = _UNQUOTED.sub(rb"\1", b"".join(lines).replace(b"\r\n", b"\n"))
    head, body = _split(text)
    flags = [
        table[letter]
        for extended, letters in _VALUE.findall(head)
        for table in (_EXTENDED if extended else _PLAIN,)
        for letter in letters.upper()
        if letter in table
    ]
    return _STATUS.sub(b"", head) + body, frozenset(flags), date
