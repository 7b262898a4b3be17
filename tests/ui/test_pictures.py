# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the main screens at three sizes: text and styles, cell by cell, against those in ``tests/ui/pictures``.

TUIMAIL_PICTURES=record writes them anew, and where ``rsvg-convert`` and ImageMagick's ``convert`` are installed the
pictures of the documents too (``make pictures``).
"""

import os
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.segment import Segment

from tests.ui.harness import Desk, desk
from tests.ui.screens.test_writing import composing, fill
from tuimail.demo import servers
from tuimail.mime.headers import Headers
from tuimail.mime.words import decode_words
from tuimail.ui.widgets.message_list import MessageList
from tuimail.ui.widgets.symbols import UNICODE

HERE = Path(__file__).parent / "pictures"
DOCUMENTS = Path(__file__).parents[2] / "docs" / "pictures"
SIZES = ((80, 24), (120, 40), (200, 60))
NOW = 1_792_073_400
"""Thu 15 Oct 2026, 14:10 UTC."""
RECORD = os.environ.get("TUIMAIL_PICTURES") == "record"
_CODES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Sample mail, list and reader live at one moment, in one time zone."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr(servers, "time", SimpleNamespace(time=lambda: NOW))
    monkeypatch.setattr(MessageList, "clock", staticmethod(lambda: NOW))
    yield
    monkeypatch.undo()
    time.tzset()


async def mailbox(here: Desk) -> None:
    await here.press("j", "j")


async def reader(here: Desk) -> None:
    row = await here.open("Tidal Weekly 212")
    await here.until(lambda: (read := here.engine.pages.row(row.id)) is not None and not read.unread, "it is marked as read")
    await here.settled()
    await here.until(lambda: UNICODE.waiting not in here.screen, "the server knows it")


async def compose(here: Desk) -> None:
    await here.to_message(lambda row: "Three days in the dunes?" in row.envelope.subject)
    await here.press("r")
    await composing(here)
    await fill(
        here,
        body="Count me in! I bring the small stove and far too much tea.\n\nOne question: which train do you take on Friday?\n",
    )
    here.app.keep_drafts()
    here.app.screen.set_focus(here.app.screen.query_one("#text"))


async def palette(here: Desk) -> None:
    await here.press("colon")
    await here.press(*"fold")
    await here.sees("New folder")


async def move(here: Desk) -> None:
    await here.press("m")
    await here.sees("Move to")


async def help_(here: Desk) -> None:
    await here.press("question_mark")
    await here.sees("Keys")


SCREENS: dict[str, Callable[[Desk], Awaitable[None]]] = {
    "mailbox": mailbox,
    "reader": reader,
    "compose": compose,
    "palette": palette,
    "move": move,
    "help": help_,
}
IN_DOCUMENTS = ("mailbox", "reader", "compose", "help")


@pytest.mark.parametrize("size", SIZES, ids=[f"{columns}x{rows}" for columns, rows in SIZES])
@pytest.mark.parametrize("screen", SCREENS)
async def test_the_screen_looks_as_recorded(tmp_path: Path, screen: str, size: tuple[int, int]) -> None:
    with servers.DemoServers(300) as running:
        without_emoji(running)
        await compare(tmp_path, screen, size, running)


async def compare(home: Path, screen: str, size: tuple[int, int], running: servers.DemoServers) -> None:
    async with desk(home, size=size, servers=running, threads=True) as here:
        await SCREENS[screen](here)
        await here.pilot.pause()
        name = f"{screen}-{size[0]}x{size[1]}"
        picture = grid(here)
        if RECORD:
            (HERE / f"{name}.txt").write_text(picture, "utf-8")
            if screen in IN_DOCUMENTS:
                paint(here.app.export_screenshot(), DOCUMENTS / f"{name}.png")
        assert picture == (HERE / f"{name}.txt").read_text("utf-8"), "make pictures records the new look"


def without_emoji(running: servers.DemoServers) -> None:
    """Take out what the fonts of the machine that paints the documents' pictures may not have."""
    for shot in running.snapshot()["INBOX"]:
        if any(ord(character) > 0xFFFF for character in decode_words(Headers.parse(shot.raw).get("Subject"))):
            running.expunge("INBOX", shot.uid)


def grid(here: Desk) -> str:
    """The text, row by row; then each cell's style as a letter, row by row; then what the letters mean."""
    codes: dict[str, str] = {}
    texts, styles = [], []
    for strip in here.app.screen._compositor.render_strips():
        text, style = "", ""
        for segment in strip:
            code = codes.setdefault(_style(segment), _CODES[min(len(codes), len(_CODES) - 1)])
            text += segment.text
            style += code * segment.cell_length
        texts.append(text.rstrip())
        styles.append(style)
    legend = [f"{code} {style}" for style, code in codes.items()]
    return "\n".join([*texts, "", *styles, "", *legend, ""])


def _style(segment: Segment) -> str:
    """Without links: their ids are random."""
    style = segment.style
    if style is None:
        return "none"
    attributes = [name for name in ("bold", "dim", "italic", "underline", "reverse", "strike") if getattr(style, name)]
    colors = [color.name if color is not None else "-" for color in (style.color, style.bgcolor)]
    return " ".join([*attributes, colors[0], "on", colors[1]])


def paint(svg: str, target: Path) -> None:
    """A small PNG of a screen, where the tools for it are installed."""
    if not (shutil.which("rsvg-convert") and shutil.which("convert")):
        return
    source = target.with_suffix(".svg")
    source.write_text(svg, "utf-8")
    subprocess.run(["rsvg-convert", "-w", "1400", str(source), "-o", str(target)], check=True)
    subprocess.run(["convert", str(target), "-strip", "-colors", "56", f"PNG8:{target}"], check=True)
    source.unlink()
