# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes out of a report what tells whose mail it is: addresses, names, users, hosts, IP addresses, the home folder. Pure."""

import re
from collections.abc import Iterable

from tuimail.model.account import Account

_ADDRESS = re.compile(r"[^\s<>\"'(),:;@“”]+@[\w.-]+")
_IPV4 = re.compile(r"\b(?!127\.)\d{1,3}(?:\.\d{1,3}){3}\b")
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9a-f:]*[0-9a-f]{2})(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE)
_HOST = re.compile(r"(?<![+\w.-])(?:[\w-]+\.)+(?:[a-z]{2,24}|xn--[\w-]+)\b", re.IGNORECASE)
_LISTED = re.compile(r"(S: \* (?:LIST|LSUB) \([^)]*\)).*")
_STATUS = re.compile(r"(S: \* STATUS) .*? \((?=MESSAGES|UNSEEN|UIDNEXT)")
"""Names of folders tell what somebody works on."""
_FILES = frozenset({"toml", "pem", "sqlite", "log", "py", "md", "crt"})


class Redactor:
    """Replaces what belongs to the user; hosts in ``public`` (those of well-known providers) stay."""

    def __init__(self, accounts: Iterable[Account], public: Iterable[str] = (), home: str = "") -> None:
        self._public = frozenset(host.lower() for host in public) | {"localhost"}
        self._home = home
        self._own: dict[str, str] = {}
        for number, account in enumerate(accounts, 1):
            local, _, domain = account.identity.email.partition("@")
            users = [server.username for server in account.servers]
            hosts = [server.host for server in account.servers if server.host.lower() not in self._public]
            self._learn(f"‹address {number}›", [account.identity.email, *account.aliases])
            self._learn(f"‹user {number}›", [*users, *(user.partition("@")[0] for user in users), local])
            self._learn(f"‹name {number}›", [account.identity.name, *account.identity.name.split(), account.key])
            self._learn(f"‹host {number}›", [host for host in hosts if not _IPV4.fullmatch(host)])
            self._learn(f"‹domain {number}›", [domain] if domain.lower() not in self._public else [])
        self._hosts: dict[str, str] = {}

    def text(self, text: str) -> str:
        """The same with all that struck out; what is the same stays the same."""
        if self._home:
            text = text.replace(self._home, "~")
        text = _LISTED.sub(r"\1 ‹folder›", text)
        text = _STATUS.sub(r"\1 ‹folder› (", text)
        addresses = [own for own in self._own if "@" in own]
        text = _ADDRESS.sub("‹address›", self._without(addresses, text))
        text = self._without([own for own in self._own if "@" not in own], text)
        text = _HOST.sub(self._host, text)
        return _IPV6.sub("‹IPv6›", _IPV4.sub("‹IPv4›", text))

    def _without(self, words: Iterable[str], text: str) -> str:
        for own in sorted(words, key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", self._own[own], text, flags=re.IGNORECASE)
        return text

    def _learn(self, instead: str, words: Iterable[str]) -> None:
        for word in words:
            if len(word) > 1 and word not in ("127.0.0.1", "localhost"):
                self._own.setdefault(word.lower(), instead)

    def _host(self, match: re.Match[str]) -> str:
        host = match[0].lower()
        if host in self._public or host.rpartition(".")[2] in _FILES:
            return match[0]
        return self._hosts.setdefault(host, f"‹other host {len(self._hosts) + 1}›")
