# SPDX-License-Identifier: GPL-3.0-or-later
"""`Pop3Drop`: a maildrop on a POP3 server, see `tuimail.backends.maildrop`."""

from collections.abc import AsyncIterator, Sequence

from tuimail.backends.log import ProtocolLog
from tuimail.backends.maildrop import Waiting
from tuimail.backends.pop3.connection import LISTING_LIMIT, READ_SECONDS, Pop3Connection
from tuimail.backends.pop3.opening import Capa, open_maildrop
from tuimail.backends.pop3.replies import Reply, numbered, refusal, size_of, unique_id_of
from tuimail.backends.port import SecretSource
from tuimail.backends.renewal import renewed_once
from tuimail.model.account import ServerAddress
from tuimail.model.errors import Offline, ServerBroken

_HEADERS_AHEAD = 32
_MESSAGES_AHEAD = 4
"""Commands under way at a time, on servers that offer PIPELINING (RFC 2449 §6.6)."""


class Pop3Drop:
    """One connection."""

    def __init__(
        self,
        server: ServerAddress,
        secret: SecretSource,
        *,
        log: ProtocolLog | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._server, self._secret, self._log, self._read_seconds = server, secret, log, read_seconds
        self._connection: Pop3Connection | None = None
        self._offered: Capa = {}
        self._no_top = False

    async def connect(self) -> None:
        """See `MailDrop.connect`."""
        self._connection, self._offered = await renewed_once(
            self._secret, lambda: open_maildrop(self._server, self._secret, self._log, self._read_seconds)
        )

    async def waiting(self) -> list[Waiting]:
        """LIST, and UIDL where the server has it; one that does not tell what it offers is asked."""
        sizes = dict(numbered(await self._listing(b"LIST")))
        ids: dict[int, str] = {}
        if not self._offered or "UIDL" in self._offered:
            self._open.say(b"UIDL")
            if (await self._open.reply()).ok:
                ids = dict(numbered(await self._open.text(LISTING_LIMIT, shown=True)))
        return [Waiting(number, size_of(said), unique_id_of(ids.get(number, ""))) for number, said in sorted(sizes.items())]

    async def headers(self, numbers: Sequence[int]) -> AsyncIterator[tuple[int, bytes]]:
        """TOP of no line. One that is refused by a server that does not say it has TOP means that there is none."""
        if self._no_top or (self._offered and "TOP" not in self._offered):
            return
        ahead = _HEADERS_AHEAD if "TOP" in self._offered else 1
        async for number, reply in self._each(b"TOP %d 0", numbers, ahead):
            if reply.ok:
                yield number, await self._open.text()
            elif "TOP" not in self._offered:
                self._no_top = True
                return

    async def messages(self, numbers: Sequence[int]) -> AsyncIterator[tuple[int, bytes]]:
        """RETR. Each is given when what follows it is an answer: a server that doubles no dots ends a message in the midst."""
        connection = self._open
        held: tuple[int, bytes] | None = None
        lost: Offline | None = None
        try:
            async for number, reply in self._each(b"RETR %d", numbers, _MESSAGES_AHEAD):
                whole, held = held, None
                if whole is not None:
                    yield whole
                if reply.ok:
                    held = number, await connection.text()
            if held is not None:
                connection.say(b"NOOP")
                await connection.reply()
        except ServerBroken as error:
            if held is None:
                raise
            raise ServerBroken(
                "The mail server ended a message in the midst of it.",
                "The message stays on the server: read it in another way, or ask who runs the server to mend it.",
            ) from error
        except Offline as error:
            lost = error
        if held is not None and (lost is None or connection.all_is_read):
            yield held
        if lost is not None:
            raise lost

    async def delete(self, numbers: Sequence[int]) -> list[int]:
        """DELE."""
        return [number async for number, reply in self._each(b"DELE %d", numbers, _HEADERS_AHEAD) if reply.ok]

    async def reset(self) -> None:
        """RSET."""
        await self._open.ask(b"RSET", "Keep the messages on the server")

    async def leave(self) -> None:
        """QUIT."""
        connection = self._open
        try:
            connection.say(b"QUIT")
            reply = await connection.reply()
        finally:
            await self.close()
        if not reply.ok:
            raise refusal(reply, "Remove messages from the server")

    async def close(self) -> None:
        """Cut the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.end()

    @property
    def _open(self) -> Pop3Connection:
        if self._connection is None:
            raise Offline("There is no connection to the mail server.")
        return self._connection

    async def _listing(self, command: bytes) -> bytes:
        await self._open.ask(command, "List the messages")
        return await self._open.text(LISTING_LIMIT, shown=True)

    async def _each(self, command: bytes, numbers: Sequence[int], ahead: int) -> AsyncIterator[tuple[int, Reply]]:
        """A command for each message, some of them under way; whoever iterates reads the text that follows a reply."""
        connection = self._open
        ahead = ahead if "PIPELINING" in self._offered else 1
        said = 0
        for place, number in enumerate(numbers):
            while said < min(place + ahead, len(numbers)):
                connection.say(command % numbers[said])
                said += 1
            yield number, await connection.reply()
