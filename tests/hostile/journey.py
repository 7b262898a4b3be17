# SPDX-License-Identifier: GPL-3.0-or-later
"""One message through everything that the program does with mail: list, reader, reply, forward, save, index."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import replace
from enum import StrEnum
from itertools import count
from pathlib import Path

from tests.hostile.on_screen import OnScreen, on_screen
from tests.hostile.unsafe import Unsafe, clean
from tests.ui.harness import account_of
from tuimail.accounts.secrets import SecretStore
from tuimail.cli import shapes
from tuimail.cli.view import body_lines, head_lines
from tuimail.demo.servers import DemoServers
from tuimail.engine.engine import Engine
from tuimail.engine.outgoing import build_message
from tuimail.engine.reader import OpenMessage
from tuimail.engine.rendering import View
from tuimail.engine.viewing import view_message
from tuimail.mime.choose import attachments
from tuimail.mime.headers import Headers
from tuimail.mime.parse import parse
from tuimail.model.account import Account, ServerAddress
from tuimail.model.draft import Draft
from tuimail.model.errors import InputWrong, MailMalformed
from tuimail.model.ids import FolderId, MessageId
from tuimail.model.message import MessageRow
from tuimail.servers import Servers
from tuimail.start import open_engine
from tuimail.store.bodies import Blobs
from tuimail.ui.theme import Themes
from tuimail.ui.widgets.body_layout import BodyLayout
from tuimail.ui.widgets.body_row import LinkStyles, body_segments
from tuimail.ui.widgets.list_row import RowState, row_segments
from tuimail.ui.widgets.message_head import head_lines as reader_head
from tuimail.ui.widgets.symbols import UNICODE

WIDTH = 80
_FILES = 20
"""Attachments that are saved, and with more of which nothing is passed on: each takes the disk's time, not ours."""
_ROWS = 3000
"""Rows of a body that are drawn: more than anybody pages through."""


class Way(StrEnum):
    """What a message goes through."""

    ENGINE = "engine"
    """Everything but the screen: all views, all kinds of drafts as they would be sent, files, the index."""
    SCREEN = "screen"
    """List, reader, header fields and attachments on a terminal."""
    COMPOSER = "composer"
    """With the screen: the composer as well."""


