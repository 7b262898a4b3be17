# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration file: reading and checking it, and what is in force."""

import errno
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from tuimail.accounts import schema
from tuimail.accounts.account_table import ACCOUNT_KEYS, read_account
from tuimail.accounts.lines import Lines
from tuimail.accounts.schema import Problem, Problems
from tuimail.model.account import Account
from tuimail.model.errors import ConfigWrong, FileProblem
from tuimail.model.text import safe_line
from tuimail.model.typed_path import typed_path

__all__ = [
    "ACCOUNT_KEYS",
    "Configuration",
    "Discovery",
    "OAuthProvider",
    "Settings",
    "StoreSettings",
    "add_account",
    "change_account",
    "in_force",
    "load",
    "remove_account",
    "set_encrypted",
]


@dataclass(frozen=True, slots=True)
class Settings:
    """The table ``[settings]``."""

    undo_send: int = 10
    """Seconds that a sent message waits in the outbox."""
    threads: bool = True
    sort: str = "-date"
    preview: bool = False
    mark_read: int | None = 0
    """Seconds after opening; None is never."""
    download: str = "text"
    prefetch: bool = True
    remote_images: str = "never"
    theme: str = "tuimail-dark"
    keys: str = "default"
    """The preset."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """The table ``[discovery]``."""

    autoconfig: tuple[str, ...] = ()
    """Addresses asked first."""
    dns: str = ""
    """``host:port`` of a resolver; empty is the system's."""
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class OAuthProvider:
    """A table ``[oauth.NAME]``."""

    client_id: str = ""
    client_secret: str = ""
    authorize: str = ""
    token: str = ""
    device: str = ""
    revoke: str = ""
    issuer: str = ""
    """Whose own document names the addresses (RFC 8414)."""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The table ``[store]``."""

    encrypted: bool = False
    """A new store is encrypted, and none that is not is opened."""
    key_command: tuple[str, ...] = ()
    """Prints the key as 64 hexadecimal digits; else the keyring has it."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of the file, checked."""

    settings: Settings = Settings()
    accounts: tuple[Account, ...] = ()
    """In the order of the file; the first is the default."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The user's own bindings: command → keys. Whether there is such a command, the key map knows."""
    discovery: Discovery = Discovery()
    oauth: Mapping[str, OAuthProvider] = field(default_factory=dict)
    store: StoreSettings = StoreSettings()


_SETTINGS: schema.Keys = {
    "undo_send": schema.number(0, 3600),
    "threads": schema.truth,
    "sort": schema.sort_order,
    "preview": schema.truth,
    "mark_read": schema.mark_read,
    "prefetch": schema.truth,
    "download": schema.one_of("near", "text", "all", "none"),
    "remote_images": schema.one_of("never", "ask", "known-senders"),
    "theme": schema.line,
    "keys": schema.one_of("default", "mutt", "alpine", "gmail", "aerc", "emacs"),
}
_DISCOVERY: schema.Keys = {"autoconfig": schema.many(schema.line), "dns": schema.line, "ca_file": schema.file_name}
_OAUTH: schema.Keys = {
    **dict.fromkeys(("client_id", "client_secret", "authorize", "token", "device", "revoke", "issuer"), schema.line),
    "scopes": schema.many(schema.line),
}
_STORE: schema.Keys = {"encrypted": schema.truth, "key_command": schema.command}
_TABLES = ("settings", "keys", "discovery", "oauth", "store", "accounts")


Further = Callable[[Configuration], Iterable[Problem]]
"""Finds what is wrong in values that only other parts of the program know: themes, key bindings."""


