# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS as every connection of tuimail uses it (RFC 8314): certificates are always verified, by the system's authorities and
`ca_file`, or by being the very one whose fingerprint was remembered."""

import asyncio
import hashlib
import socket
import ssl

from tuimail.model.account import ServerAddress
from tuimail.model.errors import CertificateRefused, FileProblem, Offline, TuimailError
from tuimail.model.typed_path import typed_path

_REMEMBERED = (
    "It may have been renewed, or somebody may be listening; no password was sent. Ask who runs the server for the fingerprint"
    " of its certificate; tuimail doctor shows the one that is there now."
)
_REASONS = {
    10: "it has expired",
    9: "it is not valid yet",
    18: "it is signed by itself",
    19: "its chain ends in an unknown authority",
    20: "its issuer is not known here",
    62: "it is for another host name",
    64: "it is for another address",
}


class OtherCertificate(ssl.SSLCertVerificationError):
    """The certificate is not the one that was remembered."""


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate in DER, as ``AB:CD:…``."""
    return hashlib.sha256(certificate).digest().hex(":").upper()


def context(server: ServerAddress) -> ssl.SSLContext:
    """A context that trusts the system's authorities and the server's ``ca_file``. It reads files: use a thread.

    With a fingerprint, one that takes this certificate and no other.
    """
    if server.fingerprint:
        return _only(server.fingerprint)
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if server.ca_file:
        path = typed_path(server.ca_file)
        try:
            if not path.is_file():  # a pipe would be waited for
                raise FileNotFoundError(path)
            made.load_verify_locations(cafile=path)
        except (OSError, ssl.SSLError) as error:
            raise FileProblem(
                f"The certificate file {path} cannot be used.", "Check `ca_file` in the configuration: it must be a PEM file."
            ) from error
    return made


def _only(remembered: str) -> ssl.SSLContext:
    """OpenSSL verifies nothing here: the handshake itself fails, before anything is said, unless it is this certificate."""

    class OneCertificate(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            shown = self.getpeercert(binary_form=True)
            if shown is None or fingerprint(shown) != remembered:
                raise OtherCertificate(1, "another certificate than the one that was remembered")

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.sslobject_class = OneCertificate
    return made


def connect_error(error: Exception, server: ServerAddress) -> TuimailError:
    """Why a connection could not be made or secured, in the user's words."""
    where = f"{server.host}:{server.port}"
    match error:
        case OtherCertificate():
            return CertificateRefused(f"The certificate of {where} is not the one that was remembered.", _REMEMBERED)
        case ssl.SSLCertVerificationError():
            reason = _REASONS.get(error.verify_code, "it could not be verified")
            return CertificateRefused(
                f"The certificate of {where} is refused: {reason}.",
                "If it is your own server, name its authority's certificate as `ca_file`, or have this very certificate"
                " remembered by its fingerprint, which tuimail doctor shows; else do not go on.",
            )
        case ssl.SSLError():
            return Offline(
                f"{where} does not speak TLS as expected.",
                "Check port and security: 993, 995 and 465 are tls; 143, 110 and 587 are starttls.",
            )
        case asyncio.TimeoutError() | TimeoutError():
            return Offline(f"{where} did not answer in time.", "Check the network, the host name and the port.")
        case ConnectionRefusedError():
            return Offline(f"{where} refused the connection.", "Check the port, and whether the server runs.")
        case socket.gaierror():
            return Offline(f"The name {server.host} could not be resolved.", "Check the network and the host name.")
        case OSError(errno=int(), strerror=str(reason)) if reason:
            return Offline(f"{where} cannot be reached: {reason}.", "Check the network.")
        case _:
            return Offline(f"{where} cannot be reached.", "Check the network, the host name and the port.")
