# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host name to a connection that is signed in (RFC 9051 §6.1, §6.2), in as few turns as the server allows.

Before TLS nothing that the server says is kept. A connection that was to be secured and is not is given up: there is no way
from a missing STARTTLS, a PREAUTH greeting or an early octet to a password in the clear.
"""

import asyncio
import ssl
from dataclasses import dataclass, field

from tuimail.backends import sasl, tls
from tuimail.backends.imap import notify, sign_in
from tuimail.backends.imap.connection import READ_SECONDS, TuiProtocol, connect
from tuimail.backends.imap.dialogue import Dialogue
from tuimail.backends.imap.flights import Accept, Answer, Flight
from tuimail.backends.imap.mailbox import MAILBOX_KINDS, Mailbox
from tuimail.backends.imap.wire import listing
from tuimail.backends.imap.wire.arguments import Argument, Command, Secret, command, string
from tuimail.backends.imap.wire.codes import parse_status_text, refusal
from tuimail.backends.imap.wire.names import encode_name
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.backends.log import ProtocolLog
from tuimail.backends.port import Capabilities, SecretSource
from tuimail.model.account import AuthMethod, Security, ServerAddress
from tuimail.model.errors import Offline, ServerBroken, ServerRefused, SignInNeeded, TuimailError

_ENABLED = ("QRESYNC", "UTF8=ACCEPT")
"""CONDSTORE needs no ENABLE: asking for MODSEQ does it (RFC 7162 §3.1)."""
_SIGN_IN = "Sign in"
_MOST_EARLY = 10_000


@dataclass(slots=True)
class Session:
    """What the commands of one signed-in connection share."""

    protocol: TuiProtocol
    dialogue: Dialogue
    capabilities: Capabilities = field(default_factory=Capabilities)
    namespaces: listing.Namespaces = field(default_factory=listing.Namespaces)
    mailbox: Mailbox | None = None
    raw_names: dict[str, bytes] = field(default_factory=dict)
    """Names as LIST gave them, by the name that is shown."""
    early: list[Untagged] = field(default_factory=list)
    """What was told of a mailbox after the answer to SELECT, in the same octets, before that answer was read."""
    elsewhere: notify.Elsewhere = field(default_factory=notify.Elsewhere)

    @property
    def utf8(self) -> bool:
        """Whether strings and names are UTF-8 (RFC 6855)."""
        return "UTF8=ACCEPT" in self.capabilities.enabled

    def folder_argument(self, folder: str) -> Argument:
        """A folder's name for a command: as the server spelt it, else encoded."""
        raw = self.raw_names.get(folder)
        return string(encode_name(folder, utf8=self.utf8) if raw is None else raw, utf8=self.utf8)

    def current(self) -> Mailbox:
        """The selected mailbox. Raises ServerRefused with code CLOSED when there is none (any more)."""
        if self.mailbox is None:
            raise _closed()
        return self.mailbox

    async def start(self, mailbox: Mailbox, line: Command, accept: Accept | None = None) -> Flight:
        """Say a command that means this mailbox; refused, before it is sent, when another one was selected meanwhile."""
        return await self.dialogue.start(line, accept=accept, guard=lambda: self.check(mailbox))

    async def run(self, mailbox: Mailbox, line: Command, what: str, accept: Accept | None = None) -> Answer:
        """As `start`, and wait for the answer."""
        return await self.dialogue.finish(await self.start(mailbox, line, accept), what)

    def check(self, mailbox: Mailbox) -> None:
        """Raises ServerRefused with code CLOSED when another mailbox was selected: its UIDs mean other messages."""
        if self.mailbox is not mailbox:
            raise _closed()

    def observe(self, item: Untagged, taken: bool) -> None:
        """Take note of an untagged response."""
        if item.kind == "CAPABILITY":
            self._learn(item.unit[0])
        elif self.mailbox is not None:
            self.mailbox.observe(item, taken)
        elif not taken and item.kind in MAILBOX_KINDS and len(self.early) < _MOST_EARLY:
            self.early.append(item)
        notify.observe(self, item, taken)

    def learn_from_code(self, code: str, arguments: bytes) -> bool:
        """Take capabilities from a response code; False when it holds none."""
        if code != "CAPABILITY":
            return False
        self._learn(arguments)
        return True

    def _learn(self, words: bytes) -> None:
        self.capabilities = Capabilities(frozenset(words.decode("ascii", "replace").upper().split()), self.capabilities.enabled)
        self.dialogue.capabilities = self.capabilities.names
        self.protocol.capabilities = set(self.capabilities.names)


def _closed() -> ServerRefused:
    return ServerRefused("The folder is not open on this connection any more.", "Try it again.", code="CLOSED")


async def open_session(
    server: ServerAddress, secret: SecretSource, log: ProtocolLog | None = None, read_seconds: float = READ_SECONDS
) -> Session:
    """Connect, secure, sign in, enable what is of use."""
    context = None if server.security is Security.NONE else await asyncio.to_thread(tls.context, server)
    protocol = await connect(server, context if server.security is Security.TLS else None, log, read_seconds)
    session = Session(protocol, Dialogue(protocol))
    try:
        await _sign_in(session, server, secret, context)
        await _enable(session)
    except BaseException:
        protocol.fail(Offline("The connection was given up before sign-in was complete."))
        raise
    return session


