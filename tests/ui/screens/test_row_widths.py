# SPDX-License-Identifier: GPL-3.0-or-later
"""No row is wider or narrower than the screen, whatever clusters stand in list, tree, head, reader, status line and dialogs."""

from pathlib import Path

from tests.ui.harness import Desk, desk
from tests.ui.screens.test_untrusted import letter
from tests.ui.screens.test_writing import composing
from tuimail.demo.servers import DemoServers
from tuimail.model.width import cell_len
from tuimail.ui.output.alphabet import Alphabet

CLUSTERS = "👨\u200d👩\u200d👧🇩🇪1\ufe0f\u20e3❤\ufe0f👍🏽日本ｱe\u0301\u0323กำन\u093f✎️🏴\u200d☠\ufe0f🫩"
TEXT = f"x{CLUSTERS} y{CLUSTERS}{CLUSTERS}"


WIDTHS = (40, 80, 81, 200, 120)


def misfits(here: Desk, width: int) -> list[list[str]]:
    """The rows that have not this width by Rich's measure, or by that of the output stage."""
    alphabet = Alphabet()
    rows = [[segment.text for segment in strip] for strip in here.app.screen._compositor.render_strips()]
    return [texts for texts in rows if {sum(map(cell_len, texts)), sum(len(alphabet.cells(text)) for text in texts)} != {width}]


async def assert_rows_fit(here: Desk, *widths: int) -> None:
    """At several widths of the screen."""
    for width in widths:
        await here.pilot.resize_terminal(width, 30)
        await here.until(lambda width=width: not misfits(here, width), f"{width} columns in every row")  # type: ignore[misc]


async def test_no_row_is_wider_than_the_screen(tmp_path: Path) -> None:
    with DemoServers(10) as servers:
        servers.deliver(letter(TEXT))
        servers.create_folder(f"Folder {TEXT}")
        async with desk(tmp_path, servers=servers, size=(120, 30)) as here:
            await here.to_message(lambda row: row.envelope.message_id == "<probe@example.org>")
            await assert_rows_fit(here, *WIDTHS)
            await here.press("enter", "h")
            await assert_rows_fit(here, *WIDTHS)
            await here.press("m")
            await assert_rows_fit(here, 80, 81, 120)
            await here.press("escape", "r")
            await composing(here)
            await here.press(*["tab"] * 4, *["down"] * 3, *["right"] * 9)
            await assert_rows_fit(here, 40, 81)
