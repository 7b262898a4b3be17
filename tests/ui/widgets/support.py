# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows, sources and small apps that the widget tests share."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from textual.app import App
from textual.strip import Strip

from tuimail.model.address import Address
from tuimail.model.flags import SEEN
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.message import Envelope, MessageRow
from tuimail.ui.theme import Themes

NOW = 1_741_600_000
PROBES = (
    "[red]x[/]",
    "[@click=app.quit]x[/]",
    "[00] foo",
    "oops [/] y",
    "[link=file:///etc/passwd]x[/link]",
    '[type=x, v={"a[0]"}]',
    "[/some/path] z",
    "[SPAM] offer",
    "\\[escaped]",
    "$primary [b]$x",
)


def row(number: int, **changes: Any) -> MessageRow:
    made = MessageRow(
        id=MessageId(number),
        account=AccountId(1),
        folder=FolderId(1),
        uid=number,
        thread=number,
        envelope=Envelope(subject=f"Subject {number}", from_=(Address(f"Sender {number}", f"s{number}@example.org"),)),
        date=NOW - 60,
        size=1000,
        flags=frozenset({SEEN}),
        has_attachment=False,
        snippet="",
        waiting=False,
    )
    return replace(made, **changes)


class ListSource:
    """A `RowSource` over a list that tests change under the widget."""

    def __init__(self, keys: Iterable[int]) -> None:
        self.listed = list(keys)
        self.generation = 0
        self.rows: dict[int, MessageRow | None] = {}
        self.windows: list[tuple[int, int]] = []

    def change(self, keys: Iterable[int]) -> None:
        self.listed = list(keys)
        self.generation += 1

    def __len__(self) -> int:
        return len(self.listed)

    def key_at(self, index: int) -> MessageId:
        return MessageId(self.listed[index])

    def all_keys(self) -> list[int]:
        return self.listed

    def index_of(self, key: MessageId) -> int | None:
        return self.listed.index(key) if key in self.listed else None

    def window(self, start: int, stop: int) -> list[MessageRow | None]:
        self.windows.append((start, stop))
        return [self.rows.get(key, row(key)) for key in self.listed[start:stop]]


class PartialSource(ListSource):
    """A `ListSource` of which the first rows are there, and all once it is `readable`."""

    def __init__(self, keys: Iterable[int]) -> None:
        super().__init__(keys)
        self.everything, self.listed = self.listed, self.listed[:50]
        self.is_complete, self.is_stale = False, True
        self.readable = asyncio.Event()

    async def refresh_in_thread(self) -> None:
        self.is_stale = False
        await self.readable.wait()
        self.is_complete = True
        self.change(self.everything)


class ThemedApp(App[None]):
    """An app in the default theme."""

    CSS = "Screen { layout: vertical; }"

    def on_mount(self) -> None:
        Themes().apply(self, "tuimail-dark")


def screen_lines(app: App[Any]) -> list[str]:
    strips: list[Strip] = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def screen_text(app: App[Any]) -> str:
    return "\n".join(screen_lines(app))
