# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are old, broken or hostile, played by a script."""

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from tests.servers.drip import drip
from tests.servers.maildrop import EmbeddedMaildrop
from tuimail.backends.pop3.drop import Pop3Drop
from tuimail.model.account import AuthMethod, Security, ServerAddress
from tuimail.model.errors import Offline, ServerBroken, ServerRefused, SignInNeeded, TryLater

_SECRET = "the-secret-word"
Script = Callable[["Line"], Awaitable[None]]


class Line:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.heard: list[bytes] = []

    def say(self, data: bytes) -> None:
        """Octets as they are."""
        self._writer.write(data)

    async def drip(self, said: bytes, times: int | None = None) -> None:
        """Say it now and then, so many times or until the client is gone."""
        await drip(self._writer, said, times)

    async def sent(self) -> None:
        """Until nearly all that was said is on its way."""
        await self._writer.drain()

    async def hear(self) -> bytes:
        """The next command; empty when the client is gone."""
        line = (await self._reader.readline()).rstrip(b"\r\n")
        self.heard.append(line)
        return line

    async def answer(self, pattern: bytes, answer: bytes) -> None:
        """Hear a command and answer it."""
        line = await self.hear()
        assert re.fullmatch(pattern, line), (pattern, line)
        self.say(answer)


@asynccontextmanager
async def playing(
    script: Script,
    *,
    security: Security = Security.NONE,
    auth: AuthMethod = AuthMethod.PASSWORD,
    read_seconds: float = 30.0,
    log: list[bytes] | None = None,
) -> AsyncIterator[Pop3Drop]:
    """A drop at a server that goes by the script. What fails in the script fails the test."""
    failure: list[BaseException] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        try:
            await script(line)
            while await line.hear():
                pass
        except AssertionError as error:
            failure.append(error)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()

    async def secret() -> str:
        return _SECRET

    def note(direction: str, line: bytes) -> None:
        if log is not None:
            log.append(line)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = ServerAddress("127.0.0.1", server.sockets[0].getsockname()[1], security, "ada", auth)
    drop = Pop3Drop(address, secret, log=note, read_seconds=read_seconds)
    try:
        yield drop
    finally:
        await drop.close()
        server.close()
    if failure:
        raise failure[0]


async def _old(line: Line) -> None:
    """A server of 1996."""
    line.say(b"+OK ready\r\n")
    await line.answer(b"CAPA", b"-ERR what?\r\n")
    await line.answer(b"USER ada", b"+OK\r\n")
    await line.answer(b"PASS the-secret-word", b"+OK\r\n")
    await line.answer(b"CAPA", b"-ERR what?\r\n")


async def _collect(drop: Pop3Drop, numbers: list[int], got: list[int]) -> None:
    """``got``: which came."""
    async for number, _ in drop.messages(numbers):
        got.append(number)


async def test_a_server_that_knows_next_to_nothing() -> None:
    async def script(line: Line) -> None:
        await _old(line)
        await line.answer(b"LIST", b"+OK\r\n1 120\r\nnonsense\r\n2 80\r\n.\r\n")
        await line.answer(b"UIDL", b"-ERR unknown\r\n")
        await line.answer(b"TOP 2 0", b"-ERR unknown\r\n")
        await line.answer(b"RETR 2", b"+OK\r\nSubject: two\r\n\r\n..\r\n.\r\n")
        await line.answer(b"NOOP", b"-ERR unknown\r\n")
        await line.answer(b"QUIT", b"+OK\r\n")

    async with playing(script) as drop:
        await drop.connect()
        assert [(one.number, one.size, one.unique_id) for one in await drop.waiting()] == [(1, 120, ""), (2, 80, "")]
        assert [pair async for pair in drop.headers([2, 1])] == []
        assert [pair async for pair in drop.headers([1])] == [], "it is not asked again"
        assert [pair async for pair in drop.messages([2])] == [(2, b"Subject: two\r\n\r\n.\r\n")]
        await drop.leave()


async def test_apop_where_the_password_would_be_shown() -> None:
    async def script(line: Line) -> None:
        line.say(b"+OK ready <1896.697170952@example.org>\r\n")
        await line.answer(b"CAPA", b"+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n")
        digest = hashlib.md5(b"<1896.697170952@example.org>" + _SECRET.encode(), usedforsecurity=False).hexdigest()
        await line.answer(b"APOP ada " + digest.encode(), b"+OK\r\n")
        await line.answer(b"CAPA", b"+OK\r\n.\r\n")

    log: list[bytes] = []
    async with playing(script, log=log) as drop:
        await drop.connect()
    assert b"APOP ada ***" in log


