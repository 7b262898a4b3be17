# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in at a provider's page: by a browser that is led back here, or by a code typed on any device."""

import asyncio
import getpass
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tuimail.accounts import oauth, oauth_clients, oauth_issuers
from tuimail.accounts.oauth import Authorization, OAuthClient, OAuthError, Tokens
from tuimail.accounts.oauth_endpoint import post
from tuimail.accounts.oauth_loopback import Loopback
from tuimail.accounts.oauth_metadata import Metadata
from tuimail.accounts.oauth_tokens import TokenKeeper
from tuimail.accounts.web import permitted
from tuimail.model.account import Account
from tuimail.model.errors import ConfigWrong, InputWrong, Offline, SignInNeeded, TryLater
from tuimail.model.sign_in import SignInBy, SignInOffer

_SLOWER = 5.0
"""Seconds that the interval grows by when the provider asks to be asked less (RFC 8628 §3.5)."""


class UnderWay:
    """A sign-in that waits for the user."""

    def __init__(self, offer: SignInOffer, taken: Callable[[str], None] | None) -> None:
        self.offer = offer
        self._taken = taken
        self.done: asyncio.Task[bool] | None = None

    def paste(self, address: str) -> None:
        """Take the address that the browser ended on. Raises InputWrong when it does not belong here, SignInNeeded."""
        if self._taken is None:
            raise InputWrong("Nothing has to be pasted here: type the code on the page.")
        self._taken(address)

    async def finished(self) -> bool:
        """Wait until the user signed in; False: no keyring keeps that. Raises SignInNeeded, Offline, …"""
        assert self.done is not None
        return await self.done


class BrowserSignIn:
    """As `tuimail.engine.setup.SignIn`."""

    def __init__(self, config_file: Path, keeper: TokenKeeper, environ: Mapping[str, str] = os.environ) -> None:
        self._config_file = config_file
        self._keeper = keeper
        self._environ = environ
        self._published: dict[str, Metadata] = {}
        """What the providers of addresses say of themselves, where a client can be had or is configured."""

    async def look(self, account: Account, issuer: str = "") -> None:
        """Where no client is configured, learn whether the provider gives one: the ``issuer``, or who the mail server names."""
        if oauth_clients.client_for(self._config_file, account) is not None:
            return
        _, own = oauth_clients.configured(self._config_file, account)
        server = account.imap or account.pop3
        found = await oauth_issuers.published(own.issuer or issuer, server.host if server is not None else "", self._ca_file)
        if found is not None and (found.register or own.client_id):
            self._published[account.identity.email] = found

    def ways(self, account: Account) -> tuple[SignInBy, ...]:
        """How one can sign in, the likelier to work first; empty when there is no client, and none that `look` found."""
        client = oauth_clients.client_for(self._config_file, account) or self._published.get(account.identity.email)
        if client is None:
            return ()
        return tuple(by for by, url in ((SignInBy.CODE, client.device), (SignInBy.BROWSER, client.authorize)) if url)

    def what_is_missing(self, account: Account) -> SignInNeeded:
        """What to register and to configure where there is no way."""
        return oauth_clients.no_client(account)

    async def forget(self, account: Account) -> None:
        """Drop what a sign-in left."""
        await self._keeper.forget(account)

    @asynccontextmanager
    async def begin(self, account: Account, by: SignInBy | None = None) -> AsyncIterator[UnderWay]:
        """Ask the provider to let the user in, as long as the context is open. Raises SignInNeeded, Offline, …"""
        ways = self.ways(account)
        if not ways:
            raise self.what_is_missing(account)
        if by is not None and by not in ways:
            raise InputWrong(f"This provider has no sign-in by {by.value}.", f"It has one by {ways[0].value}.")
        client = oauth_clients.client_for(self._config_file, account) or await self._registered(account)
        begin = self._by_code if (by or ways[0]) is SignInBy.CODE else self._by_browser
        async with begin(account, client) as under_way:
            yield under_way

    async def _registered(self, account: Account) -> OAuthClient:
        """Become a client of the provider, and keep that: its tokens are renewed by the same client only."""
        found = self._published[account.identity.email]
        name, own = oauth_clients.configured(self._config_file, account)
        client, secret = (own.client_id, "") if own.client_id else await oauth_issuers.registered(found, self._ca_file)
        oauth_clients.keep(self._config_file, name, found, client, secret)
        made = oauth_clients.client_for(self._config_file, account)
        if made is None:
            raise self.what_is_missing(account)
        return made

    @asynccontextmanager
    async def _by_browser(self, account: Account, client: OAuthClient) -> AsyncIterator[UnderWay]:
        if not permitted(client.authorize):
            raise ConfigWrong("A sign-in address is not https.", "Correct `authorize` under [oauth] in the configuration.")
        listener = await Loopback(lambda address: authorization.code_in(address)).open()
        redirect = f"http://{client.redirect_host}:{listener.port}/"
        authorization = Authorization(client, redirect, account.identity.email)

        async def finish() -> bool:
            code = await listener.code
            return await self._keep(account, await self._ask(client.token, authorization.exchange(code)))

        offer = SignInOffer(authorization.url, tunnel=tunnel(listener.port, self._environ))
        under_way = UnderWay(offer, listener.answered)
        under_way.done = asyncio.create_task(finish(), name="sign in by browser")
        try:
            yield under_way
        finally:
            listener.close()
            await _ended(under_way.done)

    @asynccontextmanager
    async def _by_code(self, account: Account, client: OAuthClient) -> AsyncIterator[UnderWay]:
        device = oauth.device_code(await self._ask(client.device, oauth.device_request(client)))
        under_way = UnderWay(device.offer, None)
        under_way.done = asyncio.create_task(self._poll(account, client, device), name="sign in by code")
        try:
            yield under_way
        finally:
            await _ended(under_way.done)

    async def _poll(self, account: Account, client: OAuthClient, device: oauth.DeviceCode) -> bool:
        interval, ends = device.interval, time.monotonic() + device.lifetime
        while (left := ends - time.monotonic()) > 0:
            await asyncio.sleep(min(interval, left))
            try:
                answer = await post(client.token, oauth.device_exchange(client, device), self._ca_file)
            except OAuthError as error:
                if error.code == "slow_down":
                    interval += _SLOWER
                elif error.code != "authorization_pending":
                    raise oauth.refusal(error) from None
            except (Offline, TryLater):
                interval += _SLOWER
            else:
                return await self._keep(account, answer)
        raise oauth.refusal(OAuthError("expired_token"))

    async def _ask(self, url: str, fields: oauth.Fields) -> Mapping[str, object]:
        try:
            return await post(url, fields, self._ca_file)
        except OAuthError as error:
            raise oauth.refusal(error) from None

    async def _keep(self, account: Account, answer: Mapping[str, object]) -> bool:
        tokens: Tokens = oauth.tokens(answer, time.time())
        return await self._keeper.keep(account, tokens)

    @property
    def _ca_file(self) -> str:
        return oauth_clients.ca_file(self._config_file)


def tunnel(port: int, environ: Mapping[str, str]) -> str:
    """What to run on the machine with the browser, when this is an SSH session; else empty."""
    fields = environ.get("SSH_CONNECTION", "").split()
    return f"ssh -L {port}:127.0.0.1:{port} {getpass.getuser()}@{fields[2]}" if len(fields) == 4 else ""


async def _ended(task: "asyncio.Task[bool]") -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()
