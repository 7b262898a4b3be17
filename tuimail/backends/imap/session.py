# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands of one signed-in connection share: capabilities, names, the selected mailbox."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tuimail.backends.capabilities import Capabilities
from tuimail.backends.imap import notify
from tuimail.backends.imap.connection import TuiProtocol
from tuimail.backends.imap.damaged import Damaged
from tuimail.backends.imap.dialogue import Dialogue
from tuimail.backends.imap.flights import Accept, Answer, Flight
from tuimail.backends.imap.mailbox import MAILBOX_KINDS, Mailbox
from tuimail.backends.imap.wire import listing
from tuimail.backends.imap.wire.arguments import Argument, Command, string
from tuimail.backends.imap.wire.names import encode_name
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.backends.imap.wire.splitter import Unit
from tuimail.backends.port import Opening, Selected
from tuimail.model.errors import ServerRefused
from tuimail.model.uidset import UidSet

_MOST_EARLY = 10_000


@dataclass(slots=True)
class Session:
    """What the commands of one signed-in connection share."""

    protocol: TuiProtocol
    dialogue: Dialogue
    capabilities: Capabilities = field(default_factory=Capabilities)
    not_believed: frozenset[str] = frozenset()
    """Capabilities that are passed over when the server offers them."""
    namespaces: listing.Namespaces | None = None
    """None until the first LIST, which asks for them."""
    mailbox: Mailbox | None = None
    raw_names: dict[str, bytes] = field(default_factory=dict)
    """Names as LIST gave them, by the name that is shown."""
    listed: frozenset[bytes] = frozenset()
    """All names that LIST gave."""
    judged: tuple[frozenset[Unit], frozenset[bytes]] = (frozenset(), frozenset())
    """The answer to the last plain LIST and what ``listed`` was then. Some servers always tell other names without RETURN."""
    early: list[Untagged] = field(default_factory=list)
    """What was told of a mailbox after the answer to SELECT, in the same octets, before that answer was read."""
    opened: tuple[Opening, Selected] | None = None
    """What was opened along with the sign-in, and not asked for yet."""
    arriving: tuple[UidSet, Flight] | None = None
    """Headers that were asked for along with the sign-in, and not taken yet."""
    damaged: Damaged = field(default_factory=Damaged)
    """Messages that end the connection when they are read."""
    loses_wide_names: bool = False
    """See `tuimail.backends.imap.quirks.LOSES_WIDE_NAMES`."""
    writes_late: bool = False
    """See `tuimail.backends.imap.brief`."""
    could_write: tuple[Mailbox, Selected] | None = None
    """There: the mailbox, open to read only, and what SELECT had told of it."""
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
        if taken and item.kind == "FETCH":  # nearly all of what a server says, and no news
            return
        if item.kind == "CAPABILITY":
            self.learn(item.unit[0].decode("ascii", "replace").upper().split())
        elif self.mailbox is not None:
            self.mailbox.observe(item, taken)
        elif not taken and item.kind in MAILBOX_KINDS and len(self.early) < _MOST_EARLY:
            self.early.append(item)
        notify.observe(self, item, taken)

    def learn_from_code(self, code: str, arguments: bytes) -> bool:
        """Take capabilities from a response code; False when it holds none."""
        if code != "CAPABILITY":
            return False
        self.learn(arguments.decode("ascii", "replace").upper().split())
        return True

    def learn(self, names: Iterable[str]) -> None:
        """These are the capabilities from now on."""
        self.capabilities = Capabilities(frozenset(names) - self.not_believed, self.capabilities.enabled)
        self.dialogue.capabilities = self.capabilities.names
        self.protocol.capabilities = set(self.capabilities.names)


def _closed() -> ServerRefused:
    return ServerRefused("The folder is not open on this connection any more.", "Try it again.", code="CLOSED")
