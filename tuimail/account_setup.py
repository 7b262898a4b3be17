# SPDX-License-Identifier: GPL-3.0-or-later
"""Joins what sets up accounts: configuration, keyring, discovery, and the servers that are signed in to."""

from collections.abc import AsyncGenerator
from pathlib import Path

from tuimail.accounts import config
from tuimail.accounts.book import AccountBook
from tuimail.accounts.secrets import SecretStore
from tuimail.engine.setup import Finder, Setup, SignIn
from tuimail.frame import Frame
from tuimail.model.account import ServerAddress
from tuimail.model.finding import Finding
from tuimail.servers import Servers


def account_setup(config_file: Path, secrets: SecretStore, servers: Servers, frame: Frame | None = None) -> Setup:
    """Adding, checking, changing and removing the accounts of a configuration file. Nothing is read or imported yet."""

    def finder() -> Finder:
        from tuimail.accounts.discover import Discoverer
        from tuimail.accounts.dns import Dns
        from tuimail.accounts.web import Web

        settings = config.load(config_file).discovery
        return Discoverer(settings, Web(settings.ca_file), Dns(settings.dns), servers.probe)

    def sign_in() -> SignIn:
        from tuimail.accounts.oauth_sign_in import BrowserSignIn

        assert secrets.tokens is not None
        return BrowserSignIn(config_file, secrets.tokens)

    def way(kind: str, server: ServerAddress) -> AsyncGenerator[Finding]:
        from tuimail.backends.probe.examine import examine

        return examine(kind, server)

    return Setup(
        AccountBook(config_file, secrets, frame), servers.check, finder, sign_in if secrets.keeps_tokens else None, way
    )
