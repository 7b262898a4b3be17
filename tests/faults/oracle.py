# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells what really became of the mail: what another client finds on the server, beside what the user is shown.

One census is taken before a fault and one after it. Between the two there may be what the user did, and nothing else.
"""

import hashlib
from collections import Counter
from typing import NamedTuple

from tests.backends.suite.other_client import OtherClient
from tuimail.model.flags import DELETED, Flags
from tuimail.store.store import Store


class Seen(NamedTuple):
    """One message at one place."""

    folder: str
    message_id: str
    flags: Flags


class _Kept(NamedTuple):
    seen: Seen
    digest: str
    """Of all its octets: a message that arrived in half is another message."""


Shown = Counter[Seen]


class Oracle:
    """Compares what a mailbox held with what it holds."""

    def __init__(self, other: OtherClient) -> None:
        self._other = other
        self._before: Counter[_Kept] = Counter()
        self.remember()

    def remember(self) -> None:
        """From now on only what changes after this counts."""
        self._before = self._census()

    def went(self) -> list[Seen]:
        """What was there and is not any more; a message that changed in any way went and came."""
        return sorted(kept.seen for kept in (self._before - self._census()).elements())

    def came(self) -> list[Seen]:
        """What is there and was not."""
        return sorted(kept.seen for kept in (self._census() - self._before).elements())

    def on_server(self) -> Shown:
        r"""All messages, as another client finds them, but for those that carry ``\Deleted``."""
        return Counter(kept.seen for kept in self._census().elements() if DELETED not in kept.seen.flags)

    def agrees_with(self, store: Store) -> bool:
        """Whether the user is shown what the server holds."""
        return shown(store) == self.on_server()

    def _census(self) -> Counter[_Kept]:
        return Counter(
            _Kept(Seen(folder, message_id(stored.raw), stored.flags), hashlib.sha256(stored.raw).hexdigest())
            for folder in self._other.selectable()
            for stored in self._other.messages(folder).values()
        )


def shown(store: Store) -> Shown:
    """All messages, as the lists show them."""
    return Counter(
        Seen(folder.name, row.envelope.message_id, row.flags)
        for folder in store.folders.all()
        for row in store.messages.rows(store.messages.order(folder.id))
        if row is not None
    )


def message_id(raw: bytes) -> str:
    """The Message-ID of a message, empty where it has none."""
    for line in raw.partition(b"\r\n\r\n")[0].splitlines():
        if line.lower().startswith(b"message-id:"):
            return line[11:].strip().decode()
    return ""
