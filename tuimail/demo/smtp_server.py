# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMTP servers, submission and relay: aiosmtpd with our users, our faults, and mail that lands in the sample mailboxes."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tuimail.demo import sasl
from tuimail.demo.site import Mail, Site

SIZE_LIMIT = 64 << 20
_REFUSED = AuthResult(success=False, handled=False)
_ANSWERED = AuthResult(success=False, handled=True)
_CUT = "421 4.3.2 Cut"


# aiosmtpd warns of its own deprecations here; without a handler that would go to the terminal.
logging.getLogger("mail.log").addHandler(logging.NullHandler())


class Submission(SMTP):
    """aiosmtpd's protocol, counting what it reads."""

    def __init__(
        self, site: Site, transports: set[asyncio.Transport], *, context: ssl.SSLContext | None, sign_in: bool
    ) -> None:
        self._site = site
        self._transports = transports
        super().__init__(
            Handler(site, sign_in=sign_in),
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8="SMTPUTF8" not in site.faults.without,
            hostname="demo.example.org",
            ident="tuimail demo",
            tls_context=context,
            auth_require_tls=False,
            auth_exclude_mechanism=[name[5:] for name in site.faults.without if name.startswith("AUTH=")],
            loop=asyncio.get_running_loop(),
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Known as open from here on."""
        self._transports.add(cast(asyncio.Transport, transport))
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """No longer open."""
        self._transports.discard(cast(asyncio.Transport, self.transport))
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Pass the octets on, unless the connection is to be cut here."""
        if self._site.faults.allowance(False, len(data)) is not None:
            cut(self)
        else:
            super().data_received(data)


def cut(server: SMTP) -> None:
    """End the connection without a word."""
    cast(asyncio.Transport, server.transport).abort()


class Handler:
    """What aiosmtpd asks about each command. The method names are aiosmtpd's."""

    def __init__(self, site: Site, *, sign_in: bool) -> None:
        self._site, self._sign_in_needed = site, sign_in

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Announce PIPELINING: aiosmtpd reads line by line from a buffer, so it does that anyway."""
        session.host_name = hostname
        if "PIPELINING" not in self._site.faults.without:
            responses.insert(1, "250-PIPELINING")
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only those who signed in may send, except where mail is taken from everybody."""
        if self._sign_in_needed and not session.authenticated:
            return "530 5.7.0 Sign in first"

        def take() -> str:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
            return "250 2.1.0 Sender taken"

        return await self._answer(server, "MAIL", take)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Every recipient is taken, unless a fault refuses it."""
        if refusal := self._site.faults.refuse.get(address):
            return refusal

        def take() -> str:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
            return "250 2.1.5 Recipient taken"

        return await self._answer(server, "RCPT", take)

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The final dot has come."""

        def take() -> str:
            raw = envelope.original_content or b""
            mail = Mail(str(envelope.mail_from or ""), tuple(str(to) for to in envelope.rcpt_tos), raw)
            self._site.sent.append(mail)
            if self._site.on_sent is not None:
                self._site.on_sent(mail)
            return f"250 2.0.0 Queued as demo-{len(self._site.sent)}"

        return await self._answer(server, "DATA", take)

    async def auth_PLAIN(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """RFC 4616."""
        return await self._sign_in(server, args)

    async def auth_LOGIN(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """The old LOGIN mechanism."""
        return await self._sign_in(server, args)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """The password is taken as token."""
        return await self._sign_in(server, args)

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """RFC 7628."""
        return await self._sign_in(server, args)

    async def auth_SCRAM__SHA__256(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """RFC 7677; aiosmtpd reads ``__`` as a hyphen."""
        return await self._sign_in(server, args)

    async def _sign_in(self, server: SMTP, args: list[str]) -> AuthResult:
        """Carry challenges and responses until the user is known."""
        if refusal := self._site.faults.refuse.get("AUTH"):
            return AuthResult(success=False, handled=False, message=refusal)
        try:
            initial = sasl.decode_base64(args[1].encode()) if len(args) > 1 else None
            exchange = sasl.MECHANISMS[args[0].upper()](initial, self._site.passwords)
            challenge = next(exchange)
            while True:
                answer = await server.challenge_auth(challenge)
                if not isinstance(answer, bytes):
                    return _ANSWERED
                challenge = exchange.send(answer)
        except StopIteration as end:
            return AuthResult(success=True, auth_data=str(end.value))
        except sasl.SignInFailed:
            return _REFUSED

    async def _answer(self, server: SMTP, command: str, take: Callable[[], str]) -> str:
        """The answer to a command, after the faults had their say."""
        faults = self._site.faults
        if faults.delay:
            await asyncio.sleep(faults.delay)
        if faults.cuts(command, "before"):
            cut(server)
            return _CUT
        answer = faults.refuse.get(command) or take()
        if faults.cuts(command, "after"):
            cut(server)
            return _CUT
        return answer
