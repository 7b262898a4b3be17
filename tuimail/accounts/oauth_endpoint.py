# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a provider's token and device endpoints: a form by HTTPS, JSON back. Redirects are refused: the form holds secrets."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from http.client import HTTPMessage
from typing import IO

from tuimail import __version__
from tuimail.accounts import bounded, web
from tuimail.accounts.daemon_thread import in_daemon_thread
from tuimail.accounts.oauth import Fields, OAuthError
from tuimail.model.errors import ConfigWrong, Offline, ServerBroken, ServerRefused, TryLater

_SECONDS = 15.0
_LONGEST = 64 * 1024
_SECRET = ("refresh_token", "token", "code", "code_verifier", "device_code", "client_secret")
"""The fields of forms that nobody may read."""
_LATER = (429, 500, 502, 503, 504)


async def post(url: str, fields: Fields, ca_file: str = "", *, answers: bool = True) -> Mapping[str, object]:
    """The answer; ``answers`` False: success has none (RFC 7009 §2.2).

    Raises OAuthError for an error answer, ConfigWrong for an address that is not https, Offline, TryLater, CertificateRefused,
    ServerRefused, ServerBroken. No message holds what was sent, even where the answer repeats it.
    """
    form = urllib.parse.urlencode(fields).encode()
    secrets = [fields[name] for name in _SECRET if name in fields]
    return await _ask(url, form, "application/x-www-form-urlencoded", ca_file, secrets, answers=answers)


async def register(url: str, client: Mapping[str, object], ca_file: str = "") -> Mapping[str, object]:
    """The answer to what registers a client (RFC 7591 §3). Raises as `post`."""
    return await _ask(url, json.dumps(client).encode(), "application/json", ca_file)


async def _ask(
    url: str, body: bytes, kind: str, ca_file: str, secrets: Sequence[str] = (), *, answers: bool = True
) -> Mapping[str, object]:
    host = urllib.parse.urlsplit(url).hostname or ""
    if not web.permitted(url):
        raise ConfigWrong("A token address is not https.", "Correct it under [oauth] in the configuration.")
    try:
        status, answer = await in_daemon_thread(lambda: _post(url, body, kind, ca_file), "oauth", _SECONDS)
    except TimeoutError:
        raise Offline(f"{host} did not answer within {_SECONDS:.0f} seconds.") from None
    if status in _LATER:
        raise TryLater(f"{host} cannot give tokens now ({status}).", "It is tried again.")
    if not answers and status < 300:
        return {}
    try:
        read = json.loads(answer)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        if status >= 300:
            raise ServerRefused(f"{host} answered {status}.", code=str(status))
        raise ServerBroken(f"The answer of {host} cannot be read.", "Check the addresses under [oauth] in the configuration.")
    if "error" in read or status >= 400:
        code, description = str(read.get("error", status)), str(read.get("error_description", ""))
        raise OAuthError(_struck(code, secrets), _struck(description, secrets))
    return read


def _struck(text: str, secrets: Sequence[str]) -> str:
    """A provider's words without what was sent to it, which some repeat."""
    for secret in filter(None, secrets):
        for form in (secret, urllib.parse.quote_plus(secret), urllib.parse.quote(secret, safe="")):
            text = text.replace(form, "***")
    return text


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """None: the redirect is the answer."""


def _post(url: str, body: bytes, kind: str, ca_file: str) -> tuple[int, bytes]:
    headers = {"User-Agent": f"tuimail/{__version__}", "Accept": "application/json", "Content-Type": kind}
    request = urllib.request.Request(url, body, headers)  # noqa: S310  # see `permitted`
    try:
        with bounded.Bounds(_SECONDS, _LONGEST) as bounds:
            try:
                answer = bounded.opener(bounds, url, web.context(ca_file), _NoRedirects()).open(request)
            except urllib.error.HTTPError as error:
                answer = error
            status, read = answer.status, answer.read(_LONGEST + 1)
    except TimeoutError:
        raise
    except bounded.FAILURES as error:
        raise web.mapped(error) from None
    if len(read) > _LONGEST:
        raise ServerBroken("The provider's answer is too large.")
    return status, read
