# SPDX-License-Identifier: GPL-3.0-or-later
"""An account on its way from an e-mail address to the configuration: found, seen by the user, signed in, saved.

The rules that protect the password stand here, for every front end: it goes to no server that the user has to see first and has
not yet confirmed, and only one that answers over TLS with a certificate that holds gets it (the backends see to that).
"""

import asyncio
import os
import pwd
import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

from tuimail.engine.account_form import AccountForm, free_key, server_text
from tuimail.engine.proposals import by_other_port, remembering, signing_in_as, with_auth
from tuimail.engine.remedies import concerns_password
from tuimail.model.account import Account, AuthMethod
from tuimail.model.address import Address
from tuimail.model.check import CheckStep, StepStatus
from tuimail.model.discovery import Proposal, Provider, Trial, Trust
from tuimail.model.errors import Offline, SignInNeeded
from tuimail.model.text import safe_line

_NOBODY = frozenset({"info", "mail", "contact", "office", "postmaster", "admin", "root", "webmaster", "support", "hello", "me"})


class SetupState(StrEnum):
    """Where setting up stands."""

    SIGNED_IN = "signed in"
    CONFIRM = "confirm"
    """The user has to confirm `NewAccount.unconfirmed` before the password goes there."""
    FAILED = "failed"
    """`NewAccount.steps` tell what did not work."""
    NOT_FOUND = "not found"
    CLOSED = "closed"
    """The provider lets no mail program in."""
    BROWSER = "browser"
    """The provider takes no password, only a sign-in in the browser."""


class Searcher(Protocol):
    """What is needed of `tuimail.engine.setup.Finder`."""

    def proposals(self, email: str, tell: Callable[[Trial], None]) -> AsyncGenerator[Proposal, None]:
        """What may be the servers, best first."""
        ...


class Checking(Protocol):
    """What is needed of `tuimail.engine.setup.Setup`."""

    async def finder(self) -> Searcher:
        """Who finds the servers."""
        ...

    def keys(self) -> set[str]:
        """The names that are taken."""
        ...

    def ca_file(self) -> str:
        """The authority that a network of one's own has; empty for none."""
        ...

    async def check(
        self, account: Account, secret: str | None = None, provider: Provider | None = None
    ) -> tuple[CheckStep, ...]:
        """Sign in to every server."""
        ...

    async def save(self, account: Account, secret: str) -> bool:
        """Keep the account and its secret."""
        ...