class Journey:
    """The program and the mail servers that it talks to."""

    def __init__(
        self,
        engine: Engine,
        servers: DemoServers,
        account: Account,
        place: Path,
        screen: OnScreen | None,
        ways: Collection[Way],
    ) -> None:
        self._engine = engine
        self._servers = servers
        self._account = account
        self._blobs = Blobs(place / "blobs")
        self._place = place
        self._screen = screen
        self._ways = ways
        self._numbers = count(1)
        self._before: set[MessageId] = set()
        self._look = Themes().load("tuimail-dark").look

    async def take(self, raw: bytes) -> None:
        """Take a message through. Raises whatever goes wrong."""
        row = await self._arrived(self._servers.deliver(raw))
        if Way.ENGINE in self._ways:
            await self._by_the_engine(row, raw)
        if self._screen is not None:
            await self._screen.take(row, None if Way.COMPOSER not in self._ways else _FILES)

    async def _by_the_engine(self, row: MessageRow, raw: bytes) -> None:
        self._without_an_account(raw)
        clean("list", (segment.text for segment in row_segments(row, RowState(), 120, self._look, UNICODE)))
        for view in View:
            opened = await self._engine.reader.open(row.id, width=WIDTH, view=view, all_headers=view is View.FULL)
            self._drawn(opened, view)
        await self._written(row)
        await self._saved(row, raw)
        await self._engine.indexer.done()

    def _without_an_account(self, raw: bytes) -> None:
        """What `tuimail view` prints."""
        for view in View:
            with contextlib.suppress(MailMalformed):
                viewed = view_message(raw, width=WIDTH, view=view)
                lines = body_lines(viewed.body, WIDTH)
                clean(f"view {view}", [*head_lines(viewed), *lines, viewed.snippet])
                clean(f"view {view} JSON", _strings(shapes.content(viewed.headers, lines, viewed)))

    async def _arrived(self, uid: int) -> MessageRow:
        """Wait for the row of a message that was delivered."""
        pages = self._engine.pages
        while True:
            for folder in pages.folders():
                if folder.name == "INBOX" and (row := self._row(folder.id, uid)) is not None:
                    return row
            await asyncio.sleep(0.002)

    def _row(self, folder: FolderId, uid: int) -> MessageRow | None:
        """Wherever it stands: its date may be any."""
        listed = self._engine.pages.messages(folder, "date")
        for key in {listed.key_at(at) for at in range(len(listed))} - self._before:
            row = self._engine.pages.row(key)
            if row is not None and row.uid == uid:
                self._before.add(key)
                return row
        return None

    def _drawn(self, opened: OpenMessage, view: View) -> None:
        """What stands in the reader."""
        head = reader_head(opened.row.envelope, opened.row.date, opened.attachments, opened.body, opened.headers)
        clean(f"reader {view} links", (part for link in opened.body.links for part in (link.text, link.target, link.warning)))
        lines = (*head, *opened.body.lines)
        layout = BodyLayout(lines, WIDTH)
        layout.settle(0, _ROWS)
        links = LinkStyles(opened.body.links)
        for number in range(min(layout.row_count, _ROWS)):
            if (found := layout.row(number)) is not None:
                clean(f"reader {view}", (part.text for part in body_segments(*found, self._look, UNICODE, links)))
        clean(f"reader {view}, far down", (line.text for line in lines[_ROWS:]))

    async def _written(self, row: MessageRow) -> None:
        """Answers and what is passed on, as they stand in the composer and as they go out."""
        composer = self._engine.composer
        drafts = [await composer.reply(row.id), await composer.reply(row.id, everyone=True)]
        if len(attachments(await self._engine.reader.structure(row.id))) <= _FILES:
            drafts.append(await composer.forward(row.id))
            with contextlib.suppress(InputWrong):  # too long
                drafts.append(await composer.edit_stored(row.id))
        drafts.append(await composer.forward(row.id, as_attachment=True))
        with contextlib.suppress(InputWrong):  # it came by no mailing list
            drafts.append(await composer.reply_to_list(row.id))
        for draft in drafts:
            clean("composer", (draft.to, draft.cc, draft.bcc, draft.from_, draft.subject, draft.in_reply_to, *draft.references))
            clean("composer's files", (file.filename for file in draft.attachments))
            clean("composer's text", (draft.body,), text=True)
            clean("composer's problems", composer.problems(draft).values())
            self._built(draft)
            composer.discard(draft.id)

    def _built(self, draft: Draft) -> None:
        """What would be sent has the fields of a letter and no other."""
        try:
            _, raw = build_message(replace(draft, stored=None), self._account.identity, self._blobs)
        except InputWrong:  # addresses that no server takes
            return
        names = {name.lower() for name, _ in Headers.parse(raw)}
        if names - _SENT_FIELDS:
            raise Unsafe(f"sent: fields {sorted(names - _SENT_FIELDS)}")
        parse(raw)

    async def _saved(self, row: MessageRow, raw: bytes) -> None:
        """Attachments, and the message itself, as files."""
        folder = self._place / "saved" / str(next(self._numbers))
        for part in (await self._engine.reader.open(row.id, width=WIDTH)).attachments[:_FILES]:
            self._is_harmless(folder, await self._engine.attachments.save(row.id, part, folder))
        whole = await self._engine.attachments.save_message(row.id, folder, row.envelope.subject)
        self._is_harmless(folder, whole, raw)

    @staticmethod
    def _is_harmless(folder: Path, file: Path, expected: bytes | None = None) -> None:
        name = file.name
        clean("file name", [name])
        if file.parent != folder or name[:1] in ".-~" or not file.is_file():
            raise Unsafe(f"saved as {name!r}")
        if expected is not None and file.read_bytes() != expected:
            raise Unsafe("saved: not the octets that arrived")
        file.unlink()


_SENT_FIELDS = frozenset(
    {"date", "from", "reply-to", "to", "cc", "subject", "message-id", "in-reply-to", "references", "mime-version"}
    | {"content-type", "content-transfer-encoding", "content-disposition"}
)


def _strings(value: object) -> Iterator[str]:
    """All strings in a JSON value."""
    stack = [value]
    while stack:
        match stack.pop():
            case str(text):
                yield text
            case dict(mapping):
                stack.extend(mapping.values())
            case list(items):
                stack.extend(items)


@contextlib.asynccontextmanager
async def journey(ways: Collection[Way] = tuple(Way)) -> AsyncIterator[Journey]:
    """Start program and servers; all that they keep goes with them."""
    with tempfile.TemporaryDirectory(prefix="tuimail-hostile-") as name, DemoServers(0) as servers:
        place = Path(name)
        account = account_of(servers.addresses)

        async def password(_: Account, __: ServerAddress) -> str:
            return servers.addresses.password

        engine = open_engine(place, (account,), Servers(SecretStore(password)))
        try:
            async with contextlib.AsyncExitStack() as stack:
                screen = await stack.enter_async_context(on_screen(engine)) if Way.SCREEN in ways else None
                if screen is None:
                    engine.start()
                yield Journey(engine, servers, account, place, screen, ways)
        finally:
            await engine.stop()
            engine.close()
