# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a server step by step, up to where a secret would be needed: name, connection, TLS, greeting, capabilities."""

import asyncio
import re
import ssl
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace

from tuimail.backends import tls
from tuimail.backends.log import ProtocolLog
from tuimail.backends.probe import certificate, reach
from tuimail.backends.probe.dialects import DIALECTS, Dialect, spoken
from tuimail.backends.probe.line import Line
from tuimail.backends.probe.stranger import Port, certificate_of, stranger
from tuimail.model.account import AuthMethod, Security, ServerAddress, is_loopback
from tuimail.model.check import StepStatus
from tuimail.model.errors import FileProblem
from tuimail.model.finding import Cause, Finding
from tuimail.model.text import safe_line

PATIENCE = 10.0
"""Seconds that a server gets for each answer."""
_CURIOSITY = 4.0
"""Seconds that a stranger gets."""
_FEW_DAYS = 14
_OLD = re.compile("UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|WRONG_SSL_VERSION|NO_PROTOCOLS_AVAILABLE")
_CROWDED = re.compile(r"too many|max(?:imum)? .{0,20}connection|connection.{0,20}(?:limit|exceeded)", re.IGNORECASE)
_SHOWN = 200
_LOST = (OSError, EOFError, ValueError)
_AT_TLS = {
    Cause.EXPIRED: "the certificate has expired",
    Cause.NOT_YET_VALID: "the certificate is not valid yet",
    Cause.SELF_SIGNED: "the certificate is signed by itself",
    Cause.UNKNOWN_AUTHORITY: "the certificate is signed by an authority that is unknown here",
    Cause.OTHER_NAME: "the certificate is for another name",
    Cause.CHANGED: "the certificate is not the one that was remembered",
    Cause.CERTIFICATE: "the certificate cannot be verified",
}


async def examine(
    kind: str, server: ServerAddress, log: ProtocolLog | None = None, patience: float = PATIENCE
) -> AsyncGenerator[Finding]:
    """Steps as they are taken; the last one is a failure when the way ends there. Raises nothing.

    ``kind``: ``imap``, ``pop3`` or ``smtp``.
    """
    found, addresses = await reach.resolved(server.host, patience)
    yield found
    answering = []
    async for found, address in reach.connected(server, addresses, log, patience):
        yield found
        answering += [address] if address else []
    if answering:
        port = Port(answering[0], server, kind, log, min(patience, _CURIOSITY))
        async for found in _Talk(port, log, patience).findings():
            yield found


