# SPDX-License-Identifier: GPL-3.0-or-later
"""Providers that publish where to sign in (RFC 8414, RFC 9728) and let programs register themselves (RFC 7591)."""

import json
from dataclasses import replace

import pytest

from tests.accounts.test_oauth import Case
from tests.accounts.test_oauth import case as case
from tests.accounts.test_oauth import mail as mail
from tests.accounts.test_oauth import memory as memory
from tests.accounts.test_oauth import provider as provider
from tuimail.accounts.oauth import Authorization, OAuthClient
from tuimail.accounts.oauth_metadata import document_of_resource, documents_of, read_metadata, read_resource
from tuimail.accounts.web import Web
from tuimail.model.errors import InputWrong, ServerBroken, SignInNeeded
from tuimail.model.sign_in import SignInBy

ISSUER = "https://login.example.org/mail"
GOOD = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://login.example.org/authorize",
    "token_endpoint": "https://login.example.org/token",
}


def document(**changes: object) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


@pytest.fixture
def stranger(case: Case) -> Case:
    """No client is configured."""
    case.config_file.write_text('# mine\n[settings]\ntheme = "tuimail-dark"\n')
    return case


async def test_a_program_that_nobody_heard_of_gets_a_client_and_stays_signed_in(stranger: Case) -> None:
    issuer = stranger.provider.publish()
    assert stranger.sign_in.ways(stranger.account) == ()
    await stranger.sign_in.look(stranger.account, issuer)
    assert stranger.sign_in.ways(stranger.account) == (SignInBy.BROWSER,)
    assert not stranger.provider.registered, "looking tells nothing to anybody"
    assert await stranger.signed_in()
    await stranger.check()
    stranger.start()
    await stranger.check()
    assert stranger.provider.renewals == 1
    (client,) = stranger.provider.registered
    assert (client["redirect_uris"], client["scope"]) == (["http://127.0.0.1/"], "mail offline_access")
    text = stranger.config_file.read_text()
    assert text.startswith("# mine\n")
    assert f'issuer = "{issuer}"' in text
    assert "registered-1" in text
    await stranger.signed_in()
    assert len(stranger.provider.registered) == 1
    await stranger.keeper.forget(stranger.account)
    assert len(stranger.provider.revoked) == 1


async def test_an_issuer_of_the_configuration_with_a_client_needs_no_registration(stranger: Case) -> None:
    path = "/.well-known/openid-configuration"
    issuer = stranger.provider.publish(path, registration_endpoint=None)
    stranger.config_file.write_text(f'[oauth.example]\nissuer = "{issuer}"\nclient_id = "client-of-the-test"\n')
    await stranger.sign_in.look(stranger.account)
    assert await stranger.signed_in()
    await stranger.check()
    assert not stranger.provider.registered


async def test_who_names_no_issuer_is_asked_at_the_mail_server(stranger: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer, fetch = stranger.provider.publish(), Web.fetch
    imap = stranger.account.imap
    assert imap is not None
    resource = document_of_resource(imap.host)

    async def fetched(web: Web, url: str) -> bytes:
        named = f'{{"resource": "https://{imap.host}", "authorization_servers": ["{issuer}"]}}'
        return named.encode() if url == resource else await fetch(web, url)

    monkeypatch.setattr(Web, "fetch", fetched)
    await stranger.sign_in.look(stranger.account)
    assert stranger.sign_in.ways(stranger.account) == (SignInBy.BROWSER,)


@pytest.mark.parametrize("changes", [{"issuer": "https://other.example"}, {"token_endpoint": "http://example.org/token"}])
async def test_a_document_that_is_not_right_offers_nothing(stranger: Case, changes: dict[str, str]) -> None:
    issuer = stranger.provider.publish(**changes)
    for named in (issuer, "http://example.org", "https://127.0.0.1:1/", "nonsense", ""):
        await stranger.sign_in.look(replace(stranger.account, imap=None, pop3=None), named)
        assert stranger.sign_in.ways(stranger.account) == ()
    with pytest.raises(SignInNeeded, match="has none"):
        await stranger.signed_in()


async def test_a_registration_that_is_refused_is_told_and_keeps_nothing(
    stranger: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stranger.sign_in.look(stranger.account, stranger.provider.publish())
    monkeypatch.setattr(stranger.provider, "register", lambda client: (400, {"error": "invalid_client_metadata"}))
    with pytest.raises(SignInNeeded, match="invalid_client_metadata"):
        await stranger.signed_in()
    assert "oauth" not in stranger.config_file.read_text()


def test_an_answer_of_another_issuer_is_not_taken() -> None:
    client = OAuthClient("me", "https://a.example/token", "https://a.example/authorize", issuer="https://a.example")
    asked = Authorization(client, "http://127.0.0.1:1/", "ada@a.example")
    back = f"http://127.0.0.1:1/?code=x&state={asked.state}"
    assert asked.code_in(back) == "x"
    assert asked.code_in(f"{back}&iss=https%3A%2F%2Fa.example") == "x"
    with pytest.raises(InputWrong, match="another provider"):
        asked.code_in(f"{back}&iss=https%3A%2F%2Fb.example")


def test_where_documents_are() -> None:
    assert documents_of(ISSUER) == (
        "https://login.example.org/.well-known/oauth-authorization-server/mail",
        "https://login.example.org/mail/.well-known/openid-configuration",
    )


def test_what_a_document_says() -> None:
    found = read_metadata(document(scopes_supported=["urn:ietf:params:oauth:scope:mail", "openid"]), ISSUER)
    assert (found.token, found.device, found.scopes) == (
        "https://login.example.org/token", "", ("urn:ietf:params:oauth:scope:mail",),
    )  # fmt: skip
    assert "offline_access" in read_metadata(document(), ISSUER).scopes


@pytest.mark.parametrize(
    "wrong",
    [b"", b"[]", b"[" * 100_000, document(issuer="https://b.example"), document(token_endpoint="http://a.example"),
     document(authorization_endpoint=7), document(code_challenge_methods_supported=["plain"])],
)  # fmt: skip
def test_a_document_that_cannot_be_used(wrong: bytes) -> None:
    with pytest.raises(ServerBroken):
        read_metadata(wrong, ISSUER)


def test_a_mail_server_speaks_for_itself_only() -> None:
    named = b'{"resource": "https://imap.example.org", "authorization_servers": ["http://plain.example", "https://a.example"]}'
    assert read_resource(named, "imap.example.org") == "https://a.example"
    with pytest.raises(ServerBroken):
        read_resource(named, "imap.other.example")
