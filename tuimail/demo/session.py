# SPDX-License-Identifier: GPL-3.0-or-later
"""One IMAP connection: reads commands, carries them out one after the other, tells of changes at the permitted moments."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable

from tuimail.demo.fetch_items import flag_list
from tuimail.demo.grammar import Arguments, Bad, No
from tuimail.demo.imap_commands import COMMANDS, notify
from tuimail.demo.imap_commands.command import State
from tuimail.demo.mail_store import MailStore
from tuimail.demo.names import encode_name
from tuimail.demo.site import Site
from tuimail.demo.view import View
from tuimail.demo.watch import Events, Group, Watch
from tuimail.demo.wire import Cut, Wire
from tuimail.model.flags import Flags

_LITERAL = re.compile(rb"~?\{(\d{1,10})(\+?)\}\Z")
_TAG = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\+]+(?= )")
_LITERAL_LIMIT = 64 << 20
_SECRET = re.compile(r"(?i)^(LOGIN \S+|AUTHENTICATE \S+) .*", re.DOTALL)


class Session:
    """The state of one connection, and what the commands need to answer."""

    def __init__(self, site: Site, wire: Wire) -> None:
        site.connections += 1
        self.number = site.connections
        self.site, self.wire = site, wire
        self.state = State.CONNECTED
        self.enabled: set[str] = set()
        self.wake = asyncio.Event()
        self.view_or_none: View | None = None
        self.watch: Watch | None = None
        """Once NOTIFY was said."""
        self.tag = b""
        """Of the command that is being carried out."""
        self.after_answer: Callable[[], Awaitable[None] | None] | None = None
        """Done once, when the present command's answer is out: STARTTLS and COMPRESS."""
        self._store: MailStore | None = None

    @property
    def store(self) -> MailStore:
        """The mailboxes of the user who signed in."""
        assert self._store is not None
        return self._store

    @property
    def view(self) -> View:
        """The selected mailbox."""
        assert self.view_or_none is not None
        return self.view_or_none

    @property
    def utf8(self) -> bool:
        """Whether UTF8=ACCEPT was enabled."""
        return "UTF8=ACCEPT" in self.enabled

    @property
    def modseqs(self) -> bool:
        """Whether mod-sequences are kept at all."""
        return self.site.has("CONDSTORE") and not self.site.faults.nomodseq

    def name(self, mailbox: str) -> bytes:
        """A mailbox name as it goes on the wire."""
        return encode_name(mailbox, self.utf8)

    def capabilities(self) -> str:
        """The announced capabilities in one line."""
        signed_in = self.state >= State.SIGNED_IN
        wire = self.wire
        return " ".join(self.site.capabilities(signed_in=signed_in, encrypted=wire.encrypted, compressed=wire.compressed))

    def kept_flags(self, flags: Flags) -> Flags:
        """The flags that can be kept."""
        if not self.site.faults.no_keywords:
            return flags
        return frozenset(flag for flag in flags if flag.startswith("\\"))

    def modseq_code(self, text: str) -> str:
        """The text of an OK, with HIGHESTMODSEQ for those who enabled QRESYNC (RFC 7162 §3.2.8)."""
        return f"[HIGHESTMODSEQ {self.view.mailbox.modseq}] {text}" if self.modseqs and "QRESYNC" in self.enabled else text

    def untagged(self, data: bytes) -> None:
        """Queue one untagged answer."""
        self.wire.send(b"* %b\r\n" % data)

    def sign_in(self, user: str) -> str:
        """The user has proved who it is; the text of the OK."""
        self._store = self.site.stores[self.site.user_of(user)]
        self.state = State.SIGNED_IN
        return f"[CAPABILITY {self.capabilities()}] Welcome"

    def select(self, view: View | None) -> None:
        """Make this the selected mailbox."""
        if self.view_or_none is not None:
            self.view_or_none.close()
        self.view_or_none = view
        self.state = State.SIGNED_IN if view is None else State.SELECTED

    def watch_by(self, groups: list[Group], selected: Events, *, delayed: bool = False) -> Watch:
        """Tell from now on what NOTIFY asked for."""
        if self.watch is not None:
            self.watch.close()
        self.watch = Watch(self.store, groups, selected, self.wake.set, delayed=delayed)
        return self.watch

    async def ask(self, challenge: bytes = b"") -> bytes:
        """Send a continuation request; the client's next line."""
        self.wire.send(b"+ %b\r\n" % challenge)
        await self.wire.flush()
        return await self.wire.line()

    def tell_updates(self, *, expunges: bool = True) -> None:
        """Queue what other connections changed in the selected mailbox."""
        view = self.view_or_none
        if view is None or view.stale:
            return
        self.wake.clear()
        vanished, numbers, added, changed = view.updates(expunges=expunges)
        if vanished and "QRESYNC" in self.enabled:
            self.untagged(b"VANISHED " + str(vanished).encode())
        elif vanished:
            for number in numbers:
                self.untagged(b"%d EXPUNGE" % number)
        if added:
            self.untagged(b"%d EXISTS" % len(view.uids))
            self.untagged(b"0 RECENT")
        for message in changed:
            more = b" MODSEQ (%d)" % message.modseq if self.modseqs and self.enabled & {"CONDSTORE", "QRESYNC"} else b""
            uid = b"UID %d " % message.uid if "QRESYNC" in self.enabled else b""
            self.untagged(b"%d FETCH (%bFLAGS %b%b)" % (view.number(message.uid), uid, flag_list(message.flags), more))

    async def line_telling(self, *, expunges: bool) -> bytes:
        """The client's next line; until it comes, changes are told at once."""
        line = asyncio.ensure_future(self.wire.line())
        try:
            while not line.done():
                self.wake.clear()
                await self.leave_if_stale()
                if self.watch is not None:
                    notify.tell(self, self.watch)
                if self.watch is None or self.watch.selected:
                    self.tell_updates(expunges=expunges)
                await self.wire.flush()
                await self._line_or_change(line)
        finally:
            if not line.done():
                line.cancel()
        return line.result()

    async def _line_or_change(self, line: "asyncio.Future[bytes]") -> None:
        if self.site.faults.silent_idle:
            await asyncio.wait([line])
            return
        change = asyncio.ensure_future(self._change())
        try:
            await asyncio.wait([line, change], return_when=asyncio.FIRST_COMPLETED)
        finally:
            change.cancel()

    async def _change(self) -> bytes:
        await self.wake.wait()
        return b""

    async def leave_if_stale(self) -> None:
        """Say goodbye when the UIDVALIDITY of the selected mailbox changed under it, as servers do that restored a backup."""
        if self.view_or_none is not None and self.view_or_none.stale:
            self.untagged(b"BYE The mailbox was rebuilt")
            await self.wire.flush()
            raise Cut("stale")

    async def run(self) -> None:
        """Serve until the connection ends; whatever a client does, it does not raise."""
        try:
            if await self._greet():
                while self.state is not State.LOGGED_OUT:
                    await self._serve_one()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            self.state = State.LOGGED_OUT
        finally:
            self.select(None)
            if self.watch is not None:
                self.watch.close()
            await self.wire.close()

    async def _greet(self) -> bool:
        faults = self.site.faults
        if faults.bye_on == "greeting":
            self.untagged(b"BYE No connections now")
        else:
            usual = f"* OK [CAPABILITY {self.capabilities()}] tuimail demo ready"
            self.wire.send((faults.greeting or usual).encode() + b"\r\n")
        await self.wire.flush()
        return faults.bye_on != "greeting"

    async def _serve_one(self) -> None:
        data = await (self.wire.line() if self.watch is None else self.line_telling(expunges=not self.watch.delayed))
        tag_match = _TAG.match(data)
        if not tag_match:
            self.wire.send(b"* BAD No tag\r\n")
            await self.wire.flush()
            return
        self.tag = tag = tag_match[0]
        try:
            data = await self._with_literals(data, tag)
            answer = await self._carry_out(Arguments(data[len(tag) + 1 :]))
        except Bad as bad:
            answer = f"BAD {bad}"
        except No as no:
            answer = f"NO {no}"
        self.wire.send(tag + b" " + answer.encode() + b"\r\n")
        follow_up, self.after_answer = self.after_answer, None
        if follow_up is not None:
            self.wire.send(self.site.faults.starttls_inject)
        await self.wire.flush()
        if follow_up is not None:
            done = follow_up()
            if done is not None:
                await done

    async def _with_literals(self, data: bytes, tag: bytes) -> bytes:
        whole = bytearray(data)
        while literal := _LITERAL.search(data):
            size, at_once = int(literal[1]), bool(literal[2])
            if size > _LITERAL_LIMIT:
                raise Cut("literal too large") if at_once else No("[TOOBIG] The literal is too large")
            if not at_once:
                self._refuse_early(whole[len(tag) + 1 :])
                self.wire.send(b"+ Go on\r\n")
                await self.wire.flush()
            whole += b"\r\n" + await self.wire.octets(size)
            data = await self.wire.line()
            whole += data
            if at_once and not self.site.has("LITERAL+"):
                raise Bad("Non-synchronising literals are not understood")
        return bytes(whole)

    def _refuse_early(self, command: bytearray) -> None:
        """Refuse before the literal is sent what would be refused after it."""
        refusal = self.site.faults.refusal(command.split(b" ", 1)[0].decode("ascii", "replace").upper())
        if refusal and refusal.startswith("NO "):
            raise No(refusal.removeprefix("NO "))

    async def _carry_out(self, arguments: Arguments) -> str:
        """Carry out one command; the tagged answer without its tag."""
        await self.leave_if_stale()
        self._log(arguments.data)
        name = arguments.word()
        if name == "UID":
            arguments.space()
            name = f"UID {arguments.word()}"
        command = COMMANDS.get(name)
        if command is None or not all(self.site.has(capability) for capability in command.needs):
            raise Bad(f"Unknown command {name}")
        if not command.lowest <= self.state <= command.highest:
            raise Bad(f"{name} is not allowed in this state")
        faults = self.site.faults
        if faults.strikes(faults.bye_on, name):
            self.untagged(b"BYE [UNAVAILABLE] Closing for maintenance")
            await self.wire.flush()
            raise Cut("bye")
        if faults.cuts(name, "before"):
            raise Cut("cut before the command")
        if refusal := faults.refusal(name):
            return refusal
        text = await command.run(self, arguments)
        if faults.cuts(name, "after"):
            raise Cut("cut after the command")
        if self.state is State.SELECTED and command.updates:
            self.tell_updates(expunges=command.expunges)
        if self.watch is not None:
            notify.tell(self, self.watch)
        self.wire.send(faults.preamble.get(name, b""))
        return f"OK {text}"

    def _log(self, command: bytes) -> None:
        text = re.sub(rb"\{(\d+)\+?\}\r\n(?s:.*)", rb"{\1}", command).decode("utf-8", "replace")
        text = _SECRET.sub(r"\1 ***", text)
        self.site.log.append(f"{self.number} {text}")
