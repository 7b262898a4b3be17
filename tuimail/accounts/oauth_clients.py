# SPDX-License-Identifier: GPL-3.0-or-later
"""Which OAuth client an account has: the user's own, from ``[oauth.NAME]``, over the addresses in the table of providers.

tuimail comes with no client of its own and borrows nobody's. Where a provider lets programs register themselves, it gets one.
"""

from collections.abc import Iterator
from pathlib import Path

from tuimail.accounts import config, providers
from tuimail.accounts.oauth import OAuthClient
from tuimail.accounts.oauth_metadata import Metadata
from tuimail.model.account import Account
from tuimail.model.errors import SignInNeeded

_REGISTER = {
    "gmail": "https://console.cloud.google.com/auth/clients",
    "outlook": "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
    "m365": "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
    "yahoo": "https://developer.yahoo.com/apps/",
    "yandex": "https://oauth.yandex.com/",
}


def client_for(config_file: Path, account: Account) -> OAuthClient | None:
    """The account's client; None when none is configured. Raises ConfigWrong, FileProblem."""
    _, own = configured(config_file, account)
    known = next((entry.provider.oauth for entry in _entries(account)), None)
    made = OAuthClient(
        own.client_id,
        own.token or (known.token if known else ""),
        own.authorize or (known.authorize if known else ""),
        own.device or (known.device if known and not own.authorize else ""),
        own.scopes or (known.scopes if known else ()),
        own.revoke or (known.revoke if known and not own.token else ""),
        own.client_secret,
        own.issuer,
    )
    return made if made.client_id and made.token and (made.authorize or made.device) else None


def configured(config_file: Path, account: Account) -> tuple[str, config.OAuthProvider]:
    """The table for an account, and its name; an empty one, and the name that it would have, where there is none."""
    tables = config.load(config_file).oauth
    domain = account.identity.email.rpartition("@")[2].lower()
    name = next((name for name in _names(account) if name in tables), domain)
    return name, tables.get(name, config.OAuthProvider())


def keep(config_file: Path, name: str, metadata: Metadata, client_id: str, client_secret: str) -> None:
    """Write a client into the configuration, with the addresses that its provider published. Raises as `config.keep_client`."""
    found: dict[str, str | list[str]] = {
        "issuer": metadata.issuer,
        "client_id": client_id,
        "client_secret": client_secret,
        "authorize": metadata.authorize,
        "token": metadata.token,
        "device": metadata.device,
        "revoke": metadata.revoke,
        "scopes": list(metadata.scopes),
    }
    config.keep_client(config_file, name, found)


def ca_file(config_file: Path) -> str:
    """Authorities trusted beside the system's. Raises ConfigWrong, FileProblem."""
    return config.load(config_file).discovery.ca_file


def no_client(account: Account) -> SignInNeeded:
    """What to register, and where to write it."""
    entry = next(iter(_entries(account)), None)
    name = entry.id if entry is not None else account.identity.email.rpartition("@")[2].partition(".")[0].lower()
    where = _REGISTER.get(name, "")
    provider = entry.provider.label if entry is not None else account.identity.email.rpartition("@")[2]
    advice = (
        f"Register a desktop program at {provider}{f' ({where})' if where else ''} and write its `client_id`"
        f"{'' if entry is not None and entry.provider.oauth.token else ', `authorize`, `token` and `scopes`'}"
        f" under [oauth.{name}], or name a program that gives tokens as `token_command`."
    )
    if entry is not None and entry.provider.app_password_link:
        advice += f" An app password needs none of that: {entry.provider.app_password_link}"
    return SignInNeeded(
        f"The sign-in in the browser needs an OAuth client, and tuimail has none for {account.identity.email}.", advice
    )


def _entries(account: Account) -> tuple[providers.Entry, ...]:
    return tuple(entry for entry in providers.of_account(account) if not entry.provider.bridge)


def _names(account: Account) -> Iterator[str]:
    """The names that a table may have, best first: the account's, the domain, the provider's in the table, the domain's first
    label."""
    domain = account.identity.email.rpartition("@")[2].lower()
    yield account.key
    yield domain
    yield from (entry.id for entry in _entries(account))
    yield domain.partition(".")[0]