class _Talk:
    """One conversation, to its end."""

    def __init__(self, port: Port, log: ProtocolLog | None, patience: float) -> None:
        self._port, self._server, self._log, self._patience = port, port.server, log, patience
        self._dialect: Dialect = DIALECTS[port.kind]
        self._began = 0.0
        self._asking = "capabilities"
        """The step that an answer is awaited for."""

    async def findings(self) -> AsyncGenerator[Finding]:
        """What is found; ends with the first failure."""
        self._began = time.monotonic()
        try:
            context = await asyncio.to_thread(tls.context, self._server)
        except FileProblem as error:
            yield self._finding("tls", StepStatus.FAIL, error.message, Cause.CA_FILE)
            return
        try:
            line = await Line.connect(self._port.address, self._server.port, self._log, self._patience)
        except _LOST:
            yield self._finding("connect", StepStatus.FAIL, "the second connection failed", Cause.CLOSED)
            return
        try:
            async for found in self._said(line, context):
                yield found
                if found.status is StepStatus.FAIL:
                    return
            with suppress(*_LOST):
                await line.say(self._dialect.goodbye)
        except _LOST as error:
            yield self._finding(self._asking, StepStatus.FAIL, *_broken_off(error))
        finally:
            await line.close()

    async def _said(self, line: Line, context: ssl.SSLContext) -> AsyncGenerator[Finding]:
        security = self._server.security
        if security is Security.TLS:
            yield await self._secured(line, context)
        yield await self._greeted(line)
        offered = await self._dialect.capabilities(line)
        if security is Security.STARTTLS:
            yield await self._upgraded(line, offered)
            yield await self._secured(line, context)
            if not await line.is_silent():  # the server has nothing to say before it is asked
                yield self._finding("starttls", StepStatus.FAIL, "somebody spoke before TLS was set up", Cause.INJECTED)
            self._asking = "capabilities"
            offered = await self._dialect.capabilities(line)
        yield self._offered(offered)

    async def _greeted(self, line: Line) -> Finding:
        try:
            greeting = await self._dialect.greeting(line)
        except _LOST as error:
            cause, who = await stranger(self._port, encrypted=self._server.security is Security.TLS)
            if cause is Cause.OTHER_PROTOCOL and who == self._dialect.name:
                return self._finding("greeting", StepStatus.FAIL, *_broken_off(error))
            return self._finding("greeting", StepStatus.FAIL, _met(cause, who, self._dialect.name), cause, who)
        words = safe_line(greeting.decode("utf-8", "replace"), limit=_SHOWN)
        if self._dialect.welcomes(greeting):
            return self._finding("greeting", StepStatus.OK, words)
        who = spoken(greeting)
        if who == self._dialect.name:
            cause = Cause.TOO_MANY if _CROWDED.search(words) else Cause.TURNED_AWAY
            return self._finding("greeting", StepStatus.FAIL, f"turned away: “{words}”", cause, words)
        cause = Cause.PORTAL if who == "HTTP" else Cause.OTHER_PROTOCOL
        return self._finding("greeting", StepStatus.FAIL, _met(cause, who, self._dialect.name), cause, who)

    async def _upgraded(self, line: Line, offered: tuple[str, ...]) -> Finding:
        name = "STLS" if self._port.kind == "pop3" else "STARTTLS"
        if offered and name not in offered:
            return self._finding("starttls", StepStatus.FAIL, f"{name} is not offered", Cause.NO_STARTTLS, name)
        self._asking = "starttls"
        if not await self._dialect.start_tls(line):
            return self._finding("starttls", StepStatus.FAIL, f"{name} is refused", Cause.NO_STARTTLS, name)
        return self._finding("starttls", StepStatus.OK, "the server is ready for TLS")

    async def _secured(self, line: Line, context: ssl.SSLContext) -> Finding:
        try:
            await line.start_tls(context, self._server.host)
        except ssl.SSLCertVerificationError as error:
            return await self._mistrusted(certificate.cause_of(error))
        except _LOST as error:
            if isinstance(error, ssl.SSLError) and _OLD.search(error.reason or ""):
                return self._finding("tls", StepStatus.FAIL, "only TLS older than 1.2 is spoken there", Cause.OLD_TLS)
            if self._server.security is Security.STARTTLS:
                return self._finding("tls", StepStatus.FAIL, "the TLS handshake failed", Cause.ODD_ANSWER)
            cause, who = await stranger(self._port, encrypted=True)
            return self._finding("tls", StepStatus.FAIL, _met(cause, who, self._dialect.name), cause, who)
        return self._trusted(line)

    def _trusted(self, line: Line) -> Finding:
        if line.tls is None:
            return self._finding("tls", StepStatus.FAIL, "the TLS handshake failed", Cause.ODD_ANSWER)
        if self._server.fingerprint:
            return self._finding("tls", StepStatus.OK, f"{line.tls.version()}; the certificate that was remembered")
        cipher, found = line.tls.cipher(), certificate.read(line.tls.getpeercert())
        chain: list[object] = getattr(line.tls, "get_verified_chain", list)()  # Python 3.13
        detail = (
            f"{line.tls.version()}, {cipher[0] if cipher else 'no cipher'}; certificate for {found.shown_names}"
            f" by {found.issuer or 'an unnamed authority'}"
            + (f", chain of {len(chain)}" if chain else "")
            + (f", {found.days_left} days left" if found.days_left is not None else "")
        )
        if found.days_left is not None and found.days_left < _FEW_DAYS:
            return self._finding("tls", StepStatus.WARN, detail, Cause.EXPIRES_SOON, str(found.days_left))
        return self._finding("tls", StepStatus.OK, detail)

    async def _mistrusted(self, cause: Cause) -> Finding:
        found = await certificate_of(self._port)
        dates = {Cause.EXPIRED: found.ends, Cause.NOT_YET_VALID: found.begins}
        day = dates.get(cause)
        when = time.strftime("%Y-%m-%d", time.gmtime(day)) if day is not None else ""
        hint = found.shown_names if cause is Cause.OTHER_NAME else when
        about = f" ({found.shown_names})" if cause is Cause.OTHER_NAME and hint else f" ({when})" if when else ""
        refused = self._finding("tls", StepStatus.FAIL, f"{_AT_TLS[cause]}{about}", cause, hint)
        return replace(refused, fingerprint=found.fingerprint)

    def _offered(self, offered: tuple[str, ...]) -> Finding:
        """Whether there is a way to sign in, and whether it is a safe one."""
        names = {word.split(" ")[0] for word in offered}
        detail = safe_line(", ".join(offered), limit=_SHOWN) or "the server does not say what it can do"
        wants = self._server.auth is not AuthMethod.NONE
        ways = any(name.startswith("AUTH=") for name in names)
        tls_too = bool(names & {"STARTTLS", "STLS"})
        hint = "STARTTLS" if tls_too else ""
        if wants and self._port.kind == "imap" and "LOGINDISABLED" in names and not ways:
            return self._finding("capabilities", StepStatus.FAIL, "LOGINDISABLED: no sign-in is taken", Cause.NO_WAY_IN, hint)
        if wants and self._port.kind == "smtp" and "AUTH" not in names:
            return self._finding("capabilities", StepStatus.FAIL, "AUTH is not offered", Cause.NO_AUTH, hint)
        if self._server.security is Security.NONE and not is_loopback(self._server.host):
            return self._finding("capabilities", StepStatus.WARN, f"not encrypted; {detail}", Cause.IN_CLEAR, hint)
        return self._finding("capabilities", StepStatus.OK, detail)

    def _finding(self, step: str, status: StepStatus, detail: str, cause: Cause | None = None, hint: str = "") -> Finding:
        took, self._began = time.monotonic() - self._began, time.monotonic()
        return Finding(step, status, detail, cause, hint, took)


def _broken_off(error: Exception) -> tuple[str, Cause]:
    """Why no answer came, or none that has an end."""
    match error:
        case TimeoutError():
            return "no whole answer came in time", Cause.SILENT
        case ValueError():
            return "the answer makes no sense, or has no end", Cause.ODD_ANSWER
        case _:
            return "the connection was lost", Cause.CLOSED


def _met(cause: Cause, who: str, wanted: str) -> str:
    """Who was met instead."""
    match cause:
        case Cause.PORTAL:
            return f"a web server answers instead of {wanted}"
        case Cause.OTHER_PROTOCOL:
            return f"{who} is spoken there instead of {wanted}"
        case Cause.NO_TLS_HERE:
            return f"{who} is spoken there without TLS"
        case Cause.TLS_HERE:
            return "TLS is spoken there from the start"
        case _:
            return f"nothing that is {wanted} answers"
