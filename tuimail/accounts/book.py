# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts that are kept: configuration file, keyring, and the picture of their mail that the next start would show."""

from pathlib import Path

from tuimail.accounts import config
from tuimail.accounts.secrets import SecretStore
from tuimail.frame import Frame
from tuimail.model.account import Account, ServerAddress


class AccountBook:
    """The configuration file and the keyring, as `tuimail.engine.setup.AccountBook`."""

    def __init__(self, file: Path, secrets: SecretStore, frame: Frame | None = None) -> None:
        self._file = file
        self._secrets = secrets
        self._frame = frame

    def accounts(self) -> tuple[Account, ...]:
        """All accounts of the configuration. Raises ConfigWrong."""
        return config.load(self._file).accounts

    def ca_file(self) -> str:
        """The authority under ``[discovery]``."""
        return config.load(self._file).discovery.ca_file

    def add(self, account: Account) -> None:
        """Write a new account to the configuration."""
        config.add_account(self._file, account)

    def change(self, account: Account) -> None:
        """Write what changed of an account."""
        config.change_account(self._file, account)

    async def remove(self, key: str) -> None:
        """Take an account out of the configuration, its secrets out of the keyring, and what is shown of its mail at start."""
        if self._frame is not None:
            self._frame.forget()
        account = next((account for account in self.accounts() if account.key == key), None)
        config.remove_account(self._file, key)
        if account is not None:
            for server in account.servers:
                await self._secrets.forget(account, server)

    async def remember(self, account: Account, server: ServerAddress, secret: str) -> bool:
        """Keep a secret in the keyring."""
        return await self._secrets.remember(account, server, secret)

    async def kept(self, account: Account, server: ServerAddress) -> str | None:
        """A secret that is kept."""
        return await self._secrets.known_for(account, server)
