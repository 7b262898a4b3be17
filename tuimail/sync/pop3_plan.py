# SPDX-License-Identifier: GPL-3.0-or-later
"""Which messages on a POP3 server are known. Pure.

A unique-id (UIDL) names a message for good, says RFC 1939 §7. Some servers give one to several messages, others give new ones
in each session, or to another message what one had that was deleted, and a few have none. Then the fingerprint of the header
tells: the same under an identity that the server does not list any more is the same message.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tuimail.backends.maildrop import Waiting
from tuimail.mime.headers import Headers
from tuimail.store.pop3 import KnownMessage

FORGET = 30 * 86400
"""Seconds that a message which is gone from the server is remembered: it may only be hidden for a while."""
_VOLATILE = (b"status:", b"x-status:", b"x-uid:", b"x-uidl:", b"x-keywords:", b"x-imap", b"content-length:", b"lines:")
"""Fields that servers add to what they keep, in lower case."""


@dataclass(slots=True)
class Matched:
    """What is known of the messages on the server."""

    known: dict[int, KnownMessage] = field(default_factory=dict)
    """By message number."""
    strange: list[Waiting] = field(default_factory=list)
    """Only their headers can tell, newest first."""


def match(waiting: Sequence[Waiting], known: Iterable[KnownMessage], *, careful: bool) -> Matched:
    """What the unique-ids tell, those that only one message has, if the size is the same as well.

    ``careful``: what is stored will be deleted on the server, so its header is compared before.
    """
    by_identity = {one.identity: one for one in known}
    times = Counter(one.unique_id for one in waiting)
    found = Matched()
    for one in waiting:
        same = by_identity.get(one.unique_id) if times[one.unique_id] == 1 else None
        if same is not None and same.size == one.size and not (careful and same.stored):
            found.known[one.number] = same
        else:
            found.strange.append(one)
    found.strange.reverse()
    return found


def fingerprint(header: bytes) -> str:
    """Of a header, without what servers change in it."""
    lines: list[bytes] = []
    for line in header.split(b"\r\n\r\n", 1)[0].split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and lines:
            lines[-1] += line.rstrip()
        else:
            lines.append(line.rstrip())
    kept = [line for line in lines if line and not line.lower().startswith(_VOLATILE)]
    return hashlib.sha256(b"\n".join(kept)).hexdigest()[:40]


def may_be_of(header: bytes, message: bytes) -> bool:
    """Whether the header that TOP told may be this message's, which RETR brought: by its Message-ID, else by what it has."""
    told, came = Headers.parse(header), Headers.parse(message)
    names = ("Message-ID",) if told.get("Message-ID").strip() else ("Date", "From", "Subject")
    values = [(told.get(name).strip(), came.get(name).strip()) for name in names if told.get(name).strip()]
    return not values or any(first == second for first, second in values)


class Recognition:
    """Goes through the strange messages of one session by their fingerprints."""

    def __init__(self, waiting: Sequence[Waiting], known: Iterable[KnownMessage], matched: Mapping[int, KnownMessage]) -> None:
        self._times = Counter(one.unique_id for one in waiting)
        self._same: Counter[str] = Counter()
        taken = {one.id for one in matched.values()}
        self._free: dict[str, list[KnownMessage]] = {}
        for one in known:
            if one.id not in taken:
                self._free.setdefault(one.fingerprint, []).append(one)

    def identity(self, one: Waiting, print_: str) -> str:
        """What a message is known by from now on: its unique-id, else its fingerprint and which of the same it is."""
        if one.unique_id and self._times[one.unique_id] == 1:
            return one.unique_id
        self._same[print_] += 1
        return f"\1{print_}.{self._same[print_]}"

    def known_as(self, identity: str, print_: str) -> KnownMessage | None:
        """The known message that this one is: the one with its identity, else one that the server does not list otherwise."""
        free = self._free.get(print_, [])
        found = next((one for one in free if one.identity == identity), free[0] if free else None)
        if found is not None:
            free.remove(found)
        return found


@dataclass(frozen=True, slots=True)
class Missing:
    """What becomes of messages that the server does not list."""

    noted: list[KnownMessage]
    """Remembered for a while."""
    forgotten: list[KnownMessage]
    headers: list[KnownMessage]
    """Of those forgotten, whose header alone came: there is no more of them anywhere."""


def missing(known: Iterable[KnownMessage], there: Iterable[KnownMessage], now: int) -> Missing:
    """``there``: those that were recognised. Headers go when they were missed twice; what was deleted there, at once."""
    listed = {one.id for one in there}
    found = Missing([], [], [])
    for one in known:
        if one.id in listed:
            continue
        lost = not one.stored and one.gone
        if one.asked_to_delete or lost or (one.gone and one.gone < now - FORGET):
            found.forgotten.append(one)
            if not one.stored:
                found.headers.append(one)
        else:
            found.noted.append(one)
    return found
