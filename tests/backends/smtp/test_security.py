# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is said in the clear that TLS should have covered."""

import ssl
from pathlib import Path

import pytest

from tests.backends.smtp.scripted import ScriptedServer
from tests.servers.launch import Certificate, make_certificate
from tests.servers.postfix import PostfixServer
from tuimail.backends.smtp.sender import SmtpSender
from tuimail.model.account import AuthMethod, Security
from tuimail.model.errors import CertificateRefused, Offline, ServerRefused

AUTH = b"AUTH PLAIN"


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


async def _secret() -> str:
    return "s3cret"


def _context(certificate: Certificate) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate.certificate, certificate.key)
    return made


async def test_a_server_without_starttls_gets_no_password() -> None:
    server = ScriptedServer(extensions=(AUTH,))
    async with server.running():
        with pytest.raises(ServerRefused, match="STARTTLS"):
            await SmtpSender(server.address(AuthMethod.PASSWORD, Security.STARTTLS), _secret).check()
    assert server.commands == [b"EHLO [127.0.0.1]"]


async def test_a_refused_starttls_gets_no_password() -> None:
    server = ScriptedServer({b"STARTTLS": b"502 not today"}, extensions=(AUTH, b"STARTTLS"))
    async with server.running():
        with pytest.raises(ServerRefused):
            await SmtpSender(server.address(AuthMethod.PASSWORD, Security.STARTTLS), _secret).check()
    assert server.commands == [b"EHLO [127.0.0.1]", b"STARTTLS"]


async def test_an_unknown_certificate_ends_it(certificate: Certificate) -> None:
    server = ScriptedServer(tls=_context(certificate))
    async with server.running():
        with pytest.raises(CertificateRefused, match="signed by itself"):
            await SmtpSender(server.address(AuthMethod.PASSWORD, Security.TLS), _secret).check()
    assert not server.commands


async def test_a_trusted_certificate_is_enough(certificate: Certificate) -> None:
    server = ScriptedServer({b"AUTH": b"235 welcome"}, extensions=(AUTH,), tls=_context(certificate))
    async with server.running():
        address = server.address(AuthMethod.PASSWORD, Security.TLS, str(certificate.certificate))
        await SmtpSender(address, _secret).send("a@x.test", ("b@x.test",), b"Subject: x\r\n\r\n" + b"y" * 3_000_000)
    assert len(server.messages[0]) > 3_000_000


async def test_cleartext_where_tls_is_expected(certificate: Certificate) -> None:
    server = ScriptedServer()
    async with server.running():
        with pytest.raises(Offline, match="TLS"):
            await SmtpSender(server.address(security=Security.TLS, ca_file=str(certificate.certificate)), _secret).check()


@pytest.mark.postfix
@pytest.mark.parametrize("security", list(Security))
async def test_postfix_is_reached_each_way(postfix: PostfixServer, security: Security) -> None:
    await SmtpSender(postfix.address(security), _secret).check()


@pytest.mark.postfix
async def test_what_stands_before_tls_is_not_believed(postfix: PostfixServer) -> None:
    lines: list[tuple[str, bytes]] = []
    sender = SmtpSender(
        postfix.address(Security.STARTTLS), _secret, log=lambda direction, line: lines.append((direction, line))
    )
    await sender.check()
    said = [line for direction, line in lines if direction == "C"]
    assert said.count(b"EHLO [127.0.0.1]") == 2
