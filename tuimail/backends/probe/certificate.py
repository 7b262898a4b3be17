# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server's certificate says, also of one that does not hold: read, but never trusted."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tuimail.backends.tls import OtherCertificate, fingerprint
from tuimail.model.finding import Cause
from tuimail.model.text import safe_line

DAY = 86_400.0
_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which the ssl module does not name."""
_SHOWN = 4
_HOST_NAMES = ("DNS", "IP Address")
"""Of the alternative names, as ssl calls them; others may be no text at all."""

_CAUSES = {
    9: Cause.NOT_YET_VALID,
    10: Cause.EXPIRED,
    18: Cause.SELF_SIGNED,
    19: Cause.UNKNOWN_AUTHORITY,
    20: Cause.UNKNOWN_AUTHORITY,
    21: Cause.UNKNOWN_AUTHORITY,
    62: Cause.OTHER_NAME,
    64: Cause.OTHER_NAME,
}
"""X509_V_ERR_… of OpenSSL."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is shown of a certificate."""

    names: tuple[str, ...] = ()
    issuer: str = ""
    begins: float | None = None
    """Seconds since 1970."""
    ends: float | None = None
    fingerprint: str = ""
    """SHA-256, as ``AB:CD:…``."""

    @property
    def days_left(self) -> int | None:
        """Whole days until it expires; negative when it has."""
        return None if self.ends is None else int((self.ends - time.time()) // DAY)

    @property
    def shown_names(self) -> str:
        """The first names that it holds for."""
        return ", ".join(self.names[:_SHOWN]) + (" …" if len(self.names) > _SHOWN else "")


def cause_of(error: ssl.SSLCertVerificationError) -> Cause:
    """Why a certificate does not hold."""
    if isinstance(error, OtherCertificate):
        return Cause.CHANGED
    return _CAUSES.get(error.verify_code, Cause.CERTIFICATE)


def reading() -> ssl.SSLContext:
    """A context for looking at a certificate that nothing vouches for. No secret may go over such a connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def decoding(certificate: bytes) -> ssl.SSLContext:
    """A context that takes exactly this certificate, whenever and for whomever it was made, so that ssl decodes it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=certificate)
    context.verify_flags = ssl.VerifyFlags(context.verify_flags | ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME)
    return context


def read(found: Mapping[str, Any] | None, octets: bytes = b"") -> Certificate:
    """What `ssl.SSLObject.getpeercert` gives in both of its forms."""
    print_ = fingerprint(octets) if octets else ""
    if not found:
        return Certificate(fingerprint=print_)
    names = tuple(safe_line(name, limit=255) for kind, name in found.get("subjectAltName", ()) if kind in _HOST_NAMES)
    issuer = {key: value for part in found.get("issuer", ()) for key, value in part}
    subject = {key: value for part in found.get("subject", ()) for key, value in part}
    return Certificate(
        names or tuple(safe_line(name, limit=255) for name in [subject.get("commonName", "")] if name),
        safe_line(issuer.get("organizationName") or issuer.get("commonName", ""), limit=100),
        _seconds(found.get("notBefore")),
        _seconds(found.get("notAfter")),
        print_,
    )


def _seconds(date: str | None) -> float | None:
    try:
        return None if date is None else float(ssl.cert_time_to_seconds(date))
    except ValueError:
        return None
