# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted text on every screen: markup stands there literally, escape sequences and bidi controls reach no terminal."""

from pathlib import Path

import pytest

from tests.ui.harness import Desk, desk
from tests.ui.screens.test_writing import attach, composing
from tests.ui.widgets.support import PROBES
from tuimail.demo.servers import DemoServers
from tuimail.model.message import MessageRow

ESCAPES = "\x1b[31mred\x1b]0;title\x07\x9b5m \u202egnp.exe\u2066"


def letter(text: str, filename: str = "file.txt") -> bytes:
    """A message that has the text wherever text can stand."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return "\r\n".join(
        (
            f'From: "{quoted}" <evil@example.org>',
            f'To: "{quoted}" <robin@example.org>',
            f"Subject: {text} subject",
            "Message-ID: <probe@example.org>",
            f'Sender: "{quoted}" <evil@example.org>',
            f'Reply-To: "{quoted}" <evil@example.org>',
            f"Date: {text}",
            f"List-Id: {text} <list.example.org>",
            f"X-Probe: {text}",
            "MIME-Version: 1.0",
            'Content-Type: multipart/mixed; boundary="b"',
            "",
            "--b",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
            "",
            f"Body {text}",
            "--b",
            f'Content-Type: text/plain; charset="{quoted}"; x="{quoted}"; name="{quoted}"',
            f"Content-ID: <{quoted}@example.org>",
            f"Content-Description: {text}",
            f'Content-Disposition: attachment; filename="{quoted}"',
            "",
            "x",
            "--b--",
            "",
        )
    ).encode()


async def every_screen(here: Desk, seen: list[str]) -> None:
    """Go through the screens that show a message's text, taking pictures."""

    async def look() -> None:
        await here.pilot.pause()
        seen.append(here.screen)

    await here.until(lambda: any(row.envelope.message_id == "<probe@example.org>" for row in rows(here)))
    await here.to_message(lambda row: row.envelope.message_id == "<probe@example.org>")
    await look()
    await here.press("enter")
    await here.until(lambda: here.app.mailbox.shown is not None)
    await look()
    for keys in (["h"], ["H"], ["H"], ["H"]):
        await here.press(*keys)
        await look()
    await here.press("v")
    await look()
    await here.press("escape", "e")
    await look()
    await here.press("z", "r")
    await composing(here)
    await look()
    await here.press("escape", "backslash")
    await here.press(*"probe")
    await look()
    await here.press("escape")


def rows(here: Desk) -> list[MessageRow]:
    return [row for key in here.listed if (row := here.engine.pages.row(key)) is not None]


@pytest.mark.parametrize("probe", PROBES)
async def test_markup_stands_there_literally(tmp_path: Path, probe: str) -> None:
    with DemoServers(20) as servers:
        servers.deliver(letter(probe))
        async with desk(tmp_path, servers=servers, size=(160, 45)) as here:
            seen: list[str] = []
            await every_screen(here, seen)
            listed, opened, headers = seen[0], seen[1], seen[2]
            assert f"{probe} subject" in listed
            assert f"{probe} subject" in opened
            assert f"Body {probe}" in opened
            assert f"X-Probe: {probe}" in headers
            assert here.app._exception is None


async def test_escape_sequences_and_bidi_controls_reach_no_screen(tmp_path: Path) -> None:
    with DemoServers(20) as servers:
        servers.deliver(letter(ESCAPES))
        async with desk(tmp_path, servers=servers, size=(160, 45)) as here:
            seen: list[str] = []
            await every_screen(here, seen)
            for picture in seen:
                assert not set(picture) & set("\x1b\x07\x9b\u202e\u2066\u202a\x7f")


@pytest.mark.parametrize("probe", [*PROBES[:4], "x\u202ey"])
async def test_names_of_folders(tmp_path: Path, probe: str) -> None:
    with DemoServers(20) as servers:
        servers.create_folder(probe.replace("/", "|").replace("\\", "-"))
        async with desk(tmp_path, servers=servers) as here:
            name = probe.replace("/", "|")
            if "\u202e" not in name:
                await here.sees(name[:8])
            assert "\u202e" not in here.screen
            await here.press("m")
            await here.sees("Move to")
            assert "\u202e" not in here.screen
            if "\u202e" not in name:
                assert here.screen.count(name) >= 1
            await here.press("escape", "colon")
            await here.type("Go to folder")
            await here.press("enter")
            await here.sees("Type to filter")


async def test_words_of_the_server_in_an_error(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.faults.refuse["MOVE"] = "NO Not yours [@click=app.quit]x[/] [b]"
        await here.press("e")
        await here.said("Not yours [@click=app.quit]x[/] [b]")
        here.servers.faults.refuse.clear()
        here.servers.faults.refuse["RCPT"] = "550 [red]x[/] \x1b[31mno"
        await here.press("c")
        await composing(here)
        await here.press(*"a@example.org", "ctrl+x", "y")
        await here.said("[red]x[/]")
        assert "\x1b" not in here.screen


async def test_names_of_local_files(tmp_path: Path) -> None:
    file = tmp_path / "[red]x[-] \u202egnp.txt"
    file.write_text("x")
    async with desk(tmp_path / "home") as here:
        await here.press("c")
        await composing(here)
        await attach(here, file)
        await here.sees("[red]x[-]")
        assert "\u202e" not in here.screen
