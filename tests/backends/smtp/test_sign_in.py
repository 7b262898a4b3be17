# SPDX-License-Identifier: GPL-3.0-or-later
"""AUTH, against aiosmtpd and against scripted servers."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.backends.smtp.scripted import ScriptedServer
from tuimail.backends.smtp.connection import connected
from tuimail.backends.smtp.sender import SmtpSender
from tuimail.backends.smtp.sign_in import sign_in
from tuimail.demo.servers import DemoServers
from tuimail.model.account import AuthMethod, Security, ServerAddress
from tuimail.model.errors import ServerBroken, ServerRefused, SignInNeeded, TryLater

PASSWORD = "s3cret ü"
AUTH_PLAIN = b"AUTH PLAIN"


async def _secret() -> str:
    return PASSWORD


@asynccontextmanager
async def _aiosmtpd(*excluded: str) -> AsyncIterator[ServerAddress]:
    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"ada", PASSWORD.encode()), handled=False)

    def make() -> SMTP:
        return SMTP(
            Sink(), hostname="test", authenticator=authenticate, auth_require_tls=False, auth_exclude_mechanism=excluded
        )

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    async with server:
        yield ServerAddress("127.0.0.1", server.sockets[0].getsockname()[1], Security.NONE, "ada")


@pytest.mark.parametrize("excluded", ["LOGIN", "PLAIN"])
async def test_the_password_is_taken(excluded: str) -> None:
    async with _aiosmtpd(excluded) as address:
        sent = await SmtpSender(address, _secret).send("a@x.test", ("b@x.test",), b"Subject: x\r\n\r\nbody\r\n")
        assert sent.accepted == ("b@x.test",)
        with pytest.raises(SignInNeeded):
            await SmtpSender(replace(address, username="eve"), _secret).check()


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER"])
async def test_every_mechanism_signs_in_and_is_refused(mechanism: str) -> None:
    with DemoServers(messages=0) as servers:
        demo = servers.addresses
        address = ServerAddress(demo.host, demo.smtp_port, Security.NONE, demo.user)
        async with connected(address, None) as connection:
            assert mechanism in connection.mechanisms
            await sign_in(connection.say_secret, mechanism, address, demo.password)
        with pytest.raises(SignInNeeded):
            async with connected(address, None) as connection:
                await sign_in(connection.say_secret, mechanism, address, "wrong")


async def test_a_wrong_password_is_tried_once() -> None:
    server = ScriptedServer({b"AUTH": b"535 5.7.8 no"}, extensions=(b"AUTH LOGIN PLAIN SCRAM-SHA-256",))
    async with server.running():
        with pytest.raises(SignInNeeded):
            await SmtpSender(server.address(AuthMethod.PASSWORD), _secret).check()
    assert sum(command.startswith(b"AUTH") for command in server.commands) == 1


async def test_a_server_in_trouble_does_not_make_the_password_wrong() -> None:
    server = ScriptedServer({b"AUTH": b"454 4.7.0 database down"}, extensions=(AUTH_PLAIN,))
    async with server.running():
        with pytest.raises(TryLater):
            await SmtpSender(server.address(AuthMethod.PASSWORD), _secret).check()


async def test_no_auth_is_sent_where_none_is_wanted() -> None:
    server = ScriptedServer(extensions=(AUTH_PLAIN,))
    async with server.running():
        await SmtpSender(server.address(AuthMethod.NONE), _secret).check()
        await server.gone.wait()
    assert server.commands == [b"EHLO [127.0.0.1]", b"QUIT"]


async def test_a_server_that_offers_nothing_that_fits() -> None:
    server = ScriptedServer(extensions=(b"AUTH CRAM-MD5",))
    async with server.running():
        with pytest.raises(ServerRefused, match="CRAM-MD5"):
            await SmtpSender(server.address(AuthMethod.PASSWORD), _secret).check()


@pytest.mark.parametrize(("mechanism", "abort"), [(b"XOAUTH2", b""), (b"OAUTHBEARER", b"\x01")])
async def test_a_refused_token_is_answered_and_told(mechanism: bytes, abort: bytes) -> None:
    details = base64.b64encode(b'{"status":"401"}')
    answered = base64.b64encode(abort)
    server = ScriptedServer()
    server.answers = {b"AUTH": b"334 " + details, b"EHLO": b"250-x\r\n250 AUTH " + mechanism, answered: b"535 5.7.8 expired"}
    async with server.running():
        with pytest.raises(SignInNeeded):
            await SmtpSender(server.address(AuthMethod.OAUTH2), _secret).check()
    assert server.commands[2] == answered


async def test_a_scram_server_must_prove_that_it_knows_the_password() -> None:
    server = ScriptedServer({b"AUTH": b"235 come in"}, extensions=(b"AUTH SCRAM-SHA-256",))
    async with server.running():
        with pytest.raises(ServerBroken):
            await SmtpSender(server.address(AuthMethod.PASSWORD), _secret).check()


@pytest.mark.parametrize("challenge", ["no base64", "é", "\x1b", "r=é", ""])
async def test_a_challenge_that_is_none(challenge: str) -> None:
    for said in (challenge.encode(), base64.b64encode(challenge.encode())):
        async with ScriptedServer({b"AUTH": b"334 " + said}, extensions=(b"AUTH SCRAM-SHA-256",)).running() as server:
            with pytest.raises(ServerBroken):
                await SmtpSender(server.address(AuthMethod.PASSWORD), _secret).check()


async def test_what_a_scram_server_says_is_not_shown() -> None:
    """With its salt and its signature, passwords can be tried out."""
    log: list[str] = []
    challenge = base64.b64encode(b"r=nonce,s=c2FsdA==,i=4096")
    answers = {b"AUTH": b"334 " + challenge}
    async with ScriptedServer(answers, extensions=(b"AUTH SCRAM-SHA-256",)).running() as server:
        address = server.address(AuthMethod.PASSWORD)
        with pytest.raises(ServerBroken):
            await SmtpSender(address, _secret, log=lambda way, line: log.append(f"{way} {line.decode()}")).check()
    assert "S 334 ***" in log
    assert challenge.decode() not in "\n".join(log)


@pytest.mark.parametrize("repeated", [PASSWORD.encode(), base64.b64encode(f"\0ada\0{PASSWORD}".encode())])
async def test_a_server_that_repeats_what_it_was_told(repeated: bytes) -> None:
    """Neither in the log nor in the error stands what the client has just said."""
    log: list[str] = []
    answers = {AUTH_PLAIN: b"535 what is " + repeated + b"?"}
    async with ScriptedServer(answers, extensions=(AUTH_PLAIN,)).running() as server:
        sender = SmtpSender(
            server.address(AuthMethod.PASSWORD),
            _secret,
            log=lambda direction, line: log.append(f"{direction} {line.decode('utf-8', 'replace')}"),
        )
        with pytest.raises(SignInNeeded) as refused:
            await sender.check()
    assert repeated.decode() not in str(refused.value) + "\n".join(log)
    assert "S 535 ***" in log
