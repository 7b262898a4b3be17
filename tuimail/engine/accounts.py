# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of the configuration, joined with their ids in the store and the loops that keep them in sync."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tuimail.backends.port import ProgressSink
from tuimail.model.account import Account
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.notice import ConnectionState
from tuimail.model.query import Query


class Loop(Protocol):
    """What the engine asks of `tuimail.sync.account_loop.AccountLoop`."""

    @property
    def state(self) -> ConnectionState:
        """Where the connection stands."""
        ...

    def ring(self) -> None:
        """There is something to carry."""
        ...

    def watch(self, folder: FolderId | None) -> None:
        """The folder on the screen."""
        ...

    def sync_now(self) -> None:
        """Look at everything now."""
        ...

    def retry(self) -> None:
        """Try to connect again, after the user mended what was wrong."""
        ...

    async def fetch_section(
        self, message: MessageId, section: str, progress: ProgressSink | None = None, length: int | None = None
    ) -> bytes:
        """One section of a message, still encoded, or its first ``length`` octets."""
        ...

    async def fetch_sections(self, wanted: list[tuple[MessageId, str]]) -> dict[tuple[MessageId, str], bytes]:
        """Several sections in one flight."""
        ...

    def fetch_ahead(self, messages: Sequence[MessageId]) -> None:
        """These will probably be read next, the likeliest first."""
        ...

    async def arrival(self, message: MessageId) -> None:
        """A message is to be shown that is not here: wait for it where it is on its way."""
        ...

    async def server_search(self, folder: FolderId, query: Query) -> tuple[MessageId, ...]:
        """Messages of a folder that the server finds."""
        ...

    async def purge(self, folder: FolderId) -> None:
        r"""Remove every message of a folder that carries ``\Deleted``."""
        ...

    async def settled(self) -> None:
        """Everything that waits is carried, and everything new is here."""
        ...


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """One account in use."""

    id: AccountId
    account: Account
    loop: Loop


class Accounts:
    """All accounts in use, in the order of the configuration."""

    def __init__(self, accounts: Mapping[AccountId, OpenAccount] | None = None) -> None:
        self._accounts = dict(accounts or {})

    def __iter__(self) -> Iterator[OpenAccount]:
        return iter(tuple(self._accounts.values()))

    def __len__(self) -> int:
        return len(self._accounts)

    def add(self, account: OpenAccount) -> None:
        """Take another account into use."""
        self._accounts[account.id] = account

    def get(self, account: AccountId) -> OpenAccount:
        """One account by its id."""
        return self._accounts[account]

    def named(self, key: str) -> OpenAccount | None:
        """One account by its key or e-mail address."""
        return self._first(lambda account: key in (account.key, account.identity.email))

    def owner_of(self, email: str) -> OpenAccount | None:
        """The account that an address belongs to: the one whose own address it is before those that have it as an alias."""
        own = self._first(lambda account: account.identity.email.lower() == email.lower())
        return own or self._first(lambda account: account.owns(email))

    @property
    def default(self) -> OpenAccount | None:
        """The first account."""
        return next(iter(self), None)

    def _first(self, wanted: Callable[[Account], bool]) -> OpenAccount | None:
        return next((candidate for candidate in self if wanted(candidate.account)), None)
