# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that do not hold, for IMAP, POP3 and SMTP, from the start and after STARTTLS: refused with the reason, before
any password; and taken from then on when this very one is remembered by its fingerprint."""

import asyncio
import hashlib
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.hostile_servers.between import HOST
from tests.hostile_servers.conftest import Place
from tests.hostile_servers.visits import Visit
from tests.servers import certificates
from tests.servers.certificates import Made
from tests.servers.odd import listening
from tuimail.accounts.prompts import always
from tuimail.accounts.secrets import SecretStore
from tuimail.backends.dialogue import Recent
from tuimail.demo.servers import DemoServers
from tuimail.doctoring import doctor
from tuimail.model.account import Account, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.check import CheckStep, StepStatus
from tuimail.paths import resolve
from tuimail.servers import Servers

KINDS = ("imap", "smtp", "pop3")
SPEAKS_TLS = {"imap": "sync", "smtp": "send", "pop3": "sync"}
REFUSED = {
    "signed by itself": ({"authority": False}, "signed by itself"),
    "another name": ({"names": ("mail.example.net",)}, "for another"),
    "expired": ({"begins": -30, "ends": -3}, "expired"),
    "not yet valid": ({"begins": 3, "ends": 30}, "not valid yet"),
    "unknown authority": ({"trusted": False}, "not known|unknown"),
}


def _make(folder: Path, name: str, *, names: tuple[str, ...] = (HOST,), trusted: bool = True, **other: object) -> Made:
    made = certificates.make(folder, *names, label=name.replace(" ", "-"), **other)  # type: ignore[arg-type]
    return made if trusted else replace(made, ca_file="")


@asynccontextmanager
async def in_front(port: int, context: ssl.SSLContext) -> AsyncIterator[int]:
    """A port with TLS before a server that has none."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, out = await asyncio.open_connection(HOST, port)
        try:
            await asyncio.gather(pump(reader, out), pump(upstream, writer))
        finally:
            out.transport.abort()
            writer.transport.abort()

    async with listening(serve, context) as at:
        yield at


@pytest.fixture(scope="module")
def plain() -> Iterator[DemoServers]:
    """The servers behind, which know no TLS."""
    with DemoServers(3) as servers:
        yield servers


def _port(servers: DemoServers, kind: str) -> int:
    at = servers.addresses
    return {"imap": at.imap_port, "smtp": at.smtp_port, "pop3": at.pop3_port}[kind]


def _account(servers: DemoServers, kind: str, port: int, ca_file: str = "", fingerprint: str = "") -> Account:
    at = servers.addresses
    server = ServerAddress(HOST, port, Security.TLS, at.user, ca_file=ca_file, fingerprint=fingerprint)
    return Account("work", Address("Ada", at.email), **{kind: server})  # type: ignore[arg-type]


async def _visited(servers: DemoServers, account: Account, folder: Path) -> Visit:
    """After the one way that signs in, and the one that only measures."""
    made = Visit(account, folder, servers.addresses.password)
    await made.run("send" if account.smtp else "sync")
    return made


async def _refusal(account: Account, home: Path) -> CheckStep:
    """What `tuimail doctor` says of the certificate; it goes no further."""
    said = Recent()
    examining = doctor(resolve(str(home)), Servers(SecretStore(always("never to be said")), said), said, 60)
    steps = [step async for step in examining.examine(account)]
    assert "never to be said" not in "\n".join([*map(str, steps), *said.lines()])
    assert steps[-1].step.endswith(" tls")
    assert steps[-1].status is StepStatus.FAIL
    return steps[-1]


def _fingerprint(context: Made) -> str:
    der = ssl.PEM_cert_to_DER_cert(context.chain.read_text().partition("-----BEGIN PRIVATE")[0])
    return hashlib.sha256(der).hexdigest().upper()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", REFUSED)
async def test_it_is_refused_and_may_be_remembered(plain: DemoServers, tmp_path: Path, kind: str, name: str) -> None:
    options, reason = REFUSED[name]
    made = _make(tmp_path, name, **options)  # type: ignore[arg-type]
    plain.clear_log()
    async with in_front(_port(plain, kind), made.context) as port:
        account = _account(plain, kind, port, made.ca_file)
        refused = await _visited(plain, account, tmp_path / "refused")
        (error,) = refused.errors
        assert error.kind in ("CertificateRefused", "TuimailError")
        assert re.search(reason, str(error))
        told = await _refusal(account, tmp_path)
        assert re.search(reason, told.detail)
        assert refused.asked == 0
        assert not plain.log
        fingerprint = told.advice.rpartition(" ")[2]
        assert fingerprint.replace(":", "") == _fingerprint(made)
        remembered = await _visited(plain, _account(plain, kind, port, fingerprint=fingerprint), tmp_path / "store")
        assert remembered.errors == []
        assert remembered.asked


@pytest.mark.parametrize("kind", KINDS)
async def test_one_that_changed_is_refused_even_if_an_authority_vouches_for_it(
    plain: DemoServers, tmp_path: Path, kind: str
) -> None:
    before, after = _make(tmp_path, "before"), _make(tmp_path, "after")
    async with in_front(_port(plain, kind), after.context) as port:
        account = _account(plain, kind, port, after.ca_file, fingerprint=_colons(_fingerprint(before)))
        refused = await _visited(plain, account, tmp_path / "refused")
        (error,) = refused.errors
        assert "is not the one that was remembered" in str(error)
        assert "somebody may be listening" in str(error) or account.smtp
        assert refused.asked == 0
        told = await _refusal(account, tmp_path)
        assert "not the one that was remembered" in told.detail
        assert told.advice.endswith(_colons(_fingerprint(after)))


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_looked_at_after_starttls_and_by_measuring_too(place: Place, tmp_path: Path, kind: str) -> None:
    right = hashlib.sha256(ssl.PEM_cert_to_DER_cert(place.servers.addresses.certificate)).hexdigest()
    wrong = _colons("0" * 64)
    for way in (SPEAKS_TLS[kind], "measure"):
        for fingerprint, refused in ((_colons(right), False), (wrong, True)):
            account = place.account(kind, place.port(kind))
            server = replace(getattr(account, kind), ca_file="", fingerprint=fingerprint)
            visit = Visit(replace(account, **{kind: server}), tmp_path / f"{way}{refused}", place.servers.addresses.password)
            await visit.run(way)
            assert bool(visit.errors) is refused
            assert "not the one that was remembered" in str(visit.errors) or not refused


def _colons(digits: str) -> str:
    return bytes.fromhex(digits).hex(":").upper()
