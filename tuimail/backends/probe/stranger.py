# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers at a port where the wanted protocol does not: another protocol, TLS or none of it, a web page that stands in
the way of the network (captive portal, RFC 8910), or nobody."""

import ssl
from contextlib import suppress
from dataclasses import dataclass

from tuimail.backends.log import ProtocolLog
from tuimail.backends.probe import certificate
from tuimail.backends.probe.dialects import DIALECTS, spoken
from tuimail.backends.probe.line import Line
from tuimail.model.account import Security, ServerAddress
from tuimail.model.finding import Cause

_WEB = b"HEAD / HTTP/1.0\r\n"
_LOST = (OSError, EOFError, ValueError)
"""TimeoutError and ssl.SSLError are OSError."""


@dataclass(frozen=True, slots=True)
class Port:
    """The port in question, and how to get there."""

    address: str
    server: ServerAddress
    kind: str
    log: ProtocolLog | None
    seconds: float

    async def open(self) -> Line:
        """Connect."""
        return await Line.connect(self.address, self.server.port, self.log, self.seconds)


async def stranger(port: Port, *, encrypted: bool) -> tuple[Cause, str]:
    """Who is there, and which protocol is spoken. ``encrypted``: TLS from the start was expected."""
    wanted = DIALECTS[port.kind].name
    in_clear = spoken(await _first_line(port))
    if in_clear == "HTTP":
        return Cause.PORTAL, in_clear
    if in_clear:
        return (Cause.NO_TLS_HERE if encrypted and in_clear == wanted else Cause.OTHER_PROTOCOL), in_clear
    under_tls = await _under_tls(port)
    if under_tls is not None:
        if under_tls == wanted and not encrypted:
            return Cause.TLS_HERE, under_tls
        if under_tls == "HTTP":
            return Cause.PORTAL, under_tls
        return (Cause.OTHER_PROTOCOL, under_tls) if under_tls else (Cause.SILENT, "")
    if spoken(await _first_line(port, _WEB)) == "HTTP":
        return Cause.PORTAL, "HTTP"
    return Cause.SILENT, ""


async def _first_line(port: Port, question: bytes = b"") -> bytes:
    """The first line that is said there in the clear, after a question if there is one; empty when there is none."""
    try:
        line = await port.open()
    except _LOST:
        return b""
    try:
        if question:
            await line.say(question)
        return await line.line()
    except _LOST:
        return b""
    finally:
        await line.close()


async def _under_tls(port: Port) -> str | None:
    """The protocol spoken after a TLS handshake; None when there is no TLS."""
    try:
        line = await port.open()
    except _LOST:
        return None
    try:
        await line.start_tls(certificate.reading(), port.server.host)
    except _LOST:
        await line.close()
        return None
    try:
        try:
            return spoken(await line.line())
        except TimeoutError:
            await line.say(_WEB)
            return spoken(await line.line())
    except _LOST:
        return ""
    finally:
        await line.close()


async def certificate_of(port: Port) -> certificate.Certificate:
    """The certificate of a server, whatever it is worth. Empty when it cannot be had."""
    try:
        first = await _handshake(port, certificate.reading())
        found = first.tls.getpeercert(binary_form=True) if first.tls else None
        await first.close()
        if not found:
            return certificate.Certificate()
        with suppress(*_LOST):
            second = await _handshake(port, certificate.decoding(found))
            decoded = second.tls.getpeercert() if second.tls else None
            await second.close()
            return certificate.read(decoded, found)
        return certificate.read(None, found)
    except _LOST:
        return certificate.Certificate()


async def _handshake(port: Port, context: ssl.SSLContext) -> Line:
    """A connection under TLS, as the server's security says."""
    line = await port.open()
    try:
        if port.server.security is Security.STARTTLS:
            dialect = DIALECTS[port.kind]
            await dialect.greeting(line)
            await dialect.capabilities(line)
            await dialect.start_tls(line)
        await line.start_tls(context, port.server.host)
    except BaseException:
        await line.close()
        raise
    return line
