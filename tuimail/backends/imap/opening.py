# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host name to a connection that is signed in (RFC 9051 §6.1, §6.2), in as few turns as the server allows.

Before TLS nothing that the server says is kept. A connection that was to be secured and is not is given up: there is no way
from a missing STARTTLS, a PREAUTH greeting or an early octet to a password in the clear.
"""

import asyncio
import ssl
from contextlib import suppress

from tuimail.backends import exchange as exchanges
from tuimail.backends import sasl, tls
from tuimail.backends.early import EarlyLines
from tuimail.backends.imap.along import Along, Swallowed
from tuimail.backends.imap.connection import READ_SECONDS, TuiProtocol, connect
from tuimail.backends.imap.dialogue import Dialogue
from tuimail.backends.imap.flights import Answer
from tuimail.backends.imap.memory import ServerMemory
from tuimail.backends.imap.quirks import loses_wide_names, not_to_be_believed, reads_what_follows_sign_in, writes_when_left
from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire.arguments import Secret, command, string
from tuimail.backends.imap.wire.codes import parse_status_text, refusal
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.backends.log import ProtocolLog
from tuimail.backends.port import Opening, SecretSource
from tuimail.model.account import AuthMethod, Security, ServerAddress, is_loopback
from tuimail.model.errors import Offline, ServerBroken, ServerRefused, SignInNeeded, TryLater, TuimailError

_SIGN_IN = "Sign in"


async def open_session(
    server: ServerAddress,
    secret: SecretSource,
    log: ProtocolLog | None = None,
    read_seconds: float = READ_SECONDS,
    *,
    memory: ServerMemory | None = None,
    opening: Opening | None = None,
    compress: bool = True,
    early: EarlyLines | None = None,
) -> Session:
    """Connect, secure, sign in, enable what is of use; see `tuimail.backends.port.MailBackend.connect`."""
    memory = memory or ServerMemory()
    context = None if server.security is Security.NONE else await asyncio.to_thread(tls.context, server)
    while True:
        protocol = await _connect(server, context if server.security is Security.TLS else None, log, read_seconds, early)
        session = Session(protocol, Dialogue(protocol), damaged=memory.damaged)
        protocol.not_compressed = memory.not_compressed
        along = Along(session, memory, opening, compress=compress and memory.compresses and not memory.doubtful)
        try:
            await _sign_in(session, server, secret, context, along, memory)
            await along.finish()
        except Swallowed:
            memory.pipelines = False
            protocol.fail(Offline("The server did not read what was said along with the sign-in."))
        except BaseException:
            along.note_trouble()
            memory.greeting = frozenset()
            protocol.fail(Offline("The connection was given up before sign-in was complete."))
            raise
        else:
            protocol.secrets = frozenset()
            return session


async def _connect(
    server: ServerAddress,
    context: ssl.SSLContext | None,
    log: ProtocolLog | None,
    read_seconds: float,
    early: EarlyLines | None,
) -> TuiProtocol:
    """Over the line that was made early, where there is one and it still leads to a greeting."""
    line = None if early is None else await early.take(server.host, server.port)
    if line is not None:
        with suppress(Offline):
            return await connect(server, context, log, read_seconds, line)
    return await connect(server, context, log, read_seconds)


async def _sign_in(
    session: Session,
    server: ServerAddress,
    secret: SecretSource,
    context: ssl.SSLContext | None,
    along: Along,
    memory: ServerMemory,
) -> None:
    greeting = session.protocol.greeting.result()
    text = parse_status_text(greeting.unit[0])
    if greeting.kind == "BYE":
        raise _turned_away(greeting, trusted=server.security is not Security.STARTTLS)
    words = greeting.unit[0].decode("utf-8", "replace")
    if not reads_what_follows_sign_in(words):
        memory.pipelines = False
    session.writes_late = writes_when_left(words)
    session.loses_wide_names = loses_wide_names(words)
    session.not_believed = not_to_be_believed(words)
    if greeting.kind not in ("OK", "PREAUTH"):
        raise ServerBroken("This is no IMAP server.", "Check the host name and the port.")
    if server.security is Security.STARTTLS:
        if greeting.kind == "PREAUTH" or context is None:
            raise ServerBroken("The server wants to skip TLS.", "Use implicit TLS (port 993); this may be an attack.")
        await _start_tls(session, server, context)
    session.protocol.flights.observer = session.observe
    if server.security is Security.STARTTLS or not session.learn_from_code(text.code, text.arguments):
        if server.security is not Security.STARTTLS and memory.greeting:
            session.learn(memory.greeting)
        else:
            await _ask_capabilities(session)
    memory.greeting = session.capabilities.names
    if greeting.kind == "PREAUTH":
        session.protocol.let_in()
        along.say()
    else:
        await _prove(session, server, secret, along, memory)


def _turned_away(greeting: Untagged, *, trusted: bool) -> TuimailError:
    """``trusted``: the server's words are fit to be shown, because nobody else can have written them, or no TLS was wanted."""
    if not trusted:
        return Offline("The server closed the connection before TLS was set up.", "It is tried again by itself.")
    text = parse_status_text(greeting.unit[0])
    error = refusal("BYE", text, "Connect")
    return error if not isinstance(error, ServerRefused) else Offline(error.message, "It is tried again by itself.")


