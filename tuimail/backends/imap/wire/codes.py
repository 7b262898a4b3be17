# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a status response and its response code (RFC 9051 §7.1, RFC 5530), and what a refusal means to the user."""

import re
from itertools import islice
from typing import NamedTuple

from tuimail.backends.imap.wire.numbers import number, number_set
from tuimail.model.errors import ServerRefused, SignInNeeded, TryLater, TuimailError
from tuimail.model.text import safe_line

_CODE = re.compile(rb"\[([^\s\]]{1,64})(?: ((?:\"(?:[^\"\\]|\\.)*+\"|[^\]\"])*+))?\] ?(.*)", re.DOTALL)
_MAX_COPIED = 1_000_000


class StatusText(NamedTuple):
    """``[CODE arguments] text``."""

    code: str
    """In upper case; empty where there is none."""
    arguments: bytes
    text: bytes
    """For people. Not safe to show."""

    @property
    def number(self) -> int | None:
        """The first argument as a number, as in UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ."""
        word = self.arguments.strip().split(b" ", 1)[0]
        return number(word)


def parse_status_text(text: bytes) -> StatusText:
    """Read what follows OK, NO, BAD or BYE. Never raises."""
    match = _CODE.match(text)
    if match is None:
        return StatusText("", b"", text)
    return StatusText(match[1].decode("ascii", "replace").upper(), match[2] or b"", match[3])


def copied(arguments: bytes) -> tuple[int, dict[int, int]] | None:
    """UIDVALIDITY of the target and old UID → new UID, from COPYUID (RFC 4315 §3). The order of both sets counts."""
    words = arguments.split()
    try:
        validity, old, new = number(words[0]), _in_order(words[1]), _in_order(words[2])
    except (ValueError, IndexError):
        return None
    return (validity, dict(zip(old, new, strict=True))) if validity and len(old) == len(new) else None


def _in_order(raw: bytes) -> list[int]:
    number_set(raw)
    members: list[int] = []
    for piece in raw.split(b","):
        low, _, high = piece.partition(b":")
        first, last = int(low), int(high or low)
        step = 1 if last >= first else -1
        members.extend(islice(range(first, last + step, step), _MAX_COPIED - len(members)))
    return members


_SIGN_IN = frozenset({"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED", "WEBALERT"})
_LATER = frozenset({"UNAVAILABLE", "LIMIT", "INUSE", "THROTTLED", "SERVERBUG"})
_NO_SUCH_FOLDER = re.compile(
    rb"(?:mailbox|folder)\b.{0,200}(?:does ?n[o']t exist|does not exist|not found|nonexistent|non-existent|not exist)"
    rb"|no such (?:mailbox|folder)|unknown (?:mailbox|folder)|(?:mailbox|folder) unknown"
    rb"|invalid (?:mailbox|folder)(?: name)?\b",
    re.IGNORECASE | re.DOTALL,
)
_EXISTS_ALREADY = re.compile(rb"(?:already|mailbox|folder) exists", re.IGNORECASE)


def refusal(status: str, text: StatusText, what: str, *, signing_in: bool = False) -> TuimailError:
    """The error for a NO or BAD. ``what`` is what was to be done, in words: ``"Open the folder Work"``."""
    said = safe_line(text.text.decode("utf-8", "replace"), limit=300)
    message = f"{what}: the server said “{said}”." if said else f"{what}: the server refused without a reason."
    code = text.code
    if code in _LATER or (signing_in and code == "CONTACTADMIN"):
        return TryLater(message, "It is tried again by itself.", code=code)
    if code in _SIGN_IN or (signing_in and status == "NO"):
        return SignInNeeded(message, "Check user name and password; some providers want an app password.")
    if not code and _NO_SUCH_FOLDER.search(text.text):
        code = "NONEXISTENT"
    elif not code and _EXISTS_ALREADY.search(text.text):
        code = "ALREADYEXISTS"
    return ServerRefused(message, _ADVICE.get(code, ""), code=code)


_ADVICE = {
    "OVERQUOTA": "The mailbox is full: delete something and empty the trash.",
    "NOPERM": "You may not do this there.",
    "TOOBIG": "The message is too large for this server.",
    "ALREADYEXISTS": "Choose another name.",
    "NONEXISTENT": "It may have been renamed or deleted elsewhere.",
    "TRYCREATE": "The folder has to be created first.",
}
