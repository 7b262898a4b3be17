# SPDX-License-Identifier: GPL-3.0-or-later
"""One visit to a POP3 server: headers first, then the messages, into local mail; then, where wanted, it is emptied.

Nothing is deleted on the server but what this or an earlier visit put on the disk, and only by a QUIT after everything went
well. A connection that ends anywhere leaves the server as it was (RFC 1939 §6), and the next visit goes on.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from tuimail.backends.maildrop import LARGEST, MailDrop, Waiting
from tuimail.mime.headers import Headers
from tuimail.model.errors import FileProblem, ServerBroken, ServerRefused, StoreProblem, TuimailError
from tuimail.model.ids import AccountId
from tuimail.model.notice import FolderChanged, Notice
from tuimail.model.uidset import UidSet
from tuimail.store.bodies import Blobs
from tuimail.store.pop3 import KnownMessage, NewMessage
from tuimail.store.store import Store
from tuimail.sync import local_reading
from tuimail.sync.local_events import LocalEvents
from tuimail.sync.pop3_plan import Recognition, fingerprint, match, may_be_of, missing

log = logging.getLogger(__name__)
_INBOX = "INBOX"
_HEADERS = 16
"""Headers that are shown at a time."""
_AT_ONCE = 8
"""Messages asked for before it is looked whether the user waits for another one, and put on the disk together."""
_MUCH = 1 << 20
"""Octets that are not held any longer for others to join them."""


class Collector:
    """Visits the maildrop of one account."""

    def __init__(
        self,
        store: Store,
        account: AccountId,
        events: LocalEvents,
        publish: Callable[[Notice], None],
        *,
        leave_on_server: bool,
    ) -> None:
        self._store, self._account, self._events, self._publish = store, account, events, publish
        self._leave = leave_on_server
        self._waiters: dict[str, list[asyncio.Future[None]]] = {}
        self._suspects: Counter[str] = Counter()
        """How often a message was asked for, by its header's file, and did not come."""
        self.on_wanted: Callable[[], None] | None = None
        """Called when somebody waits for a message."""
        events.fetch = self.want

    async def want(self, file: str) -> None:
        """Wait until the message whose header is in that file is here. Raises why it cannot be had."""
        if not any(one.file == file and not one.stored for one in self._store.pop3.known(self._account)):
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(file, []).append(waiter)
        if self.on_wanted is not None:
            self.on_wanted()
        await waiter

    def failed(self, error: TuimailError) -> None:
        """The visit failed, and with it what was waited for."""
        for file in tuple(self._waiters):
            self._answer(file, error)

    async def visit(self, drop: MailDrop) -> None:
        """Connect, collect, leave. Raises the port's errors, FileProblem, StoreProblem."""
        try:
            await drop.connect()
            await self._collect(drop)
        finally:
            await drop.close()

    async def _collect(self, drop: MailDrop) -> None:
        try:
            self._store.local_mail.ensure(self._account)
            there = await self._recognise(drop, await drop.waiting())
            await self._note_missing(there)
            await self._note_lost(there)
            await self._fetch(drop, there)
            await self._leave_server(drop, there)
        except (FileProblem, StoreProblem):
            await _take_back(drop)  # what is not safe here stays there
            raise

    async def _recognise(self, drop: MailDrop, waiting: Sequence[Waiting]) -> dict[int, KnownMessage]:
        """What is on the server, by number. What is new there is shown by its header, or whole where there is no TOP."""
        known = self._store.pop3.known(self._account)
        matched = match(waiting, known, careful=not self._leave)
        recognition = Recognition(waiting, known, matched.known)
        strange = {one.number: one for one in matched.strange}
        batch: list[tuple[Waiting, str, str, bytes, bool]] = []
        renamed: list[tuple[KnownMessage, str]] = []
        there: dict[int, tuple[str, KnownMessage | None]] = {
            number: (one.identity, one) for number, one in matched.known.items()
        }

        async def take(number: int, content: bytes, *, whole: bool) -> None:
            one = strange.pop(number)
            print_ = fingerprint(content)
            identity = recognition.identity(one, print_)
            found = recognition.known_as(identity, print_)
            there[number] = identity, found
            if found is None:
                batch.append((one, identity, print_, content, whole))
            elif found.identity != identity:
                renamed.append((found, identity))
            if len(batch) >= (1 if whole else _HEADERS):
                await self._show(batch)

        async for number, header in drop.headers(list(strange)):
            await take(number, header, whole=False)
        await self._show(batch)
        async for number, message in drop.messages(list(strange)):
            await take(number, message, whole=True)
        await self._show(batch)
        if renamed:
            self._store.pop3.renamed(self._account, renamed)
        now_known = {one.identity: one for one in self._store.pop3.known(self._account)}
        return {number: now_known[identity] for number, (identity, _) in sorted(there.items()) if identity in now_known}

    async def _show(self, batch: list[tuple[Waiting, str, str, bytes, bool]]) -> None:
        """Write what came to the disk, then into the inbox."""
        if not batch:
            return
        local = self._store.local_mail

        def write() -> list[NewMessage]:
            names = local.keep(self._account, (content for _, _, _, content, _ in batch), whole=batch[0][-1])
            return [
                NewMessage(
                    identity, print_, name, one.size or len(content), local_reading.arrival(Headers.parse(content)), whole
                )
                for name, (one, identity, print_, content, whole) in zip(names, batch, strict=True)
            ]

        inbox = local.folder(self._account, _INBOX)
        assert inbox is not None
        self._store.pop3.arrived(self._account, inbox.id, await asyncio.to_thread(write))
        batch.clear()
        self._events.changed(inbox.id)

    async def _note_missing(self, there: dict[int, KnownMessage]) -> None:
        pop3 = self._store.pop3
        known = pop3.known(self._account)
        now = local_reading.now()
        gone = missing(known, there.values(), now)
        pop3.seen(there.values(), gone.noted, now)
        for one in gone.headers:
            await self._remove_header(one)
        pop3.forget(gone.forgotten)

    async def _remove_header(self, known: KnownMessage) -> None:
        """Nobody has more of that message than its header."""
        local = self._store.local_mail
        for message in local.with_file(known.file):
            files = local.expunge(message.folder, UidSet.of([message.uid]))
            await asyncio.to_thread(local.files.remove_all, files)
            self._events.changed(message.folder)

    async def _note_lost(self, there: dict[int, KnownMessage]) -> None:
        """What was stored, and the disk lost, is not: it is fetched again, and not deleted there before. Updates ``there``."""
        files = self._store.local_mail.files

        def is_lost(one: KnownMessage) -> bool:
            if self._leave:
                return one.stored and not files.size(one.file)
            # Shorter is a file as well where a server counts too much: it costs another transfer.
            return one.stored and len(_octets(files, one.file)) < max(one.size, 1)

        def lost() -> list[int]:
            return [number for number, one in there.items() if is_lost(one)]

        for number in await asyncio.to_thread(lost):
            # Of what was removed for good here there is no file either, but no row.
            if self._is_here(there[number]):
                there[number] = replace(there[number], stored=False)

    async def _fetch(self, drop: MailDrop, there: dict[int, KnownMessage]) -> None:
        """RETR what is not here, what the user waits for first, then the newest first. Updates ``there``."""
        left = [number for number, one in sorted(there.items(), reverse=True) if not one.stored and one.size <= LARGEST]
        while left:
            now = self._next(left, there)
            left = [number for number in left if number not in now]
            self._suspects.update(there[number].file for number in now)
            came: dict[int, bytes] = {}
            try:
                async for number, raw in drop.messages([number for number in now if self._is_here(there[number])]):
                    await self._compare(there[number], raw)
                    came[number] = raw
                    if sum(map(len, came.values())) > _MUCH:
                        await self._keep(there, came)
            except TuimailError:
                await self._keep(there, came)
                raise
            await self._keep(there, came)
        for one in there.values():
            self._answer(one.file, _not_given(one))
        self.failed(ServerRefused("The message is not on the server any more.", code="NONEXISTENT"))

    async def _compare(self, known: KnownMessage, raw: bytes) -> None:
        """Raises ServerBroken where another message came than was asked for: what is deleted there must be what is here."""
        if fingerprint(raw) == known.fingerprint:
            return
        if not may_be_of(await asyncio.to_thread(_octets, self._store.local_mail.files, known.file), raw):
            raise ServerBroken("The server gave another message than it listed.", "Nothing was deleted there.")

    def _next(self, left: Sequence[int], there: dict[int, KnownMessage]) -> list[int]:
        """What to ask for now. A message over which a visit ended comes after all others, and alone."""
        if wanted := [number for number in left if there[number].file in self._waiters]:
            return wanted
        if fine := [number for number in left if not self._suspects[there[number].file]]:
            return fine[:_AT_ONCE]
        return [min(left, key=lambda number: self._suspects[there[number].file])]

    def _is_here(self, known: KnownMessage) -> bool:
        """Whether its header was not removed for good meanwhile."""
        return bool(self._store.local_mail.with_file(known.file))

    async def _keep(self, there: dict[int, KnownMessage], came: dict[int, bytes]) -> None:
        """Put messages on the disk, and into ``there`` as they are known now. Empties ``came``."""
        local = self._store.local_mail
        raws = list(came.values())

        def write() -> list[tuple[str, local_reading.Described]]:
            return list(zip(local.keep(self._account, raws), map(local_reading.described, raws), strict=True))

        if not raws:
            return
        kept = {there[number].file: found for number, found in zip(came, await asyncio.to_thread(write), strict=True)}
        before = [there[number] for number in came]
        with self._store.transaction():
            self._store.pop3.completed((one, kept[one.file][0]) for one in before)
            # A message that was removed for good while it came has no row, and needs no file.
            useless = [file for file, described in kept.values() if not self._tell_structure(file, described)]
        for number, one in zip(tuple(came), before, strict=True):
            there[number] = replace(one, file=kept[one.file][0], stored=True)
            del self._suspects[one.file]
            self._answer(one.file, None)
        came.clear()
        await asyncio.to_thread(local.files.remove_all, [*kept, *useless])

    def _tell_structure(self, file: str, described: local_reading.Described) -> bool:
        """The rows of the cache learn how a message is made that they knew by its header. Whether it has a row at all."""
        local = self._store.local_mail
        folders = {folder.id: folder.name for folder in local.folders(self._account)}
        cached = self._store.folders.on_server(self._account)
        messages = local.with_file(file)
        for message in messages:
            if folder := cached.get(folders.get(message.folder, "")):
                self._store.bodies.set_structure(
                    folder.id, message.uid, described.bodystructure, has_attachment=described.has_attachment
                )
                self._publish(FolderChanged(folder.id))
        return bool(messages)

    async def _leave_server(self, drop: MailDrop, there: dict[int, KnownMessage]) -> None:
        """QUIT, before it DELE for what is stored, where nothing is to be left on the server."""
        stored = {number: one for number, one in there.items() if one.stored}
        deleted = [] if self._leave or not stored else [stored[number] for number in await drop.delete(list(stored))]
        if deleted:
            self._store.pop3.deleting(deleted)
        await drop.leave()
        self._store.pop3.forget(deleted)

    def _answer(self, file: str, error: TuimailError | None) -> None:
        for waiter in self._waiters.pop(file, []):
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)


def _octets(files: Blobs, file: str) -> bytes:
    """Of a file; none where it cannot be read."""
    try:
        return files.read(file)
    except FileProblem:
        return b""


def _not_given(known: KnownMessage) -> ServerRefused:
    """Why a message that is on the server did not come. Its code is that of one that is gone: whoever exports goes on."""
    stays = "It stays on the server: read it in another way."
    if known.size > LARGEST:
        return ServerRefused(f"The message is larger than {LARGEST >> 20} MiB.", stays, code="NONEXISTENT")
    return ServerRefused("The server does not give this message out.", stays, code="NONEXISTENT")


async def _take_back(drop: MailDrop) -> None:
    try:
        await drop.reset()
        await drop.leave()
    except TuimailError as error:
        log.info("pop3: could not take marks back, the connection is cut instead: %s", error.kind)
