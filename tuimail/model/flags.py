# SPDX-License-Identifier: GPL-3.0-or-later
r"""System flags and keywords (RFC 9051 §2.3.2).

A set of flags is a ``frozenset`` of their names on the wire. System flags and the registered keywords that are known here are
written as the RFCs do (``\Seen``, ``$Forwarded``), whatever case the server used; other keywords as the server sent them.
"""

Flags = frozenset[str]

SEEN = "\\Seen"
ANSWERED = "\\Answered"
FLAGGED = "\\Flagged"
DELETED = "\\Deleted"
DRAFT = "\\Draft"
FORWARDED = "$Forwarded"
JUNK = "$Junk"
NOT_JUNK = "$NotJunk"
MDN_SENT = "$MDNSent"

SYSTEM_FLAGS = (SEEN, ANSWERED, FLAGGED, DELETED, DRAFT)
_CANONICAL = {name.lower(): name for name in (*SYSTEM_FLAGS, FORWARDED, JUNK, NOT_JUNK, MDN_SENT)}
_WORDS = {"seen": SEEN, "flagged": FLAGGED, "answered": ANSWERED, "draft": DRAFT}
_NAMES = {flag: word for word, flag in _WORDS.items()}

NONE: Flags = frozenset()


def canonical(flag: str) -> str:
    """A flag that is known here in its RFC's spelling; another keyword unchanged."""
    return _CANONICAL.get(flag.lower(), flag)


def from_word(word: str) -> str:
    r"""The flag for a word of the command line: ``seen`` → ``\Seen``; a keyword is itself."""
    return _WORDS.get(word.lower(), word)


def to_word(flag: str) -> str:
    """The inverse of `from_word`."""
    return _NAMES.get(flag, flag)
