# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said in OAuth 2.0: requests as form fields, answers as values (RFC 6749, 7009, 7636, 8628). Pure."""

import base64
import hashlib
import hmac
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from tuimail.model.account import is_loopback
from tuimail.model.errors import InputWrong, ServerBroken, SignInNeeded
from tuimail.model.sign_in import SignInOffer
from tuimail.model.text import safe_line

_LIFETIME = 3600.0
"""Seconds that a token is used whose lifetime is not told."""
_EARLY = 60.0
"""Seconds before its end that a token is renewed."""
_INTERVAL = 5.0
"""Seconds between two questions where the provider names none (RFC 8628 §3.2), or none at all."""
_LONGEST = 16_384
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
Fields = Mapping[str, str]
_MORE: Mapping[str, Fields] = {"accounts.google.com": {"access_type": "offline", "prompt": "consent"}}
"""What a provider wants to hear before it gives a refresh token."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A program that a provider knows, and where its tokens come from."""

    client_id: str
    token: str
    authorize: str = ""
    device: str = ""
    scopes: tuple[str, ...] = ()
    revoke: str = ""
    """Where tokens are given back (RFC 7009); empty where that cannot be done."""
    client_secret: str = field(default="", repr=False)
    issuer: str = ""
    """Who answers (RFC 9207); empty where that is not known."""

    @property
    def redirect_host(self) -> str:
        """The name of this machine in the address that a browser is led back to; Microsoft frees the port of one only."""
        host = urlsplit(self.authorize).hostname or ""
        return "localhost" if host == "login.microsoftonline.com" else "127.0.0.1"

    @property
    def identity(self) -> Fields:
        """The fields that name the client (RFC 6749 §2.3.1)."""
        return {"client_id": self.client_id, **({"client_secret": self.client_secret} if self.client_secret else {})}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What signs in now, and what renews it."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    """Empty where the provider gave none."""
    renew_at: float
    """Seconds since 1970 from which `access` is not used any more."""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A code that waits for being typed (RFC 8628 §3.2)."""

    secret: str = field(repr=False)
    offer: SignInOffer
    interval: float
    """Seconds to wait between two questions."""
    lifetime: float
    """Seconds."""


class OAuthError(Exception):
    """An error answer (RFC 6749 §5.2)."""

    def __init__(self, code: str, description: str = "") -> None:
        self.code, self.description = safe_line(code)[:80], safe_line(description)[:300]
        super().__init__(self.code)