async def test_what_a_scram_server_says_is_not_shown() -> None:
    """With its salt and its signature, passwords can be tried out."""
    challenge = base64.b64encode(b"r=nonce,s=c2FsdA==,i=4096")

    async def script(line: Line) -> None:
        line.say(b"+OK ready\r\n")
        await line.answer(b"CAPA", b"+OK\r\nSASL SCRAM-SHA-256\r\n.\r\n")
        await line.answer(b"AUTH SCRAM-SHA-256 .*", b"+ " + challenge + b"\r\n")

    log: list[bytes] = []
    async with playing(script, log=log) as drop:
        with pytest.raises(ServerBroken):
            await drop.connect()
    assert b"+ ***" in log
    assert challenge not in b"\n".join(log)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"-ERR [IN-USE] busy\r\n", TryLater),
        (b"-ERR [LOGIN-DELAY] slowly\r\n", TryLater),
        (b"-ERR [SYS/TEMP] later\r\n", TryLater),
        (b"-ERR [SYS/PERM] never\r\n", ServerRefused),
        (b"-ERR [AUTH] wrong\r\n", SignInNeeded),
        (b"-ERR no \x1b[2J\r\n", SignInNeeded),
        (b"* OK IMAP\r\n", ServerBroken),
    ],
)
async def test_what_a_refused_sign_in_means(answer: bytes, error: type[Exception]) -> None:
    async def script(line: Line) -> None:
        line.say(b"+OK ready\r\n")
        await line.answer(b"CAPA", b"-ERR\r\n")
        await line.answer(b"USER ada", b"+OK\r\n")
        await line.answer(b"PASS .*", answer)

    async with playing(script) as drop:
        with pytest.raises(error) as raised:
            await drop.connect()
    assert "\x1b" not in str(raised.value)


async def test_a_server_that_repeats_the_password_does_not_get_it_into_the_log() -> None:
    async def script(line: Line) -> None:
        line.say(b"+OK ready\r\n")
        await line.answer(b"CAPA", b"-ERR\r\n")
        await line.answer(b"USER ada", b"+OK\r\n")
        await line.answer(b"PASS .*", b"-ERR PASS the-secret-word is wrong\r\n")

    log: list[bytes] = []
    async with playing(script, log=log) as drop:
        with pytest.raises(SignInNeeded) as raised:
            await drop.connect()
    assert not [line for line in log if _SECRET.encode() in line]
    assert _SECRET not in str(raised.value)


async def test_listings_are_in_the_log_and_mail_is_not() -> None:
    many = b"".join(b"%d 80\r\n" % number for number in range(1, 61))

    async def script(line: Line) -> None:
        line.say(b"+OK ready\r\n")
        await line.answer(b"CAPA", b"+OK\r\nUSER\r\nUIDL\r\n.\r\n")
        await line.answer(b"USER ada", b"+OK\r\n")
        await line.answer(b"PASS .*", b"+OK\r\n")
        await line.answer(b"CAPA", b"+OK\r\nUSER\r\nUIDL\r\n.\r\n")
        await line.answer(b"LIST", b"+OK\r\n" + many + b".\r\n")
        await line.answer(b"UIDL", b"+OK\r\n1 abc\r\n.\r\n")
        await line.answer(b"RETR 1", b"+OK\r\nSubject: one\r\n.\r\nthe words of a letter\r\n")

    log: list[bytes] = []
    async with playing(script, log=log) as drop:
        await drop.connect()
        await drop.waiting()
        with pytest.raises(ServerBroken):
            assert [pair async for pair in drop.messages([1])] == []
    shown = b"\n".join(log)
    assert b"CAPA\n+OK\nUSER\nUIDL\n.\n" in shown
    assert b"50 80\n{70 octets}\n.\n" in shown
    assert b"UIDL\n+OK\n1 abc\n.\n" in shown
    assert shown.endswith(b"RETR 1\n+OK\n{14 octets}\nNOOP\n{21 octets}")


@pytest.mark.parametrize("told", [b"\x027", b"\x01" + b"0" * 40 + b".1", b"a\x1b[31m", b"x" * 501])
async def test_a_unique_id_that_could_not_be_one_is_none(told: bytes) -> None:
    async def script(line: Line) -> None:
        await _old(line)
        await line.answer(b"LIST", b"+OK\r\n1 80\r\n2 80\r\n.\r\n")
        await line.answer(b"UIDL", b"+OK\r\n1 " + told + b"\r\n2 " + b"y" * 80 + b"\r\n.\r\n")

    async with playing(script) as drop:
        await drop.connect()
        assert [one.unique_id for one in await drop.waiting()] == ["", "y" * 80]


