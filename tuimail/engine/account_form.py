# SPDX-License-Identifier: GPL-3.0-or-later
"""An account as somebody types it: text fields, what is wrong with them, and the account that they mean."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tuimail.model.account import PORTS, Account, AuthMethod, Security, ServerAddress, is_host, is_loopback
from tuimail.model.address import Address
from tuimail.model.errors import InputWrong
from tuimail.model.text import safe_line
from tuimail.model.typed_path import typed_path

_SERVER = re.compile(r"^(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/]+)(?::(?P<port>\d{1,5}))?(?:/(?P<security>\w+))?(?P<open>/noauth)?$")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class AccountForm:
    """What somebody typed. Empty fields have defaults; `problems` names what is missing or wrong, field by field."""

    email: str = ""
    name: str = ""
    password: str = ""
    imap: str = ""
    smtp: str = ""
    username: str = ""
    pop3: str = ""
    auth: str = ""
    """``password``, ``oauth2`` or ``none``."""
    command: str = ""
    """A program that gives the password, or the token."""
    ca_file: str = ""
    aliases: str = ""
    """Separated by commas."""
    signature: str = ""

    @classmethod
    def of(cls, account: Account) -> "AccountForm":
        """The form filled in with what an account is; the password is not in it."""
        usual = _usual(account)
        return cls(
            account.identity.email,
            account.identity.name,
            imap=server_text(account.imap),
            smtp=server_text(account.smtp),
            username=usual.username if usual.username != account.identity.email else "",
            pop3=server_text(account.pop3),
            auth=usual.auth.value if usual.auth is not AuthMethod.PASSWORD else "",
            command=shlex.join(usual.password_command),
            ca_file=usual.ca_file,
            aliases=", ".join(account.aliases),
            signature=account.signature,
        )

    def problems(self, before: Account | None = None) -> dict[str, str]:
        """Field → sentence. What stands in the account ``before`` already is not found fault with."""
        found = {}
        if not _EMAIL.fullmatch(self.email.strip()):
            found["email"] = "An e-mail address is needed, such as ada@example.org."
        for kind, ports in PORTS.items():
            if before is not None and getattr(self, kind).strip() == server_text(getattr(before, kind)):
                continue
            try:
                parse_server(getattr(self, kind) or f"{kind}.example.org", self.email, ports)
            except InputWrong as error:
                found[kind] = str(error)
        if self.auth.strip() not in ("", *AuthMethod):
            found["auth"] = "Say password, oauth2 or none."
        if wrong := [alias for alias in self._aliases if not _EMAIL.fullmatch(alias)]:
            found["aliases"] = f"“{safe_line(wrong[0])}” is no e-mail address, nor *@domain."
        try:
            shlex.split(self.command)
        except ValueError:
            found["command"] = "A quotation mark is not closed."
        return found

    def account(self, taken: set[str]) -> Account:
        """The account that the form describes, with a key that is free. Raises InputWrong with the first problem."""
        self._check()
        email = self.email.strip()
        domain = email.rpartition("@")[2]
        return self._made(
            Account(free_key(domain, taken), Address("", email)),
            {"imap": self.imap or ("" if self.pop3 else f"imap.{domain}"), "smtp": self.smtp or f"smtp.{domain}"},
        )

    def changed(self, before: Account) -> Account:
        """The account as it was, with what the form now says. Raises InputWrong.

        What the form does not show stays: a server's own user name or certificate file, what is kept on a POP3 server.
        """
        self._check(before)
        if not any(getattr(self, kind).strip() for kind in PORTS):
            raise InputWrong("An account needs a server.", "Fill in where mail is read from, and where it is sent by.")
        return self._made(before, {"imap": self.imap, "smtp": self.smtp})

    @property
    def _aliases(self) -> tuple[str, ...]:
        return tuple(filter(None, (alias.strip() for alias in self.aliases.split(","))))

    def _check(self, before: Account | None = None) -> None:
        for sentence in self.problems(before).values():
            raise InputWrong(sentence)

    def _made(self, before: Account, servers: Mapping[str, str]) -> Account:
        email = self.email.strip()
        usual = replace(
            _usual(before),
            username=self.username.strip() or email,
            auth=AuthMethod(self.auth.strip() or AuthMethod.PASSWORD),
            password_command=tuple(shlex.split(self.command)),
            ca_file=str(typed_path(self.ca_file.strip()).absolute()) if self.ca_file.strip() else "",
        )
        return replace(
            before,
            identity=Address(safe_line(self.name.strip()), email),
            imap=_server(before, "imap", servers["imap"], usual),
            pop3=_server(before, "pop3", self.pop3, usual),
            smtp=_server(before, "smtp", servers["smtp"], usual),
            aliases=self._aliases,
            signature=self.signature,
        )


def free_key(domain: str, taken: set[str]) -> str:
    """A name for an account that no other one has: the first word of its domain."""
    base = re.sub(r"[^a-z0-9_-]", "-", domain.split(".")[0].lower()) or "mail"
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}{number}"
    return key


def parse_server(text: str, username: str, ports: Mapping[Security, int]) -> ServerAddress:
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
    if security is Security.NONE and not is_loopback(host):
        raise InputWrong(f"Without TLS, your password for {host} could be read on the way.", "Use tls or starttls.")
    if not is_host(host):
        raise InputWrong(f"“{safe_line(host)}” is no name of a server.", "Write it as imap.example.org.")
    port = int(match["port"] or ports[security])
    if not 0 < port < 65536:
        raise InputWrong(f"{port} is no port.", "Ports go from 1 to 65535.")
    return ServerAddress(host, port, security, username, AuthMethod.NONE if match["open"] else AuthMethod.PASSWORD)


def server_text(server: ServerAddress | None) -> str:
    """A server as `parse_server` reads it; empty for none."""
    if server is None:
        return ""
    host = f"[{server.host}]" if ":" in server.host else server.host
    security = "" if server.security is Security.TLS else f"/{server.security}"
    return f"{host}:{server.port}{security or '/tls' * (server.auth is AuthMethod.NONE)}" + (
        "/noauth" if server.auth is AuthMethod.NONE else ""
    )


def _usual(account: Account) -> ServerAddress:
    """The server whose sign-in the form shows; without one, the defaults."""
    signing_in = [server for server in account.servers if server.auth is not AuthMethod.NONE]
    return next(iter(signing_in or account.servers), ServerAddress("", 0, Security.TLS, account.identity.email))


def _server(account: Account, kind: str, text: str, usual: ServerAddress) -> ServerAddress | None:
    """The server that a field names. What a server had for itself it keeps, what it shared with the account changes with it."""
    if not text.strip():
        return None
    was: ServerAddress | None = getattr(account, kind)
    if was is not None and text.strip() == server_text(was):
        made = was
    else:
        made = parse_server(text, usual.username, PORTS[kind])
        made = replace(
            made,
            auth=made.auth if made.auth is AuthMethod.NONE else usual.auth,
            leave_on_server=was is None or was.leave_on_server,
            check_interval=was.check_interval if was is not None else made.check_interval,
        )
    shared = _usual(account)
    own = was if was is not None else shared
    return replace(
        made,
        username=usual.username if own.username == shared.username else own.username,
        auth=usual.auth if made.auth is not AuthMethod.NONE and own.auth == shared.auth else made.auth,
        password_command=usual.password_command if own.password_command == shared.password_command else own.password_command,
        ca_file=usual.ca_file if own.ca_file == shared.ca_file else own.ca_file,
    )
