# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line needs of the joined program. `tuimail.start` provides it."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tuimail.engine.engine import Engine
from tuimail.model.account import Account, ServerAddress
from tuimail.model.store_key import StoreKey

if TYPE_CHECKING:
    from tuimail.engine.carrying import SendOutcome
    from tuimail.engine.dispatch import Prepared
    from tuimail.engine.doctor import Doctor
    from tuimail.engine.setup import Setup
    from tuimail.model.measurement import Run


class SentMail(Protocol):
    """A message that an embedded server took."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    """With CRLF."""

    @property
    def subject(self) -> str:
        """Decoded; may hold anything."""
        ...


class EmbeddedAddresses(Protocol):
    """Where the embedded servers are, and who may sign in."""

    @property
    def host(self) -> str:
        """The address that all of them listen on."""
        ...

    @property
    def certificate(self) -> str:
        """PEM."""
        ...

    @property
    def users(self) -> tuple[tuple[str, str, str], ...]:
        """(user, password, e-mail address)."""
        ...

    @property
    def services(self) -> list[tuple[str, int, str]]:
        """Name, port and security."""
        ...


class EmbeddedServers(Protocol):
    """Mail servers for experiments."""

    @property
    def addresses(self) -> EmbeddedAddresses:
        """Where they are."""
        ...

    def on_sent(self, tell: Callable[[SentMail], None]) -> None:
        """Tell of every message that is sent, in a thread of the servers."""
        ...


class Examination(Protocol):
    """What `tuimail doctor` works with."""

    @property
    def doctor(self) -> "Doctor":
        """Who examines."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """All accounts. Raises ConfigWrong."""
        ...

    def dialogue(self) -> list[str]:
        """What was said with the servers so far, secrets struck out."""
        ...

    def redact(self, text: str) -> str:
        """The same without what tells whose mail it is."""
        ...


class StoreKeeping(Protocol):
    """The store's encryption."""

    @property
    def folder(self) -> Path:
        """Where the store is."""
        ...

    async def encrypt(self) -> bool:
        """Encrypt all that is there, and what will be. False: it is so already."""
        ...

    async def decrypt(self) -> bool:
        """Write all of it in the clear. False: it is so already."""
        ...

    async def key(self) -> StoreKey:
        """The key of the store. Raises InputWrong when it is not encrypted."""
        ...


class Program(Protocol):
    """The program's parts, joined on demand."""

    def log_only(self, home: str) -> None:
        """From now on what nobody expected goes to the log, not to the terminal. Never raises."""
        ...

    def open(self, home: str, *, account: str, folder: str, verbose: bool, mailto: str = "") -> int:
        """Open the screen; with a ``mailto:`` URL, the composer on it. Returns the exit status."""
        ...

    def demo(self, messages: int, *, verbose: bool) -> int:
        """Open the screen on embedded servers. Returns the exit status."""
        ...

    def embedded_servers(self, messages: int, users: int) -> AbstractContextManager[EmbeddedServers]:
        """IMAP, POP3 and SMTP servers, with TLS, that run until the context is left."""
        ...

    def engine(self, home: str, *, verbose: bool) -> Engine:
        """Everything that the screen could ask, for one command. Nothing is connected yet."""
        ...

    def measure(self, home: str, account: str, sizes: Sequence[int], count: int, *, verbose: bool) -> "Iterator[Run]":
        """One run for each message and protocol; on the embedded servers where no account is named."""
        ...

    async def submit(self, server: ServerAddress, message: "Prepared", *, verbose: bool) -> "SendOutcome":
        """Send by a server that no account names. A password is asked for on a terminal. Raises what the server answers."""
        ...

    def setup(self, home: str, *, verbose: bool) -> "Setup":
        """Accounts: add, check, remove."""
        ...

    def examination(self, home: str, *, verbose: bool) -> Examination:
        """Ready to examine the accounts and the program itself; a configuration that is wrong is no obstacle."""
        ...

    def store_keeping(self, home: str) -> StoreKeeping:
        """The store's encryption. Nothing is opened yet."""
        ...

    def config_file(self, home: str) -> Path:
        """Where the configuration is."""
        ...

    def settings(self, home: str) -> dict[str, object]:
        """What is in force. Raises ConfigWrong that tells every mistake, those of themes and key bindings too."""
        ...


def program_of(options: argparse.Namespace) -> Program:
    """The program that `tuimail.cli.main.run` was given."""
    program: Program = options.program
    return program
