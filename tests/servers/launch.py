# SPDX-License-Identifier: GPL-3.0-or-later
"""What every started server needs: its programs, a free port, a certificate, readiness and an end."""

import datetime
import ipaddress
import os
import random
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

import pytest

LOOPBACK = "127.0.0.1"
_PORTS = range(12_000, 32_000)
"""Below what Linux, BSD and macOS take for port 0."""
_PATIENCE = 60.0
"""Seconds that a server may take to greet."""

# The kernel forgets the signal for the parent's death when a program changes its user, as servers do: so a shell gets it.
_KEEPER = '"$@" & server=$!; trap "kill $server" TERM; wait $server; trap - TERM; wait $server'


def unavailable(reason: str) -> NoReturn:
    """End the test because a server cannot be had: a failure in CI, else a skip."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def program(name: str, package: str) -> str:
    """The path of a server's program, which distributions keep outside a user's PATH."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        unavailable(
            f"{name} is not installed: run `make test` as root, or `apt-get install --no-install-recommends {package}`."
        )
    return path


def free_port() -> int:
    """A port that nothing listens on now, out of a range from which the system gives none to connections and to other tests."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        return port


def start(command: list[str], output: BinaryIO) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own. It ends when the tests are killed, where the system can see to that."""
    setpriv = shutil.which("setpriv")
    with_us = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
    return subprocess.Popen(
        [*with_us, "/bin/sh", "-c", _KEEPER, "keeper", *command],
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def wait_for_greeting(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return as soon as the server on that port has greeted; fail the test when it ends or stays silent."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
                connection.settimeout(deadline - time.monotonic())
                if connection.recv(1):
                    return
        except OSError:
            time.sleep(0.02)
    written = log.read_text(errors="replace") if log.exists() else "(no log)"
    pytest.fail(f"The server on port {port} does not answer:\n{written[-4000:]}", pytrace=False)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a started server by its process id."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate for ``localhost`` and 127.0.0.1; it is its own authority."""

    certificate: Path
    key: Path


def make_certificate(folder: Path, *, rsa: bool = False) -> Certificate:
    """Write ``server.pem`` and ``server.key`` into a folder. ``rsa``: for servers that take no other key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.x509.oid import NameOID

    key = generate_private_key(65537, 2048) if rsa else ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(LOOPBACK))]
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = Certificate(folder / "server.pem", folder / "server.key")
    files.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
