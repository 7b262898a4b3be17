# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found on the way to a server, before anybody signs in: one value for each step of `tuimail doctor`."""

from dataclasses import dataclass
from enum import StrEnum

from tuimail.model.check import StepStatus


class Cause(StrEnum):
    """Why a step went wrong; each has its remedy in `tuimail.engine.advice`."""

    NAME_UNKNOWN = "the name is unknown"
    NO_DNS = "names cannot be resolved"
    REFUSED = "connection refused"
    FILTERED = "no answer"
    NO_ROUTE = "no way there"
    CLOSED = "closed at once"
    SILENT = "no greeting"
    PORTAL = "a web page answers"
    OTHER_PROTOCOL = "another protocol"
    NO_TLS_HERE = "no TLS at this port"
    TLS_HERE = "TLS from the start at this port"
    OLD_TLS = "only old TLS"
    EXPIRED = "certificate expired"
    EXPIRES_SOON = "certificate expires soon"
    NOT_YET_VALID = "certificate not valid yet"
    SELF_SIGNED = "certificate signed by itself"
    UNKNOWN_AUTHORITY = "authority unknown"
    OTHER_NAME = "certificate of another name"
    CHANGED = "another certificate than remembered"
    CERTIFICATE = "certificate refused"
    CA_FILE = "the CA file cannot be used"
    NO_STARTTLS = "no STARTTLS"
    INJECTED = "spoken to before TLS"
    IN_CLEAR = "not encrypted"
    TURNED_AWAY = "turned away"
    TOO_MANY = "too many connections"
    NO_WAY_IN = "no way to sign in"
    NO_AUTH = "no AUTH"
    ODD_ANSWER = "an answer that makes no sense"


@dataclass(frozen=True, slots=True)
class Finding:
    """One step on the way to a server. All texts are safe to show."""

    step: str
    """``name``, ``connect``, ``tls``, ``greeting``, ``starttls``, ``capabilities``."""
    status: StepStatus
    detail: str
    """A sentence: what was seen."""
    cause: Cause | None = None
    hint: str = ""
    """What the remedy names: the protocol that answers, the names in the certificate, the server's words."""
    seconds: float = 0.0
    fingerprint: str = ""
    """SHA-256 of a certificate that was refused, as ``AB:CD:…``."""


CERTIFICATE_CAUSES = frozenset(
    {
        Cause.EXPIRED,
        Cause.NOT_YET_VALID,
        Cause.SELF_SIGNED,
        Cause.UNKNOWN_AUTHORITY,
        Cause.OTHER_NAME,
        Cause.CHANGED,
        Cause.CERTIFICATE,
    }
)
"""The certificate was refused."""
