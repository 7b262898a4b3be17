# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as the grammar has them (RFC 9051 §9): a server that writes larger ones tells nothing that could be kept."""

import re

from tuimail.model.uidset import UidSet

MOST = 2**63 - 1
"""``number64``, and what SQLite holds."""
_MOST_UID = 2**32 - 1
_SET = re.compile(rb"\d{1,10}(?::\d{1,10})?+(?:,\d{1,10}(?::\d{1,10})?+)*+")


def number(word: object) -> int | None:
    """A ``number64``; None for anything else."""
    if not isinstance(word, bytes) or not word.isdigit() or len(word) > 19:
        return None
    value = int(word)
    return value if value <= MOST else None


def number_set(raw: bytes) -> UidSet:
    """A ``sequence-set`` without ``*``. Raises ValueError when it is none."""
    if not _SET.fullmatch(raw):
        raise ValueError("no set of numbers")
    found = UidSet.parse(raw.decode("ascii"))
    if found.lowest < 1 or found.highest > _MOST_UID:
        raise ValueError("a number that is no UID")
    return found
