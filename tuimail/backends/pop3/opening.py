# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host name to a maildrop that is open: STLS (RFC 2595), CAPA (RFC 2449), AUTH (RFC 5034), APOP, USER and PASS.

Before TLS nothing that the server says is kept, and from a missing STLS there is no way to a password in the clear.
"""

import asyncio
import base64
import binascii
import hashlib
import ssl
from collections.abc import Mapping

from tuimail.backends import exchange, sasl, tls
from tuimail.backends.log import STRUCK, ProtocolLog
from tuimail.backends.pop3.connection import CAPA_LIMIT, Pop3Connection, connect
from tuimail.backends.pop3.replies import capabilities, parse_reply, refusal, stamp
from tuimail.backends.port import SecretSource
from tuimail.model.account import AuthMethod, Security, ServerAddress
from tuimail.model.errors import ServerBroken, ServerRefused, SignInNeeded

_SIGN_IN = "Sign in"
_AT_ONCE = 255
"""Octets of a command line (RFC 2449 §4); a longer first message waits for the server's challenge."""

Capa = Mapping[str, frozenset[str]]


async def open_maildrop(
    server: ServerAddress, secret: SecretSource, log: ProtocolLog | None, read_seconds: float
) -> tuple[Pop3Connection, Capa]:
    """Connect, secure, sign in. What the server offers then; empty for one that does not tell."""
    context = None if server.security is Security.NONE else await asyncio.to_thread(tls.context, server)
    connection = await connect(server, context if server.security is Security.TLS else None, log, read_seconds)
    try:
        greeting = await connection.reply()
        if server.security is Security.STARTTLS:
            if context is None:
                raise ServerBroken("There is no TLS to begin.")
            await _start_tls(connection, server, context)
        elif not greeting.ok:
            raise refusal(greeting, "Connect")
        offered = await _capa(connection)
        await _sign_in(connection, server, secret, offered, stamp(greeting.text))
        connection.signed_in = True
        return connection, await _capa(connection) or offered
    except BaseException:
        await connection.end()
        raise
    finally:
        connection.secrets = frozenset()


async def _start_tls(connection: Pop3Connection, server: ServerAddress, context: ssl.SSLContext) -> None:
    """The server's words of before are not shown: anybody may have written them."""
    connection.say(b"STLS")
    if not (await connection.reply()).ok:
        raise ServerRefused(f"{server.host} offers no STLS.", "Use implicit TLS (port 995).")
    await connection.start_tls(context, server)


async def _capa(connection: Pop3Connection) -> Capa:
    connection.say(b"CAPA")
    return capabilities(await connection.text(CAPA_LIMIT, shown=True)) if (await connection.reply()).ok else {}


async def _sign_in(
    connection: Pop3Connection, server: ServerAddress, secret: SecretSource, offered: Capa, challenge: bytes
) -> None:
    """Sign in by the one best way, once."""
    if server.auth is AuthMethod.NONE:
        raise SignInNeeded("The server wants a sign-in, but the account has none.", "Set `auth` to password or oauth2.")
    mechanism = sasl.choose(offered.get("SASL", ()), server.auth, encrypted=connection.encrypted)
    shows = mechanism is None or mechanism in ("PLAIN", "LOGIN")
    apop = bool(challenge) and shows and not connection.encrypted and server.auth is AuthMethod.PASSWORD
    if mechanism is None and not apop and (server.auth is AuthMethod.OAUTH2 or (offered and "USER" not in offered)):
        raise ServerRefused(
            "The server offers no way to sign in that is known here.",
            "Check `security` (many servers want TLS) and `auth` in the configuration.",
        )
    password = await secret()
    connection.secrets = frozenset({password.encode()}) if password else frozenset()
    if apop:
        await _prove(connection, b"APOP " + server.username.encode() + b" ", _digest(challenge, password))
    elif mechanism is None:
        await connection.ask(b"USER " + server.username.encode(), _SIGN_IN)
        await _prove(connection, b"PASS ", password.encode())
    else:
        await _exchange(connection, mechanism, exchange.exchange(mechanism, server, password))


def _digest(challenge: bytes, password: str) -> bytes:
    return hashlib.md5(challenge + password.encode(), usedforsecurity=False).hexdigest().encode()


async def _prove(connection: Pop3Connection, command: bytes, proof: bytes) -> None:
    connection.say(command + proof, shown=command + STRUCK)
    reply = await connection.reply()
    if not reply.ok:
        raise refusal(reply, _SIGN_IN, signing_in=True)


async def _exchange(connection: Pop3Connection, mechanism: str, turns: exchange.Exchange) -> None:
    """AUTH, with the first message at once where it is short."""
    command = b"AUTH " + mechanism.encode()
    first = None if turns.first is None else base64.b64encode(turns.first) or b"="
    if first is not None and len(command) + len(first) + 3 <= _AT_ONCE:
        connection.say(command + b" " + first, shown=command + b" " + STRUCK)
        first = None
    else:
        connection.say(command)
    while (line := await connection.line()).startswith(b"+ ") or line == b"+":
        if first is not None:
            answer, first = first, None
        else:
            answer = base64.b64encode(await turns.respond(_decoded(line[2:])))
        connection.say(answer, shown=STRUCK)
    reply = parse_reply(line)
    if not reply.ok:
        raise refusal(reply, _SIGN_IN, signing_in=True)
    turns.check_complete()


def _decoded(challenge: bytes) -> bytes:
    try:
        return base64.b64decode(challenge.strip(), validate=True)
    except binascii.Error as error:
        raise ServerBroken("The server's challenge cannot be read.") from error
