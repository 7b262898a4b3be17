# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the configuration file: comments and order are kept, the file is replaced in one step and closed to others."""

import os
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable, Table

from tuimail.accounts import config
from tuimail.model.account import CHECK_INTERVAL, Account, AuthMethod, Security, ServerAddress, is_loopback
from tuimail.model.errors import ConfigWrong, FileProblem
from tuimail.model.text import safe_line
from tuimail.paths import private_folder


def add_account(path: Path, account: Account) -> None:
    """See `tuimail.accounts.config.add_account`."""
    document = _read(path)
    accounts = document.setdefault("accounts", tomlkit.table(is_super_table=True))
    if account.key in accounts:
        raise ConfigWrong(f"{path}: there is an account “{safe_line(account.key)}” already.", "Choose another name.")
    accounts[account.key] = _table(account)
    _write(path, document)


def change_account(path: Path, account: Account) -> None:
    """See `tuimail.accounts.config.change_account`. What stays as it was keeps the form in which the user wrote it."""
    document = _read(path)
    before = next((one for one in config.load(path).accounts if one.key == account.key), None)
    if before is None:
        raise ConfigWrong(f"{path}: there is no account “{safe_line(account.key)}”.", "tuimail account list shows the names.")
    if before == account:
        return
    table = document["accounts"][account.key]
    _update(table, _table(before), _table(account))
    if _read_back(document, path, account.key) != account:  # the user's own form tells more than the shortest one
        _update(table, {key: table[key] for key in config.ACCOUNT_KEYS if key in table}, _table(account), anew=True)
    _write(path, document)


def _update(
    table: MutableMapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], *, anew: bool = False
) -> None:
    """Write into a table what differs between two forms of it; ``anew``: whole inner tables, whatever they held."""
    for key in before.keys() - after.keys():
        table.pop(key, None)
    for key, value in after.items():
        if not anew and isinstance(value, Mapping) and isinstance(table.get(key), MutableMapping):
            _update(table[key], before.get(key, {}), value)
        elif before.get(key) != value:
            table[key] = value


def _read_back(document: tomlkit.TOMLDocument, path: Path, key: str) -> Account | None:
    try:
        accounts = config.parse(tomlkit.dumps(document), path).accounts
    except ConfigWrong:
        return None
    return next((account for account in accounts if account.key == key), None)


def remove_account(path: Path, key: str) -> None:
    """See `tuimail.accounts.config.remove_account`."""
    document = _read(path)
    accounts = document.get("accounts", {})
    if key not in accounts:
        raise ConfigWrong(f"{path}: there is no account “{safe_line(key)}”.", "tuimail account list shows the names.")
    del accounts[key]
    if not accounts:
        del document["accounts"]
    _write(path, document)


def set_encrypted(path: Path, encrypted: bool) -> None:
    """See `tuimail.accounts.config.set_encrypted`."""
    document = _read(path)
    document.setdefault("store", tomlkit.table())["encrypted"] = encrypted
    _write(path, document)


def keep_client(path: Path, name: str, values: Mapping[str, str | list[str]]) -> None:
    """See `tuimail.accounts.config.keep_client`."""
    document = _read(path)
    table = document.setdefault("oauth", tomlkit.table(is_super_table=True)).setdefault(name, tomlkit.table())
    for key, value in values.items():
        if value and key not in table:
            table[key] = value
    _write(path, document)


def _read(path: Path) -> tomlkit.TOMLDocument:
    """The document, after a check that it is right: what is wrong must not be made worse."""
    config.load(path)
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    except TOMLKitError as error:
        raise ConfigWrong(f"{path}: this is not TOML: {safe_line(str(error))}") from error


def _table(account: Account) -> Table:
    table = tomlkit.table()
    if account.identity.name:
        table["name"] = account.identity.name
    table["email"] = account.identity.email
    servers = {"imap": account.imap, "pop3": account.pop3, "smtp": account.smtp}
    usual = next((server for server in servers.values() if server is not None), None)
    if usual is not None:
        _sign_in(table, usual, None, account.identity.email)
    for kind, server in servers.items():
        if server is not None:
            table[kind] = _server(kind, server, usual or server)
    if account.aliases:
        table["aliases"] = list(account.aliases)
    if account.signature:
        table["signature"] = account.signature
    return table


def _server(kind: str, server: ServerAddress, usual: ServerAddress) -> InlineTable:
    table = tomlkit.inline_table()
    table.update({"host": server.host, "port": server.port, "security": server.security.value})
    if server.security is Security.NONE and not is_loopback(server.host):
        table["allow_plaintext"] = True
    if kind == "pop3":
        table["leave_on_server"] = server.leave_on_server
        if server.check_interval != CHECK_INTERVAL:
            table["check_interval"] = server.check_interval
    _sign_in(table, server, usual, usual.username)
    if server.fingerprint:
        table["fingerprint"] = server.fingerprint
    return table


def _sign_in(table: Table | InlineTable, server: ServerAddress, usual: ServerAddress | None, username: str) -> None:
    """Write what differs from the account's own values, or from the defaults when ``usual`` is None."""
    if server.username != username:
        table["username"] = server.username
    if server.auth is not (usual.auth if usual else AuthMethod.PASSWORD):
        table["auth"] = server.auth.value
    if server.password_command != (usual.password_command if usual else ()):
        table["token_command" if server.auth is AuthMethod.OAUTH2 else "password_command"] = list(server.password_command)
    if server.ca_file != (usual.ca_file if usual else ""):
        table["ca_file"] = server.ca_file


def _write(path: Path, document: tomlkit.TOMLDocument) -> None:
    """Check the new text, then put it in place: a reader sees the old file or the new one, never half of it."""
    text = tomlkit.dumps(document)
    config.parse(text, path)
    private_folder(path.parent)
    target = path.resolve()
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".config-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FileProblem(f"The configuration {path} cannot be written: {error.strerror}.", "Check its permissions.") from error
