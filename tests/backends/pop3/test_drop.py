# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command, on the embedded server and on Dovecot."""

import pytest

from tests.servers.maildrop import Maildrop
from tuimail.backends.pop3.drop import Pop3Drop
from tuimail.model.account import Security
from tuimail.model.errors import CertificateRefused, Offline, SignInNeeded

_SECURITIES = list(Security)


def mail(number: int, body: bytes = b"Text\r\n") -> bytes:
    """A message."""
    return b"From: mira@example.org\r\nSubject: mail %d\r\nMessage-ID: <%d@example.org>\r\n\r\n%b" % (number, number, body)


async def _connected(maildrop: Maildrop) -> Pop3Drop:
    drop = maildrop.drop()
    await drop.connect()
    return drop


async def _texts(drop: Pop3Drop, numbers: list[int]) -> dict[int, bytes]:
    return {number: text async for number, text in drop.messages(numbers)}


@pytest.mark.parametrize("security", _SECURITIES)
async def test_signing_in(maildrop: Maildrop, security: Security) -> None:
    drop = maildrop.drop(maildrop.address(security))
    await drop.connect()
    assert await drop.waiting() == []
    await drop.leave()
    assert not [line for _, line in maildrop.log if maildrop.secret in line]


@pytest.mark.parametrize("security", _SECURITIES)
async def test_a_wrong_password(maildrop: Maildrop, security: Security) -> None:
    drop = maildrop.drop(maildrop.address(security), "wrong-word")
    with pytest.raises(SignInNeeded):
        await drop.connect()
    assert not [line for _, line in maildrop.log if "wrong-word" in line]
    await drop.close()


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_no_password_goes_to_a_server_whose_certificate_is_unknown(maildrop: Maildrop, security: Security) -> None:
    address = maildrop.address(security)
    unknown = type(address)(address.host, address.port, security, address.username)
    with pytest.raises(CertificateRefused):
        await maildrop.drop(unknown).connect()
    assert not [line for line in maildrop.said if line.startswith(("USER", "PASS", "AUTH", "APOP"))]


async def test_messages_are_listed_with_size_and_identity(maildrop: Maildrop) -> None:
    for number in range(3):
        maildrop.deliver(mail(number))
    drop = await _connected(maildrop)
    found = await drop.waiting()
    assert [(one.number, one.size) for one in found] == [(number + 1, len(mail(number))) for number in range(3)]
    assert len({one.unique_id for one in found} - {""}) == 3
    await drop.leave()
    drop = await _connected(maildrop)
    assert await drop.waiting() == found
    await drop.leave()


@pytest.mark.parametrize(
    "body",
    [b"", b".\r\n", b".leading\r\n..two\r\n", b"no end", b"\r\n\r\n.\r\n\r\n", b"\x80\xff octets\r\n", b"line\r\n" * 50_000],
    ids=["empty", "dot", "dots", "no line end", "lonely dot", "octets", "large"],
)
async def test_a_message_comes_octet_by_octet(maildrop: Maildrop, body: bytes) -> None:
    raw = mail(1, body)
    maildrop.deliver(raw)
    drop = await _connected(maildrop)
    (stored,) = maildrop.left()
    got = (await _texts(drop, [1]))[1]
    assert got == stored if stored.endswith(b"\r\n") else got in (stored, stored + b"\r\n")
    await drop.leave()


async def test_headers_and_messages_of_many(maildrop: Maildrop) -> None:
    for number in range(1, 60):
        maildrop.deliver(mail(number))
    drop = await _connected(maildrop)
    heads = {number: head async for number, head in drop.headers(list(range(59, 0, -1)))}
    assert list(heads) == list(range(59, 0, -1))
    assert heads[7] == mail(7).removesuffix(b"Text\r\n")
    texts = await _texts(drop, [3, 100, 1])
    assert texts == {3: mail(3), 1: mail(1)}, "what the server refuses is missing, the others are right"
    await drop.leave()


async def test_deleting_takes_place_when_leaving(maildrop: Maildrop) -> None:
    for number in range(1, 4):
        maildrop.deliver(mail(number))
    drop = await _connected(maildrop)
    assert await drop.delete([1, 3, 9]) == [1, 3]
    await drop.leave()
    assert maildrop.left() == [mail(2)]


async def test_what_is_taken_back_or_cut_stays(maildrop: Maildrop) -> None:
    maildrop.deliver(mail(1))
    drop = await _connected(maildrop)
    await drop.delete([1])
    await drop.reset()
    await drop.leave()
    drop = await _connected(maildrop)
    await drop.delete([1])
    await drop.close()
    assert maildrop.left() == [mail(1)]
    with pytest.raises(Offline):
        await drop.waiting()
