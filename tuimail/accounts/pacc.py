# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading ``user-agent-configuration.json`` (draft-ietf-mailmaint-pacc), which counts only with its digest in the DNS. Pure."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable

from tuimail.model.account import AuthMethod, Security, ServerAddress, is_host
from tuimail.model.discovery import OAuthFacts, Proposal, Provider, SignInWay, Trust
from tuimail.model.errors import MailMalformed
from tuimail.model.text import safe_line

_PORTS = {"imap": 993, "pop3": 995, "submit": 465, "smtp": 465}
"""Implicit TLS only (RFC 8314). ``submit`` was called ``smtp`` in earlier drafts."""


def url_of(domain: str) -> str:
    """Where a domain keeps its document."""
    return f"https://ua-auto-config.{domain}/.well-known/user-agent-configuration.json"


def vouched(document: bytes, records: Iterable[str]) -> bool:
    """Whether one of the TXT records of ``_ua-auto-config.DOMAIN`` holds the digest of these very octets."""
    digest = hashlib.sha256(document).digest()
    return any(hmac.compare_digest(_digest_of(record), digest) for record in records)


def read_pacc(document: bytes, email: str, source: str) -> Proposal | None:
    """What the document proposes; None when it names no server to read mail from. Raises MailMalformed."""
    try:
        read = json.loads(document)
        protocols, ways = read["protocols"], read.get("authentication", {})
        hosts = {kind: protocols[kind]["host"] for kind in _PORTS if "host" in protocols.get(kind, {})}
        issuer = str(ways["oauth-public"]["issuer"]) if "oauth-public" in ways else ""
        password = bool(ways.get("password"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MailMalformed("this is no configuration document") from error
    taken = [way for way, there in ((SignInWay.PASSWORD, password), (SignInWay.OAUTH2, issuer)) if there]
    auth = AuthMethod.OAUTH2 if taken == [SignInWay.OAUTH2] else AuthMethod.PASSWORD
    servers = {
        kind: ServerAddress(host.lower(), _PORTS[kind], Security.TLS, email, auth)
        for kind, host in hosts.items()
        if isinstance(host, str) and is_host(host)
    }
    if "imap" not in servers and "pop3" not in servers:
        return None
    return Proposal(
        source,
        Trust.DOMAIN,
        imap=servers.get("imap"),
        pop3=servers.get("pop3"),
        smtp=servers.get("submit") or servers.get("smtp"),
        provider=Provider(ways=tuple(taken) or (SignInWay.PASSWORD,), oauth=OAuthFacts(issuer=safe_line(issuer))),
        other_usernames=(email.rpartition("@")[0],),
    )


def _digest_of(record: str) -> bytes:
    """The digest of ``v=UAAC1; a=sha256; d=BASE64``; empty when this is another record."""
    tags = dict(part.strip().split("=", 1) for part in record.split(";") if "=" in part)
    if tags.get("v") != "UAAC1" or tags.get("a", "").lower() != "sha256":
        return b""
    try:
        return base64.b64decode(tags.get("d", ""), validate=True)
    except ValueError:  # no base64, or no ASCII at all
        return b""
