# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorization servers that take programs that they never heard of: reading their documents, and registering there."""

import logging

from tuimail.accounts import oauth_metadata
from tuimail.accounts.oauth import OAuthError, refusal
from tuimail.accounts.oauth_endpoint import register
from tuimail.accounts.oauth_metadata import Metadata
from tuimail.accounts.web import Web
from tuimail.model.errors import TuimailError

log = logging.getLogger(__name__)

_REDIRECTS = ("http://127.0.0.1/",)
"""Where browsers are led back to, at whatever port is free (RFC 8252 §7.3)."""


async def published(issuer: str, host: str, ca_file: str) -> Metadata | None:
    """What the issuer says of itself; without one, the issuer that a mail server names. None: there is nothing to read."""
    web = Web(ca_file)
    try:
        found = issuer or await _issuer_of(host, web)
        return await _metadata(found, web) if oauth_metadata.is_issuer(found) else None
    except TuimailError as error:
        log.info("oauth: no sign-in document: %s", error.message)
        return None


async def registered(metadata: Metadata, ca_file: str) -> tuple[str, str]:
    """A client of our own there: its id, and its secret where it gets one. Raises SignInNeeded, Offline, ServerBroken, …"""
    try:
        answer = await register(metadata.register, oauth_metadata.registration(metadata, _REDIRECTS), ca_file)
    except OAuthError as error:
        raise refusal(error) from None
    return oauth_metadata.registered(answer)


async def _issuer_of(host: str, web: Web) -> str:
    return oauth_metadata.read_resource(await web.fetch(oauth_metadata.document_of_resource(host)), host) if host else ""


async def _metadata(issuer: str, web: Web) -> Metadata:
    """The first of the documents that is there and right; else the last one's error."""
    *before, last = oauth_metadata.documents_of(issuer)
    for url in before:
        try:
            return oauth_metadata.read_metadata(await web.fetch(url), issuer)
        except TuimailError as error:
            log.info("oauth: %s", error.message)
    return oauth_metadata.read_metadata(await web.fetch(last), issuer)
