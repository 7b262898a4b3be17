# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lines of POP3 mean (RFC 1939 §3, RFC 2449 §8, RFC 3206). Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tuimail.model.errors import ServerBroken, ServerRefused, SignInNeeded, TryLater, TuimailError
from tuimail.model.text import safe_line

END = b"\r\n.\r\n"
"""Ends a multi-line answer. Only with CRLF: a message may hold a line with a dot between bare line feeds."""
MOST_MESSAGES = 1_000_000
_CODE = re.compile(rb"\[([A-Za-z/_-]{1,40})\] ?")
_STAMP = re.compile(rb"<[!-;=?-~]{1,200}@[!-;=?-~]{1,200}>")
_LINE = re.compile(rb"(\d{1,10})[ \t]+(\S+)")
_UNIQUE_ID = re.compile("[!-~\u00a0-\u00ff]{1,500}")
"""RFC 1939 §7 allows 70 characters, of ASCII. What has control characters could be one of the identities that we make."""
_SIZE_DIGITS = 15
_TEMPORARY = frozenset({"IN-USE", "LOGIN-DELAY", "SYS/TEMP"})


@dataclass(frozen=True, slots=True)
class Reply:
    """A status line."""

    ok: bool
    code: str
    """Extended response code, in upper case; empty where there is none."""
    text: bytes
    """What follows the status. Not safe to show."""


def is_status(word: bytes) -> bool:
    """Whether a status line begins with this word."""
    return word.upper() in (b"+OK", b"-ERR")


def parse_reply(line: bytes) -> Reply:
    """Read a status line. Raises ServerBroken."""
    status, _, rest = line.partition(b" ")
    if not is_status(status):
        raise ServerBroken("The mail server's answer is no POP3.", "Check the host name and the port.")
    code = _CODE.match(rest)
    return Reply(status.upper() == b"+OK", code[1].decode("ascii").upper() if code else "", rest)


def refusal(reply: Reply, doing: str, *, signing_in: bool = False) -> TuimailError:
    """What ``-ERR`` means to the user; ``doing`` is what was tried, as in "Sign in"."""
    text = safe_line(_CODE.sub(b"", reply.text, count=1).decode("utf-8", "replace").strip(), limit=200)
    said = f": “{text}”" if text else ""
    if reply.code == "IN-USE":
        return TryLater("Another program has the mailbox open, and POP3 lets in one at a time.", "It is tried again by itself.")
    if reply.code in _TEMPORARY:
        return TryLater(f"{doing}: the server asks to try later{said}.", "It is tried again by itself.")
    if reply.code == "AUTH" or (signing_in and reply.code != "SYS/PERM"):
        return SignInNeeded(f"The server refused user name or password{said}.", "Type the password again.")
    return ServerRefused(f"{doing}: the server refused{said}.", code=reply.code)


def stamp(greeting: bytes) -> bytes:
    """The stamp for APOP in a greeting (RFC 1939 §7); empty where there is none, or none that is a Message-ID."""
    found = _STAMP.search(greeting)
    return found[0] if found else b""


def capabilities(text: bytes) -> dict[str, frozenset[str]]:
    """CAPA: name → arguments, all in upper case."""
    found: dict[str, frozenset[str]] = {}
    for line in text.decode("ascii", "replace").upper().splitlines()[:200]:
        name, *arguments = line.split() or [""]
        found[name] = frozenset(arguments)
    return found


def numbered(text: bytes) -> Iterator[tuple[int, str]]:
    """The lines of LIST and UIDL: message number and what is said of it. Lines that make no sense are passed over."""
    for line in text.split(b"\r\n")[:MOST_MESSAGES]:
        if (match := _LINE.match(line)) and (number := int(match[1])) > 0:
            yield number, match[2].decode("latin-1")


def size_of(said: str) -> int:
    """Octets, as LIST tells them; 0 for what is no size that a message can have."""
    return int(said) if said.isascii() and said.isdigit() and len(said) <= _SIZE_DIGITS else 0


def unique_id_of(said: str) -> str:
    """A unique-id as UIDL tells it; empty for what is none."""
    return said if _UNIQUE_ID.fullmatch(said) else ""


def unstuffed(text: bytes) -> bytes:
    """The text of a multi-line answer with its doubled dots made single."""
    text = text.replace(b"\r\n..", b"\r\n.")
    return text[1:] if text.startswith(b"..") else text
