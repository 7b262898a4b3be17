# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens of accounts that sign in by OAuth 2.0: renewed in silence, once for all connections of an account.

What renews a token is kept in the keyring, the token itself in memory only.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path

from tuimail.accounts import oauth, oauth_clients, system_keyring
from tuimail.accounts.oauth import OAuthError, Tokens
from tuimail.accounts.oauth_endpoint import post
from tuimail.accounts.oauth_lock import alone
from tuimail.model.account import Account
from tuimail.model.errors import SignInNeeded, TuimailError

log = logging.getLogger(__name__)

_REVOKING_SECONDS = 5.0
"""How long somebody who removes an account waits for its provider."""


class TokenKeeper:
    """Gives tokens, and keeps what renews them."""

    def __init__(self, config_file: Path, clock: Callable[[], float] = time.time, folder: Path | None = None) -> None:
        """``config_file`` holds the clients; it is read whenever one is needed. In ``folder`` programs lock one another out."""
        self._config_file = config_file
        self._lock = folder / "renewal.lock" if folder is not None else None
        self._clock = clock
        self._held: dict[str, Tokens] = {}
        self._renewing: dict[str, asyncio.Task[Tokens]] = {}
        self.forgetful = False
        """No keyring keeps what renews the tokens: the next start has to sign in again."""

    async def access(self, account: Account) -> str:
        """A token that is good for a while yet. Raises SignInNeeded when the user has to sign in; Offline, TryLater, …"""
        held = self._held.get(account.key)
        if held is not None and held.access and self._clock() < held.renew_at:
            return held.access
        task = self._renewing.get(account.key)
        if task is None:
            task = asyncio.create_task(self._renew(account), name=f"{account.key}: renew the token")
            self._renewing[account.key] = task
            task.add_done_callback(lambda done: self._ended(account, done))
        return (await asyncio.shield(task)).access

    def refused(self, account: Account, access: str) -> bool:
        """A server did not take a token: whether the next one will be another."""
        held = self._held.get(account.key)
        if held is not None and held.access == access:
            self._held[account.key] = Tokens("", held.refresh, 0.0)
        return True

    async def keep(self, account: Account, tokens: Tokens) -> bool:
        """Keep tokens of a new sign-in. False: there is no keyring, so they are kept until the program ends."""
        self._held[account.key] = tokens
        if not tokens.refresh:
            return False
        kept = await system_keyring.put(_name(account), tokens.refresh)
        self.forgetful = self.forgetful or not kept
        return kept

    async def forget(self, account: Account) -> None:
        """Drop all tokens of an account, and tell the provider that they are not needed any more, where it wants to know."""
        held = self._held.pop(account.key, None)
        refresh = await system_keyring.get(_name(account)) or (held.refresh if held is not None else "")
        await system_keyring.delete(_name(account))
        if refresh:
            await self._revoke(account, refresh)

    async def _revoke(self, account: Account, refresh: str) -> None:
        """Nothing depends on the answer: who cannot be asked now ends the sign-in when it expires."""
        try:
            client = oauth_clients.client_for(self._config_file, account)
            if client is None or not client.revoke:
                return
            async with asyncio.timeout(_REVOKING_SECONDS):
                await post(client.revoke, oauth.revocation(client, refresh), self._ca_file, answers=False)
        except (TuimailError, OAuthError, TimeoutError) as error:
            log.info("oauth: the sign-in of a removed account could not be revoked: %s", type(error).__name__)

    async def _renew(self, account: Account) -> Tokens:
        # The thread ends what it began, whoever gives up waiting, and the loop's end waits for it: the provider's answer may
        # hold the only token that renews again.
        tokens = await asyncio.to_thread(lambda: asyncio.run(self._renewed(account)))
        self._held[account.key] = tokens
        return tokens

    async def _renewed(self, account: Account) -> Tokens:
        client = oauth_clients.client_for(self._config_file, account)
        if client is None:
            raise oauth_clients.no_client(account)
        tried: set[str] = set()
        async with alone(self._lock):
            while refresh := await self._untried(account, tried):
                tried.add(refresh)
                try:
                    answer = await post(client.token, oauth.renewal(client, refresh), self._ca_file)
                except OAuthError as error:
                    if error.code != "invalid_grant":
                        raise oauth.refusal(error) from None
                    continue
                tokens = oauth.tokens(answer, self._clock(), refresh)
                if tokens.refresh != refresh:
                    await self.keep(account, tokens)
                return tokens
        if tried:
            raise oauth.refusal(OAuthError("invalid_grant"))
        raise SignInNeeded(f"{account.identity.email} is not signed in.", f"Run tuimail account sign-in {account.key}.")

    async def _untried(self, account: Account, tried: set[str]) -> str:
        """What may renew the token. The keyring's may be newer than ours: another program may have renewed it meanwhile."""
        held = self._held.get(account.key)
        known = (await system_keyring.get(_name(account)), held.refresh if held is not None else None)
        return next((refresh for refresh in known if refresh and refresh not in tried), "")

    def _ended(self, account: Account, task: "asyncio.Task[Tokens]") -> None:
        self._renewing.pop(account.key, None)
        with contextlib.suppress(asyncio.CancelledError):
            task.exception()

    @property
    def _ca_file(self) -> str:
        return oauth_clients.ca_file(self._config_file)


def _name(account: Account) -> str:
    return "/".join((account.key, "oauth2", account.identity.email))
