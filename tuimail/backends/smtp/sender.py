# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending one message: connect, sign in, envelope, message."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tuimail.backends import sasl
from tuimail.backends.log import ProtocolLog
from tuimail.backends.port import ProgressSink, SecretSource
from tuimail.backends.renewal import renewed_once
from tuimail.backends.smtp.connection import Connection, connected
from tuimail.backends.smtp.envelope import Commands, commands
from tuimail.backends.smtp.outcome import all_refused, error_of, refused_recipients
from tuimail.backends.smtp.sign_in import sign_in
from tuimail.backends.submission import Sent
from tuimail.model.account import AuthMethod, Security, ServerAddress, is_loopback
from tuimail.model.draft import RefusedRecipient
from tuimail.model.errors import InputWrong, ServerRefused


class SmtpSender:
    """A `MailSender` that connects anew for each message."""

    def __init__(self, server: ServerAddress, secret: SecretSource, *, log: ProtocolLog | None = None) -> None:
        self._server = server
        self._secret = secret
        self._log = log

    async def check(self) -> None:
        """Connect and sign in, send nothing."""
        async with self._signed_in():
            pass

    async def send(
        self,
        sender: str,
        recipients: tuple[str, ...],
        message: bytes,
        *,
        progress: ProgressSink | None = None,
        before_dot: Callable[[], None] | None = None,
    ) -> Sent:
        """As `MailSender.send`. Raises InputWrong before connecting when an address cannot be used."""
        if not recipients:
            raise InputWrong("The message has no recipient.", "Fill in To, Cc or Bcc.")
        commands(sender, recipients, b"", {"smtputf8": ""})
        async with self._signed_in() as connection:
            refused = await _envelope(connection, commands(sender, recipients, message, connection.extensions), recipients)
            (go_on,) = await connection.say([b"DATA"])
            if go_on.code != 354:
                raise error_of(go_on, "the message")
            reply = await connection.data(message, progress, before_dot)
            if not reply.ok:
                raise error_of(reply, "the message")
        gone = {one.address for one in refused}
        return Sent(tuple(address for address in recipients if address not in gone), refused, str(reply))

    @asynccontextmanager
    async def _signed_in(self) -> AsyncIterator[Connection]:
        async with connected(self._server, self._log) as connection:
            if self._server.auth is not AuthMethod.NONE:
                await renewed_once(self._secret, lambda: self._sign_in(connection))
            yield connection

    async def _sign_in(self, connection: Connection) -> None:
        mechanism = self._mechanism(connection)
        secret = await self._secret()
        connection.hide(secret)
        await sign_in(connection.say_secret, mechanism, self._server, secret)
        connection.hide("")

    def _mechanism(self, connection: Connection) -> str:
        encrypted = self._server.security is not Security.NONE or is_loopback(self._server.host)
        mechanism = sasl.choose(connection.mechanisms, self._server.auth, encrypted=encrypted)
        if mechanism is None:
            offered = ", ".join(sorted(connection.mechanisms)) or "none"
            raise ServerRefused(
                f"{self._server.host} offers no sign-in that fits; it offers: {offered}.",
                'Check `auth`; a server that needs no sign-in has `auth = "none"`.',
            )
        return mechanism


async def _envelope(connection: Connection, said: Commands, recipients: tuple[str, ...]) -> tuple[RefusedRecipient, ...]:
    """MAIL and RCPT; the recipients that were refused, when at least one was not."""
    mail, *replies = await connection.say([said.mail, *said.recipients])
    if not mail.ok:
        raise error_of(mail, "the sender")
    refused = refused_recipients(recipients, replies)
    if len(refused) == len(recipients):
        raise all_refused(refused)
    return refused
