# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching small documents over HTTPS, by urllib in a thread. Plain HTTP is spoken to this machine only."""

import ssl
import urllib.error
import urllib.request
from http.client import HTTPMessage
from typing import IO
from urllib.parse import urlsplit

from tuimail import __version__
from tuimail.accounts import bounded
from tuimail.accounts.daemon_thread import in_daemon_thread
from tuimail.model.account import is_loopback
from tuimail.model.errors import CertificateRefused, FileProblem, Offline, ServerRefused, TuimailError
from tuimail.model.typed_path import typed_path

SECONDS = 5.0
_LONGEST = 256 * 1024


class Web:
    """Fetches documents; ``ca_file`` names authorities that are trusted beside the system's."""

    def __init__(self, ca_file: str = "") -> None:
        self._ca_file = ca_file

    async def fetch(self, url: str) -> bytes:
        """The document.

        Raises CertificateRefused, ServerRefused (with the status as its code), Offline, FileProblem for the ``ca_file``.
        """
        if not permitted(url):
            raise ServerRefused("Only https addresses are fetched.")
        try:
            return await in_daemon_thread(lambda: self._get(url), "web", SECONDS)
        except TimeoutError:
            raise Offline(f"No answer within {SECONDS:.0f} seconds.") from None

    def _get(self, url: str) -> bytes:
        request = urllib.request.Request(url, headers={"User-Agent": f"tuimail/{__version__}"})  # noqa: S310  # see `permitted`
        try:
            with bounded.Bounds(SECONDS, _LONGEST) as bounds:
                answer = bounded.opener(bounds, url, context(self._ca_file), _Redirects()).open(request)
                read: bytes = answer.read(_LONGEST + 1)
        except TimeoutError:
            raise
        except bounded.FAILURES as error:
            raise mapped(error) from error
        if len(read) > _LONGEST:
            raise ServerRefused("The document is too large.")
        return read


def permitted(url: str) -> bool:
    """Whether an address may be fetched."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Redirects lead to https only, whatever they started from."""

    max_redirections = 5

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """The next request; none when it would leave https."""
        if urlsplit(newurl).scheme != "https":
            fp.close()
            raise urllib.error.URLError("redirected to an address without encryption")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def context(ca_file: str) -> ssl.SSLContext:
    """TLS 1.2 or later with a certificate that holds. Raises FileProblem for the ``ca_file``."""
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        path = typed_path(ca_file)
        try:
            if not path.is_file():  # a pipe would be waited for
                raise FileNotFoundError(path)
            made.load_verify_locations(cafile=path)
        except (OSError, ssl.SSLError) as error:
            raise FileProblem(
                f"The certificate file {path} cannot be used.", "Check `ca_file` under [discovery]: it must be a PEM file."
            ) from error
    return made


def mapped(error: Exception) -> TuimailError:
    """What an exception of urllib means."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return ServerRefused(f"The server answered {error.code}.", code=str(error.code))
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, bounded.TooMuch):
        return ServerRefused("The document is too large.")
    if isinstance(reason, ssl.SSLCertVerificationError):
        return CertificateRefused("Its certificate is refused.")
    return Offline(str(reason) if isinstance(reason, str) else "It cannot be reached.")
