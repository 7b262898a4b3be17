# SPDX-License-Identifier: GPL-3.0-or-later
"""How large the answer to a command may be, and how long it may take, by what is asked for.

Who answers more than that is no mail server, or a broken one. The sizes are those of the largest mailboxes that are to be
read: a million messages, 200,000 folders, messages of 100 MB.
"""

import re
from typing import NamedTuple

from tuimail.backends.imap.wire.arguments import Command
from tuimail.backends.imap.wire.splitter import MAX_LITERAL

MAX_ANSWER = 300 << 20
"""Octets of untagged responses that any command may bring: the flags of a million messages."""
ANSWER_SECONDS = 600.0
"""How long the server may put off an answer for which it has little to do, whatever it says meanwhile (``* OK Still here``).
The slowest of these is SELECT, for which servers read an mbox file of gigabytes from the disk."""
WORK_SECONDS = 3600.0
"""The same where it may have to look into every message, or to copy them: SEARCH without an index, COPY, EXPUNGE."""


class Limits(NamedTuple):
    """What the answer to one command may be."""

    octets: int
    """Of untagged responses that are kept, each with its overhead."""
    literal: int
    """Octets of literals in one response."""
    works: bool
    """Whether the answer may take `WORK_SECONDS`."""


_NAMES = 192 << 20
"""LIST and STATUS of 200,000 folders, with their overhead."""
_UIDS = 32 << 20
"""A million UIDs, in decimal, twice."""
_WORDS = 1 << 20
"""A name, or what is said to people."""
_HEADER = 16 << 20
"""Fields of a message's header, or its addresses."""
USUAL = Limits(_UIDS, _WORDS, works=False)
_LIMITS = tuple(
    (re.compile(pattern), limits)
    for pattern, limits in (
        (rb"UID FETCH .*BODY\.PEEK\[(?!HEADER\.FIELDS)", Limits(MAX_ANSWER, MAX_LITERAL, works=True)),
        (rb"(?:UID )?FETCH ", Limits(MAX_ANSWER, _HEADER, works=True)),
        (rb"UID STORE \d+ ", USUAL),
        (rb"UID |EXPUNGE|APPEND |CREATE |RENAME |DELETE |CLOSE|UNSELECT", Limits(_UIDS, _WORDS, works=True)),
        (rb"LIST |LSUB |XLIST ", Limits(_NAMES, _WORDS, works=True)),
        (rb"STATUS ", Limits(_NAMES, _WORDS, works=False)),
    )
)


def limits_of(command: Command) -> Limits:
    """Those of one command."""
    line = command[0] if command and isinstance(command[0], bytes) else b""
    return next((limits for pattern, limits in _LIMITS if pattern.match(line)), USUAL)
