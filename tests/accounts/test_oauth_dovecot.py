# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of the local authorization server at a real Dovecot, which asks that server whose they are, and at a Postfix that
asks Dovecot."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.accounts.test_oauth import visit
from tests.servers import dovecot, oauth, postfix
from tuimail.accounts.oauth_sign_in import BrowserSignIn
from tuimail.accounts.secrets import SecretStore
from tuimail.model.account import Account, AuthMethod, Security
from tuimail.model.address import Address
from tuimail.model.errors import SignInNeeded
from tuimail.servers import Servers

pytestmark = [pytest.mark.dovecot, pytest.mark.postfix]


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
async def test_signed_in_renewed_withdrawn(tmp_path: Path, mechanism: str) -> None:
    config_file = tmp_path / "config.toml"
    with (
        oauth.running() as provider,
        dovecot.running(mechanisms=f"plain {mechanism}", introspection=provider.url("/introspect?token=")) as server,
        postfix.running(server.sign_in_socket) as submission,
    ):
        config_file.write_text(provider.configuration())
        imap = replace(server.address(provider.user, Security.TLS), host="localhost", auth=AuthMethod.OAUTH2)
        pop3 = replace(imap, port=server.pop3s_port)
        at = submission.address(Security.TLS)
        smtp = replace(at, host="localhost", username=provider.user, auth=AuthMethod.OAUTH2)
        account = Account("work", Address("Ada", "ada@example.org"), imap, pop3, smtp)
        secrets = SecretStore(config_file=config_file)
        servers = Servers(secrets)
        assert secrets.tokens is not None
        async with BrowserSignIn(config_file, secrets.tokens, {}).begin(account) as under_way:
            await asyncio.to_thread(visit, under_way.offer.url)
            await under_way.finished()
        await asyncio.gather(*(servers.check(account, kind, None) for kind in ("imap", "pop3", "smtp")))
        assert provider.renewals == 0
        provider.good.clear()
        await asyncio.gather(*(servers.check(account, kind, None) for kind in ("imap", "pop3", "smtp")))
        assert provider.renewals == 1
        await servers.sender(account).send("ada@example.org", ("bob@x.test",), b"Message-ID: <token@x.test>\r\n\r\nhello\r\n")
        assert submission.recipients("<token@x.test>") == ["bob@x.test"]
        assert f"sasl_method={mechanism.upper()}, sasl_username={provider.user}" in submission.log()
        provider.revoke()
        for kind in ("imap", "smtp"):
            with pytest.raises(SignInNeeded, match="withdrawn"):
                await servers.check(account, kind, None)
        assert not [secret for secret in provider.issued if secret in server.log() + submission.log()]
