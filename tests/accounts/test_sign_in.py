# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting up an account on a real Dovecot and a real Postfix, over TLS with an authority of its own."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.servers import launch
from tests.servers.dovecot import DovecotServer
from tests.servers.postfix import PostfixServer
from tuimail.accounts.book import AccountBook
from tuimail.accounts.secrets import SecretStore
from tuimail.engine.new_account import NewAccount, SetupState
from tuimail.engine.setup import Setup
from tuimail.model.account import Account, Security
from tuimail.model.discovery import Proposal, Provider, Trial, Trust
from tuimail.model.errors import CertificateRefused, Offline, SignInNeeded, TuimailError
from tuimail.servers import Servers

pytestmark = [pytest.mark.dovecot, pytest.mark.postfix]


@dataclass
class Known:
    """Knows one place where the mail is."""

    proposal: Proposal

    async def proposals(self, email: str, tell: Callable[[Trial], None]) -> AsyncGenerator[Proposal, None]:
        yield self.proposal

    def provider_of(self, account: Account) -> Provider:
        return Provider()


@pytest.fixture
def proposal(dovecot: DovecotServer, postfix: PostfixServer) -> Proposal:
    """IMAP at Dovecot, submission at Postfix, both by TLS."""
    user = dovecot.new_user()
    imap = replace(dovecot.address(user, Security.TLS), host="localhost")
    return Proposal("example", Trust.KNOWN, imap=imap, smtp=replace(postfix.address(Security.TLS), host="localhost"))


def new_account(home: Path, proposal: Proposal) -> NewAccount:
    secrets = SecretStore()
    setup = Setup(AccountBook(home / "config.toml", secrets), Servers(secrets).check, lambda: Known(proposal))
    return setup.begin("ada@example.org", lambda trial: None)


async def attempt(home: Path, proposal: Proposal, secret: str) -> tuple[SetupState, list[type[TuimailError] | None]]:
    new = new_account(home, proposal)
    outcome = await new.attempt(secret)
    return outcome, [type(step.error) if step.error else None for step in new.steps]


async def test_the_right_password_and_the_right_authority(tmp_path: Path, dovecot: DovecotServer, proposal: Proposal) -> None:
    assert await attempt(tmp_path, proposal, dovecot.password) == (SetupState.SIGNED_IN, [None, None])
    assert await attempt(tmp_path, proposal, "wrong") == (SetupState.FAILED, [SignInNeeded, None])


async def test_pop3_instead_of_imap(tmp_path: Path, dovecot: DovecotServer, proposal: Proposal) -> None:
    assert proposal.imap is not None
    pop3 = replace(proposal, imap=None, pop3=replace(proposal.imap, port=dovecot.pop3s_port))
    assert await attempt(tmp_path, pop3, dovecot.password) == (SetupState.SIGNED_IN, [None, None])
    assert await attempt(tmp_path, pop3, "wrong") == (SetupState.FAILED, [SignInNeeded, None])


async def test_an_authority_that_is_not_known_gets_nothing(tmp_path: Path, dovecot: DovecotServer, proposal: Proposal) -> None:
    assert proposal.imap is not None
    assert proposal.smtp is not None
    unknown = replace(proposal, imap=replace(proposal.imap, ca_file=""), smtp=replace(proposal.smtp, ca_file=""))
    outcome, errors = await attempt(tmp_path, unknown, dovecot.password)
    assert (outcome, errors) == (SetupState.FAILED, [CertificateRefused, CertificateRefused])


async def test_a_probe_goes_as_far_as_the_password_and_no_further(dovecot: DovecotServer, proposal: Proposal) -> None:
    servers = Servers(SecretStore())
    assert proposal.imap is not None
    assert proposal.smtp is not None
    await servers.probe("imap", proposal.imap)
    await servers.probe("imap", replace(proposal.imap, port=dovecot.port, security=Security.STARTTLS))
    await servers.probe("smtp", proposal.smtp)
    with pytest.raises(CertificateRefused):
        await servers.probe("imap", replace(proposal.imap, ca_file=""))
    with pytest.raises(Offline):
        await servers.probe("imap", replace(proposal.imap, port=launch.free_port()))