class NewAccount:
    """One account that is being set up."""

    def __init__(self, setup: Checking, email: str, tell: Callable[[Trial], None], *, name: str = "") -> None:
        self.email = email
        self.name = name or name_for(email)
        self.proposal: Proposal | None = None
        """The servers in question."""
        self.steps: tuple[CheckStep, ...] = ()
        """How signing in to them went, when it was tried."""
        self._setup = setup
        self._tell = tell
        self._proposals: AsyncGenerator[Proposal, None] | None = None
        self._asking: asyncio.Future[Proposal | None] | None = None
        self._closed = False
        self.uses_token = False
        """Whether a sign-in at the provider's page stands for the password."""
        self._seen: set[str] = set()

    @property
    def provider(self) -> Provider:
        """What is known of the provider in question."""
        return self.proposal.provider if self.proposal is not None else Provider()

    @property
    def password_refused(self) -> bool:
        """Whether what failed may be mended by another password."""
        return any(concerns_password(step.error) for step in self.steps)

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """Hosts that get the password only after `confirm`."""
        hosts = self.proposal.unconfirmed(self.email) if self.proposal is not None else ()
        return tuple(host for host in hosts if host not in self._seen)

    def confirm(self) -> None:
        """The user has seen where the password goes, and agreed."""
        self._seen.update(self.unconfirmed)

    def by_token(self) -> None:
        """Sign in by what a sign-in at the provider's page gave, not by a password."""
        self.uses_token = True
        if self.proposal is not None:
            self.proposal = with_auth(self.proposal, AuthMethod.PASSWORD, AuthMethod.OAUTH2)

    def by_password(self) -> None:
        """Sign in by a password after all, where the provider takes one."""
        if self.uses_token and self.provider.takes_password and self.proposal is not None:
            self.uses_token = False
            self.proposal = with_auth(self.proposal, AuthMethod.OAUTH2, AuthMethod.PASSWORD)

    def remember(self, kind: str, fingerprint: str) -> None:
        """The user wants this very certificate to be taken at the ``imap``, ``pop3`` or ``smtp`` server."""
        if self.proposal is not None:
            self.proposal = remembering(self.proposal, kind, fingerprint)

    async def look(self) -> Proposal | None:
        """Find the next best servers, which become `proposal`; None when there are no more."""
        self._asking = asyncio.ensure_future(self._next())
        try:
            self.proposal = await self._asking
        except asyncio.CancelledError:
            if not self._closed:
                raise
            self.proposal = None
        return self.proposal

    def use(self, form: AccountForm) -> None:
        """Take the servers that the user typed, which need no confirmation, and look no further. Raises InputWrong."""
        form = form if form.ca_file else replace(form, ca_file=self._setup.ca_file())
        account = form.account(self._setup.keys())
        self.name = account.identity.name or self.name
        self.proposal = Proposal("you", Trust.KNOWN, account.imap, account.pop3, account.smtp, provider=self.provider)
        self.steps = ()

    @property
    def form(self) -> AccountForm:
        """What to fill into a form: the servers in question, else the likeliest."""
        proposal = self._in_question
        incoming = proposal.incoming
        return AccountForm(
            self.email,
            self.name,
            imap=server_text(proposal.imap),
            smtp=server_text(proposal.smtp),
            pop3=server_text(proposal.pop3) if proposal.imap is None else "",
            username=incoming.username if incoming is not None and incoming.username != self.email else "",
            auth=incoming.auth if incoming is not None and incoming.auth is AuthMethod.OAUTH2 else "",
            ca_file=incoming.ca_file if incoming is not None else "",
        )

    async def attempt(self, secret: str) -> SetupState:
        """Sign in.

        Servers that cannot be reached are passed over for the next best, unless they are known to be the right ones. A
        password or a certificate that was refused is told.
        """
        first: tuple[Proposal, tuple[CheckStep, ...]] | None = None
        while self.proposal is not None or await self.look() is not None:
            assert self.proposal is not None
            if self.provider.closed:
                return SetupState.CLOSED
            if self.uses_token:
                self.proposal = with_auth(self.proposal, AuthMethod.PASSWORD, AuthMethod.OAUTH2)
            elif not self.provider.takes_password:
                return SetupState.BROWSER
            if self.unconfirmed:
                return SetupState.CONFIRM
            await self._sign_in(self.proposal, secret)
            failed = [step for step in self.steps if step.status is StepStatus.FAIL]
            if not failed:
                return SetupState.SIGNED_IN
            first = first or (self.proposal, self.steps)
            if self.proposal.trust is Trust.KNOWN or not isinstance(self.steps[0].error, Offline):
                return SetupState.FAILED
            self.proposal = None
        if first is None:
            return SetupState.NOT_FOUND
        self.proposal, self.steps = first
        return SetupState.FAILED

    async def save(self, secret: str) -> tuple[Account, bool]:
        """Keep the account; and whether the secret is in a keyring."""
        account = self.account
        return account, await self._setup.save(account, secret)

    @property
    def account(self) -> Account:
        """The account with the servers in question."""
        proposal = self._in_question
        return Account(
            free_key(self.email.rpartition("@")[2], self._setup.keys()),
            Address(safe_line(self.name), self.email),
            imap=proposal.imap,
            pop3=proposal.pop3 if proposal.imap is None else None,
            smtp=proposal.smtp,
        )

    async def close(self) -> None:
        """Stop looking."""
        self._closed = True
        if self._asking is not None and not self._asking.done():
            self._asking.cancel()
            await asyncio.wait([self._asking])
        if self._proposals is not None:
            await self._proposals.aclose()

    async def _next(self) -> Proposal | None:
        if self._proposals is None:
            self._proposals = (await self._setup.finder()).proposals(self.email, self._tell)
        return await anext(self._proposals, None)

    @property
    def _in_question(self) -> Proposal:
        """The servers in question, else the likeliest names, which nobody has checked."""
        if self.proposal is not None and self.proposal.servers:
            return self.proposal
        guess = AccountForm(self.email).account(set())
        return Proposal("guess", Trust.GUESSED, guess.imap, None, guess.smtp)

    async def _sign_in(self, proposal: Proposal, secret: str) -> None:
        """With the first user name; where a source named none, the other usual form of it is tried once as well."""
        given = None if self.uses_token else secret
        self.steps = await self._setup.check(self.account, given, proposal.provider)
        unsent = isinstance(self.steps[-1].error, Offline) and self.steps[0].error is None
        if unsent and (other := by_other_port(proposal)) is not None:
            self.proposal = other
            steps = await self._setup.check(self.account, given, proposal.provider)
            if isinstance(steps[-1].error, Offline):
                self.proposal = proposal
            else:
                self.steps, proposal = steps, other
        if self.uses_token:
            return
        for username in proposal.other_usernames:
            if not any(isinstance(step.error, SignInNeeded) for step in self.steps):
                return
            self.proposal = signing_in_as(proposal, username)
            steps = await self._setup.check(self.account, secret, proposal.provider)
            if all(step.status is StepStatus.OK for step in steps):
                self.steps = steps
                return
            self.proposal = proposal


def name_for(email: str) -> str:
    """The name that recipients see: the user's on this system, else what the address looks like; it can be changed later."""
    try:
        user = pwd.getpwuid(os.getuid())
    except KeyError:
        known = login = ""
    else:
        known, login = user.pw_gecos.split(",")[0].strip(), user.pw_name
    if known and known.lower() != login.lower():
        return safe_line(known)
    local = email.rpartition("@")[0].partition("+")[0]
    words = re.split(r"[._-]+", local)
    if local.lower() in _NOBODY or not all(word.isalpha() for word in words):
        return ""
    return safe_line(" ".join(word.capitalize() for word in words))
