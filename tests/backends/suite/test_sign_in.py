# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS, STARTTLS and every way to sign in; no secret is shown to anybody but the server."""

import base64
from dataclasses import replace

import pytest

from tests.backends.suite.commands import sends
from tests.backends.suite.conftest import DemoMaker
from tests.backends.suite.server import Demo, Server, ServerMaker
from tests.servers.proxy import Proxy
from tuimail.backends.imap import opening
from tuimail.model.account import AuthMethod, Security
from tuimail.model.errors import CertificateRefused, Offline, ServerRefused, SignInNeeded

_PASSWORD_WAYS = ("AUTH=PLAIN", "AUTH=SCRAM-SHA-256")
_TOKEN_WAYS = ("AUTH=OAUTHBEARER", "AUTH=XOAUTH2")


def _shown(server: Server, secret: str) -> list[str]:
    """Log lines that show a secret, in clear or within base64."""
    found = []
    for _, line in server.log:
        words = line.split()
        decoded = [_decoded(word) for word in words]
        found += [line for text in (line, *decoded) if secret in text]
    return found


def _decoded(word: str) -> str:
    try:
        return base64.b64decode(word, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


@sends("AUTHENTICATE PLAIN ***")
async def test_plain_over_tls(tls_server: Server) -> None:
    backend = await tls_server.backend(tls_server.address(Security.TLS))
    assert (await backend.select("INBOX")).exists == 0
    assert _shown(tls_server, tls_server.secret) == []


@sends("STARTTLS", "CAPABILITY", "AUTHENTICATE PLAIN ***")
async def test_starttls(tls_server: Server) -> None:
    backend = await tls_server.backend(tls_server.address(Security.STARTTLS))
    assert tls_server.said[:3] == ["STARTTLS", "CAPABILITY", "AUTHENTICATE PLAIN ***"], "nothing from before TLS is believed"
    assert (await backend.select("INBOX")).exists == 0


async def test_on_a_line_that_stays_on_the_machine_one_turn_is_enough(server: Server) -> None:
    await server.backend()
    assert server.said[0] == "AUTHENTICATE PLAIN ***"
    assert _shown(server, server.secret) == []


@sends("AUTHENTICATE SCRAM-SHA-256 ***")
async def test_without_tls_the_password_is_not_sent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "is_loopback", lambda _: False)
    await server.backend()
    assert server.said[0] == "AUTHENTICATE SCRAM-SHA-256 ***"
    assert _shown(server, server.secret) == []
    assert _shown(server, "v=") == [], "with the server's signature passwords can be tried out"


@sends("LOGIN … ***")
async def test_login_where_nothing_better_is_offered(make_demo: DemoMaker) -> None:
    demo = make_demo(*_PASSWORD_WAYS)
    await demo.backend()
    assert [line for line in demo.servers.log if "LOGIN" in line] == [f"1 LOGIN {demo.said[0].split()[1]} ***"]
    assert _shown(demo, demo.secret) == []


@sends("AUTHENTICATE OAUTHBEARER ***")
async def test_oauthbearer(demo: Demo) -> None:
    await demo.backend(demo.address(auth=AuthMethod.OAUTH2))
    assert _shown(demo, demo.secret) == []


@sends("AUTHENTICATE XOAUTH2 ***")
async def test_xoauth2(make_demo: DemoMaker) -> None:
    demo = make_demo("AUTH=OAUTHBEARER")
    await demo.backend(demo.address(auth=AuthMethod.OAUTH2))
    assert _shown(demo, demo.secret) == []


@pytest.mark.parametrize("way", [*_PASSWORD_WAYS, *_TOKEN_WAYS, ""])
@pytest.mark.parametrize("initial", [(), ("SASL-IR",)], ids=["SASL-IR", "without SASL-IR"])
async def test_a_wrong_secret(make_demo: DemoMaker, way: str, initial: tuple[str, ...]) -> None:
    others = {*_PASSWORD_WAYS, *_TOKEN_WAYS} - {way}
    demo = make_demo(*others, *initial)
    address = demo.address(auth=AuthMethod.OAUTH2 if way in _TOKEN_WAYS else AuthMethod.PASSWORD)
    with pytest.raises(SignInNeeded) as refused:
        await demo.new_backend(address, "wrong-word").connect()
    assert "wrong-word" not in str(refused.value)
    assert _shown(demo, "wrong-word") == []
    assert "wrong-word" not in " ".join(demo.servers.log)
    assert sum(line.startswith(("LOGIN", "AUTHENTICATE")) for line in demo.said) == 1, "trying again locks accounts"
    await demo.backend(address)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS, Security.NONE])
async def test_a_wrong_password(tls_server: Server, security: Security) -> None:
    backend = tls_server.new_backend(tls_server.address(security), "wrong-word")
    with pytest.raises(SignInNeeded):
        await backend.connect()
    assert _shown(tls_server, "wrong-word") == []
    with pytest.raises(Offline):
        await backend.folders()


@pytest.mark.parametrize("secret", ["pass word", 'quo"te\\', "Grüße", "{5}", "x" * 500])
async def test_odd_passwords_are_refused_like_any_other(tls_server: Server, secret: str) -> None:
    with pytest.raises(SignInNeeded):
        await tls_server.new_backend(tls_server.address(Security.TLS), secret).connect()


@pytest.mark.parametrize("secret", ["pass word", 'quo"te\\', "Grüße", "{5}"])
async def test_odd_passwords_by_login(make_demo: DemoMaker, secret: str) -> None:
    demo = make_demo(*_PASSWORD_WAYS)
    with pytest.raises(SignInNeeded):
        await demo.new_backend(None, secret).connect()
    assert _shown(demo, secret) == []
    assert secret not in " ".join(demo.servers.log)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_an_unknown_certificate(tls_server: Server, security: Security) -> None:
    with pytest.raises(CertificateRefused):
        await tls_server.new_backend(replace(tls_server.address(security), ca_file="")).connect()
    assert not any("AUTHENTICATE" in line or "LOGIN" in line for line in tls_server.said)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_certificate_for_another_host(tls_server: Server, security: Security) -> None:
    address = tls_server.address(security)
    async with Proxy(address.host, address.port, listen="127.0.0.2") as proxy:
        with pytest.raises(CertificateRefused, match="another"):
            await tls_server.new_backend(replace(address, host="127.0.0.2", port=proxy.port)).connect()
    assert not any("AUTHENTICATE" in line or "LOGIN" in line for line in tls_server.said)


async def test_tls_where_the_server_speaks_none(server: Server) -> None:
    address = replace(server.address(), security=Security.TLS)
    with pytest.raises(Offline, match="TLS"):
        await server.new_backend(address).connect()


async def test_starttls_where_the_server_has_none(demo: Demo) -> None:
    with pytest.raises(ServerRefused):
        await demo.new_backend(demo.address(Security.STARTTLS)).connect()
    assert demo.said == ["STARTTLS"]


async def test_no_way_to_sign_in_with_a_token(make_demo: DemoMaker) -> None:
    demo = make_demo(*_TOKEN_WAYS)
    with pytest.raises(ServerRefused):
        await demo.new_backend(demo.address(auth=AuthMethod.OAUTH2)).connect()
    assert demo.said == []


async def test_without_sasl_ir_the_first_message_waits(make_server: ServerMaker) -> None:
    server = make_server("SASL-IR")
    backend = await server.backend()
    assert server.said[:2] == ["AUTHENTICATE PLAIN", "***"]
    assert (await backend.select("INBOX")).exists == 0