def load(path: Path, further: Further | None = None) -> Configuration:
    """Read the file; all defaults when there is none.

    Raises ConfigWrong that names file and line of every problem, and FileProblem when the file cannot be read.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for, and a device may have no end
            raise OSError(errno.EINVAL, "it is no regular file")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Configuration()
    except OSError as error:
        raise FileProblem(f"The configuration {path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    except UnicodeDecodeError as error:
        raise ConfigWrong(f"{path}: the text is not UTF-8.", "Save it as UTF-8.") from error
    return parse(text, path, further)


def parse(text: str, path: Path, further: Further | None = None) -> Configuration:
    """Read the file's text. ``path`` is what errors name, and what relative file names are relative to."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigWrong(f"{path}: this is not TOML: {safe_line(str(error))}.", "Correct that line.") from error
    except ValueError as error:  # a number of thousands of digits
        raise ConfigWrong(f"{path}: a number is too long.", "Write a shorter one.") from error
    except RecursionError as error:
        raise ConfigWrong(f"{path}: brackets are nested too deeply.", "Close each bracket that is opened.") from error
    problems = Problems()
    for name in tables:
        if name not in _TABLES:
            problems.add((name,), f"`{safe_line(name)}` is no table{schema.nearest(name, dict.fromkeys(_TABLES))}")
    made = Configuration(
        Settings(**problems.table(("settings",), tables.get("settings", {}), _SETTINGS)),  # type: ignore[arg-type]
        tuple(
            account
            for key, table in _subtables(problems, "accounts", tables)
            if (account := read_account(problems, key, table, path.parent))
        ),
        _keys(problems, tables),
        _discovery(problems, tables, path.parent),
        {
            name: OAuthProvider(**problems.table(("oauth", name), table, _OAUTH))  # type: ignore[arg-type]
            for name, table in _subtables(problems, "oauth", tables)
        },
        StoreSettings(**problems.table(("store",), tables.get("store", {}), _STORE)),  # type: ignore[arg-type]
    )
    for problem in further(made) if further is not None else ():
        problems.add(problem.path, problem.text)
    if problems.found:
        raise _wrong(problems, text, path)
    return made


def in_force(configuration: Configuration) -> dict[str, object]:
    """Everything as plain values for ``tuimail config show``. There are no secrets in it but an OAuth client's, struck out."""
    shown = asdict(configuration)
    for provider in shown["oauth"].values():
        provider["client_secret"] = "***" if provider["client_secret"] else ""
    return shown


def add_account(path: Path, account: Account) -> None:
    """Write a new account to the file; comments and order stay. Raises FileProblem, and ConfigWrong when the name is taken."""
    from tuimail.accounts import edit

    edit.add_account(path, account)


def change_account(path: Path, account: Account) -> None:
    """Write what changed of an account; comments and order stay. Raises ConfigWrong when it is not there, FileProblem."""
    from tuimail.accounts import edit

    edit.change_account(path, account)


def keep_client(path: Path, name: str, values: Mapping[str, str | list[str]]) -> None:
    """Write what is missing into the table ``[oauth.NAME]``. Raises ConfigWrong, FileProblem."""
    from tuimail.accounts import edit

    edit.keep_client(path, name, values)


def remove_account(path: Path, key: str) -> None:
    """Take an account out of the file. Raises ConfigWrong when there is none of that name, FileProblem."""
    from tuimail.accounts import edit

    edit.remove_account(path, key)


def set_encrypted(path: Path, encrypted: bool) -> None:
    """Write whether the store is to be encrypted. Raises ConfigWrong, FileProblem."""
    if load(path).store.encrypted is not encrypted:
        from tuimail.accounts import edit

        edit.set_encrypted(path, encrypted)


def _subtables(problems: Problems, name: str, tables: Mapping[str, object]) -> list[tuple[str, object]]:
    given = tables.get(name, {})
    if not isinstance(given, dict):
        problems.add((name,), f"`{name}` must be a table of tables, such as [{name}.work]")
        return []
    return list(given.items())


def _keys(problems: Problems, tables: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    given = tables.get("keys", {})
    read = problems.table(("keys",), given, dict.fromkeys(given if isinstance(given, dict) else (), schema.one_or_many))
    return {name: schema.one_or_many(list(keys)) for name, keys in read.items() if isinstance(keys, tuple)}


def _discovery(problems: Problems, tables: Mapping[str, object], folder: Path) -> Discovery:
    read = Discovery(**problems.table(("discovery",), tables.get("discovery", {}), _DISCOVERY))  # type: ignore[arg-type]
    return replace(read, ca_file=str(folder / typed_path(read.ca_file))) if read.ca_file else read


def _wrong(problems: Problems, file: str, path: Path) -> ConfigWrong:
    lines = Lines(file)
    told = sorted((lines.of(problem.path), problem.text) for problem in problems.found)
    return ConfigWrong(
        "\n".join(f"{path}, line {line}: {text}{'' if text.endswith(('?', '.')) else '.'}" for line, text in told)
    )
