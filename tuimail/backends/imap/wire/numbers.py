# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as the grammar has them (RFC 9051 §9): a server that writes larger ones tells nothing that could be kept."""

import re

from tuimail.model.uidset import UidSet

MOST = 2**63 - 1
"""``number64``, and what SQLite holds."""
MOST_UID = 2**32 - 1
"""``nz-number``."""
MOST_MESSAGES = 100_000_000
"""More than any mailbox holds: work that grows with what a server says of its messages has an end."""
_SET = re.compile(rb"\d{1,10}(?::\d{1,10})?+(?:,\d{1,10}(?::\d{1,10})?+)*+")


def number(word: object) -> int | None:
    """A ``number64``; None for anything else."""
    if not isinstance(word, bytes) or not word.isdigit() or len(word) > 19:
        return None
    value = int(word)
    return value if value <= MOST else None


def next_uid(told: int | None) -> int | None:
    """What UIDNEXT says; None where no UID can follow (RFC 9051 §2.3.1.1)."""
    return told if told is not None and told <= MOST_UID + 1 else None


def number_set(raw: bytes) -> UidSet:
    """A ``sequence-set`` without ``*``. Raises ValueError when it is none."""
    if not _SET.fullmatch(raw):
        raise ValueError("no set of numbers")
    found = UidSet.parse(raw.decode("ascii"))
    if found.lowest < 1 or found.highest > MOST_UID:
        raise ValueError("a number that is no UID")
    return found
