# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in at a provider's own pages (OAuth 2.0, RFC 6749), as the user sees it."""

from dataclasses import dataclass
from enum import StrEnum


class SignInBy(StrEnum):
    """How the user is led to the provider's page."""

    BROWSER = "browser"
    """An address to open; the page leads back to this machine (RFC 8252 §7.3)."""
    CODE = "code"
    """A short code to type on any device (RFC 8628)."""


@dataclass(frozen=True, slots=True)
class SignInOffer:
    """What the user has to do."""

    url: str
    """The address to open. It holds no secret that signs in by itself."""
    code: str = ""
    """What to type there; empty when the page leads back by itself."""
    tunnel: str = ""
    """The command that makes the page lead back from another machine; empty where the user did not come by SSH."""
