# SPDX-License-Identifier: GPL-3.0-or-later
"""One ``[accounts.KEY]`` table as an `Account`. Pure."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from tuimail.accounts import schema
from tuimail.accounts.schema import Problems
from tuimail.model.account import CHECK_INTERVAL, PORTS, Account, AuthMethod, Security, ServerAddress, is_loopback
from tuimail.model.address import Address
from tuimail.model.typed_path import typed_path

T = TypeVar("T")

_SIGN_IN: schema.Keys = {
    "username": schema.line,
    "auth": schema.one_of(*AuthMethod),
    "password_command": schema.command,
    "token_command": schema.command,
    "ca_file": schema.file_name,
}
_SERVER: schema.Keys = {
    "host": schema.host,
    "port": schema.number(1, 65535),
    "security": schema.one_of(*Security),
    "allow_plaintext": schema.truth,
    "fingerprint": schema.fingerprint,
    **_SIGN_IN,
    "ca_file": schema.file_or_none,
}
_SERVERS: Mapping[str, schema.Keys] = {
    "imap": _SERVER,
    "smtp": _SERVER,
    "pop3": {**_SERVER, "leave_on_server": schema.truth, "check_interval": schema.number(10, 86_400)},
}


def _unread(value: object) -> object:
    return value


ACCOUNT_KEYS: schema.Keys = {
    "name": schema.text,
    "email": schema.email,
    "aliases": schema.many(schema.alias),
    "signature": schema.text,
    **_SIGN_IN,
    **dict.fromkeys(_SERVERS, _unread),
}


def read_account(problems: Problems, key: str, value: object, folder: Path) -> Account | None:
    """The account, or None when something is wrong with it. ``folder`` is what relative file names are relative to."""
    path = ("accounts", key)
    before = len(problems.found)
    table = problems.table(path, value, ACCOUNT_KEYS)
    if "email" not in table and not any(problem.path == (*path, "email") for problem in problems.found):
        problems.add(path, f"the account `{key}` needs `email`")
    servers = {kind: _server(problems, (*path, kind), table[kind], table, folder) for kind in _SERVERS if kind in table}
    if not servers:
        problems.add(path, f"the account `{key}` needs a server: `imap`, `pop3` or `smtp`")
    if len(problems.found) > before:
        return None
    return Account(
        key,
        Address(_value(table, "name", ""), _value(table, "email", "")),
        servers.get("imap"),
        servers.get("pop3"),
        servers.get("smtp"),
        _value(table, "aliases", ()),
        _value(table, "signature", ""),
    )


def _server(
    problems: Problems, path: tuple[str, ...], value: object, account: Mapping[str, object], folder: Path
) -> ServerAddress | None:
    own = problems.table(path, value, _SERVERS[path[-1]])
    table = {**{key: account[key] for key in _SIGN_IN if key in account}, **own}
    host = _value(own, "host", "").strip("[]")
    if not host:
        if not any(problem.path == (*path, "host") for problem in problems.found):
            problems.add(path, f"`{path[-1]}` of the account `{path[1]}` needs `host`")
        return None
    security = Security(_value(own, "security", "tls"))
    if security is Security.NONE and not (is_loopback(host) or own.get("allow_plaintext")):
        problems.add(
            (*path, "security"),
            f'`security = "none"` would send mail and password to {host} in the clear: use tls or starttls'
            " (or say `allow_plaintext = true` there)",
        )
    auth = AuthMethod(_value(table, "auth", "password"))
    ca_file = _value(table, "ca_file", "")
    return ServerAddress(
        host,
        _value(own, "port", PORTS[path[-1]][security]),
        security,
        _value(table, "username", _value(account, "email", "")),
        auth,
        _command(own, account, auth),
        str(folder / typed_path(ca_file)) if ca_file else "",
        _value(own, "leave_on_server", default=True),
        _value(own, "fingerprint", ""),
        _value(own, "check_interval", CHECK_INTERVAL),
    )


def _command(own: Mapping[str, object], account: Mapping[str, object], auth: AuthMethod) -> tuple[str, ...]:
    """With OAuth2 the program that gives the token; `password_command` may give it as well. The server's own goes first."""
    names = ("token_command", "password_command") if auth is AuthMethod.OAUTH2 else ("password_command",)
    return next((_value(table, name, ()) for table in (own, account) for name in names if name in table), ())


def _value(table: Mapping[str, object], key: str, default: T) -> T:
    """A value that its reader has checked; the default gives the type."""
    value = table.get(key, default)
    assert isinstance(value, type(default))
    return value
