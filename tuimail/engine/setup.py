# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts: found, checked, kept, changed and removed; the same for the screen and for the command line."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from functools import cached_property
from typing import Protocol

from tuimail.engine.account_form import AccountForm
from tuimail.engine.new_account import NewAccount
from tuimail.engine.remedies import advice_for
from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.check import CheckedAccount, CheckStep, StepStatus
from tuimail.model.discovery import Proposal, Provider, Trial
from tuimail.model.errors import InputWrong, SignInNeeded, TuimailError
from tuimail.model.finding import CERTIFICATE_CAUSES, Finding
from tuimail.model.sign_in import SignInBy, SignInOffer
from tuimail.model.text import safe_line


class AccountBook(Protocol):
    """Where accounts and their secrets are kept."""

    def accounts(self) -> tuple[Account, ...]:
        """All accounts of the configuration. Raises ConfigWrong."""
        ...

    def ca_file(self) -> str:
        """The authority under ``[discovery]``, for a network of one's own; empty for none. Raises ConfigWrong."""
        ...

    def add(self, account: Account) -> None:
        """Write a new account to the configuration; comments and order of the rest stay. Raises ConfigWrong, FileProblem."""
        ...

    def change(self, account: Account) -> None:
        """Write what changed of an account; comments and order stay. Raises ConfigWrong, FileProblem."""
        ...

    async def remove(self, key: str) -> None:
        """Take an account out of the configuration, and forget its secrets."""
        ...

    async def remember(self, account: Account, server: ServerAddress, secret: str) -> bool:
        """Keep a secret in the keyring. False: there is none that is safe, so it is kept until the program ends."""
        ...

    async def kept(self, account: Account, server: ServerAddress) -> str | None:
        """A secret that is kept, without asking anybody."""
        ...


class Finder(Protocol):
    """Finds the servers of an e-mail address."""

    def proposals(self, email: str, tell: Callable[[Trial], None]) -> AsyncGenerator[Proposal, None]:
        """What may be the servers of an address, best first."""
        ...

    def provider_of(self, account: Account) -> Provider:
        """What is known of the provider of an account."""
        ...


class UnderWay(Protocol):
    """A sign-in that waits for the user."""

    offer: SignInOffer

    def paste(self, address: str) -> None:
        """Take the address that the browser ended on. Raises InputWrong when it does not belong here, SignInNeeded."""
        ...

    async def finished(self) -> bool:
        """Wait until the user signed in; False: no keyring keeps that. Raises SignInNeeded, Offline, …"""
        ...


class SignIn(Protocol):
    """Signs in at a provider's page, for accounts with ``auth = "oauth2"``."""

    async def look(self, account: Account, issuer: str = "") -> None:
        """Where no client is configured, learn whether the provider gives one: the ``issuer``, or who the mail server names."""
        ...

    def ways(self, account: Account) -> tuple[SignInBy, ...]:
        """How one can sign in, the likelier to work first; empty when there is no client. Raises ConfigWrong."""
        ...

    def what_is_missing(self, account: Account) -> SignInNeeded:
        """What to register and to configure where there is no way."""
        ...

    def begin(self, account: Account, by: SignInBy | None = None) -> AbstractAsyncContextManager[UnderWay]:
        """Ask the provider to let the user in, as long as the context is open. Raises SignInNeeded, Offline, …"""
        ...

    async def forget(self, account: Account) -> None:
        """Drop what a sign-in left: the account is not kept."""
        ...


Check = Callable[[Account, str, str | None], Awaitable[None]]
"""Connects and signs in to an account's server of a kind (``imap``, ``pop3``, ``smtp``); with a secret where one was typed.
Raises what went wrong."""


Way = Callable[[str, ServerAddress], AsyncGenerator[Finding]]
"""The steps to a server of a kind (``imap``, ``pop3``, ``smtp``) up to the sign-in. Raises nothing."""


