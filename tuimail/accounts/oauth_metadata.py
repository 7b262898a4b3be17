# SPDX-License-Identifier: GPL-3.0-or-later
"""What authorization and mail servers publish of themselves (RFC 8414, RFC 9728), and registering a client (RFC 7591). Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tuimail.accounts.web import permitted
from tuimail.model.errors import ServerBroken
from tuimail.model.text import safe_line

_LONGEST = 2000
_MAIL_SCOPES = ("urn:ietf:params:oauth:scope:mail", "https://mail.google.com/", "mail", "imap", "pop", "smtp")
"""Scopes that let mail programs in; those that a server names are asked for."""
_STAY = "offline_access"
"""The scope that brings a refresh token (OpenID Connect Core §11)."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where an authorization server does what; what it does not do is empty."""

    issuer: str
    authorize: str
    token: str
    device: str = ""
    revoke: str = ""
    register: str = ""
    scopes: tuple[str, ...] = ()


def is_issuer(issuer: str) -> bool:
    """Whether a text can name an authorization server (RFC 8414 §2)."""
    return permitted(issuer) and len(issuer) <= _LONGEST and not (urlsplit(issuer).query or urlsplit(issuer).fragment)


def documents_of(issuer: str) -> tuple[str, ...]:
    """Where an authorization server's document may be (RFC 8414 §3.1, OpenID Connect Discovery §4)."""
    parts = urlsplit(issuer)
    root, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    return (f"{root}/.well-known/oauth-authorization-server{path}", f"{root}{path}/.well-known/openid-configuration")


def document_of_resource(host: str) -> str:
    """Where a mail server's document is, which names its authorization servers (RFC 9728 §3.1)."""
    return f"https://{host}/.well-known/oauth-protected-resource"


def read_metadata(document: bytes, issuer: str) -> Metadata:
    """The document of that issuer. Raises ServerBroken; also when it speaks for another one (RFC 8414 §3.3)."""
    read = _object(document)
    if read.get("issuer") != issuer:
        raise ServerBroken("The provider's sign-in document speaks for another provider.")
    methods = read.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        raise ServerBroken("The provider's sign-in has no PKCE with S256, which protects it.")
    found = Metadata(
        issuer,
        _address(read, "authorization_endpoint"),
        _address(read, "token_endpoint"),
        _address(read, "device_authorization_endpoint"),
        _address(read, "revocation_endpoint"),
        _address(read, "registration_endpoint"),
        _wanted(read.get("scopes_supported")),
    )
    if not (found.token and (found.authorize or found.device)):
        raise ServerBroken("The provider's sign-in document names no addresses to sign in at.")
    return found


def read_resource(document: bytes, host: str) -> str:
    """The first authorization server that a mail server names. Raises ServerBroken; also when it speaks for another host."""
    read = _object(document)
    servers = read.get("authorization_servers")
    if str(read.get("resource", "")).rstrip("/") != f"https://{host}":
        raise ServerBroken("The document speaks for another server.")
    return next((one for one in servers if isinstance(one, str) and is_issuer(one)), "") if isinstance(servers, list) else ""


def registration(metadata: Metadata, redirects: tuple[str, ...]) -> Mapping[str, object]:
    """What registers this program as a public client (RFC 7591 §2, RFC 8252 §8.4)."""
    grants = ["authorization_code", "refresh_token"]
    if metadata.device:
        grants.append("urn:ietf:params:oauth:grant-type:device_code")
    return {
        "client_name": "tuimail",
        "application_type": "native",
        "redirect_uris": list(redirects),
        "grant_types": grants,
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": " ".join(metadata.scopes),
    }


def registered(answer: Mapping[str, object]) -> tuple[str, str]:
    """Client id and secret, which is empty for most, of the answer to a registration (RFC 7591 §3.2.1). Raises ServerBroken."""
    name, secret = answer.get("client_id"), answer.get("client_secret", "")
    if not (isinstance(name, str) and isinstance(secret, str) and name and safe_line(name) == name and len(name) <= _LONGEST):
        raise ServerBroken("The provider's answer to the registration holds no client.")
    return name, secret


def _object(document: bytes) -> Mapping[str, object]:
    try:
        read = json.loads(document)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise ServerBroken("The provider's sign-in document cannot be read.")
    return read


def _address(read: Mapping[str, object], key: str) -> str:
    value = read.get(key)
    return value if isinstance(value, str) and len(value) <= _LONGEST and safe_line(value) == value and permitted(value) else ""


def _wanted(offered: object) -> tuple[str, ...]:
    """Scopes for mail among those offered; where none are told, the registered one."""
    if not isinstance(offered, list):
        return (_MAIL_SCOPES[0], _STAY)
    return tuple(scope for scope in (*_MAIL_SCOPES, _STAY) if scope in offered)
