# SPDX-License-Identifier: GPL-3.0-or-later
"""Adding, checking and removing accounts: the same for the form on the screen and for the command line."""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.errors import ExitStatus, InputWrong, TuimailError
from tuimail.model.text import safe_line

_IMAP_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
_SMTP_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 587}
_SERVER = re.compile(r"^(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/]+)(?::(?P<port>\d{1,5}))?(?:/(?P<security>\w+))?(?P<open>/noauth)?$")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class AccountBook(Protocol):
    """Where accounts and their secrets are kept."""

    def accounts(self) -> tuple[Account, ...]:
        """All accounts of the configuration. Raises ConfigWrong."""
        ...

    def add(self, account: Account) -> None:
        """Write a new account to the configuration; comments and order of the rest stay. Raises ConfigWrong, FileProblem."""
        ...

    async def remove(self, key: str) -> None:
        """Take an account out of the configuration, and forget its secrets."""
        ...

    async def remember(self, account: Account, server: ServerAddress, secret: str) -> bool:
        """Keep a secret in the keyring. False: there is none that is safe, so it will be asked for."""
        ...


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One thing that was tried."""

    step: str
    server: str
    status: str
    """``ok``, ``warn`` or ``fail``."""
    detail: str
    advice: str = ""
    seconds: float = 0.0
    exit_status: ExitStatus = ExitStatus.OK


Check = Callable[[Account, ServerAddress, str | None], Awaitable[None]]
"""Connects and signs in to a server of an account; with a secret where one was typed. Raises what went wrong."""


@dataclass(frozen=True, slots=True)
class AccountForm:
    """What somebody typed. Empty fields have defaults; `problems` names what is missing or wrong, field by field."""

    email: str = ""
    name: str = ""
    password: str = ""
    imap: str = ""
    smtp: str = ""
    username: str = ""

    def problems(self) -> dict[str, str]:
        """Field → sentence."""
        found = {}
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", self.email.strip()):
            found["email"] = "An e-mail address is needed, such as ada@example.org."
        for field, ports in (("imap", _IMAP_PORTS), ("smtp", _SMTP_PORTS)):
            try:
                parse_server(getattr(self, field) or f"{field}.example.org", self.email, ports)
            except InputWrong as error:
                found[field] = str(error)
        return found

    def account(self, taken: set[str]) -> Account:
        """The account that the form describes, with a key that is free. Raises InputWrong with the first problem."""
        for sentence in self.problems().values():
            raise InputWrong(sentence)
        email = self.email.strip()
        domain = email.rpartition("@")[2]
        username = self.username.strip() or email
        key = base = re.sub(r"[^a-z0-9_-]", "-", domain.split(".")[0].lower()) or "mail"
        number = 1
        while key in taken:
            number += 1
            key = f"{base}{number}"
        return Account(
            key,
            Address(safe_line(self.name.strip()), email),
            imap=parse_server(self.imap or f"imap.{domain}", username, _IMAP_PORTS),
            smtp=parse_server(self.smtp or f"smtp.{domain}", username, _SMTP_PORTS),
        )


class Setup:
    """Accounts, in the user's words."""

    def __init__(self, book: AccountBook, check: Check) -> None:
        self._book = book
        self._check = check

    def accounts(self) -> tuple[Account, ...]:
        """All accounts of the configuration. Raises ConfigWrong."""
        return self._book.accounts()

    def account_from(self, form: AccountForm) -> Account:
        """The account that a form describes. Raises InputWrong."""
        return form.account({account.key for account in self._book.accounts()})

    async def check(self, account: Account, secret: str | None = None) -> tuple[CheckStep, ...]:
        """Sign in to every server of the account. Does not raise: each step says how it went."""
        steps = []
        for kind, server in (("imap", account.imap), ("smtp", account.smtp)):
            if server is None:
                continue
            began = time.monotonic()
            where = f"{server.host}:{server.port}"
            try:
                await self._check(account, server, secret)
            except TuimailError as error:
                took = time.monotonic() - began
                steps.append(CheckStep(f"{kind} sign-in", where, "fail", error.message, error.advice, took, error.exit_status))
            else:
                steps.append(CheckStep(f"{kind} sign-in", where, "ok", "signed in", seconds=time.monotonic() - began))
        return tuple(steps)

    async def save(self, account: Account, secret: str) -> bool:
        """Keep the account, and the secret in the keyring. False: no safe keyring, it will be asked for at each start."""
        self._book.add(account)
        kept = True
        for server in (account.imap, account.smtp):
            if server is not None and secret and server.auth is not AuthMethod.NONE:
                kept = await self._book.remember(account, server, secret) and kept
        return kept

    async def remove(self, key: str) -> None:
        """Forget an account. Raises InputWrong when there is none of that name."""
        if key not in {account.key for account in self._book.accounts()}:
            raise InputWrong(f"There is no account “{safe_line(key)}”.", "tuimail account list shows the names.")
        await self._book.remove(key)


def parse_server(text: str, username: str, ports: dict[Security, int]) -> ServerAddress:
    """Read ``imap.example.org``, ``host:1143/starttls``, ``localhost:25/none/noauth``. TLS unless something else is said.

    Raises InputWrong.
    """
    match = _SERVER.match(text.strip())
    if match is None:
        raise InputWrong(f"“{safe_line(text)}” is no server.", "Write it as host, host:port or host:port/starttls.")
    try:
        security = Security((match["security"] or "tls").lower())
    except ValueError:
        word = safe_line(match["security"])
        raise InputWrong(f"“{word}” is no way to secure a connection.", "Use tls, starttls or none.") from None
    host = match["host"].strip("[]")
    if security is Security.NONE and host not in _LOOPBACK:
        raise InputWrong(f"Without TLS, your password for {host} could be read on the way.", "Use tls or starttls.")
    port = int(match["port"] or ports[security])
    if not 0 < port < 65536:
        raise InputWrong(f"{port} is no port.", "Ports go from 1 to 65535.")
    return ServerAddress(host, port, security, username, AuthMethod.NONE if match["open"] else AuthMethod.PASSWORD)
