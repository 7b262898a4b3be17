# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about a failed sign-in, where the server's words or the provider tell more than the error alone. Pure."""

import re

from tuimail.model.discovery import Provider, SignInWay
from tuimail.model.errors import CertificateRefused, Offline, ServerRefused, SignInNeeded, TuimailError

_SWITCHED_OFF = re.compile(
    r"(?:imap|pop3?|smtp)\b.{0,60}(?:disabled|not enabled|switched off|turned off|deactivated|not allowed|not permitted)"
    r"|not enabled for (?:imap|pop|smtp)|(?:enable|activate).{0,30}\b(?:imap|pop3?)\b|yet to enable"
    r"|authenticated but not connected|SmtpClientAuthentication is disabled",
    re.IGNORECASE,
)
_APP_PASSWORD = re.compile(
    r"application[- ]specific|app(?:lication)?[- ]password|app-specific|5\.7\.9|InvalidSecondFactor|authorization code",
    re.IGNORECASE,
)
_BROWSER_ONLY = re.compile(
    r"basic ?auth\w* is disabled|5\.7\.139|log ?in via your web browser|web login required|oauth", re.IGNORECASE
)
_CERTIFICATE = (
    "Without a certificate that holds, somebody else may be listening, so no password was sent. If the server is your own,"
    " name its authority's certificate as CA file (`ca_file`, `--ca-file`); else do not go on."
)


def advice_for(error: TuimailError, provider: Provider, protocol: str) -> str:
    """What to do. ``protocol`` is what was signed in to, in capitals."""
    match error:
        case Offline() | CertificateRefused() if provider.bridge:
            return provider.notice
        case SignInNeeded() | ServerRefused() if _SWITCHED_OFF.search(error.message):
            return _switched_off(provider, protocol)
        case SignInNeeded() if provider.wants_app_password or _APP_PASSWORD.search(error.message):
            return app_password(provider)
        case SignInNeeded() if _BROWSER_ONLY.search(error.message) or not provider.takes_password:
            return browser_only(provider)
        case SignInNeeded() if error.message and SignInWay.APP_PASSWORD in provider.ways:
            return f"Check the password. With two-factor sign-in another one is needed. {app_password(provider)}"
        case SignInNeeded() if provider.enable_link:
            return (
                f"Check the password, and whether {protocol} is switched on in the provider's settings: {provider.enable_link}"
            )
        case SignInNeeded():
            return "Check user name and password. Many providers want an app password, made in their settings for one program."
        case CertificateRefused():
            return _CERTIFICATE
        case _:
            return error.advice


def concerns_password(error: TuimailError | None) -> bool:
    """Whether another password may help."""
    return isinstance(error, SignInNeeded) and not _SWITCHED_OFF.search(error.message)


def app_password(provider: Provider) -> str:
    """How to get the password that is wanted."""
    who = provider.label or "The provider"
    where = f" Make one at {provider.app_password_link} and type it here." if provider.app_password_link else ""
    return f"{who} takes an app password, made in its settings for one program.{where or ' Make one there and type it here.'}"


def browser_only(provider: Provider) -> str:
    """What is wanted where no password is taken."""
    who = provider.label or "The provider"
    more = f" {provider.link}" if provider.link else ""
    return (
        f"{who} takes no password from mail programs, only a token from a sign-in in the browser. tuimail does that with an"
        ' OAuth client of your own, under [oauth] in the configuration; or set `auth = "oauth2"` and name a program that gives'
        f" tokens as `token_command`.{more}"
    )


def _switched_off(provider: Provider, protocol: str) -> str:
    where = provider.enable_link or provider.link
    return (
        f"{protocol} is switched off for this mailbox: switch it on in the settings of {provider.label or 'the provider'}"
        + (f": {where}" if where else ", or ask who runs the server.")
    )
