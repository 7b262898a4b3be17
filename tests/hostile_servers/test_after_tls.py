# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that change their mind behind TLS: only what they offer there counts. And servers that send us elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.hostile_servers.between import HANG_UP, SPEECHES, Attack, Between
from tests.hostile_servers.visits import SECRET, Visit
from tests.servers import certificates
from tests.servers.certificates import Made
from tests.servers.odd import listening
from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.errors import ServerRefused

Answers = Mapping[bytes, bytes]


@dataclass
class Server:
    """One that begins TLS itself, and what it heard."""

    port: int = 0
    clear: list[bytes] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    """Behind TLS."""

    def account(self, kind: str, made: Made, auth: AuthMethod = AuthMethod.PASSWORD) -> Account:
        server = ServerAddress("localhost", self.port, Security.STARTTLS, "ada", auth, ca_file=made.ca_file)
        return Account("work", Address("Ada", "ada@example.org"), **{kind: server})  # type: ignore[arg-type]


@asynccontextmanager
async def saying(kind: str, made: Made, before: Answers, behind: Answers) -> AsyncIterator[Server]:
    """A server that answers so, before and behind TLS; else as `SPEECHES` do."""
    speech, server = SPEECHES[kind], Server()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard, answers = server.clear, {**speech.answers, **before}
        writer.write(speech.greeting)
        with suppress(OSError, asyncio.IncompleteReadError):
            while line := await reader.readuntil(b"\n"):
                tag, command = speech.command_of(line.rstrip(b"\r\n"))
                heard.append(line.rstrip(b"\r\n"))
                answer = answers.get(command, answers[b""]).replace(b"{tag}", tag)
                writer.write(answer.removesuffix(HANG_UP))
                await writer.drain()
                if answer.endswith(HANG_UP):
                    break
                if command == speech.start_tls:
                    await writer.start_tls(made.context)
                    heard, answers = server.heard, {**speech.answers, **behind}
        writer.transport.abort()

    async with listening(talk) as server.port:
        yield server


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return certificates.make(tmp_path_factory.mktemp("certificate"), "localhost")


