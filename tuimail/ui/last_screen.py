# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps a picture of the screen that the next start will show first: the mailbox, with nothing opened, marked or filtered.

It is drawn while the mailbox looks like that and nothing changes, and on leaving, for which the mailbox is put in order
behind a driver that writes nothing.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tuimail.ui.commands import Place
from tuimail.ui.takeover import TakeoverDriver

if TYPE_CHECKING:
    from tuimail.frame import Picture
    from tuimail.ui.app import TuimailApp

log = logging.getLogger(__name__)
_ROWS = 12
"""So many rows the cursor of the picture goes down."""
_ARROWS = {"down": (b"\x1b[B", b"\x1bOB"), "up": (b"\x1b[A", b"\x1bOA")}
_PATIENCE = 2.0
"""Seconds that leaving may take longer for the sake of the picture."""


class Keeper(Protocol):
    """Where the picture is kept, as `tuimail.frame.Frame`."""

    def keep(self, picture: "Picture", size: tuple[int, int]) -> None:
        """Keep it. Raises OSError."""
        ...

    def forget(self) -> None:
        """Remove it."""
        ...


class LastScreen:
    """Draws the picture. Without a keeper it does nothing."""

    def __init__(self, app: "TuimailApp", keeper: Keeper | None) -> None:
        self._app = app
        self._keeper = keeper
        self._order = (app.mailbox.sort, app.mailbox.threads)
        self._kept: Picture | None = None

    def forbid(self) -> None:
        """A password is asked for, and will be at the next start: what it protects is not shown before."""
        if self._keeper is not None:
            self._keeper.forget()
            self._keeper = None

    async def keep_on_leaving(self) -> None:
        """Put the mailbox in order, unseen, and keep its picture."""
        app, driver = self._app, self._app._driver
        if self._keeper is None or app.screen is not app.mailbox:
            return
        if not self._is_plain and isinstance(driver, TakeoverDriver):
            driver.mute = True
            self._begin_again()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    while not self._is_plain:
                        drawn = asyncio.Event()
                        app.mailbox.call_after_refresh(drawn.set)
                        await drawn.wait()
        self.draw()

    @property
    def _is_plain(self) -> bool:
        """Whether the screen looks as the program shows it first."""
        app, mailbox = self._app, self._app.mailbox
        folder, rows = app.first_folder(), mailbox.list
        listed = folder is not None and mailbox.folder == folder and (mailbox.sort, mailbox.threads) == self._order
        covered = mailbox.opened or rows.marks or mailbox.listing.filtered or mailbox.line.display or mailbox.toasts.children
        at_top = rows.cursor_index == 0 and rows.top == 0 and mailbox.focused is rows
        # The message's place is given to the list a refresh later than the message is closed.
        has_its_place = isinstance(rows.parent, Widget) and rows.outer_size == rows.parent.size
        # In the same way the hints follow the focus.
        hinted = mailbox.hints.place is Place.LIST and not mailbox.hints.pending
        return app.screen is mailbox and listed and at_top and mailbox.tree_wanted and has_its_place and hinted and not covered

    def _begin_again(self) -> None:
        """Let the screen look as the program shows it first."""
        mailbox = self._app.mailbox
        mailbox.sort, mailbox.threads = self._order
        mailbox.toasts.remove_children()
        mailbox.line.close()
        if not mailbox.tree_wanted:
            mailbox.toggle_tree()
        if (folder := self._app.first_folder()) is not None:
            mailbox.show_folder(folder)
        mailbox.set_focus(mailbox.list)

    def draw(self) -> None:
        """Keep the picture, if the screen looks as the program shows it first."""
        if self._keeper is None or not self._is_plain:
            return
        app = self._app
        colors = COLOR_SYSTEMS.get(app.console.color_system or "")
        picture = encode(enumerate(self._lines()), colors), (self._keys(), list(self._rows(colors)))
        if picture != self._kept:
            self._kept = picture
            try:
                self._keeper.keep(picture, (app.size.width, app.size.height))
            except OSError as error:
                log.info("the picture of the screen could not be kept: %s", error.strerror)
                self._keeper = None

    def _lines(self) -> Iterator[Strip]:
        """What is on the screen, but of no connection is said that it stands."""
        mailbox = self._app.mailbox
        bar = mailbox.status
        for y, strip in enumerate(mailbox._compositor.render_strips()):
            yield bar.line_of(replace(bar.status, connections=(), progress="")) if y == bar.region.y else strip

    def _keys(self) -> dict[bytes, int]:
        """What the keys send that move the cursor → by how many rows."""
        ways = (("cursor_down", 1), ("cursor_up", -1))
        keymap = self._app.keymap
        return {sent: rows for name, rows in ways for key in keymap.keys_of(name) for sent in _sent(key)}

    def _rows(self, colors: ColorSystem | None) -> Iterator[tuple[bytes, bytes]]:
        """The first rows without the cursor, and with it and what the status line then says."""
        mailbox = self._app.mailbox
        rows, bar = mailbox.list, mailbox.status
        place = rows.content_region
        for y in range(min(_ROWS, rows.line_count, place.height)):
            without = encode([(place.y + y, rows.line_with_cursor(y, y + 1))], colors, place.x)
            status = bar.line_of(replace(bar.status, connections=(), progress="", position=y + 1))
            having = encode([(place.y + y, rows.line_with_cursor(y, y))], colors, place.x)
            yield without, having + encode([(bar.region.y, status)], colors)


def _sent(key: str) -> tuple[bytes, ...]:
    """What terminals send for a key: an arrow or a character; nothing for all others."""
    return _ARROWS.get(key) or ((key.encode(),) if len(key) == 1 else ())


def encode(lines: Iterable[tuple[int, Iterable[Segment]]], colors: ColorSystem | None, x: int = 0) -> bytes:
    """Terminal sequences that draw lines, each at its row, from a column on. Nothing but text, colours and places leaves here.

    ``colors`` None: the terminal has none, and only attributes are sent.
    """
    written: list[str] = []
    codes: dict[Style, str] = {}
    for y, line in lines:
        written.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        last = None
        for text, style, control in line:
            if control or not text:
                continue
            wanted = style or _PLAIN
            if wanted not in codes:
                codes[wanted] = _codes(wanted, colors)
            if codes[wanted] != last:
                last = codes[wanted]
                written.append(f"\x1b[0;{last}m" if last else "\x1b[0m")
            written.append(text.translate(_HARMLESS))
    return "".join([*written, "\x1b[0m"]).encode("utf-8", "replace")


_PLAIN = Style()
_HARMLESS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "�")


def _codes(style: Style, colors: ColorSystem | None) -> str:
    """The numbers of a style, as they stand in SGR (ECMA-48 §8.3.117)."""
    rendered = style.update_link(None).render("x", color_system=colors)
    return rendered.partition("x")[0].removeprefix("\x1b[").removesuffix("m")
