# SPDX-License-Identifier: GPL-3.0-or-later
"""One POP3 connection to a user's INBOX (RFC 1939, CAPA of RFC 2449, STLS of RFC 2595, AUTH of RFC 5034)."""

import asyncio
import base64
import hashlib
import hmac
import ssl
import time
from collections.abc import Awaitable, Callable
from enum import Enum

from tuimail.demo import sasl
from tuimail.demo.mailbox import Message
from tuimail.demo.maildrop import Maildrop, Refused
from tuimail.demo.site import Site
from tuimail.demo.wire import Cut, Wire

_SECRET = {"PASS": 0, "APOP": 1, "AUTH": 1}
"""Command → how many arguments may be logged."""


class State(Enum):
    """RFC 1939 §3; UPDATE is QUIT itself."""

    AUTHORIZATION = 1
    TRANSACTION = 2


class Pop3Session:
    """The state of one connection."""

    def __init__(self, site: Site, wire: Wire) -> None:
        site.connections += 1
        self.site, self.wire = site, wire
        self._number = site.connections
        self._stamp = f"<{self._number}.{time.time_ns()}@demo.example.org>"
        self._user = ""
        self._drop: Maildrop | None = None
        self._ended = False
        self._starts_tls = False

    async def run(self) -> None:
        """Serve until the connection ends; whatever a client does, it does not raise."""
        try:
            await self._greet()
            while not self._ended:
                await self._serve_one()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            self._ended = True
        finally:
            if self._drop is not None:
                self.site.maildrops.discard(self._drop.user)
            await self.wire.close()

    async def _greet(self) -> None:
        faults = self.site.faults
        if faults.bye_on == "greeting":
            self._send("-ERR No connections now")
            self._ended = True
        elif faults.greeting.startswith(("+OK", "-ERR")):
            self._send(faults.greeting)
        else:
            self._send(f"+OK tuimail demo ready {self._stamp}" if self._has("APOP") else "+OK tuimail demo ready")
        await self.wire.flush()

    async def _serve_one(self) -> None:
        line = (await self.wire.line()).decode("utf-8", "replace")
        # A password may hold spaces, which PASS takes as they are (RFC 1939 §7).
        name, _, rest = line.partition(" ")
        name = name.upper()
        self._log(name, rest)
        try:
            answer = await self._carry_out(name, rest)
        except Refused as refused:
            answer = f"-ERR {refused}"
        self._send(answer)
        if self._starts_tls:
            self.wire.send(self.site.faults.starttls_inject)
        await self.wire.flush()
        if self._starts_tls and self.site.tls is not None:
            self._starts_tls = False
            await self.wire.start_tls(self.site.tls)

    async def _carry_out(self, name: str, rest: str) -> str:
        """Carry out one command; the last line of its answer, the others are sent."""
        known = _COMMANDS.get(name)
        if known is None or not self._has(name):
            raise Refused(f"Unknown command {name[:20]!r}")
        states, run = known
        if (State.AUTHORIZATION if self._drop is None else State.TRANSACTION) not in states:
            raise Refused(f"{name} is not allowed now")
        faults = self.site.faults
        if faults.strikes(faults.bye_on, name):
            self._send("-ERR [SYS/TEMP] Closing for maintenance")
            await self.wire.flush()
            raise Cut("bye")
        if faults.cuts(name, "before") or faults.cuts(f"{name} {rest}", "before"):
            raise Cut("cut before the command")
        if (refusal := faults.refuse.get(name, "")).startswith("-ERR"):
            return refusal
        answer = await run(self, rest)
        if faults.cuts(name, "after"):
            raise Cut("cut after the command")
        return answer

    def _has(self, name: str) -> bool:
        return name not in self.site.faults.without

    @property
    def _mechanisms(self) -> list[str]:
        return [name for name in sasl.MECHANISMS if self._has(f"AUTH={name}")]

    def _send(self, line: str) -> None:
        self.wire.send(line.encode() + b"\r\n")

    def _send_text(self, text: bytes) -> None:
        """Queue a multi-line answer with its dots doubled and its last line (RFC 1939 §3)."""
        stuffed = text.replace(b"\r\n.", b"\r\n..")
        self.wire.send(b"." + stuffed if stuffed.startswith(b".") else stuffed)
        self.wire.send(b"" if text.endswith(b"\r\n") or not text else b"\r\n")

    def _log(self, name: str, rest: str) -> None:
        words = rest.split()
        shown = _SECRET.get(name, len(words))
        self.site.log.append(" ".join([str(self._number), name, *words[:shown], *(["***"] if len(words) > shown else [])]))

    @property
    def drop(self) -> Maildrop:
        """The maildrop of the user who signed in."""
        assert self._drop is not None
        return self._drop

    def _open(self, user: str) -> str:
        """The user has proved who it is: lock the maildrop, which one connection has at a time (RFC 1939 §4)."""
        user = self.site.user_of(user)
        if user in self.site.maildrops:
            raise Refused("[IN-USE] Another connection has the maildrop")
        mailbox = self.site.stores[user].get("INBOX")
        self.site.maildrops.add(user)
        self._drop = Maildrop(user, mailbox, list(mailbox.messages.values()))
        return f"+OK {len(mailbox.messages)} messages"

    async def capa(self, _rest: str) -> str:
        """RFC 2449 §5."""
        self._send("+OK Capabilities")
        encrypted = self.wire.encrypted
        names = ["TOP", "UIDL", "USER", "SASL", "STLS", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE"]
        more = {"SASL": "".join(f" {each}" for each in self._mechanisms), "EXPIRE": " NEVER"}
        for name in names:
            if self._has(name) and (name != "STLS" or (self.site.tls is not None and not encrypted and self._drop is None)):
                self._send(name + more.get(name, ""))
        return "."

    async def stls(self, _rest: str) -> str:
        """RFC 2595 §4."""
        if self.site.tls is None or self.wire.encrypted:
            raise Refused("There is no TLS to begin here")
        self._starts_tls = True
        return "+OK Begin TLS"

    async def user(self, rest: str) -> str:
        """Any name is taken, so that nobody learns which ones there are."""
        self._user = rest
        return "+OK And the password?"

    async def password(self, rest: str) -> str:
        """The secret of the user named before."""
        if not self._user:
            raise Refused("Say USER first")
        return self._checked(lambda: sasl.check(self._user, rest, self.site.passwords))

    async def apop(self, rest: str) -> str:
        """RFC 1939 §7: the MD5 of the greeting's stamp and the secret."""
        user, _, digest = rest.partition(" ")
        secret = self.site.passwords.get(user, "")
        right = hashlib.md5((self._stamp + secret).encode(), usedforsecurity=False).hexdigest()
        if not secret or not hmac.compare_digest(right.encode(), digest.lower().encode()):
            raise Refused("[AUTH] Wrong user name or password")
        return self._open(user)

    async def auth(self, rest: str) -> str:
        """RFC 5034."""
        name, _, initial = rest.partition(" ")
        if not name:
            self._send("+OK Mechanisms")
            for each in self._mechanisms:
                self._send(each)
            return "."
        if name.upper() not in self._mechanisms or not self._has("SASL"):
            raise Refused("Unknown mechanism")
        try:
            exchange = sasl.MECHANISMS[name.upper()](
                sasl.decode_base64(initial.encode()) if initial else None, self.site.passwords
            )
            challenge = next(exchange)
            while True:
                self.wire.send(b"+ " + base64.b64encode(challenge) + b"\r\n")
                await self.wire.flush()
                response = await self.wire.line()
                if response == b"*":
                    raise Refused("Cancelled")
                challenge = exchange.send(sasl.decode_base64(response))
        except StopIteration as end:
            return self._open(str(end.value))
        except sasl.SignInFailed:
            raise Refused("[AUTH] Wrong user name or password") from None

    def _checked(self, check: Callable[[], str]) -> str:
        try:
            return self._open(check())
        except sasl.SignInFailed:
            self._user = ""
            raise Refused("[AUTH] Wrong user name or password") from None

    async def stat(self, _rest: str) -> str:
        """Number and octets of what is not deleted."""
        left = self.drop.left()
        return f"+OK {len(left)} {sum(len(message.raw) for _, message in left)}"

    async def list_sizes(self, rest: str) -> str:
        """Sizes in octets."""
        return self._listing(rest, lambda message: str(len(message.raw)))

    async def uidl(self, rest: str) -> str:
        """Identities that stay the same over connections."""
        return self._listing(rest, self._identity)

    def _identity(self, message: Message) -> str:
        if self.site.faults.same_uidl:
            return "same"
        changing = f"-{self._number}" if self.site.faults.changing_uidl else ""
        return f"{self.drop.mailbox.uidvalidity:08x}{message.uid:08x}{changing}"

    def _listing(self, rest: str, show: Callable[[Message], str]) -> str:
        if rest:
            number, message = self.drop.get(rest)
            return f"+OK {number} {show(message)}"
        left = self.drop.left()
        self._send(f"+OK {len(left)} messages")
        for number, message in left:
            self._send(f"{number} {show(message)}")
        return "."

    async def retr(self, rest: str) -> str:
        """A whole message."""
        _, message = self.drop.get(rest)
        self._send(f"+OK {len(message.raw)} octets")
        self._send_text(message.raw)
        return "."

    async def top(self, rest: str) -> str:
        """The header and so many lines of the body."""
        words = rest.split()
        if len(words) != 2 or not words[1].isdigit():
            raise Refused("TOP needs a message and a number of lines")
        head, _, body = self.drop.get(words[0])[1].raw.partition(b"\r\n\r\n")
        self._send("+OK The top follows")
        lines = body.split(b"\r\n")[: int(words[1])]
        self._send_text(head + b"\r\n\r\n" + b"".join(line + b"\r\n" for line in lines))
        return "."

    async def dele(self, rest: str) -> str:
        """Mark as deleted; carried out by QUIT only."""
        number, _ = self.drop.get(rest)
        self.drop.deleted.add(number)
        return f"+OK Message {number} deleted"

    async def rset(self, _rest: str) -> str:
        """Unmark everything."""
        self.drop.deleted.clear()
        return "+OK Nothing is deleted"

    async def noop(self, _rest: str) -> str:
        """Nothing."""
        return "+OK"

    async def quit(self, _rest: str) -> str:
        """The UPDATE state: remove what was marked."""
        self._ended = True
        if self._drop is not None:
            drop = self._drop
            drop.mailbox.expunge([drop.messages[number - 1].uid for number in sorted(drop.deleted)])
        return "+OK Bye"


Run = Callable[[Pop3Session, str], Awaitable[str]]
_BEFORE, _AFTER = frozenset({State.AUTHORIZATION}), frozenset({State.TRANSACTION})
_COMMANDS: dict[str, tuple[frozenset[State], Run]] = {
    "CAPA": (_BEFORE | _AFTER, Pop3Session.capa),
    "STLS": (_BEFORE, Pop3Session.stls),
    "USER": (_BEFORE, Pop3Session.user),
    "PASS": (_BEFORE, Pop3Session.password),
    "APOP": (_BEFORE, Pop3Session.apop),
    "AUTH": (_BEFORE, Pop3Session.auth),
    "STAT": (_AFTER, Pop3Session.stat),
    "LIST": (_AFTER, Pop3Session.list_sizes),
    "UIDL": (_AFTER, Pop3Session.uidl),
    "RETR": (_AFTER, Pop3Session.retr),
    "TOP": (_AFTER, Pop3Session.top),
    "DELE": (_AFTER, Pop3Session.dele),
    "RSET": (_AFTER, Pop3Session.rset),
    "NOOP": (_AFTER, Pop3Session.noop),
    "QUIT": (_BEFORE | _AFTER, Pop3Session.quit),
}
"""Command → the states in which it is allowed, and what carries it out."""
