# SPDX-License-Identifier: GPL-3.0-or-later
"""Where passwords and tokens come from: the account's command, else the keyring, else a question."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tuimail.accounts import system_keyring
from tuimail.model.account import Account, AuthMethod, ServerAddress
from tuimail.model.errors import SignInNeeded

if TYPE_CHECKING:
    from tuimail.accounts.oauth_tokens import TokenKeeper

Prompt = Callable[[Account, ServerAddress], Awaitable[str]]
"""Asks the user. Raises SignInNeeded when there is nobody to ask, or the user does not want to say."""
_COMMAND_SECONDS = 30.0
_LONGEST = 65_536
_Name = tuple[str, str, str]


class SecretStore:
    """Finds, keeps and forgets the secrets of all accounts.

    The servers of one account that share a user name share its secret too, until one of them refuses it.
    """

    def __init__(self, prompt: Prompt | None = None, config_file: Path | None = None, folder: Path | None = None) -> None:
        """``config_file`` holds the OAuth clients; without it tokens come from commands only. ``folder`` is the store's."""
        self._config_file = config_file
        self._folder = folder
        self.prompt = prompt
        """Set when there is somebody to ask."""
        self.forgetful = False
        """A secret was to be remembered that no keyring holds: the next start will ask for it."""
        self._known: dict[_Name, str] = {}
        self._refused: set[_Name] = set()
        self._typed: set[_Name] = set()
        """What the user typed, and no server took yet."""
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def secret_for(self, account: Account, server: ServerAddress) -> str:
        """The password or token for a server. Asked for several times at once, the user is asked once.

        Raises SignInNeeded when there is none.
        """
        async with self._locks[account.key]:
            name = _name(account, server)
            if name in self._known:
                return self._known[name]
            if server.signs_in_by_page and self.tokens is not None:
                return await self.tokens.access(account)
            if self.has_command(account, server):
                secret = await run_command(server.password_command)
                if server.auth is AuthMethod.OAUTH2:
                    return secret  # a token is short-lived: the command keeps it fresh
            else:
                secret = await self._kept(account, server) or await self._asked(account, server)
            self._known[name] = secret
            return secret

    @property
    def keeps_tokens(self) -> bool:
        """Whether a sign-in at a provider's page can be kept here."""
        return self._config_file is not None

    @cached_property
    def tokens(self) -> "TokenKeeper | None":
        """The tokens of accounts that sign in by OAuth 2.0; imported when the first is wanted."""
        if self._config_file is None:
            return None
        from tuimail.accounts.oauth_tokens import TokenKeeper

        return TokenKeeper(self._config_file, folder=self._folder)

    async def known_for(self, account: Account, server: ServerAddress) -> str | None:
        """The secret as far as it is kept here or in the keyring; nobody is asked and no command run."""
        return self._known.get(_name(account, server)) or await self._kept(account, server)

    def has_command(self, account: Account, server: ServerAddress) -> bool:
        """Whether a program gives the secret, so that nobody will be asked."""
        return bool(server.password_command) and _name(account, server) not in self._refused

    async def remember(self, account: Account, server: ServerAddress, secret: str) -> bool:
        """Keep a secret for this run and in the keyring. False: there is no keyring that keeps it safely."""
        name = _name(account, server)
        self._known[name] = secret
        self._refused.discard(name)
        kept = await system_keyring.put("/".join(name), secret)
        self.forgetful = self.forgetful or not kept
        return kept

    async def taken(self, account: Account, server: ServerAddress) -> None:
        """The server took the secret: what the user typed goes to the keyring, so that the next start need not ask."""
        name = _name(account, server)
        if name in self._typed:
            self._typed.discard(name)
            await system_keyring.put("/".join(name), self._known[name])

    async def forget(self, account: Account, server: ServerAddress) -> None:
        """Drop a secret, here and in the keyring: the account was removed."""
        name = _name(account, server)
        self._known.pop(name, None)
        await system_keyring.delete("/".join(name))
        if server.signs_in_by_page and self.tokens is not None:
            await self.tokens.forget(account)

    def token_refused(self, account: Account, server: ServerAddress, token: str) -> bool:
        """A server did not take a token: whether another one can be had without asking anybody."""
        if not server.signs_in_by_page or self.tokens is None:
            return False
        return self.tokens.refused(account, token)

    def refuse(self, account: Account, server: ServerAddress) -> None:
        """The server did not take the secret: the next time ask the user, whatever command and keyring say."""
        name = _name(account, server)
        self._known.pop(name, None)
        self._typed.discard(name)
        if server.auth is not AuthMethod.OAUTH2:
            self._refused.add(name)

    async def _kept(self, account: Account, server: ServerAddress) -> str | None:
        if _name(account, server) in self._refused:
            return None
        names = [_name(account, server), *(_name(account, other) for other in _sharing(account, server))]
        if known := next((self._known[name] for name in names if name in self._known), None):
            return known
        for name in names:
            if name not in self._refused and (kept := await system_keyring.get("/".join(name))):
                return kept
        return None

    async def _asked(self, account: Account, server: ServerAddress) -> str:
        if self.prompt is None:
            raise SignInNeeded(
                f"No password is known for {server.username} at {server.host}.",
                "Set `password_command` in the configuration, or run tuimail account add again with a keyring.",
            )
        secret = await self.prompt(account, server)
        if not secret:
            raise SignInNeeded(f"No password was given for {server.username} at {server.host}.")
        for one in (server, *_sharing(account, server)):
            if _name(account, one) in self._refused:  # what was refused there may be mended by this as well
                self._refused.discard(_name(account, one))
                self._known.pop(_name(account, one), None)
        self._typed.add(_name(account, server))
        return secret


async def run_command(command: tuple[str, ...], seconds: float = _COMMAND_SECONDS, called: str = "password command") -> str:
    """The first line that a program writes. It gets no shell and no input. Raises SignInNeeded; no message holds its output.

    ``called`` is what errors call it.
    """
    name = f"{called} {command[0]}"
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except (OSError, ValueError) as error:
        raise SignInNeeded(f"The {name} cannot be started.", f"Check `{called.replace(' ', '_')}`.") from error
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate()
    except TimeoutError:
        raise SignInNeeded(
            f"The {name} did not end within {seconds:.0f} seconds.",
            "It may be waiting for a question to be answered: run it once by hand.",
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise SignInNeeded(f"The {name} ended with status {process.returncode}.", "Run it by hand to see why.")
    lines = output[:_LONGEST].splitlines()
    secret = lines[0].decode("utf-8", "replace") if lines else ""
    if not secret:
        raise SignInNeeded(f"The {name} wrote nothing.", "Run it by hand to see why.")
    return secret


def _name(account: Account, server: ServerAddress) -> _Name:
    return account.key, server.host.lower(), server.username


def _sharing(account: Account, server: ServerAddress) -> list[ServerAddress]:
    """The account's other servers for which the same secret holds."""
    return [
        other for other in account.servers if other != server and (other.username, other.auth) == (server.username, server.auth)
    ]