async def _start_tls(session: Session, server: ServerAddress, context: ssl.SSLContext) -> None:
    """STARTTLS with nothing else under way. What the server said before is not used, not even its capabilities."""
    protocol = session.protocol
    flight = await session.dialogue.start(command(b"STARTTLS"), switch=protocol.prepare_tls)
    try:
        await session.dialogue.finish(flight, "STARTTLS")
    except (ServerRefused, SignInNeeded, TryLater):  # words and code came before TLS: anybody may have written them
        raise ServerRefused(f"{server.host} offers no STARTTLS.", "Use implicit TLS (port 993).") from None
    if protocol.lost is not None:
        raise protocol.lost
    try:
        await protocol.start_tls(context, server.host)
    except (OSError, EOFError) as error:
        raise tls.connect_error(error, server) from error


async def _ask_capabilities(session: Session) -> None:
    await session.dialogue.run(command(b"CAPABILITY"), "Ask what the server can do")


async def _prove(session: Session, server: ServerAddress, secret: SecretSource, along: Along, memory: ServerMemory) -> None:
    """Sign in by the one best way, once."""
    names = session.capabilities.names
    if server.auth is AuthMethod.NONE:
        raise SignInNeeded("The server wants a sign-in, but the account has none.", "Set `auth` to password or oauth2.")
    offered = {name.removeprefix("AUTH=") for name in names if name.startswith("AUTH=")}
    unheard = session.protocol.encrypted or is_loopback(server.host)  # SCRAM would take two more turns
    mechanism = sasl.choose(offered, server.auth, encrypted=unheard)
    if mechanism is None and (server.auth is AuthMethod.OAUTH2 or "LOGINDISABLED" in names):
        raise ServerRefused(
            "The server offers no way to sign in that is known here.",
            "Check `security` (many servers want TLS) and `auth` in the configuration.",
            code="LOGINDISABLED",
        )
    password = await secret()
    session.protocol.secrets = frozenset({password.encode()}) if password else frozenset()
    before = session.capabilities
    if mechanism is None:
        answer = await _login(session, server.username, password, along)
    else:
        exchange = exchanges.exchange(mechanism, server, password)
        answer = await session.dialogue.authenticate(mechanism, exchange, _SIGN_IN, behind=along.say)
        exchange.check_complete()
    if session.learn_from_code(answer.text.code, answer.text.arguments) or session.capabilities is not before:
        return
    if memory.offered:  # they are corrected by the answer, which costs no turn of its own
        session.learn(memory.offered)
        (await session.dialogue.start(command(b"CAPABILITY"))).aside = True
    else:
        await _ask_capabilities(session)


async def _login(session: Session, user: str, password: str, along: Along) -> Answer:
    word = string(password.encode())
    shown = Secret(word) if isinstance(word, bytes) else word
    session.protocol.secrets |= {word} if isinstance(word, bytes) else {word.data}
    flight = await session.dialogue.start(command(b"LOGIN", string(user.encode()), shown))
    flight.lets_in = True
    along.say()
    return await session.dialogue.finish(flight, _SIGN_IN, signing_in=True)
