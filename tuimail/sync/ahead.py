# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that will probably be read next, fetched ahead: of several messages in one flight, and only what the reader shows."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tuimail.mime.choose import body_parts
from tuimail.mime.transfer import decode_transfer
from tuimail.model.errors import TuimailError
from tuimail.model.ids import MessageId
from tuimail.model.part import Part
from tuimail.store.bodies import Cacheable, pack
from tuimail.store.store import Store
from tuimail.sync.ending import end
from tuimail.sync.reading import Reading

LARGEST = 100_000
"""Octets, still encoded: a larger part waits until it is asked for."""
BUDGET = 256 * 1024
"""Octets of one flight."""
SOON = 8
"""While the texts of so many messages that come next are here, nothing is fetched: then more come in one flight."""

_SHORT = 20_000
"""Octets that are decoded on the event loop; more go to a thread."""

ParseStructure = Callable[[bytes], Part | None]


@dataclass(slots=True)
class Plan:
    """What one flight is to bring."""

    wanted: dict[MessageId, list[Part]] = field(default_factory=dict)
    """The parts of each message that are not here."""
    texts: dict[MessageId, int] = field(default_factory=dict)
    """How many parts each message's text has."""
    large: list[MessageId] = field(default_factory=list)
    """Messages left out for the size of their text."""
    octets: int = 0

    @property
    def sections(self) -> list[tuple[MessageId, str]]:
        """What to ask for."""
        return [(message, part.section) for message, parts in self.wanted.items() for part in parts]


def plan(store: Store, messages: Iterable[MessageId], parse_structure: ParseStructure, *, budget: int, largest: int) -> Plan:
    """The next flight: the first of these messages that lack texts, up to ``budget`` octets, one at least."""
    made = Plan()
    for message in messages:
        raw = store.messages.bodystructure(message)
        root = parse_structure(raw) if raw else None
        parts = body_parts(root) if root is not None else ()
        missing = [part for part in parts if not store.bodies.has(message, part.section)]
        if any(part.size > largest for part in missing):
            made.large.append(message)
            continue
        size = sum(part.size for part in missing)
        if made.wanted and made.octets + size > budget:
            break
        made.octets += size
        made.texts[message] = len(parts)
        if missing:
            made.wanted[message] = missing
    return made


async def keep(store: Store, made: Plan, found: Mapping[tuple[MessageId, str], bytes]) -> list[MessageId]:
    """Cache what a flight brought, message by message. Returns those that the server has not told all of."""
    lost = []
    for message, count in made.texts.items():
        parts = made.wanted.get(message, [])
        if all((message, part.section) in found for part in parts):
            encoded = [found[message, part.section] for part in parts]
            aside = sum(map(len, encoded)) > _SHORT
            texts = await asyncio.to_thread(_decoded, parts, encoded) if aside else _decoded(parts, encoded)
            store.bodies.put_texts({message: texts}, count)
            await asyncio.sleep(0)
        else:
            lost.append(message)
    return lost


def _decoded(parts: Sequence[Part], encoded: Sequence[bytes]) -> list[Cacheable]:
    """Parts as they came, decoded for the cache."""
    made = []
    for part, data in zip(parts, encoded, strict=True):
        content = decode_transfer(data, part.encoding)
        made.append(Cacheable(part.section, content, part.content_type, part.charset, pack(content)))
    return made


class Ahead:
    """Fetches the texts around the cursor. One flight at a time; the latest wish counts."""

    def __init__(self, store: Store, reading: Reading, parse_structure: ParseStructure) -> None:
        self._store = store
        self._reading = reading
        self._parse_structure = parse_structure
        self._wanted: list[MessageId] = []
        self._work: asyncio.Task[None] | None = None
        self._flying: frozenset[MessageId] = frozenset()
        self._landed = asyncio.Event()

    def want(self, messages: Sequence[MessageId]) -> None:
        """These will probably be read next, the likeliest first."""
        lacking = self._store.bodies.lacking(messages)
        self._wanted = lacking if set(lacking) & set(messages[:SOON]) else []
        if self._wanted and self._work is None:
            self._work = asyncio.create_task(self._run(), name="sync: ahead")

    async def arrival(self, message: MessageId) -> None:
        """A message is to be shown that is not here: wait for it where it is on its way, else make room for it."""
        if self._work is not None and not self._flying:
            await asyncio.sleep(0)  # it is about to take off
        if message in self._flying:
            await self._landed.wait()
        elif self._work is not None:
            self._work.cancel()
            self._work = None

    async def stop(self) -> None:
        """End."""
        if self._work is not None:
            await end([self._work])

    async def _run(self) -> None:
        tried: set[MessageId] = set()
        try:
            with contextlib.suppress(TuimailError):
                while messages := [message for message in self._wanted if message not in tried]:
                    made = plan(self._store, messages, self._parse_structure, budget=BUDGET, largest=LARGEST)
                    tried |= made.texts.keys() | set(made.large)
                    await self._fly(made)
        finally:
            if self._work is asyncio.current_task():
                self._work = None

    async def _fly(self, made: Plan) -> None:
        self._flying = frozenset(made.wanted)
        self._landed.clear()
        try:
            found = await self._reading.sections(made.sections) if made.wanted else {}
            await keep(self._store, made, found or {})
        finally:
            self._flying = frozenset()
            self._landed.set()
