# SPDX-License-Identifier: GPL-3.0-or-later
"""Joins what `tuimail doctor` examines with: servers, configuration, store, keyring, terminal."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from tuimail.accounts import config, providers, system_keyring
from tuimail.accounts.secrets import SecretStore
from tuimail.backends.dialogue import Recent
from tuimail.backends.log import ProtocolLog
from tuimail.backends.port import MailBackend
from tuimail.backends.probe.examine import PATIENCE, examine
from tuimail.backends.submission import MailSender
from tuimail.config_check import checked_configuration
from tuimail.engine import terminal
from tuimail.engine.doctor import Doctor
from tuimail.engine.redaction import Redactor
from tuimail.model.account import Account, ServerAddress
from tuimail.model.check import CheckStep, StepStatus
from tuimail.model.discovery import Provider
from tuimail.model.errors import ConfigWrong, StoreProblem, TuimailError
from tuimail.model.finding import Finding
from tuimail.model.typed_path import typed_path
from tuimail.paths import Paths
from tuimail.servers import Servers
from tuimail.store.encryption import is_new
from tuimail.store.health import StoreHealth, health
from tuimail.store_access import store_key

_LITTLE_SPACE = 200_000_000
"""Octets free under which a warning is due."""


def doctor(paths: Paths, servers: Servers, log: ProtocolLog | None, patience: float = PATIENCE) -> Doctor:
    """A doctor for the accounts of a configuration. ``patience``: seconds that a server gets for each answer."""
    return Doctor(_Instruments(paths, servers, log, patience))


class Examination:
    """As `tuimail.cli.program.Examination`."""

    def __init__(self, paths: Paths, secrets: SecretStore, recent: Recent) -> None:
        """``recent`` gets the dialogue with the servers."""
        self._paths, self._recent = paths, recent
        self.doctor = doctor(paths, Servers(secrets, recent), recent)

    def accounts(self) -> tuple[Account, ...]:
        """All accounts. Raises ConfigWrong."""
        return config.load(self._paths.config_file).accounts

    def dialogue(self) -> list[str]:
        """The last lines, oldest first."""
        return self._recent.lines()

    def redact(self, text: str) -> str:
        """Without what tells whose mail it is."""
        try:
            accounts = self.accounts()
        except TuimailError:
            accounts = ()
        return Redactor(accounts, providers.public_names(), str(typed_path("~"))).text(text)


class _Instruments:
    """As `tuimail.engine.doctor.Instruments`."""

    def __init__(self, paths: Paths, servers: Servers, log: ProtocolLog | None, patience: float) -> None:
        self._paths, self._servers, self._log, self._patience = paths, servers, log, patience

    def way(self, kind: str, server: ServerAddress) -> AsyncGenerator[Finding]:
        """The steps to a server up to the sign-in."""
        return examine(kind, server, self._log, self._patience)

    async def check(self, account: Account, kind: str) -> None:
        """Sign in and leave."""
        await self._servers.check(account, kind, None)

    def backend(self, account: Account) -> MailBackend:
        """A connection to the IMAP server."""
        return self._servers.backend(account)

    def sender(self, account: Account) -> MailSender:
        """The submission server."""
        return self._servers.sender(account)

    async def provider_of(self, account: Account) -> Provider:
        """From the table that comes with tuimail."""
        return providers.provider_of(account)

    async def health(self) -> Sequence[CheckStep]:
        """Of the program on this machine."""
        output = sys.__stdout__  # within the program, sys.stdout is Textual's
        size, attached = shutil.get_terminal_size((0, 0)), output is not None and output.isatty()
        seen = terminal.Terminal(os.environ, output.encoding if output else "", size.columns, size.lines, attached=attached)
        store = await self._store()
        return [self._configuration(), store, await _keyring(), *terminal.examine(seen)]

    def _configuration(self) -> CheckStep:
        file = self._paths.config_file
        try:
            accounts = checked_configuration(self._paths).accounts
        except TuimailError as error:
            return CheckStep("configuration", "", StepStatus.FAIL, error.message, error.advice, error=error)
        if not accounts:
            return CheckStep("configuration", "", StepStatus.WARN, f"{file} names no account", "tuimail account add makes one.")
        if file.stat().st_mode & 0o077:
            advice = f"chmod 600 {file} closes it to other users."
            return CheckStep("configuration", "", StepStatus.WARN, f"{file} can be read by others", advice)
        return CheckStep("configuration", "", StepStatus.OK, f"{file}, {len(accounts)} account{'s' * (len(accounts) != 1)}")

    async def _store(self) -> CheckStep:
        folder = self._paths.data
        try:
            key = await store_key(folder, self._store_settings())
            return _store_step(await asyncio.to_thread(health, folder, key), str(folder))
        except OSError as error:
            failed: TuimailError = StoreProblem(
                f"The store in {folder} cannot be read: {error.strerror}.", "Check its permissions."
            )
        except (StoreProblem, ConfigWrong) as error:
            failed = error
        return CheckStep("store", "", StepStatus.FAIL, failed.message, failed.advice, error=failed)

    def _store_settings(self) -> config.StoreSettings:
        """A configuration that is wrong is told elsewhere."""
        try:
            found = config.load(self._paths.config_file).store
        except TuimailError:
            return config.StoreSettings()
        return replace(found, encrypted=False) if is_new(self._paths.data) else found


def _store_step(found: StoreHealth, folder: str) -> CheckStep:
    if not found.exists:
        return CheckStep("store", "", StepStatus.OK, f"none in {folder} yet")
    detail = f"{folder}, {found.size / 1e6:.0f} MB, {found.free / 1e9:.1f} GB free{', encrypted' * found.encrypted}"
    if found.damaged:
        advice = "Start tuimail: it sets damaged files aside, saves what can be saved, and fetches the rest again."
        error = StoreProblem(f"In {folder}, {', '.join(found.damaged)} is damaged.", advice)
        return CheckStep("store", "", StepStatus.FAIL, error.message, advice, error=error)
    if found.open_to_others:
        advice = f"chmod -R go-rwx {folder} closes it to other users."
        return CheckStep("store", "", StepStatus.WARN, f"{', '.join(found.open_to_others)} can be read by others", advice)
    if found.free < _LITTLE_SPACE:
        return CheckStep("store", "", StepStatus.WARN, detail, "Make room on the disk: what is sent waits there first.")
    return CheckStep("store", "", StepStatus.OK, detail)


async def _keyring() -> CheckStep:
    state = await system_keyring.state()
    if not state.backend:
        advice = "Passwords are asked for at each start, unless `password_command` gives them."
        return CheckStep("keyring", "", StepStatus.WARN, "there is none", advice)
    if state.insecure:
        advice = "It keeps passwords in a readable file, so nothing is written there: use another, or `password_command`."
        return CheckStep("keyring", "", StepStatus.WARN, state.backend, advice)
    return CheckStep("keyring", "", StepStatus.OK, state.backend)