def _offer(kind: str, mechanisms: bytes) -> Answers:
    """What a server offers; password commands of the protocol itself are not among it."""
    match kind:
        case "imap":
            names = b" ".join(b"AUTH=" + name for name in mechanisms.split())
            return {b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS SASL-IR LOGINDISABLED " + names + b"\r\n{tag} OK done\r\n"}
        case "smtp":
            return {b"EHLO": b"250-test\r\n250-STARTTLS\r\n250 AUTH " + mechanisms + b"\r\n"}
        case _:
            return {b"CAPA": b"+OK\r\nSTLS\r\nUIDL\r\nSASL " + mechanisms + b"\r\n.\r\n"}


_REFUSES = {
    "imap": {b"AUTHENTICATE": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"},
    "smtp": {b"AUTH": b"535 no\r\n"},
    "pop3": {b"AUTH": b"-ERR [AUTH] no\r\n"},
}


@pytest.mark.parametrize(
    ("before", "behind", "auth", "taken"),
    [
        (b"PLAIN LOGIN SCRAM-SHA-256", b"X-ODD", AuthMethod.PASSWORD, b""),
        (b"X-ODD", b"PLAIN", AuthMethod.PASSWORD, b"PLAIN"),
        (b"PLAIN", b"SCRAM-SHA-256", AuthMethod.PASSWORD, b"SCRAM-SHA-256"),
        (b"SCRAM-SHA-256", b"PLAIN", AuthMethod.PASSWORD, b"PLAIN"),
        (b"XOAUTH2", b"PLAIN", AuthMethod.OAUTH2, b""),
        (b"XOAUTH2", b"OAUTHBEARER", AuthMethod.OAUTH2, b"OAUTHBEARER"),
    ],
)
@pytest.mark.parametrize("kind", SPEECHES)
async def test_only_the_mechanisms_behind_tls_count(
    tmp_path: Path, made: Made, kind: str, before: bytes, behind: bytes, auth: AuthMethod, taken: bytes
) -> None:
    async with saying(kind, made, _offer(kind, before), {**_offer(kind, behind), **_REFUSES[kind]}) as server:
        visit = Visit(server.account(kind, made, auth), tmp_path)
        await visit.run("check")
    (error,) = visit.errors
    assert error.kind == ("SignInNeeded" if taken else "ServerRefused")
    assert {SPEECHES[kind].command_of(line)[1] for line in server.clear} <= SPEECHES[kind].harmless
    tried = [line for line in server.heard if b"AUTH" in line.upper() or b"USER" in line or b"LOGIN" in line]
    assert [one for line in tried for one in line.split() if one == taken or b"PLAIN" in one] == ([taken] if taken else [])
    assert len(tried) == bool(taken)
    assert SECRET not in str(error)


_ELSEWHERE = b"imap://ada;AUTH=*@127.0.0.1:%d/"
LOGIN = {
    "NO": b"{tag} NO [REFERRAL %b] Try there\r\n",
    "OK": b"{tag} OK [REFERRAL %b] Or there\r\n",
    "BYE": b"* BYE [REFERRAL %b] Only there\r\n" + HANG_UP,
}
_CAPABLE = b"* CAPABILITY IMAP4rev1 STARTTLS LOGIN-REFERRALS MAILBOX-REFERRALS\r\n{tag} OK done\r\n"


@pytest.mark.parametrize("answer", LOGIN)
async def test_a_login_referral_behind_tls_is_not_followed(tmp_path: Path, made: Made, answer: str) -> None:
    """RFC 2221: with NO and BYE it is an error in words; an OK is one."""
    async with Between(SPEECHES["imap"], Attack(), 0).running() as other:
        told = LOGIN[answer].replace(b"%b", _ELSEWHERE % other.port)
        async with saying("imap", made, {}, {b"CAPABILITY": _CAPABLE, b"LOGIN": told}) as server:
            visit = Visit(server.account("imap", made), tmp_path)
            await visit.run("check")
        assert await other.visitors() == 0
    assert any(b" LOGIN " in line for line in server.heard)
    assert [bool(str(error)) for error in visit.errors] == ([] if answer == "OK" else [True])


async def test_a_mailbox_referral_is_not_followed_nor_asked_for(tmp_path: Path, made: Made) -> None:
    """RFC 2193: of a folder that is somewhere else it is told that it cannot be opened."""
    async with Between(SPEECHES["imap"], Attack(), 0).running() as other:
        elsewhere = _ELSEWHERE % other.port
        referral = b"{tag} NO [REFERRAL " + elsewhere + b"INBOX] Remote mailbox\r\n"
        listed = b'* LIST () "/" INBOX\r\n* OK [REFERRAL ' + elsewhere + b"] more there\r\n{tag} OK done\r\n"
        answers = {b"CAPABILITY": _CAPABLE, b"LIST": listed, b"SELECT": referral}
        async with saying("imap", made, {}, answers) as server:
            account = server.account("imap", made)
            backend = Visit(account, tmp_path).servers().backend(account)
            await backend.connect()
            assert [folder.name for folder in await backend.folders()] == ["INBOX"]
            with pytest.raises(ServerRefused, match="Remote mailbox"):
                await backend.select("INBOX")
            await backend.close()
        assert await other.visitors() == 0
    assert not {line.split()[1] for line in server.heard if b" " in line} & {b"RLIST", b"RLSUB"}


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        (b"251 User not local; will forward to <eve@attacker.example>\r\n", True),
        (b"551 5.7.1 User not local; please try <eve@attacker.example>\r\n", False),
    ],
)
async def test_another_address_that_a_server_names_is_not_written_to(
    tmp_path: Path, made: Made, answer: bytes, sent: bool
) -> None:
    """RFC 5321 §3.4."""
    async with saying("smtp", made, {}, {**_offer("smtp", b"PLAIN"), b"AUTH": b"235 welcome\r\n", b"RCPT": answer}) as server:
        visit = Visit(server.account("smtp", made), tmp_path)
        await visit.run("send")
    assert [line for line in server.heard if line.upper().startswith(b"RCPT")] == [b"RCPT TO:<bob@example.org>"]
    assert (b"DATA" in server.heard) is sent
    assert bool(visit.errors) is not sent
    assert sent or "please try" in visit.shown