@dataclass(frozen=True, slots=True)
class Authorization:
    """One request for an authorization code, with the secrets that tie its answer to it."""

    client: OAuthClient
    redirect: str
    user: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    @property
    def url(self) -> str:
        """The address to open in a browser (RFC 6749 §4.1.1, RFC 7636 §4.3)."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "client_id": self.client.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect,
            "scope": " ".join(self.client.scopes),
            "state": self.state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "login_hint": self.user,
            **_MORE.get(urlsplit(self.client.authorize).hostname or "", {}),
        }
        joint = "&" if urlsplit(self.client.authorize).query else "?"
        return f"{self.client.authorize}{joint}{urlencode(asked)}"

    def code_in(self, address: str) -> str:
        """The code in the address that the browser was led back to.

        Raises InputWrong when the address is not the answer to this request, SignInNeeded when the answer is a refusal.
        """
        try:
            parts = urlsplit(address.strip()[:_LONGEST])
            given = parse_qs(parts.query)
        except ValueError:
            given = {}
        state = given.get("state", [""])
        if len(state) != 1 or not hmac.compare_digest(state[0].encode(), self.state.encode()):
            raise InputWrong(
                "This address does not belong to this sign-in.", "Copy the whole address of the page that the sign-in ended on."
            )
        issuer = given.get("iss", [self.client.issuer])
        if self.client.issuer and issuer != [self.client.issuer]:
            raise InputWrong("This answer comes from another provider than the one that was asked.", "Sign in again.")
        if error := given.get("error", [""])[0]:
            raise refusal(OAuthError(error, given.get("error_description", [""])[0]))
        if len(codes := given.get("code", [])) != 1:
            raise InputWrong("This address holds no code.", "Copy the whole address of the page that the sign-in ended on.")
        return codes[0]

    def exchange(self, code: str) -> Fields:
        """The fields that turn a code into tokens (RFC 6749 §4.1.3, RFC 7636 §4.5)."""
        return {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect,
            "code_verifier": self.verifier,
            **self.client.identity,
        }


def renewal(client: OAuthClient, refresh: str) -> Fields:
    """The fields that renew a token (RFC 6749 §6)."""
    return {"grant_type": "refresh_token", "refresh_token": refresh, **client.identity}


def revocation(client: OAuthClient, refresh: str) -> Fields:
    """The fields that end a sign-in (RFC 7009 §2.1)."""
    return {"token": refresh, "token_type_hint": "refresh_token", **client.identity}


def device_request(client: OAuthClient) -> Fields:
    """The fields that ask for a code to type (RFC 8628 §3.1)."""
    return {"client_id": client.client_id, "scope": " ".join(client.scopes)}


def device_exchange(client: OAuthClient, device: DeviceCode) -> Fields:
    """The fields that ask whether the code was typed (RFC 8628 §3.4)."""
    return {"grant_type": _DEVICE_GRANT, "device_code": device.secret, **client.identity}


def device_code(answer: Mapping[str, object]) -> DeviceCode:
    """The code in an answer. Raises ServerBroken."""
    secret, code = _text(answer, "device_code"), safe_line(_text(answer, "user_code"))
    url = _text(answer, "verification_uri") or _text(answer, "verification_url")
    if not (secret and code and _is_page(url)):
        raise ServerBroken("The provider's answer to the request for a code cannot be read.")
    return DeviceCode(
        secret,
        SignInOffer(safe_line(url), code),
        _number(answer, "interval", _INTERVAL) or _INTERVAL,
        _number(answer, "expires_in", 900.0),
    )


def tokens(answer: Mapping[str, object], now: float, refresh: str = "") -> Tokens:
    """The tokens in an answer; ``refresh`` is what stays when no new one comes. Raises ServerBroken."""
    access = _text(answer, "access_token")
    if not access or _text(answer, "token_type").lower() not in ("bearer", ""):
        raise ServerBroken("The provider's answer holds no token that signs in to mail servers.")
    lifetime = _number(answer, "expires_in", _LIFETIME)
    return Tokens(access, _text(answer, "refresh_token") or refresh, now + lifetime - min(_EARLY, lifetime / 2))


def refusal(error: OAuthError) -> SignInNeeded:
    """What an error answer means to the user."""
    if error.code in _MEANINGS:
        return SignInNeeded(*_MEANINGS[error.code])
    said = f": {error.description}" if error.description else ""
    return SignInNeeded(f"The provider refused the sign-in ({error.code}){said}.", "Sign in again.")


_MEANINGS: Mapping[str, tuple[str, str]] = {
    "access_denied": ("The sign-in was refused on the provider's page.", "Sign in again, and allow access to mail."),
    "authorization_declined": ("The sign-in was refused on the provider's page.", "Sign in again, and allow access to mail."),
    "expired_token": ("The code was not typed in time.", "Sign in again."),
    "invalid_grant": ("The sign-in has ended: it expired, or was withdrawn at the provider.", "Sign in again."),
    "invalid_client": (
        "The provider does not know this client.",
        "Check `client_id` and `client_secret` under [oauth] in the configuration.",
    ),
    "unauthorized_client": (
        "The provider does not let this client sign in this way.",
        "Check what it is registered for: it must be a desktop program.",
    ),
    "invalid_scope": ("The provider does not let this client ask for mail.", "Check `scopes`, and what it is registered for."),
}


def _is_page(url: str) -> bool:
    """Whether an address that a provider gave may be shown to the user as the place to sign in."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _text(answer: Mapping[str, object], key: str) -> str:
    value = answer.get(key)
    return value if isinstance(value, str) and len(value) <= _LONGEST and value.isascii() and value.isprintable() else ""


def _number(answer: Mapping[str, object], key: str, default: float) -> float:
    """Not negative. Some providers write numbers as text; ``NaN``, which JSON is read with, is none."""
    try:
        number = float(str(answer.get(key, default)))
    except ValueError:
        return default
    return default if math.isnan(number) else min(max(number, 0.0), 1e9)
