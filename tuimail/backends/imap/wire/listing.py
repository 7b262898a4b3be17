# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST, LSUB, STATUS, NAMESPACE, SEARCH and ESEARCH (RFC 9051 §7.3)."""

import re
from itertools import pairwise
from typing import NamedTuple

from tuimail.backends.imap.wire.numbers import MOST_MESSAGES, next_uid, number, number_set
from tuimail.backends.imap.wire.splitter import Unit
from tuimail.backends.imap.wire.tokens import Malformed, Value, tokens
from tuimail.backends.port import FolderStatus
from tuimail.model.folder import FolderRole
from tuimail.model.text import safe_line
from tuimail.model.uidset import UidSet

_ROLES = {
    "\\drafts": FolderRole.DRAFTS,
    "\\sent": FolderRole.SENT,
    "\\archive": FolderRole.ARCHIVE,
    "\\trash": FolderRole.TRASH,
    "\\junk": FolderRole.JUNK,
    "\\spam": FolderRole.JUNK,
    "\\all": FolderRole.ALL,
    "\\allmail": FolderRole.ALL,
    "\\flagged": FolderRole.FLAGGED,
    "\\starred": FolderRole.FLAGGED,
}
_OBJECT_ID = re.compile(rb"[A-Za-z0-9_-]{1,255}")
SPECIAL_USE = {role: word.title().encode() for word, role in reversed(_ROLES.items())}
"""The attribute for CREATE (RFC 6154 §3)."""


class Listed(NamedTuple):
    """One mailbox of LIST or LSUB."""

    raw: bytes
    """The name as it stands on the wire."""
    delimiter: str
    attributes: frozenset[str]
    """In lower case."""

    @property
    def role(self) -> FolderRole | None:
        """From SPECIAL-USE attributes, XLIST's included."""
        return next((_ROLES[name] for name in sorted(self.attributes) if name in _ROLES), None)

    @property
    def selectable(self) -> bool:
        r"""Neither ``\Noselect`` nor ``\NonExistent``."""
        return not self.attributes & {"\\noselect", "\\nonexistent"}

    @property
    def exists(self) -> bool:
        r"""Not just a subscription, or a level on the way to folders below (RFC 9051 §7.3.1)."""
        return "\\nonexistent" not in self.attributes


def listed(unit: Unit) -> Listed:
    """A LIST or LSUB response. Raises Malformed."""
    match tokens(unit):
        case [list(attributes), delimiter, bytes(name), *_]:
            return Listed(name, _delimiter(delimiter), frozenset(_lower(word) for word in attributes))
        case [list(attributes), delimiter, None, *_]:  # a mailbox called nil, unquoted
            return Listed(b"NIL", _delimiter(delimiter), frozenset(_lower(word) for word in attributes))
    raise Malformed("no mailbox in the list")


def status(unit: Unit) -> tuple[bytes, FolderStatus]:
    """A STATUS response: raw name and values. Raises Malformed. A name with spaces that nobody quoted (Exchange) is joined."""
    match tokens(unit):
        case [*words, list(values)] if words:
            pairs = {_lower(name): value for name, value in zip(values[::2], values[1::2], strict=False)}
            found = FolderStatus(
                messages=_count(pairs.get("messages")),
                unseen=_count(pairs.get("unseen")),
                uidnext=next_uid(number(pairs.get("uidnext"))),
                uidvalidity=number(pairs.get("uidvalidity")),
                highestmodseq=number(pairs.get("highestmodseq")) or None,
                mailbox_id=_identifier(pairs.get("mailboxid")),
            )
            return b" ".join(word for word in words if isinstance(word, bytes)), found
    raise Malformed("no status")


class Namespaces(NamedTuple):
    """Prefixes of NAMESPACE (RFC 2342), raw."""

    personal: tuple[bytes, ...] = (b"",)
    others: tuple[bytes, ...] = ()


def namespaces(unit: Unit) -> Namespaces:
    """A NAMESPACE response; anything odd counts as one personal namespace without prefix."""
    try:
        kinds = tokens(unit)
    except Malformed:
        return Namespaces()
    prefixes = [
        tuple(item[0] for item in kind if isinstance(item, list) and item and isinstance(item[0], bytes))
        if isinstance(kind, list)
        else ()
        for kind in kinds
    ]
    return (
        Namespaces(prefixes[0] or (b"",), tuple(prefix for kind in prefixes[1:] for prefix in kind))
        if prefixes
        else Namespaces()
    )


def search(unit: Unit) -> list[int]:
    """The numbers of a SEARCH response."""
    return [int(word) for word in unit[0].split() if word.isdigit() and len(word) <= 10]


def esearch_all(unit: Unit) -> UidSet:
    """The ALL set of an ESEARCH response (RFC 4731); empty without one."""
    words = [word for word in tokens(unit) if isinstance(word, bytes)]
    for word, following in pairwise(words):
        if word.upper() == b"ALL":
            try:
                return number_set(following)
            except ValueError as error:
                raise Malformed("no set of numbers") from error
    return UidSet()


def vanished(unit: Unit) -> tuple[bool, UidSet]:
    """VANISHED (RFC 7162 §3.2.10): whether it is EARLIER, and the UIDs. Raises Malformed."""
    text = unit[0].strip()
    earlier = text[:9].upper() == b"(EARLIER)"
    try:
        return earlier, number_set((text[9:] if earlier else text).strip())
    except ValueError as error:
        raise Malformed("no set of numbers") from error


def _delimiter(value: Value) -> str:
    return safe_line(value.decode("utf-8", "replace"), limit=1) if isinstance(value, bytes) else ""


def _count(value: object) -> int | None:
    """Messages; None where nobody can have so many."""
    count = number(value)
    return count if count is not None and count <= MOST_MESSAGES else None


def _lower(value: Value) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""


def _identifier(value: Value) -> str:
    """An object identifier; empty for what cannot be one (RFC 8474 §7)."""
    inner = value[0] if isinstance(value, list) and value else value
    return inner.decode("ascii") if isinstance(inner, bytes) and _OBJECT_ID.fullmatch(inner) else ""
