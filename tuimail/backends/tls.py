# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS as every connection of tuimail uses it (RFC 8314): certificates are always verified."""

import asyncio
import socket
import ssl
from pathlib import Path

from tuimail.model.account import ServerAddress
from tuimail.model.errors import CertificateRefused, FileProblem, Offline, TuimailError

_REASONS = {
    10: "it has expired",
    9: "it is not valid yet",
    18: "it is signed by itself",
    19: "its chain ends in an unknown authority",
    20: "its issuer is not known here",
    62: "it is for another host name",
    64: "it is for another address",
}


def context(server: ServerAddress) -> ssl.SSLContext:
    """A context that trusts the system's authorities and the server's ``ca_file``. It reads files: use a thread."""
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if server.ca_file:
        path = Path(server.ca_file).expanduser()
        try:
            made.load_verify_locations(cafile=path)
        except (OSError, ssl.SSLError) as error:
            raise FileProblem(
                f"The certificate file {path} cannot be used.", "Check `ca_file` in the configuration: it must be a PEM file."
            ) from error
    return made


def connect_error(error: Exception, server: ServerAddress) -> TuimailError:
    """Why a connection could not be made or secured, in the user's words."""
    where = f"{server.host}:{server.port}"
    match error:
        case ssl.SSLCertVerificationError():
            reason = _REASONS.get(error.verify_code, "it could not be verified")
            return CertificateRefused(
                f"The certificate of {where} is refused: {reason}.",
                "If it is your own server, name its authority's certificate as `ca_file`; else do not go on.",
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
