# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that hold and certificates that do not, made on the spot."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Made:
    """A server's context, and the file that a client may trust."""

    context: ssl.SSLContext
    ca_file: str
    chain: Path
    """Certificate and key."""


def make(
    folder: Path,
    *names: str,
    begins: int = -1,
    ends: int = 90,
    authority: bool = True,
    label: str = "server",
    also: Sequence[x509.GeneralName] = (),
) -> Made:
    """A certificate for these names, valid from ``begins`` to ``ends`` in days from now.

    ``authority``: signed by one, whose certificate is ``ca_file``; else by itself. ``also``: alternative names that are none.
    """
    key, issuer_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer, subject = _name("Tests"), _name(names[0])
    long = timedelta(days=1000)
    root = _certificate(issuer, issuer, issuer_key, issuer_key, -long, long, ())
    leaf = _certificate(
        subject,
        issuer if authority else subject,
        key,
        issuer_key if authority else key,
        timedelta(days=begins),
        timedelta(days=ends),
        names,
        also,
    )
    chain, ca_file = folder / f"{label}.pem", folder / f"{label}-ca.pem"
    chain.touch(mode=0o600)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(leaf.public_bytes(serialization.Encoding.PEM) + private)
    ca_file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return Made(context, str(ca_file), chain)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signing: ec.EllipticCurvePrivateKey,
    begins: timedelta,
    ends: timedelta,
    names: tuple[str, ...],
    also: Sequence[x509.GeneralName] = (),
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
    )
    if names:
        hosts = [x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names]
        builder = builder.add_extension(x509.SubjectAlternativeName([*hosts, *also]), critical=False)
    return builder.sign(signing, hashes.SHA256())