class Setup:
    """Accounts, in the user's words."""

    def __init__(
        self,
        book: AccountBook,
        check: Check,
        finder: Callable[[], Finder],
        sign_in: Callable[[], SignIn] | None = None,
        way: Way | None = None,
    ) -> None:
        self._book = book
        self._check = check
        self._make_finder = finder
        self._made_finder: Finder | None = None
        self._making = asyncio.Lock()
        self._make_sign_in = sign_in
        self._way = way

    @cached_property
    def sign_in(self) -> SignIn | None:
        """What signs in at providers' pages, made when it is first needed."""
        return self._make_sign_in() if self._make_sign_in is not None else None

    def accounts(self) -> tuple[Account, ...]:
        """All accounts of the configuration. Raises ConfigWrong."""
        return self._book.accounts()

    def ca_file(self) -> str:
        """The authority of a network of one's own, for servers that name none; empty for none. Raises ConfigWrong."""
        return self._book.ca_file()

    def account_from(self, form: AccountForm) -> Account:
        """The account that a form describes. Raises InputWrong."""
        return form.account(self.keys())

    def keys(self) -> set[str]:
        """The names that are taken. Raises ConfigWrong."""
        return {account.key for account in self._book.accounts()}

    def begin(self, email: str, tell: Callable[[Trial], None], *, name: str = "") -> NewAccount:
        """Begin to set up an account: find its servers, sign in, save. Raises InputWrong for what is no address."""
        if problem := AccountForm(email).problems().get("email"):
            raise InputWrong(problem)
        return NewAccount(self, email.strip(), tell, name=name)

    async def check(
        self, account: Account, secret: str | None = None, provider: Provider | None = None
    ) -> tuple[CheckStep, ...]:
        """Sign in to every server of the account, all at once. Does not raise: each step says how it went."""
        about = provider if provider is not None else (await self.finder()).provider_of(account)
        reading = [("imap", account.imap)] if account.imap is not None else [("pop3", account.pop3)]
        servers = [(kind, server) for kind, server in (*reading, ("smtp", account.smtp)) if server is not None]
        return tuple(await asyncio.gather(*(self._step(account, kind, server, secret, about) for kind, server in servers)))

    async def checked(self, account: Account) -> CheckedAccount:
        """The same of a kept account, with its own secret."""
        return CheckedAccount(account.key, await self.check(account))

    async def refused_certificate(self, kind: str, server: ServerAddress) -> Finding | None:
        """Why the certificate of a server is refused now, with its fingerprint; None when it is not, or cannot be had."""
        if self._way is None or server.security is Security.NONE:
            return None
        async with aclosing(self._way(kind, server)) as way:
            async for found in way:
                if found.cause in CERTIFICATE_CAUSES and found.fingerprint:
                    return found
        return None

    async def kept_secret(self, account: Account) -> str | None:
        """The password that is kept for an account; None when there is none, or a command gives it."""
        asked = (server for server in account.servers if server.auth is AuthMethod.PASSWORD and not server.password_command)
        server = next(asked, None)
        return await self._book.kept(account, server) if server is not None else None

    async def save(self, account: Account, secret: str) -> bool:
        """Keep the account, and the secret in the keyring. False: no safe keyring, it is kept until the program ends."""
        self._book.add(account)
        return await self._remember(account, secret)

    async def change(self, account: Account, secret: str = "") -> bool:
        """Keep what was changed of an account, and the secret where a new one is given. False as for `save`."""
        self._book.change(account)
        return await self._remember(account, secret)

    async def remove(self, key: str) -> None:
        """Forget an account. Raises InputWrong when there is none of that name."""
        if key not in self.keys():
            raise InputWrong(f"There is no account “{safe_line(key)}”.", "tuimail account list shows the names.")
        await self._book.remove(key)

    async def finder(self) -> Finder:
        """Made when it is first needed, in a thread: what it imports is large."""
        async with self._making:
            if self._made_finder is None:
                self._made_finder = await asyncio.to_thread(self._make_finder)
            return self._made_finder

    async def _remember(self, account: Account, secret: str) -> bool:
        asked = [server for server in account.servers if server.auth is AuthMethod.PASSWORD and not server.password_command]
        if not secret:
            return True
        return all(await asyncio.gather(*(self._book.remember(account, server, secret) for server in asked)))

    async def _step(
        self, account: Account, kind: str, server: ServerAddress, secret: str | None, provider: Provider
    ) -> CheckStep:
        began = time.monotonic()
        step, where = f"{kind} sign-in", f"{server.host}:{server.port}"
        try:
            await self._check(account, kind, secret)
        except TuimailError as error:
            took = time.monotonic() - began
            advice = advice_for(error, provider, kind.upper())
            return CheckStep(step, where, StepStatus.FAIL, error.message, advice, took, error)
        return CheckStep(step, where, StepStatus.OK, "signed in", seconds=time.monotonic() - began)