async def test_a_size_that_no_message_has_is_not_believed() -> None:
    sizes = (b"1 80", b"2 9223372036854775807", b"3 " + b"9" * 400, b"4 -1", b"5 \xc2\xb2")

    async def script(line: Line) -> None:
        line.say(b"+OK ready\r\n")
        await line.answer(b"CAPA", b"+OK\r\nUSER\r\n.\r\n")
        await line.answer(b"USER ada", b"+OK\r\n")
        await line.answer(b"PASS .*", b"+OK\r\n")
        await line.answer(b"CAPA", b"+OK\r\nUSER\r\n.\r\n")
        await line.answer(b"LIST", b"+OK\r\n" + b"\r\n".join(sizes) + b"\r\n.\r\n")

    async with playing(script) as drop:
        await drop.connect()
        assert [one.size for one in await drop.waiting()] == [80, 0, 0, 0, 0]


async def test_no_password_where_stls_is_missing() -> None:
    async def script(line: Line) -> None:
        line.say(b"+OK ready\r\n")
        await line.answer(b"STLS", b"-ERR unknown\r\n")
        assert await line.hear() == b""

    async with playing(script, security=Security.STARTTLS) as drop:
        with pytest.raises(ServerRefused, match="STLS"):
            await drop.connect()


async def test_an_octet_behind_the_ok_of_stls_ends_it(embedded_maildrop: EmbeddedMaildrop) -> None:
    embedded_maildrop.servers.faults.starttls_inject = b"+OK injected\r\n"
    with pytest.raises(ServerBroken, match="STLS"):
        await embedded_maildrop.drop(embedded_maildrop.address(Security.STARTTLS)).connect()
    assert not [line for line in embedded_maildrop.said if line.startswith(("USER", "PASS", "AUTH", "APOP"))]


async def test_no_password_where_the_server_says_that_it_wants_none() -> None:
    async def script(line: Line) -> None:
        line.say(b"+OK ready\r\n")
        await line.answer(b"CAPA", b"+OK\r\nSTLS\r\nUIDL\r\n.\r\n")
        assert await line.hear() == b""

    async with playing(script) as drop:
        with pytest.raises(ServerRefused, match="no way to sign in"):
            await drop.connect()


async def test_a_message_that_is_cut_is_no_message() -> None:
    async def script(line: Line) -> None:
        await _old(line)
        await line.answer(b"RETR 1", b"+OK\r\nSubject: half\r\n\r\nlone line feed\n.\nstill the same message\r\n")
        raise ConnectionError

    async with playing(script) as drop:
        await drop.connect()
        with pytest.raises(Offline):
            assert [pair async for pair in drop.messages([1])] == []


@pytest.mark.parametrize("rest", [b"still the same message\r\n.\r\n", b"no end of line" * 1000])
@pytest.mark.parametrize("last", [True, False], ids=["last", "first"])
async def test_a_message_that_ends_in_its_midst_is_no_message(rest: bytes, last: bool) -> None:
    """At a server that doubles no dots."""
    whole, cut = b"+OK\r\nSubject: whole\r\n\r\n.\r\n", b"+OK\r\nSubject: cut\r\n\r\n.\r\n" + rest

    async def script(line: Line) -> None:
        await _old(line)
        await line.answer(b"RETR 1", whole if last else cut)
        await line.answer(b"RETR 2", cut if last else whole)

    async with playing(script) as drop:
        await drop.connect()
        got: list[int] = []
        with pytest.raises(ServerBroken, match="in the midst"):
            await _collect(drop, [1, 2], got)
        assert got == ([1] if last else [])


async def test_a_message_counts_though_the_connection_is_lost_behind_it() -> None:
    async def script(line: Line) -> None:
        await _old(line)
        await line.answer(b"RETR 1", b"+OK\r\nSubject: whole\r\n\r\n.\r\n")
        await line.hear()
        raise ConnectionError

    async with playing(script) as drop:
        await drop.connect()
        got: list[int] = []
        with pytest.raises(Offline):
            await _collect(drop, [1], got)
        assert got == [1]


async def test_a_token() -> None:
    async def script(line: Line) -> None:
        line.say(b"+OK ready\r\n")
        await line.answer(b"CAPA", b"+OK\r\nSASL PLAIN XOAUTH2\r\n.\r\n")
        await line.answer(b"AUTH XOAUTH2 \\S+", b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")
        await line.answer(b"", b"-ERR [AUTH] expired\r\n")

    async with playing(script, auth=AuthMethod.OAUTH2) as drop:
        with pytest.raises(SignInNeeded):
            await drop.connect()
