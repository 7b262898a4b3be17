# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening messages: only the parts that are shown are fetched, decoded and rendered."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from tuimail.backends.port import ProgressSink
from tuimail.engine.accounts import Accounts, Loop
from tuimail.engine.rendering import (
    Joining,
    LaidOut,
    Opened,
    View,
    editable_part,
    in_words,
    joined,
    kind_in,
    octets_to_show,
    opened_part,
    rendered_part,
    rendered_source,
    words_elsewhere,
)
from tuimail.model.deception import header_doubts
from tuimail.model.errors import InputWrong, Offline
from tuimail.model.ids import AccountId, MessageId
from tuimail.model.message import MessageRow
from tuimail.model.part import Part
from tuimail.model.rendered import MAX_TEXT, Rendered
from tuimail.model.text import safe_line
from tuimail.store.store import Store

if TYPE_CHECKING:
    from tuimail.mime.parse import ParsedMessage

_SHORT_WORK = 4_000
"""Octets of plain text up to which decoding and rendering take less than the event loop can spare."""
_PREPARED = 8
"""Messages that are kept as rendered before they were asked for."""
_LONG_TEXT = 1_000_000
"""Octets of texts that are not kept as rendered: a log of many megabytes takes ten times its size."""
_AUTHOR = re.compile(rb"(?mi)^From[ \t]*:")
_WHOLE = "whole message"
"""Cache key of a message that has to be fetched whole because the server gave no usable structure."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """A message, ready to be drawn."""

    row: MessageRow
    view: View
    root: Part
    attachments: tuple[Part, ...]
    body: Rendered
    headers: tuple[tuple[str, str], ...] = ()
    """All header fields, when they were asked for."""
    notes: tuple[str, ...] = ()
    """What the reader should beware of in the header, as far as that is here, and why there is no text."""


class Reader:
    """Reads messages from the cache, else from the server."""

    def __init__(self, store: Store, accounts: Accounts, parse_structure: Callable[[bytes], Part | None]) -> None:
        self._store = store
        self._accounts = accounts
        self._parse_structure = parse_structure
        self._prepared: OrderedDict[tuple[MessageId, int], tuple[Part, Rendered]] = OrderedDict()
        """Message and width → structure and body."""
        self._apart: tuple[MessageId, ParsedMessage] | None = None
        """The latest message that was taken apart here: each of its parts is asked for on its own."""
        self._laid_out = LaidOut()

    def at_hand(self, message: MessageId, *, width: int) -> OpenMessage | None:
        """The message as the reader shows it, where nothing has to be waited for: its text is here, and short or prepared."""
        row = self._store.messages.row(message)
        if row is None:
            return None
        found = self._prepared.get((message, width)) or self._rendered_quickly(message, width)
        return self._opened(row, View.READER, *found) if found is not None else None

    async def prepare(self, messages: Sequence[MessageId], *, width: int) -> None:
        """Render those of these messages whose texts are here, so that they are at hand."""
        for message in messages:
            here = self._texts_here(message) if (message, width) not in self._prepared else None
            if here is not None and sum(len(content) for _, content in here[1]) <= _LONG_TEXT:
                rendered = await asyncio.to_thread(_render_all, *here, width)
                if rendered is not None:
                    self._prepared[message, width] = rendered
        while len(self._prepared) > _PREPARED:
            self._prepared.popitem(last=False)

    def note_shown(self, shown: OpenMessage) -> None:
        """The message is on the screen: its parts stay in the cache, and the list tells how it begins."""
        if self._apart is not None and self._apart[0] != shown.row.id:
            self._apart = None
        self._laid_out.forget_others(shown.row.id)
        self._store.bodies.touch(shown.row.id)
        self._note_snippet(shown.row, shown.body)

    def _texts_here(self, message: MessageId) -> tuple[Part, list[tuple[Part, bytes]]] | None:
        """The structure, and the parts that the reader shows; None where one of them is not here."""
        root = self._told(message)
        if root is None:
            return None
        from tuimail.mime.choose import body_parts

        found = [(part, self._store.bodies.get(message, part.section)) for part in body_parts(root)]
        here = [(part, content) for part, content in found if content is not None]
        return (root, here) if len(here) == len(found) else None

    def _rendered_quickly(self, message: MessageId, width: int) -> tuple[Part, Rendered] | None:
        here = self._texts_here(message)
        if here is None or sum(_cost(part.content_type, content) for part, content in here[1]) >= _SHORT_WORK:
            return None
        return _render_all(*here, width)

    def _opened(
        self, row: MessageRow, view: View, root: Part, body: Rendered, headers: tuple[tuple[str, str], ...] = ()
    ) -> OpenMessage:
        from tuimail.mime.choose import attachments, hidden_text

        notes = (*self._doubts(row.id), *hidden_text(root))
        return OpenMessage(row, view, root, attachments(root), body, headers, notes)

    def _doubts(self, message: MessageId) -> tuple[str, ...]:
        """Most headers are not read for that: what can be told is rare, and seen at a glance."""
        if self._apart is not None and self._apart[0] == message:
            return header_doubts(self._apart[1].headers)
        raw = self._store.bodies.get(message, "HEADER") or b""
        return header_doubts(_read_headers(raw)) if len(_AUTHOR.findall(raw)) > 1 else ()

    async def open(self, message: MessageId, *, width: int, view: View = View.READER, all_headers: bool = False) -> OpenMessage:
        """The message as it is to be shown.

        Raises Offline when it is not here and cannot be fetched, InputWrong when it is gone.
        """
        row = self._row(message)
        root = await self.structure(message)
        body = await self._source(message) if view is View.SOURCE else await self._body(message, root, view, width)
        headers = await self._headers(message) if all_headers else ()
        opened = self._opened(row, view, root, body, headers)
        self.note_shown(opened)
        return opened

    async def structure(self, message: MessageId) -> Part:
        """The tree of parts."""
        return self._told(message) or (await self._parsed(message)).root

    def _told(self, message: MessageId) -> Part | None:
        """The tree of parts as the server told it; None where it told none, or nonsense."""
        raw = self._store.messages.bodystructure(message)
        root = self._parse_structure(raw) if raw else None
        if raw and root is None:
            self._store.bodies.forget_structure(message)
        return root

    async def text(self, message: MessageId) -> tuple[str, bool]:
        """The message's text, as a reply would quote it, and whether that is all of it."""
        body = (await self.open(message, width=72, view=View.PLAIN)).body
        return "\n".join("> " * line.quote + line.text for line in body.lines), not body.cut

    async def written(self, message: MessageId) -> tuple[str, bool]:
        """The text of a draft, to go on writing, and whether that is all of it."""
        from tuimail.mime.choose import body_in

        parts = body_in(await self.structure(message), "text/plain")
        if [part.content_type for part in parts] != ["text/plain"]:
            return await self.text(message)
        opened = await self._to_show(message, parts[0])
        return await _aside(len(opened.content), editable_part, opened, parts[0])

    async def content(self, message: MessageId, part: Part, progress: ProgressSink | None = None) -> bytes:
        """One part, decoded. Text parts are kept in the cache."""
        cached = self._store.bodies.get(message, part.section)
        if cached is not None:
            return cached
        await self._loop(message).arrival(message)
        if (arrived := self._store.bodies.get(message, part.section)) is not None:
            return arrived
        from tuimail.mime.transfer import decode_transfer

        if self._store.messages.bodystructure(message):
            encoded = await self._loop(message).fetch_section(message, part.section, progress)
            content = await _aside(len(encoded), decode_transfer, encoded, part.encoding)
        else:
            content = (await self._parsed(message)).content(part.section)
        if part.content_type.startswith("text/"):
            self._store.bodies.put(message, part.section, content, part.content_type, part.charset)
        return content

    async def _to_show(self, message: MessageId, part: Part) -> Opened:
        """One part, decoded; of a very long one only what is shown is fetched."""
        most = octets_to_show(part)
        if part.size <= most or not self._store.messages.bodystructure(message):
            return opened_part(await self.content(message, part), replace(part, encoding="binary"))
        beginning = f"{part.section}<0>"
        if (cached := self._store.bodies.get(message, part.section)) is not None:
            return Opened(cached)
        if (cached := self._store.bodies.get(message, beginning)) is not None:
            return Opened(cached, cut=True)
        encoded = await self._loop(message).fetch_section(message, part.section, length=most)
        opened = await _aside(len(encoded), partial(opened_part, cut=True), encoded, part)
        self._store.bodies.put(message, beginning, opened.content, part.content_type, part.charset)
        return opened

    async def raw(self, message: MessageId, progress: ProgressSink | None = None) -> bytes:
        """The whole message as it stands on the server, byte for byte."""
        cached = self._store.bodies.get(message, _WHOLE)
        return cached if cached is not None else await self._loop(message).fetch_section(message, "", progress)

    def prefetch(self, messages: Sequence[MessageId]) -> None:
        """These will probably be read next, the likeliest first: fetch their texts ahead, where the settings allow it."""
        by_account: dict[AccountId, list[MessageId]] = {}
        for row in self._store.messages.rows(messages, short=True):
            if row is not None:
                by_account.setdefault(row.account, []).append(row.id)
        for account, its in by_account.items():
            self._accounts.get(account).loop.fetch_ahead(its)

    async def _body(self, message: MessageId, root: Part, view: View, width: int) -> Rendered:
        """The text. What takes long to lay out is not laid out again for each view of a message."""
        from tuimail.mime.choose import body_in, body_parts

        parts = (body_in(root, "text/plain") if view is View.PLAIN else ()) or body_parts(root)
        shown = tuple((part, kind_in(view, part)) for part in parts)
        key = message, width, tuple((part.section, kind) for part, kind in shown)
        if (known := self._laid_out.get(key)) is not None:
            return known
        joining, octets = Joining(), 0
        for part, kind in shown:
            if joining.is_full:
                joining.leave_out()
                break
            opened = await self._to_show(message, part)
            octets += len(opened.content)
            joining.add(await _aside(_cost(kind, opened.content), rendered_part, opened, part, kind, width))
        if parts == body_parts(root) and self._store.bodies.lacking([message]):
            self._store.bodies.complete(message, len(parts))
        whole = joining.whole()
        if view is View.READER and (plain := words_elsewhere(root, parts, whole)) is not None:
            try:
                opened, kind = await self._to_show(message, plain), plain.content_type
            except Offline:
                return whole
            whole = in_words(await _aside(_cost(kind, opened.content), rendered_part, opened, plain, kind, width), whole)
        return self._laid_out.keep(key, whole, octets)

    async def _source(self, message: MessageId) -> Rendered:
        raw = self._store.bodies.get(message, _WHOLE)
        if raw is None:
            raw = await self._loop(message).fetch_section(message, "", length=MAX_TEXT + 1)
        return await _aside(len(raw), rendered_source, raw)

    async def _headers(self, message: MessageId) -> tuple[tuple[str, str], ...]:
        raw = self._store.bodies.get(message, "HEADER")
        if raw is None:
            from tuimail.mime.headers import MAX_BLOCK

            raw = await self._loop(message).fetch_section(message, "HEADER", length=MAX_BLOCK)
            self._store.bodies.put(message, "HEADER", raw)
        return await _aside(len(raw), _read_headers, raw)

    async def _parsed(self, message: MessageId) -> "ParsedMessage":
        """The message taken apart here, where the server gave no usable structure."""
        if self._apart is not None and self._apart[0] == message:
            return self._apart[1]
        from tuimail.mime.parse import parse

        raw = await self.raw(message)
        self._store.bodies.put(message, _WHOLE, raw, "message/rfc822")
        parsed = await _aside(len(raw), parse, raw)
        self._apart = message, parsed
        return parsed

    def _note_snippet(self, row: MessageRow, body: Rendered) -> None:
        if not row.snippet and body.snippet:
            self._store.messages.set_snippet(row.id, body.snippet)

    def _row(self, message: MessageId) -> MessageRow:
        row = self._store.messages.row(message)
        if row is None:
            raise InputWrong("That message is gone.")
        return row

    def _loop(self, message: MessageId) -> Loop:
        return self._accounts.get(self._row(message).account).loop


def _cost(kind: str, content: bytes) -> int:
    """What rendering takes, in octets of plain text; whatever is richer may take long."""
    return len(content) if kind == "text/plain" else _SHORT_WORK


def _render_all(root: Part, parts: Sequence[tuple[Part, bytes]], width: int) -> tuple[Part, Rendered] | None:
    """The structure and the body; None where other parts have to be looked at."""
    body = joined(rendered_part(Opened(content), part, part.content_type, width) for part, content in parts)
    return None if words_elsewhere(root, [part for part, _ in parts], body) else (root, body)


def _read_headers(raw: bytes) -> tuple[tuple[str, str], ...]:
    from tuimail.mime.headers import Headers

    return tuple((safe_line(name), safe_line(value)) for name, value in Headers.parse(raw))


async def _aside(cost: int, work: Callable[..., T], *arguments: object) -> T:
    """Do it here where it costs less than `_SHORT_WORK`, else in a thread: the keys must not feel it."""
    return work(*arguments) if cost < _SHORT_WORK else await asyncio.to_thread(work, *arguments)
