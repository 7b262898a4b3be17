# SPDX-License-Identifier: GPL-3.0-or-later
"""POP3 as Gmail, Exchange and Comcast speak it, through tuimail's sign-in and commands."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.backends.replay.recorded import Recorded, octets, playing, pop3
from tuimail.backends.maildrop import Waiting
from tuimail.backends.pop3.drop import Pop3Drop
from tuimail.mime.envelope import envelope_of
from tuimail.mime.parse import parse
from tuimail.model.account import AuthMethod


def said(name: str) -> bytes:
    """A transcript."""
    return octets(f"pop3/{name}")


_AUTH_GMAIL, _AUTH_EXCHANGE = said("gmail-auth"), said("exchange-plus") + said("exchange-auth")
_QUIT = {b"QUIT": said("comcast-quit")}
_GMAIL: dict[bytes, bytes | tuple[bytes, ...]] = {
    **_QUIT, b"CAPA": (said("gmail-capa1"), said("gmail-capa2")), b"AUTH PLAIN": _AUTH_GMAIL, b"AUTH XOAUTH2": _AUTH_GMAIL,
    b"LIST": said("comcast-list"), b"UIDL": said("gmail-uidl"),
}  # fmt: skip
_EXCHANGE: dict[bytes, bytes | tuple[bytes, ...]] = {
    **_QUIT, b"CAPA": said("exchange-capa"), b"AUTH PLAIN": _AUTH_EXCHANGE, b"LIST": said("comcast-list"),
    b"UIDL": said("exchange-uidl"),
}  # fmt: skip
_COMCAST: dict[bytes, bytes | tuple[bytes, ...]] = {
    **_QUIT, b"CAPA": said("comcast-capa1"), b"USER": b"+OK\r\n", b"PASS": b"+OK\r\n", b"LIST": said("comcast-list"),
    b"UIDL": said("gmail-uidl"),
}  # fmt: skip


@asynccontextmanager
async def signed_in(recorded: Recorded, auth: AuthMethod = AuthMethod.PASSWORD) -> AsyncIterator[Pop3Drop]:
    """A maildrop that is open."""

    async def secret() -> str:
        return "secret-word"

    async with playing(recorded, pop3, auth) as address:
        drop = Pop3Drop(address, secret)
        try:
            await drop.connect()
            yield drop
        finally:
            await drop.close()


def at(answers: Mapping[bytes, bytes | tuple[bytes, ...]], greeting: str = "comcast-greeting") -> Recorded:
    """A server."""
    return Recorded(said(greeting), answers)


@pytest.mark.parametrize(
    ("answers", "greeting", "auth", "proof"),
    [
        (_GMAIL, "comcast-greeting", AuthMethod.PASSWORD, b"AUTH PLAIN"),
        (_GMAIL, "comcast-greeting", AuthMethod.OAUTH2, b"AUTH XOAUTH2"),
        (_EXCHANGE, "exchange-greeting", AuthMethod.PASSWORD, b"AUTH PLAIN"),
        (_COMCAST, "comcast-greeting", AuthMethod.PASSWORD, b"USER ada"),
    ],
)
async def test_signing_in_and_leaving(
    answers: Mapping[bytes, bytes | tuple[bytes, ...]], greeting: str, auth: AuthMethod, proof: bytes
) -> None:
    recorded = at(answers, greeting)
    async with signed_in(recorded, auth) as drop:
        assert recorded.heard[0] == b"CAPA"
        assert recorded.heard[1].startswith(proof)
        assert [one.size for one in await drop.waiting()] == [1024 * number for number in range(1, 8)]
        await drop.leave()
    assert recorded.unrecorded == set()


async def test_unique_ids() -> None:
    async with signed_in(at(_GMAIL)) as drop:
        assert [one.unique_id for one in await drop.waiting()] == ["101", "102", "103", "", "", "", ""]
    async with signed_in(at(_EXCHANGE, "exchange-greeting")) as drop:
        assert (await drop.waiting())[6] == Waiting(7, 7168, "6505")


@pytest.mark.parametrize(
    ("listed", "numbers"), [("comcast-list-error1", [1, 2, 3, 4, 5, 6]), ("comcast-list-error2", [1, 2, 3, 4, 5, 6, 8])]
)
async def test_lists_that_are_not_whole(listed: str, numbers: list[int]) -> None:
    async with signed_in(at(_COMCAST | {b"LIST": said(listed)})) as drop:
        assert [one.number for one in await drop.waiting()] == numbers


async def test_headers_of_gmail() -> None:
    async with signed_in(at(_GMAIL | {b"TOP": said("gmail-top")})) as drop:
        found = {number: parse(raw) async for number, raw in drop.headers([1, 2, 3])}
        assert list(found) == [1, 2, 3]
        assert {envelope_of(message.headers).from_[0].email for message in found.values()} == {"zzz@hotmail.co.uk"}


async def test_a_message_that_lost_its_beginning_is_one_all_the_same() -> None:
    async with signed_in(at(_GMAIL | {b"RETR": said("gmail-retr1-parse-error")})) as drop:
        ((number, raw),) = [pair async for pair in drop.messages([1])]
        assert number == 1
        assert raw.startswith(b"7P7D8l/xpRAQcgD8l/xrYMGe357T")
        assert parse(raw).root.size


async def test_deleting() -> None:
    one = said("gmail-dele123").splitlines(keepends=True)[0]
    recorded = at(_GMAIL | {b"DELE": one})
    async with signed_in(recorded) as drop:
        assert await drop.delete([1, 2, 3]) == [1, 2, 3]
        await drop.leave()
    assert recorded.heard[-4:] == [b"DELE 1", b"DELE 2", b"DELE 3", b"QUIT"]


def _whole(corpus: Path) -> list[Path]:
    return sorted(corpus.rglob("Pop3/Resources/gmail/retr1.txt"))


@pytest.mark.corpus
async def test_the_large_message_of_gmail(corpus: Path) -> None:
    """TUIMAIL_CORPUS holds ``UnitTests/Net/Pop3/Resources`` of MailKit somewhere."""
    (path,) = _whole(corpus)
    data = octets(path)
    async with signed_in(at(_GMAIL | {b"RETR": data})) as drop:
        ((_, raw),) = [pair async for pair in drop.messages([1])]
    assert raw == data.partition(b"\r\n")[2].removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    assert len(list(parse(raw).root.walk())) > 1