async def _sign_in(session: Session, server: ServerAddress, secret: SecretSource, context: ssl.SSLContext | None) -> None:
    greeting = session.protocol.greeting.result()
    text = parse_status_text(greeting.unit[0])
    if greeting.kind == "BYE":
        raise _turned_away(greeting, trusted=server.security is not Security.STARTTLS)
    if greeting.kind not in ("OK", "PREAUTH"):
        raise ServerBroken("This is no IMAP server.", "Check the host name and the port.")
    if server.security is Security.STARTTLS:
        if greeting.kind == "PREAUTH" or context is None:
            raise ServerBroken("The server wants to skip TLS.", "Use implicit TLS (port 993); this may be an attack.")
        await _start_tls(session, server, context)
    session.protocol.flights.observer = session.observe
    if server.security is Security.STARTTLS or not session.learn_from_code(text.code, text.arguments):
        await _ask_capabilities(session)
    if greeting.kind != "PREAUTH":
        await _prove(session, server, secret)


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
    except ServerRefused as error:  # its words came before TLS: anybody may have written them
        message = f"{server.host} offers no STARTTLS."
        raise ServerRefused(message, "Use implicit TLS (port 993).", code=error.code) from None
    if protocol.lost is not None:
        raise protocol.lost
    try:
        await protocol.start_tls(context, server.host)
    except (OSError, EOFError) as error:
        raise tls.connect_error(error, server) from error


async def _ask_capabilities(session: Session) -> None:
    await session.dialogue.run(command(b"CAPABILITY"), "Ask what the server can do")


async def _prove(session: Session, server: ServerAddress, secret: SecretSource) -> None:
    """Sign in by the one best way, once."""
    names = session.capabilities.names
    if server.auth is AuthMethod.NONE:
        raise SignInNeeded("The server wants a sign-in, but the account has none.", "Set `auth` to password or oauth2.")
    offered = {name.removeprefix("AUTH=") for name in names if name.startswith("AUTH=")}
    mechanism = sasl.choose(offered, server.auth, encrypted=session.protocol.encrypted)
    if mechanism is None and (server.auth is AuthMethod.OAUTH2 or "LOGINDISABLED" in names):
        raise ServerRefused(
            "The server offers no way to sign in that is known here.",
            "Check `security` (many servers want TLS) and `auth` in the configuration.",
            code="LOGINDISABLED",
        )
    password = await secret()
    before = session.capabilities
    if mechanism is None:
        answer = await _login(session, server.username, password)
    else:
        exchange = sign_in.exchange(mechanism, server, password)
        answer = await session.dialogue.authenticate(mechanism, exchange.first, exchange.respond, _SIGN_IN)
        exchange.check_complete()
    if not session.learn_from_code(answer.text.code, answer.text.arguments) and session.capabilities is before:
        await _ask_capabilities(session)


async def _login(session: Session, user: str, password: str) -> Answer:
    word = string(password.encode())
    shown = Secret(word) if isinstance(word, bytes) else word
    flight = await session.dialogue.start(command(b"LOGIN", string(user.encode()), shown))
    return await session.dialogue.finish(flight, _SIGN_IN, signing_in=True)


async def _enable(session: Session) -> None:
    """All that is of use in one turn. COMPRESS comes last: nothing may follow it until it is answered."""
    capabilities = session.capabilities
    dialogue = session.dialogue
    wanted = [name for name in _ENABLED if name in capabilities and "ENABLE" in capabilities]
    asked: list[Flight] = []
    if wanted:
        line = command(b"ENABLE", *(name.encode() for name in wanted))
        asked.append(await dialogue.start(line, accept=lambda item: item.kind == "ENABLED"))
    if "ID" in capabilities:
        asked.append(await dialogue.start(command(b"ID", b'("name" "tuimail")'), accept=lambda item: item.kind == "ID"))
    if "NAMESPACE" in capabilities or "IMAP4REV2" in capabilities:
        asked.append(await dialogue.start(command(b"NAMESPACE"), accept=lambda item: item.kind == "NAMESPACE"))
    if "COMPRESS=DEFLATE" in capabilities:
        start = session.protocol.start_compression
        asked.append(await dialogue.start(command(b"COMPRESS", b"DEFLATE"), switch=start))
    for flight in asked:
        response = await flight.done
        _note_enabled(session, flight.taken, wanted if flight is asked[0] and response.status == "OK" else [])


def _note_enabled(session: Session, told: list[Untagged], wanted: list[str]) -> None:
    """What ENABLED and NAMESPACE say. iCloud answers ENABLE without ENABLED: then what was asked for is in force."""
    enabled: list[str] = []
    for item in told:
        if item.kind == "NAMESPACE":
            session.namespaces = listing.namespaces(item.unit)
        elif item.kind == "ENABLED":
            enabled += item.unit[0].decode("ascii", "replace").upper().split()
    if wanted:
        session.capabilities = Capabilities(session.capabilities.names, frozenset(enabled or wanted))
